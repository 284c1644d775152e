"""A run from Python: what `keycap verify` does, for scripts and notebooks, which get the settled record back."""

from collections.abc import Collection, Mapping

from probes import runner
from probes.claims import Claims
from probes.plan import DEFAULT_TIERS, plan
from probes.probe import Tier
from probes.results import Results
from probes.runner import Settings


def verify(
    claims: Claims,
    settings: Settings,
    *,
    providers: Collection[str] = (),
    capabilities: Collection[str] = (),
    tiers: Collection[Tier] = DEFAULT_TIERS,
    endpoints: Mapping[str, str] | None = None,
) -> Results:
    """Probe, record into `settings.cassettes`, and settle the whole record. Works where an event loop already runs, as in a notebook.

    Empty selections mean all. Without an environment in `settings` only contracts are read and routes asked whether they exist; nothing is
    created unless the tiers name `WRITE` or `SPEND`. `endpoints` are a person's own addresses by provider. Raises UsageError on a name that
    nobody has, and Interrupted on a second Ctrl-C.
    """
    jobs = plan(
        claims,
        providers=providers,
        capabilities=capabilities,
        tiers=tiers,
        endpoints=endpoints,
        environment=settings.environment,
    )
    return Results.of(claims, runner.verify(jobs, claims, settings).evidence)


async def verify_async(
    claims: Claims,
    settings: Settings,
    *,
    providers: Collection[str] = (),
    capabilities: Collection[str] = (),
    tiers: Collection[Tier] = DEFAULT_TIERS,
    endpoints: Mapping[str, str] | None = None,
) -> Results:
    """The same as `verify`, awaited on the caller's own event loop."""
    jobs = plan(
        claims,
        providers=providers,
        capabilities=capabilities,
        tiers=tiers,
        endpoints=endpoints,
        environment=settings.environment,
    )
    return Results.of(claims, (await runner.verify_async(jobs, claims, settings)).evidence)

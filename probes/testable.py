"""What can be tested without a credential, told from the claims alone: by which routes, by which contracts."""

from probes.claims import Capability, Claim, Contract, Provider
from probes.endpoint import Endpoint, Pattern


def routes(provider: Provider, capability: str, question: Capability) -> list[Endpoint]:
    """The routes whose answers show a claim, empty where none can be asked.

    A claim with an endpoint is shown by that route, a claim of absence by every route under `refuted_by` when all are plain ones. The host
    must have a positive control, and only an inference answer can show what is `shown_by: answer`.
    """
    if question.shown_by != "route":
        return []
    claim = provider.claims[capability]
    named = [Endpoint.parse(claim.endpoint)] if claim.endpoint else [Pattern.parse(pattern).route for pattern in claim.refuted_by]
    plain = [route for route in named if route is not None]
    askable = len(plain) == len(named) and all(provider.hosts[route.host or first_host(provider)].control for route in plain)
    return plain if askable else []


def judged_by(provider: Provider, capability: str, question: Capability, contract: Contract) -> bool:
    """Whether a contract is asked about a claim: it describes the claim's host, or covers a capability claimed to be absent."""
    claim: Claim = provider.claims[capability]
    if question.shown_by != "route":
        return False
    if claim.endpoint is None:
        return bool(claim.refuted_by) and capability in contract.covers
    first = first_host(provider)
    return (Endpoint.parse(claim.endpoint).host or first) == (contract.host or first)


def testable(provider: Provider, capability: str, question: Capability) -> bool:
    """Whether any probe without a credential could settle the claim."""
    return bool(routes(provider, capability, question)) or any(
        judged_by(provider, capability, question, contract) for contract in provider.contracts.values()
    )


def first_host(provider: Provider) -> str:
    """The host that is meant where none is named."""
    return next(iter(provider.hosts))

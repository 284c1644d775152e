"""keycap: claims about LLM providers' key management, probed, recorded and settled. The public Python API is what `__all__` names.

Importing this package imports nothing: each name is fetched when it is first used. No module may bear one of the names: it would take its
place here.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:  # a type checker reads this; at run time not even `typing` is imported
    from probes.claims import Claims
    from probes.claims_file import load_claims
    from probes.credentials import Environment
    from probes.errors import KeycapError
    from probes.evidence import Evidence, Verdict, settle
    from probes.judged import load_evidence
    from probes.probe import Tier
    from probes.record import Record
    from probes.results import Results
    from probes.runner import Settings
    from probes.verifying import verify, verify_async

__version__ = "0.1.0"
__all__ = [
    "Claims",
    "Environment",
    "Evidence",
    "KeycapError",
    "Record",
    "Results",
    "Settings",
    "Tier",
    "Verdict",
    "load_claims",
    "load_evidence",
    "settle",
    "verify",
    "verify_async",
]

_HOME = {
    "Claims": "claims",
    "Environment": "credentials",
    "Evidence": "evidence",
    "KeycapError": "errors",
    "Record": "record",
    "Results": "results",
    "Settings": "runner",
    "Tier": "probe",
    "Verdict": "evidence",
    "load_claims": "claims_file",
    "load_evidence": "judged",
    "settle": "evidence",
    "verify": "verifying",
    "verify_async": "verifying",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'probes' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"probes.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

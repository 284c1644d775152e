"""keycap: claims about LLM providers' key management, probed, recorded and settled. The public Python API is what `__all__` names.

Importing this package imports nothing: each name is fetched when it is first used.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:  # a type checker reads this; at run time not even `typing` is imported
    from probes.claims import Claims
    from probes.claims_file import load_claims
    from probes.errors import KeycapError
    from probes.evidence import Evidence, Verdict, settle
    from probes.headline import headline
    from probes.judge import load_evidence
    from probes.record import Record
    from probes.results import Results
    from probes.runner import verify

__version__ = "0.1.0"
__all__ = [
    "Claims",
    "Evidence",
    "KeycapError",
    "Record",
    "Results",
    "Verdict",
    "headline",
    "load_claims",
    "load_evidence",
    "settle",
    "verify",
]

_HOME = {
    "Claims": "claims",
    "Evidence": "evidence",
    "KeycapError": "errors",
    "Record": "record",
    "Results": "results",
    "Verdict": "evidence",
    "headline": "headline",
    "load_claims": "claims_file",
    "load_evidence": "judge",
    "settle": "evidence",
    "verify": "runner",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'probes' has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415

    return getattr(import_module(f"probes.{_HOME[name]}"), name)

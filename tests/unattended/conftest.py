"""The simulated gateway of the account tests, and keycap run against it as a process of its own."""

from tests.account.conftest import hub, runs

__all__ = ["hub", "runs"]

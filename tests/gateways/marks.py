"""Which tests of gateways run where."""

import os

import pytest

HEAVY = pytest.mark.xdist_group("gateways")
"""MLflow and LiteLLM take a gigabyte and a processor each: one after the other, in one worker."""
LIGHT = pytest.mark.xdist_group("light-gateways")
"""The others wait more than they work."""
in_ci = pytest.mark.skipif(
    os.environ.get("KEYCAP_REQUIRE_GATEWAYS") != "1", reason="a minute or more, so in CI only: KEYCAP_REQUIRE_GATEWAYS=1"
)

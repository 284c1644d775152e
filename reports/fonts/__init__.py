"""The font that charts are laid out with: a subset of Noto Sans CJK SC under a name of its own, made by `make_subset`."""

from pathlib import Path

FAMILY = "Keycap Sans"
"""The subset's own name, so that nobody takes it for the whole font."""

FILE = Path(__file__).parent / "KeycapSans-Regular.otf"

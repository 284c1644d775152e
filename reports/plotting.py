"""How plots look: Okabe and Ito's colours, which colour-blind readers can tell apart, and letters for both languages."""

from typing import Any

from cycler import cycler
from matplotlib.font_manager import fontManager

from reports.fonts import FAMILY, FILE

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#000000")
"""Okabe and Ito's palette, the colours that stand out most first."""

CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "WenQuanYi Micro Hei", "SimHei")
"""Fonts with more Chinese than the charts' own, which a system may have."""


def plot_style() -> dict[str, Any]:
    """matplotlib settings, for `plt.rcParams.update(…)`."""
    known = {font.name for font in fontManager.ttflist}
    if FAMILY not in known:
        fontManager.addfont(FILE)
    return {
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.prop_cycle": cycler(color=COLOURS),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": "large",
        "figure.figsize": (9.0, 4.5),
        "figure.constrained_layout.use": True,
        "font.family": ["DejaVu Sans", FAMILY, *(name for name in CHINESE if name in known)],
        "grid.alpha": 0.3,
        "legend.frameon": False,
    }

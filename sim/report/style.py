"""The look of all figures: colours, type, clock axes, and SVG that is the same on every run."""

from __future__ import annotations

import base64
import io
import math
import re
import warnings
from collections.abc import Callable, Sequence
from functools import wraps
from html import escape
from typing import Any, Final, ParamSpec, TypeVar

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from sim.units import format_clock_short

WIDTH_IN = 9.375
"""Width of a figure in inches: 900 px at 96 px an inch."""

INK = "#1f2328"
MUTED = "#59636e"
RULE = "#d1d9e0"
"""Ink of text, of secondary text and of grids; the SVG takes them from the page instead."""

CHANGE_MAP = "RdBu_r"
_LOAD_STOPS = ((0.0, "#d3e6f0"), (0.4, "#83bcd6"), (0.65, "#ebb44f"), (0.85, "#e06c2c"), (1.0, "#a30f3d"))
"""From an empty to a full vehicle; each end keeps its contrast on a white and on a dark page."""

RC: Final[dict[Any, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.formatter.use_mathtext": False,
    "axes.grid": False,
    "axes.labelcolor": INK,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.5,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "legend.fontsize": 9.5,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "peakshift",
    "svg.id": None,
    "text.color": INK,
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9,
}

_CLOCK_STEPS_S = (300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 14400.0, 21600.0, 43200.0)
_RASTER_DPI = 160
_PALETTE = 128

P = ParamSpec("P")
R = TypeVar("R")


def styled(build: Callable[P, R]) -> Callable[P, R]:
    """Let a function make its figure in the house style, leaving matplotlib's settings as they were."""

    @wraps(build)
    def build_in_style(*args: P.args, **kwargs: P.kwargs) -> R:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(RC)
            return build(*args, **kwargs)

    return build_in_style


def load_map() -> Colormap:
    """Return the colours of the load factor, the darker the fuller."""
    return LinearSegmentedColormap.from_list("load", list(_LOAD_STOPS))


def tint(colour: str, strength: float) -> tuple[float, float, float]:
    """Mix a colour with white; strength 1 leaves it as it is."""
    red, green, blue = (1.0 - strength * (1.0 - part) for part in mpl.colors.to_rgb(colour))
    return red, green, blue


def new_figure(height_in: float, width_in: float = WIDTH_IN) -> Figure:
    """Return an empty figure whose parts keep clear of each other."""
    return Figure(figsize=(width_in, height_in), layout="constrained")


def clock_axis(axis: Axis, low_s: float, high_s: float, most_ticks: int) -> None:
    """Put clock times on an axis of seconds after midnight, at round times and at most so many."""
    span_s = max(high_s - low_s, 1.0)
    step_s = next((step for step in _CLOCK_STEPS_S if span_s / step <= most_ticks), 86400.0)
    ticks_s = np.arange(math.ceil(low_s / step_s), math.floor(high_s / step_s) + 1) * step_s
    axis.set_ticks(ticks_s, labels=[format_clock_short(tick) for tick in ticks_s.tolist()])


def stop_axis(axes: Axes, names: Sequence[str], height_in: float) -> None:
    """Write stop names on the vertical axis, as many as the height in inches holds."""
    most = max(2, int(height_in * 72.0 / 9.6))
    step = max(1, math.ceil(len(names) / most))
    places = list(range(0, len(names), step))
    axes.set_yticks(places, labels=[shorten(names[place]) for place in places], fontsize=8.5 if step == 1 else 9)
    axes.tick_params(axis="y", length=0)


def shorten(name: str, most: int = 22) -> str:
    """Cut a name to so many characters."""
    plain = " ".join(name.split())
    return plain if len(plain) <= most else f"{plain[: most - 1].rstrip()}…"


def steps(starts_s: NDArray[Any], step_s: float) -> NDArray[Any]:
    """Return the edges of periods from their starts, both in seconds, shape (periods + 1,)."""
    return np.append(starts_s, starts_s[-1] + step_s)


def to_png(figure: Figure, dpi: int = 144) -> bytes:
    """Return the picture as PNG, the same bytes for the same figure."""
    buffer = io.BytesIO()
    with mpl.rc_context():
        mpl.rcParams.update(RC)
        figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()


def to_inline_svg(figure: Figure, alt: str, prefix: str) -> str:
    """Return the picture as an SVG element for a page, the same text for the same figure.

    Its text stays text, its inks are the page's, and its identifiers begin with the prefix so that
    several pictures can stand on one page.
    """
    buffer = io.StringIO()
    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcParams.update(RC)
        # The page's reader has fonts for scripts that the font measured here lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(buffer, format="svg", dpi=_RASTER_DPI, transparent=True, metadata={"Date": None})
    return _inline(re.sub(r"(base64,)\s*([^\"]*)", _smaller, buffer.getvalue()), alt, prefix)


def _smaller(image: re.Match[str]) -> str:
    """Return an embedded PNG with a palette of few colours, a fifth of its size."""
    picture = Image.open(io.BytesIO(base64.b64decode(image.group(2))))
    buffer = io.BytesIO()
    picture.quantize(_PALETTE, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(buffer, "png")
    return image.group(1) + base64.b64encode(buffer.getvalue()).decode("ascii")


def _inline(svg: str, alt: str, prefix: str) -> str:
    box = re.search(r'viewBox="([^"]*)"', svg)
    body = svg[svg.index(">", svg.index("<svg")) + 1 :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r"<style[^>]*>.*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r"<defs>\s*</defs>", "", body)
    body = re.sub(r'(\sid=")', rf"\g<1>{prefix}-", body)
    body = re.sub(r"url\(#", f"url(#{prefix}-", body)
    body = re.sub(r'(href="#)', rf"\g<1>{prefix}-", body)
    body = re.sub(r"'DejaVu Sans'(, [^;\"]*)?", "system-ui, sans-serif", body)
    for ink, name in ((INK, "ink"), (MUTED, "muted"), (RULE, "rule")):
        body = body.replace(f": {ink}", f": var(--{name})")
    body = re.sub(r"\s*\n\s*", "\n", body).strip()
    view = box.group(1) if box else "0 0 675 300"
    return f'<svg viewBox="{view}" role="img" aria-label="{escape(alt)}">\n{body}'

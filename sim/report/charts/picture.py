"""A chart as a matplotlib figure, for notebooks and for files."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable
from functools import cache
from textwrap import wrap
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from sim.report.charts import chart as marks
from sim.report.charts.axes import ends, shorten, ticks_of
from sim.report.charts.chart import PANEL_PX, Chart, LegendEntry, Panel
from sim.report.charts.colours import ColourScale

_PX_PER_IN: Final = 96.0
_WIDTH_PX: Final = 900.0
_INKS: Final = {"ink": "#1f2328", "muted": "#59636e"}
_RULE: Final = "#d1d9e0"
_TEXT_PX: Final = 12.0

_STYLE: Final[dict[Any, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": _INKS["muted"],
    "axes.facecolor": "none",
    "axes.labelcolor": _INKS["ink"],
    "axes.labelsize": 9.0,
    "axes.linewidth": 0.8,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.size": 9.0,
    "grid.color": _RULE,
    "grid.linewidth": 0.7,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "peakshift",
    "text.color": _INKS["ink"],
    "text.parse_math": False,
    "text.usetex": False,
    "xtick.color": _INKS["muted"],
    "xtick.labelcolor": _INKS["ink"],
    "ytick.color": _INKS["muted"],
    "ytick.labelcolor": _INKS["ink"],
    "ytick.major.size": 0.0,
}


_LETTER_PX: Final = 7.0
_FEWEST_LETTERS: Final = 12
"""What a letter beside a panel takes of its height, and after how many a label is not broken sooner."""

_SENTENCE_LETTERS: Final = 110
"""After how many letters a sentence in place of a picture is broken."""

_MORE_LETTERS: Final = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "PingFang SC",
    "Hiragino Sans GB",
    "Microsoft YaHei",
    "SimHei",
    "Arial Unicode MS",
)
"""Typefaces with the letters of East Asia, tried in this order for what the house's own has not."""


_MISSING: Final = re.compile(r"Glyph (\d+) ")


@cache
def _families() -> tuple[str, ...]:
    """Return the house's typeface and those of East Asia that this machine has."""
    there = {font.name for font in font_manager.fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in _MORE_LETTERS if name in there))


def _set_style() -> None:
    mpl.rcdefaults()
    mpl.rcParams.update(_STYLE | {"font.family": list(_families())})


class LettersMissingWarning(UserWarning):
    """No typeface of this machine has some letters of a picture, which are boxes there."""


class Picture(Figure):
    """A figure that a notebook shows as a picture, whether or not pyplot was loaded."""

    def savefig(self, *arguments: Any, **options: Any) -> None:
        """Write the picture; letters that no typeface has are told once and together, not one by one."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            super().savefig(*arguments, **options)
        missing = {found[1] for item in caught if (found := _MISSING.match(str(item.message)))}
        for item in caught:
            if not _MISSING.match(str(item.message)):
                warnings.warn_explicit(item.message, item.category, item.filename, item.lineno)
        if missing:
            warnings.warn(
                f"no typeface of this machine has {len(missing)} of the letters in the picture, which are boxes there; "
                f"install one that has them, for East Asia for instance {_MORE_LETTERS[0]}",
                LettersMissingWarning,
                stacklevel=2,
            )

    def _repr_png_(self) -> bytes:
        """Return the picture as PNG, the same bytes for the same chart."""
        buffer = io.BytesIO()
        with mpl.rc_context():
            _set_style()
            self.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
        return buffer.getvalue()


def chart_picture(chart: Chart) -> Picture:
    """Draw a chart in the house style, leaving matplotlib's settings as they were.

    Parameters
    ----------
    chart : Chart
    """
    with mpl.rc_context():
        _set_style()
        return _drawn(chart)


def picture_or_sentence(build: Callable[[], Chart]) -> Picture:
    """Draw a chart, or where it has nothing to show, write the sentence that says so: a notebook goes on.

    Parameters
    ----------
    build : callable
        Makes the chart; may raise `NothingToShowError`.
    """
    try:
        return chart_picture(build())
    except marks.NothingToShowError as nothing:
        with mpl.rc_context():
            _set_style()
            lines = wrap(str(nothing), _SENTENCE_LETTERS)
            figure = Picture(figsize=(_WIDTH_PX / _PX_PER_IN, (20.0 * len(lines) + 20.0) / _PX_PER_IN))
            figure.text(0.01, 0.5, "\n".join(lines), verticalalignment="center")
            return figure


def _drawn(chart: Chart) -> Picture:
    across = min(max(1, round(_WIDTH_PX / PANEL_PX[chart.width])), len(chart.panels)) or 1
    down = -(-len(chart.panels) // across)
    height_px = down * (chart.height_px + 60.0) + 30.0
    figure = Picture(figsize=(_WIDTH_PX / _PX_PER_IN, height_px / _PX_PER_IN), layout="constrained")
    grid = figure.subplots(down, across, squeeze=False)
    for axes, panel in zip(grid.flat, chart.panels, strict=False):
        _draw_panel(axes, panel, _WIDTH_PX / across * 0.8, chart.height_px)
    for axes in grid.flat[len(chart.panels) :]:
        axes.set_visible(False)
    if chart.legend:
        handles = [_handle(entry) for entry in chart.legend]
        figure.legend(handles=handles, loc="outside upper left", ncols=min(len(handles), 5))
    if chart.scale is not None:
        norm, colours = _coloured(chart.scale)
        bar = figure.colorbar(mpl.cm.ScalarMappable(norm, colours), ax=list(grid.flat), fraction=0.05, aspect=25)
        bar.set_label(chart.scale.label)
    return figure


def _handle(entry: LegendEntry) -> Patch:
    return Patch(facecolor=_ink(entry.colour), alpha=entry.strength, label=entry.label)


def _ink(colour: str) -> str:
    return _INKS.get(colour, colour)


def _coloured(scale: ColourScale) -> tuple[Normalize, ListedColormap]:
    return Normalize(scale.low, scale.high), ListedColormap(scale.palette() / 255.0)


def _draw_panel(axes: Axes, panel: Panel, width_px: float, height_px: float) -> None:
    (x_low, x_high), (y_low, y_high) = ends(panel)
    for mark in panel.marks:
        _DRAWERS[type(mark)](axes, mark)
    axes.set_xlim(x_low, x_high)
    axes.set_ylim(y_low, y_high)
    axes.set_title(panel.title)
    axes.set_title(panel.note, loc="right", fontsize=8.5, fontweight="normal", color=_INKS["muted"])
    if panel.is_map:
        axes.set_aspect("equal", adjustable="box")
        axes.set_axis_off()
        return
    for axis, side, low, high, length_px, is_across in (
        (axes.xaxis, panel.x, x_low, x_high, width_px, True),
        (axes.yaxis, panel.y, y_low, y_high, height_px, False),
    ):
        ticks = ticks_of(side, low, high, length_px, _TEXT_PX, is_across)
        axis.set_ticks([place for place, _ in ticks], labels=[shorten(name, side.most_letters) for _, name in ticks])
        axis.grid(side.has_grid)
    axes.set_xlabel(panel.x.label)
    # A label that is longer than its panel is high would lie on the legend or on the panel below.
    axes.set_ylabel("\n".join(wrap(panel.y.label, max(_FEWEST_LETTERS, int(height_px / _LETTER_PX)))))
    if panel.x.names:
        axes.tick_params(axis="x", labelrotation=40.0)


def _steps(axes: Axes, mark: marks.Steps) -> None:
    axes.stairs(mark.values, mark.edges, baseline=None, color=_ink(mark.colour), linewidth=mark.width)


def _curve(axes: Axes, mark: marks.Curve) -> None:
    axes.plot(mark.x, mark.y, color=_ink(mark.colour), linewidth=mark.width)


def _dots(axes: Axes, mark: marks.Dots) -> None:
    colour = _ink(mark.colour)
    if mark.look == "cross":
        axes.plot(mark.x, mark.y, "x", color=colour, markersize=7.0, markeredgewidth=2.0)
        return
    size = 10.0 if mark.look == "ring" else 1.5 * mark.radius
    fill = colour if mark.look == "full" else "none"
    axes.plot(mark.x, mark.y, "o", color=colour, markerfacecolor=fill, markersize=size)


def _whiskers(axes: Axes, mark: marks.Whiskers) -> None:
    axes.hlines(mark.y, mark.low, mark.high, color=_ink(mark.colour), linewidth=1.6)


def _band(axes: Axes, mark: marks.Band) -> None:
    axes.fill_between(mark.x, mark.low, mark.high, color=_ink(mark.colour), alpha=0.18, linewidth=0.0)


def _bars(axes: Axes, mark: marks.Bars) -> None:
    height, wide = mark.high - mark.low, np.diff(mark.edges)
    colour = _ink(mark.colour)
    axes.bar(mark.edges[:-1], height, wide, bottom=mark.low, align="edge", color=colour, alpha=mark.strength, lw=0.0)


def _cells(axes: Axes, mark: marks.HeatMap) -> None:
    norm, colours = _coloured(mark.scale)
    rows = np.arange(len(mark.values) + 1) - 0.5
    axes.pcolormesh(mark.edges, rows, np.ma.masked_invalid(mark.values), cmap=colours, norm=norm, rasterized=True)


def _segments(axes: Axes, mark: marks.Segments) -> None:
    pieces = list(mark.points)
    if mark.values is None or mark.scale is None:
        axes.add_collection(LineCollection(pieces, colors=_INKS["muted"], linewidths=mark.width, zorder=1))
        return
    norm, colours = _coloured(mark.scale)
    axes.add_collection(LineCollection(pieces, array=mark.values, cmap=colours, norm=norm, linewidths=mark.width))


def _rule(axes: Axes, mark: marks.GuideLine) -> None:
    colour, width = (_INKS["muted"], 0.5) if mark.is_faint else (_INKS["ink"], 0.9)
    if mark.x is not None:
        axes.axvline(mark.x, color=colour, linewidth=width)
    if mark.y is not None:
        axes.axhline(mark.y, color=colour, linewidth=width)


def _label(axes: Axes, mark: marks.Label) -> None:
    across, up = mark.side
    axes.annotate(
        mark.text,
        (mark.x, mark.y),
        (across * 5.0, up * 5.0),
        textcoords="offset points",
        ha=("center", "left", "right")[across],
        va=("center", "bottom", "top")[up],
        fontsize=8.5,
    )


def _corner(axes: Axes, mark: marks.Corner) -> None:
    at = 0.02 if mark.side == "left" else 0.98
    axes.text(at, 0.97, mark.text, transform=axes.transAxes, ha=mark.side, va="top", fontweight="bold")


_DRAWERS: Final[dict[type, Callable[[Axes, Any], None]]] = {
    marks.Steps: _steps,
    marks.Curve: _curve,
    marks.Dots: _dots,
    marks.Whiskers: _whiskers,
    marks.Band: _band,
    marks.Bars: _bars,
    marks.HeatMap: _cells,
    marks.Segments: _segments,
    marks.GuideLine: _rule,
    marks.Label: _label,
    marks.Corner: _corner,
}

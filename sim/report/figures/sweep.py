"""The curve of a sweep: cost against a key, a line per strategy, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.metrics.metric import BASELINE
from sim.report.material import NothingToShowError
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.style import INK, new_figure, styled
from sim.report.words import metric_unit, metric_words, to_number

_PANELS_ACROSS = 3
_MOST_PANELS = 12


@styled
def curves_figure(curves: Sequence[Mapping[str, Any]], along: str, looks: StrategyLooks = UNSAID) -> Figure:
    """Draw the difference against none along a key with its 95 % intervals.

    A ring marks the best value of a strategy, a cross where its mean turns from gain to loss.

    Parameters
    ----------
    curves : sequence of mapping
        As in the summary of a sweep.
    along : str
        Key path of the horizontal axis.

    Raises
    ------
    NothingToShowError
        When no curve runs along that key.
    """
    chosen = [curve for curve in curves if curve["along"] == along]
    panels: dict[str, list[Mapping[str, Any]]] = {}
    for curve in chosen:
        panels.setdefault(fixed_words(curve["fixed"]), []).append(curve)
    if not panels:
        raise NothingToShowError(f"No curve runs along {along}: it needs two values that are numbers.")
    shown = dict(list(panels.items())[:_MOST_PANELS])
    across = min(len(shown), _PANELS_ACROSS)
    down = -(-len(shown) // across)
    figure = new_figure(down * (3.6 if across == 1 else 2.7) + 0.5)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    colours = looks.colours(dict.fromkeys(str(curve["strategy"]) for curve in chosen))
    for axes, (title, lines) in zip(grid.flat, shown.items(), strict=False):
        _panel(axes, lines, colours, looks)
        axes.set_title(title)
    for axes in grid.flat[len(shown) :]:
        axes.set_visible(False)
    words = metric_words(str(chosen[0]["metric"]))
    unit = metric_unit(str(chosen[0]["metric"]), {"unit": "min"})
    figure.supxlabel(along, fontsize=9.5)
    figure.supylabel(f"{words.label} against {BASELINE} ({unit})", fontsize=9.5)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=max(len(labels), 1))
    return figure


def fixed_words(fixed: Mapping[str, Any]) -> str:
    """Name the other keys of a panel; empty where there are none."""
    return ", ".join(f"{key} = {value}" for key, value in fixed.items())


def _panel(axes: Axes, lines: Sequence[Mapping[str, Any]], colours: Mapping[str, str], looks: StrategyLooks) -> None:
    axes.axhline(0.0, color=INK, linewidth=0.9, zorder=1.5)
    for line in lines:
        colour = colours[str(line["strategy"])]
        x = np.array(line["x"], dtype=np.float64)
        mean = np.array([to_number(value) for value in line["difference"]])
        half = np.nan_to_num(np.array([to_number(value) for value in line["half_width"]]))
        axes.fill_between(x, mean - half, mean + half, color=colour, alpha=0.2, linewidth=0.0)
        axes.plot(x, mean, "-o", color=colour, markersize=3.5, label=looks.label(str(line["strategy"])))
        if line["best_at"] is not None:
            best = float(line["best_at"])
            axes.plot(best, mean[int(np.flatnonzero(x == best)[0])], "o", color=colour, fillstyle="none", markersize=10)
        if line["crosses_zero_at"] is not None:
            axes.plot(float(line["crosses_zero_at"]), 0.0, "x", color=colour, markersize=8, markeredgewidth=2.0)
    axes.grid(axis="y")

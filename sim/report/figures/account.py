"""The account of one stop: what each part changes in each period."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from sim.metrics.account import StopAccount
from sim.report.material import NothingToShowError
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.style import INK, clock_axis, new_figure, steps, styled

_LABELS = ("direct shift", "displaced load", "back-fill")
_COLOURS = ("#0072b2", "#e69f00", "#cc79a7")
_ACROSS = 3


@styled
def account_figure(accounts: Mapping[str, StopAccount], period_s: float, looks: StrategyLooks = UNSAID) -> Figure:
    """Draw the parts of the change of the load as stacked bars, rises up and falls down, and their sum as a line.

    Parameters
    ----------
    accounts : mapping of str to StopAccount
    period_s : float
        Length of an observation period in seconds.

    Raises
    ------
    NothingToShowError
        When there is no strategy to account for.
    """
    if not accounts:
        raise NothingToShowError("There is no strategy beside none to account for.")
    down = -(-len(accounts) // _ACROSS)
    across = -(-len(accounts) // down)
    figure = new_figure(down * 2.6 + 0.4)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for axes, (strategy, item) in zip(grid.flat, accounts.items(), strict=False):
        axes.use_sticky_edges = False  # or the lowest bar ends where the picture does
        up, low = np.zeros(len(item.period_starts_s)), np.zeros(len(item.period_starts_s))
        for part, label, colour in zip(item.parts, _LABELS, _COLOURS, strict=True):
            bottom = np.where(part > 0, up, low)
            axes.bar(
                item.period_starts_s, part, period_s, bottom=bottom, align="edge", color=colour, label=label, lw=0.0
            )
            up, low = up + np.maximum(part, 0.0), low + np.minimum(part, 0.0)
        edges_s = steps(item.period_starts_s, period_s)
        axes.stairs(item.parts.sum(axis=0), edges_s, color=INK, linewidth=1.2, label="total change", baseline=None)
        axes.axhline(0.0, color=INK, linewidth=0.8)
        clock_axis(axes.xaxis, edges_s[0], edges_s[-1], max(5, 12 // across))
        axes.set_title(looks.label(strategy))
        axes.grid(axis="y")
    for axes in grid.flat[len(accounts) :]:
        axes.set_visible(False)
    figure.supylabel("Persons on board, change per day", fontsize=9.5)
    handles, labels = grid[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=4)
    return figure

"""How people settle from day to day: what they pay, what they could still save, and how much they change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.metrics.convergence import Course
from sim.report.material import NothingToShowError
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.style import new_figure, styled

_PANELS = (
    ("mean_cost_min", "Mean generalized cost (min)"),
    ("relative_gap_share", "Relative gap (share)"),
    ("departure_change_min", "Change of departures (min)"),
)


@styled
def settling_figure(by_strategy: Mapping[str, Course], looks: StrategyLooks = UNSAID) -> Figure:
    """Draw mean cost, relative gap and change of departures by day, a line per strategy.

    Parameters
    ----------
    by_strategy : mapping of str to Course

    Raises
    ------
    NothingToShowError
        When only one day was simulated.
    """
    if not any(len(course.day) > 1 for course in by_strategy.values()):
        raise NothingToShowError("People settle over days, and only one day was simulated.")
    panels = [
        (name, label)
        for name, label in _PANELS
        if any(np.isfinite(getattr(course, name)).any() for course in by_strategy.values())
    ]
    figure = new_figure(3.2)
    colours = looks.colours(by_strategy)
    for place, (name, label) in enumerate(panels, start=1):
        axes = figure.add_subplot(1, len(panels), place)
        for strategy, course in by_strategy.items():
            values = getattr(course, name)
            dots = "o" if np.isfinite(values).sum() < 2 else None
            axes.plot(
                course.day, values, color=colours[strategy], label=looks.label(strategy), marker=dots, linewidth=1.2
            )
        axes.set_ylim(bottom=0.0)
        axes.set_ylabel(label)
        axes.set_xlabel("Day")
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.grid(axis="y")
        if place == 1 and len(by_strategy) > 1:
            axes.legend(loc="lower right")
    return figure

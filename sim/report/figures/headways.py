"""How even vehicles run along a line: a disturbance that grows from stop to stop, or dies out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from sim.arrays import FloatArray
from sim.report.material import NothingToShowError
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.style import new_figure, shorten, styled

_MOST_NAMES = 24
_LEAST_TOP_MIN = 1.0
"""What differs by seconds shall not look like bunching."""


@styled
def headways_figure(
    by_strategy: Mapping[str, FloatArray], stop_names: Sequence[str], looks: StrategyLooks = UNSAID
) -> Figure:
    """Draw the deviation of headways from the schedule in minutes, stop by stop.

    Parameters
    ----------
    by_strategy : mapping of str to ndarray, shape (stops,)
        Root mean square in minutes.
    stop_names : sequence of str
        In the order of travel.

    Raises
    ------
    NothingToShowError
        When no two vehicles followed each other.
    """
    if not any(np.isfinite(values).any() for values in by_strategy.values()):
        raise NothingToShowError("Headways need two vehicles that follow each other.")
    figure = new_figure(3.6)
    axes = figure.subplots()
    colours = looks.colours(by_strategy)
    places = np.arange(len(stop_names))
    for name, values in by_strategy.items():
        axes.plot(places, values, color=colours[name], label=looks.label(name), marker="o", markersize=3.5)
    highest = max(float(np.nanmax(values, initial=0.0)) for values in by_strategy.values())
    axes.set_ylim(0.0, max(1.05 * highest, _LEAST_TOP_MIN))
    axes.set_ylabel("Headways off schedule (min)")
    axes.set_xlabel("Stops in the order of travel")
    step = -(-len(stop_names) // _MOST_NAMES)
    shown = places[::step].tolist()
    axes.set_xticks(shown, labels=[shorten(stop_names[place], 14) for place in shown], rotation=45, ha="right")
    axes.grid(axis="y")
    if len(by_strategy) > 1:
        axes.legend(loc="upper left", ncols=min(len(by_strategy), 4))
    return figure

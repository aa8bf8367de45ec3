"""Who gains and who loses, by class of commuters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report.material import NothingToShowError
from sim.report.strategy_looks import UNSAID, StrategyLooks
from sim.report.style import INK, MUTED, new_figure, styled
from sim.report.words import to_number

Classes = Mapping[str, Sequence[Mapping[str, Any]]]
"""By strategy, as `sim.metrics.fairness.class_summary` returns them."""


@styled
def classes_figure(classes: Classes, looks: StrategyLooks = UNSAID) -> Figure:
    """Draw the mean change of cost and the share of losers of every class as dots with 95 % intervals.

    Parameters
    ----------
    classes : mapping of str to sequence of mapping

    Raises
    ------
    NothingToShowError
        When there is no strategy beside none.
    """
    known = {name: items for name, items in classes.items() if items}
    if not known:
        raise NothingToShowError("There is no strategy beside none whose commuters could be compared.")
    groups = list(dict.fromkeys(item["group"] for items in known.values() for item in items))
    kinds = {item["group"]: item["kind"] for items in known.values() for item in items}
    figure = new_figure(0.9 + 0.24 * len(groups) + 0.07 * len(groups) * (len(known) - 1))
    left, right = figure.subplots(1, 2, sharey=True)
    for axes, measure, factor, title in (
        (left, "mean_change_min", 1.0, "Mean change of cost (min); right loses"),
        (right, "losers_share", 100.0, "Share who lose (%)"),
    ):
        _dots(axes, known, groups, measure, factor, looks)
        axes.set_xlabel(title)
    left.axvline(0.0, color=INK, linewidth=0.9, zorder=1.5)
    for place, (group, following) in enumerate(pairwise(groups)):
        if kinds[group] != kinds[following]:
            left.axhline(place + 0.5, color=MUTED, linewidth=0.5)
            right.axhline(place + 0.5, color=MUTED, linewidth=0.5)
    left.set_yticks(range(len(groups)), labels=groups)
    left.set_ylim(len(groups) - 0.5, -0.5)
    handles, labels = left.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=5)
    return figure


def _dots(
    axes: Axes, classes: Classes, groups: Sequence[str], measure: str, factor: float, looks: StrategyLooks
) -> None:
    colours = looks.colours(classes)
    offsets = (np.arange(len(classes)) - (len(classes) - 1) / 2.0) * min(0.2, 0.8 / len(classes))
    for (strategy, items), offset in zip(classes.items(), offsets.tolist(), strict=True):
        value = {item["group"]: item[measure] for item in items}
        there = [group for group in groups if group in value]
        places = np.array([groups.index(group) for group in there]) + offset
        mean = np.array([factor * to_number(value[group]["mean"]) for group in there])
        half = np.nan_to_num([factor * to_number(value[group]["half_width"]) for group in there])
        axes.hlines(places, mean - half, mean + half, color=colours[strategy], linewidth=1.4)
        axes.plot(mean, places, "o", color=colours[strategy], markersize=4.5, label=looks.label(strategy))
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")

"""Who gains and who loses, by class of commuters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np

from sim.report.charts.chart import (
    Axis,
    Chart,
    Dots,
    GuideLine,
    LegendEntry,
    Mark,
    NothingToShowError,
    Panel,
    Whiskers,
    rows_axis,
)
from sim.report.cost_changes import nobody_compared
from sim.report.numbers import to_number
from sim.report.report_data import ReportData

_MOST_LETTERS: Final = 34
"""Names of classes are whole, or two of them read alike."""


def classes_chart(data: ReportData) -> Chart:
    """Show the mean change of cost and the share of losers of every class as dots with 95 % intervals.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When nobody is compared.
    """
    known = {name: items for name, items in data.in_order(data.classes).items() if items}
    if not known:
        raise NothingToShowError(nobody_compared(data.strategies))
    groups = list(dict.fromkeys(item["group"] for items in known.values() for item in items))
    kinds = {item["group"]: item["kind"] for items in known.values() for item in items}
    dividers = [
        GuideLine(y=place + 0.5, is_faint=True)
        for place, (group, following) in enumerate(pairwise(groups))
        if kinds[group] != kinds[following]
    ]
    offsets = (np.arange(len(known)) - (len(known) - 1) / 2.0) * min(0.2, 0.8 / len(known))
    panels = []
    for measure, factor, title in (
        ("mean_change_min", 1.0, "Mean change of cost (min); right loses"),
        ("losers_share", 100.0, "Share of the class who lose (%)"),
    ):
        marks: list[Mark] = [GuideLine(x=0.0), *dividers]
        for (strategy, items), offset in zip(known.items(), offsets.tolist(), strict=True):
            value = {item["group"]: item[measure] for item in items}
            marks += _dots(value, groups, factor, offset, data.colours[strategy])
        panels.append(Panel(title, tuple(marks), Axis(has_grid=True), rows_axis(groups, most_letters=_MOST_LETTERS)))
    legend = tuple(LegendEntry(data.looks.label(name), data.colours[name]) for name in known)
    caption = (
        "Each dot is a class of commuters under a strategy, the line its 95 % interval: left how much their cost "
        "changes on average, right how many of them lose more than a minute."
    )
    return Chart(caption, tuple(panels), "half", 20.0 + (15.0 + 4.0 * len(known)) * len(groups), legend)


def _dots(
    value: Mapping[str, Mapping[str, Any]], groups: Sequence[str], factor: float, offset: float, colour: str
) -> list[Mark]:
    """Return the dots of a strategy and their intervals, in the rows of its classes and a little beside them."""
    there = [group for group in groups if group in value]
    rows = np.array([groups.index(group) for group in there]) + offset
    mean = np.array([factor * to_number(value[group]["mean"]) for group in there])
    half = np.nan_to_num([factor * to_number(value[group]["half_width"]) for group in there])
    return [Whiskers(mean - half, mean + half, rows, colour), Dots(mean, rows, colour, radius=3.0)]

"""The account of one stop: what each part changes in each period."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.report.charts.chart import (
    INK,
    Axis,
    Bars,
    Chart,
    GuideLine,
    LegendEntry,
    Mark,
    NothingToShowError,
    Panel,
    Steps,
)
from sim.report.report_data import Direction, ReportData

_PARTS: Final = (("direct shift", "#0072b2"), ("displaced load", "#e69f00"), ("back-fill", "#cc79a7"))


def account_chart(data: ReportData, direction: Direction) -> Chart:
    """Show the parts of the change of the load as stacked bars, rises up and falls down, and their sum as a line.

    Parameters
    ----------
    data : ReportData
    direction : Direction

    Raises
    ------
    NothingToShowError
        When there is no account, or nothing changed on the line.
    """
    stop, accounts = data.account_of_stop(direction)
    if not accounts:
        raise NothingToShowError("There is no strategy beside none to account for.")
    panels = []
    for strategy, account in accounts.items():
        edges_s = np.append(account.period_starts_s, account.period_starts_s[-1] + data.period_s)
        up, low = np.zeros(len(account.period_starts_s)), np.zeros(len(account.period_starts_s))
        marks: list[Mark] = []
        for part, (_, colour) in zip(account.parts, _PARTS, strict=True):
            start = np.where(part > 0, up, low)
            marks.append(Bars(edges_s, start, start + part, colour))
            up, low = up + np.maximum(part, 0.0), low + np.minimum(part, 0.0)
        marks += [GuideLine(y=0.0), Steps(edges_s, account.parts.sum(axis=0), INK, 1.3)]
        y = Axis("Persons on board, change per day", has_grid=True)
        panels.append(Panel(data.looks.label(strategy), tuple(marks), Axis("Time of day", is_clock=True), y))
    legend = (*(LegendEntry(label, colour) for label, colour in _PARTS), LegendEntry("total change", INK))
    where = f"{data.stop_names.get(stop, stop)}, the stop where most changes {data.direction_words(direction)}"
    caption = (
        f"Persons on board of vehicles that leave {where}, against no advice: moved by advice (direct shift), moved by "
        "others who moved (displaced load), or come by their own choice (back-fill); the line is their sum."
    )
    return Chart(caption, _on_one_scale(panels), "half", 150.0, legend)


def _on_one_scale(panels: list[Panel]) -> tuple[Panel, ...]:
    """Give all panels the y axis that holds every one of them."""
    heights = [mark.high for panel in panels for mark in panel.marks if isinstance(mark, Bars)]
    heights += [mark.low for panel in panels for mark in panel.marks if isinstance(mark, Bars)]
    low, high = float(np.min(heights)), float(np.max(heights))
    beyond = 0.05 * (high - low) or 1.0
    return tuple(
        Panel(panel.title, panel.marks, panel.x, Axis(panel.y.label, low - beyond, high + beyond, has_grid=True))
        for panel in panels
    )

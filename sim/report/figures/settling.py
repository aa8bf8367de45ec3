"""How people settle from day to day: what they pay, what they could still save, and how much they change."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.report.charts.chart import Axis, Chart, Curve, Dots, Mark, NothingToShowError, Panel
from sim.report.report_data import ReportData

_PANELS: Final = {
    "mean_cost_min": ("Mean generalized cost (min)", "what they pay"),
    "relative_gap_share": (
        "Relative gap (share)",
        "what those who decide for themselves could still save by leaving in other windows",
    ),
    "departure_change_min": ("Change of departures (min)", "how much departures change"),
}


def settling_chart(data: ReportData) -> Chart:
    """Show mean cost, relative gap and change of departures by day, a line per strategy.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When only one day was simulated.
    """
    by_strategy = data.in_order(data.convergence)
    if not any(len(course.day) > 1 for course in by_strategy.values()):
        raise NothingToShowError("People settle over days, and only one day was simulated.")
    panels, told = [], []
    for name, (title, words) in _PANELS.items():
        values = {strategy: getattr(course, name) for strategy, course in by_strategy.items()}
        if not any(np.isfinite(line).any() for line in values.values()):
            continue
        marks: list[Mark] = []
        for strategy, line in values.items():
            days, colour = by_strategy[strategy].day.astype(np.float64), data.colours[strategy]
            is_dot = np.isfinite(line).sum() < 2
            marks.append(Dots(days, line, colour) if is_dot else Curve(days, line, colour))
        panels.append(Panel(title, tuple(marks), Axis("Day", least_step=1.0), Axis(has_grid=True)))
        told.append(words)
    caption = (
        f"How people settle over all simulated days, mean over replications: {'; '.join(told)}. Lines that level out "
        "have settled; waves are people who run after one another."
    )
    return Chart(caption, tuple(panels), "half", 150.0, data.legend(by_strategy))

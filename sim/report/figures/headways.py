"""How even vehicles run along a line: a disturbance that grows from stop to stop, or dies out."""

from __future__ import annotations

import numpy as np

from sim.report.charts.chart import Axis, Chart, Curve, Dots, NothingToShowError
from sim.report.figures.changes import level_and_change
from sim.report.report_data import Direction, ReportData

_LEAST_TOP_MIN = 1.0
"""What differs by seconds shall not look like bunching."""

_LEAST_SHOWN_MIN = 0.05


def headways_chart(data: ReportData, direction: Direction) -> Chart:
    """Show how far headways are off schedule in minutes, stop by stop, over all replications and kept days.

    Parameters
    ----------
    data : ReportData
    direction : Direction

    Raises
    ------
    NothingToShowError
        When no two vehicles followed each other, or all kept to the schedule.
    """
    by_strategy, stop_ids = data.headway_deviations(direction)
    if not any(np.isfinite(values).any() for values in by_strategy.values()):
        raise NothingToShowError("Headways need two vehicles that follow each other.")
    highest = max(float(np.nanmax(values, initial=0.0)) for values in by_strategy.values())
    if highest < _LEAST_SHOWN_MIN:
        raise NothingToShowError(f"All vehicles kept their headways {data.direction_words(direction)}.")
    names = tuple((float(place), data.stop_names.get(stop, stop)) for place, stop in enumerate(stop_ids))
    places = np.arange(len(stop_ids), dtype=np.float64)
    x = Axis("Stops in the order of travel", -0.5, len(names) - 0.5, names)
    y = Axis("Headways off schedule (min)", 0.0, max(1.05 * highest, _LEAST_TOP_MIN), has_grid=True)
    panels = level_and_change(
        data,
        "",
        by_strategy,
        lambda values, colour: (Curve(places, values, colour), Dots(places, values, colour, radius=2.5)),
        (x, y),
    )
    caption = (
        "How far headways between vehicles are off schedule at each stop (root mean square over all days and "
        f"replications), {data.direction_words(direction)}: a rising line is bunching that grows from stop to stop, a "
        "flat or falling one a disturbance that dies out."
    )
    return Chart(caption, panels, "half" if len(panels) > 1 else "wide", 190.0, data.legend(by_strategy))

"""A map of how full vehicles are in the busiest hour."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.link_loads import HOUR_S
from sim.report.charts.chart import PANEL_PX, Chart, Mark, NothingToShowError, Segments, Width
from sim.report.charts.colours import load_scale
from sim.report.figures.network import LEAST_MAP_PX, StreetPlan, street_plan
from sim.report.report_data import ReportData
from sim.units import format_clock_short

_ASIDE_PX = 2.2
"""How far beside the middle a direction is drawn, on the right of travel, so that both can be seen."""


def load_map_chart(data: ReportData) -> Chart:
    """Show the load factor from stop to next stop in the busiest hour, a map per strategy on one scale.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When no vehicle ran, or there is no place for the stops.
    """
    loads = data.link_loads
    if loads is None:
        raise NothingToShowError("No vehicle ran from one stop to another, so there is no load to map.")
    stops = data.manifest.get("stops", ())
    links = [{"from": start, "to": end} for start, end in loads.stop_ids]
    plan = street_plan(stops, links)
    row = {str(stop["stop_id"]): number for number, stop in enumerate(stops)}
    ends = [(row.get(start, -1), row.get(end, -1)) for start, end in loads.stop_ids]
    shown = np.array([min(pair) >= 0 for pair in ends], dtype=np.bool_)
    pairs = np.array(ends, dtype=np.int64).reshape(-1, 2)[shown]
    known = np.concatenate([100.0 * factor[np.isfinite(factor)] for factor in loads.load_factor.values()])
    scale = load_scale(float(known.max()) if len(known) else 0.0)
    width: Width = "wide" if len(loads.load_factor) == 1 else "half"
    lanes = _on_the_right(plan, pairs, PANEL_PX[width])
    panels = []
    for name in data.in_order(loads.load_factor):
        factor = 100.0 * loads.load_factor[name][shown]
        ran = np.isfinite(factor)
        # Pieces are drawn from empty to full, so that a full one is not hidden.
        marks: list[Mark] = [Segments(lanes[~ran], width=0.8), Segments(lanes[ran], factor[ran], scale, 3.0)]
        marks += plan.names(stops, plan.points[pairs], PANEL_PX[width])
        title = data.looks.label(name) if len(loads.load_factor) > 1 else ""
        panels.append(plan.panel(title, marks))
    start, end = (format_clock_short(loads.start_s + later_s) for later_s in (0.0, HOUR_S))
    caption = (
        f"Persons as a percentage of places on the vehicles that leave from {start} to {end}, the hour in which most "
        "people ride: the darker red, the fuller; thin where no vehicle left in that hour. Each direction is drawn on "
        "the right of travel."
    )
    height_px = plan.height_px * PANEL_PX[width] / PANEL_PX["wide"]
    return Chart(caption, tuple(panels), width, max(height_px, LEAST_MAP_PX), scale=scale)


def _on_the_right(plan: StreetPlan, pairs: IntArray, width_px: float) -> FloatArray:
    """Return the pieces of each direction, moved to the right of travel, shape (pieces, 2, 2)."""
    pieces = plan.points[pairs]
    along = pieces[:, 1] - pieces[:, 0]
    length = np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    low, high = plan.frame
    per_px = float((high - low)[0]) / width_px
    right = np.stack([along[:, 1], -along[:, 0]], axis=1) / length
    moved: FloatArray = pieces + (right * (_ASIDE_PX * per_px))[:, None, :]
    return moved

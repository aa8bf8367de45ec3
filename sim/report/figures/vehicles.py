"""Time-distance diagram: where the vehicles of a line are, and how full."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.trajectories import Trajectories
from sim.report.charts.chart import Axis, Chart, NothingToShowError, Panel, Segments, rows_axis
from sim.report.charts.colours import ColourScale, load_scale
from sim.report.report_data import Direction, ReportData

_SPAN_S = 2.5 * 3600.0
"""Length of the time shown, around the peak."""


def vehicles_chart(data: ReportData, direction: Direction) -> Chart:
    """Show the vehicles of one direction of a line around its peak on one day, coloured by load factor.

    Parameters
    ----------
    data : ReportData
    direction : Direction

    Raises
    ------
    NothingToShowError
        When no vehicle moved between two stops.
    """
    by_strategy = data.first_trajectories(direction)
    every = list(by_strategy.values())
    if all(len(one.stop_ids) < 2 for one in every):
        raise NothingToShowError("A time-distance diagram needs vehicles that run between at least two stops.")
    low_s, high_s = _around_peak(every)
    names = [data.stop_names.get(stop, stop) for stop in every[0].stop_ids]
    scale = load_scale(0.0)
    panels = tuple(
        Panel(
            data.looks.label(strategy),
            (_pieces(one, scale, low_s, high_s),),
            Axis("Time of day", low_s, high_s, is_clock=True),
            rows_axis(names),
        )
        for strategy, one in by_strategy.items()
    )
    caption = (
        f"Each line is a vehicle on its way {data.direction_words(direction)}, in replication {every[0].replication} "
        f"on day {every[0].day}, around the peak; lines that meet are bunched vehicles, dark red ones are full; stops "
        "are drawn at equal distances."
    )
    height_px = float(np.clip(15.0 * len(names), 150.0, 420.0))
    return Chart(caption, panels, "wide" if len(panels) == 1 else "half", height_px, scale=scale)


def _around_peak(every: Sequence[Trajectories]) -> tuple[float, float]:
    """Return the time in seconds within which the most persons are on board at departures, start and end."""
    first = every[0]
    low_s = min(float(np.nanmin(one.arrival_s)) for one in every)
    high_s = max(float(np.nanmax(one.departure_s)) for one in every)
    if high_s - low_s <= _SPAN_S:
        return low_s, max(high_s, low_s + 1.0)
    known = np.isfinite(first.departure_s)
    times_s, loads = first.departure_s[known], first.departing_load[known]
    starts_s = np.arange(low_s, high_s - _SPAN_S + 1.0, 300.0)
    order = np.argsort(times_s)
    total = np.concatenate([[0.0], np.cumsum(loads[order])])
    ends = np.searchsorted(times_s[order], starts_s + _SPAN_S)
    best_s = float(starts_s[np.argmax(total[ends] - total[np.searchsorted(times_s[order], starts_s)])])
    return best_s, best_s + _SPAN_S


def _pieces(one: Trajectories, scale: ColourScale, low_s: float, high_s: float) -> Segments:
    """Return the standing and running pieces within the time, cut at its ends."""
    factor = 100.0 * one.departing_load / np.maximum(one.capacity, 1)
    place = one.place.astype(np.float64)
    standing = np.stack([np.stack([one.arrival_s, place], axis=1), np.stack([one.departure_s, place], axis=1)], axis=1)
    goes_on = np.ones(len(place), dtype=np.bool_)
    goes_on[one.first_visit[1:] - 1] = False
    here = np.flatnonzero(goes_on)
    leaves = np.stack([one.departure_s[here], place[here]], axis=1)
    comes = np.stack([one.arrival_s[here + 1], place[here + 1]], axis=1)
    pieces = np.concatenate([standing, np.stack([leaves, comes], axis=1)])
    values = np.concatenate([factor, factor[here]])
    inside = np.isfinite(pieces).all(axis=(1, 2)) & (pieces[:, 1, 0] > low_s) & (pieces[:, 0, 0] < high_s)
    return Segments(_cut(pieces[inside], low_s, high_s), values[inside], scale)


def _cut(pieces: FloatArray, low_s: float, high_s: float) -> FloatArray:
    """Cut pieces, shape (pieces, 2, 2), where they leave the time shown."""
    start, end = pieces[:, 0, :], pieces[:, 1, :]
    span_s = np.maximum(end[:, 0] - start[:, 0], 1e-9)
    first, last = ((np.clip(at, low_s, high_s) - start[:, 0]) / span_s for at in (start[:, 0], end[:, 0]))
    step = end - start
    return np.stack([start + step * first[:, None], start + step * last[:, None]], axis=1)

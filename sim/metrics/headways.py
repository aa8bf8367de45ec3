"""How even vehicles run along a line: headways against those of the schedule, stop by stop."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import split_by_run
from sim.records.table import Table


def headway_deviation_min(
    stop_visits: Table, strategy: str, line_id: str, direction_id: int, stop_ids: Sequence[str]
) -> FloatArray:
    """Return by how much headways at each stop depart from the schedule, root mean square in minutes.

    Headways are those between arrivals in the order in which vehicles come, each against the
    headway of the same rank in the schedule; over all days and replications of the table. A
    disturbance that dies out falls along the line, one that makes vehicles bunch grows (Newell and
    Potts 1964; Daganzo 2009, TR-B 43:913-921).

    Parameters
    ----------
    stop_visits : Table
    strategy, line_id : str
    direction_id : int
    stop_ids : sequence of str
        In the order of the result.

    Returns
    -------
    ndarray, shape (stops,)
        NaN where fewer than two vehicles called on a day.
    """
    stops = len(stop_visits.categories["stop_id"])
    square, count = np.zeros(stops), np.zeros(stops)
    for (name, _), visits in split_by_run(stop_visits).items():
        if name != strategy:
            continue
        rows = np.flatnonzero(
            visits.equals("line_id", line_id)
            & (visits["direction_id"] == direction_id)
            & np.isfinite(visits["arrival_s"])
            & np.isfinite(visits["scheduled_arrival_s"])
        )
        group = visits["day"][rows] * (stops + 1) + visits["stop_id"][rows]
        gaps, scheduled = (_gaps_s(group, visits[name][rows]) for name in ("arrival_s", "scheduled_arrival_s"))
        stop = np.sort(group)[1:] % (stops + 1)
        known = np.isfinite(gaps)
        square += np.bincount(stop[known], ((gaps - scheduled)[known] / 60.0) ** 2, stops)
        count += np.bincount(stop[known], minlength=stops)
    mean = np.sqrt(np.divide(square, count, out=np.full(len(count), np.nan), where=count > 0))
    place = {name: number for number, name in enumerate(stop_visits.categories["stop_id"])}
    found: FloatArray = mean[[place[name] for name in stop_ids]]
    return found


def _gaps_s(group: IntArray, times_s: FloatArray) -> FloatArray:
    """Return the gaps between times in order within groups, NaN between groups, shape (times - 1,)."""
    order = np.lexsort((times_s, group))
    same = np.diff(group[order]) == 0
    gaps: FloatArray = np.where(same, np.diff(times_s[order]), np.nan)
    return gaps

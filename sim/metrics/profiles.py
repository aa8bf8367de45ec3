"""Arrays behind the figures of a report: loads, times of day, winners and losers.

Unless said otherwise values are means per day over all replications and days of a strategy. Periods
are half-open, named by their start, and run without gaps from the first used to the last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import day_blocks, ratio, recode, stop_order, sum_by_group
from sim.records.table import Table

_MIN = 60.0


@dataclass(frozen=True)
class LoadProfile:
    """Load along one direction of a line by time of day, one strategy.

    Attributes
    ----------
    strategy, line_id : str
    direction_id : int
    stop_ids : tuple of str
        In the order of travel.
    period_starts_s : ndarray, shape (periods,)
        Seconds after midnight; the same for all strategies of one line and direction.
    load : ndarray, shape (stops, periods)
        Mean departing load per vehicle in persons; NaN where no vehicle departed.
    load_factor : ndarray, shape (stops, periods)
        Mean of load over capacity, weighted by vehicles; NaN where no vehicle departed.
    vehicles, boardings, denied_boardings : ndarray, shape (stops, periods)
        Departures, persons who boarded and times somebody found no place, per day.
    """

    strategy: str
    line_id: str
    direction_id: int
    stop_ids: tuple[str, ...]
    period_starts_s: FloatArray
    load: FloatArray
    load_factor: FloatArray
    vehicles: FloatArray
    boardings: FloatArray
    denied_boardings: FloatArray


@dataclass(frozen=True)
class TimeProfile:
    """What commuters of one strategy do and meet by time of day.

    Attributes
    ----------
    period_starts_s : ndarray, shape (periods,)
        Seconds after midnight; the same for all strategies of a call.
    departures, arrivals : ndarray, shape (periods,)
        Commuters who left and who arrived in the period, per day.
    mean_wait_min : ndarray, shape (periods,)
        Mean wait in minutes of those who left in the period and arrived; NaN where there are none.
    denied_share : ndarray, shape (periods,)
        Of those who left in the period, who found no place at least once; NaN where nobody left.
    """

    period_starts_s: FloatArray
    departures: FloatArray
    arrivals: FloatArray
    mean_wait_min: FloatArray
    denied_share: FloatArray


@dataclass(frozen=True)
class ArrivalProfile:
    """Arrival minus preferred arrival of those who arrived, one strategy.

    Attributes
    ----------
    bin_edges_min : ndarray, shape (bins + 1,)
        Minutes, late positive; the same for all strategies of a call. The outermost bins hold what
        lies beyond them too.
    share : ndarray, shape (bins,)
        Of those who arrived; sums to 1.
    quantile_levels : ndarray, shape (5,)
        0.05, 0.25, 0.5, 0.75, 0.95.
    quantiles_min : ndarray, shape (5,)
        Minutes; NaN where nobody arrived.
    """

    bin_edges_min: FloatArray
    share: FloatArray
    quantile_levels: FloatArray
    quantiles_min: FloatArray


GAIN_GROUPS = ("complied", "advised, did not comply", "not advised")
"""Groups of commuters by what happened to them under a strategy, against `none`."""


def load_profiles(periods: Table, stop_visits: Table, period_s: float) -> tuple[LoadProfile, ...]:
    """Average the table `periods` over replications and days.

    Parameters
    ----------
    periods, stop_visits : Table
        Of the same runs; the latter says in which order the stops are travelled.
    period_s : float
        Length of a period in seconds, as in `period_table`.

    Returns
    -------
    tuple of LoadProfile
        By line and direction, then strategy, in the order of the tables.
    """
    order = stop_order(stop_visits)
    days = _days_by_strategy(stop_visits)
    line = recode(periods, "line_id", stop_visits.categories["line_id"])
    stop = recode(periods, "stop_id", stop_visits.categories["stop_id"])
    profiles: list[LoadProfile] = []
    for line_code, direction in sorted(set(zip(order.lines.tolist(), order.directions.tolist(), strict=True))):
        own = (order.lines == line_code) & (order.directions == direction)
        stops = order.stops[own]
        rows = np.flatnonzero((line == line_code) & (periods["direction_id"] == direction))
        if not len(rows):
            continue
        place = np.full(len(stop_visits.categories["stop_id"]), -1, dtype=np.int64)
        place[stops] = np.arange(len(stops))
        starts_s, period = _grid(periods["period_start_s"][rows], period_s)
        cell = place[stop[rows]] * len(starts_s) + period
        for strategy, count in days.items():
            mask = periods.equals("strategy", strategy)[rows]
            profiles.append(
                LoadProfile(
                    strategy,
                    stop_visits.categories["line_id"][line_code],
                    direction,
                    tuple(stop_visits.categories["stop_id"][code] for code in stops.tolist()),
                    starts_s,
                    **_cells(periods.where(rows[mask]), cell[mask], (len(stops), len(starts_s)), count),
                )
            )
    return tuple(profiles)


def time_profiles(journeys: Table, period_s: float) -> dict[str, TimeProfile]:
    """Count departures and arrivals by period, with the waits of those who left in it.

    Parameters
    ----------
    journeys : Table
    period_s : float
        Length of a period in seconds.

    Returns
    -------
    dict of str to TimeProfile
        By strategy, in the order of the table.
    """
    arrived = journeys.equals("outcome", "arrived")
    left_s, came_s = journeys["departure_s"], journeys["arrival_s"]
    starts_s, period = _grid(np.concatenate([left_s, came_s[arrived]]), period_s)
    left = period[: len(left_s)]
    came = np.full(len(left_s), -1, dtype=np.int64)
    came[arrived] = period[len(left_s) :]
    count = len(starts_s)
    profiles: dict[str, TimeProfile] = {}
    for strategy, days in _days_by_strategy(journeys).items():
        own = journeys.equals("strategy", strategy)
        there = own & arrived
        departures = _count(left[own], count)
        wait_s = sum_by_group(left[there], journeys["wait_s"][there], count)
        denied = _count(left[own & (journeys["denied_boardings"] > 0)], count)
        profiles[strategy] = TimeProfile(
            starts_s,
            departures / days,
            _count(came[there], count) / days,
            ratio(wait_s, _count(left[there], count)) / _MIN,
            ratio(denied, departures),
        )
    return profiles


def arrival_profiles(journeys: Table, bin_min: float = 2.0, limit_min: float = 60.0) -> dict[str, ArrivalProfile]:
    """Distribute arrivals by how far they lie from the preferred arrival.

    Parameters
    ----------
    journeys : Table
    bin_min : float
        Width of a bin in minutes.
    limit_min : float
        The bins cover minutes -limit to limit, or less where nobody comes near that.

    Returns
    -------
    dict of str to ArrivalProfile
        By strategy, in the order of the table.
    """
    deviation_min = (journeys["arrival_s"] - journeys["preferred_arrival_s"]) / _MIN
    known = journeys.equals("outcome", "arrived") & np.isfinite(deviation_min)
    clipped = np.clip(deviation_min[known], -limit_min, limit_min)
    first = np.floor(clipped.min(initial=0.0) / bin_min)
    last = min(np.floor(clipped.max(initial=0.0) / bin_min) + 1.0, np.ceil(limit_min / bin_min))
    edges_min = np.arange(first, last + 1.0) * bin_min
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    profiles: dict[str, ArrivalProfile] = {}
    for strategy in _days_by_strategy(journeys):
        own = known & journeys.equals("strategy", strategy)
        values = deviation_min[own]
        number = np.clip(np.floor(values / bin_min) - first, 0, len(edges_min) - 2).astype(np.int64)
        profiles[strategy] = ArrivalProfile(
            edges_min,
            _count(number, len(edges_min) - 1) / max(len(values), 1),
            levels,
            np.quantile(values, levels) if len(values) else np.full(len(levels), np.nan),
        )
    return profiles


def _cells(periods: Table, cell: IntArray, shape: tuple[int, int], days: int) -> dict[str, FloatArray]:
    """Sum rows of the table `periods` into a grid of stops and periods."""
    size = shape[0] * shape[1]
    vehicles = sum_by_group(cell, periods["vehicles"], size)

    def weighted(name: str) -> FloatArray:
        return ratio(sum_by_group(cell, periods[name] * periods["vehicles"], size), vehicles).reshape(shape)

    def per_day(name: str) -> FloatArray:
        total: FloatArray = (sum_by_group(cell, periods[name], size) / days).reshape(shape)
        return total

    return {
        "load": weighted("load"),
        "load_factor": weighted("load_factor"),
        "vehicles": per_day("vehicles"),
        "boardings": per_day("boardings"),
        "denied_boardings": per_day("denied_boardings"),
    }


def _days_by_strategy(table: Table) -> dict[str, int]:
    """Count the days of all replications of each strategy."""
    counts: dict[str, int] = {}
    for strategy, _, _ in day_blocks(table).keys:
        counts[strategy] = counts.get(strategy, 0) + 1
    return counts


def _grid(times_s: FloatArray, period_s: float) -> tuple[FloatArray, IntArray]:
    """Return the starts of all periods from the first to the last used, and the period of each time."""
    period = _period_of(times_s, period_s)
    if not len(period):
        return np.zeros(0), period
    first = int(period.min())
    starts_s: FloatArray = np.arange(first, int(period.max()) + 1).astype(np.float64) * period_s
    return starts_s, period - first


def _period_of(times_s: FloatArray, period_s: float) -> IntArray:
    """Return the number of the period each time lies in, counted from midnight."""
    return np.floor_divide(times_s, period_s).astype(np.int64)


def _count(numbers: NDArray[np.int64], size: int) -> FloatArray:
    return np.bincount(numbers, minlength=size).astype(np.float64)

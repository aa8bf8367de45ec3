"""Arrays behind the figures of a report: loads, times of day, winners and losers.

Unless said otherwise values are means per day over all replications and days of a strategy. Periods
are half-open, named by their start, and run without gaps from the first used to the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import (
    StopPlaces,
    combine,
    day_blocks,
    ratio,
    recode,
    split_by_run,
    sum_by_group,
)
from sim.metrics.order_statistics import Parts, quantiles_of_parts
from sim.metrics.persons import is_first
from sim.metrics.travel_order import stop_places
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


GAIN_GROUPS = ("moved as advised", "advised to leave as usual", "advised, did not follow", "not advised")
"""Groups of commuters by what happened to them under a strategy, against `none`: people who complied with advice to
leave when they leave without it as well have not moved, and are counted apart."""


def load_profiles(
    periods: Table, stop_visits: Table, period_s: float, places: StopPlaces | None = None
) -> tuple[LoadProfile, ...]:
    """Average the table `periods` over replications and days.

    Parameters
    ----------
    periods, stop_visits : Table
        Of the same runs; the latter says in which order the stops are travelled.
    period_s : float
        Length of a period in seconds, as in `period_table`.
    places : StopPlaces or None
        Those of the visits, where they are known.

    Returns
    -------
    tuple of LoadProfile
        By line and direction, then strategy, in the order of the tables.
    """
    places = stop_places(stop_visits) if places is None else places
    days = _days_by_strategy(stop_visits)
    grid = _Grid.of(lambda: (run["period_start_s"] for run in split_by_run(periods).values()), period_s)
    sums = {strategy: np.zeros((len(_SUMMED), len(places.stops) * grid.periods)) for strategy in days}
    for (strategy, _), run in split_by_run(periods).items():
        place = _place_of(run, stop_visits.categories, places)
        known = place >= 0
        cell = (place * grid.periods + grid.period_of(run["period_start_s"]))[known]
        vehicles = run["vehicles"][known].astype(np.float64)
        for row, name in enumerate(_SUMMED):
            weight = vehicles if name in _BY_VEHICLE else 1.0
            values = vehicles if name == "vehicles" else run[name][known] * weight
            sums[strategy][row] += sum_by_group(cell, values, sums[strategy].shape[1])
    profiles: list[LoadProfile] = []
    for line, direction in sorted(set(zip(places.lines.tolist(), places.directions.tolist(), strict=True))):
        own = np.flatnonzero((places.lines == line) & (places.directions == direction))
        cells = {name: total.reshape(len(_SUMMED), len(places.stops), -1)[:, own] for name, total in sums.items()}
        ran = np.flatnonzero(sum(cell[_SUMMED.index("vehicles")] for cell in cells.values()).sum(axis=0))
        if not len(ran):
            continue
        span = slice(int(ran[0]), int(ran[-1]) + 1)
        profiles += [
            LoadProfile(
                strategy,
                stop_visits.categories["line_id"][line],
                direction,
                tuple(stop_visits.categories["stop_id"][code] for code in places.stops[own].tolist()),
                grid.starts_s[span],
                **_means(cells[strategy][:, :, span], count),
            )
            for strategy, count in days.items()
        ]
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
    runs = split_by_run(journeys)
    grid = _Grid.of(lambda: (times for run in runs.values() for times in _times_of(run)), period_s)
    days = _days_by_strategy(journeys)
    sums = {strategy: np.zeros((5, grid.periods)) for strategy in days}
    for (strategy, _), run in runs.items():
        arrived = run.equals("outcome", "arrived")
        left, came = (grid.period_of(times) for times in _times_of(run))
        sums[strategy] += [
            _count(left, grid.periods),
            _count(came, grid.periods),
            _count(left[arrived], grid.periods),
            sum_by_group(left[arrived], run["wait_s"][arrived], grid.periods),
            _count(left[run["denied_boardings"] > 0], grid.periods),
        ]
    profiles: dict[str, TimeProfile] = {}
    for strategy, (departures, arrivals, there, wait_s, denied) in sums.items():
        mean_wait_min = ratio(wait_s, there) / _MIN
        profiles[strategy] = TimeProfile(
            grid.starts_s,
            departures / days[strategy],
            arrivals / days[strategy],
            mean_wait_min,
            ratio(denied, departures),
        )
    return profiles


def arrival_deviations_min(journeys: Table) -> FloatArray:
    """Return arrival minus preferred arrival in minutes, of first journeys that arrived and have a wish."""
    deviation_min = (journeys["arrival_s"] - journeys["preferred_arrival_s"]) / _MIN
    counted = journeys.equals("outcome", "arrived") & is_first(journeys) & np.isfinite(deviation_min)
    known: FloatArray = deviation_min[counted]
    return known


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
    runs: dict[str, list[Table]] = {}
    for (strategy, _), run in split_by_run(journeys).items():
        runs.setdefault(strategy, []).append(run)
    bins = int(np.ceil(limit_min / bin_min))
    counts = {strategy: np.zeros(2 * bins + 1) for strategy in runs}
    for strategy, own in runs.items():
        for run in own:
            # A value on the outermost edge lies in a bin of its own until all are known.
            number = np.floor(np.clip(arrival_deviations_min(run), -limit_min, limit_min) / bin_min)
            counts[strategy] += _count(np.clip(number, -bins, bins).astype(np.int64) + bins, 2 * bins + 1)
    used = np.flatnonzero(sum(counts.values(), np.zeros(2 * bins + 1)))
    first = min(int(used[0]) - bins, 0) if len(used) else 0
    last = min(max(int(used[-1]) - bins, 0) + 1, bins) if len(used) else 1
    edges_min = np.arange(first, last + 1.0) * bin_min
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    profiles: dict[str, ArrivalProfile] = {}
    for strategy, own in runs.items():
        inside = counts[strategy][first + bins : last + bins].copy()
        inside[-1] += counts[strategy][last + bins :].sum()
        profiles[strategy] = ArrivalProfile(
            edges_min,
            inside / max(inside.sum(), 1.0),
            levels,
            quantiles_of_parts(partial(map, arrival_deviations_min, own), levels.tolist(), bin_min / 64.0),
        )
    return profiles


def wait_exceedance(journeys: Table, points: int = 121) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Return waits in minutes and, by strategy, the share of those who arrived that waited longer.

    Parameters
    ----------
    journeys : Table
    points : int
        Number of waits, from 0 to one that few exceed.

    Returns
    -------
    waits_min : ndarray, shape (points,)
    shares : dict of str to ndarray, shape (points,)
        Strategies under which somebody arrived.
    """
    runs = split_by_run(journeys)

    def waits() -> Iterator[FloatArray]:
        return (run["wait_s"][run.equals("outcome", "arrived")] / _MIN for run in runs.values())

    highest_min = float(np.nan_to_num(quantiles_of_parts(waits, [0.995], 0.05)[0]))
    waits_min = np.linspace(0.0, max(1.0, highest_min), points)
    counts: dict[str, FloatArray] = {}
    for (strategy, _), wait_min in zip(runs, waits(), strict=True):
        place = _count(np.searchsorted(waits_min, wait_min, side="left"), points + 1)
        counts[strategy] = counts.get(strategy, np.zeros(points + 1)) + place
    shares = {name: 1.0 - count.cumsum()[:-1] / count.sum() for name, count in counts.items() if count.any()}
    return waits_min, shares


_BY_VEHICLE = ("load", "load_factor")
_SUMMED = ("vehicles", "boardings", "denied_boardings", *_BY_VEHICLE)


def _means(sums: FloatArray, days: int) -> dict[str, FloatArray]:
    """Turn sums of the columns `_SUMMED`, shape (columns, stops, periods), into means."""
    by_name = dict(zip(_SUMMED, sums, strict=True))
    return {
        name: ratio(total, by_name["vehicles"]) if name in _BY_VEHICLE else total / days
        for name, total in by_name.items()
    }


def _place_of(periods: Table, names: Mapping[str, tuple[str, ...]], places: StopPlaces) -> IntArray:
    """Return the place of each row of the table `periods`, -1 where no visit is at that place."""
    line, stop = (recode(periods, name, names[name]) for name in ("line_id", "stop_id"))
    direction = periods["direction_id"]
    sizes = (len(names["line_id"]), 1 + max(int(part.max(initial=0)) for part in (places.directions, direction)))
    key_of_place, key = (
        combine(*zip(codes, (*sizes, len(names["stop_id"])), strict=True))
        for codes in ((places.lines, places.directions, places.stops), (line, direction, stop))
    )
    order = np.argsort(key_of_place)
    found = np.searchsorted(key_of_place[order], key)
    place = np.append(order, -1)[found]
    is_there = (line >= 0) & (stop >= 0) & (np.append(key_of_place[order], -1)[found] == key)
    return np.where(is_there, place, -1)


@dataclass(frozen=True)
class _Grid:
    """Observation periods from the first to the last used.

    Attributes
    ----------
    first, periods : int
        Number of the first period, counted from midnight, and how many there are.
    period_s : float
        Their length in seconds.
    """

    first: int
    periods: int
    period_s: float

    @classmethod
    def of(cls, parts: Parts, period_s: float) -> _Grid:
        """Span the periods of all times."""
        ends = [(float(times.min()), float(times.max())) for times in parts() if len(times)]
        if not ends:
            return cls(0, 0, period_s)
        first, last = (int(end // period_s) for end in (min(low for low, _ in ends), max(high for _, high in ends)))
        return cls(first, last - first + 1, period_s)

    @property
    def starts_s(self) -> FloatArray:
        """Starts of the periods in seconds after midnight, shape (periods,)."""
        starts_s: FloatArray = np.arange(self.first, self.first + self.periods).astype(np.float64) * self.period_s
        return starts_s

    def period_of(self, times_s: FloatArray) -> IntArray:
        """Return the number of the period each time lies in, counted from the first of the grid."""
        return np.floor_divide(times_s, self.period_s).astype(np.int64) - self.first


def _times_of(journeys: Table) -> tuple[FloatArray, FloatArray]:
    """Return departures of all, and arrivals of those who arrived."""
    return journeys["departure_s"], journeys["arrival_s"][journeys.equals("outcome", "arrived")]


def _days_by_strategy(table: Table) -> dict[str, int]:
    """Count the days of all replications of each strategy."""
    counts: dict[str, int] = {}
    for strategy, _, _ in day_blocks(table).keys:
        counts[strategy] = counts.get(strategy, 0) + 1
    return counts


def _count(numbers: NDArray[np.int64], size: int) -> FloatArray:
    return np.bincount(numbers, minlength=size).astype(np.float64)

"""What planners ask of each line and direction: where it is fullest, how often and how evenly it runs, who is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.metrics.grouping import combine, ratio, split_by_run, sum_by_group
from sim.metrics.metric import BASELINE, Better
from sim.metrics.passing import is_boardable
from sim.metrics.service_metrics import EARLY_S, LATE_S
from sim.metrics.statistics import estimate, paired_difference
from sim.records.table import Table

HOUR_S = 3600.0


@dataclass(frozen=True)
class LineFacts:
    """One replication of a strategy, by direction.

    Attributes
    ----------
    visits, legs : Table
        Of all kept days.
    directions : tuple of (str, int)
        Line and direction of each number below.
    """

    visits: Table
    legs: Table
    directions: tuple[tuple[str, int], ...]

    @cached_property
    def days(self) -> int:
        """Kept days."""
        return max(len(np.unique(self.visits["day"])), 1)

    @cached_property
    def direction(self) -> IntArray:
        """Number of the direction of each visit, shape (visits,)."""
        lines = self.visits.categories["line_id"]
        place = {key: number for number, key in enumerate(self.directions)}
        table = np.array([[place.get((line, way), -1) for way in (0, 1)] for line in lines], dtype=np.int64)
        found: IntArray = table[self.visits["line_id"], self.visits["direction_id"]]
        return found

    def total(self, values: FloatArray | IntArray) -> FloatArray:
        """Sum values of visits by direction, shape (directions,)."""
        return sum_by_group(self.direction, values, len(self.directions))

    @cached_property
    def first_visits(self) -> IntArray:
        """Rows at which vehicles begin their trips."""
        trip, day = self.visits["trip_id"], self.visits["day"]
        begins = np.ones(len(trip), dtype=np.bool_)
        begins[1:] = (trip[1:] != trip[:-1]) | (day[1:] != day[:-1])
        return np.flatnonzero(begins)

    @cached_property
    def hourly(self) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
        """Passengers carried away from each stop in each hour, a day: with direction, stop and hour of each."""
        known = np.flatnonzero(np.isfinite(self.visits["departure_s"]))
        hour = (self.visits["departure_s"][known] // HOUR_S).astype(np.int64)
        stops = len(self.visits.categories["stop_id"])
        hours = int(hour.max(initial=0)) + 1
        packed = combine(
            (self.direction[known], len(self.directions)), (self.visits["stop_id"][known], stops), (hour, hours)
        )
        cells, group = np.unique(packed, return_inverse=True)
        carried = sum_by_group(group, self.visits["departing_load"][known], len(cells)) / self.days
        return carried, cells // (stops * hours), cells // hours % stops, cells % hours


@dataclass(frozen=True)
class LineIndicator:
    """One number of a line and direction.

    Attributes
    ----------
    name, label, unit : str
    better : str
        lower, higher or neither.
    description : str
        What it is, in a sentence.
    source : str
    compute : callable
        Takes the facts of a replication and returns a value for each direction; NaN where nothing can be said.
    """

    name: str
    label: str
    unit: str
    better: Better
    description: str
    source: str
    compute: Callable[[LineFacts], FloatArray]


def _peak_passengers(facts: LineFacts) -> FloatArray:
    carried, direction, _, _ = facts.hourly
    most = np.zeros(len(facts.directions))
    np.maximum.at(most, direction, carried)
    return most


def _extreme(facts: LineFacts, *, first: bool) -> FloatArray:
    rows = facts.first_visits
    times = facts.visits["departure_s"][rows]
    known = np.isfinite(times)
    found = np.full(len(facts.directions), np.inf if first else -np.inf)
    (np.minimum if first else np.maximum).at(found, facts.direction[rows][known], times[known])
    found[~np.isfinite(found)] = np.nan
    return found


def _departures_per_hour(facts: LineFacts) -> FloatArray:
    rows = facts.first_visits[np.isfinite(facts.visits["departure_s"][facts.first_visits])]
    times_s, day = facts.visits["departure_s"][rows], facts.visits["day"][rows]
    days = int(day.max(initial=0)) + 1
    # By day: over several days the earliest first departure and the latest last one are further apart than on any
    # (test_departures_per_hour_are_those_of_a_day).
    place = day * len(facts.directions) + facts.direction[rows]
    begun = np.bincount(place, minlength=days * len(facts.directions)).reshape(days, -1)
    first_s, last_s = np.full(begun.size, np.inf), np.full(begun.size, -np.inf)
    np.minimum.at(first_s, place, times_s)
    np.maximum.at(last_s, place, times_s)
    span_s = np.where(begun.ravel() > 0, last_s - first_s, 0.0).reshape(begun.shape)
    # From the first to the last departure there is one headway fewer than there are departures.
    return ratio(np.maximum(begun - 1, 0).sum(axis=0), span_s.sum(axis=0) / HOUR_S)


def _headway_cv(facts: LineFacts) -> FloatArray:
    visits = facts.visits
    known = np.flatnonzero(np.isfinite(visits["departure_s"]) & is_boardable(visits))
    group = combine(
        (visits["day"][known], int(visits["day"].max(initial=0)) + 1),
        (facts.direction[known], len(facts.directions)),
        (visits["stop_id"][known], len(visits.categories["stop_id"])),
    )
    order = np.lexsort((visits["departure_s"][known], group))
    same = np.diff(group[order]) == 0
    gaps = np.diff(visits["departure_s"][known][order])[same]
    _, place = np.unique(group[order][1:][same], return_inverse=True)
    places = int(place.max(initial=-1)) + 1
    count, total = sum_by_group(place, np.ones(len(gaps)), places), sum_by_group(place, gaps, places)
    mean = ratio(total, count)
    away = np.sqrt(ratio(sum_by_group(place, (gaps - mean[place]) ** 2, places), count))
    way = np.zeros(places, dtype=np.int64)
    way[place] = facts.direction[known][order][1:][same]
    weight, cv = np.where(mean > 0, count, 0.0), np.nan_to_num(ratio(away, mean))
    ways = len(facts.directions)
    return ratio(sum_by_group(way, cv * weight, ways), sum_by_group(way, weight, ways))


def _mean_wait_min(facts: LineFacts) -> FloatArray:
    trips = facts.visits.categories["trip_id"]
    way_of_trip = np.full(len(trips), -1, dtype=np.int64)
    way_of_trip[facts.visits["trip_id"]] = facts.direction
    place = dict(zip(trips, way_of_trip.tolist(), strict=True))
    names = facts.legs.categories["trip_id"]
    way = np.array([place.get(name, -1) for name in names] or [-1], dtype=np.int64)[facts.legs["trip_id"]]
    rides = np.flatnonzero(way >= 0)
    wait_s = (facts.legs["board_s"] - facts.legs["wait_from_s"])[rides]
    ways = len(facts.directions)
    return ratio(sum_by_group(way[rides], wait_s / 60.0, ways), np.bincount(way[rides], minlength=ways))


def _punctual(facts: LineFacts) -> FloatArray:
    late_s = facts.visits["departure_s"] - facts.visits["scheduled_departure_s"]
    known = np.isfinite(late_s)
    good = known & (late_s >= -EARLY_S) & (late_s <= LATE_S)
    return ratio(facts.total(good.astype(np.float64)), facts.total(known.astype(np.float64)))


def _per_passenger_km(facts: LineFacts, column: str) -> FloatArray:
    km = facts.total(facts.visits["departing_load"] * facts.visits["distance_m"] / 1000.0)
    return ratio(facts.total(facts.visits[column]), km)


def _peak_load_factor(facts: LineFacts) -> FloatArray:
    most = np.full(len(facts.directions), np.nan)
    factor = ratio(facts.visits["departing_load"].astype(np.float64), facts.visits["capacity"])
    np.fmax.at(most, facts.direction, factor)
    return most


_OWN = "this program"
_TCQSM = "TCQSM, TCRP Report 165"

LINE_INDICATORS: tuple[LineIndicator, ...] = (
    LineIndicator(
        "peak_hour_passengers",
        "passengers at the most loaded point",
        "persons per hour",
        "neither",
        "Passengers carried away in an hour from the stop and hour where they are most.",
        f"maximum load section, {_TCQSM}",
        _peak_passengers,
    ),
    LineIndicator(
        "peak_load_factor",
        "highest load factor",
        "share",
        "lower",
        "Highest departing load over capacity of any vehicle at any stop.",
        _TCQSM,
        _peak_load_factor,
    ),
    LineIndicator(
        "boardings",
        "boardings",
        "per day",
        "neither",
        "Persons who boarded a vehicle of the line, those who change included each time.",
        _TCQSM,
        lambda facts: facts.total(facts.visits["boardings"]) / facts.days,
    ),
    LineIndicator(
        "denied_boardings",
        "left behind",
        "per day",
        "lower",
        "Times that a commuter found no place on a vehicle that stopped.",
        _OWN,
        lambda facts: facts.total(facts.visits["denied_boardings"]) / facts.days,
    ),
    LineIndicator(
        "mean_wait_min",
        "mean wait",
        "min",
        "lower",
        "Mean time from joining the queue to boarding, over all boardings of the line.",
        _OWN,
        _mean_wait_min,
    ),
    LineIndicator(
        "departures_per_hour",
        "departures per hour",
        "per hour",
        "neither",
        "Vehicles that begin a trip, an hour, from the first to the last departure of the day.",
        _TCQSM,
        _departures_per_hour,
    ),
    LineIndicator(
        "first_departure_s",
        "first service",
        "clock",
        "neither",
        "Earliest departure from the first stop of a trip.",
        _OWN,
        lambda facts: _extreme(facts, first=True),
    ),
    LineIndicator(
        "last_departure_s",
        "last service",
        "clock",
        "neither",
        "Latest departure from the first stop of a trip.",
        _OWN,
        lambda facts: _extreme(facts, first=False),
    ),
    LineIndicator(
        "headway_cv",
        "unevenness of headways",
        "",
        "lower",
        "Coefficient of variation of the times between departures at each stop, averaged over stops by how many; "
        "vehicles that could not be boarded there are left out, and it holds planned changes of headway over the day.",
        f"headway adherence, {_TCQSM}",
        _headway_cv,
    ),
    LineIndicator(
        "punctual_departures_share",
        "punctual departures",
        "share",
        "higher",
        f"Departures from {EARLY_S / 60:g} min before the timetable to {LATE_S / 60:g} min after it.",
        _TCQSM,
        _punctual,
    ),
    LineIndicator(
        "co2_g_per_passenger_km",
        "CO2 per passenger-kilometre",
        "g/km",
        "lower",
        "CO2 of the line's vehicles over passenger-kilometres; unknown where the scenario works out none.",
        _OWN,
        lambda facts: _per_passenger_km(facts, "co2_g"),
    ),
    LineIndicator(
        "energy_kwh_per_passenger_km",
        "energy per passenger-kilometre",
        "kWh/km",
        "lower",
        "Energy of the line's vehicles over passenger-kilometres; unknown where none is worked out.",
        _OWN,
        lambda facts: _per_passenger_km(facts, "energy_kwh"),
    ),
)
"""Each is a number of a line and direction in one replication of one strategy."""


def line_indicators(stop_visits: Table, legs: Table) -> list[dict[str, Any]]:
    """Return all indicators of all lines and directions, with intervals and changes against `none`.

    Parameters
    ----------
    stop_visits, legs : Table
        Of any strategies and replications.

    Returns
    -------
    list of dict
        `line_id`, `direction_id`, `most_loaded` by strategy (stop and hour) and `values` by strategy and indicator:
        mean, half-width, difference and its half-width.
    """
    visits_of, legs_of = split_by_run(stop_visits), split_by_run(legs)
    directions = _directions(visits_of)
    none_of = next(iter(legs_of.values()), None)
    values: dict[str, dict[int, dict[str, FloatArray]]] = {}
    carried: dict[str, dict[tuple[int, int, int], float]] = {}
    for (strategy, replication), visits in visits_of.items():
        own_legs = legs_of.get((strategy, replication), none_of.where(slice(0, 0)) if none_of is not None else legs)
        facts = LineFacts(visits, own_legs, directions)
        values.setdefault(strategy, {})[replication] = {one.name: one.compute(facts) for one in LINE_INDICATORS}
        sums = carried.setdefault(strategy, {})
        for number, way, stop, hour in zip(*(part.tolist() for part in facts.hourly), strict=True):
            sums[way, stop, hour] = sums.get((way, stop, hour), 0.0) + number
    stops = stop_visits.categories["stop_id"]
    return [
        {
            "line_id": line,
            "direction_id": way,
            "most_loaded": {name: _most_loaded(sums, number, stops) for name, sums in carried.items()},
            "values": {name: _told(values, name, number) for name in values},
        }
        for number, (line, way) in enumerate(directions)
    ]


def _directions(visits_of: Mapping[Any, Table]) -> tuple[tuple[str, int], ...]:
    """Return lines and directions in the order in which they come in the tables."""
    found: dict[tuple[str, int], None] = {}
    for visits in visits_of.values():
        pairs = np.unique(np.stack([visits["line_id"], visits["direction_id"]], axis=1), axis=0).tolist()
        found |= dict.fromkeys((visits.categories["line_id"][line], int(way)) for line, way in pairs)
    return tuple(found)


def _most_loaded(sums: Mapping[tuple[int, int, int], float], way: int, stops: tuple[str, ...]) -> dict[str, Any] | None:
    own = {key: value for key, value in sums.items() if key[0] == way}
    if not own:
        return None
    _, stop, hour = max(own, key=lambda key: own[key])
    return {"stop_id": stops[stop], "hour": hour}


def _told(
    values: Mapping[str, Mapping[int, Mapping[str, FloatArray]]], strategy: str, way: int
) -> dict[str, dict[str, float]]:
    """Return every indicator of a direction under a strategy, with its change against `none`."""
    own, base = values[strategy], values.get(BASELINE)
    shared = sorted(own.keys() & base.keys()) if base is not None else []
    told = {}
    for one in LINE_INDICATORS:
        found = estimate(np.array([own[replication][one.name][way] for replication in sorted(own)]))
        told[one.name] = {"mean": found.mean, "half_width": found.half_width}
        if base is not None and shared:
            pairs = [[run[replication][one.name][way] for replication in shared] for run in (own, base)]
            change = paired_difference(np.array(pairs[0]), np.array(pairs[1]))
            told[one.name] |= {"difference": change.mean, "difference_half_width": change.half_width}
    return told

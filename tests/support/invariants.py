"""What must hold in the tables of every run, whatever the scenario.

`check_invariants` looks at tables only and shares no code with the metrics or the engine: conservation of
commuters and of loads, order of time, nobody and no vehicle in two places, tables that agree with each other,
first come first served where a stop has a single line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.records.table import Table

EPS_S = 1e-6
OUTCOMES = ("arrived", "gave_up", "still_travelling", "no_service")


def check_invariants(tables: Mapping[str, Table], period_s: float | None = None) -> None:
    """Raise an AssertionError that lists everything violated.

    Parameters
    ----------
    tables : mapping of str to Table
        journeys, legs, stop_visits and denied_boardings; periods is checked where it is among them.
    period_s : float, optional
        Length of an observation period in seconds; with it the limits of the periods are checked too.
    """
    problems = violations(tables, period_s)
    assert not problems, "\n".join(problems)


def violations(tables: Mapping[str, Table], period_s: float | None = None) -> list[str]:
    """List what is violated, with the number of rows and the first of them."""
    world = World(tables)
    return [
        f"{text}: {len(rows)} rows, first {world.describe(table, rows[0])}"
        for check in CHECKS
        for table, text, mask in check(world)
        if len(rows := np.flatnonzero(mask))
    ] + (_period_violations(world, period_s) if "periods" in tables else [])


Finding = tuple[str, str, Any]
"""Table, what is wrong, and a mask of its rows."""


@dataclass
class World:
    """The tables with texts, runs and days coded alike in all of them."""

    tables: Mapping[str, Table]
    codes: dict[str, dict[str, int]] = field(init=False, default_factory=dict)

    def text(self, table: str, column: str, domain: str) -> Any:
        """Return a text column as codes that mean the same in every table."""
        known = self.codes.setdefault(domain, {})
        names = self.tables[table].categories[column]
        translation = np.array([known.setdefault(name, len(known)) for name in names] or [0], dtype=np.int64)
        return translation[self.tables[table][column]]

    def day(self, table: str) -> Any:
        """Return a code of strategy, replication and day for every row."""
        columns = self.tables[table]
        strategy = self.text(table, "strategy", "strategy")
        return (strategy * 100_000 + columns["replication"]) * 100_000 + columns["day"]

    def person(self, table: str) -> Any:
        """Return a code of day and commuter for every row."""
        return self.day(table), self.tables[table]["commuter_id"]

    def call(self, table: str, stop: str = "stop_id") -> Any:
        """Return the columns that name a trip at a stop on a day."""
        return self.day(table), self.text(table, "trip_id", "trip"), self.text(table, stop, "stop")

    def describe(self, table: str, row: int) -> str:
        """Name a row by its key."""
        columns = self.tables[table]
        parts = {"strategy": columns.text("strategy")[row]}
        for name in ("replication", "day", "commuter_id", "leg", "stop_sequence"):
            if name in columns.schema.names:
                parts[name] = columns[name][row]
        if "trip_id" in columns.schema.names:
            parts["trip_id"] = columns.text("trip_id")[row]
        return ", ".join(f"{name} {value}" for name, value in parts.items())


def number_alike(*groups: Sequence[Any]) -> list[Any]:
    """Number rows of several lists of columns, the same number for equal rows."""
    lengths = [len(columns[0]) for columns in groups]
    joined = [np.concatenate(parts) for parts in zip(*groups, strict=True)]
    number = np.zeros(sum(lengths), dtype=np.int64)
    for column in joined:
        _, code = np.unique(column, return_inverse=True)
        _, number = np.unique(number * (int(code.max(initial=0)) + 1) + code, return_inverse=True)
    return np.split(number, np.cumsum(lengths)[:-1])


def repeated(columns: Sequence[Any]) -> Any:
    """Return the mask of rows that an equal row comes before."""
    (number,) = number_alike(columns)
    _, first = np.unique(number, return_index=True)
    mask = np.ones(len(number), dtype=bool)
    mask[first] = False
    return mask


def before(values: Any, group: Any, *order: Any) -> Any:
    """Return for each row the value of the row before it in its group, NaN at the first; last key sorts first."""
    sequence = np.lexsort((*order, group))
    previous = np.full(len(values), np.nan)
    same = group[sequence][1:] == group[sequence][:-1]
    previous[sequence[1:][same]] = values[sequence[:-1][same]]
    return previous


def differs(left: Sequence[Any], left_counts: Any, right: Sequence[Any]) -> Any:
    """Return the mask of left rows whose key has another total of left_counts than it has right rows."""
    left_key, right_key = number_alike(left, right)
    size = 1 + int(max(left_key.max(initial=0), right_key.max(initial=0)))
    left_total = np.bincount(left_key, weights=left_counts, minlength=size)
    return left_total[left_key] != np.bincount(right_key, minlength=size)[left_key]


def absent(left: Sequence[Any], right: Sequence[Any]) -> Any:
    """Return the mask of left rows whose key is not on the right."""
    left_key, right_key = number_alike(left, right)
    return ~np.isin(left_key, right_key)


# --- commuters --------------------------------------------------------------------------------------------


def check_outcomes(world: World) -> Iterator[Finding]:
    journeys = world.tables["journeys"]
    outcome, cause = journeys.text("outcome"), journeys.text("cause")
    arrived = outcome == "arrived"
    yield "journeys", "commuter twice in a day", repeated(world.person("journeys"))
    yield "journeys", "outcome unknown, so commuters get lost", ~np.isin(outcome, OUTCOMES)
    yield "journeys", "cause given although arrived, or not given although not", arrived != (cause == "")
    yield "journeys", "arrival time without arriving, or none with", arrived == np.isnan(journeys["arrival_s"])
    columns = (journeys["replication"], journeys["day"], journeys["commuter_id"])
    (same,) = number_alike(columns)
    strategies = len(np.unique(journeys["strategy"]))
    yield "journeys", "commuter not in every strategy", np.bincount(same)[same] != strategies


def check_journey_times(world: World) -> Iterator[Finding]:
    journeys = world.tables["journeys"]
    arrived = journeys.text("outcome") == "arrived"
    left, came = journeys["departure_s"], journeys["arrival_s"]
    parts = journeys["wait_s"] + journeys["in_vehicle_s"] + journeys["walk_s"]
    late = came - journeys["preferred_arrival_s"]
    negative = np.zeros(len(journeys), dtype=bool)
    for name in ("wait_s", "in_vehicle_s", "walk_s", "transfers", "denied_boardings"):
        negative |= journeys[name] < 0
    wrong_delay = np.abs(journeys["schedule_delay_late_s"] - np.maximum(late, 0.0)) > EPS_S
    wrong_delay |= np.abs(journeys["schedule_delay_early_s"] - np.maximum(-late, 0.0)) > EPS_S
    below = journeys["generalized_cost_min"] < journeys["least_cost_min"] - 1e-6
    yield "journeys", "arrived before leaving", arrived & (came < left - EPS_S)
    yield "journeys", "wait, ride and walk are not the length", arrived & (np.abs(left + parts - came) > EPS_S)
    yield "journeys", "negative part of a journey", negative
    yield "journeys", "schedule delay is not the distance from the preferred arrival", arrived & wrong_delay
    yield "journeys", "arrived at less than the least cost possible", arrived & below


def check_returns(world: World) -> Iterator[Finding]:
    journeys = world.tables["journeys"]
    back = journeys["outward_commuter_id"] >= 0
    day = (journeys["strategy"], journeys["replication"], journeys["day"])
    own, wanted = number_alike((*day, journeys["commuter_id"]), (*day, journeys["outward_commuter_id"]))
    order = np.argsort(own)
    place = np.minimum(np.searchsorted(own[order], wanted), max(len(own) - 1, 0))
    there = order[place] if len(own) else place
    outcome, came = journeys.text("outcome"), journeys["arrival_s"][there]
    yield "journeys", "back from a journey that is none", back & (own[there] != wanted)
    yield (
        "journeys",
        "back from elsewhere, or to elsewhere",
        back
        & (
            (journeys.text("origin_stop_id") != journeys.text("destination_stop_id")[there])
            | (journeys.text("destination_stop_id") != journeys.text("origin_stop_id")[there])
        ),
    )
    yield "journeys", "goes back before having come", back & (journeys["departure_s"] < came - EPS_S)
    yield "journeys", "is back without having come", back & (outcome == "arrived") & (outcome[there] != "arrived")
    yield "journeys", "advised to go back", back & journeys["advised"]


def check_advice(world: World) -> Iterator[Finding]:
    journeys = world.tables["journeys"]
    start, end = journeys["window_start_s"], journeys["window_end_s"]
    inside = (journeys["departure_s"] >= start - EPS_S) & (journeys["departure_s"] < end + EPS_S)
    windowless = np.isnan(start) | np.isnan(end)
    yield "journeys", "advised without a window, or a window without advice", journeys["advised"] == windowless
    yield "journeys", "window ends before it starts", end < start
    yield "journeys", "complied without advice", journeys["complied"] & ~journeys["advised"]
    yield "journeys", "complied and left outside the window", journeys["complied"] & ~inside


def check_legs(world: World) -> Iterator[Finding]:
    legs = world.tables["legs"]
    (person,) = number_alike(world.person("legs"))
    count = np.bincount(person)[person]
    is_open = np.isnan(legs["alight_s"])
    free_s = before(legs["alight_s"], person, legs["leg"])
    yield (
        "legs",
        "leg runs backwards",
        (legs["board_s"] < legs["wait_from_s"] - EPS_S) | (legs["alight_s"] < legs["board_s"] - EPS_S),
    )
    yield "legs", "commuter in two places", legs["wait_from_s"] < free_s - EPS_S
    yield "legs", "leg twice", repeated((person, legs["leg"]))
    yield "legs", "legs not numbered from 0", (legs["leg"] < 0) | (legs["leg"] >= count)
    yield "legs", "left the vehicle never, but rides on", is_open & (legs["leg"] < count - 1)


def check_legs_of_journeys(world: World) -> Iterator[Finding]:
    journeys, legs = world.tables["journeys"], world.tables["legs"]
    outcome = journeys.text("outcome")
    person, rider = number_alike(world.person("journeys"), world.person("legs"))
    yield "legs", "leg of nobody", ~np.isin(rider, person)
    size = 1 + int(max(person.max(initial=0), rider.max(initial=0)))
    is_open = np.isnan(legs["alight_s"])
    count = np.bincount(rider, minlength=size)[person]
    still_on = np.bincount(rider[is_open], minlength=size)[person]
    wait = np.bincount(rider, weights=legs["board_s"] - legs["wait_from_s"], minlength=size)[person]
    ride_s = np.where(is_open, 0.0, legs["alight_s"] - legs["board_s"])
    ride = np.bincount(rider, weights=ride_s, minlength=size)[person]
    arrived = outcome == "arrived"
    riding = journeys.text("cause") == "horizon_while_riding"
    by_vehicle = arrived & (count > 0)
    yield "journeys", "on board at the end, but not still travelling by vehicle", (still_on > 0) != riding
    yield "journeys", "wait is not that of the legs", by_vehicle & (np.abs(journeys["wait_s"] - wait) > 1e-3)
    yield "journeys", "ride is not that of the legs", arrived & (np.abs(journeys["in_vehicle_s"] - ride) > 1e-3)
    yield "journeys", "transfers are not the legs less one", by_vehicle & (journeys["transfers"] != count - 1)
    place = np.full(size, -1)
    place[person] = np.arange(len(person))
    own = place[rider]
    yield "legs", "waits before leaving home", (own >= 0) & (legs["wait_from_s"] < journeys["departure_s"][own] - EPS_S)
    yield "legs", "still on board after arriving", (own >= 0) & (legs["alight_s"] > journeys["arrival_s"][own] + EPS_S)


# --- vehicles ---------------------------------------------------------------------------------------------


def check_vehicle_times(world: World) -> Iterator[Finding]:
    visits = world.tables["stop_visits"]
    day = world.day("stop_visits")
    (trip,) = number_alike((day, world.text("stop_visits", "trip_id", "trip")))
    (vehicle,) = number_alike((day, world.text("stop_visits", "block_id", "block")))
    arrival, departure = visits["arrival_s"], visits["departure_s"]
    left_stop = before(departure, trip, visits["stop_sequence"])
    sequence_before = before(visits["stop_sequence"].astype(float), trip, visits["stop_sequence"])
    free = before(departure, vehicle, departure, arrival)
    other_trip = before(trip.astype(float), vehicle, departure, arrival) != trip
    yield "stop_visits", "vehicle leaves before it comes", departure < arrival - EPS_S
    yield "stop_visits", "vehicle comes before it left the stop before", arrival < left_stop - EPS_S
    yield "stop_visits", "stop of a trip twice", visits["stop_sequence"] == sequence_before
    has_block = visits.text("block_id") != ""
    yield "stop_visits", "vehicle on two trips at once", has_block & other_trip & (arrival < free - EPS_S)


def check_loads(world: World) -> Iterator[Finding]:
    visits = world.tables["stop_visits"]
    (trip,) = number_alike((world.day("stop_visits"), world.text("stop_visits", "trip_id", "trip")))
    load = visits["departing_load"]
    arriving = np.nan_to_num(before(load.astype(float), trip, visits["stop_sequence"]))
    negative = (visits["boardings"] < 0) | (visits["alightings"] < 0) | (visits["denied_boardings"] < 0)
    yield (
        "stop_visits",
        "load is not what came, plus boarded, less alighted",
        load != (arriving + visits["boardings"] - visits["alightings"]),
    )
    yield "stop_visits", "load above capacity", load > visits["capacity"]
    yield "stop_visits", "negative count", negative | (load < 0)
    yield "stop_visits", "more seats than places", visits["seats"] > visits["capacity"]
    yield (
        "stop_visits",
        "somebody left behind although there was room",
        ((visits["denied_boardings"] > 0) & (load < visits["capacity"])),
    )


def check_standing(world: World) -> Iterator[Finding]:
    """As many stand as vehicles carry beyond their seats, and nobody stands longer than the ride lasts."""
    visits, legs = world.tables["stop_visits"], world.tables["legs"]
    trip, ridden = number_alike(world.call("stop_visits")[:2], world.call("legs", "board_stop_id")[:2])
    size = 1 + int(max(trip.max(initial=0), ridden.max(initial=0)))
    sequence = np.lexsort((visits["stop_sequence"], trip))
    between_s = np.zeros(len(visits))
    between_s[sequence[:-1]] = np.where(
        trip[sequence][1:] == trip[sequence][:-1],
        visits["arrival_s"][sequence][1:] - visits["departure_s"][sequence][:-1],
        0.0,
    )
    beyond = np.maximum(visits["departing_load"] - visits["seats"], 0)
    by_vehicle_s = np.bincount(trip, weights=beyond * np.nan_to_num(between_s), minlength=size)
    by_rider_s = np.bincount(ridden, weights=legs["standing_s"], minlength=size)
    known = ~np.isnan(by_rider_s)
    differ = known & (np.abs(by_vehicle_s - by_rider_s) > 1e-3)
    yield "stop_visits", "time standing is not that of the riders", differ[trip]
    yield "legs", "stood longer than on board", legs["standing_s"] > legs["alight_s"] - legs["board_s"] + EPS_S


def check_visits_of_legs(world: World) -> Iterator[Finding]:
    visits, legs, denied = (world.tables[name] for name in ("stop_visits", "legs", "denied_boardings"))
    call = world.call("stop_visits")
    boarded, left = world.call("legs", "board_stop_id"), world.call("legs", "alight_stop_id")
    refused = world.call("denied_boardings")
    done = ~np.isnan(legs["alight_s"])
    left = tuple(column[done] for column in left)
    for column, events in (("boardings", boarded), ("alightings", left), ("denied_boardings", refused)):
        yield "stop_visits", f"{column} are not those of the persons", differs(call, visits[column], events)
    yield "legs", "boarded a vehicle that was not there", ~_present(world, boarded, legs["board_s"])
    gone = np.zeros(len(legs), dtype=bool)
    gone[done] = ~_present(world, left, legs["alight_s"][done])
    yield "legs", "alighted where the vehicle was not", gone
    yield "denied_boardings", "denied by a vehicle that was not there", ~_present(world, refused, denied["time_s"])


def _present(world: World, call: Sequence[Any], times_s: Any) -> Any:
    """Return the mask of events at which the trip stood at the stop."""
    visits = world.tables["stop_visits"]
    visit_key, event_key = number_alike(world.call("stop_visits"), call)
    order = np.lexsort((visits["arrival_s"], visit_key))
    key, start, end = (column[order] for column in (visit_key, visits["arrival_s"], visits["departure_s"]))
    # A trip can stand at the same stop more than once: look at each of the visits in turn.
    place = np.searchsorted(key, event_key)
    there = np.zeros(len(times_s), dtype=bool)
    for turn in range(int(np.bincount(key).max(initial=0))):
        at = np.minimum(place + turn, len(key) - 1)
        during = (times_s >= start[at] - EPS_S) & ((times_s <= end[at] + EPS_S) | np.isnan(end[at]))
        there |= (place + turn < len(key)) & (key[at] == event_key) & during
    return there


def check_denied(world: World) -> Iterator[Finding]:
    journeys = world.tables["journeys"]
    person = world.person("journeys")
    yield (
        "journeys",
        "denied boardings are not those of the person",
        differs(person, journeys["denied_boardings"], world.person("denied_boardings")),
    )
    yield "denied_boardings", "nobody was denied", absent(world.person("denied_boardings"), person)


def check_on_board(world: World) -> Iterator[Finding]:
    visits, legs = world.tables["stop_visits"], world.tables["legs"]
    visit_day, leg_day = number_alike((world.day("stop_visits"),), (world.day("legs"),))
    size = 1 + int(max(visit_day.max(initial=0), leg_day.max(initial=0)))
    gained = np.bincount(visit_day, weights=visits["boardings"] - visits["alightings"], minlength=size)
    still = np.bincount(leg_day[np.isnan(legs["alight_s"])], minlength=size)
    yield "stop_visits", "boardings are not alightings plus those on board", (gained != still)[visit_day]


def check_first_come_first_served(world: World) -> Iterator[Finding]:
    """Where one line and direction alone serves a stop, nobody boards before somebody who came earlier.

    Where the trips of that line do not all serve the same stops, only those with the same stop of alighting
    are compared: the others may be waiting for another kind of trip.
    """
    visits, legs = world.tables["stop_visits"], world.tables["legs"]
    if not len(visits) or not len(legs):
        return
    line = world.text("stop_visits", "line_id", "line") * 2 + visits["direction_id"]
    stop, board = world.text("stop_visits", "stop_id", "stop"), world.text("legs", "board_stop_id", "stop")
    lines_of_stop = _distinct(stop, line, 1 + int(max(stop.max(), board.max())))
    line_of_stop = np.zeros(len(lines_of_stop), dtype=np.int64)
    line_of_stop[stop] = line
    alike = (_distinct(line, _pattern(world), 1 + int(line.max())) == 1)[line_of_stop[board]]
    alight = np.where(alike, -1, world.text("legs", "alight_stop_id", "stop"))
    (queue,) = number_alike((world.day("legs"), board, alight))
    order = np.lexsort((legs["wait_from_s"], queue))
    overtook = np.zeros(len(legs), dtype=bool)
    for rows in np.split(order, np.flatnonzero(np.diff(queue[order])) + 1):
        came, boarded = legs["wait_from_s"][rows], legs["board_s"][rows]
        latest = np.append(-np.inf, np.maximum.accumulate(boarded))
        overtook[rows] = boarded < latest[np.searchsorted(came, came)] - EPS_S
    yield "legs", "boarded before somebody who came earlier", overtook & (lines_of_stop[board] == 1)


def _distinct(group: Any, value: Any, size: int) -> Any:
    """Count the distinct values in each group, shape (size,)."""
    return np.bincount(group[~repeated((group, value))], minlength=size)


def _pattern(world: World) -> Any:
    """Return a number for each visit that is the same where trips serve the same stops."""
    sequence = world.tables["stop_visits"]["stop_sequence"]
    stop = world.text("stop_visits", "stop_id", "stop")
    (trip,) = number_alike((world.day("stop_visits"), world.text("stop_visits", "trip_id", "trip")))
    weights = (np.ones(len(trip)), stop, stop * (sequence + 1.0), stop**2 * (sequence + 1.0))
    (number,) = number_alike([np.bincount(trip, weights=weight)[trip] for weight in weights])
    return number


CHECKS = (
    check_outcomes,
    check_journey_times,
    check_returns,
    check_advice,
    check_legs,
    check_legs_of_journeys,
    check_vehicle_times,
    check_loads,
    check_standing,
    check_visits_of_legs,
    check_denied,
    check_on_board,
    check_first_come_first_served,
)


# --- periods ----------------------------------------------------------------------------------------------


def _period_violations(world: World, period_s: float | None) -> list[str]:
    periods, visits = world.tables["periods"], world.tables["stop_visits"]
    departed = ~np.isnan(visits["departure_s"])
    rows, visit = _places(world, "periods"), _places(world, "stop_visits")
    if period_s is not None:
        rows.append(periods["period_start_s"])
        visit.append(np.floor(visits["departure_s"] / period_s) * period_s)
    place, served = number_alike(rows, [column[departed] for column in visit])
    size = 1 + int(max(place.max(initial=0), served.max(initial=0)))
    problems = []
    if period_s is not None and len(np.unique(place)) < len(place):
        problems.append("periods: a stop and period has several rows")
    if set(place.tolist()) != set(served.tolist()):
        problems.append("periods: rows are not those of the departures")
    sums = {
        "vehicles": (periods["vehicles"], np.ones(len(visits))),
        "load": (periods["load"] * periods["vehicles"], visits["departing_load"]),
        **{name: (periods[name], visits[name]) for name in ("boardings", "alightings", "denied_boardings")},
    }
    for name, (own, theirs) in sums.items():
        total = np.bincount(place, weights=own, minlength=size)
        expected = np.bincount(served, weights=theirs[departed], minlength=size)
        wrong = np.flatnonzero(np.abs(total - expected) > 1e-6)
        if len(wrong):
            problems.append(f"periods: {name} is not that of the stop visits in {len(wrong)} places")
    return problems


def _places(world: World, table: str) -> list[Any]:
    """Return the columns that name a stop of a line and direction on a day."""
    line, stop = world.text(table, "line_id", "line"), world.text(table, "stop_id", "stop")
    return [world.day(table), line, world.tables[table]["direction_id"], stop]

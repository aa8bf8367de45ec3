"""Fit running time noise and time at stops to what was observed on one direction of a line.

``peakshift calibrate`` simulates a day on a grid of values and prints how well each fits what the values can
change. From boardings by minute: in how many separate minutes, and in how many groups of consecutive minutes,
people boarded at each busy stop, and how far boardings lie from the nearest departure of a vehicle. From running
times: their mean and their standard deviation by pair of stops and hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from sim.advisor import strategy_by_name
from sim.arrays import FloatArray, IntArray
from sim.errors import SimError, UnknownNameError
from sim.experiments.replications import run_replications
from sim.loading.hints import did_you_mean, listed
from sim.loading.observations import Observations
from sim.model.no_advice import NO_ADVICE
from sim.model.scenario import Scenario
from sim.records.table import Table

NOISE = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)
DEAD_TIMES_S = (0.0, 5.0, 10.0)
LEAST_BOARDINGS = 100
"""Stops with fewer boardings say little about when vehicles came."""

LEAST_RUNS = 5
"""Running times of a pair of stops in an hour below which a standard deviation says little."""


@dataclass(frozen=True)
class LineDirection:
    """One direction of a line.

    Attributes
    ----------
    line_id : str
    direction_id : int
    stops : tuple of str
        All its stops in the order in which vehicles serve them.
    first_stops : frozenset of str
        Stops at which a pattern starts: vehicles leave them by dispatch and not by running time.
    in_order : frozenset of (str, str)
        Pairs of stops of which some pattern serves the second after the first; on a ring a stop after itself.
    """

    line_id: str
    direction_id: int
    stops: tuple[str, ...]
    first_stops: frozenset[str]
    in_order: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class SimulatedDays:
    """Visits and rides of one direction of a line on simulated days, one per replication."""

    visits: Table
    legs: Table

    def departures_s(self, replication: int) -> dict[str, FloatArray]:
        """Return, for each stop, the departures of vehicles in order."""
        mine = self.visits["replication"] == replication
        return {
            stop: np.sort(self.visits["departure_s"][mine & self.visits.equals("stop_id", stop)])
            for stop in self.visits.categories["stop_id"]
        }

    def boarding_minutes(self, replication: int) -> dict[str, IntArray]:
        """Return, for each stop, the minutes in which anybody boarded."""
        mine = self.legs["replication"] == replication
        minute = np.floor(self.legs["board_s"] / 60.0).astype(np.int64)
        return {
            stop: np.unique(minute[mine & self.legs.equals("board_stop_id", stop)])
            for stop in self.visits.categories["stop_id"]
        }

    def running_times(self, start: str, end: str) -> FloatArray:
        """Return departure from a stop and time to the next visit of another, shape (runs, 2), in seconds.

        Of all trips by both; where one comes to the first stop again before the other, as on a line with a loop, the
        later departure counts.
        """
        visits = self.visits
        trip = visits["replication"] * len(visits.categories["trip_id"]) + visits["trip_id"]
        longest = int(visits["stop_sequence"].max(initial=0)) + 1
        place = trip * longest + visits["stop_sequence"]
        first, last = (np.flatnonzero(visits.equals("stop_id", stop)) for stop in (start, end))
        first, last = first[np.argsort(place[first])], last[np.argsort(place[last])]
        following = np.searchsorted(place[last], place[first], side="right")
        later_start = np.append(place[first][1:], np.iinfo(np.int64).max)
        known = np.flatnonzero(following < len(last))
        ends = last[following[known]]
        rides = (trip[ends] == trip[first[known]]) & (place[ends] <= later_start[known])
        departure_s = visits["departure_s"][first[known[rides]]]
        return np.stack([departure_s, visits["arrival_s"][ends[rides]] - departure_s], axis=1)


@dataclass(frozen=True)
class Fit:
    """How well one pair of values fits; None where nothing was observed that could say it.

    Attributes
    ----------
    cv : float
        Coefficient of variation of the running time noise.
    dead_time_s : float
        Time at each stop beside that of passengers.
    minutes, groups : float or None
        Separate minutes and groups of minutes with boardings, summed over busy stops; means over days.
    gap_min : float or None
        Mean gap between an observed boarding and the nearest simulated departure.
    running_time_error, spread_error : float or None
        Root mean square of the relative errors of the mean and the standard deviation of running times.
    error : float
        Root mean square of all relative errors: minutes and groups by stop, mean and standard deviation by pair
        of stops and hour.
    """

    cv: float
    dead_time_s: float
    minutes: float | None
    groups: float | None
    gap_min: float | None
    running_time_error: float | None
    spread_error: float | None
    error: float


def line_direction(scenario: Scenario, line_id: str | None, direction_id: int | None) -> LineDirection:
    """Find a direction of a line; line and direction may be left out where there is only one.

    Raises
    ------
    UnknownNameError
        When there is no such line or direction, or several and none is named.
    """
    lines = [line.line_id for line in scenario.service.lines]
    chosen = _chosen_line(lines, line_id, scenario.name)
    patterns = [pattern for pattern in scenario.service.patterns if pattern.line == lines.index(chosen)]
    direction = _chosen_direction(chosen, sorted({pattern.direction_id for pattern in patterns}), direction_id)
    found = [pattern.stops for pattern in patterns if pattern.direction_id == direction]
    names = scenario.network.stop_id
    return LineDirection(
        chosen,
        direction,
        tuple(names[stop] for stop in _merged(found)),
        frozenset(names[stops[0]] for stops in found),
        frozenset((names[one], names[other]) for stops in set(found) for one, other in combinations(stops, 2)),
    )


def _chosen_line(lines: Sequence[str], line_id: str | None, scenario: str) -> str:
    if line_id is None and len(lines) > 1:
        raise UnknownNameError(f"--line: {scenario} has {len(lines)} lines; name one of {listed(lines)}")
    chosen = lines[0] if line_id is None else line_id
    if chosen not in lines:
        raise UnknownNameError(
            f"--line: there is no line {chosen!r}{did_you_mean(chosen, lines)}; lines are {listed(lines)}"
        )
    return chosen


def _chosen_direction(line_id: str, directions: Sequence[int], direction_id: int | None) -> int:
    known = listed(map(str, directions))
    if direction_id is None and len(directions) > 1:
        raise UnknownNameError(f"--direction: line {line_id} runs in directions {known}; name one")
    direction = directions[0] if direction_id is None else direction_id
    if direction not in directions:
        raise UnknownNameError(f"--direction: line {line_id} has no direction {direction}; it has {known}")
    return direction


def _merged(patterns: Sequence[tuple[int, ...]]) -> list[int]:
    """Return the stops of all patterns in one order: the longest first, others put in before what follows them."""
    order: list[int] = []
    for stops in sorted(patterns, key=len, reverse=True):
        place = len(order)
        for stop in reversed(stops):
            if stop in order:
                place = order.index(stop)
            else:
                order.insert(place, stop)
    return order


def simulate_line(scenario: Scenario, line: LineDirection) -> SimulatedDays:
    """Simulate the days of all replications without advice and keep what one direction of a line shows."""
    tables = run_replications(scenario, [strategy_by_name(NO_ADVICE)])
    visits, legs = tables["stop_visits"], tables["legs"]
    visits = visits.where(visits.equals("line_id", line.line_id) & (visits["direction_id"] == line.direction_id))
    trips = {visits.categories["trip_id"][code] for code in np.unique(visits["trip_id"]).tolist()}
    mine = np.array([trip in trips for trip in legs.categories["trip_id"]], dtype=np.bool_)
    return SimulatedDays(visits, legs.where(mine[legs["trip_id"]]))


def with_values(scenario: Scenario, cv: float, dead_time_s: float) -> Scenario:
    """Return a scenario with lognormal running time noise and another time at stops for all vehicle types."""
    service = scenario.parameters.service
    law = {"distribution": "none" if cv == 0 else "lognormal", "cv": cv}
    noise = service.running_time_noise.model_copy(update=law)
    parameters = scenario.parameters.model_copy(
        update={"service": service.model_copy(update={"running_time_noise": noise})}
    )
    types = tuple(replace(kind, dead_time_s=dead_time_s) for kind in scenario.service.vehicle_types)
    return replace(scenario, parameters=parameters, service=replace(scenario.service, vehicle_types=types))


def busy_stops(observed: Observations, line: LineDirection) -> list[str]:
    """Return the stops with boardings enough, but those at which vehicles are dispatched."""
    return [
        stop
        for stop in line.stops
        if stop not in line.first_stops and len(observed.boarding_minutes.get(stop, ())) >= LEAST_BOARDINGS
    ]


def observed_counts(observed: Observations, line: LineDirection) -> tuple[int, int]:
    """Return separate minutes and groups of minutes with boardings, summed over busy stops."""
    minutes = [observed.boarding_minutes[stop] for stop in busy_stops(observed, line)]
    return sum(len(np.unique(at)) for at in minutes), sum(map(groups, minutes))


def calibrate(
    scenario: Scenario,
    line: LineDirection,
    observed: Observations,
    noise: Sequence[float] = NOISE,
    dead_times_s: Sequence[float] = DEAD_TIMES_S,
) -> list[Fit]:
    """Simulate and compare every pair of values of the grid.

    Parameters
    ----------
    scenario : Scenario
        Its replications are the simulated days.
    line : LineDirection
        What was observed.
    observed : Observations
    noise : sequence of float
        Coefficients of variation; 0 is no noise.
    dead_times_s : sequence of float
        In seconds.

    Raises
    ------
    SimError
        When nothing was observed often enough.
    """
    if not busy_stops(observed, line) and not any(True for _ in _hours(observed.running_times)):
        raise SimError(
            f"the observations are too few: no stop after the first has {LEAST_BOARDINGS} boardings, and no pair of "
            f"stops {LEAST_RUNS} running times in one hour that differ"
        )
    return [
        _fit(simulate_line(with_values(scenario, cv, dead_s), line), line, observed, cv, dead_s)
        for dead_s in dead_times_s
        for cv in noise
    ]


def _fit(days: SimulatedDays, line: LineDirection, observed: Observations, cv: float, dead_time_s: float) -> Fit:
    minutes = grouped = gap_min = mean_error = spread_error = None
    errors: list[FloatArray] = []
    if stops := busy_stops(observed, line):
        seen = np.array([observed_minutes_and_groups(observed.boarding_minutes[stop]) for stop in stops])
        got = np.mean([_minutes_and_groups(days, stops, at) for at in _replications(days)], axis=0)
        errors.append((got / seen - 1.0).ravel())
        minutes, grouped = (float(total) for total in got.sum(axis=0))
        gap_min = float(np.concatenate(list(_gaps(days, observed, stops))).mean())
    compared = [
        (runs.mean(), simulated.mean(), runs.std(ddof=1), simulated.std(ddof=1))
        for pair, hour, runs in _hours(observed.running_times)
        if len(simulated := _in_hour(days.running_times(*pair), hour)) >= LEAST_RUNS
    ]
    if compared:
        mean, simulated_mean, spread, simulated_spread = np.array(compared).T
        of_mean, of_spread = simulated_mean / mean - 1.0, simulated_spread / spread - 1.0
        errors += [of_mean, of_spread]
        mean_error, spread_error = _root_mean_square(of_mean), _root_mean_square(of_spread)
    if not errors:
        raise SimError("no simulated vehicle runs in the hours of the observed running times")
    error = _root_mean_square(np.concatenate(errors))
    return Fit(cv, dead_time_s, minutes, grouped, gap_min, mean_error, spread_error, error)


def observed_minutes_and_groups(minutes: IntArray) -> tuple[int, int]:
    """Return the separate minutes of boardings, and the groups of consecutive ones."""
    return len(np.unique(minutes)), groups(minutes)


def _minutes_and_groups(days: SimulatedDays, stops: Sequence[str], replication: int) -> list[tuple[int, int]]:
    minutes = days.boarding_minutes(replication)
    return [observed_minutes_and_groups(minutes[stop]) for stop in stops]


def _gaps(days: SimulatedDays, observed: Observations, stops: Sequence[str]) -> Iterator[FloatArray]:
    for replication in _replications(days):
        departures_s = days.departures_s(replication)
        for stop in stops:
            if not len(departures_s[stop]):
                raise SimError(f"people boarded at {stop}, but no simulated vehicle of the line calls there")
            yield nearest_gap_min(observed.boarding_minutes[stop], departures_s[stop])


def _replications(days: SimulatedDays) -> list[int]:
    found: list[int] = np.unique(days.visits["replication"]).tolist()
    return found


def _hours(running_times: Mapping[tuple[str, str], FloatArray]) -> Iterator[tuple[tuple[str, str], int, FloatArray]]:
    """Yield pair of stops, hour and running times in seconds wherever these are enough and differ."""
    for pair, runs in running_times.items():
        for hour in np.unique(runs[:, 0] // 3600.0).astype(int).tolist():
            took_s = _in_hour(runs, hour)
            if len(took_s) >= LEAST_RUNS and np.ptp(took_s) > 0:
                yield pair, hour, took_s


def _in_hour(runs: FloatArray, hour: int) -> FloatArray:
    took_s: FloatArray = runs[runs[:, 0] // 3600.0 == hour, 1]
    return took_s


def _root_mean_square(errors: FloatArray) -> float:
    return float(np.sqrt((errors**2).mean()))


def groups(minutes: IntArray) -> int:
    """Count runs of consecutive minutes: how often somebody boarded after a minute in which nobody did."""
    return int((np.diff(np.unique(minutes)) > 1).sum()) + 1 if len(minutes) else 0


def nearest_gap_min(minutes: IntArray, departures_s: FloatArray) -> FloatArray:
    """Return the gap between each boarding minute and the nearest departure of a vehicle, in minutes."""
    left = np.floor(departures_s / 60.0)
    after = np.searchsorted(left, minutes).clip(1, len(left) - 1)
    gap: FloatArray = np.minimum(np.abs(minutes - left[after - 1]), np.abs(left[after] - minutes))
    return gap

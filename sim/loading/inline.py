"""Networks written in a scenario file: stops, lines and their trips.

Each line runs one way over one stop pattern, with running times of its own. Times are seconds after midnight.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import Problem
from sim.loading.hints import did_you_mean, listed
from sim.loading.street import ASSUMED_SPEED_M_PER_S
from sim.loading.vehicle_types import vehicle_type
from sim.model.network import Network
from sim.model.notes import note
from sim.model.parameters import LineParameters, ScenarioParameters
from sim.model.service import HeadwayLaw, Line, Service, StopPattern

KeyPath = tuple[str | int, ...]
PlaceKey = Callable[[KeyPath, str], Problem]
"""Makes a problem of a key path of the scenario and a message."""

_LEAST_DIGITS = 4
_SCHEMATIC_ROW_M = 500.0


@dataclass(frozen=True)
class _Trip:
    departure_s: float
    trip_id: str
    line: int


def check_inline(parameters: ScenarioParameters, place: PlaceKey) -> list[Problem]:
    """Find what keeps the lines of a scenario file from being a network.

    Parameters
    ----------
    parameters : ScenarioParameters
        With `network.lines`.
    place : callable
        Makes a problem of a key path and a message.
    """
    return [*_check_stops(parameters, place), *_check_lines(parameters, place)]


def inline_network(parameters: ScenarioParameters) -> Network:
    """Build the network of a scenario that passed `check_inline`.

    Positions are those given; where one is missing all are drawn along the lines by running
    time, and the network is schematic.
    """
    lines = parameters.network.lines
    index = _stop_index(parameters)
    links = dict(sorted(_links(lines).items(), key=lambda item: (index[item[0][0]], index[item[0][1]])))
    given = {stop.id: (stop.x_m, stop.y_m) for stop in parameters.network.stops}
    placed = {stop: (x, y) for stop, (x, y) in given.items() if x is not None and y is not None}
    schematic = len(placed) < len(index)
    positions = _drawn_positions(lines, index) if schematic else np.array([placed[stop] for stop in index])
    time = np.array([running_time for running_time, _ in links.values()])
    notes = [note("inline_network")]
    if schematic:
        notes.append(note("schematic_stops"))
    if any(line.lengths_m is None for line in lines):
        notes.append(note("assumed_lengths"))
    return Network(
        name=parameters.name,
        stop_id=tuple(index),
        stop_name=tuple(index),
        stop_x=positions[:, 0],
        stop_y=positions[:, 1],
        geographic=False,
        schematic=schematic,
        link_id=tuple(f"{start}>{end}" for start, end in links),
        link_from=np.array([index[start] for start, _ in links], dtype=np.int64),
        link_to=np.array([index[end] for _, end in links], dtype=np.int64),
        link_length_m=np.array([length for _, length in links.values()]),
        link_running_time_s=time,
        notes=tuple(notes),
    )


def inline_service(parameters: ScenarioParameters, network: Network) -> Service:
    """Build the service of a scenario that passed `check_inline`.

    A line with a law of headways is scheduled at even ones: trip k, counted from 1, leaves at
    ``first + k * mean``.
    """
    lines = parameters.network.lines
    kinds = parameters.service.vehicles
    kind_row = {name: row for row, name in enumerate(kinds)}
    trips = sorted(
        (trip for row, line in enumerate(lines) for trip in _trips(row, line)),
        key=lambda trip: (trip.departure_s, trip.trip_id),
    )
    passages = [_passages_s(line)[_served(line)] for line in lines]
    line_of_trip = np.array([trip.line for trip in trips], dtype=np.int64)
    visits = np.array([len(passages[trip.line]) for trip in trips], dtype=np.int64)
    times = np.concatenate([trip.departure_s + passages[trip.line] for trip in trips])
    return Service(
        lines=tuple(Line(line.id, line.id, "", "bus") for line in lines),
        patterns=tuple(_pattern(row, line, network) for row, line in enumerate(lines)),
        vehicle_types=tuple(vehicle_type(name, kind) for name, kind in kinds.items()),
        trip_id=tuple(trip.trip_id for trip in trips),
        trip_pattern=line_of_trip,
        trip_vehicle_type=np.array([kind_row[lines[trip.line].vehicle] for trip in trips], dtype=np.int64),
        trip_block=np.arange(len(trips), dtype=np.int64),
        block_id=tuple(trip.trip_id for trip in trips),
        visit_ptr=np.concatenate([[0], np.cumsum(visits)]).astype(np.int64),
        scheduled_arrival_s=times,
        scheduled_departure_s=times.copy(),
        headway_laws=tuple(_headway_laws(lines, line_of_trip)),
    )


def _headway_laws(lines: Sequence[LineParameters], line_of_trip: IntArray) -> Iterator[HeadwayLaw]:
    for row, line in enumerate(lines):
        if line.headway is not None:
            yield HeadwayLaw(
                trips=np.flatnonzero(line_of_trip == row).astype(np.int64),
                distribution=line.headway.distribution,
                mean_s=line.headway.mean_s,
                cv=line.headway.cv,
                first_s=line.headway.first_s,
            )


def inline_stops(parameters: ScenarioParameters) -> list[str]:
    """List the stops of the lines of a scenario file, and those only placed."""
    return list(_stop_index(parameters))


def stops_on_lines(parameters: ScenarioParameters) -> set[str]:
    """Return the stops some line of the scenario file serves."""
    return {line.stops[place] for line in parameters.network.lines for place in _served(line)}


def _check_stops(parameters: ScenarioParameters, place: PlaceKey) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for number, stop in enumerate(parameters.network.stops):
        path: KeyPath = ("network", "stops", number)
        if stop.id in seen:
            yield place((*path, "id"), f"duplicate {stop.id!r}, first at network.stops.{seen[stop.id]}")
        seen.setdefault(stop.id, number)
        if (stop.x_m is None) != (stop.y_m is None):
            yield place(path, "give both x and y, or neither")


def _check_lines(parameters: ScenarioParameters, place: PlaceKey) -> Iterator[Problem]:
    kinds = parameters.service.vehicles
    stated: dict[tuple[str, str], tuple[float, str]] = {}
    running_s = {pair: time for pair, (time, _) in _links(parameters.network.lines).items()}
    for number, line in enumerate(parameters.network.lines):
        path: KeyPath = ("network", "lines", number)
        if line.vehicle not in kinds:
            known = f"service.vehicles has {listed(kinds)}" if kinds else "service.vehicles names none"
            hint = did_you_mean(line.vehicle, kinds)
            yield place((*path, "vehicle"), f"unknown vehicle type {line.vehicle!r}{hint}; {known}")
        if line.departures is not None and not line.departures:
            yield place((*path, "departures"), "needs at least 1 departure, found 0")
        for hop, (start, end) in enumerate(pairwise(line.stops)):
            if start == end:
                yield place((*path, "stops", hop + 1), f"the stop {end!r} follows itself")
            if line.running_times_s[hop] > 0 and running_s[start, end] == 0:
                message = (
                    f"must be 0 s from {start!r} to {end!r}, as another line has it there, or more than 0 for both"
                )
                yield place((*path, "running_times", hop), message)
        for hop, length in enumerate(line.lengths_m or ()):
            if length <= 0:
                yield place((*path, "lengths", hop), f"must be more than 0, found {length:g}")
            first, by = stated.setdefault((line.stops[hop], line.stops[hop + 1]), (length, line.id))
            if first != length:
                yield place(
                    (*path, "lengths", hop), f"{length:g} m, but line {by!r} has {first:g} m between these stops"
                )


def _stop_index(parameters: ScenarioParameters) -> dict[str, int]:
    """Return the row of each stop, in the order of first appearance."""
    names = [stop.id for stop in parameters.network.stops]
    names += [stop for line in parameters.network.lines for stop in line.stops]
    return {stop: row for row, stop in enumerate(dict.fromkeys(names))}


def _links(lines: tuple[LineParameters, ...]) -> dict[tuple[str, str], tuple[float, float]]:
    """Return the shortest running time in seconds, and length in metres, of each link."""
    times: dict[tuple[str, str], float] = {}
    lengths: dict[tuple[str, str], float] = {}
    for line in lines:
        for hop, pair in enumerate(pairwise(line.stops)):
            times[pair] = min(line.running_times_s[hop], times.get(pair, math.inf))
            if line.lengths_m is not None:
                lengths.setdefault(pair, line.lengths_m[hop])
    return {pair: (time, lengths.get(pair, time * ASSUMED_SPEED_M_PER_S)) for pair, time in times.items()}


def _passages_s(line: LineParameters) -> FloatArray:
    """Return when a vehicle is at each of the stops, passed ones too; seconds after the first."""
    return np.concatenate([[0.0], np.cumsum(line.running_times_s)])


def _served(line: LineParameters) -> list[int]:
    """Return the places of the stops at which the line stops."""
    return [place for place, stop in enumerate(line.stops) if stop not in line.passes]


def _drawn_positions(lines: tuple[LineParameters, ...], index: dict[str, int]) -> FloatArray:
    """Draw each line as a row, its stops by running time at 30 km/h; metres."""
    drawn: dict[str, tuple[float, float]] = {}
    for row, line in enumerate(lines):
        for stop, time in zip(line.stops, _passages_s(line), strict=True):
            drawn.setdefault(stop, (float(time) * ASSUMED_SPEED_M_PER_S, -row * _SCHEMATIC_ROW_M))
    outside = (0.0, _SCHEMATIC_ROW_M)
    return np.array([drawn.get(stop, outside) for stop in index])


def _trips(row: int, line: LineParameters) -> list[_Trip]:
    if line.headway is not None:
        law = line.headway
        departures = [law.first_s + number * law.mean_s for number in range(1, law.trips + 1)]
    else:
        departures = list(line.departures or ())
    digits = max(_LEAST_DIGITS, len(str(len(departures))))
    return [
        _Trip(departure, f"{line.id}-{number:0{digits}d}", row) for number, departure in enumerate(departures, start=1)
    ]


def _pattern(row: int, line: LineParameters, network: Network) -> StopPattern:
    stops = [network.stop_index[stop] for stop in line.stops]
    links = [network.link_index[pair] for pair in pairwise(stops)]
    hops = [tuple(links[start:end]) for start, end in pairwise(_served(line))]
    own_s = [float(np.sum(line.running_times_s[start:end])) for start, end in pairwise(_served(line))]
    free_s = [float(network.link_running_time_s[list(hop)].sum()) for hop in hops]
    paces = tuple(own / free if free > 0 else 1.0 for own, free in zip(own_s, free_s, strict=True))
    return StopPattern(
        f"{line.id}:0:1",
        row,
        0,
        tuple(stops[place] for place in _served(line)),
        tuple(hops),
        pace=paces if any(pace != 1.0 for pace in paces) else (),
    )

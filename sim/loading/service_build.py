"""The service of one day, put together from the tables of a feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import IntArray
from sim.loading.gtfs_tables import Frequencies, Lines, Stops, Trips
from sim.loading.gtfs_times import StopTimes
from sim.loading.hop_ways import HopWays
from sim.model.link_uses import way_of
from sim.model.service import Service, StopPattern, VehicleType
from sim.units import format_clock


@dataclass(frozen=True)
class Feed:
    """The tables of a feed that a service is made of."""

    stops: Stops
    lines: Lines
    trips: Trips
    times: StopTimes
    frequencies: Frequencies | None


@dataclass(frozen=True)
class _TripOfDay:
    """One trip of the day: a trip of the feed, moved in time."""

    departure_s: float
    trip_id: str
    trip: int
    shift_s: float
    block_id: str


def build_service(
    feed: Feed, ways: HopWays, chosen: IntArray, kinds: Sequence[VehicleType], kind_of_trip: IntArray
) -> Service:
    """Build the service of the chosen trips.

    Parameters
    ----------
    feed : Feed
    ways : HopWays
        Has a way for every hop of the chosen trips.
    chosen : ndarray of int
        Rows of the trips that run, each with two stops at least.
    kinds : sequence of VehicleType
    kind_of_trip : ndarray of int, shape (trips of the feed,)
        Row of the vehicle type of each trip.
    """
    patterns, pattern_of, line_rows = _patterns(feed, ways, chosen)
    runs = sorted(_runs(feed, chosen), key=lambda run: (run.departure_s, run.trip_id))
    trip = np.array([run.trip for run in runs], dtype=np.int64)
    slices = [slice(feed.times.ptr[row], feed.times.ptr[row + 1]) for row in trip]
    moved = [(part, run.shift_s) for part, run in zip(slices, runs, strict=True)]
    blocks: dict[str, int] = {}
    block = np.array([blocks.setdefault(run.block_id, len(blocks)) for run in runs], dtype=np.int64)
    visits = np.diff(feed.times.ptr)[trip]
    return Service(
        lines=tuple(feed.lines.lines[row] for row in line_rows),
        patterns=patterns,
        vehicle_types=tuple(kinds),
        trip_id=tuple(run.trip_id for run in runs),
        trip_pattern=np.array([pattern_of[int(row)] for row in trip], dtype=np.int64),
        trip_vehicle_type=kind_of_trip[trip],
        trip_block=block,
        block_id=tuple(blocks),
        visit_ptr=np.concatenate([[0], np.cumsum(visits)]).astype(np.int64),
        scheduled_arrival_s=np.concatenate([feed.times.arrival_s[part] + shift for part, shift in moved]),
        scheduled_departure_s=np.concatenate([feed.times.departure_s[part] + shift for part, shift in moved]),
    )


def _patterns(feed: Feed, ways: HopWays, chosen: IntArray) -> tuple[tuple[StopPattern, ...], dict[int, int], list[int]]:
    """Group trips by line, direction, stops and where to board; return patterns, pattern by trip, lines used."""
    line_rows = sorted({int(feed.trips.line[trip]) for trip in chosen})
    new_line = {row: place for place, row in enumerate(line_rows)}
    known: dict[tuple[int, int, bytes, bytes, bytes], int] = {}
    pattern_of: dict[int, int] = {}
    patterns: list[StopPattern] = []
    numbers: dict[tuple[int, int], int] = {}
    for trip in chosen:
        part = slice(feed.times.ptr[trip], feed.times.ptr[trip + 1])
        stops, boards, alights = feed.times.stop[part], feed.times.boards[part], feed.times.alights[part]
        line, direction = int(feed.trips.line[trip]), int(feed.trips.direction[trip])
        key = (line, direction, stops.tobytes(), boards.tobytes(), alights.tobytes())
        if key not in known:
            known[key] = len(patterns)
            number = numbers[line, direction] = numbers.get((line, direction), 0) + 1
            made_for = way_of(feed.lines.lines[line].mode)
            pairs = list(pairwise(stops.tolist()))
            hops = [ways.links(*pair, made_for) for pair in pairs]
            paces = [ways.pace(*pair, hop) for pair, hop in zip(pairs, hops, strict=True)]
            patterns.append(
                StopPattern(
                    pattern_id=f"{feed.lines.lines[line].line_id}:{direction}:{number}",
                    line=new_line[line],
                    direction_id=direction,
                    stops=tuple(int(stop) for stop in stops),
                    links=tuple(hops),
                    no_boarding=frozenset(np.flatnonzero(~boards).tolist()),
                    no_alighting=frozenset(np.flatnonzero(~alights).tolist()),
                    pace=tuple(paces) if any(pace != 1.0 for pace in paces) else (),
                )
            )
        pattern_of[int(trip)] = known[key]
    return tuple(patterns), pattern_of, line_rows


def _runs(feed: Feed, chosen: IntArray) -> list[_TripOfDay]:
    """Return the trips of the day; one with frequencies is repeated instead of run as it stands."""
    ids, blocks = feed.trips.text("trip_id"), feed.trips.text("block_id")
    taken = set(blocks) - {""}
    repeated = _repetitions(feed.frequencies)
    runs = []
    for trip in chosen.tolist():
        start = float(feed.times.departure_s[feed.times.ptr[trip]])
        if trip not in repeated:
            runs.append(_TripOfDay(start, ids[trip], trip, 0.0, blocks[trip] or _own_block(ids[trip], taken)))
            continue
        for departure in repeated[trip]:
            name = f"{ids[trip]}@{format_clock(departure)}"
            runs.append(_TripOfDay(departure, name, trip, departure - start, _own_block(name, taken)))
    return runs


def _repetitions(frequencies: Frequencies | None) -> dict[int, list[float]]:
    """Return the departures of each trip with frequencies, in order and each once."""
    departures: dict[int, set[float]] = {}
    if frequencies is not None:
        columns = (frequencies.trip, frequencies.start_s, frequencies.end_s, frequencies.headway_s)
        for trip, start, end, headway in zip(*columns, strict=True):
            steps = int(np.ceil((end - start) / headway))
            departures.setdefault(int(trip), set()).update((start + headway * np.arange(steps)).tolist())
    return {trip: sorted(times) for trip, times in departures.items()}


def _own_block(trip_id: str, taken: set[str]) -> str:
    """Name the block of a trip the data give none, apart from the names the data use."""
    return f"{trip_id} (own)" if trip_id in taken else trip_id

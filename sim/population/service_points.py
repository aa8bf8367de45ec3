"""Where traffic is observed: stops of stop patterns, taken together where nothing that follows differs.

What is seen of a vehicle at a stop tells people only of vehicles that go on in the same way. Two places on stop
patterns are one service point if from there on vehicles call at the same stops over the same links in the same time,
and if everybody who would board one of them would board the other. Which line or direction a feed counts them to is
not asked, so that it makes no difference whether branches have one route id or one each
(tests/functional/test_branched_lines.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import LegTable
from sim.model.service import Service, StopPattern
from sim.population.boarding_groups import NOTHING_CUT_SHORT, BoardingGroups, CutShort, RowPlaces, boarding_groups
from sim.randomness import UInt64Array, entity_keys, text_keys

SAMPLES_PER_PERIOD = 5
"""Instants of a period, evenly spread, at which the wait of somebody who comes is read off."""

SAME_RUN_S = 30.0
"""Scheduled times to the next stop that round to the same multiple of this are the same (assumed)."""


@dataclass(frozen=True)
class PointCourses:
    """What follows service points: courses, each of which is a stop and the course after it.

    Attributes
    ----------
    stop_key : ndarray of uint64, shape (stops,)
        Keys of the names of stops.
    course, point : ndarray of int, shape (2, courses) and (2, points)
        Row of the stop, and the course that follows; -1 at the end. A course follows none of a higher number.
    """

    stop_key: UInt64Array
    course: IntArray
    point: IntArray

    def keys(self) -> UInt64Array:
        """Return a key for each point from the stops that follow; points before the same ones differ by their order."""
        key = self._keyed(self.point, self._course_keys())
        order = np.argsort(key, kind="stable")
        rank = np.zeros(len(key), dtype=np.int64)
        rank[order] = np.arange(len(key)) - np.searchsorted(key[order], key[order])
        return entity_keys(key.view(np.int64), rank)

    def _course_keys(self) -> UInt64Array:
        """Return a key for each course, beginning with those at the end; all as far from the end at a time."""
        stops_left: list[int] = []
        for follows in self.course[1].tolist():
            stops_left.append(stops_left[follows] + 1 if follows >= 0 else 0)
        far, key = np.array(stops_left, dtype=np.int64), np.zeros(len(stops_left), dtype=np.uint64)
        for number in range(int(far.max(initial=-1)) + 1):
            rows = np.flatnonzero(far == number)
            key[rows] = self._keyed(self.course[:, rows], key)
        return key

    def _keyed(self, before: IntArray, course_key: UInt64Array) -> UInt64Array:
        stop, follows = before
        onward = np.append(course_key, np.uint64(0))[follows]
        return entity_keys(onward.view(np.int64), self.stop_key[stop].view(np.int64))


@dataclass(frozen=True)
class ServicePoints:
    """The service points, numbered, and the grid of periods.

    Attributes
    ----------
    visit_point : ndarray of int, shape (visits,)
        Service point of each visit.
    pattern_points : tuple of ndarray of int
        Service point of each position of each pattern, and of the stops beyond where its trips go
        on as others: these without the first, which is the last one of the pattern itself.
    pattern_length : ndarray of int, shape (patterns,)
        Number of positions of each pattern itself.
    points : int
        Number of service points.
    period_s : float
        Width of a period; the first starts at midnight.
    periods : int
        Number of periods.
    courses : PointCourses
        What follows each of them.
    groups : BoardingGroups
        The vehicles that people wait for; the first groups are all vehicles of each service point.
    visit_block : ndarray of int, shape (visits,)
        Row of the block of each visit: of vehicles in the same instant the one with the least acts first.
    open_doors : bool
        Whether people who come while a vehicle stands board it.
    patience_s : float
        How long people wait at one stop before they give up; infinite for ever.
    """

    visit_point: IntArray
    pattern_points: tuple[IntArray, ...]
    pattern_length: IntArray
    points: int
    period_s: float
    periods: int
    courses: PointCourses
    groups: BoardingGroups
    visit_block: IntArray
    open_doors: bool = False
    patience_s: float = np.inf

    @cached_property
    def key(self) -> UInt64Array:
        """Key of each service point for random numbers, shape (points,)."""
        return self.courses.keys()

    def cell_keys(self) -> UInt64Array:
        """Return a key for every service point and period, shape (points, periods)."""
        return entity_keys(self.key[:, None], np.arange(self.periods))

    def instants(self) -> FloatArray:
        """Return the sample instants in seconds after midnight, shape (periods, SAMPLES_PER_PERIOD)."""
        offset = (np.arange(SAMPLES_PER_PERIOD) + 0.5) / SAMPLES_PER_PERIOD
        return (np.arange(self.periods)[:, None] + offset) * self.period_s


def service_points(
    service: Service,
    stop_id: Sequence[str],
    period_s: float,
    legs: LegTable | None = None,
    ends_broken: BoolArray | None = None,
    *,
    open_doors: bool = False,
    patience_s: float = np.inf,
    cut_short: CutShort = NOTHING_CUT_SHORT,
) -> ServicePoints:
    """Give every service point a number and lay the grid of periods over the day.

    Parameters
    ----------
    service : Service
    stop_id : sequence of str
        Names of the stops of the network.
    period_s : float
        Width of a period in seconds.
    legs : LegTable or None
        The legs that people may ride: places that not all of them may board alike are points of their own. None where
        everybody boards whatever goes on in the same way.
    ends_broken : ndarray of bool, shape (trips,), or None
        Whose vehicles break down for good; it counts where people know real times.
    open_doors : bool
        Whether people who come while a vehicle stands board it.
    patience_s : float
        How long people wait at one stop before they give up; infinite for ever.
    cut_short : CutShort
    """
    lengths = np.array([len(pattern.stops) for pattern in service.patterns], dtype=np.int64)
    boarded = _boarded_alike(lengths, legs)
    hop_s = _scheduled_hops(service)
    courses, numbers = _CourseNumbers(), list[IntArray]()
    for row, pattern in enumerate(service.patterns):
        numbers.append(courses.points_of(pattern, hop_s[row], boarded[row]))
    follows = service.runs.next_pattern(service.trip_pattern, len(service.patterns))
    pattern_points = tuple(
        own if onward < 0 else np.concatenate([own, numbers[onward][1:]])
        for own, onward in zip(numbers, follows, strict=True)
    )
    visit_point = np.concatenate([np.zeros(0, dtype=np.int64), *(numbers[row] for row in service.trip_pattern)])
    latest_s = float(service.scheduled_arrival_s.max(initial=0.0))
    rows = None if legs is None else row_places(legs, pattern_points, lengths, service.patterns, cut_short)
    return ServicePoints(
        visit_point=visit_point,
        pattern_points=pattern_points,
        pattern_length=lengths,
        points=len(courses.point),
        period_s=period_s,
        periods=int(latest_s * 1.1 // period_s) + 2,
        courses=PointCourses(text_keys(stop_id), _rows(courses.course), _rows(courses.point)),
        groups=boarding_groups(service, visit_point, len(courses.point), rows, ends_broken),
        visit_block=service.trip_block[service.visit_trip],
        open_doors=open_doors,
        patience_s=patience_s,
    )


def row_places(
    legs: LegTable,
    pattern_points: Sequence[IntArray],
    pattern_length: IntArray,
    patterns: Sequence[StopPattern] = (),
    cut_short: CutShort = NOTHING_CUT_SHORT,
) -> RowPlaces:
    """Return where the rows of legs board and how far they ride.

    Parameters
    ----------
    legs : LegTable
    pattern_points : sequence of ndarray of int
    pattern_length : ndarray of int, shape (patterns,)
        See `ServicePoints`.
    patterns : sequence of StopPattern
        Needed only where some stop closes.
    cut_short : CutShort
    """
    ptr = np.concatenate([[0], np.cumsum([len(points) for points in pattern_points])]).astype(np.int64)
    point = np.concatenate([*pattern_points, np.zeros(0, dtype=np.int64)])
    # Beyond the last stop of a pattern the first one of what follows is the same place.
    beyond = legs.alight_sequence >= pattern_length[legs.pattern]
    hops = legs.alight_sequence - beyond - legs.board_sequence
    at = point[ptr[legs.pattern] + legs.board_sequence]
    # Vehicles of one point run on alike as planned: whoever waits there boards those of all its patterns.
    short = np.isin(at, at[np.isin(legs.pattern, list(cut_short.patterns))])
    if cut_short.closing:
        stops = [pattern.reached_stops() for pattern in patterns]
        ends = zip(legs.pattern.tolist(), legs.alight_sequence.tolist(), strict=True)
        short |= np.array([stops[pattern][place] in cut_short.closing for pattern, place in ends], dtype=np.bool_)
    return RowPlaces(legs, at, hops, legs.alight_sequence - legs.board_sequence, short)


class _CourseNumbers:
    """Numbers courses, which are what follows from a place on a pattern to its end, and service points."""

    def __init__(self) -> None:
        self.course: dict[tuple[Any, ...], int] = {}
        self.point: dict[tuple[Any, ...], int] = {}

    def points_of(self, pattern: StopPattern, hop_s: FloatArray, boarded: UInt64Array) -> IntArray:
        """Return the service point of each position of a pattern itself, from its last stop back to the first."""
        stops, links = pattern.reached_stops(), pattern.reached_links()
        paces, boards, alights = pattern.reached_paces(), pattern.reached_boards(), pattern.reached_alights()
        found = np.zeros(len(pattern.stops), dtype=np.int64)
        follows = -1
        for place in range(len(stops) - 1, -1, -1):
            hop: tuple[object, ...] = ()
            if place < len(links):
                run = round(float(hop_s[place]) / SAME_RUN_S) if place < len(hop_s) else 0
                hop = links[place], round(paces[place], 6), run
            if place < len(found):
                point = stops[place], follows, bool(boards[place]), int(boarded[place]), hop
                found[place] = self.point.setdefault(point, len(self.point))
            course = stops[place], follows, bool(alights[place]), hop
            follows = self.course.setdefault(course, len(self.course))
        return found


def _rows(known: Iterable[tuple[Any, ...]]) -> IntArray:
    """Return the stop and what follows of courses or points in the order of their numbers, shape (2, n)."""
    return np.array([one[:2] for one in known], dtype=np.int64).reshape(-1, 2).T


def _boarded_alike(lengths: IntArray, legs: LegTable | None) -> list[UInt64Array]:
    """Return by pattern and position a number for the legs that board there, and when they do; 0 for none."""
    ptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    found = np.zeros(int(ptr[-1]), dtype=np.uint64)
    if legs is not None and len(legs):
        leg = np.repeat(np.arange(len(legs)), np.diff(legs.set_ptr))
        # A sum of hashes does not depend on the order of the legs that board at a place.
        spans = (
            np.nan_to_num(times, posinf=1e9, neginf=-1e9).astype(np.int64) for times in (legs.from_s, legs.until_s)
        )
        with np.errstate(over="ignore"):
            np.add.at(found, ptr[legs.pattern] + legs.board_sequence, entity_keys(leg, *spans))
    return np.split(found, ptr[1:-1])


def _scheduled_hops(service: Service) -> list[FloatArray]:
    """Return the mean scheduled time in seconds from each position of a pattern to the next one."""
    order = np.argsort(service.trip_pattern, kind="stable")
    bounds = np.searchsorted(service.trip_pattern[order], np.arange(len(service.patterns) + 1))
    found = []
    for row, pattern in enumerate(service.patterns):
        trips = order[bounds[row] : bounds[row + 1]]
        visit = service.visit_ptr[trips][:, None] + np.arange(len(pattern.stops) - 1)
        took_s = service.scheduled_arrival_s[visit + 1] - service.scheduled_departure_s[visit]
        found.append(took_s.mean(axis=0) if len(trips) else np.zeros(len(pattern.stops) - 1))
    return found

"""Lines, stop patterns, trips, blocks and vehicle types.

Conventions: everything is known by its row number; a visit is one trip at one stop, and the
visits of a trip are the rows ``visit_ptr[trip]`` to ``visit_ptr[trip + 1] - 1``. Times in
seconds after midnight of the service day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.trip_runs import TripRuns

Mode = Literal["bus", "metro", "rail", "tram", "ferry", "other"]
"""What runs on a line, by the route type of its feed."""

DwellRuleName = Literal["constant", "sum", "max", "dueker", "headway"]
"""How the dwell follows from boardings and alightings; see `sim.engine.dwell`."""


@dataclass(frozen=True)
class VehicleType:
    """Room and dwell rule of a kind of vehicle; times in seconds, floor for standing in square metres.

    `own_fare_payment` and `own_door` tell whether the type itself names how fares are paid and
    the door for alighting, which then go before what the scenario says for all types.
    """

    vehicle_type: str
    seats: int
    capacity: int
    doors: int
    dwell_rule: DwellRuleName
    dead_time_s: float
    boarding_s: float
    alighting_s: float
    boarding_channels: int
    alighting_channels: int
    standee_friction_s: float
    dwell_per_headway: float = 0.0
    standing_area_m2: float = 0.0
    own_fare_payment: bool = False
    own_door: bool = False


@dataclass(frozen=True)
class Line:
    """A named service with one or more stop patterns."""

    line_id: str
    name: str
    agency_id: str
    mode: Mode
    long_name: str = ""

    @property
    def label(self) -> str:
        """Number and name, as lists of lines show them."""
        return " · ".join(dict.fromkeys(filter(None, (self.name, self.long_name))))

    @property
    def names(self) -> tuple[str, ...]:
        """What people may call it besides its id: also what lists show, so that it can be copied."""
        return tuple(dict.fromkeys(filter(None, (self.name, self.long_name, self.label))))


@dataclass(frozen=True)
class StopPattern:
    """An ordered list of stops served by trips of a line in one direction.

    Attributes
    ----------
    pattern_id : str
    line : int
        Row number of the line.
    direction_id : int
        0 or 1 as in GTFS.
    stops : tuple of int
        Row numbers of the stops in order.
    links : tuple of tuple of int
        For each hop to the next stop the rows of the links it runs over.
    no_boarding, no_alighting : frozenset of int
        Positions at which vehicles stop and nobody may get in, or get out.
    pace : tuple of float
        Running time of each hop by the timetable over the free running time of its links; 1 for all hops that are left
        out at the end. It is 1 where a link leads straight from stop to stop, whose free running time is that of the
        timetable.
    onward : StopPattern or None
        Pattern of the trips that continue those of this one, with passengers on board; only its
        own stops count, not those that follow them.

    Notes
    -----
    Positions beyond the last stop are those of `onward`, its first stop being where this pattern
    ends: people on board reach them, but nobody boards there for this pattern.
    """

    pattern_id: str
    line: int
    direction_id: int
    stops: tuple[int, ...]
    links: tuple[tuple[int, ...], ...]
    no_boarding: frozenset[int] = frozenset()
    no_alighting: frozenset[int] = frozenset()
    onward: StopPattern | None = None
    pace: tuple[float, ...] = ()

    def parts(self) -> tuple[StopPattern, ...]:
        """Return the patterns that people on board ride over: this one, and the one that follows where one does."""
        return (self,) if self.onward is None else (self, self.onward)

    def as_boarded(self) -> StopPattern:
        """Return the pattern as people at its stops see it: without its name and what follows."""
        return replace(self, pattern_id="", onward=None)

    def reached_stops(self) -> tuple[int, ...]:
        """Return the stops that people on board reach, those beyond the last stop too."""
        return self.stops if self.onward is None else self.stops + self.onward.stops

    def reached_links(self) -> tuple[tuple[int, ...], ...]:
        """Return the links of each hop between the stops reached; none where the vehicle stays at a stop."""
        return self.links if self.onward is None else (*self.links, (), *self.onward.links)

    def hop_pace(self, hop: int) -> float:
        """Return the pace of a hop."""
        return self.pace[hop] if hop < len(self.pace) else 1.0

    def reached_paces(self) -> tuple[float, ...]:
        """Return the pace of each hop between the stops reached."""
        own = tuple(self.hop_pace(hop) for hop in range(len(self.links)))
        return own if self.onward is None else (*own, 1.0, *self.onward.reached_paces())

    def reached_boards(self) -> BoolArray:
        """Tell at which of the stops reached people may get in; at its last stop they board the trip that follows."""
        boards = self.boards()
        if self.onward is None:
            return boards
        boards[-1] = False
        return np.concatenate([boards, np.zeros(len(self.onward.stops), dtype=np.bool_)])

    def reached_alights(self) -> BoolArray:
        """Tell at which of the stops reached people may get out."""
        if self.onward is None:
            return self.alights()
        beyond = self.onward.alights()
        beyond[0] = False
        return np.concatenate([self.alights(), beyond])

    def boards(self) -> BoolArray:
        """Tell at which positions people may get in, shape (positions,)."""
        return np.array([place not in self.no_boarding for place in range(len(self.stops))], dtype=np.bool_)

    def alights(self) -> BoolArray:
        """Tell at which positions people may get out, shape (positions,)."""
        return np.array([place not in self.no_alighting for place in range(len(self.stops))], dtype=np.bool_)


def with_onward(patterns: Sequence[StopPattern], before: Sequence[StopPattern]) -> tuple[StopPattern, ...]:
    """Return patterns that were changed, each followed by what followed it before as that is now.

    Parameters
    ----------
    patterns, before : sequence of StopPattern
        In the same order.
    """
    now = dict(zip(before, patterns, strict=True))
    return tuple(item if item.onward is None else replace(item, onward=now[item.onward]) for item in patterns)


@dataclass(frozen=True)
class HeadwayLaw:
    """Random headways of consecutive trips of one line.

    Attributes
    ----------
    trips : ndarray of int
        Rows of the trips in order of departure.
    distribution : str
        deterministic, exponential, gamma, uniform or two_point.
    mean_s : float
        Mean headway in seconds.
    cv : float
        Coefficient of variation.
    first_s : float
        Time from which the first headway counts.
    """

    trips: IntArray
    distribution: Literal["deterministic", "exponential", "gamma", "uniform", "two_point"]
    mean_s: float
    cv: float
    first_s: float


@dataclass(frozen=True)
class Service:
    """All trips of one service day.

    Attributes
    ----------
    lines, patterns, vehicle_types : tuple
    trip_id : tuple of str, shape (trips,)
        Sorted by scheduled departure, then id: the tie order of the engine; within a run in its order.
    trip_pattern, trip_vehicle_type, trip_block : ndarray of int, shape (trips,)
        Row numbers; every trip has a block (its own where the data give none).
    block_id : tuple of str, shape (blocks,)
    visit_ptr : ndarray of int, shape (trips + 1,)
    scheduled_arrival_s, scheduled_departure_s : ndarray of float, shape (visits,)
    headway_laws : tuple of HeadwayLaw
        Trips whose departures are drawn; their schedule is the even one.
    continues : ndarray of bool, shape (trips,), or None
        Whether a trip continues that of the row before, with passengers on board; None where none does. Made by
        `sim.loading.through_services` alone; whoever asks, asks `runs`.
    """

    lines: tuple[Line, ...]
    patterns: tuple[StopPattern, ...]
    vehicle_types: tuple[VehicleType, ...]
    trip_id: tuple[str, ...]
    trip_pattern: IntArray
    trip_vehicle_type: IntArray
    trip_block: IntArray
    block_id: tuple[str, ...]
    visit_ptr: IntArray
    scheduled_arrival_s: FloatArray
    scheduled_departure_s: FloatArray
    headway_laws: tuple[HeadwayLaw, ...] = ()
    continues: BoolArray | None = None

    @cached_property
    def runs(self) -> TripRuns:
        """What passengers ride without getting out: one trip, or several that continue each other."""
        return TripRuns.of(self.visit_ptr, self.continues)

    @cached_property
    def visit_trip(self) -> IntArray:
        """Row number of the trip of each visit, shape (visits,)."""
        return np.repeat(np.arange(len(self.trip_id)), np.diff(self.visit_ptr))

    @cached_property
    def visit_sequence(self) -> IntArray:
        """Position of each visit in its trip, counted from 0, shape (visits,)."""
        return np.arange(self.visit_ptr[-1]) - self.visit_ptr[self.visit_trip]

    @cached_property
    def visit_stop(self) -> IntArray:
        """Row number of the stop of each visit, shape (visits,)."""
        if not self.trip_id:
            return np.zeros(0, dtype=np.int64)
        stops = [np.asarray(pattern.stops, dtype=np.int64) for pattern in self.patterns]
        return np.concatenate([stops[pattern] for pattern in self.trip_pattern])

    @cached_property
    def used_links(self) -> IntArray:
        """Rows of the links that stop patterns run over, rising."""
        return np.unique([link for pattern in self.patterns for hop in pattern.links for link in hop]).astype(np.int64)

    @cached_property
    def visit_boards(self) -> BoolArray:
        """Whether people may get in at each visit, shape (visits,)."""
        return self._by_visit([pattern.boards() for pattern in self.patterns])

    @cached_property
    def visit_alights(self) -> BoolArray:
        """Whether people may get out at each visit, shape (visits,)."""
        return self._by_visit([pattern.alights() for pattern in self.patterns])

    def _by_visit(self, of_pattern: list[BoolArray]) -> BoolArray:
        if not self.trip_id:
            return np.zeros(0, dtype=np.bool_)
        return np.concatenate([of_pattern[pattern] for pattern in self.trip_pattern])

    @cached_property
    def trip_capacity(self) -> IntArray:
        """Capacity of the vehicle of each trip, shape (trips,)."""
        return np.array([kind.capacity for kind in self.vehicle_types], dtype=np.int64)[self.trip_vehicle_type]

    @cached_property
    def trip_seats(self) -> IntArray:
        """Seats of the vehicle of each trip, shape (trips,)."""
        return np.array([kind.seats for kind in self.vehicle_types], dtype=np.int64)[self.trip_vehicle_type]

    @cached_property
    def visit_seats_share(self) -> FloatArray:
        """Seats over places of the vehicle at each visit, standing places included, shape (visits,)."""
        share: FloatArray = self.trip_seats / np.maximum(self.trip_capacity, 1)
        return share[self.visit_trip]

    @cached_property
    def trip_standing_area_m2(self) -> FloatArray:
        """Floor for standing of the vehicle of each trip, shape (trips,)."""
        area = [kind.standing_area_m2 for kind in self.vehicle_types]
        return np.array(area, dtype=np.float64)[self.trip_vehicle_type]

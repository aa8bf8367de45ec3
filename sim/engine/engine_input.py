"""The scenario compiled to arrays: all that an engine may know of it.

An engine is given an `EngineInput`, the departures of the day and the chance of the day
(`sim.engine.day_variates.DayVariates`), and fills a `sim.engine.day_arrays.DayTrace`. There is
no dictionary, no closure and no object of a scenario file in it, so that an engine in another
language reads the very same memory.

Conventions
-----------
- Everything is known by its row: blocks, trips, visits, stops, lines, vehicle types, legs,
  queues. Rows of blocks, trips, visits and stops are those of `sim.model.service.Service` and
  `sim.model.network.Network`.
- A *position* is a stop of a pattern: row ``first position of the pattern + sequence``. All
  trips of a pattern share its positions.
- ``x_ptr`` of shape (n + 1,) goes with columns in compressed rows: those of entity i are
  ``x_ptr[i]`` to ``x_ptr[i + 1] - 1``.
- Integers are int64, -1 stands for none where nothing else is said. Times are float64 seconds
  after midnight, durations float64 seconds; all that enter sums of times lie on the grid of
  2**-20 s (`sim.units.TICKS_PER_S`), so that the sums are exact.
- ``round_tick(x)`` below is ``round_half_even(x * 2**20) / 2**20``, in Python
  `sim.units.quantize_one`.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine.leg_arrays import Legs, RealTime
from sim.engine.rules import ChanceLaws, Holding, Rules, VehicleTypes


@dataclass(frozen=True)
class Timetable:
    """Blocks, their trips, and the visits of trips at stops.

    Attributes
    ----------
    block_ptr : ndarray of int, shape (blocks + 1,)
    block_trip : ndarray of int, shape (trips that run,)
        Trips of each block in the order in which its vehicle runs them, without cancelled ones.
    visit_ptr : ndarray of int, shape (trips + 1,)
    trip_vehicle_type : ndarray of int, shape (trips,)
    trip_last_reached : ndarray of int, shape (trips,)
        Last visit at which somebody who boards the trip may get out (`TripRuns.last_reached`).
    trip_breakdown : ndarray of int, shape (trips,)
        Row of `Breakdowns`; -1 for none.
    trip_cancelled : ndarray of bool, shape (trips,)
    trip_ends_early : ndarray of bool, shape (trips,)
        Trips at whose last stop all on board get out though some had wanted to ride on.
    scheduled_dispatch_s : ndarray of float, shape (trips,)
        Scheduled departure from the first stop.
    visit_trip : ndarray of int, shape (visits,)
    visit_position : ndarray of int, shape (visits,)
    visit_running_s : ndarray of float, shape (visits,)
        Scheduled running time to the next stop with what `service.stop_lost_time` adds; 0 at the
        last stop.
    scheduled_arrival_s, scheduled_departure_s : ndarray of float, shape (visits,)
        As in the timetable, not rounded to the tick.
    visit_before, visit_after : ndarray of int, shape (visits,), or (0,)
        Visit of the trip before and of the one behind at the same point (`Positions.point`) in
        order of the schedule; -1 for none. Without rows where `Rules.keeps_headways` is off.
    """

    block_ptr: IntArray
    block_trip: IntArray
    visit_ptr: IntArray
    trip_vehicle_type: IntArray
    trip_last_reached: IntArray
    trip_breakdown: IntArray
    trip_cancelled: BoolArray
    trip_ends_early: BoolArray
    scheduled_dispatch_s: FloatArray
    visit_trip: IntArray
    visit_position: IntArray
    visit_running_s: FloatArray
    scheduled_arrival_s: FloatArray
    scheduled_departure_s: FloatArray
    visit_before: IntArray
    visit_after: IntArray


@dataclass(frozen=True)
class Positions:
    """Stops of patterns: what all trips of a pattern have in common there, shape (positions,) each.

    Attributes
    ----------
    stop, line : ndarray of int
    sequence : ndarray of int
        From 0 in each pattern.
    lets_out : ndarray of bool
        Whether people may get out.
    controlled : ndarray of bool
        Whether the holding rule is asked there, all false where there is no rule.
    section : ndarray of int
        Number of the pair of this stop and the next one, whatever the line; -1 at the last stop
        of a pattern. Vehicles keep their order and their minimum headways by section.
    point : ndarray of int
        Number of line, direction, stop and how often the pattern has been there before: headways
        are counted by point.
    hop : ndarray of int
        Row of `RunningTimes.table_s` for the run to the next stop; -1 where the timetable holds.
    queue_ptr : ndarray of int, shape (positions + 1,)
    queue : ndarray of int
        Queues served at each position, rising.
    queue_from_s, queue_until_s : ndarray of float
        By which vehicles: those due to leave between these times of the timetable, both included. A queue has a row
        for each of its spans at a position, which do not overlap.
    closure_ptr : ndarray of int, shape (positions + 1,)
    closure_start_s, closure_end_s : ndarray of float
        When the way to the next stop is closed (from start, before end); sorted by start and end.
    slowing_ptr : ndarray of int, shape (positions + 1,)
    slowing_start_s, slowing_end_s, slowing_factor, slowing_added_s : ndarray of float
        When the way to the next stop is slow or leads round, by the time of departure, the factor on
        the running time, and what is added to the product after that is rounded to the tick; rows
        are applied in their order.
    slowing_missed : ndarray of int
        Stops that are missed on the way; -1 where it is the usual one. The running time is then that
        to the stop after them, and the vehicle is at none of them. In a stretch with 0 or more no
        other row holds.
    sections, points : int
        Numbers of each.
    """

    stop: IntArray
    line: IntArray
    sequence: IntArray
    lets_out: BoolArray
    controlled: BoolArray
    section: IntArray
    point: IntArray
    hop: IntArray
    queue_ptr: IntArray
    queue: IntArray
    queue_from_s: FloatArray
    queue_until_s: FloatArray
    closure_ptr: IntArray
    closure_start_s: FloatArray
    closure_end_s: FloatArray
    slowing_ptr: IntArray
    slowing_start_s: FloatArray
    slowing_end_s: FloatArray
    slowing_factor: FloatArray
    slowing_added_s: FloatArray
    slowing_missed: IntArray
    sections: int
    points: int


@dataclass(frozen=True)
class RunningTimes:
    """Running times by hop and time of entering it.

    A vehicle that leaves at t needs ``round_tick(table_s[hop, min(floor(t / step_s), steps - 1)]
    * factor)``, or with additive noise ``round_tick(max(table_s[...] * factor + added_s, 0))``.

    Attributes
    ----------
    step_s : float
        Width of the time steps, the first of which starts at midnight.
    table_s : ndarray of float, shape (hops, steps)
        Running time of a vehicle that leaves for the hop in the step; the last step holds for
        all later times. Shape (0, 0) where the timetable holds everywhere.
    """

    step_s: float
    table_s: FloatArray


@dataclass(frozen=True)
class Signals:
    """Traffic signals on the way to the next stop, in compressed rows by position, in the order they are met.

    Attributes
    ----------
    ptr : ndarray of int, shape (positions + 1,)
    share : ndarray of float, shape (signals,)
        Share of the running time after which a vehicle is there.
    cycle_s, red_s, red_start_s : ndarray of float, shape (signals,)
        Cycle, red as far as priority does not cut it, and when a red begins.
    extension_s : ndarray of float, shape (signals,)
        Time after the start of red for which priority keeps green.
    flow : ndarray of int, shape (signals,)
        Row of the two tables; -1 where there are no cars.
    free_share, random_s : ndarray of float, shape (flows, steps)
        1 - y by step of time, and what chance adds.
    step_s : float
        Width of the steps, the first of which starts at midnight; the last one holds for all later times.
    steps : int
    """

    ptr: IntArray
    share: FloatArray
    cycle_s: FloatArray
    red_s: FloatArray
    red_start_s: FloatArray
    extension_s: FloatArray
    flow: IntArray
    free_share: FloatArray
    random_s: FloatArray
    step_s: float
    steps: int


@dataclass(frozen=True)
class StopRoom:
    """Room at stops and what vehicles keep between them.

    Attributes
    ----------
    berths : ndarray of int, shape (stops,)
        Vehicles that can stand at once; -1 for as many as come.
    minimum_headway_s : ndarray of float, shape (stops,)
        Between two departures; 0 for none.
    closed_ptr : ndarray of int, shape (stops + 1,)
    closed_start_s, closed_end_s : ndarray of float
        When vehicles pass the stop without serving it: arrival from start, before end.
    spacing_ptr : ndarray of int, shape (lines + 1,)
    spacing_group : ndarray of int
        Groups of lines that keep a minimum headway together.
    spacing_s : ndarray of float
        Least time between departures of a group into the same section.
    spacing_groups : int
        Number of groups.
    """

    berths: IntArray
    minimum_headway_s: FloatArray
    closed_ptr: IntArray
    closed_start_s: FloatArray
    closed_end_s: FloatArray
    spacing_ptr: IntArray
    spacing_group: IntArray
    spacing_s: FloatArray
    spacing_groups: int


@dataclass(frozen=True)
class Breakdowns:
    """Vehicles that break down, shape (breakdowns,) each.

    Attributes
    ----------
    visit : ndarray of int
        Where; -1 where it is the first visit of the trip reached at `after_s` or later.
    after_s, duration_s : ndarray of float
    ends_trip : ndarray of bool
        Whether the trip ends there; else it goes on after `duration_s`.
    blocks : ndarray of bool
        Whether vehicles that come to the stop wait behind it.
    """

    visit: IntArray
    after_s: FloatArray
    duration_s: FloatArray
    ends_trip: BoolArray
    blocks: BoolArray


@dataclass(frozen=True)
class Names:
    """Ids by row, for holding rules of users; no engine needs them.

    Attributes
    ----------
    trip_id, line_id, stop_id : tuple of str
    """

    trip_id: tuple[str, ...]
    line_id: tuple[str, ...]
    stop_id: tuple[str, ...]


class KeptStructure:
    """What the compiled engine is handed of a scenario, once it has been put together; it stays in its process.

    Attributes
    ----------
    given : ctypes.Structure or None
        None before; it points into arrays, which `arrays` holds.
    arrays : list of ndarray
    """

    def __init__(self) -> None:
        self.given: ctypes.Structure | None = None
        self.arrays: list[Any] = []

    def __reduce__(self) -> tuple[type[KeptStructure], tuple[()]]:
        """Be empty in another process, and in a copy, where arrays lie elsewhere."""
        return KeptStructure, ()


@dataclass(frozen=True)
class EngineInput:
    """What the engines run; see the module for conventions.

    Attributes
    ----------
    vehicle_types : VehicleTypes
    timetable : Timetable
    positions : Positions
    running_times : RunningTimes
    signals : Signals
    stops : StopRoom
    breakdowns : Breakdowns
    legs : Legs
    real_time : RealTime
    holding : Holding
    rules : Rules
    chance : ChanceLaws
    names : Names
    kept : KeptStructure
    """

    vehicle_types: VehicleTypes
    timetable: Timetable
    positions: Positions
    running_times: RunningTimes
    signals: Signals
    stops: StopRoom
    breakdowns: Breakdowns
    legs: Legs
    real_time: RealTime
    holding: Holding
    rules: Rules
    chance: ChanceLaws
    names: Names
    # Every input has its own, also one that is made of another by `replace`: pointers into the arrays of another
    # scenario would be followed without a word (test_scenarios_side_by_side_are_not_taken_for_each_other).
    kept: KeptStructure = field(init=False, default_factory=KeptStructure, repr=False, compare=False)

    def ends_broken(self) -> BoolArray:
        """Tell which trips end where their vehicle breaks down, shape (trips,)."""
        row = self.timetable.trip_breakdown
        ends: BoolArray = (row >= 0) & np.append(self.breakdowns.ends_trip, False)[row]
        return ends

    def needs_departure(self) -> BoolArray:
        """Tell at which positions a rule needs the vehicle at its departure, shape (positions,)."""
        rules, stops, positions = self.rules, self.stops, self.positions
        everywhere = not rules.overtaking or rules.keeps_headways or len(self.breakdowns.visit) > 0
        limited = (stops.berths >= 0) | (stops.minimum_headway_s > 0)
        needs: BoolArray = limited[positions.stop] | (np.diff(stops.spacing_ptr) > 0)[positions.line] | everywhere
        return needs

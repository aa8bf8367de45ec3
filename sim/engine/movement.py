"""How vehicles move from stop to stop: running times, closed and slow links, the order on the road."""

from __future__ import annotations

import itertools
from typing import TypeVar

import numpy as np

from sim.engine.day_state import DayState, compact_times
from sim.engine.day_variates import DayVariates
from sim.engine.engine_input import EngineInput
from sim.engine.signals import SignalDelays
from sim.model.detours import SLOW
from sim.model.outcome import Disruption
from sim.units import TICKS_PER_S, quantize_one

_TICK_S = 1.0 / TICKS_PER_S
Row = TypeVar("Row", bound=tuple[float, ...])


class Movement:
    """Running times of one day.

    Parameters
    ----------
    engine_input : EngineInput
    variates : DayVariates
    state : DayState
    """

    def __init__(self, engine_input: EngineInput, variates: DayVariates, state: DayState) -> None:
        positions, times = engine_input.positions, engine_input.running_times
        self.state = state
        self.scheduled_s = compact_times(variates.running_s(engine_input.timetable.visit_running_s))
        self.factor = compact_times(variates.running_factor)
        added_s = variates.running_added_s
        self.added_s = compact_times(added_s) if added_s is not None else None
        self.hop: list[int] = positions.hop.tolist()
        self.step_s = times.step_s
        self.table_s: list[list[float]] = times.table_s.tolist()
        self.section: list[int] = positions.section.tolist()
        self.keep_order = not engine_input.rules.overtaking
        self.signals = SignalDelays(engine_input.signals)
        hindered = (positions.hop >= 0) | (np.diff(positions.slowing_ptr) > 0) | self.keep_order
        hindered |= np.diff(engine_input.signals.ptr) > 0
        self.by_timetable: list[bool] = (~hindered).tolist()
        self.last_arrival_s: dict[int, float] = {}
        closures = zip(positions.closure_start_s.tolist(), positions.closure_end_s.tolist(), strict=True)
        slowings = zip(
            positions.slowing_start_s.tolist(),
            positions.slowing_end_s.tolist(),
            positions.slowing_factor.tolist(),
            positions.slowing_added_s.tolist(),
            positions.slowing_missed.tolist(),
            strict=True,
        )
        self.closures = rows_by_entity(positions.closure_ptr.tolist(), list(closures))
        self.slowings = rows_by_entity(positions.slowing_ptr.tolist(), list(slowings))

    def running_s(self, visit: int, position: int, departure_s: float) -> float:
        """Return the running time in seconds to the next stop when leaving at a time."""
        hop = self.hop[position]
        if hop < 0:
            running_s = self.scheduled_s[visit]
        else:
            row = self.table_s[hop]
            running_s = row[min(int(departure_s // self.step_s), len(row) - 1)] * self.factor[visit]
            running_s = quantize_one(
                max(running_s + self.added_s[visit], 0.0) if self.added_s is not None else running_s
            )
        off_way = False
        for start_s, end_s, factor, added_s, missed in self.slowings.get(position, ()):
            if start_s <= departure_s < end_s:
                running_s = quantize_one(running_s * factor) + added_s
                off_way = off_way or missed != SLOW
                self.state.hinder(visit, Disruption.LINK_SLOW if missed == SLOW else Disruption.DETOUR)
        # On a way round the mean delay at its signals is part of what is added.
        return running_s if off_way else running_s + self.signals.lost_s(position, departure_s, running_s)

    def missed_stops(self, position: int, departure_s: float) -> int:
        """Return how many stops a vehicle misses that leaves at a time: those that no open way leads to."""
        for start_s, end_s, _, _, missed in self.slowings.get(position, ()):
            if missed > 0 and start_s <= departure_s < end_s:
                return int(missed)
        return 0

    def next_arrival_s(self, visit: int, position: int, departure_s: float) -> float:
        """Return when a vehicle that leaves at a time is at the next stop, seconds after midnight.

        Where vehicles may not pass each other that is a tick behind the one in front, or later; a vehicle that
        misses the next stop is on another road.
        """
        next_s = departure_s + self.running_s(visit, position, departure_s)
        if self.keep_order and not self.missed_stops(position, departure_s):
            section = self.section[position]
            next_s = max(next_s, self.last_arrival_s.get(section, next_s - _TICK_S) + _TICK_S)
            self.last_arrival_s[section] = next_s
        return next_s

    def open_road_s(self, visit: int, position: int, time_s: float) -> float:
        """Return the first time from `time_s` on at which the way to the next stop is open."""
        for start_s, end_s in self.closures.get(position, ()):
            if start_s <= time_s < end_s:
                time_s = end_s
                self.state.hinder(visit, Disruption.LINK_CLOSED)
        return time_s


def rows_by_entity(ptr: list[int], rows: list[Row]) -> dict[int, list[Row]]:
    """Return compressed rows by their entity; only entities that have any.

    Parameters
    ----------
    ptr : list of int, length entities + 1
    rows : list
    """
    return {entity: rows[first:end] for entity, (first, end) in enumerate(itertools.pairwise(ptr)) if first < end}

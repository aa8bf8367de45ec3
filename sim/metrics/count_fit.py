"""Counts at stops and stations beside what a run simulates there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.grouping import recode
from sim.metrics.statistics import estimate
from sim.records.table import Table

_ANY = -1
_RUN_S = 1e7
"""More than any time of a day, so that replications do not mix."""


@dataclass(frozen=True)
class GateTimes:
    """Time between gate and platform by stop, seconds, shape (stops,) each."""

    access_s: FloatArray
    egress_s: FloatArray


@dataclass(frozen=True)
class CountRows:
    """What is wanted, a row each: what counts, codes of stop and line, direction, and from when to when.

    `counts` is as in `sim.loading.stop_counts`; -1 stands for all lines or both directions.
    """

    counts: list[str]
    stop: IntArray
    line: IntArray
    direction_id: IntArray
    start_s: FloatArray
    end_s: FloatArray


@dataclass(frozen=True)
class Simulated:
    """Persons of an average day, and the half-width of the 95 % interval over replications, shape (rows,) each."""

    persons: FloatArray
    half_width: FloatArray


@dataclass(frozen=True)
class _Events:
    """Persons at stops at times; arrays of shape (events,), `run` being the number of the replication."""

    stop: IntArray
    line: IntArray
    direction_id: IntArray
    time_s: FloatArray
    persons: FloatArray
    run: IntArray


class CountsOfRun:
    """Counts what happened in the rows of one strategy of a run.

    Parameters
    ----------
    tables : mapping of str to Table
        `legs` and `stop_visits` with the rows of one strategy.
    stop_ids, line_ids : sequence of str
    gates : GateTimes
    """

    def __init__(self, tables: Mapping[str, Table], stop_ids: list[str], line_ids: list[str], gates: GateTimes) -> None:
        self.visits, self.legs, self.gates = tables["stop_visits"], tables["legs"], gates
        self.stops = stop_ids
        self.visit_stop = recode(self.visits, "stop_id", stop_ids)
        self.visit_line = recode(self.visits, "line_id", line_ids)
        self.replications = np.unique(self.visits["replication"])
        self.days = len(np.unique(self.visits["day"]))

    def _runs(self, table: Table) -> IntArray:
        return np.searchsorted(self.replications, table["replication"]).astype(np.int64)

    def simulate(self, wanted: CountRows) -> Simulated:
        """Return what was simulated for each row that is wanted.

        Parameters
        ----------
        wanted : CountRows
        """
        by_run = np.zeros((len(wanted.counts), len(self.replications)))
        kinds = np.array(wanted.counts, dtype=object)
        for kind in sorted(set(wanted.counts)):
            rows = np.flatnonzero(kinds == kind)
            self._fill(self._events(kind), wanted, rows, by_run)
        found = [estimate(row / self.days) for row in by_run]
        return Simulated(np.array([one.mean for one in found]), np.array([one.half_width for one in found]))

    def _fill(self, events: _Events, wanted: CountRows, rows: IntArray, by_run: FloatArray) -> None:
        order = np.argsort(events.stop, kind="stable")
        bounds = np.searchsorted(events.stop[order], np.arange(len(self.stops) + 1))
        for stop in np.unique(wanted.stop[rows]).tolist():
            here = order[bounds[stop] : bounds[stop + 1]]
            at_stop = rows[wanted.stop[rows] == stop]
            for line, direction in sorted({(int(wanted.line[row]), int(wanted.direction_id[row])) for row in at_stop}):
                mine = here[(line == _ANY) | (events.line[here] == line)]
                mine = mine[(direction == _ANY) | (events.direction_id[mine] == direction)]
                key = events.run[mine] * _RUN_S + events.time_s[mine]
                by_time = np.argsort(key, kind="stable")
                until = np.concatenate([[0.0], np.cumsum(events.persons[mine][by_time])])
                same = at_stop[(wanted.line[at_stop] == line) & (wanted.direction_id[at_stop] == direction)]
                for run in range(by_run.shape[1]):
                    ends = [run * _RUN_S + wanted.end_s[same], run * _RUN_S + wanted.start_s[same]]
                    last, first = (np.searchsorted(key[by_time], times) for times in ends)
                    by_run[same, run] = until[last] - until[first]

    def _events(self, kind: str) -> _Events:
        if kind == "load":
            rows = np.flatnonzero(np.isfinite(self.visits["departure_s"]))
            return _Events(
                self.visit_stop[rows],
                self.visit_line[rows],
                self.visits["direction_id"][rows],
                self.visits["departure_s"][rows],
                self.visits["departing_load"][rows].astype(np.float64),
                self._runs(self.visits)[rows],
            )
        boards = kind in ("gate_entry", "joining", "boarding")
        stop = recode(self.legs, "board_stop_id" if boards else "alight_stop_id", self.stops)
        if kind in ("gate_entry", "joining"):
            time_s = self.legs["wait_from_s"].copy()
        else:
            time_s = self.legs["board_s" if kind == "boarding" else "alight_s"].copy()
        kept = np.isfinite(time_s) & (stop >= 0)
        if kind == "gate_entry":
            kept &= self.legs["leg"] == self._first_leg()
            time_s -= np.append(self.gates.access_s, 0.0)[stop]
        if kind == "gate_exit":
            kept &= self._is_last()
            time_s += np.append(self.gates.egress_s, 0.0)[stop]
        line, direction = self._lines_of_legs()
        rows = np.flatnonzero(kept)
        times = time_s[rows]
        return _Events(stop[rows], line[rows], direction[rows], times, np.ones(len(rows)), self._runs(self.legs)[rows])

    def _first_leg(self) -> int:
        return int(self.legs["leg"].min()) if len(self.legs) else 0

    def _is_last(self) -> BoolArray:
        """Tell which rides are the last of their journey, shape (legs,)."""
        columns = [self.legs[name] for name in ("replication", "day", "commuter_id")]
        last = np.ones(len(self.legs), dtype=np.bool_)
        last[:-1] = np.any([column[1:] != column[:-1] for column in columns], axis=0)
        return last

    def _lines_of_legs(self) -> tuple[IntArray, IntArray]:
        """Return line and direction of the trip of each ride; -2 where none was boarded."""
        names = self.visits.categories["trip_id"]
        line, direction = np.full(len(names) + 1, -2), np.full(len(names) + 1, -2)
        line[self.visits["trip_id"]], direction[self.visits["trip_id"]] = self.visit_line, self.visits["direction_id"]
        trip = recode(self.legs, "trip_id", names)
        return line[trip], direction[trip]

    def system_min(self) -> tuple[float, float]:
        """Return mean and median minutes from gate to gate of those who arrived by vehicle; NaN for nobody."""
        first = self.legs["leg"] == self._first_leg()
        last = self._is_last()
        start, end = np.flatnonzero(first), np.flatnonzero(last)
        if len(start) != len(end) or not len(start):
            return float("nan"), float("nan")
        out_s = self.legs["alight_s"][end]
        entered = recode(self.legs, "board_stop_id", self.stops)[start]
        left = recode(self.legs, "alight_stop_id", self.stops)[end]
        access_s, egress_s = self.gates.access_s[entered], np.append(self.gates.egress_s, 0.0)[left]
        took_min = (out_s - self.legs["wait_from_s"][start] + access_s + egress_s) / 60.0
        took_min = took_min[np.isfinite(took_min)]
        return (float(took_min.mean()), float(np.median(took_min))) if len(took_min) else (float("nan"),) * 2


def geh(simulated: FloatArray, observed: FloatArray, hours: FloatArray) -> FloatArray:
    """Return the GEH statistic of hourly flows (Design Manual for Roads and Bridges); 0 where both are 0.

    Parameters
    ----------
    simulated, observed : ndarray of float, shape (rows,)
        Persons.
    hours : ndarray of float, shape (rows,)
        Length of each period.
    """
    a, b = simulated / hours, observed / hours
    return np.sqrt(np.divide(2.0 * (a - b) ** 2, a + b, out=np.zeros(len(a)), where=a + b > 0))

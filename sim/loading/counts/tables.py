"""Counts as a table: a row for each vehicle at a stop, matched to the vehicles of a scenario by line, stop and time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from sim.arrays import FloatArray, IntArray
from sim.loading.columns import clocks, numbers, report_rows
from sim.loading.counts.places import CountedPlaces, Place
from sim.loading.csv_tables import TextTable, parse_table
from sim.loading.hints import did_you_mean, listed
from sim.loading.naming import Called, several
from sim.loading.problems import ProblemCollector
from sim.model.counted import CountedDay
from sim.units import format_clock_short

NEEDED: Final = ("line", "stop", "time")
FAR_S: Final = 1800.0
"""Farthest that a vehicle may be from its time in the timetable to be found by it; assumed."""

MOST_TIMES_ITS_ROOM: Final = 3.0
"""Times the places of a vehicle that are still believed of one vehicle: more was counted on several. Assumed."""


@dataclass(frozen=True)
class _CountColumns:
    """Columns of the rows, NaN where blank."""

    load: FloatArray
    boardings: FloatArray
    alightings: FloatArray
    left_behind: FloatArray


def read_count_table(
    data: bytes, file: str, places: CountedPlaces, collector: ProblemCollector
) -> tuple[list[CountedDay], list[str]]:
    """Read a table of counts.

    Parameters
    ----------
    data : bytes
    file : str
        Name for messages.
    places : CountedPlaces
    collector : ProblemCollector
        Takes up what is wrong.

    Returns
    -------
    list of CountedDay
        By date; none where something is wrong.
    list of str
        What was not used, and why.
    """
    before = len(collector.problems)
    table = _usable(parse_table(data, file, collector), file, collector)
    if table is None:
        return [], []
    counts = _CountColumns(*(_counted(table, name, collector) for name in _CountColumns.__dataclass_fields__))
    unknown = ~np.isfinite(counts.load) & ~np.isfinite(counts.boardings)
    if len(collector.problems) == before:
        report_rows(table, unknown, "load", "a row needs a load, or boardings", collector)
    matching = _Matching(table, places, collector)
    visit = matching.visits()
    if len(collector.problems) > before:
        return [], []
    late_s = _late_s(table, matching.time_s, places.service.scheduled_departure_s[visit])
    _check_room(table, counts, visit, places, collector)
    dates = np.array([str(text) for text in table.text("date")])
    days, loadless, overdrawn = [], 0, 0
    for date in sorted(set(dates.tolist())):
        rows = np.flatnonzero(dates == date)
        rows = rows[np.argsort(visit[rows], kind="stable")]
        load, below = _loads(rows, visit, counts, places)
        overdrawn += below
        ends = np.isin(visit[rows], places.service.visit_ptr[1:] - 1)
        loadless += int((~np.isfinite(load) & ~ends).sum())
        known = (load, counts.boardings[rows], counts.left_behind[rows])
        load, boardings, left_behind = (column * places.scale for column in known)
        days.append(CountedDay(date, visit[rows], load, boardings, left_behind, late_s[rows]))
    if len(collector.problems) > before:
        return [], []
    return days, [f"{file}: {said}" for said in _not_used(loadless, overdrawn, len(table))]


def _not_used(loadless: int, overdrawn: int, rows: int) -> Iterator[str]:
    """Say how many rows tell no load, and in how many more get out than had got in."""
    if loadless:
        yield (
            f"{loadless:,} of {rows:,} rows tell boardings and no load, which follows from boardings and "
            "alightings only where all stops before were counted; loads there are as simulated"
        )
    if overdrawn:
        yield f"in {overdrawn:,} of {rows:,} rows more get out than were on board; nobody is taken to stay there"


def _late_s(table: TextTable, time_s: FloatArray, due_s: FloatArray) -> FloatArray:
    """Return how much later than due vehicles left; of a time in whole minutes its second nearest to the timetable."""
    within_s = np.array([59.0 if text.count(":") == 1 else 0.0 for text in table.text("time")])
    late_s: FloatArray = np.clip(0.0, time_s - due_s, time_s - due_s + within_s)
    return late_s


def _usable(table: TextTable | None, file: str, collector: ProblemCollector) -> TextTable | None:
    """Return a table that has rows and the columns that are needed."""
    if table is None:
        return None
    missing = [name for name in NEEDED if not table.has(name)]
    if missing:
        collector.problem(
            file, f"a table of counts needs columns {', '.join(NEEDED)}; missing: {listed(missing)}", line=1
        )
    elif not (table.has("load") or table.has("boardings")):
        collector.problem(file, "a table of counts needs a column load, or boardings and alightings", line=1)
    elif not len(table):
        collector.problem(file, "there are no rows")
    else:
        return table
    return None


def _counted(table: TextTable, name: str, collector: ProblemCollector) -> FloatArray:
    """Read a column of counts; NaN where it is blank or not there."""
    if not table.has(name):
        return np.full(len(table), np.nan)
    values = numbers(table, name, collector, at_least=0, blank=0.0)
    return np.where(table.text(name) == "", np.nan, values)


def _check_room(
    table: TextTable, counts: _CountColumns, visit: IntArray, places: CountedPlaces, collector: ProblemCollector
) -> None:
    """Report what no vehicle can have taken, as a sum over several vehicles."""
    room = places.room[visit]
    for name in ("load", "boardings"):
        rows = np.flatnonzero(getattr(counts, name) > MOST_TIMES_ITS_ROOM * room)
        report_rows(table, rows, name, _beyond_room(room[rows]), collector)


def _beyond_room(room: FloatArray) -> Callable[[int], str]:
    return lambda place: (
        f"more than {MOST_TIMES_ITS_ROOM:g} times the {room[place]:.0f} places of the vehicle; a row is of one vehicle"
    )


def _loads(rows: IntArray, visit: IntArray, counts: _CountColumns, places: CountedPlaces) -> tuple[FloatArray, int]:
    """Return loads as counted, else from boardings and alightings since the last known load; NaN where unknown.

    Counters miss some people. A load that would be below 0 is 0, and how many there are is returned as well.
    """
    load, below = counts.load[rows].copy(), 0
    boardings, alightings, trips = (
        counts.boardings[rows],
        counts.alightings[rows],
        places.service.visit_trip[visit[rows]],
    )
    for place, row in enumerate(rows.tolist()):
        if np.isfinite(load[place]):
            continue
        trip, own = int(trips[place]), int(visit[row])
        if own == places.of_trip(trip).start:
            # Nobody can get out where a vehicle begins, so that a blank cell says no less.
            load[place] = boardings[place] if places.begins_empty(trip) else np.nan
            below += bool(places.begins_empty(trip) and alightings[place] > 0)
            continue
        follows = place > 0 and visit[rows[place - 1]] == own - 1
        stay = load[place - 1] - alightings[place] if follows else np.nan
        below += bool(stay < 0)
        load[place] = np.maximum(stay, 0.0) + boardings[place]
    return load, below


class _Matching:
    """Finds the visit of each row.

    Parameters
    ----------
    table : TextTable
    places : CountedPlaces
    collector : ProblemCollector
    """

    def __init__(self, table: TextTable, places: CountedPlaces, collector: ProblemCollector) -> None:
        self.table, self.places, self.collector = table, places, collector
        self.time_s: FloatArray = np.zeros(0)

    def visits(self) -> IntArray:
        """Return the visit of each row; -1 where there is none, which is then a problem."""
        table, places = self.table, self.places
        line = self._rows("line", places.lines, places.line_row)
        stop = self._rows("stop", places.stops, places.network.stop_index)
        self.time_s = time_s = clocks(table, "time", self.collector)
        dates, directions, trips = (table.text(name).tolist() for name in ("date", "direction", "trip"))
        strange = [row for row, trip in enumerate(trips) if trip and trip not in places.trip_row]
        report_rows(table, strange, "trip", lambda place: self._no_trip(trips[strange[place]]), self.collector)
        known = (line >= 0) & (stop >= 0) & np.isfinite(time_s)
        known[strange] = False
        groups = defaultdict[tuple[str, int, int, str, str], list[int]](list)
        for row, (date, direction, trip) in enumerate(zip(dates, directions, trips, strict=True)):
            if known[row]:
                groups[date, int(line[row]), int(stop[row]), direction, trip].append(row)
        found = np.full(len(table), -1, dtype=np.int64)
        # A vehicle is one row's alone, whether it was found by its trip or by its time
        # (test_two_rows_of_one_vehicle_are_told).
        taken, again = dict[tuple[str, int], int](), list[int]()
        for (date, of_line, of_stop, direction, trip), rows in groups.items():
            candidates = self._candidates(rows, (of_line, of_stop), direction, trip)
            if len(candidates):
                found[rows] = self._by_time(np.array(rows), candidates, time_s)
            again += [row for row in rows if found[row] >= 0 and taken.setdefault((date, int(found[row])), row) != row]
        report_rows(table, sorted(again), "time", "another row is of the same vehicle on that day", self.collector)
        return found

    def _rows(self, name: str, called: Called, index: Mapping[str, int]) -> IntArray:
        """Return the rows of what a column names by id or name."""
        found, wrong = dict[str, int](), dict[str, str]()
        for text in sorted(set(self.table.text(name))):
            ids = called.called(text)
            found[text] = index[ids[0]] if len(ids) == 1 else -1
            if len(ids) > 1:
                wrong[text] = several(name, text, ids)
            elif not ids:
                hint = did_you_mean(text, [*called.ids, *called.by_name])
                wrong[text] = f"there is no {name} {text!r}{hint}" if text else f"must name a {name}, found nothing"
        self._report(name, wrong)
        return np.array([found[text] for text in self.table.text(name)], dtype=np.int64)

    def _report(self, name: str, wrong: dict[str, str]) -> None:
        texts = self.table.text(name)
        bad = [row for row, text in enumerate(texts) if text in wrong]
        report_rows(self.table, bad, name, lambda place: wrong[texts[bad[place]]], self.collector)

    def _candidates(self, rows: list[int], place: Place, direction: str, trip: str) -> IntArray:
        """Return the vehicles that rows can be of; what is wrong with them otherwise is told."""
        visits = self.places.visits_at.get(place, np.zeros(0, dtype=np.int64))
        if not len(visits):
            return self._wrong(rows, "stop", "the line does not stop there")
        if trip:
            visits = visits[self.places.service.visit_trip[visits] == self.places.trip_row[trip]]
            return visits if len(visits) else self._wrong(rows, "trip", "the trip does not stop there")
        directions = self.places.visit_direction[visits]
        if direction:
            visits = visits[directions == int(direction)] if direction in ("0", "1") else visits[:0]
            return visits if len(visits) else self._wrong(rows, "direction", _directions_told(directions))
        if len(set(directions.tolist())) > 1:
            return self._wrong(rows, "direction", "vehicles of both directions stop there; give 0 or 1")
        return visits

    def _no_trip(self, trip: str) -> str:
        hint = did_you_mean(trip, self.places.service.trip_id)
        return f"the scenario has no trip {trip!r}{hint}; leave it blank to go by time"

    def _wrong(self, rows: list[int], name: str, message: str) -> IntArray:
        report_rows(self.table, rows, name, message, self.collector)
        return np.zeros(0, dtype=np.int64)

    def _by_time(self, rows: IntArray, visits: IntArray, time_s: FloatArray) -> IntArray:
        """Give each row a vehicle of its own, so that they are as near as can be to the timetable in all."""
        if len(rows) > len(visits):
            message = f"{len(rows)} rows for the {len(visits)} vehicles there are on that day; a row is of one vehicle"
            report_rows(self.table, rows[len(visits) :], "time", message, self.collector)
            return np.full(len(rows), -1, dtype=np.int64)
        due_s = self.places.service.scheduled_departure_s[visits]
        apart_s = np.abs(time_s[rows][:, None] - due_s[None, :])
        # Squares let vehicles that are all late keep their order.
        taken_by, taken = scipy.optimize.linear_sum_assignment(apart_s**2)
        found = np.full(len(rows), -1, dtype=np.int64)
        found[taken_by] = visits[taken]
        # A row that names its trip says by itself which vehicle it is of, however late.
        named = self.table.text("trip")[rows[0]] != ""
        far = np.flatnonzero((apart_s[taken_by, taken] > FAR_S) & (not named))
        report_rows(self.table, rows[taken_by[far]], "time", _far_away(due_s[taken[far]]), self.collector)
        return found


def _far_away(due_s: FloatArray) -> Callable[[int], str]:
    return lambda place: (
        f"no vehicle without another row is due there within {FAR_S / 60:.0f} min; the nearest one is due at "
        f"{format_clock_short(float(due_s[place]))}"
    )


def _directions_told(directions: IntArray) -> str:
    known = sorted({str(direction) for direction in directions.tolist()})
    return f"the line stops there in direction {listed(known)}"

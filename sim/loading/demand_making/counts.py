"""Counts of people who get on and off, by stop, to a flow profile and an OD table.

Within a line, a direction and a period the table is fitted to the counts from the seed "every
later stop is as likely": iterative proportional fitting, as Ben-Akiva, Macke and Hsu (1985) use
it for bus lines. A later stop is one that some vehicle leads to. Counts of several dates become those of a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import InputError
from sim.loading.columns import clocks, numbers, references, report_rows
from sim.loading.csv_tables import TextTable, parse_table
from sim.loading.demand_making.balancing import fit
from sim.loading.demand_making.flows import MadeDemand
from sim.loading.demand_making.line_rides import LineRides, rides_of_line
from sim.loading.feeds.writing import table_bytes
from sim.loading.hints import listed
from sim.loading.problems import ProblemCollector, shown_path
from sim.model.network import Network
from sim.model.service import Service
from sim.units import format_clock

_HOUR_S: Final = 3600.0
_MINUTE_S: Final = 60.0
_GAP_TOLD: Final = 0.005
"""Alightings from which a gap is told; less is what rounding leaves."""
_DATES: Final = ("service_date", "board_date", "date")
"""Columns that may say on which day something was counted, the first two those of GTFS-ride."""

FLOW_PROFILE: Final = "demand/flow_profile.csv"


@dataclass(frozen=True)
class _Counts:
    """Counts in rows; line and direction say which pattern they belong to."""

    table: TextTable
    stop: IntArray
    line: IntArray
    direction: IntArray
    start_s: FloatArray
    end_s: FloatArray
    boardings: FloatArray
    alightings: FloatArray | None
    after_start_s: FloatArray
    dates: int


@dataclass(frozen=True)
class _Group:
    """One line, direction and period: counts by stop in the order of the line."""

    line: int
    direction: int
    start_s: float
    end_s: float
    rides: LineRides
    boardings: FloatArray
    alightings: FloatArray | None
    after_start_s: FloatArray


@dataclass(frozen=True)
class _Solved:
    group: _Group
    matrix: FloatArray
    scaled: float
    gap: float

    @property
    def lost(self) -> float:
        """Return how many boarded where nobody was counted getting out later."""
        return float((self.group.boardings - self.matrix.sum(axis=1)).sum())


def demand_of_counts(path: Path, network: Network, service: Service) -> MadeDemand:
    """Make demand of counts.

    Parameters
    ----------
    path : Path
        CSV file with ``stop_id``, ``boardings`` and, where counted, ``alightings``; besides
        ``line_id`` and ``direction_id`` where the network has several, and ``period_start`` and
        ``period_end``. With ``trip_id`` (``board_alight.txt`` of GTFS-ride) lines, directions and
        hours follow from the trips. With ``service_date``, ``board_date`` or ``date`` counts are the mean over the
        dates on which a trip, or a line, direction and period, was counted.
    network, service
        Of the network on its service day.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    collector = ProblemCollector()
    shown = shown_path(path)
    table = parse_table(path.read_bytes(), shown, collector)
    table, elsewhere = (None, 0) if table is None else _of_service_day(table, service)
    counts = None if table is None else _read(table, network, service, collector)
    groups = [] if counts is None or collector.problems else _groups(counts, network, service, collector)
    if collector.problems:
        raise InputError(collector.problems)
    solved = [_solve(group) for group in groups]
    made = _made(path, network, service, solved, 1 if counts is None else counts.dates)
    if not elsewhere:
        return made
    return replace(made, facts={**made.facts, "trips of other days": f"{elsewhere:,}, left out"})


def _of_service_day(table: TextTable, service: Service) -> tuple[TextTable, int]:
    """Leave out trips of other days, as tables of a week have them, and count them; where no trip is known, none."""
    if not (table.has("trip_id") and any(table.has(name) for name in _DATES)):
        return table, 0
    trips = table.text("trip_id")
    known = np.isin(trips, np.array(service.trip_id, dtype=object))
    if known.all() or not known.any():
        return table, 0
    columns = {name: column[known] for name, column in table.columns.items()}
    return TextTable(table.file, columns, table.line[known]), len(set(trips[~known].tolist()))


def _read(table: TextTable, network: Network, service: Service, collector: ProblemCollector) -> _Counts | None:
    by_trip = table.has("trip_id")
    for name in ("stop_id", "boardings", *(() if by_trip else ("period_start", "period_end"))):
        if not table.has(name):
            hint = " (or give trip_id, as in board_alight.txt of GTFS-ride)" if name.startswith("period") else ""
            collector.problem(table.file, f"this column is missing{hint}", line=1, key=name)
    if not len(table):
        collector.problem(table.file, "the table has a header and no rows", line=1)
    if collector.problems:
        return None
    stop = references(table, "stop_id", network.stop_index, "stop of the network", collector)
    boardings = numbers(table, "boardings", collector, at_least=0, blank=0.0)
    alightings = numbers(table, "alightings", collector, at_least=0, blank=0.0) if table.has("alightings") else None
    if by_trip:
        line, direction, start, after = _of_trips(table, stop, service, collector)
        amounts = _of_a_day(table, (table.text("trip_id"),), boardings, alightings)
        return _Counts(table, stop, line, direction, start, start + _HOUR_S, *amounts[:2], after, amounts[2])
    start, end = clocks(table, "period_start", collector), clocks(table, "period_end", collector)
    report_rows(table, end <= start, "period_end", "must be after period_start", collector)
    line, direction = _of_lines(table, service, collector)
    amounts = _of_a_day(table, (line, direction, start, end), boardings, alightings)
    return _Counts(table, stop, line, direction, start, end, *amounts[:2], np.zeros(len(table)), amounts[2])


def _of_a_day(
    table: TextTable, what: Sequence[np.ndarray], boardings: FloatArray, alightings: FloatArray | None
) -> tuple[FloatArray, FloatArray | None, int]:
    """Divide counts by the dates on which the same was counted; return how many dates there are in all, too."""
    name = next((name for name in _DATES if table.has(name)), None)
    if name is None:
        return boardings, alightings, 1
    _, date = np.unique(table.text(name), return_inverse=True)
    codes = np.stack([np.unique(column, return_inverse=True)[1] for column in what], axis=1)
    _, unit = np.unique(codes, axis=0, return_inverse=True)
    days = np.unique(np.stack([unit.reshape(-1), date], axis=1), axis=0)
    count = np.bincount(days[:, 0])[unit.reshape(-1)]
    return boardings / count, None if alightings is None else alightings / count, int(date.max()) + 1


def _of_trips(
    table: TextTable, stop: IntArray, service: Service, collector: ProblemCollector
) -> tuple[IntArray, IntArray, FloatArray, FloatArray]:
    """Return line, direction, the hour in which the trip starts, and how long after that it leaves the stop."""
    index = {trip: row for row, trip in enumerate(service.trip_id)}
    trip = references(table, "trip_id", index, "trip of the service day", collector)
    known = np.maximum(trip, 0)
    pattern = [service.patterns[int(number)] for number in service.trip_pattern[known]]
    first_s = service.scheduled_departure_s[service.visit_ptr[:-1]][known]
    return (
        np.array([item.line for item in pattern], dtype=np.int64),
        np.array([item.direction_id for item in pattern], dtype=np.int64),
        np.floor(first_s / _HOUR_S) * _HOUR_S,
        np.array([_after_start_s(service, *row) for row in zip(known.tolist(), stop.tolist(), strict=True)]),
    )


def _after_start_s(service: Service, trip: int, stop: int) -> float:
    """Return how long after its start a trip first leaves a stop by the timetable; NaN where it does not come there."""
    visits = slice(int(service.visit_ptr[trip]), int(service.visit_ptr[trip + 1]))
    at = np.flatnonzero(service.visit_stop[visits] == stop)
    leaves_s = service.scheduled_departure_s[visits]
    return float(leaves_s[at[0]] - leaves_s[0]) if len(at) else np.nan


def _of_lines(table: TextTable, service: Service, collector: ProblemCollector) -> tuple[IntArray, IntArray]:
    index = {line.line_id: row for row, line in enumerate(service.lines)}
    if table.has("line_id"):
        line = references(table, "line_id", index, "line of the network", collector)
    else:
        line = np.zeros(len(table), dtype=np.int64)
        if len(index) > 1:
            message = f"this column is missing, and the network has several lines: {listed(index)}"
            collector.problem(table.file, message, line=1, key="line_id")
    directions = {pattern.direction_id for pattern in service.patterns}
    if table.has("direction_id"):
        direction = references(table, "direction_id", {str(d): d for d in directions}, "direction", collector)
    else:
        direction = np.full(len(table), min(directions), dtype=np.int64)
        if len(directions) > 1:
            collector.problem(table.file, "this column is missing, and lines run both ways", line=1, key="direction_id")
    return line, direction


def _groups(counts: _Counts, network: Network, service: Service, collector: ProblemCollector) -> list[_Group]:
    keys = list(zip(counts.line.tolist(), counts.direction.tolist(), counts.start_s, counts.end_s, strict=True))
    rows_of: dict[tuple[int, int, float, float], list[int]] = {}
    for row, key in enumerate(keys):
        rows_of.setdefault(key, []).append(row)
    groups = []
    for (line, direction, start, end), rows in sorted(rows_of.items()):
        rides = rides_of_line(service, line, direction)
        place = {stop: number for number, stop in enumerate(rides.stops)}
        off_line = [row for row in rows if int(counts.stop[row]) not in place]
        name = service.lines[line].line_id
        message = f"line {name!r} does not stop here in direction {direction}"
        report_rows(counts.table, off_line, "stop_id", message, collector)
        if off_line:
            continue
        at = np.array([place[int(counts.stop[row])] for row in rows])
        on = np.bincount(at, weights=counts.boardings[rows], minlength=len(place)).astype(np.float64)
        off = None
        if counts.alightings is not None:
            off = np.bincount(at, weights=counts.alightings[rows], minlength=len(place)).astype(np.float64)
        _check_boardings(counts, rows, at, rides, network, collector)
        after = _mean_by_stop(counts, rows, at, len(place))
        groups.append(_Group(line, direction, float(start), float(end), rides, on, off, after))
    return groups


def _check_boardings(
    counts: _Counts, rows: list[int], at: IntArray, rides: LineRides, network: Network, collector: ProblemCollector
) -> None:
    """Report boardings where nobody can board: for one, at the last stop."""
    nowhere = ~rides.possible().any(axis=1)
    wrong = [row for row, place in zip(rows, at.tolist(), strict=True) if nowhere[place] and counts.boardings[row] > 0]
    ending = {row for row in wrong if int(counts.stop[row]) == rides.order[-1]}
    report_rows(
        counts.table,
        wrong,
        "boardings",
        lambda number: _no_boarding(network.stop_id[int(counts.stop[wrong[number]])], at_end=wrong[number] in ending),
        collector,
    )


def _no_boarding(stop: str, *, at_end: bool) -> str:
    if at_end:
        return f"nobody can board at the last stop, {stop!r}"
    return f"nobody can board at {stop!r}: vehicles end or only set down there"


def _mean_by_stop(counts: _Counts, rows: list[int], at: IntArray, stops: int) -> FloatArray:
    """Return how long after their start vehicles leave each stop, by those who boarded; in whole minutes."""
    weight = np.where(np.isfinite(counts.after_start_s[rows]), counts.boardings[rows], 0.0)
    sums = np.bincount(at, weights=weight * np.nan_to_num(counts.after_start_s[rows]), minlength=stops)
    people = np.bincount(at, weights=weight, minlength=stops)
    mean_s = np.divide(sums, people, out=np.zeros(stops), where=people > 0)
    return np.asarray(np.round(mean_s / _MINUTE_S) * _MINUTE_S, dtype=np.float64)


def _solve(group: _Group) -> _Solved:
    seed = group.rides.possible().astype(np.float64)
    if group.alightings is None or not group.alightings.sum() > 0:
        later = seed.sum(axis=1)
        share = np.divide(group.boardings, later, out=np.zeros_like(later), where=later > 0)
        return _Solved(group, seed * share[:, None], 1.0, 0.0)
    scaled = group.boardings.sum() / group.alightings.sum()
    fitted = fit(seed, group.boardings, group.alightings * scaled)
    return _Solved(group, fitted.matrix, float(scaled), fitted.column_gap)


def _made(path: Path, network: Network, service: Service, solved: list[_Solved], dates: int) -> MadeDemand:
    origin, destination, commuters, start, end, rows = [], [], [], [], [], []
    for item in solved:
        a, b = np.nonzero(item.matrix)
        stops = np.array(item.group.rides.stops, dtype=np.int64)
        origin.append(stops[a])
        destination.append(stops[b])
        commuters.append(item.matrix[a, b])
        start.append(item.group.start_s + item.group.after_start_s[a])
        end.append(item.group.end_s + item.group.after_start_s[a])
        rows += _profile_rows(item, network, service)
    header = ("line_id", "direction_id", "period_start", "period_end", "stop_id", "boardings", "alightings", "load")
    counted = all(item.group.alightings is not None for item in solved)
    worst = max((item.gap for item in solved), default=0.0)
    lost = sum(item.lost for item in solved)
    ratios = [item.scaled for item in solved]
    facts = {
        "groups": f"{len(solved)} of line, direction and period",
        "commuters": f"{sum(float(item.matrix.sum()) for item in solved):,.1f}",
        "alightings": "not counted: every later stop is taken as equally likely (assumed)"
        if not counted
        else f"scaled to the boardings by {min(ratios):.4g} to {max(ratios):.4g}",
        "dates": f"the mean of {dates:,}" if dates > 1 else "one, as far as the table says",
        "left out": f"{lost:,.1f} who board where nobody was counted getting out later"
        if lost >= _GAP_TOLD
        else "none",
        "largest gap": f"{worst:.3g} alightings at a stop that the table cannot meet" if worst >= _GAP_TOLD else "none",
    }
    ends = (np.concatenate(origin), np.concatenate(destination))
    pairs = _without_twins(*ends, np.concatenate(start), np.concatenate(end), np.concatenate(commuters))
    return MadeDemand(
        *pairs,
        profile=None,
        how=f"boardings and alightings by stop of `{path.name}`",
        kind="pairs of stops fitted to counts",
        facts=facts,
        extra={FLOW_PROFILE: table_bytes(header, rows)},
    )


def _without_twins(
    origin: IntArray, destination: IntArray, start_s: FloatArray, end_s: FloatArray, commuters: FloatArray
) -> tuple[IntArray, IntArray, FloatArray, FloatArray, FloatArray]:
    """Add up flows of the same stops and period, which several lines may share."""
    keys = np.stack([start_s, end_s, origin, destination], axis=1)
    distinct, place = np.unique(keys, axis=0, return_inverse=True)
    people = np.bincount(place.ravel(), weights=commuters, minlength=len(distinct)).astype(np.float64)
    ends = distinct[:, 2:].astype(np.int64)
    return ends[:, 0], ends[:, 1], people, distinct[:, 0], distinct[:, 1]


def _profile_rows(item: _Solved, network: Network, service: Service) -> list[tuple[object, ...]]:
    """Return boardings, alightings and the load after each stop, as fitted."""
    on, off = item.group.rides.on_and_off(item.matrix)
    load = np.cumsum(on - off)
    group = item.group
    head = (service.lines[group.line].line_id, group.direction, format_clock(group.start_s), format_clock(group.end_s))
    return [
        (*head, network.stop_id[stop], f"{a:.2f}", f"{b:.2f}", f"{max(people, 0.0):.2f}")
        for stop, a, b, people in zip(group.rides.order, on, off, load, strict=True)
    ]

"""Read persons counted at stops and stations, to be set beside a run: what was counted, where, and from when to when.

``counts.csv``: `counts` says what was counted (`COUNTED`), `stop_id` where, `start` and `end` (clock times) when, and
`persons` how many. `line_id` and `direction_id` may stand beside them where vehicles were counted, not gates.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.errors import InputError
from sim.loading.columns import choices, clocks, numbers, references, report_rows, unique_ids
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.hints import listed
from sim.loading.naming import several
from sim.loading.observations import needed_table
from sim.loading.problems import ProblemCollector

AT_VEHICLES: Final = ("boarding", "alighting", "load")
COUNTED: Final = ("gate_entry", "joining", *AT_VEHICLES, "gate_exit")
"""What may be counted: through the gate on the way in, coming to the platform, into a vehicle, out of one, on board
when it leaves the stop, through the gate on the way out."""

_NEEDED: Final = ("counts", "stop_id", "start", "end", "persons")
ANY: Final = -1
"""Line or direction of counts over all of them."""


@dataclass(frozen=True)
class StopCounts:
    """Counts, a row each.

    Attributes
    ----------
    counts : ndarray of str, shape (rows,)
        One of `COUNTED`.
    stop, line : ndarray of int, shape (rows,)
        Places among the ids asked for; `ANY` for all lines.
    direction_id : ndarray of int, shape (rows,)
        `ANY` for both.
    start_s, end_s : ndarray of float, shape (rows,)
        Seconds after midnight; the end is not part of it.
    persons : ndarray of float, shape (rows,)
    """

    counts: TextArray
    stop: IntArray
    line: IntArray
    direction_id: IntArray
    start_s: FloatArray
    end_s: FloatArray
    persons: FloatArray

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.persons)


def read_stop_counts(
    path: Path, stop_ids: Sequence[str], line_ids: Sequence[str], stop_names: Sequence[str] = ()
) -> StopCounts:
    """Read a file of counts.

    Parameters
    ----------
    path : Path
    stop_ids, line_ids : sequence of str
        Stops and lines that there are.
    stop_names : sequence of str
        Names of the stops in the same order; one that no other stop has may stand for the id.

    Raises
    ------
    InputError
        With every problem of the file.
    """
    collector = ProblemCollector()
    table = needed_table(path, _NEEDED, collector)
    if table is None:
        raise InputError(collector.problems)
    found = StopCounts(
        counts=choices(table, "counts", collector, COUNTED, blank=""),
        stop=_stops(table, stop_ids, stop_names, collector),
        line=_lines(table, _index(line_ids), collector),
        direction_id=numbers(table, "direction_id", collector, at_least=0, whole=True, blank=ANY).astype(np.int64),
        start_s=clocks(table, "start", collector),
        end_s=clocks(table, "end", collector),
        persons=numbers(table, "persons", collector, at_least=0),
    )
    _check(table, found, collector)
    if collector.problems:
        raise InputError(collector.problems)
    return found


def read_gate_times(path: Path, stop_ids: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Read how long people take between gate and platform, in seconds by stop; NaN where the file does not say.

    Parameters
    ----------
    path : Path
        A table with columns `stop_id`, `access_s` and `egress_s`.
    stop_ids : sequence of str

    Raises
    ------
    InputError
        With every problem of the file.
    """
    collector, columns = ProblemCollector(), ("stop_id", "access_s", "egress_s")
    table = needed_table(path, columns, collector)
    if table is None:
        raise InputError(collector.problems)
    stop = references(table, "stop_id", _index(stop_ids), "stop of the run", collector)
    unique_ids(table, "stop_id", collector)
    times = [numbers(table, name, collector, at_least=0) for name in columns[1:]]
    if collector.problems:
        raise InputError(collector.problems)
    access_s, egress_s = np.full(len(stop_ids), np.nan), np.full(len(stop_ids), np.nan)
    access_s[stop], egress_s[stop] = times
    return access_s, egress_s


def _stops(table: TextTable, ids: Sequence[str], names: Sequence[str], collector: ProblemCollector) -> IntArray:
    """Return rows of stops by id or name, and tell the ids of those that share a name."""
    by_name = defaultdict[str, list[str]](list)
    for stop, name in zip(ids, names, strict=bool(names)):
        by_name[name].append(stop)
    shared = {name: same for name, same in by_name.items() if name and len(same) > 1 and name not in ids}
    texts = table.text("stop_id")
    bad = [row for row, text in enumerate(texts) if text in shared]
    report_rows(
        table, bad, "stop_id", lambda place: several("stop", texts[bad[place]], shared[texts[bad[place]]]), collector
    )
    # Of several any will do: the problem ends the reading, and the name is not told as unknown as well.
    index = _index(ids, names) | dict.fromkeys(shared, 0)
    return references(table, "stop_id", index, "stop of the run", collector)


def _index(ids: Sequence[str], names: Sequence[str] = ()) -> dict[str, int]:
    """Return rows by id, and by each name that is one of a single row and no id."""
    often, rows = Counter(names), {name: row for row, name in enumerate(names)}
    alone = {name: row for name, row in rows.items() if often[name] == 1}
    return alone | {name: row for row, name in enumerate(ids)}


def _lines(table: TextTable, index: dict[str, int], collector: ProblemCollector) -> IntArray:
    if not table.has("line_id"):
        return np.full(len(table), ANY, dtype=np.int64)
    named = {**index, "": len(index)}
    line = references(table, "line_id", named, "line of the run", collector)
    return np.where(line == len(index), ANY, line)


def _check(table: TextTable, found: StopCounts, collector: ProblemCollector) -> None:
    """Report blank kinds, unknown directions, empty periods, gates with lines, and rows that count the same twice."""
    missing = f"must be one of {listed(COUNTED)}, found nothing"
    report_rows(table, table.text("counts") == "", "counts", missing, collector)
    report_rows(table, found.direction_id > 1, "direction_id", "must be 0 or 1", collector)
    report_rows(table, found.end_s <= found.start_s, "end", "must be after start", collector)
    at_gates = np.array([bool(kind) and kind not in AT_VEHICLES for kind in found.counts], dtype=np.bool_)
    for name, value in (("line_id", found.line), ("direction_id", found.direction_id)):
        odd = np.flatnonzero(at_gates & (value != ANY))
        words = [f"{found.counts[row]} counts people of all lines; leave it blank" for row in odd.tolist()]
        report_rows(table, odd, name, lambda place, words=words: words[place], collector)  # type: ignore[misc]
    seen: dict[tuple[object, ...], int] = {}
    rows = zip(
        found.counts.tolist(), found.stop.tolist(), found.line.tolist(), found.direction_id.tolist(), strict=True
    )
    again = [
        row
        for row, key in enumerate(zip(rows, found.start_s.tolist(), found.end_s.tolist(), strict=True))
        if seen.setdefault(key, row) != row
    ]
    report_rows(table, again, "start", f"counts the same as an earlier row ({len(again)} such rows)", collector)

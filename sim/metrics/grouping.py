"""Common steps over tables: blocks of rows, joined codes, what follows a visit, order of stops.

Tables are sorted by strategy, replication and day (`sim.records.schema`), so the rows of one day of
one run stand together: a *day block*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.records.table import DayRows, LazyColumns, Table

RunKey = tuple[str, int]
"""Strategy and replication."""

DayKey = tuple[str, int, int]
"""Strategy, replication and day."""


@dataclass(frozen=True)
class DayBlocks:
    """The day blocks of one table.

    Attributes
    ----------
    keys : tuple of (str, int, int)
        Strategy, replication and day of each block, in the order of the rows.
    starts : ndarray, shape (blocks + 1,)
        First row of each block; the last entry is the number of rows.
    """

    keys: tuple[DayKey, ...]
    starts: IntArray

    @property
    def lengths(self) -> IntArray:
        """Number of rows of each block."""
        return np.diff(self.starts)

    def row_blocks(self) -> IntArray:
        """Return the number of the block each row lies in, shape (rows,)."""
        return np.repeat(np.arange(len(self.keys), dtype=np.int64), self.lengths)


def day_blocks(table: Table) -> DayBlocks:
    """Find the day blocks of a table.

    Raises
    ------
    ValueError
        When the rows of one day do not stand together.
    """
    known = table.columns.days() if isinstance(table.columns, LazyColumns) else None
    keys, starts = _blocks_of_columns(table) if known is None else _blocks_of_file(known)
    if len(set(keys)) < len(keys):
        raise ValueError(f"{table.schema.name}: rows are not sorted by strategy, replication and day")
    return DayBlocks(keys, starts)


def _blocks_of_columns(table: Table) -> tuple[tuple[DayKey, ...], IntArray]:
    columns = (table["strategy"], table["replication"], table["day"])
    rows = len(table)
    changes = np.zeros(max(rows - 1, 0), dtype=np.bool_)
    for column in columns:
        changes |= column[1:] != column[:-1]
    firsts = np.concatenate([np.zeros(min(rows, 1), np.int64), np.flatnonzero(changes) + 1])
    names = table.categories["strategy"]
    keys = tuple((names[int(columns[0][row])], int(columns[1][row]), int(columns[2][row])) for row in firsts.tolist())
    return keys, np.append(firsts, rows)


def _blocks_of_file(days: Sequence[DayRows]) -> tuple[tuple[DayKey, ...], IntArray]:
    # A day whose rows do not stand together is named twice, as it would be by its columns.
    keys = [(day.strategy, day.replication, day.day) for day in days]
    keys += [key for key, day in zip(keys, days, strict=True) if day.last - day.first + 1 != day.rows]
    rows = days[-1].last + 1 if days else 0
    return tuple(keys), np.array([*(day.first for day in days), rows], dtype=np.int64)


def split_by_run(table: Table) -> dict[RunKey, Table]:
    """Cut a table into one per strategy and replication, without copying, in the order of the rows.

    Raises
    ------
    ValueError
        When the rows of one run do not stand together.
    """
    blocks = day_blocks(table)
    bounds: dict[RunKey, tuple[int, int]] = {}
    for (strategy, replication, _), first, last in zip(
        blocks.keys, blocks.starts[:-1].tolist(), blocks.starts[1:].tolist(), strict=True
    ):
        key = (strategy, replication)
        start, stop = bounds.get(key, (first, first))
        if stop != first:
            raise ValueError(f"{table.schema.name}: rows are not sorted by strategy, replication and day")
        bounds[key] = (start, last)
    return {key: table.where(slice(start, stop)) for key, (start, stop) in bounds.items()}


def of_strategy(table: Table, strategy: str) -> Table:
    """Return the rows of one strategy without copying.

    Raises
    ------
    ValueError
        When the rows of the strategy do not stand together.
    """
    blocks = day_blocks(table)
    own = [number for number, key in enumerate(blocks.keys) if key[0] == strategy]
    if not own:
        return no_rows(table)
    if own[-1] - own[0] + 1 != len(own):
        raise ValueError(f"{table.schema.name}: rows are not sorted by strategy, replication and day")
    return table.where(slice(int(blocks.starts[own[0]]), int(blocks.starts[own[-1] + 1])))


def no_rows(table: Table) -> Table:
    """Return a table like this one without its rows."""
    return table.where(slice(0, 0))


def recode(table: Table, column: str, names: Sequence[str]) -> IntArray:
    """Return a text column as codes into another list of names, -1 where the name is not in it.

    Returns
    -------
    ndarray, shape (rows,)
    """
    # Runs of one scenario have the same names: their codes can stay as they are.
    if table.categories[column] == tuple(names):
        codes: IntArray = table[column]
        return codes
    places = {name: code for code, name in enumerate(names)}
    translation = np.array([places.get(name, -1) for name in table.categories[column]], dtype=np.int64)
    return translation[table[column]] if len(translation) else np.zeros(len(table), np.int64)


def combine(*parts: tuple[IntArray, int]) -> IntArray:
    """Pack several codes into one number that sorts like the row of codes.

    Parameters
    ----------
    *parts : (ndarray, int)
        Codes of shape (rows,), from 0, and how many there can be.

    Raises
    ------
    OverflowError
        When the combinations do not fit into 63 bits.
    """
    packed = np.zeros(len(parts[0][0]), dtype=np.int64)
    combinations = 1
    for codes, count in parts:
        combinations *= max(count, 1)
        if combinations >= 2**63:
            raise OverflowError("too many combinations of codes for one number")
        packed = packed * max(count, 1) + codes
    return packed


def sum_by_group(group: IntArray, values: FloatArray | IntArray, groups: int) -> FloatArray:
    """Sum values by group number.

    Parameters
    ----------
    group, values : ndarray, shape (rows,)
    groups : int
        Number of groups.

    Returns
    -------
    ndarray, shape (groups,)
    """
    sums: FloatArray = np.asarray(np.bincount(group, weights=values, minlength=groups), dtype=np.float64)
    return sums


def ratio(numerator: FloatArray, denominator: FloatArray | IntArray) -> FloatArray:
    """Divide element by element, with NaN where the denominator is 0."""
    result = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=result, where=denominator != 0)
    return result


def next_arrival_s(stop_visits: Table) -> FloatArray:
    """Return when the vehicle of each visit arrives at its next stop.

    Returns
    -------
    ndarray, shape (visits,)
        Seconds after midnight; NaN at the last visit of a trip.
    """
    following = np.full(len(stop_visits), np.nan)
    if len(stop_visits) > 1:
        same = np.ones(len(stop_visits) - 1, dtype=np.bool_)
        for name in ("trip_id", "day", "replication", "strategy"):
            column = stop_visits[name]
            same &= column[1:] == column[:-1]
        following[:-1][same] = stop_visits["arrival_s"][1:][same]
    return following


def next_visits(stop_visits: Table) -> tuple[IntArray, IntArray]:
    """Return the rows of visits that another one of the same trip follows, and the rows of those.

    Parameters
    ----------
    stop_visits : Table
        Of one run, in any order.

    Returns
    -------
    tuple of two ndarray, each of shape (rides,)
    """
    trip, day = stop_visits["trip_id"], stop_visits["day"]
    order = np.lexsort((stop_visits["stop_sequence"], trip, day))
    goes_on = (trip[order[1:]] == trip[order[:-1]]) & (day[order[1:]] == day[order[:-1]])
    return order[:-1][goes_on], order[1:][goes_on]


@dataclass(frozen=True)
class StopPlaces:
    """Stops of each line and direction in the order of travel.

    A stop stands where it first occurs in any trip: smallest stop_sequence, then code.

    Attributes
    ----------
    lines, directions, stops, positions : ndarray, shape (places,)
        Line code, direction, stop code and smallest stop_sequence of each place, sorted by line,
        direction and order of travel.
    """

    lines: IntArray
    directions: IntArray
    stops: IntArray
    positions: IntArray


@dataclass(frozen=True)
class StopOrder(StopPlaces):
    """The same, and where the visits of a table are among them.

    Attributes
    ----------
    place_of_visit : ndarray, shape (visits,)
        Place of each visit.
    """

    place_of_visit: IntArray


def stop_order(stop_visits: Table) -> StopOrder:
    """Find the order of the stops of each line and direction, and the place of each visit."""
    columns = [stop_visits[name] for name in ("line_id", "direction_id", "stop_id", "stop_sequence")]
    places, inverse = distinct_places(columns, stop_visits.categories)
    return StopOrder(*places, inverse)


def distinct_places(
    columns: Sequence[IntArray], names: Mapping[str, tuple[str, ...]]
) -> tuple[tuple[IntArray, IntArray, IntArray, IntArray], IntArray]:
    """Return the distinct places of rows of line, direction, stop and stop_sequence, and the place of each row."""
    line, direction, stop, sequence = columns
    packed = combine(
        (line, len(names["line_id"])), (direction, int(direction.max(initial=0)) + 1), (stop, len(names["stop_id"]))
    )
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    positions = np.full(len(first), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(positions, inverse, sequence)
    order = np.lexsort((stop[first], positions, direction[first], line[first]))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    first = first[order]
    return (line[first], direction[first], stop[first], positions[order]), rank[inverse]

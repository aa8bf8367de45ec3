"""Tables of text by row: kept, exchanged, read as numbers without complaint."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import repeat

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.columns import LARGEST
from sim.loading.csv_tables import TextArray, TextTable
from sim.units import format_clock, parse_clock


def kept(table: TextTable, rows: BoolArray | IntArray) -> TextTable:
    """Return some rows of a table, given as numbers or as a mask."""
    if rows.dtype == np.bool_ and rows.all():
        return table
    return TextTable(table.file, {name: values[rows] for name, values in table.columns.items()}, table.line[rows])


def with_column(table: TextTable, name: str, values: TextArray) -> TextTable:
    """Return a table with one column added or exchanged."""
    return TextTable(table.file, {**table.columns, name: values}, table.line)


def texts(values: list[str]) -> TextArray:
    """Return a column of text."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def first_of_each(table: TextTable, name: str) -> BoolArray:
    """Tell which rows are the first with their id; blank ids never are."""
    seen: set[str] = {""}
    first = np.zeros(len(table), dtype=bool)
    for row, text in enumerate(table.text(name)):
        if text not in seen:
            seen.add(text)
            first[row] = True
    return first


def rows_of(values: TextArray, index: Mapping[str, int]) -> IntArray:
    """Return the row each value stands for, -1 where there is none."""
    return np.fromiter(map(index.get, values, repeat(-1)), dtype=np.int64, count=len(values))


def index_of(values: TextArray) -> dict[str, int]:
    """Return the row of each value; values are known to be different."""
    return {text: row for row, text in enumerate(values)}


def read_numbers(values: TextArray) -> FloatArray:
    """Read numbers; NaN where a text is none, or blank."""
    return _read(values, _number)


def read_clocks(values: TextArray) -> tuple[FloatArray, BoolArray]:
    """Read clock times as seconds after midnight; NaN where blank or unreadable, and which are unreadable."""
    seconds = _read(values, parse_clock)
    unreadable = np.isnan(seconds)
    places = np.flatnonzero(unreadable)
    unreadable[places] = [bool(values[place]) for place in places]
    return seconds, unreadable


def write_clocks(seconds: FloatArray) -> TextArray:
    """Write times as ``HH:MM:SS``, rounded to whole seconds."""
    distinct, place = np.unique(np.round(seconds).astype(np.int64), return_inverse=True)
    return texts([format_clock(float(time)) for time in distinct])[place]


def _read(values: TextArray, read: Callable[[str], float]) -> FloatArray:
    known: dict[str, float] = {}
    for text in set(values):
        try:
            known[text] = read(text)
        except ValueError:
            known[text] = math.nan
    return np.fromiter(map(known.__getitem__, values), dtype=np.float64, count=len(values))


def _number(text: str) -> float:
    value = float(text)
    return value if abs(value) <= LARGEST else math.nan

"""Columns of text as numbers, clock times, ids and references; bad rows become problems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.csv_tables import TextArray, TextTable
from sim.loading.hints import did_you_mean, listed
from sim.loading.problems import ProblemCollector
from sim.units import parse_clock

LARGEST = 1e12
"""Numbers beyond it would break the arithmetic of the simulation."""


def numbers(
    table: TextTable,
    name: str,
    collector: ProblemCollector,
    *,
    at_least: float | None = None,
    more_than: float | None = None,
    whole: bool = False,
    blank: float | None = None,
) -> FloatArray:
    """Read a column of numbers.

    Parameters
    ----------
    table, name, collector
        Column to read and where to report.
    at_least, more_than : float, optional
        Bounds.
    whole : bool
        Accept whole numbers only.
    blank : float, optional
        Value of a blank; a blank is a problem where None.

    Returns
    -------
    ndarray of float, shape (rows,)
        NaN where the text is no such number.
    """

    def read(text: str) -> float:
        if not text and blank is not None:
            return blank
        wanted = "a whole number" if whole else "a number"
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"{wanted} is wanted, found {text!r}") from None
        if not math.isfinite(value) or (whole and value != int(value)):
            raise ValueError(f"{wanted} is wanted, found {text!r}")
        if abs(value) > LARGEST:
            raise ValueError(f"at most {LARGEST:g} is accepted, found {text}")
        if at_least is not None and value < at_least:
            raise ValueError(f"must be at least {at_least:g}, found {text}")
        if more_than is not None and value <= more_than:
            raise ValueError(f"must be more than {more_than:g}, found {text}")
        return value

    return _converted(table, name, read, math.nan, collector)


def clocks(table: TextTable, name: str, collector: ProblemCollector, *, blank_allowed: bool = False) -> FloatArray:
    """Read a column of clock times as seconds after midnight; NaN where blank or bad."""

    def read(text: str) -> float:
        if not text and blank_allowed:
            return math.nan
        if not text:
            raise ValueError("a clock time HH:MM:SS is wanted, found nothing")
        return parse_clock(text)

    return _converted(table, name, read, math.nan, collector)


def choices(
    table: TextTable, name: str, collector: ProblemCollector, options: tuple[str, ...], *, blank: str
) -> TextArray:
    """Read a column that takes one of a few words; a blank or bad one becomes ``blank``."""
    texts = set(table.text(name))
    messages = {
        text: f"must be one of {listed(options)}; found {text!r}{did_you_mean(text, options)}"
        for text in texts
        if text and text not in options
    }
    _report_bad(table, name, messages, collector)
    return _mapped(table.text(name), {text: text if text in options else blank for text in texts})


def unused_columns(table: TextTable, known: tuple[str, ...]) -> str:
    """Name the columns of a table of the user that nothing is done with, ``FILE: a, b``; empty where none."""
    free = [name for name in known if not table.has(name)]
    names = listed(f"{name}{did_you_mean(name, free)}" for name in table.columns if name not in known)
    return f"{table.file}: {names}" if names else ""


def unique_ids(table: TextTable, name: str, collector: ProblemCollector) -> dict[str, int]:
    """Return the row of each id; blanks and repetitions are problems."""
    rows: dict[str, int] = {}
    repeated: list[int] = []
    for row, text in enumerate(table.text(name)):
        if rows.setdefault(text, row) != row:
            repeated.append(row)
    if "" in rows:
        collector.problem(table.file, "must not be empty", line=int(table.line[rows.pop("")]), key=name)
    texts = table.text(name)
    collector.problem_rows(
        table.file,
        (int(table.line[row]) for row in repeated),
        name,
        lambda place: (
            f"duplicate {texts[repeated[place]]!r}, first on line {table.line[rows.get(texts[repeated[place]], 0)]}"
        ),
    )
    return rows


def references(
    table: TextTable, name: str, index: Mapping[str, int], what: str, collector: ProblemCollector
) -> IntArray:
    """Return the row in another table that each value names; -1 and a problem where there is none.

    Parameters
    ----------
    table, name, collector
        Column to read and where to report.
    index : mapping of str to int
        Rows of the other table by id.
    what : str
        What is named, for the message: ``stop of stops.txt``.
    """
    texts = table.text(name)
    rows = {text: index.get(text, -1) for text in set(texts)}
    found = np.fromiter(map(rows.__getitem__, texts), dtype=np.int64, count=len(texts))
    bad = np.flatnonzero(found < 0)
    report_rows(
        table,
        bad,
        name,
        lambda place: (
            f"there is no {what} {texts[bad[place]]!r}{did_you_mean(texts[bad[place]], index)}"
            if texts[bad[place]]
            else f"must name a {what}, found nothing"
        ),
        collector,
    )
    return found


def report_rows(
    table: TextTable,
    rows: Iterable[int] | IntArray | BoolArray,
    name: str,
    message: Callable[[int], str] | str,
    collector: ProblemCollector,
) -> None:
    """Report rows of a table, given as numbers or as a mask over all rows."""
    numbers_of = np.asarray(rows if isinstance(rows, np.ndarray) else list(rows))
    if numbers_of.dtype == np.bool_:
        numbers_of = np.flatnonzero(numbers_of)
    lines = [int(table.line[row]) for row in numbers_of]
    collector.problem_rows(table.file, lines, name, message)


def check_periods(
    table: TextTable, start_s: FloatArray, end_s: FloatArray, group: IntArray, collector: ProblemCollector
) -> None:
    """Report periods that end before they start and, within a group of rows, overlap.

    Parameters
    ----------
    table, collector
        Table with the columns ``period_start`` and ``period_end``, and where to report.
    start_s, end_s : ndarray of float, shape (rows,)
        Half-open periods in seconds after midnight; NaN rows are left out.
    group : ndarray of int, shape (rows,)
        Rows with the same number must not overlap.
    """
    backwards = end_s <= start_s
    report_rows(table, backwards, "period_end", "must be after period_start", collector)
    usable = np.flatnonzero(np.isfinite(start_s) & np.isfinite(end_s) & ~backwards)
    order = usable[np.lexsort((start_s[usable], group[usable]))]
    before, after = order[:-1], order[1:]
    overlap = (group[before] == group[after]) & (start_s[after] < end_s[before])
    first, second = before[overlap], after[overlap]
    report_rows(
        table,
        second,
        "period_start",
        lambda place: f"overlaps the period of line {table.line[first[place]]} for the same thing",
        collector,
    )


def _mapped(texts: TextArray, values: Mapping[str, str]) -> TextArray:
    mapped = np.empty(len(texts), dtype=object)
    mapped[:] = [values[text] for text in texts]
    return mapped


def _converted(
    table: TextTable, name: str, read: Callable[[str], float], bad: float, collector: ProblemCollector
) -> FloatArray:
    texts = table.text(name)
    values: dict[str, float] = {}
    messages: dict[str, str] = {}
    for text in set(texts):
        try:
            values[text] = read(text)
        except ValueError as error:
            values[text], messages[text] = bad, str(error)
    _report_bad(table, name, messages, collector)
    return np.fromiter(map(values.__getitem__, texts), dtype=np.float64, count=len(texts))


def _report_bad(table: TextTable, name: str, messages: Mapping[str, str], collector: ProblemCollector) -> None:
    """Report the rows of a column whose values have a message."""
    if messages:
        texts = table.text(name)
        bad = [row for row, text in enumerate(texts) if text in messages]
        report_rows(table, bad, name, lambda place: messages[texts[bad[place]]], collector)

"""Comma-separated tables as columns of text, every row with its line number.

The standard library's reader is used: it keeps quoted line ends and blank lines apart from the ends of rows. Rows are
taken in chunks and turned into columns at once; values that repeat are kept once.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.arrays import IntArray
from sim.loading.problems import ProblemCollector

if TYPE_CHECKING:
    from _csv import Reader

TextArray = NDArray[np.object_]

_CHUNK = 1024
"""Rows at a time: few enough that they stay in the processor's cache and young for the garbage collector."""
_FIRST_LETTER = 32
_MOST_COLUMNS_TOLD = 100
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class TextTable:
    """A table as it stands in its file.

    Attributes
    ----------
    file : str
        Name as the user sees it.
    columns : dict of str to ndarray of str
        Values without surrounding spaces; all columns of the file, shape (rows,) each.
    line : ndarray of int, shape (rows,)
        Line of the file on which each row starts, counted from 1.
    """

    file: str
    columns: dict[str, TextArray]
    line: IntArray

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.line)

    def has(self, name: str) -> bool:
        """Tell whether the file has a column."""
        return name in self.columns

    def text(self, name: str) -> TextArray:
        """Return a column, blank where the file does not have it."""
        column = self.columns.get(name)
        return column if column is not None else np.full(len(self), "", dtype=object)


@dataclass(frozen=True)
class FramedTable:
    """A table, and how its rows fit its header.

    Attributes
    ----------
    table : TextTable
    header : tuple of str
        Names of the columns as they stand in the file.
    too_long : tuple of (int, int)
        Line and number of values of each row with values beyond the header; the table has it cut.
    short : int
        Rows with fewer values than the header.
    """

    table: TextTable
    header: tuple[str, ...]
    too_long: tuple[tuple[int, int], ...]
    short: int


def parse_table(data: bytes, file: str, collector: ProblemCollector) -> TextTable | None:
    """Read a table with a header line.

    Byte order marks, Windows line ends, spaces around names and values, blank lines and text
    that is not UTF-8 (read as Latin-1) are all accepted.

    Parameters
    ----------
    data : bytes
        Content of the file.
    file : str
        Name for the places of problems.
    collector : ProblemCollector
        Takes up what is wrong.

    Returns
    -------
    TextTable or None
        None where there is no header to go by.
    """
    framed = parse_framed(data, file, collector)
    if framed is None:
        return None
    width, too_long = len(framed.header), framed.too_long
    collector.problem_rows(
        file,
        [line for line, _ in too_long],
        "",
        lambda place: f"{too_long[place][1]} values, but the header names {width}; is a comma not quoted?",
    )
    return framed.table


def parse_framed(data: bytes, file: str, collector: ProblemCollector) -> FramedTable | None:
    """Read a table as `parse_table` does; rows that are too long are cut and told instead of reported."""
    encoding = _encoding(data, file, collector)
    if encoding is None:
        return None
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=""))
    try:
        header = next((row for row in reader if not _is_blank(row)), [])
        names = [name.strip() for name in header]
        if not _header_is_usable(names, file, collector):
            return None
        lines, columns, too_long, short = _read_rows(reader, len(names))
    except csv.Error as error:
        collector.problem(file, f"not a table of comma-separated values: {error}")
        return None
    arrays = {}
    for name, values in zip(names, columns, strict=True):
        if name:
            arrays[name] = np.empty(len(values), dtype=object)
            arrays[name][:] = values
        values.clear()
    table = TextTable(file, arrays, np.array(lines, dtype=np.int64))
    return FramedTable(table, tuple(header), tuple(too_long), short)


def _encoding(data: bytes, file: str, collector: ProblemCollector) -> str | None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        collector.problem(file, "this is UTF-16 text; save the file as UTF-8")
        return None
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        collector.mention(file, "not UTF-8 text; read as Latin-1", line=line)
        return "latin-1"
    return "utf-8-sig"


def _is_blank(row: list[str]) -> bool:
    # The first value decides for nearly every row.
    return not row or not (row[0].strip() or any(value.strip() for value in row))


class _KeptTexts(dict[str, str]):
    """Values without the spaces around them, each kept once."""

    def __missing__(self, value: str) -> str:
        stripped = value.strip()
        self[value] = kept = self.setdefault(stripped, stripped)
        return kept


def _header_is_usable(names: list[str], file: str, collector: ProblemCollector) -> bool:
    if not names:
        collector.problem(file, "the file is empty; a header line and rows are needed")
        return False
    if any(ord(letter) < _FIRST_LETTER and letter not in "\t\r\n" for name in names for letter in name):
        collector.problem(file, "not a table: the header holds characters that no text has", line=1)
        return False
    if len(names) == 1 and names[0].count(";") > 0:
        collector.problem(file, "columns are separated by ';'; separate them by ','", line=1)
        return False
    twice = sorted(name for name, count in Counter(filter(None, names)).items() if count > 1)
    for name in twice[:_MOST_COLUMNS_TOLD]:
        collector.problem(file, "the header names this column twice", line=1, key=name)
    if len(twice) > _MOST_COLUMNS_TOLD:
        collector.problem(file, f"the header names {len(twice) - _MOST_COLUMNS_TOLD:,} more columns twice", line=1)
    return not twice


def _read_rows(reader: Reader, width: int) -> tuple[list[int], list[list[str]], list[tuple[int, int]], int]:
    """Return lines on which rows start, columns, line and size of rows that are too long, and how many are short."""
    lines: list[int] = []
    columns: list[list[str]] = [[] for _ in range(width)]
    known = _KeptTexts()
    too_long: list[tuple[int, int]] = []
    short = 0
    while True:
        before = reader.line_num
        rows = list(islice(reader, _CHUNK))
        if not rows:
            return lines, columns, too_long, short
        starts = _start_lines(rows, before, reader.line_num)
        values = _columns_of(rows, width, known)
        if values is None:
            fitted = [(line, row) for line, row in zip(starts, rows, strict=True) if not _is_blank(row)]
            too_long += [(line, len(row)) for line, row in fitted if any(value.strip() for value in row[width:])]
            short += sum(len(row) < width for _, row in fitted)
            starts = [line for line, _ in fitted]
            cut = [[*row[:width], *[""] * (width - len(row))] for _, row in fitted]
            values = [list(map(known.__getitem__, column)) for column in zip(*cut, strict=True)]
        lines += starts
        for column, more in zip(columns, values, strict=False):
            column.extend(more)


def _columns_of(rows: list[list[str]], width: int, known: _KeptTexts) -> list[list[str]] | None:
    """Return rows as columns; None where some may be blank, or have more or fewer values than the header."""
    if set(map(len, rows)) != {width}:
        return None
    columns = [list(map(known.__getitem__, column)) for column in zip(*rows, strict=True)]
    return None if "" in columns[0] else columns


def _start_lines(rows: list[list[str]], before: int, last: int) -> list[int]:
    """Return the line on which each row starts, given the line before the first row and the last line read."""
    if last - before == len(rows):
        return list(range(before + 1, last + 1))
    # Rows hold line ends between quotes.
    sizes = [1 + sum(len(_LINE_END.findall(value)) for value in row) for row in rows]
    return [before + 1 + passed for passed in accumulate(sizes[:-1], initial=0)]

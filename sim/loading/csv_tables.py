"""Comma-separated tables as columns of text, every row with its line number.

The standard library's reader is used: it alone gives the exact line after quoted line ends
and blank lines. It reads five million rows in about ten seconds; values that repeat are kept
once. Whoever needs more speed exchanges the inside of `parse_table`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.arrays import IntArray
from sim.loading.problems import ProblemCollector

TextArray = NDArray[np.object_]

_CHUNK = 65_536
_FIRST_LETTER = 32


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
    rows = _rows(data, encoding)
    try:
        _, header = next(rows, (0, []))
        names = [name.strip() for name in header]
        if not _header_is_usable(names, file, collector):
            return None
        lines, columns, too_long, short = _read_rows(rows, len(names))
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


def _rows(data: bytes, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line on which each row that is not blank starts, and its values."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline=""))
    start = 1
    for row in reader:
        # The first value decides for nearly every row, which a long table feels.
        if row and (row[0].strip() or any(value.strip() for value in row)):
            yield start, row
        start = reader.line_num + 1


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
    named = [name for name in names if name]
    for name in sorted({name for name in named if named.count(name) > 1}):
        collector.problem(file, "the header names this column twice", line=1, key=name)
    return len(named) == len(set(named))


def _read_rows(
    rows: Iterator[tuple[int, list[str]]], width: int
) -> tuple[list[int], list[list[str]], list[tuple[int, int]], int]:
    lines: list[int] = []
    columns: list[list[str]] = [[] for _ in range(width)]
    known: dict[str, str] = {}
    too_long: list[tuple[int, int]] = []
    short = 0
    chunk: list[list[str]] = []

    def keep_chunk() -> None:
        for column, values in zip(columns, zip(*chunk, strict=True), strict=False):
            column += [known.get(value) or known.setdefault(value, value.strip()) for value in values]
        chunk.clear()

    for line, row in rows:
        if len(row) != width:
            if any(value.strip() for value in row[width:]):
                too_long.append((line, len(row)))
            short += len(row) < width
            row = [*row[:width], *[""] * (width - len(row))]  # noqa: PLW2901
        lines.append(line)
        chunk.append(row)
        if len(chunk) == _CHUNK:
            keep_chunk()
    keep_chunk()
    return lines, columns, too_long, short

"""Tables on disk whose columns are read when asked for, and only the rows asked for where they are large."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sim.errors import RunFolderError
from sim.records.column import TableSchema
from sim.records.contract import required
from sim.records.parquet import blank_column, columns_of, count_rows, days_of, names_of, read_columns
from sim.records.schema import schema_named
from sim.records.table import DayRows, LazyColumns, Table

MOST_BYTES = 100_000_000
"""Columns that were read are kept up to this size, those used last."""

WHOLE_ROWS = 500_000
"""A column of at most so many rows is read at once, whichever of them are asked for: one query is quicker than many."""

Names = Mapping[str, tuple[str, ...]]
"""Names behind the codes of text columns."""


class StoredTables(Mapping[str, Table]):
    """Tables of a folder of Parquet files, by name.

    However many replications and strategies a file holds, memory takes `MOST_BYTES` and what is asked for. A
    reader that goes through a table run by run (`sim.metrics.grouping.split_by_run`) holds columns of one run
    at a time (`tests/unit/test_report_memory.py` counts the rows).

    Parameters
    ----------
    folder : Path
    names : mapping of str to mapping, or of str to None
        By table, the names behind the codes of its text columns, which hold every text of the file. None
        for a table whose file is asked; see `stored_table`.
    """

    def __init__(self, folder: Path, names: Mapping[str, Names | None]) -> None:
        self._folder = folder
        kept = _KeptColumns()
        self._files = {name: _File(folder / _file(name), _schema(name), own, kept) for name, own in names.items()}

    def __getitem__(self, name: str) -> Table:
        """Return a table, of which no column is read yet."""
        return self._files[name].table

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def put_into(self, folder: Path, scratch: Path) -> None:
        """Put the files into another folder: those that lie in a scratch folder are moved, others copied."""
        put = shutil.move if self._folder.is_relative_to(scratch) else shutil.copyfile
        for name, file in self._files.items():
            put(file.path, folder / _file(name))

    def moved_to(self, folder: Path) -> None:
        """Read from another folder from now on."""
        self._folder = folder
        for name, file in self._files.items():
            file.path = folder / _file(name)


def stored_table(path: Path, schema: TableSchema[Any]) -> Table:
    """Return the table of a Parquet file that any version, or another program, wrote.

    Columns that the schema does not know are left out. Columns beyond those of `sim.records.contract`, which
    an earlier version may not have written, are blank where they are missing: NaN, -1, no or an empty
    text. Names behind the codes of a text column are in the order in which they first occur.

    Raises
    ------
    RunFolderError
        When the file is missing or is not a table of this schema; for values of another kind when
        their column is asked for.
    """
    return _File(path, schema, None, _KeptColumns()).table


class _KeptColumns:
    """The columns that were read last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, NDArray[Any]] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def __getitem__(self, key: Hashable) -> NDArray[Any]:
        self._kept.move_to_end(key)
        return self._kept[key]

    def add(self, columns: Mapping[Hashable, NDArray[Any]]) -> None:
        """Keep columns, and let go those used longest ago."""
        for key, array in columns.items():
            array.flags.writeable = False
            self._kept[key] = array
        held = sum(array.nbytes for array in self._kept.values())
        while held > MOST_BYTES and len(self._kept) > len(columns):
            held -= self._kept.popitem(last=False)[1].nbytes


class _File:
    """One file, of which everything is asked when it is needed."""

    def __init__(self, path: Path, schema: TableSchema[Any], names: Names | None, kept: _KeptColumns) -> None:
        self.path = path
        self.schema = schema
        self._known = names
        self._kept = kept

    @cached_property
    def table(self) -> Table:
        names = _FoundNames(self, self.found) if self._known is None else self._known
        return Table(self.schema, _StoredColumns(self, 0, self.rows), names)

    @cached_property
    def rows(self) -> int:
        return count_rows(self.path)

    @cached_property
    def days(self) -> Sequence[DayRows]:
        return days_of(self.path)

    @cached_property
    def found(self) -> frozenset[str]:
        """Columns that are in the file."""
        if self._known is not None:
            return frozenset(self.schema.names)
        found = columns_of(self.path)
        missing = [name for name in required(self.schema.name, self.schema.names) if name not in found]
        if missing:
            raise RunFolderError(f"{self.path}: table {self.schema.name} has no column {', '.join(missing)}")
        return found

    def column(self, name: str, first: int, rows: int) -> NDArray[Any]:
        """Return rows of a column, read anew where they are not among those kept."""
        start, count = self._read_rows(first, rows)
        self.fetch((name,), first, rows)
        return self._kept[self.path, name, start, count][first - start : first - start + rows]

    def fetch(self, names: Sequence[str], first: int, rows: int) -> None:
        """Read rows of several columns at once, those that are not among the ones kept."""
        start, count = self._read_rows(first, rows)
        missing = [name for name in names if (self.path, name, start, count) not in self._kept]
        columns = [self.schema.column(name) for name in missing if name in self.found]
        if not missing:
            return
        texts = {column.name: self.table.categories[column.name] for column in columns if column.kind == "text"}
        within = None if count == self.rows else (start, start + count)
        read = read_columns(self.path, columns, texts, within) if columns else {}
        blank = {name: blank_column(self.schema.column(name), count) for name in missing if name not in self.found}
        self._kept.add({(self.path, name, start, count): array for name, array in {**read, **blank}.items()})

    def _read_rows(self, first: int, rows: int) -> tuple[int, int]:
        """Return the first row and the number of those that are read."""
        return (first, rows) if self.rows > WHOLE_ROWS else (0, self.rows)


class _StoredColumns(LazyColumns):
    """Neighbouring rows of one file."""

    def __init__(self, file: _File, first: int, rows: int) -> None:
        super().__init__(file.schema.names, rows)
        self._file = file
        self._first = first

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._file.column(name, self._first, self.rows)

    def cut(self, first: int, rows: int) -> LazyColumns:
        return _StoredColumns(self._file, self._first + first, rows)

    def fetch(self, names: Sequence[str]) -> None:
        self._file.fetch(names, self._first, self.rows)

    def days(self) -> Sequence[DayRows] | None:
        return self._file.days if self.rows == self._file.rows else None


class _FoundNames(Mapping[str, tuple[str, ...]]):
    """Names of the text columns of a file in the order in which they first occur, found when asked for."""

    def __init__(self, file: _File, columns: frozenset[str]) -> None:
        self._file = file
        self._names: dict[str, tuple[str, ...] | None] = {
            column.name: None if column.name in columns else ("",)
            for column in file.schema.columns
            if column.kind == "text"
        }

    def __getitem__(self, name: str) -> tuple[str, ...]:
        names = self._names[name]
        if names is None:
            names = self._names[name] = names_of(self._file.path, name)
        return names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _file(table: str) -> str:
    return f"{table}.parquet"


def _schema(name: str) -> TableSchema[Any]:
    schema = schema_named(name)
    if schema is None:
        raise KeyError(name)
    return schema


def joined_names(parts: Sequence[Names]) -> dict[str, tuple[str, ...]]:
    """Return all names of each text column in the order in which they first occur in the parts."""
    if not parts:
        return {}
    return {
        column: tuple(dict.fromkeys(name for part in parts for name in part[column])) if _differ(parts, column) else own
        for column, own in parts[0].items()
    }


def _differ(parts: Sequence[Names], column: str) -> bool:
    return any(part[column] != parts[0][column] for part in parts)

"""Tables on disk whose columns are read when asked for."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from sim.records.column import TableSchema
from sim.records.lazy_columns import LazyColumns
from sim.records.parquet import count_rows, read_column
from sim.records.schema import schema_named
from sim.records.table import Table

MOST_BYTES = 300_000_000
"""Columns that were read are kept up to this size, those used last."""

Names = Mapping[str, tuple[str, ...]]
"""Names behind the codes of text columns."""


class StoredTables(Mapping[str, Table]):
    """Tables of a folder of Parquet files, by name.

    Parameters
    ----------
    folder : Path
    names : mapping of str to mapping
        By table, the names behind the codes of its text columns; they hold every text of the file.
    """

    def __init__(self, folder: Path, names: Mapping[str, Names]) -> None:
        self._folder = folder
        self._names = names
        self._kept: OrderedDict[tuple[str, str], NDArray[Any]] = OrderedDict()
        self._tables = {name: self._table(name) for name in names}

    def __getitem__(self, name: str) -> Table:
        """Return a table, of which nothing is read yet."""
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def path_of(self, name: str) -> Path:
        """Return where a table lies now."""
        return self._folder / f"{name}.parquet"

    def put_into(self, folder: Path, scratch: Path) -> None:
        """Put the files into another folder: those that lie in a scratch folder are moved, others copied."""
        put = shutil.move if self._folder.is_relative_to(scratch) else shutil.copyfile
        for name in self:
            put(self.path_of(name), folder / f"{name}.parquet")

    def moved_to(self, folder: Path) -> None:
        """Read from another folder from now on."""
        self._folder = folder

    def column(self, table: str, name: str) -> NDArray[Any]:
        """Return a column, read anew where it is not among those kept."""
        key = (table, name)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        schema = self._tables[table].schema
        array = read_column(self.path_of(table), schema.column(name), self._names[table].get(name, ()))
        array.flags.writeable = False
        self._kept[key] = array
        while len(self._kept) > 1 and sum(kept.nbytes for kept in self._kept.values()) > MOST_BYTES:
            self._kept.popitem(last=False)
        return array

    def _table(self, name: str) -> Table:
        schema = schema_named(name)
        if schema is None:
            raise KeyError(name)
        rows = count_rows(self.path_of(name))
        return Table(schema, _StoredColumns(self, schema, rows), self._names[name])


class _StoredColumns(LazyColumns):
    def __init__(self, tables: StoredTables, schema: TableSchema[Any], rows: int) -> None:
        super().__init__(schema.names, rows)
        self._tables = tables
        self._table = schema.name

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self._tables.column(self._table, name)


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

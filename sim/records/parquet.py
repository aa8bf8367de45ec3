"""Tables on disk: Parquet written and read through DuckDB.

This is the only module of the room that touches DuckDB, and it asks for nothing but
connections, `execute`, `fetchall` and `fetchnumpy`, which work in versions 1.4 to 2.0. Each file has
the rows in the order given, texts as texts, and NaN as null. The bytes hang on the content of the
table and the version of DuckDB only: one thread writes, and the numbers behind texts are not kept.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from sim.errors import RunFolderError
from sim.records.column import Column, TableSchema
from sim.records.contract import required
from sim.records.table import DTYPES, Table

_SQL_TYPES = MappingProxyType({"float64": "double", "int64": "bigint", "bool": "boolean", "text": "varchar"})
_FORMAT = "format parquet, compression zstd, compression_level 1"
_BLANKS = MappingProxyType({"float64": "null::double", "int64": "-1::bigint", "bool": "false", "text": "0::bigint"})
"""What is read for a column that is missing; the code 0 of a text stands for the empty one."""


def write_table(table: Table, path: Path) -> None:
    """Write a table as a Parquet file, replacing one that is there.

    Parameters
    ----------
    table : Table
    path : Path
        File to write; its folder must exist.

    Raises
    ------
    RunFolderError
        When the file cannot be written.
    """
    # Texts go as arrays of references to the names: as fast as joining codes to names inside DuckDB,
    # whose joins do not promise to keep the order of the rows.
    data = {
        column.name: table.text(column.name) if column.kind == "text" else table[column.name]
        for column in table.schema.columns
    }
    columns = ", ".join(_written(column) for column in table.schema.columns)
    file = _quoted(str(path))
    with _connect() as connection:
        connection.register("data", data)
        try:
            connection.execute(f"copy (select {columns} from data) to {file} ({_FORMAT})")
        except duckdb.Error as error:
            raise RunFolderError(f"{path}: cannot be written: {_first_line(error)}") from error


def count_rows(path: Path) -> int:
    """Return the number of rows of a Parquet file, from its footer.

    Raises
    ------
    RunFolderError
        When the file is broken.
    """
    with _connect() as connection:
        try:
            found = connection.execute(
                f"select num_rows from parquet_file_metadata({_quoted(_literal_pattern(str(path)))})"
            ).fetchall()
        except duckdb.Error as error:
            raise RunFolderError(f"{path}: cannot be read: {_first_line(error)}") from error
    return int(found[0][0])


def read_column(path: Path, column: Column[Any], names: tuple[str, ...]) -> NDArray[Any]:
    """Read one column that `write_table` wrote, rows in order.

    Parameters
    ----------
    path : Path
    column : Column
    names : tuple of str
        Names behind the codes of a text column, which must hold every text of the file.

    Raises
    ------
    RunFolderError
        When the file is broken, or holds a text that is not among the names.
    """
    with _connect() as connection:
        try:
            if column.kind == "text" and names:
                literals = ", ".join(_quoted(text) for text in names)
                connection.execute(f'create or replace temp type "names of {column.name}" as enum ({literals})')
            value = _read(column, {column.name: names})
            connection.execute(f"select {value} from read_parquet({_quoted(_literal_pattern(str(path)))})")
            return _plain(connection.fetchnumpy()[column.name], column)
        except (duckdb.Error, ValueError) as error:
            raise RunFolderError(f"{path}: cannot be read: {str(error).strip().splitlines()[0]}") from error


def read_table(path: Path, schema: TableSchema[Any]) -> Table:
    """Read a table from a Parquet file; columns that the schema does not know are left out.

    Columns beyond those of `sim.records.contract`, which an earlier version may not have written, are
    blank where they are missing: NaN, -1, no or an empty text. Names behind the codes of a text
    column are in the order in which they first occur.

    Raises
    ------
    RunFolderError
        When the file is missing or is not a table of this schema.
    """
    if not path.is_file():
        raise RunFolderError(f"{path}: no such file")
    source = f"read_parquet({_quoted(_literal_pattern(str(path)))}, file_row_number=true)"
    with _connect() as connection:
        try:
            found = {str(row[0]) for row in connection.execute(f"describe select * from {source}").fetchall()}
            missing = [name for name in required(schema.name, schema.names) if name not in found]
            if missing:
                raise RunFolderError(f"{path}: table {schema.name} has no column {', '.join(missing)}")
            categories = {
                column.name: _make_enum(connection, column.name, source) if column.name in found else ("",)
                for column in schema.columns
                if column.kind == "text"
            }
            columns = ", ".join(
                _read(column, categories) if column.name in found else f'{_BLANKS[column.kind]} as "{column.name}"'
                for column in schema.columns
            )
            connection.execute(f"select {columns} from {source} order by file_row_number")
            arrays = connection.fetchnumpy()
        except duckdb.Error as error:
            raise RunFolderError(f"{path}: not a table {schema.name}: {_first_line(error)}") from error
    try:
        data = {column.name: _plain(arrays[column.name], column) for column in schema.columns}
    except ValueError as error:
        raise RunFolderError(f"{path}: {error}") from error
    return Table(schema, data, categories)


def _connect() -> duckdb.DuckDBPyConnection:
    """Return a connection of its own to the database of this process."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Open a database in memory that uses one thread and downloads nothing; it costs more than a small table."""
    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})


def _written(column: Column[Any]) -> str:
    value = f'"{column.name}"'
    if column.kind == "float64":
        value = f"nullif({value}, 'nan'::double)"
    return f'{value}::{_SQL_TYPES[column.kind]} as "{column.name}"'


def _read(column: Column[Any], categories: dict[str, tuple[str, ...]]) -> str:
    if column.kind != "text":
        return f'"{column.name}"::{_SQL_TYPES[column.kind]} as "{column.name}"'
    if not categories[column.name]:
        return f'0::bigint as "{column.name}"'
    return f'enum_code({_text(column.name)}::"names of {column.name}")::bigint as "{column.name}"'


def _make_enum(connection: duckdb.DuckDBPyConnection, name: str, source: str) -> tuple[str, ...]:
    """Make the type that codes a text column, and return its names in the order of its codes."""
    rows = connection.execute(
        f"select {_text(name)} as name from {source} group by name order by min(file_row_number)"
    ).fetchall()
    names = tuple(str(row[0]) for row in rows)
    if names:
        literals = ", ".join(_quoted(text) for text in names)
        connection.execute(f'create or replace temp type "names of {name}" as enum ({literals})')
    return names


def _text(name: str) -> str:
    return f"coalesce(\"{name}\"::varchar, '')"


def _plain(array: NDArray[Any], column: Column[Any]) -> NDArray[Any]:
    """Return the array without a mask: NaN for nulls in floats, an error for them elsewhere."""
    if isinstance(array, np.ma.MaskedArray):
        if column.kind != "float64" and bool(np.ma.getmaskarray(array).any()):
            raise ValueError(f"column {column.name} has missing values, {column.kind} expected")
        array = array.filled(np.nan) if column.kind == "float64" else array.data
    return np.ascontiguousarray(array, dtype=DTYPES[column.kind])


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _literal_pattern(path: str) -> str:
    """Escape what DuckDB would take for a pattern of file names."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def _first_line(error: duckdb.Error) -> str:
    return str(error).strip().splitlines()[0]

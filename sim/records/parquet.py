"""Tables on disk: Parquet written and read through DuckDB.

This is the only module of the room that touches DuckDB, and it asks for nothing but
connections, `execute`, `fetchall` and `fetchnumpy`, which work in versions 1.4 to 2.0. Each file has
the rows in the order given, texts as texts, and NaN as null. The bytes hang on the content of the
table and the version of DuckDB only: one thread writes, and the numbers behind texts are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunFolderError
from sim.interrupts import interrupt_held
from sim.records.column import Column
from sim.records.refused import not_written
from sim.records.table import DTYPES, DayRows, Table

if TYPE_CHECKING:
    import duckdb

_SQL_TYPES = MappingProxyType({"float64": "double", "int64": "bigint", "bool": "boolean", "text": "varchar"})
_FORMAT = "format parquet, compression zstd, compression_level 1"
_BLANKS = MappingProxyType({"float64": np.nan, "int64": -1, "bool": False, "text": 0})


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
    with interrupt_held(), _connect() as connection:
        connection.register("data", data)
        try:
            connection.execute(f"copy (select {columns} from data) to {file} ({_FORMAT})")
        except _refusal() as error:
            raise not_written(path, error) from error


def count_rows(path: Path) -> int:
    """Return the number of rows of a Parquet file, from its footer.

    Raises
    ------
    RunFolderError
        When the file is missing or broken.
    """
    return int(_asked(path, "select num_rows from parquet_file_metadata({file})")[0][0])


def columns_of(path: Path) -> frozenset[str]:
    """Return the names of the columns of a Parquet file.

    Raises
    ------
    RunFolderError
        When the file is missing or broken.
    """
    return frozenset(str(row[0]) for row in _asked(path, "describe select * from read_parquet({file})"))


def names_of(path: Path, column: str) -> tuple[str, ...]:
    """Return the texts of a column in the order in which they first occur.

    Raises
    ------
    RunFolderError
        When the file is missing or broken.
    """
    query = (
        f"select {_text(column)} as name from read_parquet({{file}}, file_row_number=true) "
        "group by name order by min(file_row_number)"
    )
    return tuple(str(row[0]) for row in _asked(path, query))


def rows_by_text(path: Path, column: str) -> dict[str, slice]:
    """Return where the rows of each text of a column are, which stand together, in the order of the file.

    Raises
    ------
    RunFolderError
        When the file is missing or broken, has no such column, or the rows of one text are apart.
    """
    query = (
        f"select {_text(column)} as name, min(file_row_number), max(file_row_number), count(*) "
        "from read_parquet({file}, file_row_number=true) group by name order by 2"
    )
    found = _asked(path, query)
    if any(last - first + 1 != rows for _, first, last, rows in found):
        raise RunFolderError(f"{path}: the rows of one {column} do not stand together")
    return {str(name): slice(int(first), int(last) + 1) for name, first, last, _ in found}


def days_of(path: Path) -> list[DayRows]:
    """Return where the rows of each strategy, replication and day are, in the order of the file.

    Raises
    ------
    RunFolderError
        When the file is missing or broken.
    """
    query = (
        "select strategy, replication, day, min(file_row_number), max(file_row_number), count(*) "
        "from read_parquet({file}, file_row_number=true) group by all order by 4"
    )
    return [DayRows(str(row[0]), *map(int, row[1:])) for row in _asked(path, query)]


def read_columns(
    path: Path,
    columns: Sequence[Column[Any]],
    names: Mapping[str, tuple[str, ...]],
    rows: tuple[int, int] | None = None,
) -> dict[str, NDArray[Any]]:
    """Read columns, or some neighbouring rows of them; row groups without such rows are not touched.

    Parameters
    ----------
    path : Path
    columns : sequence of Column
    names : mapping of str to tuple of str
        Names behind the codes of text columns, which must hold every text of the file.
    rows : tuple of (int, int) or None
        The first and the one behind the last.

    Raises
    ------
    RunFolderError
        When the file is broken, holds a text that is not among the names, or values of another kind.
    """
    file = _quoted(_literal_pattern(str(path)))
    source = f"read_parquet({file})"
    if rows is not None:
        within = f"file_row_number >= {rows[0]} and file_row_number < {rows[1]}"
        source = f"read_parquet({file}, file_row_number=true) where {within}"
    values = ", ".join(_read(column, names.get(column.name, ())) for column in columns)
    with interrupt_held(), _connect() as connection:
        try:
            for column in columns:
                if column.kind == "text" and names[column.name]:
                    literals = ", ".join(_quoted(text) for text in names[column.name])
                    connection.execute(f'create or replace temp type "names of {column.name}" as enum ({literals})')
            arrays = connection.execute(f"select {values} from {source}").fetchnumpy()
            return {column.name: _plain(arrays[column.name], column) for column in columns}
        except (_refusal(), ValueError) as error:
            raise RunFolderError(f"{path}: cannot be read: {str(error).strip().splitlines()[0]}") from error


def blank_column(column: Column[Any], rows: int) -> NDArray[Any]:
    """Return what is read for a column that an earlier version did not write: NaN, -1, no, or the code 0."""
    return np.full(rows, _BLANKS[column.kind], dtype=DTYPES[column.kind])


def _asked(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query on a file."""
    if not path.is_file():
        raise RunFolderError(f"{path}: no such file")
    with interrupt_held(), _connect() as connection:
        try:
            return list(connection.execute(query.format(file=_quoted(_literal_pattern(str(path))))).fetchall())
        except _refusal() as error:
            raise RunFolderError(f"{path}: cannot be read: {_first_line(error)}") from error


def _connect() -> duckdb.DuckDBPyConnection:
    """Return a connection of its own to the database of this process."""
    return _database().cursor()


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """Open a database in memory that uses one thread and downloads nothing; it costs more than a small table."""
    # Loaded with the first table: commands and pages that read none begin sooner.
    import duckdb

    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})


def _refusal() -> type[Exception]:
    """Return what the database raises; it is asked for once there is something raised."""
    import duckdb

    return duckdb.Error


def _written(column: Column[Any]) -> str:
    value = f'"{column.name}"'
    if column.kind == "float64":
        value = f"nullif({value}, 'nan'::double)"
    return f'{value}::{_SQL_TYPES[column.kind]} as "{column.name}"'


def _read(column: Column[Any], names: tuple[str, ...]) -> str:
    if column.kind != "text":
        return f'"{column.name}"::{_SQL_TYPES[column.kind]} as "{column.name}"'
    if not names:
        return f'0::bigint as "{column.name}"'
    return f'enum_code({_text(column.name)}::"names of {column.name}")::bigint as "{column.name}"'


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


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]

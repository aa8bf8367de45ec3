"""Tables as streams of Arrow, by which libraries of data frames take them whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from sim.interrupts import interrupt_held

if TYPE_CHECKING:
    from sim.records.table import Table


def arrow_stream(table: Table, requested_schema: object = None) -> object:
    """Return the rows of a table as a capsule that holds an Arrow stream; NaN becomes a missing value.

    It is the Arrow PyCapsule interface, which needs no library besides DuckDB here.

    Parameters
    ----------
    table : Table
    requested_schema : object
        As the interface has it; what is asked for is not promised.
    """
    columns = table.to_dict()
    shown = [
        # Of a table without rows nothing but this says that a column holds text, or numbers.
        f'"{column.name}"::varchar as "{column.name}"'
        if column.kind == "text"
        else f'nullif("{column.name}", \'nan\'::double) as "{column.name}"'
        if column.kind == "float64"
        else f'"{column.name}"'
        for column in table.schema.columns
    ]
    with interrupt_held():
        connection = duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})
        connection.register("rows", columns)
        return connection.sql(f"select {', '.join(shown)} from rows").__arrow_c_stream__(requested_schema)

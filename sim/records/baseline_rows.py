"""Tables of people of several baselines one after the other, and the rows of one of them.

A comparison with one baseline has no column of that name. With several it stands in every table, and rows are sorted by
it before all else, so that the rows of one baseline are neighbours and whoever reads them need not know of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sim.records.column import Column, TableSchema, text
from sim.records.table import Table

BASELINE_COLUMN = "baseline"

_COLUMN: Column[Any] = text(
    BASELINE_COLUMN,
    "the people that advice is given to: habit or adapted commuters; the column is there where both were compared",
)


def baseline_schema(schema: TableSchema[Any]) -> TableSchema[Any]:
    """Return the schema of a table with the column `baseline` behind that of strategies."""
    place = schema.names.index("strategy") + 1
    columns = (*schema.columns[:place], _COLUMN, *schema.columns[place:])
    return TableSchema(schema.name, (BASELINE_COLUMN, *schema.order), columns, schema.sentence)


def with_baseline(tables: Mapping[str, Table], name: str) -> dict[str, Table]:
    """Return tables with the column `baseline`, the same in every row."""
    return {
        key: Table(
            baseline_schema(table.schema),
            {
                **{column: table[column] for column in table.schema.names},
                BASELINE_COLUMN: np.zeros(len(table), np.int64),
            },
            {**table.categories, BASELINE_COLUMN: (name,)},
        )
        for key, table in tables.items()
    }


class RowsOfTables(Mapping[str, Table]):
    """Some neighbouring rows of each of several tables.

    Parameters
    ----------
    tables : mapping of str to Table
    rows : mapping of str to slice
        By table; one that is not named is left out.
    """

    def __init__(self, tables: Mapping[str, Table], rows: Mapping[str, slice]) -> None:
        self._tables = tables
        self._rows = dict(rows)

    def __getitem__(self, name: str) -> Table:
        """Return the rows of a table."""
        return self._tables[name].where(self._rows[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

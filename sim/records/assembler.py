"""The one place where tables come into being: the entries of a schema, read from facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from numpy.typing import NDArray

from sim.records.column import TableSchema
from sim.records.table import Table

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Cells:
    """Values that were counted from other tables, by name of the column.

    Attributes
    ----------
    columns : mapping of str to ndarray, shape (rows,)
    names : mapping of str to tuple of str
        Names behind the codes of text columns.
    """

    columns: Mapping[str, NDArray[Any]]
    names: Mapping[str, tuple[str, ...]]


def assemble(schema: TableSchema[Facts], facts: Facts) -> Table:
    """Make a table by its entries.

    Parameters
    ----------
    schema : TableSchema
    facts
        What its entries read from.

    Raises
    ------
    KeyError
        When counted values lack a column.
    ValueError
        When what an entry reads is not of its type or length.
    """
    columns: dict[str, NDArray[Any]] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for column in schema.columns:
        columns[column.name] = _cells(facts).columns[column.name] if column.read is None else column.read(facts)
        if column.kind == "text":
            categories[column.name] = _cells(facts).names[column.name] if column.names is None else column.names(facts)
    return Table(schema, columns, categories)


def _cells(facts: object) -> Cells:
    if not isinstance(facts, Cells):
        raise TypeError(f"a column that says not how it is read needs counted values, not {type(facts).__name__}")
    return facts

"""A table in memory: NumPy columns under a declared schema, and how a declared one comes into being.

Columns may be read or picked when they are asked for, so that a table costs what is used of it. `assemble` is the one
place where tables are made of facts, by the entries of their schema.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, IntArray
from sim.records.column import TableSchema

if TYPE_CHECKING:
    import pandas

Facts = TypeVar("Facts")

DTYPES = MappingProxyType({"float64": np.float64, "int64": np.int64, "bool": np.bool_, "text": np.int64})
"""NumPy type of each kind of column; texts are kept as codes."""


class LazyColumns(Mapping[str, NDArray[Any]]):
    """Columns by name, each made at its first use.

    Attributes
    ----------
    rows : int
        Their length.
    """

    def __init__(self, names: tuple[str, ...], rows: int) -> None:
        self._names = names
        self.rows = rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __reduce__(self) -> tuple[Any, ...]:
        """Send all columns to other processes, as plain arrays."""
        return dict, (dict(self),)

    @abstractmethod
    def __getitem__(self, name: str) -> NDArray[Any]: ...

    def cut(self, first: int, rows: int) -> LazyColumns:
        """Return neighbouring rows of all columns."""
        return PickedColumns(self, slice(first, first + rows), rows)

    def fetch(self, names: Sequence[str]) -> None:
        """Make several columns at once, where that is quicker than one after the other."""

    def days(self) -> Sequence[DayRows] | None:
        """Return the days in the order of the rows; None where only the columns tell them."""
        return None


class DayRows(NamedTuple):
    """Where the rows of one strategy, replication and day are.

    Attributes
    ----------
    strategy : str
    replication, day : int
    first, last : int
        First and last row.
    rows : int
        How many; fewer than from first to last where rows of other days stand between them.
    """

    strategy: str
    replication: int
    day: int
    first: int
    last: int
    rows: int


class PickedColumns(LazyColumns):
    """Some rows of other columns.

    Parameters
    ----------
    columns : mapping of str to ndarray
    chosen : ndarray of bool or int, or slice
    rows : int
        How many are chosen.
    """

    def __init__(self, columns: Mapping[str, NDArray[Any]], chosen: BoolArray | IntArray | slice, rows: int) -> None:
        super().__init__(tuple(columns), rows)
        self._columns = columns
        self._chosen = chosen
        self._known: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return the chosen rows of a column."""
        if name not in self._known:
            self._known[name] = self._columns[name][self._chosen]
        return self._known[name]


@dataclass(frozen=True)
class Table:
    """Rows of one schema.

    Attributes
    ----------
    schema : TableSchema
    columns : mapping of str to ndarray, shape (rows,)
        Text columns hold codes into `categories`.
    categories : mapping of str to tuple of str
        Names behind the codes of each text column.
    """

    schema: TableSchema[Any]
    columns: Mapping[str, NDArray[Any]]
    categories: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        """Check names, types and lengths against the schema.

        Raises
        ------
        ValueError
            When a column is missing, unknown, of another type or of another length. Columns that are read
            when asked for are those of a table that was checked, or of a file.
        """
        if isinstance(self.columns, LazyColumns):
            return
        if set(self.columns) != set(self.schema.names):
            odd = sorted(set(self.columns) ^ set(self.schema.names))
            raise ValueError(f"{self.schema.name}: columns do not match the schema: {', '.join(odd)}")
        lengths = {len(column) for column in self.columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"{self.schema.name}: columns of different lengths {sorted(lengths)}")
        for column in self.schema.columns:
            if self.columns[column.name].dtype != DTYPES[column.kind]:
                found = self.columns[column.name].dtype
                raise ValueError(f"{self.schema.name}.{column.name} is {found}, not {column.kind}")
            if column.kind == "text" and column.name not in self.categories:
                raise ValueError(f"{self.schema.name}.{column.name} has no names for its codes")

    def __len__(self) -> int:
        """Count the rows."""
        if isinstance(self.columns, LazyColumns):
            return self.columns.rows
        return len(self.columns[self.schema.columns[0].name])

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column: numbers, or codes where it is text."""
        return self.columns[name]

    def fetch(self, *names: str) -> None:
        """Read columns that will be needed, at once where the table is on disk."""
        if isinstance(self.columns, LazyColumns):
            self.columns.fetch(names)

    def text(self, name: str) -> NDArray[Any]:
        """Return a text column as an array of strings, shape (rows,)."""
        names = np.array(self.categories[name], dtype=object)
        return names[self.columns[name]] if len(names) else np.zeros(0, dtype=object)

    def where(self, rows: BoolArray | IntArray | slice) -> Table:
        """Return the rows of a mask, of row numbers or of a slice, the latter without copying.

        A column is picked when it is asked for.
        """
        if isinstance(rows, slice):
            first, last, step = rows.indices(len(self))
            count = len(range(first, last, step))
            if step == 1 and isinstance(self.columns, LazyColumns):
                return Table(self.schema, self.columns.cut(first, count), self.categories)
        else:
            count = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        return Table(self.schema, PickedColumns(self.columns, rows, count), self.categories)

    def equals(self, name: str, value: str) -> BoolArray:
        """Return the mask of rows whose text column has the value, shape (rows,)."""
        names = self.categories[name]
        mask: BoolArray = self.columns[name] == (names.index(value) if value in names else -1)
        return mask

    def to_dict(self) -> dict[str, NDArray[Any]]:
        """Return all columns by name with texts decoded, as other libraries of data frames take them.

        Returns
        -------
        dict of str to ndarray, shape (rows,)
            Missing numbers are NaN in it; ``polars.DataFrame(table)`` itself has them missing.
        """
        return {
            column.name: self.text(column.name) if column.kind == "text" else self.columns[column.name]
            for column in self.schema.columns
        }

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the rows as an Arrow stream, as `polars.DataFrame(table)` takes them; NaN is missing there."""
        from sim.records.arrow import arrow_stream

        return arrow_stream(self, requested_schema)

    def to_pandas(self) -> pandas.DataFrame:
        """Return a pandas data frame with texts decoded; needs pandas installed."""
        import pandas

        data: dict[str, Any] = {}
        for column in self.schema.columns:
            values = self.columns[column.name]
            if column.kind == "text":
                data[column.name] = pandas.Categorical.from_codes(
                    values, categories=list(self.categories[column.name])
                ).astype(str)
            else:
                data[column.name] = values
        return pandas.DataFrame(data)


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


def concatenate(tables: Sequence[Table]) -> Table:
    """Put tables of one schema one after the other, joining their lists of names.

    Raises
    ------
    ValueError
        When there is no table, or schemas differ.
    """
    if not tables:
        raise ValueError("no tables to concatenate")
    if len(tables) == 1:
        return tables[0]
    schema = tables[0].schema
    if any(table.schema != schema for table in tables):
        raise ValueError("tables of different schemas")
    columns: dict[str, NDArray[Any]] = {}
    categories: dict[str, tuple[str, ...]] = {}
    for column in schema.columns:
        parts = [table.columns[column.name] for table in tables]
        if column.kind == "text":
            names, parts = _merge_names([table.categories[column.name] for table in tables], parts)
            categories[column.name] = names
        columns[column.name] = np.concatenate(parts)
    return Table(schema, columns, categories)


def _merge_names(
    lists: Sequence[tuple[str, ...]], parts: Sequence[NDArray[Any]]
) -> tuple[tuple[str, ...], list[NDArray[Any]]]:
    if all(names == lists[0] for names in lists):
        return lists[0], list(parts)
    order = {name: code for code, name in enumerate(dict.fromkeys(name for names in lists for name in names))}
    recoded = [
        np.array([order[name] for name in names], dtype=np.int64)[part] if len(names) else part
        for names, part in zip(lists, parts, strict=True)
    ]
    return tuple(order), recoded

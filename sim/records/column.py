"""How a column and a table are declared: the one place where a name of a table stands.

A column is an entry: name, type, unit, sentence, and how its values are read from what is known.
`sim.records.table.assemble` makes a table of the entries, and everything else that names columns
(the Parquet files, docs/tables.md, data frames) is made of them too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from numpy.typing import NDArray

Kind = Literal["float64", "int64", "bool", "text"]

Facts_contra = TypeVar("Facts_contra", contravariant=True)
"""What the rows of a table are read from."""

Facts = TypeVar("Facts")
Read = Callable[[Facts], NDArray[Any]]
Names = Callable[[Facts], tuple[str, ...]]


@dataclass(frozen=True)
class Column(Generic[Facts_contra]):
    """One column of a table.

    Attributes
    ----------
    name : str
    kind : str
        float64, int64, bool or text; text columns are kept as codes into a list of names.
    unit : str
        s, min, share or empty.
    description : str
        What a value says, in one sentence.
    read : callable
        Takes the facts and returns the values, shape (rows,); codes where the column is text. None
        where the facts are a `sim.records.table.Cells`, which has them under the column's name.
    names : callable
        Takes the facts and returns the names behind the codes of a text column; None as for `read`.
    """

    name: str
    kind: Kind
    unit: str
    description: str
    read: Callable[[Facts_contra], NDArray[Any]] | None = None
    names: Callable[[Facts_contra], tuple[str, ...]] | None = None


def real(name: str, unit: str, description: str, read: Read[Facts] | None = None) -> Column[Facts]:
    """Declare a column of float64."""
    return Column(name, "float64", unit, description, read)


def whole(name: str, description: str, read: Read[Facts] | None = None) -> Column[Facts]:
    """Declare a column of int64, which has no unit."""
    return Column(name, "int64", "", description, read)


def flag(name: str, description: str, read: Read[Facts] | None = None) -> Column[Facts]:
    """Declare a column of true and false."""
    return Column(name, "bool", "", description, read)


def text(
    name: str, description: str, read: Read[Facts] | None = None, names: Names[Facts] | None = None
) -> Column[Facts]:
    """Declare a column of texts, read as codes into `names`."""
    return Column(name, "text", "", description, read, names)


@dataclass(frozen=True)
class TableSchema(Generic[Facts_contra]):
    """A table: its columns and the order of its rows.

    Attributes
    ----------
    name : str
    order : tuple of str
        What rows are sorted by. `trip`, `line` and `stop` stand for the order in the network, which that
        of their ids is not.
    columns : tuple of Column
    sentence : str
        What a row is.
    """

    name: str
    order: tuple[str, ...]
    columns: tuple[Column[Facts_contra], ...]
    sentence: str = ""

    def column(self, name: str) -> Column[Facts_contra]:
        """Return the column of that name.

        Raises
        ------
        KeyError
            When there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def __reduce__(self) -> tuple[Any, ...]:
        """Send declared tables to other processes by name: they know the entries, and these hold functions."""
        from sim.records.schema import schema_named

        if schema_named(self.name) is self:
            return schema_named, (self.name,)
        return TableSchema, (self.name, self.order, self.columns, self.sentence)

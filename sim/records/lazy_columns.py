"""Columns that are read or picked when they are asked for, so that a table costs what is used of it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from numpy.typing import NDArray

from sim.arrays import BoolArray, IntArray


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

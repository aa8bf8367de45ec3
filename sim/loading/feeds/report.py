"""The import report: everything dropped or repaired, counted, each with its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from sim.loading.csv_tables import TextTable
from sim.loading.feeds.rules import RULES
from sim.units import BoolArray, IntArray

_EXAMPLES = 5


@dataclass(frozen=True)
class Entry:
    """One line of the report.

    Attributes
    ----------
    kind : str
        ``dropped``, ``repaired`` or ``noted``.
    name : str
        Name of the rule.
    file : str
        File as the user knows it.
    count : int
    what : str
        What is counted.
    rule : str
        What is done, as a sentence.
    examples : tuple of str
        Up to five, with lines of the file where there are any.
    """

    kind: str
    name: str
    file: str
    count: int
    what: str
    rule: str
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write the entry as a sentence."""
        examples = f" ({', '.join(self.examples)}{', ...' if self.count > len(self.examples) else ''})"
        return f"{self.count:,} {self.what} {self.kind}: {self.rule}{examples if self.examples else ''}"


class Ledger:
    """Takes up what an import does."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, name: str, file: str, count: int, examples: Iterable[str] = ()) -> None:
        """Take up that a rule was applied; nothing happens where the count is 0."""
        if count:
            rule = RULES[name]
            shown = tuple(text for text, _ in zip(examples, range(_EXAMPLES), strict=False))
            self.entries.append(Entry(rule.kind, name, file, int(count), rule.what, rule.rule, shown))

    def rows(
        self, name: str, table: TextTable, rows: BoolArray | IntArray | Sequence[int], column: str | None = None
    ) -> None:
        """Take up that a rule was applied to rows of a table, given as numbers or as a mask.

        Parameters
        ----------
        name : str
            Name of the rule.
        table : TextTable
        rows : ndarray or sequence
        column : str, optional
            Whose values are shown as examples.
        """
        numbers = np.asarray(rows)
        if numbers.dtype == np.bool_:
            numbers = np.flatnonzero(numbers)
        show: Callable[[int], str] = lambda row: f"line {table.line[row]}"  # noqa: E731
        if column is not None:
            values = table.text(column)
            show = lambda row: f"line {table.line[row]}: {values[row]!r}"  # noqa: E731
        self.add(name, table.file, len(numbers), (show(int(row)) for row in numbers[:_EXAMPLES]))


@dataclass(frozen=True)
class ImportReport:
    """What an import read, and what it did.

    Attributes
    ----------
    feed : str
        Path as the user named it.
    sha256 : tuple of (str, str)
        Hash of each file read.
    wishes : dict of str to str
        Choices of the user: date, routes, box and the like.
    before, after : dict of str to int
        Rows of the main tables as they stand in the feed, and in the network.
    first_date, last_date : str
        Span of the calendar; blank where unknown.
    entries : tuple of Entry
        In the order in which the rules are applied.
    """

    feed: str
    sha256: tuple[tuple[str, str], ...]
    wishes: dict[str, str]
    before: dict[str, int]
    after: dict[str, int]
    first_date: str
    last_date: str
    entries: tuple[Entry, ...] = field(default=())

    def count(self, name: str) -> int:
        """Return how often a rule was applied."""
        return sum(entry.count for entry in self.entries if entry.name == name)

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """Return the entries that are dropped, repaired or noted."""
        return tuple(entry for entry in self.entries if entry.kind == kind)

    def as_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "format": 1,
            "feed": self.feed,
            "sha256": dict(self.sha256),
            "wishes": self.wishes,
            "before": self.before,
            "after": self.after,
            "first_date": self.first_date,
            "last_date": self.last_date,
            "entries": [{**asdict(entry), "examples": list(entry.examples)} for entry in self.entries],
        }

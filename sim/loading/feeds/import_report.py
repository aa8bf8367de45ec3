"""The import report: everything dropped or repaired, counted, each with its rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import zip_longest
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from sim.arrays import BoolArray, IntArray
from sim.loading.csv_tables import TextTable
from sim.loading.feeds.cleaning_rules import RULES

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
    counts : tuple of (str, int)
        Names of files and how much of the count is of each, where there are several; `file` is blank then.
    """

    kind: str
    name: str
    file: str
    count: int
    what: str
    rule: str
    examples: tuple[str, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        """Write the entry as a sentence with its file, or with its files and how much of it is of each."""
        if self.counts:
            places = ", ".join(f"{name} {count:,}" for name, count in self.counts)
        else:
            places = PurePosixPath(self.file).name
        return f"{places}: {self.sentence()}" if places else self.sentence()

    def sentence(self) -> str:
        """Write what was done, how often and by which rule."""
        what = _one(self.what) if self.count == 1 else self.what
        more = ", ..." if len(self.examples) == _EXAMPLES and self.count > _EXAMPLES else ""
        examples = f" ({', '.join(self.examples)}{more})"
        return f"{self.count:,} {what} {self.kind}: {self.rule}{examples if self.examples else ''}"


class ImportLedger:
    """Takes up what an import does."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, name: str, file: str, count: int, examples: Iterable[str] = ()) -> None:
        """Take up that a rule was applied; nothing happens where the count is 0."""
        if count:
            rule = RULES[name]
            shown = tuple(text for text, _ in zip(examples, range(_EXAMPLES), strict=False))
            self.entries.append(Entry(rule.kind, name, file, int(count), rule.what, rule.rule, shown))

    def merged(self) -> tuple[Entry, ...]:
        """Return the entries, those of one rule in several files made into one."""
        by_name: dict[str, list[Entry]] = {}
        for entry in self.entries:
            by_name.setdefault(entry.name, []).append(entry)
        return tuple(_merged(entries) for entries in by_name.values())

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


def _one(many: str) -> str:
    """Return the singular of what is counted."""
    return f"{many[:-3]}y" if many.endswith("ies") else many.removesuffix("s")


def _merged(entries: list[Entry]) -> Entry:
    if len({entry.file for entry in entries}) == 1 and len(entries) == 1:
        return entries[0]
    files = list(dict.fromkeys(entry.file for entry in entries))
    # Round by round, so that every file has its say among the few examples.
    rounds = zip_longest(*(_with_file(entry) for entry in entries))
    examples = tuple(text for texts in rounds for text in texts if text is not None)[:_EXAMPLES]
    count = sum(entry.count for entry in entries)
    if len(files) == 1:
        return replace(entries[0], count=count, examples=examples)
    counts: dict[str, int] = {}
    for entry in entries:
        name = PurePosixPath(entry.file).name
        counts[name] = counts.get(name, 0) + entry.count
    return replace(entries[0], file="", count=count, examples=examples, counts=tuple(counts.items()))


def _with_file(entry: Entry) -> tuple[str, ...]:
    name = PurePosixPath(entry.file).name
    return tuple(f"{name} {text}" for text in entry.examples) or (name,)


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
    totals : dict of str to float
        Hours and kilometres of all trips of the timetable, each counted once.
    kept : tuple of str
        Files of a planner that were carried over from an older import.
    """

    feed: str
    sha256: tuple[tuple[str, str], ...]
    wishes: dict[str, str]
    before: dict[str, int]
    after: dict[str, int]
    first_date: str
    last_date: str
    entries: tuple[Entry, ...] = ()
    totals: dict[str, float] = field(default_factory=dict)
    kept: tuple[str, ...] = ()

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
            "totals": self.totals,
            "kept": list(self.kept),
            "entries": [
                {**asdict(entry), "examples": list(entry.examples), "counts": dict(entry.counts)}
                for entry in self.entries
            ],
        }

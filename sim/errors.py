"""The errors a user can cause, each naming the place and what would be accepted."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

MOST_LETTERS: Final = 400
"""Letters that a message or key may have; more is cut out of its middle, since both ends say what is meant."""
_BIDI: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")
_BREAKS: Final = frozenset("\u2028\u2029")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in the input.

    Attributes
    ----------
    file : str
        File or folder as the user named it; empty where there is none.
    line, column : int
        Position counted from 1; 0 where unknown.
    key : str
        Dotted key path of a scenario file, or column of a table; may be empty.
    message : str
        What is wrong and what would be accepted.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        """Write ``file:line:column: key: message``, leaving out what is unknown and the middle of what is endless."""
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        return ": ".join(shortened(part) for part in (place, self.key, self.message) if part)


def shortened(text: str, most: int = MOST_LETTERS) -> str:
    """Return a text with its middle cut out where it has more letters than that."""
    if len(text) <= most:
        return text
    tail = most // 3
    return f"{text[: most - tail]} [{len(text) - most:,} letters left out] {text[-tail:]}"


def visible(text: str) -> str:
    """Return a text in which characters that command a terminal, or turn the direction of writing, are spelled out.

    Line ends and tabs stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_spelled(letter) for letter in text)


def _spelled(letter: str) -> str:
    if letter in "\n\t" or not (unicodedata.category(letter) == "Cc" or letter in _BIDI or letter in _BREAKS):
        return letter
    return f"\\x{ord(letter):02x}" if ord(letter) < 0x100 else f"\\u{ord(letter):04x}"


class SimError(Exception):
    """Base of all errors caused by the input; its text is fit for the user."""


class InputError(SimError):
    """Input with one or more problems, all of them listed.

    Attributes
    ----------
    problems : tuple of Problem
        Every problem found, in the order of the file.
    advice : tuple of str
        What to do about them, a line each.
    """

    def __init__(self, problems: Iterable[Problem], advice: Iterable[str] = ()) -> None:
        self.problems = tuple(problems)
        self.advice = tuple(advice)
        super().__init__("\n".join([*map(str, self.problems), *self.advice]))


class ScenarioError(InputError):
    """A scenario file, or what it names, cannot be used."""


class NetworkError(InputError):
    """A network folder or GTFS feed cannot be used."""


class RunFolderError(SimError):
    """A run folder is missing, incomplete or not a run folder."""


class ClusterError(SimError):
    """A cluster does not answer, or a worker of it runs something else."""


class ShardError(SimError):
    """A part of a sweep that does not exist, does not fit the others, or is not there yet."""


class StrategyError(SimError):
    """A strategy or a holding rule cannot be used; its text says why."""


class EngineError(SimError):
    """The engine that was asked for cannot be used."""


class UnknownNameError(SimError):
    """A stop, strategy, case or metric was asked for by a name that does not exist, or a journey that nobody can make.

    Parameters
    ----------
    text : str
    code : str, optional
        By which the pages of the app find the same sentence in their language.
    **values : str
        Of the names in that sentence.
    """

    def __init__(self, text: str, code: str = "unknown", **values: str) -> None:
        super().__init__(text)
        self.code = code
        self.values = values

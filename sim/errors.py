"""The errors a user can cause, each naming the place and what would be accepted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


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
        """Write ``file:line:column: key: message``, leaving out what is unknown."""
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class SimError(Exception):
    """Base of all errors caused by the input; its text is fit for the user."""


class InputError(SimError):
    """Input with one or more problems, all of them listed.

    Attributes
    ----------
    problems : tuple of Problem
        Every problem found, in the order of the file.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


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


class EngineError(SimError):
    """The engine that was asked for cannot be used."""


class UnknownNameError(SimError):
    """A stop, strategy, case or metric was asked for by a name that does not exist."""

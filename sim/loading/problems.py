"""What is found while files are read: problems that stop, and remarks that do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from sim.errors import Problem

_MOST_OF_A_KIND = 100


class ProblemCollector:
    """Collects problems and mentions, so that all of them can be told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.mentions: list[Problem] = []

    def problem(self, file: str, message: str, *, line: int = 0, key: str = "") -> None:
        """Note something that makes the input unusable."""
        self.problems.append(Problem(file, line, 0, key, message))

    def mention(self, file: str, message: str, *, line: int = 0, key: str = "") -> None:
        """Note something a user should know, but can live with."""
        self.mentions.append(Problem(file, line, 0, key, message))

    def problem_rows(self, file: str, lines: Iterable[int], key: str, message: Callable[[int], str] | str) -> None:
        """Note one problem per row, at most a hundred of a kind.

        Parameters
        ----------
        file : str
            Name of the table as the user sees it.
        lines : iterable of int
            Line numbers of the rows.
        key : str
            Column.
        message : callable or str
            What is wrong, for the n-th of the lines or for all.
        """
        numbers = list(lines)
        for place, line in enumerate(numbers[:_MOST_OF_A_KIND]):
            self.problem(file, message if isinstance(message, str) else message(place), line=line, key=key)
        if len(numbers) > _MOST_OF_A_KIND:
            self.problem(file, f"{len(numbers) - _MOST_OF_A_KIND} more rows like these", key=key)


def shown_path(path: Path) -> str:
    """Write a path as short as a user would: relative to the current folder where it lies below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)

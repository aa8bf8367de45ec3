"""How results and progress are shown."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from sim.cli.failures import heard
from sim.errors import visible

_WIDTH_OF_FILES = 100
_LEAST_WIDTH = 60
_MOST_WIDTH = 140
_FIRST_LINE_S = 10.0
_NEXT_LINE_S = 30.0
"""When lines of progress are due where there is no terminal; what takes less than 10 s has none."""

Progress = Callable[[int, int], None]


def echo(text: object = "", err: bool = False) -> None:
    """Print a line; what would command the terminal, as names in a feed may, is spelled out."""
    click.echo(visible(str(text)), err=err)


def text_width() -> int:
    """Return how many cells a line may have: those of the terminal, or as COLUMNS says; 100 where there is neither."""
    if not _has_width():
        return _WIDTH_OF_FILES
    columns = shutil.get_terminal_size((_WIDTH_OF_FILES, 24)).columns
    return max(_LEAST_WIDTH, min(columns, _MOST_WIDTH))


def table_width() -> int:
    """Return how many cells a line of a table may have: as `text_width`, any number where there is no terminal."""
    return text_width() if _has_width() else sys.maxsize


def _has_width() -> bool:
    return sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()


def print_json(value: Any) -> None:
    """Print a value as JSON, in ASCII so that every terminal and pipe carries it."""
    from sim.records.folder import json_ready

    echo(json.dumps(json_ready(value), indent=2, allow_nan=False))


def save_picture(chart: Any, file: str | os.PathLike[str]) -> None:
    """Draw a chart into a file; what is wrong with the picture is said in a line on stderr.

    Parameters
    ----------
    chart : sim.report.charts.chart.Chart
    file : str or path
    """
    from sim.report.charts.picture import chart_picture

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        chart_picture(chart).savefig(file)
    for item in caught:
        echo(f"{file}: {item.message}", err=True)


def print_sentences(sentences: list[str]) -> None:
    """Print each sentence from a line of its own, never parting a number from its percent sign."""
    for sentence in sentences:
        print_wrapped(sentence, "", "  ")


def print_wrapped(text: str, first: str = "", other: str = "") -> None:
    """Print a text in lines that the terminal holds, a Chinese sign counting as two cells.

    Parameters
    ----------
    text : str
    first, other : str
        What the first line begins with, and each further one.
    """
    from sim.report.text_grid import wrapped

    lines = wrapped(text.replace(" %", "\N{NO-BREAK SPACE}%"), text_width() - len(other), len(other) - len(first))
    for place, line in enumerate(lines):
        shown = line.replace("\N{NO-BREAK SPACE}%", " %")
        echo(f"{other if place else first}{shown}")


def print_facts(facts: Mapping[str, str]) -> None:
    """Print names and values in two columns, long values wrapped."""
    from sim.report.text_grid import facts_grid

    echo(facts_grid(facts, text_width()))


def print_listing(header: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int]) -> None:
    """Print a row per thing found, the last column wrapped to what the terminal leaves for it.

    Where names are long the other columns take the whole line; each thing then has a block of lines.
    """
    from sim.report.text_grid import listing

    echo(listing(header, rows, left, table_width()))


def text_of(words: Sequence[str]) -> str:
    """Return the words of a command line as one text."""
    return " ".join(words).strip()


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number before the word for that many; `many` where the plural is not `one` with an s."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


@contextmanager
def progress_bar(what: str, unit: str = "") -> Iterator[Progress]:
    """Show how far work is, and let Ctrl-C end it; as `shown_progress`."""
    with shown_progress(what, unit) as progress:
        yield heard(progress)


@contextmanager
def shown_progress(what: str, unit: str = "") -> Iterator[Progress]:
    """Show a bar on stderr where that is a terminal, else a line there now and then.

    Parameters
    ----------
    what : str
        What is being done.
    unit : str
        What is counted, where that is not plain.

    Yields
    ------
    callable
        To be told (finished, total).
    """
    if not sys.stderr.isatty():
        from sim.api.progress import ProgressLines

        yield ProgressLines(what, unit, lambda line: echo(line, err=True), _FIRST_LINE_S, _NEXT_LINE_S)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

    from sim.api.progress import duration_text, time_left_s

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
        TextColumn("{task.fields[left]}"),
    )
    start: list[tuple[float, int]] = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None, left="reading")

        def told(finished: int, total: int) -> None:
            now = (time.monotonic(), finished)
            if not start:
                start.append(now)
            left_s = time_left_s(start[0], now, total)
            # The first of them is under way: nothing can be said of the others yet.
            left = "time left unknown yet" if left_s is None else f"{duration_text(left_s)} left"
            bar.update(task, completed=finished, total=total, left=left)

        yield told

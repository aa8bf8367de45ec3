"""Progress of a simulation as a line of text: how much is done, and how long the rest will take."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sim.experiments.workers import Progress

FIRST_S = EVERY_S = 0.5
"""When the line of a notebook is first due, and how often it may change."""
_MINUTE_S = 60
_HOUR_S = 3600


@dataclass
class ProgressLines:
    """Writes a line now and then.

    Attributes
    ----------
    what, unit : str
        What is being done, and what is counted.
    write : callable
        Takes the line.
    first_s, every_s : float
        How long after the start the first line is due, and how long after a line the next one.
    clock : callable
        Seconds of a clock that never goes back.
    """

    what: str
    unit: str
    write: Callable[[str], None]
    first_s: float
    every_s: float
    clock: Callable[[], float] = time.monotonic
    _start: tuple[float, int] | None = field(default=None, init=False)
    _due_s: float = field(default=0.0, init=False)

    def __call__(self, finished: int, total: int) -> None:
        """Take notice, and write a line where one is due."""
        now = self.clock()
        if self._start is None:
            self._start = (now, finished)
            self._due_s = now + self.first_s
        if now >= self._due_s and finished < total:
            self._due_s = now + self.every_s
            left_s = time_left_s(self._start, (now, finished), total)
            self.write(progress_text(self.what, self.unit, (finished, total), left_s))


def time_left_s(start: tuple[float, int], now: tuple[float, int], total: int) -> float | None:
    """Estimate the time left from that of what was done since the start; what was done before took none.

    Parameters
    ----------
    start, now : (float, int)
        Seconds of a clock, and what was finished then.
    total : int

    Returns
    -------
    float or None
        None before something was done.
    """
    done = now[1] - start[1]
    return (now[0] - start[0]) * (total - now[1]) / done if done else None


def progress_text(what: str, unit: str, count: tuple[int, int], left_s: float | None) -> str:
    """Write ``simulating: 12 of 240 days, 1 min 20 s left``."""
    counted = f"{what}: {count[0]:,} of {count[1]:,} {unit}".rstrip()
    return counted if left_s is None else f"{counted}, {duration_text(left_s)} left"


def duration_text(seconds: float) -> str:
    """Write seconds as people say them, as in ``1 min 20 s``."""
    # Rounded first: 179.6 s were 2 min 60 s.
    whole_s = round(seconds)
    if whole_s < _MINUTE_S:
        return f"{whole_s} s"
    if whole_s < _HOUR_S:
        return f"{whole_s // _MINUTE_S} min {whole_s % _MINUTE_S:02} s"
    return f"{whole_s // _HOUR_S} h {whole_s % _HOUR_S // _MINUTE_S:02} min"


@contextmanager
def shown(progress: Progress | None, unit: str = "days") -> Iterator[Progress | None]:
    """Give what a caller wants to be told; in a notebook without such, a line that changes in its place.

    Parameters
    ----------
    progress : callable or None
    unit : str
        What is counted.
    """
    display = None if progress is not None else _notebook_display()
    if display is None:
        yield progress
        return
    line = _NotebookLine(display)
    try:
        yield ProgressLines("simulating", unit, line.write, FIRST_S, EVERY_S)
    finally:
        line.clear()


class _NotebookLine:
    """A line of a notebook that changes in its place, and is gone at the end."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._handle: Any = None

    def write(self, text: str) -> None:
        if self._handle is None:
            self._handle = self._display.display({"text/plain": text}, raw=True, display_id=True)
        else:
            self._handle.update({"text/plain": text}, raw=True)

    def clear(self) -> None:
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)


def _notebook_display() -> Any:
    """Return IPython's means of display where this runs in a notebook, else None; IPython is not needed otherwise."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    if shell is None or not hasattr(shell, "kernel"):
        return None
    import IPython.display

    return IPython.display

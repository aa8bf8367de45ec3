"""What a user can cause, told in one line each and with the right exit code.

Exit codes: 1 where the input is wrong, 2 for wrong usage (click's own), 130 after Ctrl-C (a second
one ends at once),
141 where the reader of the output has gone, as shells count it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from typing import IO, Any

import click
from click.exceptions import Exit

from sim.errors import InputError, SimError, visible

INTERRUPTED = 130
NOBODY_READS = 141


class InputWrong(click.ClickException):
    """The input is wrong: one line on stderr for each problem and each advice, exit code 1.

    Parameters
    ----------
    problems : sequence of str
        A sentence each, with its place.
    """

    exit_code = 1

    def __init__(self, problems: Sequence[str]) -> None:
        self.lines = tuple(" ".join(problem.split()) for problem in problems)
        super().__init__("\n".join(self.lines))

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the problems."""
        for line in self.lines:
            click.echo(visible(line), file=file, err=file is None)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turn errors a user can cause into lines on stderr and an exit code; anything else is a bug and passes."""
    try:
        with interruptible(lambda: "interrupted; nothing was written"):
            yield
    except InputError as error:
        raise InputWrong([*map(str, error.problems), *error.advice]) from error
    except SimError as error:
        raise InputWrong([str(error)]) from error
    except BrokenPipeError as error:
        _stop_writing()
        raise Exit(NOBODY_READS) from error
    except OSError as error:
        raise InputWrong([_of_system(error)]) from error
    except MemoryError as error:
        raise InputWrong(
            ["there is not enough memory for this; fewer days_kept or a smaller demand need less"]
        ) from error
    except BrokenExecutor as error:
        message = "a process of --jobs ended before its work was done, as when memory runs out; try fewer --jobs"
        raise InputWrong([message]) from error


@contextmanager
def interruptible(message: Callable[[], str]) -> Iterator[None]:
    """Say in one line that the command was interrupted, and end it with the exit code for that.

    Parameters
    ----------
    message : callable
        Returns what Ctrl-C leaves, once all that was at work has ended.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        # Invariant: after Ctrl-C a command ends as interrupted, whatever a library made of the KeyboardInterrupt within
        # it: NumPy has made a TypeError of it, ctypes an ArgumentError. tests/unit/test_cli_interrupts.py
        # shows it.
        if isinstance(error, Exit) or not (isinstance(error, KeyboardInterrupt) or _pressed.is_set()):
            raise
        click.echo(visible(message()), err=True)
        raise Exit(INTERRUPTED) from error


def heard(progress: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Return a progress function that interrupts the work where Ctrl-C was pressed and nobody heard it.

    Python drops exceptions within finalizers and some callbacks, and a `KeyboardInterrupt` may fall into one. Where
    several processes work, progress is told by a thread of its own, whose exceptions would end nothing.
    """

    def told(finished: int, total: int) -> None:
        if _pressed.is_set() and threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt
        progress(finished, total)

    return told


_pressed = threading.Event()


@contextmanager
def second_interrupt_ends() -> Iterator[None]:
    """Let the first Ctrl-C end the command in order, and a second one end the process at once.

    What is cleared away after the first may take long; the second leaves that to the next command.
    """
    mine = threading.current_thread() is threading.main_thread()
    if not mine or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # in a thread, or where somebody else decides about Ctrl-C, as a shell does for what runs behind
        return

    def first(_number: int, _frame: object) -> None:
        _pressed.set()
        _end_at_next_interrupt()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _pressed.clear()


def _end_at_next_interrupt() -> None:
    """Let the next Ctrl-C end the process, also while a library is at work that does not return for minutes."""

    def end(_number: int, _frame: object) -> None:
        os._exit(INTERRUPTED)

    signal.signal(signal.SIGINT, end)
    if sys.platform == "win32":
        return
    # Handlers of Python run between its own steps alone; the byte that the system's own handler writes is read at once.
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def watch() -> None:
        while os.read(reader, 1) != bytes([signal.SIGINT]):
            pass
        os._exit(INTERRUPTED)

    threading.Thread(target=watch, daemon=True).start()


def _of_system(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename else reason


def _stop_writing() -> None:
    """Send what is still buffered nowhere, so that Python does not complain about it at its end."""
    try:
        stdout = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stdout)
    os.close(nowhere)

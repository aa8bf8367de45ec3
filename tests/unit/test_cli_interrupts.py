"""Ctrl-C ends a command as interrupted, whatever a library makes of it, and also where nobody hears it."""

from __future__ import annotations

import signal
import subprocess
import sys

import click
import pytest
from click.exceptions import Exit

from sim.cli.failures import INTERRUPTED, heard, interruptible, second_interrupt_ends, told_in_one_line


@pytest.fixture(autouse=True)
def handler():
    """Let Ctrl-C raise, as in a terminal; a shell starts what runs behind with Ctrl-C ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def press():
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def ends(work):
    """Return the exit code that work ends with."""
    with pytest.raises(Exit) as caught, second_interrupt_ends(), interruptible(lambda: "kept"):
        work()
    return caught.value.exit_code


@pytest.mark.parametrize("made_of_it", [TypeError("compare"), OSError("cannot be written"), click.ClickException("no")])
def test_what_a_library_makes_of_ctrl_c_is_ctrl_c(made_of_it, capsys):
    def work():
        press()
        raise made_of_it

    assert ends(work) == INTERRUPTED
    assert capsys.readouterr().err == "kept\n"


def test_a_fault_without_ctrl_c_stays_a_fault(capsys):
    def work():
        raise TypeError("a fault")

    with pytest.raises(TypeError, match="a fault"), second_interrupt_ends(), told_in_one_line():
        work()
    assert capsys.readouterr().err == ""


def test_ctrl_c_of_an_earlier_command_is_not_that_of_the_next():
    assert ends(press_and_leave) == INTERRUPTED
    with pytest.raises(TypeError), second_interrupt_ends(), told_in_one_line():
        raise TypeError("a fault")


def test_ctrl_c_of_an_earlier_command_is_not_that_of_one_where_somebody_else_decides():
    assert ends(press_and_leave) == INTERRUPTED
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.raises(TypeError), second_interrupt_ends(), told_in_one_line():
            raise TypeError("a fault")
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def press_and_leave():
    press()
    raise Exit(INTERRUPTED)


def test_ctrl_c_that_nobody_heard_is_heard_at_the_next_step(capsys):
    steps = []

    def work():
        progress = heard(lambda finished, total: steps.append(finished))
        progress(1, 3)
        press()  # and lost, as within a finalizer
        progress(2, 3)

    assert ends(work) == INTERRUPTED
    assert (steps, capsys.readouterr().err) == ([1], "kept\n")


def test_inner_words_are_said_and_outer_ones_are_not(capsys):
    with pytest.raises(Exit), second_interrupt_ends(), told_in_one_line(), interruptible(lambda: "kept here"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "kept here\n"


STOPPED_WHILE_READING = """
import os, signal, sys

signal.signal(signal.SIGINT, signal.{handler})

class Stops:
    def find_spec(self, name, path, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Stops())
sys.argv = ["peakshift", "--version"]
from sim.cli.entry import main
main(prog_name="peakshift")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process is not sent Ctrl-C alone there")
def test_ctrl_c_while_modules_are_read_says_nothing():
    script = STOPPED_WHILE_READING.format(handler="default_int_handler")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


@pytest.mark.skipif(sys.platform == "win32", reason="a process is not sent Ctrl-C alone there")
def test_ctrl_c_that_is_ignored_stops_no_reading_of_modules():
    """As in a shell, which starts what runs behind with Ctrl-C ignored."""
    script = STOPPED_WHILE_READING.format(handler="SIG_IGN")
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("peakshift, version")

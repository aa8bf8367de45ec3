"""Progress as lines of text: due now and then, with the time that is left."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest

import sim
from sim.api.progress import ProgressLines, progress_text, shown


def lines_of(told, first_s=10.0, every_s=30.0):
    """Return the lines written where (second, finished, total) are told."""
    lines: list[str] = []
    seconds = iter([second for second, _, _ in told])
    progress = ProgressLines("simulating", "days", lines.append, first_s, every_s, clock=lambda: next(seconds))
    for _, finished, total in told:
        progress(finished, total)
    return lines


def test_lines_are_due_at_first_and_now_and_then_and_not_at_the_end():
    told = [(second, second, 100) for second in range(101)]
    assert lines_of(told) == [
        "simulating: 10 of 100 days, 1 min 30 s left",
        "simulating: 40 of 100 days, 1 min 00 s left",
        "simulating: 70 of 100 days, 30 s left",
    ]


def test_what_is_soon_done_has_no_line():
    assert lines_of([(0, 0, 9), (9, 8, 9), (11, 9, 9)]) == []


def test_days_that_were_kept_from_before_took_no_time():
    assert lines_of([(0, 500, 600), (20, 510, 600)]) == ["simulating: 510 of 600 days, 3 min 00 s left"]


def test_nothing_is_said_of_the_time_left_before_something_is_done():
    assert lines_of([(0, 0, 9), (10, 0, 9)]) == ["simulating: 0 of 9 days"]


@pytest.mark.parametrize(
    ("left_s", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (59.7, "1 min 00 s"),
        (61, "1 min 01 s"),
        (179.6, "3 min 00 s"),
        (3599.9, "1 h 00 min"),
        (7260, "2 h 01 min"),
        (90_000, "25 h 00 min"),
    ],
)
def test_times_left_are_written_as_people_say_them(left_s, text):
    assert progress_text("sweeping", "", (1, 2000), left_s) == f"sweeping: 1 of 2,000, {text} left"


class Notebook:
    """Stands for IPython in a notebook: keeps what is displayed."""

    def __init__(self):
        self.shown = []

    def display(self, data, *, raw, display_id):
        assert raw
        assert display_id
        self.shown.append(data["text/plain"])
        return SimpleNamespace(update=lambda data, raw: self.shown.append(data["text/plain"]))


@pytest.fixture
def notebook(monkeypatch):
    notebook = Notebook()
    ipython, display = ModuleType("IPython"), ModuleType("IPython.display")
    ipython.get_ipython = lambda: SimpleNamespace(kernel=object())
    ipython.display = display
    display.display = notebook.display
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return notebook


def test_a_notebook_has_a_line_that_is_gone_at_the_end(notebook, monkeypatch):
    monkeypatch.setattr("sim.api.progress.FIRST_S", 0.0)
    monkeypatch.setattr("sim.api.progress.EVERY_S", 0.0)
    sim.run("two_lines_lesson", replications=1, overrides={"days": 3, "advisor.strategy": "none"})
    assert notebook.shown[0] == "simulating: 0 of 3 days"
    assert notebook.shown[1].startswith("simulating: 1 of 3 days, ")
    assert notebook.shown[-1] == ""


def test_own_progress_comes_before_that_of_a_notebook(notebook):
    def own(finished, total):
        return None

    with shown(own) as told:
        assert told is own
    with shown(None) as told:
        assert isinstance(told, ProgressLines)


def test_outside_of_a_notebook_nothing_is_shown():
    with shown(None) as told:
        assert told is None

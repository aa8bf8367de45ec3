"""Simulations of the command line that are under way, as the board lists them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from support.served import Served, write_comparison

import sim
from sim.app import RunLibrary
from sim.records.progress_note import ProgressNote, noted_progress


@pytest.fixture
def runs(tmp_path) -> Path:
    return write_comparison(tmp_path).parent


def test_a_simulation_tells_how_far_it_is_while_it_runs(runs):
    """It is looked at from within, day by day: beside the run folder to be, and gone when that is there."""
    library, seen = RunLibrary(runs), []

    def look(done: int, total: int) -> None:
        seen.append((done, total, library.unfinished()))

    result = sim.run("two_lines_lesson", folder=runs / "next", progress=look, overrides={"days": 3}, replications=2)
    assert {name for *_, jobs in seen for name in (job["name"] for job in jobs)} == {"next"}
    done, total, (job,) = seen[-1]
    assert done == total == job["total"] == job["done"] == 6
    assert job["age_s"] < 600
    result.write(runs / "next")
    assert library.unfinished() == []
    assert "next" in {run.key for run in library.runs()}


def test_jobs_are_listed_with_the_runs(runs):
    folder = runs / ".next.parts"
    folder.mkdir()
    ProgressNote(folder).tell(3, 8)
    found = Served(runs).ask("/api/v1/runs").json()
    assert [run["key"] for run in found["runs"]] == ["served"]
    (job,) = found["unfinished"]
    assert (job["name"], job["done"], job["total"]) == ("next", 3, 8)


def test_notes_that_are_old_broken_or_of_others_are_left_out(runs):
    for name, text in ((".old.parts", '{"done": 1, "total": 2}'), (".broken.parts", "{"), (".odd.parts", "[]")):
        (runs / name).mkdir()
        (runs / name / ".progress.json").write_text(text, encoding="utf-8")
    os.utime(runs / ".old.parts" / ".progress.json", (0, 0))
    (runs / ".link.parts").symlink_to(runs / ".old.parts")
    (runs / ".cache").mkdir()
    assert RunLibrary(runs).unfinished() == []
    assert RunLibrary(runs / "served").unfinished() == []


def test_few_notes_are_written_and_the_last_one_is(tmp_path, monkeypatch):
    clock = iter([0.0, 0.2, 0.4, 1.5, 1.6])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    note, told = ProgressNote(tmp_path), []
    for done in (1, 2, 3, 4, 5):
        note.tell(done, 5)
        told.append(json.loads((tmp_path / ".progress.json").read_text())["done"])
    assert told == [1, 1, 1, 4, 5]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [".progress.json"]


def test_a_disk_that_refuses_a_note_ends_nothing(tmp_path):
    ProgressNote(tmp_path / "gone").tell(1, 2)
    assert noted_progress(tmp_path / "gone") is None

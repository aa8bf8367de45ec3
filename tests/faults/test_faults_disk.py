"""Disks that are full, folders that may not be written, and two commands on one folder."""

from __future__ import annotations

import shutil
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.command import remarks
from support.faults import assert_none_left, entries, files_of, finish, is_root, start

from faults.conftest import COMMANDS, THOROUGH
from sim.records.catalogue import Catalogue
from sim.records.sweep_folder import CATALOGUE, CATALOGUE_FILES, check_sweep_folder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits and rights of POSIX")

FULL = [
    (name, limit)
    for name in COMMANDS
    for limit in ((0, 2_000, 5_000, 10_000, 20_000, 40_000, 80_000, 120_000) if THOROUGH else (10_000,))
]
"""Commands, and bytes that a file may have: too few for a table, for joined tables, for the catalogue or the report."""


@pytest.mark.parametrize(("name", "limit"), FULL)
def test_a_full_disk(place, undisturbed, name, limit):
    child = start(*COMMANDS[name], "--out", "out", cwd=place, limit_bytes=limit)
    output, errors = child.communicate()
    if child.returncode == 0:
        assert files_of(place / "out") == undisturbed[name].files
        return
    assert (child.returncode, output) == (1, "")
    told = [line for line in remarks(errors) if not line.startswith("warning: ")]
    assert len(told) == 1
    assert "out" in told[0]
    assert ".parts" not in told[0]
    assert "{" not in told[0]
    found = files_of(place / "out") if (place / "out").exists() else {}
    assert name == "sweep" or found in ({}, undisturbed[name].files)
    finish(*COMMANDS[name], "--out", "out", cwd=place)
    assert files_of(place / "out") == undisturbed[name].files
    assert entries(place) == {"tiny.yaml", "out"}


@pytest.mark.skipif(is_root() and shutil.which("setpriv") is None, reason="root may write everywhere")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_may_not_be_written(place, name):
    place.chmod(0o555)
    child = start(*COMMANDS[name], "--out", "out", cwd=place, powerless=True)
    output, errors = child.communicate()
    place.chmod(0o755)
    assert (child.returncode, output, len(errors.splitlines())) == (1, "", 1)
    assert errors.startswith("out: cannot be made")
    assert entries(place) == {"tiny.yaml"}


@pytest.mark.parametrize("name", COMMANDS if THOROUGH else ["compare", "sweep"])
def test_two_commands_on_one_folder(place, undisturbed, name):
    children = [start(*COMMANDS[name], "--out", "out", cwd=place) for _ in range(2)]
    errors = [child.communicate()[1] for child in children]
    assert [child.returncode for child in children] == [0, 0], errors
    for child in children:
        assert_none_left(child.pid)
    assert files_of(place / "out") == undisturbed[name].files
    assert entries(place) == {"tiny.yaml", "out"}


@pytest.mark.parametrize(("name", "exists"), [("run", True), ("sweep", False)])
def test_a_link_is_kept_and_its_target_written(place, undisturbed, name, exists):
    (place / "out").symlink_to("kept")
    if exists:
        (place / "kept").mkdir()
    finish(*COMMANDS[name], "--out", "out", cwd=place)
    assert (place / "out").is_symlink()
    assert files_of(place / "kept") == undisturbed[name].files
    assert entries(place) == {"tiny.yaml", "out", "kept"}


def test_many_open_one_new_catalogue_at_a_moment(tmp_path):
    together = threading.Barrier(4)

    def opened(folder: Path) -> None:
        together.wait()
        with Catalogue(check_sweep_folder(folder)):
            pass

    with ThreadPoolExecutor(4) as people:
        for round_ in range(50):
            for done in [people.submit(opened, tmp_path / str(round_)) for _ in range(4)]:
                done.result()


def test_a_killed_sweep_may_leave_what_sqlite_lays_beside_its_catalogue(tmp_path):
    for name in CATALOGUE_FILES:
        (tmp_path / name).touch()
    assert check_sweep_folder(tmp_path) == tmp_path / CATALOGUE

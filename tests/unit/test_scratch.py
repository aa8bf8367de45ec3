"""What killed processes leave is cleared away; what may be in use, or is somebody else's, stays."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from sim import scratch


def dead_process() -> int:
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    return child.pid


def test_a_name_says_whose_it_is():
    name = scratch.scratch_name()
    assert re.fullmatch(rf"[0-9a-f]{{6}}-{os.getpid()}-[0-9a-f]{{8}}", name)
    assert scratch.scratch_name() != name


def test_only_what_a_dead_process_of_this_machine_left_is_removed(tmp_path):
    machine, dead = scratch.scratch_name().split("-")[0], dead_process()
    gone = [f".out.{machine}-{dead}-00000000", f".out.{machine}-{dead}-11111111"]
    kept = [
        f".out.{machine}-{os.getpid()}-00000000",
        f".out.{'0' * 6 if machine != '0' * 6 else '1' * 6}-{dead}-00000000",
        f".other.{machine}-{dead}-00000000",
        f".out.{machine}-{dead}-00000000.bak",
        ".out.0123456789ab",
        "out",
    ]
    (tmp_path / gone[0]).write_text("a file", encoding="utf-8")
    (tmp_path / gone[1]).mkdir()
    (tmp_path / gone[1] / "inside").write_text("x", encoding="utf-8")
    for name in kept:
        (tmp_path / name).write_text("x", encoding="utf-8")
    beside = scratch.scratch_beside(tmp_path / "out")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(kept)
    assert (beside.parent, beside.name.startswith(".out.")) == (tmp_path, True)


def test_a_link_of_a_scratch_name_is_removed_and_not_followed(tmp_path):
    (tmp_path / "dear").mkdir()
    (tmp_path / "dear" / "file").write_text("x", encoding="utf-8")
    machine = scratch.scratch_name().split("-")[0]
    (tmp_path / f".{machine}-{dead_process()}-00000000").symlink_to(tmp_path / "dear")
    scratch.clear_scratch(tmp_path, ".")
    assert [entry.name for entry in tmp_path.iterdir()] == ["dear"]
    assert (tmp_path / "dear" / "file").exists()


def test_a_folder_that_is_not_there_needs_no_clearing(tmp_path):
    scratch.clear_scratch(tmp_path / "nothing", ".")


def test_a_scratch_folder_ends_with_its_use():
    with scratch.scratch_folder() as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "file").write_text("x", encoding="utf-8")
    assert not folder.exists()


def test_a_link_leads_to_its_target(tmp_path):
    (tmp_path / "link").symlink_to("target")
    assert scratch.real_place(tmp_path / "link") == tmp_path / "target"
    assert scratch.real_place(tmp_path / "plain") == tmp_path / "plain"

"""``peakshift report`` of folders that somebody edited: the key is named in a line."""

from __future__ import annotations

import json

import pytest
from support.command import call


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("manifest.json", {"stops": 5}, "manifest.json: stops: must be a list"),
        ("manifest.json", {"strategies": ["none", "other"]}, "do not name the same strategies"),
        ("summary.json", {"optimum": 5}, "summary.json: optimum: must be an object"),
    ],
)
def test_report_tells_it_in_a_line(here, file, change, message):
    assert call("compare", "tiny.yaml", "--out", "out", "--replications", "1").exit_code == 0
    path = here / "out" / file
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **change}), encoding="utf-8")
    done = call("report", "out")
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert message in done.stderr


def test_a_file_in_place_of_a_run_folder_is_called_that(here):
    done = call("report", "tiny.yaml")
    assert done.exit_code == 1
    assert done.stderr == "tiny.yaml: is a file; a run folder is expected, as `run` and `compare` write it\n"


def test_an_empty_name_of_a_run_folder_is_refused(here):
    """It was taken for the folder that one is in."""
    done = call("run", "tiny.yaml", "--out", "")
    assert (done.exit_code, done.stderr) == (1, "--out: is empty; name a folder, or leave the option out\n")

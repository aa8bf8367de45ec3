"""``peakshift network import`` and ``export``: what is printed, and that a broken file is no traceback."""

from __future__ import annotations

import json

import pytest
from support.command import call
from support.small_feed import edit, more, write_feed, zip_feed


def test_the_report_is_printed_and_lies_in_the_folder(here):
    zip_feed(here / "town.zip", more("stops.txt", "D,Delta,1,11\n"))
    done = call("network", "import", "town.zip")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "stops       4 in the feed, 3 in the network" in lines
    assert "- stops.txt: 1 stop dropped: stops at which no trip calls are dropped (line 5)" in lines
    assert "network  networks/town" in lines
    report = json.loads((here / "networks" / "town" / "import_report.json").read_text(encoding="utf-8"))
    assert report["feed"] == "town.zip"
    assert [entry["name"] for entry in report["entries"] if entry["kind"] == "dropped"] == ["stop_unused"]
    source = (here / "networks" / "town" / "SOURCE.md").read_text(encoding="utf-8")
    assert "from the GTFS feed `town.zip`" in source
    assert report["sha256"]["town/stops.txt"] in source
    assert call("validate", "networks/town").exit_code == 0


def test_wishes_are_taken_and_told(here):
    zip_feed(here / "town.zip")
    done = call(
        "network", "import", "town.zip", "--out", "n", "--date", "2024-01-03", "--routes", "7", "--bbox=9,0,11,1.02",
        "--json",
    )  # fmt: skip
    facts = json.loads(done.stdout)
    assert facts["network"] == "n"
    assert facts["wishes"] == {"date": "2024-01-03", "routes": "7", "box": "9.0,0.0,11.0,1.02"}
    assert (facts["after"]["stops"], facts["after"]["stop_times"]) == (2, 4)


def test_an_older_import_is_replaced_and_nothing_else(here):
    write_feed(here / "feed")
    (here / "mine").mkdir()
    (here / "mine" / "notes.txt").write_text("keep", encoding="utf-8")
    for _ in range(2):
        assert call("network", "import", "feed", "--out", "net").exit_code == 0
    refused = call("network", "import", "feed", "--out", "mine")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("mine: is there already and was not written by an import")
    assert (here / "mine" / "notes.txt").read_text(encoding="utf-8") == "keep"
    assert sorted(path.name for path in here.iterdir()) == ["feed", "mine", "net", "tiny.yaml"]


def test_a_place_that_cannot_be_written_is_named_as_it_was_given(here):
    write_feed(here / "feed")
    (here / "file").write_text("x", encoding="utf-8")
    done = call("network", "import", "feed", "--out", "file/net")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("file/net: cannot be written: ")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"stops.txt": None}, "feed/stops.txt: the file is missing"),
        (edit("calendar.txt", ("1,1,1,1,1", "0,0,0,0,0")), "feed: nothing in this feed can be used"),
    ],
)
def test_a_feed_that_yields_nothing_ends_with_1(here, changes, expected):
    write_feed(here / "feed", changes)
    done = call("network", "import", "feed", "--out", "net")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(expected)
    assert not (here / "net").exists()


def test_a_zip_cut_anywhere_is_no_traceback(here):
    data = zip_feed(here / "town.zip").read_bytes()
    for end in range(0, len(data), 61):
        (here / "cut.zip").write_bytes(data[:end])
        done = call("network", "import", "cut.zip")
        assert done.exit_code == 1
        assert isinstance(done.exception, SystemExit)
        assert done.stderr.startswith("cut.zip: ")


def test_a_zip_with_any_byte_turned_is_no_traceback(here):
    data = zip_feed(here / "town.zip").read_bytes()
    for place in range(0, len(data), 37):
        (here / "turned.zip").write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        done = call("network", "import", "turned.zip", "--out", "net")
        assert done.exit_code in (0, 1)
        assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.parametrize("form", ["geojson", "gtfs", "gmns", "sumo"])
def test_export_writes_the_files_it_names(here, form):
    write_feed(here / "feed")
    done = call("network", "export", "feed", "--format", form, "--out", f"out_{form}", "--json")
    facts = json.loads(done.stdout)
    assert done.exit_code == 0
    assert facts["files"]
    assert all((here / file).is_file() for file in facts["files"])


def test_what_cannot_be_exported_is_told(here):
    done = call("network", "export", "mandl", "--format", "geojson", "--out", "x")
    assert done.exit_code == 1
    assert done.stderr.startswith("mandl: the stops have no degrees")

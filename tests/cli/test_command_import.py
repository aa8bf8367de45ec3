"""``peakshift network import`` and ``export``: what is printed, and that a broken file is no traceback."""

from __future__ import annotations

import json

import pytest
from support.command import call
from support.small_feed import FEED, edit, more, write_feed, zip_feed

from sim.scratch import scratch_name


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


def work_of_a_planner(here):
    """Import a feed, and do what planners do with the network."""
    write_feed(here / "feed")
    assert call("network", "import", "feed", "--out", "net").exit_code == 0
    vehicles = here / "net" / "vehicles.csv"
    vehicles.write_text(vehicles.read_text().replace("bus,", "bus,").replace(",60,", ",61,") + "\n")
    assert call("demand", "gravity", "net", "--total", "100").exit_code == 0
    files = ("vehicles.csv", "SOURCE.md", "demand/od.csv")
    return {name: (here / "net" / name).read_bytes() for name in files}


def test_work_of_a_planner_is_never_replaced_unasked(here):
    mine = work_of_a_planner(here)
    refused = call("network", "import", "feed", "--out", "net")
    assert refused.exit_code == 1
    named = {line.partition(": would be lost")[0] for line in refused.stderr.splitlines()}
    assert named == {f"net/{name}" for name in (*mine, "demand/profile.csv")}
    assert {name: (here / "net" / name).read_bytes() for name in mine} == mine


def test_work_of_a_planner_is_kept_as_asked(here):
    mine = work_of_a_planner(here)
    write_feed(here / "feed", more("stops.txt", "D,Delta,1,11\n"))
    done = call("network", "import", "feed", "--out", "net", "--keep")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "- demand/od.csv" in done.stdout.splitlines()
    assert {name: (here / "net" / name).read_bytes() for name in mine} == mine
    assert "Imported by" in (here / "net" / "SOURCE.import.md").read_text()
    assert call("validate", "net").exit_code == 0
    again = call("network", "import", "feed", "--out", "net", "--keep", "--json")
    assert set(mine) <= set(json.loads(again.stdout)["kept"])


@pytest.mark.parametrize("name", ["net", "net[1]"])
def test_work_of_a_planner_outlives_an_import_that_is_killed_between_two_renames(here, name):
    """Catches work that is cleared away since a name is read as a pattern, or since nothing lies in its place."""
    mine = work_of_a_planner(here)
    machine = scratch_name().partition("-")[0]
    left = here / f".{name}.replaced.{machine}-999999999-00000000"
    (here / "net").rename(left)
    refused = call("network", "import", "feed", "--out", name)
    assert refused.exit_code == 1
    assert f"{name}/vehicles.csv: would be lost" in refused.stderr
    assert not left.exists()
    assert {file: (here / name / file).read_bytes() for file in mine} == mine


def test_work_that_does_not_fit_leaves_the_old_network(here):
    mine = work_of_a_planner(here)
    write_feed(here / "feed", {name: text.replace("C,", "Z,") for name, text in FEED.items() if "stop" in name})
    done = call("network", "import", "feed", "--out", "net", "--keep")
    assert done.exit_code == 1
    assert "does not fit: " in done.stderr
    assert {name: (here / "net" / name).read_bytes() for name in mine} == mine


def test_work_of_a_planner_is_dropped_as_asked(here):
    work_of_a_planner(here)
    assert call("network", "import", "feed", "--out", "net", "--replace").exit_code == 0
    assert not (here / "net" / "demand").exists()
    assert call("network", "import", "feed", "--out", "net").exit_code == 0


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

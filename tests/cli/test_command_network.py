"""``peakshift validate``, ``network info`` and ``report``: the commands that simulate nothing."""

from __future__ import annotations

import json
import shutil

import pytest
from support.command import call
from support.small_network import write_network


def test_validate_counts_what_it_found(here):
    write_network(here / "net")
    done = call("validate", "tiny.yaml", "net", "mandl")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "tiny.yaml: ok (scenario, 3 stops, 1 line, 30 trips, 400 commuters)"
    assert done.stdout.splitlines()[1].startswith("net: ok (network, 3 stops, 1 line, 2 trips, ")
    assert done.stdout.splitlines()[2].startswith("mandl: ok (scenario, 15 stops, ")


def test_validate_tells_problems_on_stderr_and_ends_with_1(here):
    (here / "bad.yaml").write_text("name: x\nnetwrk: {}\n", encoding="utf-8")
    done = call("validate", "bad.yaml", "tiny.yaml", "none.yaml")
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "bad.yaml: 2 problems (scenario)",
        "tiny.yaml: ok (scenario, 3 stops, 1 line, 30 trips, 400 commuters)",
        "none.yaml: not found",
    ]
    assert done.stderr.splitlines()[2:] == [
        "none.yaml: there is no such file",
        "`peakshift scenarios` lists what comes with peakshift",
    ]


def test_validate_as_json_is_a_list_of_problems(here):
    (here / "bad.yaml").write_text("name: x\nnetwrk: {}\n", encoding="utf-8")
    done = call("validate", "--json", "tiny.yaml", "bad.yaml")
    problems = json.loads(done.stdout)
    assert done.exit_code == 1
    assert [problem["path"] for problem in problems] == ["bad.yaml", "bad.yaml"]
    assert {"file", "line", "column", "key", "message"} <= problems[0].keys()
    sound = call("validate", "--json", "tiny.yaml")
    assert (sound.exit_code, json.loads(sound.stdout)) == (0, [])


def test_validate_lays_values_over_scenarios_as_run_does(here):
    write_network(here / "net")
    done = call("validate", "tiny.yaml", "net", "--set", "advisor.penetration=0")
    assert (done.exit_code, done.stderr) == (0, "tiny.yaml: nobody is advised: advisor.penetration is 0\n")
    assert done.stdout.splitlines()[0] == "tiny.yaml: ok (scenario, 3 stops, 1 line, 30 trips, 400 commuters)"
    wrong = ["--set", "days=0", "--set", "dayz=3"]
    done, run = call("validate", "tiny.yaml", *wrong), call("run", "tiny.yaml", *wrong)
    assert done.exit_code == run.exit_code == 1
    assert done.stdout == "tiny.yaml: 2 problems (scenario)\n"
    assert done.stderr == run.stderr
    listed = call("validate", "tiny.yaml", "--json", *wrong)
    assert [problem["file"] for problem in json.loads(listed.stdout)] == ["--set"] * 2


def test_validate_refuses_values_of_keys_where_there_are_none(here):
    write_network(here / "net")
    done = call("validate", "net", "--set", "days=3")
    assert done.exit_code == 2
    assert "--set replaces keys of scenarios, and no PATH is a scenario" in done.stderr


def test_network_info_counts(here):
    done = call("network", "info", "xiamen_brt2")
    assert (done.exit_code, done.stderr) == (0, "")
    words = dict(line.split("  ", 1) for line in done.stdout.splitlines() if not line.startswith(" "))
    values = {name: value.strip() for name, value in words.items()}
    assert values["stops"] == "36"
    assert values["trips"] == "124 in 124 vehicle blocks"
    assert values["demand"].startswith("4,346 commuters")
    assert "notes" in values


def test_network_info_as_json(here):
    done = call("network", "info", "xiamen_brt2", "--json")
    facts = json.loads(done.stdout)
    assert (facts["stops"], facts["links"], facts["lines"], facts["trips"]) == (36, 35, 1, 124)
    assert facts["commuters"] == 4346
    assert facts["first_departure_s"] < facts["busiest_hour_by_departures"]["start_s"] < facts["last_arrival_s"]
    assert sum(kind["trips"] for kind in facts["vehicle_types"]) == facts["trips"]


def test_the_busiest_hour_is_the_one_with_most(here):
    write_network(here / "net")
    (here / "net" / "demand").mkdir(exist_ok=True)
    header = "origin_stop_id,destination_stop_id,period_start,period_end,commuters\n"
    rows = "A,B,06:30:00,07:30:00,10\nA,C,07:00:00,08:00:00,7\nB,C,08:00:00,09:00:00,11\n"
    (here / "net" / "demand" / "od.csv").write_text(header + rows, encoding="utf-8")
    facts = json.loads(call("network", "info", "net", "--json").stdout)
    assert facts["busiest_hour_by_demand"] == {"start_s": 25200.0, "end_s": 28800.0, "commuters": 12.0}
    assert facts["busiest_hour_by_departures"] == {"start_s": 21600.0, "end_s": 25200.0, "trips": 1.0}
    assert "06:00 to 07:00 with 1 trip; 07:00 to 08:00 with 12 commuters" in call("network", "info", "net").stdout


def test_network_info_draws_a_picture(here):
    done = call("network", "info", "mandl", "--picture", "mandl.png")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "mandl.png" in done.stdout
    assert (here / "mandl.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_letters_that_no_typeface_has_are_told_in_one_line(here):
    # A network with Chinese names gave 20 warnings, with paths of the program, on a machine without such typefaces.
    write_network(here / "net")
    stops = here / "net" / "gtfs" / "stops.txt"
    head, *rows = stops.read_text(encoding="utf-8").splitlines()
    column = head.split(",").index("stop_name")
    named = [",".join([*(row := line.split(","))[:column], "\ue123\ue124", *row[column + 1 :]]) for line in rows]
    stops.write_text("\n".join([head, *named, ""]), encoding="utf-8")
    done = call("network", "info", "net", "--picture", "net.png")
    assert done.exit_code == 0
    (told,) = (line for line in done.stderr.splitlines() if line.startswith("net.png: "))
    assert told.startswith("net.png: no typeface of this machine has 2 of the letters in the picture")
    assert "Glyph" not in done.stderr
    assert (here / "net.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["info", "tiny.yaml"], "tiny.yaml: neither a network folder nor a zip of GTFS tables"),
        (["info", "http://x.org/feed.zip"], "http://x.org/feed.zip: is an address on the web; download"),
        (["import", "https://x.org/feed.zip"], "https://x.org/feed.zip: is an address on the web; download"),
        (["info", "mandl", "--picture", "none/x.png"], "none/x.png: No such file or directory"),
    ],
)
def test_networks_that_cannot_be_shown(here, arguments, expected):
    done = call("network", *arguments)
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith(expected)
    assert len(done.stderr.splitlines()) == 1


def test_a_misspelt_network_is_told_by_what_is_like_it(here):
    done = call("network", "info", "mandel")
    assert done.exit_code == 1
    assert done.stderr.splitlines() == [
        "mandel: there is no such folder or GTFS zip",
        "did you mean mandl?",
        "`peakshift network list` lists what comes with peakshift",
    ]


def test_a_folder_with_a_zip_in_it_is_told_by_the_zip(here):
    (here / "feeds").mkdir()
    (here / "feeds" / "city_gtfs.zip").write_bytes(b"")
    done = call("network", "import", "feeds", "--out", "net")
    assert done.exit_code == 1
    assert done.stderr.rstrip().endswith("nor a GTFS feed (stops.txt, ...); if city_gtfs.zip in it is one, name that")


def test_the_ending_of_a_picture_says_its_kind(here):
    done = call("network", "info", "mandl", "--picture", "mandl.svg")
    assert done.exit_code == 0, done.stderr
    assert b"<svg" in (here / "mandl.svg").read_bytes()


def test_a_zip_that_is_not_there_is_no_scenario(here):
    done = call("validate", "gone.zip")
    assert done.exit_code == 1
    assert done.stderr.startswith("gone.zip: there is no such folder or GTFS zip")


def test_report_writes_the_page_anew(here, comparison, monkeypatch):
    shutil.copytree(comparison[0], "copy")
    page = here / "copy" / "report.html"
    before = page.read_bytes()
    page.write_text("gone", encoding="utf-8")
    done = call("report", "copy")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "report  copy/report.html\n", "")
    assert page.read_bytes() == before
    monkeypatch.setattr("sim.report.html.render_report", lambda *_: "plain")
    printed = json.loads(call("report", "copy", "--json").stdout)
    assert printed == {"run_folder": "copy", "report": "copy/report.html"}
    assert page.read_text(encoding="utf-8") == "plain"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("none", "none: no such folder"),
        (".", ".: manifest.json is missing"),
        ("tiny.yaml", "tiny.yaml: is a file"),
    ],
)
def test_reports_of_what_is_no_run(here, run, expected):
    done = call("report", run)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(expected)
    assert len(done.stderr.splitlines()) == 1

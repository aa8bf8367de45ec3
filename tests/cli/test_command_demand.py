"""``peakshift demand`` and ``init``: from a feed to a scenario that runs."""

from __future__ import annotations

import json

import pytest
from support.command import call
from support.small_feed import write_feed

from sim.loading.scenario import load_scenario


@pytest.fixture
def town(here):
    write_feed(here / "feed")
    assert call("network", "import", "feed", "--out", "networks/town").exit_code == 0
    return here


def test_from_a_feed_to_a_comparison(town, plain_report):
    done = call("demand", "gravity", "networks/town", "--total", "300", "--json")
    facts = json.loads(done.stdout)
    assert (done.exit_code, facts["commuters"]) == (0, "300")
    assert facts["label"].startswith("synthetic")
    assert call("init", "networks/town", "--out", "scenarios/town.yaml").exit_code == 0
    scenario = load_scenario("scenarios/town.yaml")
    assert scenario.demand.commuters.sum() == 300
    assert "demand/od.csv: synthetic: no traveller was observed" in scenario.network.notes
    done = call("compare", "scenarios/town.yaml", "--strategies", "none,coordinated", "--replications", "2")
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize("network", ["feed", "networks/town", "mandl", "xiamen_brt2"])
def test_a_scenario_written_by_init_is_valid(town, network):
    done = call("init", network, "--out", "mine/first try.yaml")
    assert (done.exit_code, done.stderr) == (0, "")
    # What is to be typed next can be copied as it is, here and in the file.
    assert "next      peakshift compare 'mine/first try.yaml'" in done.stdout
    assert "#   peakshift validate 'mine/first try.yaml'" in (town / "mine/first try.yaml").read_text(encoding="utf-8")
    checked = call("validate", "mine/first try.yaml")
    if network == "mandl":  # two sets of routes at once, which the file says how to choose from
        assert checked.exit_code in (0, 1)
    else:
        assert checked.exit_code == 0, checked.stderr
    again = call("init", network, "--out", "mine/first try.yaml")
    assert (again.exit_code, again.stderr) == (
        1,
        "mine/first try.yaml: is there already; say another file with --out\n",
    )


def test_a_feed_without_demand_runs_with_a_synthetic_one(town, plain_report):
    assert call("init", "feed").exit_code == 0
    text = (town / "feed.yaml").read_text(encoding="utf-8")
    assert "commuters:" not in text
    assert "SYNTHETIC" in text
    assert "  gravity:\n    total: " in text
    done = call("run", "feed.yaml", "--replications", "1")
    assert done.exit_code == 0, done.stderr
    manifest = json.loads((town / "runs/feed/manifest.json").read_text(encoding="utf-8"))
    assert any(note.startswith("demand.gravity: synthetic, ") for note in manifest["notes"])


def test_counts_and_tables_from_the_command_line(town):
    (town / "counts.csv").write_text(
        "stop_id,period_start,period_end,boardings,alightings\n"
        "A,07:00,08:00,9,0\nB,07:00,08:00,1,5\nC,07:00,08:00,0,5\n",
        encoding="utf-8",
    )
    done = call("demand", "counts", "networks/town", "counts.csv")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "demand/flow_profile.csv" in done.stdout
    assert "largest gap  none" in done.stdout
    (town / "networks/town").rename(town / "networks/my town")
    again = call("demand", "counts", "networks/my town", "counts.csv", "--replace")
    assert "next  peakshift init 'networks/my town'" in again.stdout
    (town / "networks/my town").rename(town / "networks/town")
    (town / "od.csv").write_text("origin_stop_id,destination_stop_id,commuters\nA,C,12\n", encoding="utf-8")
    done = call("demand", "od", "networks/town", "od.csv", "--profile", "xiamen_brt2")
    assert done.exit_code == 0
    assert "12" in call("network", "info", "networks/town").stdout
    (town / "od.csv").write_text("origin_zone_id,destination_zone_id,commuters\n1,2,12\n", encoding="utf-8")
    (town / "zones.csv").write_text("zone_id,lat,lon\n1,1,10\n2,1.03,10\n", encoding="utf-8")
    done = call("demand", "od", "networks/town", "od.csv", "--zones", "zones.csv", "--nearest", "1")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "2 of 2 with stops" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["gravity", "feed", "--total", "10"], "feed: demand is kept in a network folder"),
        (["gravity", "networks/town", "--total", "10", "--profile", "flatt"], "flatt: profile: neither a CSV file"),
        (["gravity", "gone", "--total", "10"], "gone: demand is kept in a network folder"),
        (["gravity", "networks/town", "--total", "10", "--weights", "w.csv"], "w.csv: No such file"),
        (["counts", "networks/town", "none.csv"], "none.csv: No such file"),
        (["od", "networks/town", "networks"], "networks: Is a directory"),
        (["od", "networks/town", "--zones", "z.csv", "none.csv"], "z.csv: No such file"),
    ],
)
def test_what_cannot_be_made_is_told_in_one_line(town, arguments, expected):
    done = call("demand", *arguments)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(expected)
    assert len(done.stderr.splitlines()) == 1


def test_profiles_are_listed_with_their_sources():
    done = call("demand", "profiles")
    assert done.exit_code == 0
    assert done.stdout.startswith("xiamen_brt2  boardings by hour of Xiamen BRT line 2")
    assert set(json.loads(call("demand", "profiles", "--json").stdout)) == {"xiamen_brt2", "two_peaks", "flat"}

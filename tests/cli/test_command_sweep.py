"""``peakshift sweep``."""

from __future__ import annotations

import json

import pytest
from support.command import call

VARY = ("--vary", "advisor.penetration=0,0.5")


def test_it_prints_a_table_what_it_means_and_where_the_results_are(here):
    done = call("sweep", "tiny.yaml", *VARY, "--strategies", "same_for_all")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "tiny: 2 replications at 2 points"
    assert lines[2].split()[:2] == ["advisor.penetration", "strategy"]
    assert "95 % interval" in done.stdout
    folder = here / "runs" / "tiny-sweep"
    names = {path.name for path in folder.iterdir()}
    assert {"manifest.json", "summary.json", "results.csv", "report.html", "sweep.sqlite"} <= names
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Cost along advisor.penetration" in page
    assert "<script" not in page
    assert json.loads((folder / "manifest.json").read_text())["kind"] == "sweep"


def test_people_who_have_settled_are_told_of_behind_those_of_habit(here):
    both = ("--set", "baselines=[habit, adapted]", "--set", "replications=1")
    done = call("sweep", "tiny.yaml", *VARY, "--strategies", "same_for_all", *both)
    assert done.exit_code == 0
    # What the signs mean is said once, below both tables.
    assert " ".join(done.stdout.split()).count("cost: mean generalized cost.") == 1
    habit, adapted = done.stdout.split("against adapted commuters\n")
    assert "against habit\n" in habit
    assert "They had learned for" in adapted
    assert "They had learned for" not in habit
    for part in (habit, adapted):
        assert "saved (min)" in part


def test_json_is_the_summary(here):
    done = call("sweep", "tiny.yaml", *VARY, "--vary", "advisor.window=10 min,15 min", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    printed = json.loads(done.stdout)
    assert printed["vary"] == {"advisor.penetration": [0, 0.5], "advisor.window": ["10 min", "15 min"]}
    assert len(printed["points"]) == 4
    assert printed["strategies"] == ["none", "same_for_all", "individual", "coordinated"]
    assert {curve["along"] for curve in printed["curves"]} == {"advisor.penetration"}


def test_more_followers_than_any_programme_had_are_warned_of(here):
    done = call("sweep", "tiny.yaml", "--vary", "advisor.penetration=0,1,0.2", "--strategies", "individual")
    assert done.exit_code == 0
    assert done.stderr.startswith("warning: penetration 1 times compliance 0.2 lets 20 % of all commuters follow")
    assert len(done.stderr.splitlines()) == 1


def test_wrong_values_are_told_in_one_line(here):
    for options, said in (
        (("--vary", "advisor.penetration=0,2"), "advisor.penetration"),
        (("--vary", "advisor.penetratoin=0,1"), "penetration"),
        (("--vary", "advisor.penetration"), "key=value"),
        (("--vary", "seed=1", "--vary", "seed=2"), "varied twice"),
        ((*VARY, "--strategies", "nobody"), "nobody"),
    ):
        done = call("sweep", "tiny.yaml", *options)
        assert done.exit_code == 1, options
        assert said in done.stderr
        assert done.stderr.startswith("--strategies: " if "nobody" in options else "--vary: ")
        assert len(done.stderr.splitlines()) == 1
    assert call("sweep", "tiny.yaml").exit_code == 2
    assert not (here / "runs").exists()


def test_shards_are_run_and_put_together(here):
    for number in (1, 2):
        done = call("sweep", "tiny.yaml", *VARY, "--strategies", "same_for_all", "--shard", f"{number}/2", "--json")
        assert (done.exit_code, done.stderr) == (0, "")
        said = json.loads(done.stdout)
        assert said["shard"] == f"{number}/2"
        assert said["run"] == said["pieces"] > 0
    shards = here / "runs" / "tiny-shards"
    assert sorted(path.name for path in shards.iterdir()) == ["shard-1-of-2.sqlite", "shard-2-of-2.sqlite"]
    done = call("sweep", "tiny.yaml", *VARY, "--strategies", "same_for_all", "--collect", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    alone = call("sweep", "tiny.yaml", *VARY, "--strategies", "same_for_all", "--out", "alone", "--json")
    assert (here / "runs" / "tiny-sweep" / "summary.json").read_bytes() == (
        here / "alone" / "summary.json"
    ).read_bytes()
    assert len(json.loads(alone.stdout)["points"]) == 2


def test_the_shard_is_read_from_an_array_job(here, monkeypatch):
    monkeypatch.setenv("JOB_COMPLETION_INDEX", "1")
    monkeypatch.setenv("JOB_COMPLETIONS", "3")
    done = call("sweep", "tiny.yaml", *VARY, "--strategies", "same_for_all", "--catalogue", "parts")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("shard 2/3: ")


def test_wrong_shards_are_told_in_one_line(here, monkeypatch):
    for name in ("SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"):
        monkeypatch.delenv(name, raising=False)
    for options, code, said in (
        (("--shard", "3/2"), 1, "write I/N with I from 1 to N"),
        (("--catalogue", "parts"), 1, "write --shard I/N, or --collect"),
        (("--catalogue", "parts", "--collect"), 1, "parts: holds no catalogue of a shard"),
        (("--shard", "1/2", "--collect"), 2, "in a call of their own"),
        (("--shard", "1/2", "--out", "somewhere"), 2, "in a call of their own"),
    ):
        done = call("sweep", "tiny.yaml", *VARY, *options)
        assert done.exit_code == code, options
        assert said in " ".join(done.stderr.split())


def test_a_service_key_of_a_scenario_without_advice_days_shows_levels_and_changes(here):
    done = call("sweep", "tiny.yaml", "--vary", "service.capacity_scale=1,0.5", "--set", "days=1")
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    rows = [line.split() for line in lines[4:7]]
    assert [row[:2] for row in rows[:2]] == [["1", "none"], ["0.5", "none"]]
    assert rows[2][:3] == ["against", "the", "first"]
    assert (
        "Without advice the mean generalized cost per commuter is lowest at service.capacity_scale = 1" in done.stdout
    )
    summary = json.loads((here / "runs" / "tiny-sweep" / "summary.json").read_text())
    assert summary["strategies"] == ["none"]
    first, second = summary["points"]
    level = [point["strategies"]["none"]["mean_wait_min"]["mean"] for point in (first, second)]
    assert second["changes"]["none"]["mean_wait_min"]["change"] == pytest.approx(level[1] - level[0])
    assert first["changes"]["none"]["mean_wait_min"] == {"change": 0.0, "change_half_width": 0.0}


def test_strategies_that_no_day_advises_are_refused_where_they_are_named(here):
    done = call(
        "sweep", "tiny.yaml", "--vary", "service.capacity_scale=1,2", "--set", "days=1", "--strategies", "individual"
    )
    assert done.exit_code == 1
    assert done.stderr == "tiny: advisor.first_day: advice would start on day 1, but the last day is 0\n"

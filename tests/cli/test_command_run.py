"""``peakshift run`` and what it leaves on disk."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import call

from sim.compiled import NoLibraryError
from sim.engine import choose_engine
from sim.records.folder import read_run_folder

RUN_FILES = {"manifest.json", "summary.json", "tables", "report.html"}
CONTRACT_METRICS = {
    "mean_wait_min",
    "p95_wait_min",
    "mean_in_vehicle_min",
    "denied_boardings",
    "denied_share",
    "peak_load_factor",
    "standing_passenger_min",
    "mean_schedule_delay_early_min",
    "mean_schedule_delay_late_min",
    "on_time_share",
    "mean_generalized_cost_min",
    "total_generalized_cost_min",
    "peak_to_mean_ratio",
    "gap_to_optimum_share",
    "losers_share",
}


def no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def names_in(folder: Path) -> set[str]:
    return {entry.name for entry in folder.iterdir()}


def test_it_prints_a_table_a_sentence_and_where_the_results_are(here):
    done = call("run", "tiny.yaml")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith("tiny: 2 replications, strategy none\n")
    assert "Mean wait (min)" in done.stdout
    assert "\nThe mean generalized cost" in done.stdout
    assert f"run folder  {Path('runs/tiny')}\n" in done.stdout
    assert f"report      {Path('runs/tiny/report.html')}\n" in done.stdout
    assert names_in(here / "runs" / "tiny") == RUN_FILES
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_json_is_the_summary_and_the_run_folder_and_nothing_else(here, plain_report):
    done = call("run", "tiny.yaml", "--json", "--out", "elsewhere/deep")
    assert (done.exit_code, done.stderr) == (0, "")
    printed = json.loads(done.stdout, parse_constant=no_constant)
    assert printed.pop("run_folder") == str(Path("elsewhere/deep"))
    assert printed == json.loads((here / "elsewhere/deep/summary.json").read_text(encoding="utf-8"))
    assert printed["metrics"].keys() >= CONTRACT_METRICS
    assert set(printed["metrics"]["mean_wait_min"]) == {"mean", "half_width", "unit"}


def test_options_take_the_place_of_what_the_scenario_says(here, plain_report):
    options = ["--seed", "7", "--replications", "3", "--days-kept", "2", "--set", "advisor.penetration=0.25"]
    assert call("run", "tiny.yaml", *options).exit_code == 0
    run = read_run_folder("runs/tiny")
    assert (run.manifest["seed"], run.manifest["replications"], run.manifest["days_kept"]) == (7, 3, 2)
    assert run.manifest["scenario"]["advisor"]["penetration"] == 0.25
    journeys = run.table("journeys")
    assert set(journeys["replication"].tolist()) == {0, 1, 2}
    assert set(journeys["day"].tolist()) == {1, 2}


def test_the_strategy_is_that_of_the_scenario(here, plain_report):
    done = call("run", "tiny.yaml", "--set", "advisor.strategy=individual")
    assert "strategy individual" in done.stdout
    assert read_run_folder("runs/tiny").table("journeys").categories["strategy"] == ("individual",)


def test_counts_of_real_days_are_given_by_option(here, plain_report):
    """Paths of the option count from the current folder, wherever the scenario lies."""
    (here / "scenarios").mkdir()
    (here / "tiny.yaml").rename(here / "scenarios" / "tiny.yaml")
    network = json.loads(call("run", "scenarios/tiny.yaml", "--json").stdout)["run_folder"]
    visits = read_run_folder(network).table("stop_visits")
    line, stop = visits.text("line_id")[0], visits.text("stop_id")[0]
    clock = f"{int(visits['departure_s'][0] // 3600):02d}:{int(visits['departure_s'][0] % 3600 // 60):02d}"
    (here / "counts.csv").write_text(f"line,stop,time,load\n{line},{stop},{clock},5\n", encoding="utf-8")
    done = call("run", "scenarios/tiny.yaml", "--observed", "counts.csv", "--set", "advisor.strategy=individual")
    assert done.exit_code == 0, done.stderr
    manifest = read_run_folder("runs/tiny").manifest
    assert any("the advisor sees counts of 1 day " in note for note in manifest["notes"])
    assert "counts.csv" in manifest["inputs"]
    (here / "counts.csv").write_text(f"line,stop,time,load\n{line},nowhere,{clock},5\n", encoding="utf-8")
    done = call("run", "scenarios/tiny.yaml", "--observed", "counts.csv")
    assert done.exit_code == 1
    assert done.stderr.startswith("counts.csv:2: stop: there is no stop 'nowhere'")
    second = f"{line},{visits.text('stop_id')[1]},{clock},2\n"
    (here / "counts.csv").write_text(f"line,stop,time,boardings\n{second}", encoding="utf-8")
    done = call("run", "scenarios/tiny.yaml", "--observed", "counts.csv")
    assert done.stderr.startswith("counts.csv: 1 of 1 rows tell boardings and no load")
    (here / "feed.pb").write_bytes(b"<html>503</html>")
    done = call("run", "scenarios/tiny.yaml", "--observed", "feed.pb")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "feed.pb: this is no message of GTFS-Realtime\n"
    done = call("run", "scenarios/tiny.yaml", "--observed", "missing.csv")
    assert done.exit_code == 1
    assert "missing.csv: there is no such file" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["xiamen_brt2", "xiamen_brt2.yaml", "scenarios/xiamen_brt2.yaml"])
def test_scenarios_that_come_with_peakshift_go_by_name(here, plain_report, name):
    done = call("run", name, "--replications", "1", "--set", "days=1", "--json")
    assert done.exit_code == 0
    assert names_in(here / "runs" / "xiamen_brt2") == RUN_FILES


def test_an_older_run_is_replaced_and_other_folders_are_not(here, plain_report):
    assert call("run", "tiny.yaml", "--seed", "1").exit_code == 0
    assert call("run", "tiny.yaml", "--seed", "2").exit_code == 0
    assert read_run_folder("runs/tiny").manifest["seed"] == 2
    (here / "runs/tiny/notes.txt").write_text("mine", encoding="utf-8")
    done = call("run", "tiny.yaml", "--seed", "3")
    assert done.exit_code == 1
    assert done.stderr.startswith(f"{Path('runs/tiny')}: exists and holds notes.txt")
    assert read_run_folder("runs/tiny").manifest["seed"] == 2


def test_a_run_does_not_take_the_place_of_a_comparison(here):
    assert call("compare", "tiny.yaml", "--strategies", "none").exit_code == 0
    summary = Path("runs/tiny/summary.json").read_bytes()
    refused = call("run", "tiny.yaml", "--out", "runs/tiny")
    assert refused.exit_code == 1
    assert refused.stderr == "runs/tiny: holds a comparison, which a run does not replace; name another folder\n"
    beside = call("run", "tiny.yaml")
    assert beside.exit_code == 0
    assert beside.stderr.startswith("runs/tiny holds a comparison, which is kept; the run goes to runs/tiny-run\n")
    assert Path("runs/tiny/summary.json").read_bytes() == summary
    assert read_run_folder("runs/tiny-run").manifest["kind"] == "run"
    assert call("compare", "tiny.yaml", "--strategies", "none").exit_code == 0


def test_a_place_that_cannot_hold_a_run_is_refused_before_anything_is_simulated(here, monkeypatch):
    monkeypatch.setattr("sim.api.run", lambda *_, **__: pytest.fail("was simulated"))
    for out, reason in [("tiny.yaml", "is a file"), ("tiny.yaml/run", "is a file"), (".", "holds tiny.yaml")]:
        done = call("run", "tiny.yaml", "--out", out)
        assert (done.exit_code, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1
        assert reason in done.stderr
    done = call("run", "tiny.yaml", "--set", "name=..")
    assert (done.exit_code, done.stderr) == (
        1,
        "--set: name: must hold a letter, digit, '_' or '-' beside dots, found '..'\n",
    )


def test_a_run_folder_is_written_whole_or_not_at_all(here, plain_report, monkeypatch):
    assert call("run", "tiny.yaml", "--seed", "1").exit_code == 0
    written = []

    def fail_at_the_third(table, path):
        written.append(path)
        if len(written) == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("sim.records.parts_folder.write_table", fail_at_the_third)
    for out, left in [("runs/new", {"tiny"}), ("runs/tiny", {"tiny"})]:
        written.clear()
        done = call("run", "tiny.yaml", "--seed", "2", "--out", out)
        assert done.exit_code == 1
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.endswith(": cannot be written: No space left on device\n")
        assert names_in(here / "runs") == left
    assert read_run_folder("runs/tiny").manifest["seed"] == 1


def test_the_outside_judge_finds_nothing(here, plain_report, outside_judge, comparison):
    assert call("run", "tiny.yaml", "--days-kept", "2", "--set", "advisor.strategy=coordinated").exit_code == 0
    for folder in (here / "runs" / "tiny", comparison[0]):
        done = subprocess.run([sys.executable, outside_judge, folder], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("engine", ["simpy", "auto"])
def test_the_engine_is_chosen_by_option_and_told_in_the_manifest(here, plain_report, engine):
    done = call("run", "tiny.yaml", "--engine", engine)
    assert done.exit_code == 0
    manifest = json.loads(Path("runs/tiny/manifest.json").read_text())
    assert manifest["scenario"]["engine"] == engine
    assert manifest["engine"]["name"] == choose_engine(engine).name
    assert manifest["engine"]["reason"]


def test_a_compiled_engine_that_is_not_there_is_one_line(here, monkeypatch):
    def load():
        raise NoLibraryError("it was not compiled")

    monkeypatch.setattr(sys.modules["sim.engine.simulate"], "load", load)
    done = call("run", "tiny.yaml", "--engine", "compiled")
    assert done.exit_code == 1
    assert done.stderr == "--engine: the compiled engine cannot be used: it was not compiled\n"


def test_results_of_another_file_of_the_same_name_are_not_replaced_in_silence(here, plain_report):
    """Somebody copies a scenario and leaves its name: the folder of the copy is that of the original."""
    (here / "copy.yaml").write_text((here / "tiny.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    first, again = call("run", "tiny.yaml"), call("run", "tiny.yaml")
    assert "holds results of" not in first.stderr + again.stderr
    told = call("run", "copy.yaml").stderr
    assert f"holds results of {here / 'tiny.yaml'}, which has the same name, and is replaced" in told
    assert "change the name in copy.yaml or say --out" in told
    # Where the place was chosen, or nobody can go on with the other file, nothing is to be said.
    assert "holds results of" not in call("run", "tiny.yaml", "--out", "runs/tiny").stderr
    (here / "tiny.yaml").unlink()
    assert "holds results of" not in call("run", "copy.yaml").stderr


def test_what_is_no_whole_number_is_called_so(here):
    done = call("run", "tiny.yaml", "--replications", "two")
    assert done.exit_code == 2
    assert "'two' is not a valid whole number." in done.stderr

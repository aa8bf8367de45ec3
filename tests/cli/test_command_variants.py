"""``peakshift compare`` of several scenarios and of variants that a scenario declares."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import Result
from support.command import TINY, call

import sim
from sim.errors import ScenarioError
from sim.records.folder import read_run_folder

PLAIN = TINY.replace(
    'headway: {mean: 10 min, distribution: gamma, cv: 0.5, first: "06:00", trips: 30}',
    'departures: ["06:00", "06:20", "06:40", "07:00", "07:20", "07:40", "08:00", "08:20", "08:40", "09:00"]',
)
OFTEN = """\
variants:
  often:
    service.changes:
      - headway: {line: A, start: "06:00", end: "08:40", every: 10 min}
"""
FEW_USERS = """\
  few_users:
    description: As before, with fewer users.
    advisor: {penetration: 0.3}
"""
VARIANTS = OFTEN + FEW_USERS


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    """The folder of a comparison of two declared variants, not to be changed, and what the command printed."""
    folder = tmp_path_factory.mktemp("variants")
    (folder / "tiny.yaml").write_text(PLAIN + VARIANTS, encoding="utf-8")
    out = folder / "runs" / "tiny-variants"
    return out, call("compare", folder / "tiny.yaml", "--strategies", "none,individual", "--out", out)


def test_variants_stand_beside_each_other_in_one_report(declared):
    out, done = declared
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("tiny: 3 variants, 2 strategies, 2 replications\n")
    assert "often: service.changes" in done.stdout
    assert "against tiny" in done.stdout
    assert done.stdout.splitlines()[-1] == f"scenarios   {out / 'scenarios'}"
    assert sorted(entry.name for entry in out.iterdir()) == [
        "manifest.json",
        "report.html",
        "results.csv",
        "scenarios",
        "summary.json",
        "variants",
    ]
    page = (out / "report.html").read_text("utf-8")
    for name in ("tiny", "often", "few_users"):
        assert f'href="variants/{name}/report.html"' in page
        assert (out / "variants" / name / "report.html").is_file()
    assert not list(out.parent.glob(".*"))


def test_the_change_of_a_variant_is_that_between_the_run_folders_of_both(declared):
    out, _ = declared
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    runs = {name: read_run_folder(out / "variants" / name).summary for name in summary["variants"]}
    assert summary["base"] == "tiny"
    for name, variant in summary["variants"].items():
        for strategy, metrics in variant["strategies"].items():
            own, base = (runs[run]["strategies"][strategy]["mean_wait_min"]["mean"] for run in (name, "tiny"))
            entry = metrics["mean_wait_min"]
            assert entry["mean"] == own
            assert entry["change"] == pytest.approx(own - base, abs=1e-12)
            assert entry["difference"] == runs[name]["strategies"][strategy]["mean_wait_min"]["difference"]
    assert summary["variants"]["often"]["strategies"]["none"]["mean_wait_min"]["change"] < -1.0


def test_fewer_users_change_nothing_where_nobody_is_advised(declared):
    summary = json.loads((declared[0] / "summary.json").read_text("utf-8"))
    strategies = summary["variants"]["few_users"]["strategies"]
    unadvised = strategies["none"]["mean_generalized_cost_min"]
    assert unadvised["change"] == unadvised["change_half_width"] == 0.0
    assert strategies["individual"]["mean_generalized_cost_min"]["change"] != 0.0


def test_results_csv_has_every_number_of_every_variant(declared):
    out, _ = declared
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    rows = list(csv.DictReader((out / "results.csv").read_text("utf-8").splitlines()))
    assert len(rows) == sum(len(m) for v in summary["variants"].values() for m in v["strategies"].values())
    row = next(r for r in rows if (r["variant"], r["strategy"], r["metric"]) == ("often", "none", "mean_wait_min"))
    assert float(row["change"]) == summary["variants"]["often"]["strategies"]["none"]["mean_wait_min"]["change"]


def test_the_report_can_be_made_anew(declared):
    out, _ = declared
    before = (out / "report.html").read_text("utf-8")
    assert call("report", out).exit_code == 0
    assert (out / "report.html").read_text("utf-8") == before
    assert call("report", out / "variants" / "often").exit_code == 0


@pytest.mark.parametrize("name", ["tiny", "often"])
def test_the_scenario_file_of_a_variant_gives_its_tables_again(declared, here, name):
    """From another folder; wishes of `often` are those of the base, which its file names."""
    out, _ = declared
    file = out / "scenarios" / f"{name}.yaml"
    done = call("compare", file, "--strategies", "none,individual", "--out", "again")
    assert done.exit_code == 0, done.stderr
    tables = sorted((out / "variants" / name / "tables").iterdir())
    assert len(tables) >= 6
    for table in tables:
        assert (here / "again" / "tables" / table.name).read_bytes() == table.read_bytes()
    done = call("run", file, "--set", "advisor.strategy=none", "--out", "alone")
    assert done.exit_code == 0, done.stderr
    alone, both = (
        read_run_folder(folder).table("journeys").to_pandas() for folder in (here / "alone", out / "variants" / name)
    )
    assert alone.equals(both[both["strategy"] == "none"].reset_index(drop=True))


def test_variants_of_scenario_files_can_be_simulated_again(declared):
    out, _ = declared
    texts = {file.stem: file.read_text("utf-8") for file in (out / "scenarios").iterdir()}
    assert set(texts) == {"tiny", "often", "few_users"}
    assert "peakshift compare often.yaml --strategies none,individual" in texts["often"]
    assert "variant_of: tiny.yaml" in texts["often"]
    assert "variant_of" not in texts["tiny"]
    # What the file does not say it leaves to the defaults.
    assert "advisor:\n  penetration: 0.3\n" in texts["few_users"]


def test_scenario_files_stand_beside_each_other(here):
    (here / "a.yaml").write_text(PLAIN.replace("name: tiny", "name: before"), encoding="utf-8")
    after = PLAIN.replace("name: tiny", "name: after").replace("rate: 100 /h", "rate: 150 /h")
    (here / "b.yaml").write_text(after, encoding="utf-8")
    done = call("compare", "a.yaml", "b.yaml", "--strategies", "none", "--json")
    assert done.exit_code == 0, done.stderr
    result = json.loads(done.stdout)
    assert list(result["variants"]) == ["before", "after"]
    people = result["variants"]["after"]["people"]
    # Commuters of a flow are numbered: those of the smaller one are among those of the larger one.
    assert people["base"] == people["both"] < people["here"]
    assert any("after changes the demand" in sentence for sentence in result["pairing"])
    assert result["folder"] == "runs/before-variants"
    everybody = result["variants"]["after"]["gains"]["none"][0]
    assert (everybody["kind"], everybody["commuter_days"]) == ("all", int(2 * people["both"]))


def test_replications_decide_for_all_of_them(here):
    (here / "tiny.yaml").write_text(PLAIN + OFTEN, encoding="utf-8")
    done = call("compare", "tiny.yaml", "--strategies", "none", "--replications", "1", "--set", "days=1", "--json")
    assert done.exit_code == 0, done.stderr
    entry = json.loads(done.stdout)["variants"]["often"]["strategies"]["none"]["mean_wait_min"]
    assert entry["change"] < -1.0
    assert entry["change_half_width"] is None


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ("variants: [1]", "tiny.yaml:18:1: variants: must be names, each with the keys it changes"),
        ("variants: {a b: {days: 2}}", "variants.a b: a variant, and so its folder, is called by letters, digits"),
        ("variants: {more: }", "variants.more: must be the keys that it changes"),
        ("variants: {more: {name: x}}", "variants.more.name: cannot be changed by a variant"),
        (
            "variants: {more: {service.capacity_scal: 2}}",
            "variants.more.service.capacity_scal: unknown key (did you mean 'capacity_scale'?)",
        ),
        (
            "variants: {more: {service.changes: [{headway: {line: Z, every: 5 min}}]}}",
            "variants.more.service.changes.0.headway.line: ",
        ),
        ("variants: {more: {network.lines.7.vehicle: bus}}", "network.lines.7.vehicle: leads into a list of 1"),
        ("variants: {more: {description: as before}}", "variants.more: is the same as tiny: nothing that it changes"),
        ("variants: {tiny: {days: 2}}", "variants.tiny: is the name of the scenario itself"),
        ("variants: {more: {replications: 5}}", "variants.more.replications: is 5, but 2 in tiny; variants are paired"),
    ],
)
def test_what_is_wrong_with_a_variant_is_told_with_its_name(here, variants, message):
    (here / "tiny.yaml").write_text(f"{PLAIN}{variants}\n", encoding="utf-8")
    done = call("compare", "tiny.yaml", "--strategies", "none")
    assert (done.exit_code, done.stdout) == (1, "")
    assert message in done.stderr
    assert not (here / "runs").exists()


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (("--set", "advisor.penetration=0.9"), "advisor.penetration"),
        (("--set", "advisor={penetration: 0.9}"), "advisor"),
        (("--set", "service.changes.0.headway.every=5 min"), "service.changes.0.headway.every"),
    ],
)
def test_an_override_does_not_lie_over_what_a_variant_changes(here, given, key):
    """Catches a variant that silently equals the base, since both have the value of the override."""
    (here / "tiny.yaml").write_text(PLAIN + VARIANTS, encoding="utf-8")
    done = call("compare", "tiny.yaml", "--strategies", "none", *given)
    assert done.exit_code == 1
    name = "often" if key.startswith("service") else "few_users"
    assert f"--set: {key}: is changed by variant {name}; set here it would hold for all alike" in done.stderr
    assert not (here / "runs").exists()
    with pytest.raises(ScenarioError, match=f"changed by variant {name}"):
        sim.compare("tiny.yaml", ["none"], variants="declared", overrides=[given[1]])


def test_a_variant_that_cannot_be_used_is_found_by_validate(here):
    (here / "tiny.yaml").write_text(PLAIN + "variants: {more: {service.capacity_scal: 2}}\n", encoding="utf-8")
    done = call("validate", "tiny.yaml")
    assert done.exit_code == 1
    assert "variants.more.service.capacity_scal: unknown key" in done.stderr


def test_validate_lays_values_over_variants_too(here):
    variants = "variants: {more: {advisor.window: 20 min}}\n"
    (here / "tiny.yaml").write_text(PLAIN + variants, encoding="utf-8")
    assert call("validate", "tiny.yaml", "--set", "days=3").exit_code == 0
    done = call("validate", "tiny.yaml", "--set", "advisor.window=10 min")
    assert done.exit_code == 1
    assert "advisor.window: is changed by variant more; set here it would hold for all alike" in done.stderr


def test_two_files_of_one_name_are_told_apart_by_nobody(here):
    for name in ("a.yaml", "b.yaml"):
        (here / name).write_text(PLAIN, encoding="utf-8")
    done = call("compare", "a.yaml", "b.yaml")
    assert done.exit_code == 1
    assert done.stderr.strip() == "b.yaml: name: is tiny, as in a.yaml; give each scenario a name of its own"


def test_a_run_folder_is_not_replaced_by_variants(here):
    (here / "tiny.yaml").write_text(PLAIN + VARIANTS, encoding="utf-8")
    (here / "mine").mkdir()
    (here / "mine" / "notes.txt").write_text("mine", encoding="utf-8")
    done = call("compare", "tiny.yaml", "--out", "mine")
    assert done.exit_code == 1
    assert "holds notes.txt, so it is not only a comparison of variants" in done.stderr


def test_other_commands_leave_variants_aside(here):
    (here / "tiny.yaml").write_text(PLAIN + VARIANTS, encoding="utf-8")
    (here / "plain.yaml").write_text(PLAIN, encoding="utf-8")
    with_them, without = (
        json.loads(call("run", name, "--out", f"runs/{name}", "--json").stdout)["metrics"]
        for name in ("tiny.yaml", "plain.yaml")
    )
    assert with_them == without


def test_variants_go_on_after_a_kill(here):
    (here / "tiny.yaml").write_text(PLAIN + OFTEN, encoding="utf-8")
    command = ["compare", "tiny.yaml", "--strategies", "none", "--replications", "12", "--set", "days=3", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    killed = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", *command], cwd=here, env=environment, stdout=subprocess.DEVNULL
    )
    work = here / "runs" / ".tiny-variants.variants"
    while killed.poll() is None and not list(work.glob("variants/.*.parts/*/facts.json")):
        time.sleep(0.005)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    kept = len(list(work.glob("variants/.*.parts/*/facts.json")))
    assert kept > 0
    done = call(*command)
    again = call(*command, "--out", "other")
    first, second = (json.loads(result.stdout) for result in (done, again))
    assert first["variants"] == second["variants"]
    assert not work.exists()


def test_a_variant_that_leaves_people_behind_is_said_so_first(here):
    closed = "variants:\n  cut:\n    service.changes:\n      - close_street: {from_stop: b, to_stop: c}\n"
    (here / "tiny.yaml").write_text(PLAIN + closed, encoding="utf-8")
    done = call("compare", "tiny.yaml", "--strategies", "none", "--replications", "1", "--set", "days=1")
    assert done.exit_code == 0, done.stderr
    answer = " ".join(done.stdout.partition("excludes 0.\n\n")[2].split())
    first, _, _ = answer.partition("In this one draw")
    assert "cut: Demand and service do not fit: 100.0 % of the commuters do not arrive" in first


def test_a_street_that_is_none_is_told_with_those_that_are(here):
    closed = "variants: {cut: {service.changes: [{close_street: {from_stop: a, to_stop: c}}]}}\n"
    (here / "tiny.yaml").write_text(PLAIN + closed, encoding="utf-8")
    done = call("compare", "tiny.yaml")
    assert done.exit_code == 1
    assert "there is no link from 'a' to 'c'; from 'a' links lead to b" in done.stderr

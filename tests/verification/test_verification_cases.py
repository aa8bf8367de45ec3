"""The frame around the cases: verdicts, parameters, what is simulated once, the scenario that is written."""

import itertools
import math
import shlex

import numpy as np
import pytest
from support.oracles import all_rows, oracle_rows, settings

import sim
from sim.errors import InputError, RunFolderError, UnknownNameError
from sim.report.terminal import verification_table
from sim.verification import case_ids, measure_runs, run_cases, running, write_scenario
from sim.verification.catalogue import CASES
from sim.verification.settings import parameter_sets
from sim.verification.verdict import Tolerance, judge, replications_to_catch

MC = Tolerance("mc", 0.01)
SMALL = "headway=2", "capacity=3", "arrivals_per_headway=1.5"


def batches(mean, error, count=25):
    """Return values of batches with exactly that mean and standard error."""
    pattern = np.resize([1.0, -1.0], count - count % 2)
    pattern = np.append(pattern, np.zeros(count % 2))
    return mean + pattern / pattern.std(ddof=1) * error * math.sqrt(count)


def test_a_distance_within_the_tolerance_passes():
    verdict = judge(10.0, batches(10.09, 0.01), MC)
    assert verdict.passed
    assert (verdict.simulation, verdict.tolerance) == pytest.approx((10.09, 0.1))
    assert verdict.half_width == pytest.approx(2.063899 * 0.01)  # t(24, .975) of any table


def test_a_distance_within_three_standard_errors_passes():
    assert judge(10.0, batches(10.29, 0.1), MC).passed
    assert not judge(10.0, batches(10.31, 0.1), MC).passed
    assert not judge(10.0, batches(9.69, 0.1), MC).passed


def test_a_distance_of_one_per_cent_and_more_fails_when_the_run_is_long():
    verdict = judge(10.0, batches(10.11, 0.001), MC)
    assert not verdict.passed
    assert "differ" in verdict.reason


def test_a_short_run_does_not_pass_by_its_own_noise():
    verdict = judge(10.0, batches(10.0, 0.21), MC)
    assert not verdict.passed
    assert verdict.reason.startswith("run too short")


def test_few_batches_are_a_short_run():
    assert judge(10.0, batches(10.0, 0.01, count=19), MC).reason.startswith("run too short")
    assert judge(10.0, batches(10.0, 0.01, count=20), MC).passed


@pytest.mark.parametrize("error", [0.001, 0.003, 0.0046])
def test_the_power_of_a_verdict_is_the_share_of_biased_runs_that_fail(error):
    """Runs that are off by 2 % fail as often as the verdict of an honest one says; a power 10 points off would fail."""
    rng, runs, replications = np.random.default_rng(3), 800, 40
    noise = 10.0 * error * math.sqrt(replications)
    power = judge(10.0, batches(10.0, 10.0 * error, replications), MC).power
    failed = [not judge(10.0, rng.normal(10.2, noise, replications), MC).passed for _ in range(runs)]
    assert abs(np.mean(failed) - power) < 0.06


def test_a_run_that_would_not_see_the_bias_asked_for_is_too_short():
    values = batches(10.0, 0.1, 40)
    assert judge(10.0, values, MC).passed
    assert judge(10.0, values, MC, catch=0.05).passed
    verdict = judge(10.0, values, MC, catch=0.02)
    assert (verdict.passed, verdict.reason[:17]) == (False, "run too short: a ")


@pytest.mark.parametrize("error", [0.001, 0.003, 0.0046])
def test_a_bias_that_a_verdict_says_it_catches_is_caught_nine_times_in_ten(error):
    """With a standard error of 0.46 % that is a bias of 2 %; would catch a tolerance that grows with the noise."""
    rng, runs, replications = np.random.default_rng(3), 4000, 40
    catches = judge(10.0, batches(10.0, 10.0 * error, replications), MC).catches
    assert catches == pytest.approx(max(0.01, 3 * error) + 1.28155 * error, rel=1e-4)
    assert catches < 0.02
    noise = 10.0 * error * math.sqrt(replications)
    caught = [not judge(10.0, rng.normal(10.0 * (1 + catches), noise, replications), MC).passed for _ in range(runs)]
    # The standard error is estimated, too, which costs up to a hundredth.
    assert np.mean(caught) == pytest.approx(0.9, abs=0.02)
    honest = [judge(10.0, rng.normal(10.0, noise, replications), MC).passed for _ in range(runs)]
    assert np.mean(honest) > 0.99


def test_a_case_is_simulated_on_until_its_own_standard_error_suffices(monkeypatch):
    """The standard error of the first replications may promise too much; stopping there left cases at 2.1 %."""
    asked = []

    def needed(theory, values, tolerance, bias):
        asked.append(len(values))
        return len(values) + 5 if len(asked) < 3 else replications_to_catch(theory, values, tolerance, bias)

    monkeypatch.setattr(running, "replications_to_catch", needed)
    (row,) = run_cases(["departure.lognormal_head_start"], ["mean=10"], catch=0.4)
    assert asked == [20, 25, 30]
    assert row["replications"] == 30
    assert row["verdict"] == "pass"


def test_a_wide_tolerance_hides_no_bias_from_a_long_run():
    """What others accept of the number left behind, 3 %, is no bias that a long run lets pass."""
    assert not judge(10.0, batches(10.2, 0.02), Tolerance("mc", 0.03)).passed


def test_arithmetic_has_no_room_for_noise():
    exact = Tolerance("exact", 1e-7, 1e-6)
    assert judge(0.0, np.array([9e-7]), exact).passed
    assert not judge(0.0, np.array([2e-6]), exact).passed
    assert judge(100.0, np.array([100.000009]), exact).passed
    assert not judge(100.0, np.array([100.00002]), exact).passed


def test_what_was_not_measured_fails():
    verdict = judge(10.0, np.append(batches(10.0, 0.01), np.nan), MC)
    assert not verdict.passed
    assert verdict.reason.startswith("not measured")
    # "Of 1 with chance in them 1 would catch a bias of 2 %" stood below a case of which nothing had been measured.
    nothing = judge(10.0, np.full(20, np.nan), MC)
    assert (verdict.catches, verdict.power, nothing.catches, nothing.power) == (None, None, None, None)


def test_each_of_several_values_has_to_agree():
    exact = Tolerance("exact", 1e-6)
    theory = np.array([2.0, 1.0])
    assert judge(theory, np.array([[2.0, 1.0]]), exact).simulation == [2.0, 1.0]
    assert not judge(theory, np.array([[2.0, 1.1]]), exact).passed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_defaults_are_accepted_as_a_user_would_give_them(case):
    for params in case.sets:
        assert set(params) <= {param.name for param in case.params}
        for param in case.params:
            assert param.name not in params or param.accepts(params[param.name]), param.name
        case.world(params)


def test_every_row_of_the_oracles_has_its_case_and_parameters(shared):
    """What others hold the simulator against can be asked for by id, with any of the parameters listed there."""
    cases = {case.id: case for case in CASES}
    for row in oracle_rows(shared, [row["id"] for row in all_rows(shared)]):
        case = cases[row["id"]]
        given = {name: value for name, value in row["params"].items() if not case.param(name).label}
        (params,) = parameter_sets(case, settings(given))
        assert {name: params[name] for name in given} == given


@pytest.mark.parametrize(
    ("case", "overrides", "error", "words"),
    [
        ("stop.mean_wat", [], UnknownNameError, ["stop.mean_wait"]),
        ("stop.mean_wait", ["capactiy=10"], UnknownNameError, ["capactiy", "capacity"]),
        ("stop.mean_wait", ["headway"], InputError, ["key=value", "arrivals_per_headway"]),
        ("stop.mean_wait", ["headway=[1"], InputError, ["headway", "YAML"]),
        ("stop.mean_wait", ["headway=soon"], InputError, ["'soon'", "minutes"]),
        ("stop.mean_wait", ["headway=true"], InputError, ["True", "a number"]),
        ("stop.mean_wait", ["headway=0"], InputError, ["from 0.1"]),
        ("stop.mean_wait", ["headway=.inf"], InputError, ["to 1440"]),
        ("stop.mean_wait", ["headway="], InputError, ["None"]),
        ("stop.mean_wait", ["capacity=10.5"], InputError, ["10.5", "whole number"]),
        ("stop.mean_wait", ["capacity=8"], InputError, ["arrivals_per_headway = 8", "less than capacity = 8"]),
        ("stop.mean_wait", ["capacity=8", "arrivals_per_headway=9"], InputError, ["less than capacity"]),
        ("stop.mean_wait", ["arrivals_per_headway=9.9999"], InputError, ["further from capacity"]),
        ("stop.mean_left", ["arrivals_per_headway=0.1"], InputError, ["nearer to capacity"]),
        ("stop.mean_wait", ["capacity=20", "arrivals_per_headway=40"], InputError, ["without end"]),
        ("stop.poisson_bus_mean_wait", ["headway=3"], UnknownNameError, ["mean_headway"]),
        ("stop.poisson_bus_mean_wait", ["arrivals_per_headway=10"], InputError, ["without end"]),
        ("wait.osuna", ["headway=weibull"], InputError, ["weibull", "exponential", "pairs A/B"]),
        ("wait.osuna", ["headway=uniform 1..3"], InputError, ["mean 2"]),
        ("wait.osuna", ["headway=uniform cv 0.6"], InputError, ["0.577350"]),
        ("wait.osuna", ["headway=exponential", "cv=0.5"], InputError, ["cv has no meaning"]),
        ("wait.osuna", ["headway=gamma cv 9"], InputError, ["headways"]),
        ("wait.osuna", ["headway=exponential", "chance=0.5"], InputError, ["chance has no meaning"]),
        ("wait.osuna", ["headway=two-point 2/18", "chance=0.25"], InputError, ["mean 14"]),
        ("wait.osuna", ["headway=two-point cv 2", "chance=0.5"], InputError, ["at most 1.0"]),
        ("mandl.ATT", ["routes=5"], InputError, ["a list of routes"]),
        ("mandl.ATT", ["routes=[[1, 2.5]]"], InputError, ["a list of routes"]),
        ("mandl.ATT", ["routes=[[1, 3]]"], InputError, ["no link from 1 to 3"]),
        ("mandl.ATT", ["routes=[[1, 2, 1]]"], InputError, ["twice"]),
        ("mandl.ATT", ["routes=[[1, 2, 16]]"], InputError, ["1 to 15"]),
        ("mandl.ATT", ["routes=[[1, 2, 3]]"], InputError, ["no route leads"]),
        ("mandl.ATT", ["tp=-1"], InputError, ["from 0"]),
    ],
)
def test_what_is_not_accepted_is_answered_with_what_is(case, overrides, error, words):
    with pytest.raises(error) as caught:
        run_cases([case], overrides)
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_name_does_not_stay_with_other_routes():
    case = next(case for case in CASES if case.id == "mandl.ATT")
    (params,) = parameter_sets(case, ["tp=2"])
    assert params["name"] == ""
    assert params["routes"] == case.sets[0]["routes"]


def test_cases_of_one_scenario_are_simulated_once(monkeypatch):
    seen = []

    def counted(world, strategies, replication, **kept):
        seen.append((world.compiled.scenario.parameters.name, replication))
        return simulate(world, strategies, replication, **kept)

    simulate = running.simulate_in
    monkeypatch.setattr(running, "simulate_in", counted)
    mandl = [name for name in case_ids() if name.startswith("mandl.")]
    assert len(run_cases(mandl, ["tp=4"])) == 8
    assert len(seen) == 1
    seen.clear()
    waits = run_cases(["wait.osuna", "wait.osuna_sd"], ["headway=pairs 2/4", "mean=3"])
    assert len(seen) == len(set(seen)) >= 30
    assert waits[1:] == run_cases(["wait.osuna_sd"], ["headway=pairs 2/4", "mean=3"])


def test_a_bias_of_two_per_cent_can_be_asked_for():
    """Two points and passengers at random are measured longer; the first replications stay what they were."""
    overrides = ["headway=two-point 1/5", "mean=3"]
    (usual,) = run_cases(["wait.osuna"], overrides)
    (sharp,) = run_cases(["wait.osuna"], overrides, catch=0.0135)
    assert usual["catches"] > 0.0135 >= sharp["catches"]
    assert sharp["replications"] > usual["replications"]
    assert (usual["verdict"], sharp["verdict"]) == ("pass", "pass")
    assert run_cases(["mandl.TRT"], ["tp=4"], catch=0.02)[0]["catches"] is None


def test_what_is_near_to_theory_only_is_not_simulated_for_ever():
    near, values = Tolerance("mc", 0.05, approximate=True), batches(10.0, 0.2)
    assert judge(10.0, batches(10.4, 0.001), near).passed
    assert replications_to_catch(10.0, values, near, 0.02) == len(values)
    assert replications_to_catch(10.0, values, MC, 0.02) > 10 * len(values)


def test_progress_and_jobs_do_not_change_the_answer():
    told = []
    alone = run_cases(["mandl.ATT", "mandl.d0"], jobs=1, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 10) for done in range(1, 11)]
    assert run_cases(["mandl.ATT", "mandl.d0"], jobs=2) == alone


SIX_HOURS = ("headway=pairs 2/4", "mean=3")


@pytest.mark.parametrize(
    ("case", "overrides"),
    [
        ("wait.osuna", SIX_HOURS),
        ("wait.osuna_sd", SIX_HOURS),
        ("mandl.ATT", ("tp=4",)),
        ("mandl.TRT", ("tp=4",)),
        ("crowding.mu_so", ("N=500",)),
        ("bottleneck.least_deviation", ()),
        ("bunching.daganzo", ()),
    ],
)
def test_the_scenario_that_is_written_gives_the_number_back(tmp_path, case, overrides):
    """As a user: write the file, run it, and have the run folder measured, with the command that its head names."""
    file = tmp_path / "case.yaml"
    write_scenario(case, overrides, file)
    text = file.read_text(encoding="utf-8")
    assert case in text.partition("\n")[0]
    (command,) = (line for line in text.splitlines() if f"peakshift verify {case} " in line)
    words = shlex.split(command.partition("verify ")[2])
    assert words[-2:] == ["--run", "runs/case"]
    sim.run(file).write(tmp_path / "runs" / "case")
    given = [value for word, value in itertools.pairwise(words) if word == "--set"]
    (row,) = measure_runs(case, given, [tmp_path / words[-1]])
    assert row == run_cases([case], overrides or given)[0]


def test_people_who_have_adapted_are_compared_by_the_command_that_is_written(tmp_path):
    """`run` knows people by habit alone, who pay more than twice as much."""
    file = tmp_path / "case.yaml"
    few = ("N=200", "s=200")
    write_scenario("equilibrium.TC", few, file)
    assert "peakshift compare case.yaml --strategies none --out runs/case" in file.read_text(encoding="utf-8")
    sim.compare(file, ["none"]).write(tmp_path / "runs" / "case")
    assert measure_runs("equilibrium.TC", few, [tmp_path / "runs" / "case"]) == run_cases(["equilibrium.TC"], few)
    sim.run(file).write(tmp_path / "runs" / "habit")
    (habit,) = measure_runs("equilibrium.TC", few, [tmp_path / "runs" / "habit"])
    assert habit["verdict"] == "fail"


def test_a_case_about_a_difference_is_measured_in_two_run_folders(tmp_path):
    settings_ = ("r=-0.4", "headway=2")
    file = tmp_path / "pair.yaml"
    write_scenario("paired.gain", settings_, file)
    assert "--run runs/pair --run runs/pair-reference" in file.read_text(encoding="utf-8")
    folders = [tmp_path / "runs" / name for name in ("pair", "pair-reference")]
    for folder in folders:
        sim.run(tmp_path / f"{folder.name}.yaml").write(folder)
    assert measure_runs("paired.gain", settings_, folders) == run_cases(["paired.gain"], settings_)
    with pytest.raises(RunFolderError, match="measured in 2 run folders, not in 1"):
        measure_runs("paired.gain", settings_, folders[:1])


def test_a_scenario_longer_than_a_thousand_hours_can_be_read_back(tmp_path):
    file = tmp_path / "long.yaml"
    overrides = ["headway=60", "capacity=10", "arrivals_per_headway=8"]
    write_scenario("stop.mean_left", overrides, file)
    case = next(case for case in CASES if case.id == "stop.mean_left")
    (params,) = parameter_sets(case, overrides)
    assert sim.load_scenario(file).parameters == case.scenario(case.world(params))


def test_the_table_says_why_a_row_failed():
    row = {"case": "x", "params": {}, "theory": 1.0, "simulation": 2.0, "half_width": 0.0, "tolerance": 0.1}
    text = verification_table([{**row, "verdict": "fail", "reason": "run too short"}])
    assert "fail: run too short" in text

"""Run cases: simulate each scenario once, measure, compare with theory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from sim.advisor import strategy_by_name
from sim.advisor.baselines import baseline_by_name
from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import ReplicationWorld, compile_scenario
from sim.arrays import FloatArray
from sim.errors import RunFolderError
from sim.experiments.replications import simulate_in
from sim.experiments.workers import in_processes
from sim.loading.scenario import build_scenario
from sim.model.parameters import ScenarioParameters
from sim.records.folder import read_run_folder
from sim.records.table import Table
from sim.verification.case import REFERENCE, Case, Params, Tables
from sim.verification.catalogue import CASES
from sim.verification.settings import find_case, parameter_sets
from sim.verification.verdict import Tolerance, judge, replications_to_catch

MOST_TIMES = 25
"""Times as many replications as usual that a case is given at most to catch a bias."""

MOST_EXTENSIONS = 4
"""Times that a case is simulated on, each time with the standard error that is known by then."""

Progress = Callable[[int, int], None]
"""Called with (finished, total) replications."""

Measure = tuple[Callable[[Tables, Any], float | FloatArray], Any]
"""The measure of a case, and the world that it is about."""


@dataclass
class _Question:
    """One row of the answer: a case and its parameters, and what its replications said."""

    case: Case[Any]
    params: Params
    world: Any
    scenario: ScenarioParameters
    reference: ScenarioParameters | None
    replications: int
    values: list[FloatArray] = field(default_factory=list)

    @classmethod
    def of(cls, case: Case[Any], params: Params) -> _Question:
        world = case.world(params)
        reference = case.reference(world) if case.reference is not None else None
        scenario = case.scenario(world)
        return cls(case, params, world, scenario, reference, scenario.replications)

    @property
    def tolerance(self) -> Tolerance:
        return self.case.tolerance_of(self.world)

    @property
    def measure(self) -> Measure:
        return self.case.measure, self.world

    def extend(self, bias: float) -> None:
        """Ask for as many replications as let a bias be caught, within what is bearable."""
        needed = replications_to_catch(self.case.theory(self.world), np.stack(self.values), self.tolerance, bias)
        self.replications = max(self.replications, min(needed, MOST_TIMES * self.scenario.replications))

    def row(self, catch: float | None = None) -> dict[str, Any]:
        theory = self.case.theory(self.world)
        verdict = judge(theory, np.stack(self.values), self.tolerance, catch)
        return {
            "case": self.case.id,
            "params": dict(self.params),
            "theory": theory if isinstance(theory, float) else [float(value) for value in theory],
            "simulation": verdict.simulation,
            "half_width": verdict.half_width,
            "tolerance": verdict.tolerance,
            "verdict": "pass" if verdict.passed else "fail",
            "reason": verdict.reason,
            "catches": verdict.catches,
            "power_at_2_percent": verdict.power,
            "replications": len(self.values),
        }


@dataclass
class _CaseRun:
    """A scenario, perhaps with another on the same draws, and the questions asked.

    Each question is answered from its own number of first replications.
    """

    scenarios: tuple[ScenarioParameters, ...]
    questions: list[_Question] = field(default_factory=list)

    def rounds(self) -> list[list[_Question]]:
        """Return, for each replication, the questions that are still to be measured in it."""
        total = max(question.replications for question in self.questions)
        return [
            [question for question in self.questions if len(question.values) <= replication < question.replications]
            for replication in range(total)
        ]


def case_ids() -> list[str]:
    """Return the names of all cases."""
    return [case.id for case in CASES]


def case_quantities() -> dict[str, str]:
    """Return what each case is about, with its unit."""
    return {case.id: case.quantity for case in CASES}


def run_cases(
    cases: Sequence[str] = (),
    overrides: Sequence[str] = (),
    jobs: int = 1,
    progress: Progress | None = None,
    engine: str = "auto",
    catch: float | None = None,
) -> list[dict[str, Any]]:
    """Put simulation beside theory.

    Parameters
    ----------
    cases : sequence of str
        Names of cases; the usual set of all where empty.
    overrides : sequence of str
        Texts ``key=value`` laid over the first default parameters of each case named; without
        any, all default parameters are run.
    jobs : int
        Processes; the results do not depend on their number.
    progress : callable or None
        Told how many replications are done.
    engine : str
        simpy, compiled or auto; the results are the same.
    catch : float or None
        Bias, as a share of theory, that every stochastic case is to catch 9 times in 10: such cases
        are simulated on, with the replications that their standard error so far asks for. One that still
        does not catch it fails as too short.

    Returns
    -------
    list of dict
        For each case and parameter set: case, params, theory, simulation, half_width,
        tolerance, verdict (pass or fail), reason (empty where passed), catches (the bias that
        would have been caught 9 times in 10, None where there is no chance), power_at_2_percent (the
        chance that a bias of 2 % would have failed) and replications.

    Raises
    ------
    UnknownNameError
        When there is no such case, or a case has no such parameter.
    InputError
        When a value is not accepted.
    """
    questions = list(_questions(cases, overrides))
    runs = _runs(questions)
    _simulate_rounds(runs, engine, jobs, progress)
    if catch is not None:
        # A standard error of few replications is itself known by halves: the longer run says how long it has to be.
        for _ in range(MOST_EXTENSIONS):
            for question in questions:
                question.extend(catch)
            if all(len(question.values) == question.replications for question in questions):
                break
            _simulate_rounds(runs, engine, jobs, progress)
    return [question.row(catch) for question in questions]


def _simulate_rounds(runs: Sequence[_CaseRun], engine: str, jobs: int, progress: Progress | None) -> None:
    """Simulate what is still to be measured, and let each question keep its value."""
    rounds = [(run, replication, asked) for run in runs for replication, asked in enumerate(run.rounds()) if asked]
    measured = in_processes(jobs, _work(rounds, engine))
    for finished, ((_, _, asked), values) in enumerate(zip(rounds, measured, strict=True), start=1):
        for question, value in zip(asked, values, strict=True):
            question.values.append(value)
        if progress is not None:
            progress(finished, len(rounds))


def measure_runs(case: str, overrides: Sequence[str], folders: Sequence[Path]) -> list[dict[str, Any]]:
    """Put theory beside run folders of scenarios that `write_scenario` wrote, instead of simulating.

    Parameters
    ----------
    case : str
    overrides : sequence of str
        As in `run_cases`; without any, the first default parameters are meant.
    folders : sequence of Path
        The run of the scenario, and that of the reference where the case has one.

    Returns
    -------
    list of dict
        One row as of `run_cases`.

    Raises
    ------
    UnknownNameError
        When there is no such case, or it has no such parameter.
    InputError
        When a value is not accepted.
    RunFolderError
        When a folder is none, or their number or replications are not what the case needs.
    """
    found = find_case(case, CASES)
    question = _Question.of(found, parameter_sets(found, overrides)[0])
    wanted = 1 if found.reference is None else 2
    if len(folders) != wanted:
        raise RunFolderError(f"{case} is measured in {wanted} run folder{'s' * (wanted - 1)}, not in {len(folders)}")
    runs = [read_run_folder(folder).tables() for folder in folders]
    replications = [np.unique(tables["journeys"]["replication"]).tolist() for tables in runs]
    if any(other != replications[0] for other in replications):
        raise RunFolderError(f"{folders[-1]}: its replications are not those of {folders[0]}")
    for replication in replications[0]:
        parts = [
            {name: table.where(table["replication"] == replication) for name, table in tables.items()}
            for tables in runs
        ]
        question.values += _measured(parts, [question.measure])
    return [question.row()]


def _questions(cases: Sequence[str], overrides: Sequence[str]) -> Iterator[_Question]:
    chosen = [find_case(name, CASES) for name in dict.fromkeys(cases)] if cases else list(CASES)
    for case in chosen:
        sets = parameter_sets(case, overrides)
        for params in sets if cases else sets[: case.usual]:
            yield _Question.of(case, params)


def _runs(questions: Sequence[_Question]) -> list[_CaseRun]:
    """Put questions about the same scenario together; they may differ in replications only."""
    runs: dict[str, _CaseRun] = {}
    # What a case says must not depend on which others are asked with it: replication k of a scenario is the same
    # however many there are, and each question keeps the first of them that it asked for
    # (test_cases_of_one_scenario_are_simulated_once).
    for question in questions:
        scenarios = (question.scenario,) if question.reference is None else (question.scenario, question.reference)
        same = " ".join(one.model_copy(update={"replications": 1}).model_dump_json() for one in scenarios)
        runs.setdefault(same, _CaseRun(scenarios)).questions.append(question)
    return list(runs.values())


def _work(rounds: Sequence[tuple[_CaseRun, int, list[_Question]]], engine: str) -> Iterator[Any]:
    last: _CaseRun | None = None
    compiled: list[CompiledScenario] = []
    for run, replication, asked in rounds:
        if run is not last:
            scenarios = [scenario.model_copy(update={"engine": engine}) for scenario in run.scenarios]
            compiled = [compile_scenario(build_scenario(scenario, Path())) for scenario in scenarios]
            last = run
        yield joblib.delayed(_measure)(compiled, replication, [question.measure for question in asked])


def _measure(compiled: Sequence[CompiledScenario], replication: int, measures: Sequence[Measure]) -> list[FloatArray]:
    """Simulate a replication and measure it; its tables end here, so that memory does not grow."""
    return _measured([_simulate(each, replication) for each in compiled], measures)


def _measured(tables: Sequence[Tables], measures: Sequence[Measure]) -> list[FloatArray]:
    """Measure the tables of one replication, those of a reference run behind those of the run itself."""
    together = {
        f"{REFERENCE if place else ''}{name}": table
        for place, each in enumerate(tables)
        for name, table in each.items()
    }
    return [np.asarray(measure(together, world), dtype=np.float64) for measure, world in measures]


def _simulate(compiled: CompiledScenario, replication: int) -> dict[str, Table]:
    parameters = compiled.scenario.parameters
    baseline = baseline_by_name(parameters.baselines[0])
    world = ReplicationWorld.create(compiled, replication)
    people, _ = (world, None) if baseline.settle is None else baseline.settle(world)
    # No case measures what was forecast of the advised, for which each day would be rehearsed on four draws more.
    strategies = [strategy_by_name(parameters.advisor.strategy)]
    (result,) = simulate_in(people, strategies, replication, tells_of_advice=False)
    return dict(result.tables)

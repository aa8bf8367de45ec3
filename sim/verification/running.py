"""Run cases: simulate each scenario once, measure, compare with theory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import joblib
import numpy as np

from sim.advisor import strategy_by_name
from sim.advisor.loop import CompiledScenario, compile_scenario
from sim.arrays import FloatArray
from sim.experiments.replications import run_replication
from sim.loading.scenario import build_scenario
from sim.model.parameters import ScenarioParameters
from sim.records.table import Table
from sim.verification.case import Case, Params, Tables, as_reference
from sim.verification.catalogue import CASES
from sim.verification.settings import find_case, parameter_sets
from sim.verification.verdict import judge

Progress = Callable[[int, int], None]
"""Called with (finished, total) replications."""

Measure = tuple[Callable[[Tables, Params], FloatArray], Params]


@dataclass
class _Question:
    """One row of the answer: a case and its parameters, and what its replications said."""

    case: Case
    params: Params
    scenario: ScenarioParameters
    reference: ScenarioParameters | None
    values: list[FloatArray] = field(default_factory=list)

    def row(self) -> dict[str, Any]:
        theory = self.case.theory(self.params)
        verdict = judge(theory, np.concatenate(self.values), self.case.tolerance)
        return {
            "case": self.case.id,
            "params": dict(self.params),
            "theory": theory if isinstance(theory, float) else [float(value) for value in theory],
            "simulation": verdict.simulation,
            "half_width": verdict.half_width,
            "tolerance": verdict.tolerance,
            "verdict": "pass" if verdict.passed else "fail",
            "reason": verdict.reason,
        }


@dataclass
class _World:
    """A scenario, perhaps with another on the same draws, and the questions asked.

    Each question is answered from its own number of first replications.
    """

    scenarios: tuple[ScenarioParameters, ...]
    questions: list[_Question] = field(default_factory=list)

    def rounds(self) -> list[list[_Question]]:
        """Return the questions asked in each replication."""
        total = max(question.scenario.replications for question in self.questions)
        return [
            [question for question in self.questions if replication < question.scenario.replications]
            for replication in range(total)
        ]


def case_ids() -> list[str]:
    """Return the names of all cases."""
    return [case.id for case in CASES]


def run_cases(
    cases: Sequence[str] = (), overrides: Sequence[str] = (), jobs: int = 1, progress: Progress | None = None
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

    Returns
    -------
    list of dict
        For each case and parameter set: case, params, theory, simulation, half_width,
        tolerance, verdict (pass or fail) and reason (empty where passed).

    Raises
    ------
    UnknownNameError
        When there is no such case, or a case has no such parameter.
    InputError
        When a value is not accepted.
    """
    questions = list(_questions(cases, overrides))
    worlds = _worlds(questions)
    rounds = [asked for world in worlds for asked in world.rounds()]
    measured = joblib.Parallel(n_jobs=jobs, return_as="generator")(_work(worlds))
    for finished, (asked, values) in enumerate(zip(rounds, measured, strict=True), start=1):
        for question, value in zip(asked, values, strict=True):
            question.values.append(value)
        if progress is not None:
            progress(finished, len(rounds))
    return [question.row() for question in questions]


def _questions(cases: Sequence[str], overrides: Sequence[str]) -> Iterator[_Question]:
    chosen = [find_case(name, CASES) for name in dict.fromkeys(cases)] if cases else list(CASES)
    for case in chosen:
        sets = parameter_sets(case, overrides)
        for params in sets if cases else sets[: case.usual]:
            reference = case.reference(params) if case.reference is not None else None
            yield _Question(case, params, case.scenario(params), reference)


def _worlds(questions: Sequence[_Question]) -> list[_World]:
    """Put questions about the same scenario together; they may differ in replications only."""
    worlds: dict[str, _World] = {}
    for question in questions:
        scenarios = (question.scenario,) if question.reference is None else (question.scenario, question.reference)
        same = " ".join(one.model_copy(update={"replications": 1}).model_dump_json() for one in scenarios)
        worlds.setdefault(same, _World(scenarios)).questions.append(question)
    return list(worlds.values())


def _work(worlds: Sequence[_World]) -> Iterator[Any]:
    for world in worlds:
        compiled = [compile_scenario(build_scenario(scenario, Path())) for scenario in world.scenarios]
        for replication, asked in enumerate(world.rounds()):
            measures = [(question.case.measure, question.params) for question in asked]
            yield joblib.delayed(_measure)(compiled, replication, measures)


def _measure(compiled: Sequence[CompiledScenario], replication: int, measures: Sequence[Measure]) -> list[FloatArray]:
    """Simulate a replication and measure it; its tables end here, so that memory does not grow."""
    tables = _simulate(compiled[0], replication)
    for reference in compiled[1:]:
        tables |= as_reference(_simulate(reference, replication))
    return [measure(tables, params) for measure, params in measures]


def _simulate(compiled: CompiledScenario, replication: int) -> dict[str, Table]:
    strategy = strategy_by_name(compiled.scenario.parameters.advisor.strategy)
    (result,) = run_replication(compiled, [strategy], replication)
    return dict(result.tables)

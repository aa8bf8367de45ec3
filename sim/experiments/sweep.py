"""Sweeps: every strategy at every point of a grid, on the same draws, going on after a kill.

The work is cut into pieces of one strategy, one replication and one point. What does not change the
result of a piece is no part of its key: `none` is run once for all points that differ in the advice
alone, and a strategy that reaches nobody is `none`. Finished pieces lie in a catalogue.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sim import __version__
from sim.advisor import Strategy
from sim.advisor.loop import compile_scenario
from sim.advisor.strategies.none import NoAdvice
from sim.arrays import FloatArray
from sim.engine import HoldingRule
from sim.experiments.replications import Progress, run_replication
from sim.experiments.sweep_points import SweepPoint
from sim.metrics.fairness import change_metrics
from sim.metrics.registry import METRICS
from sim.metrics.replication import replication_metrics
from sim.metrics.summary import REFERENCE, ReplicationValues, with_savings
from sim.model.scenario import Scenario
from sim.records.catalogue import Catalogue, Finished

EXACT = "optimum_exact"
"""Key beside the metrics of a reference: whether its least total cost is the optimum."""

_ADVICE_ONLY = frozenset(
    {
        "strategy",
        "penetration",
        "compliance",
        "compliance_rule",
        "compliance_halving",
        "target_load_factor",
        "forecast",
        "incentive",
        "only_destinations",
        "same_for_all",
    }
)
"""Keys of the advisor that mean nothing where nobody is advised."""

_ROOMS = ("units", "randomness", "model", "loading", "routing", "population", "engine", "records", "metrics", "advisor")
"""Source that a result depends on; a catalogue made with another one is not used again."""


@dataclass(frozen=True)
class _Piece:
    """One strategy and replication at a point, with the key of its result."""

    key: str
    scenario: Scenario
    strategy: Strategy
    replication: int
    reference_key: str


@dataclass(frozen=True)
class _Task:
    """Pieces of one scenario and replication that are worth running together."""

    scenario: Scenario
    replication: int
    pieces: tuple[_Piece, ...]
    reference: FloatArray | None
    holding: HoldingRule | None


def run_sweep(
    points: Sequence[SweepPoint],
    strategies: Sequence[Strategy],
    catalogue: Catalogue,
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
) -> tuple[ReplicationValues, ...]:
    """Run all strategies at all points, leaving out what the catalogue has.

    Parameters
    ----------
    points : sequence of SweepPoint
    strategies : sequence of Strategy
        `none` is among them.
    catalogue : Catalogue
        Finished pieces; new ones are added as soon as they are done.
    jobs : int
        Processes to use; the results are the same whatever their number.
    progress : callable or None
        Told (finished, total) pieces, those found in the catalogue among the finished.
    holding : HoldingRule or None
        Control of vehicles of the user's own at all points, instead of that of the scenario.

    Returns
    -------
    tuple of dict of str to dict of str to ndarray
        For each point strategy, then metric, then one value per replication.
    """
    pieces = {
        (place, strategy.name, piece.replication): piece
        for place, point in enumerate(points)
        for strategy in strategies
        for piece in _pieces(point.scenario, strategy, strategies, _source_of(holding))
    }
    distinct = {piece.key: piece for piece in pieces.values()}
    missing = [piece for piece in distinct.values() if catalogue.find(piece.key) is None]
    finished = len(distinct) - len(missing)
    if progress is not None:
        progress(finished, len(distinct))
    # What the others are paired with comes first.
    for wave in (True, False):
        todo = [piece for piece in missing if (piece.key == piece.reference_key) == wave]
        for key, done in _run(_tasks(todo, catalogue, holding), jobs):
            catalogue.store(key, done)
            finished += 1
            if progress is not None:
                progress(finished, len(distinct))
    return tuple(_values(place, point, strategies, pieces, catalogue) for place, point in enumerate(points))


def is_optimum_exact(points: Sequence[SweepPoint], catalogue: Catalogue, holding: HoldingRule | None = None) -> bool:
    """Tell whether the least total cost of all points of a finished sweep is the system optimum itself.

    Parameters
    ----------
    points : sequence of SweepPoint
    catalogue : Catalogue
    holding : HoldingRule or None
        As the sweep was run with.
    """
    none, control = NoAdvice(), _source_of(holding)
    keys = {piece.key for point in points for piece in _pieces(point.scenario, none, [none], control)}
    found = [catalogue.find(key) for key in sorted(keys)]
    return all(done is not None and done.metrics.get(EXACT) == 1.0 for done in found)


def _pieces(scenario: Scenario, strategy: Strategy, strategies: Sequence[Strategy], holding: str) -> Iterator[_Piece]:
    """Cut one strategy at one point into replications."""
    none = next(other for other in strategies if other.name == REFERENCE)
    reference_key = _key(scenario, none, holding)
    is_none = strategy.name == REFERENCE or scenario.parameters.advisor.penetration_share == 0
    run, key = (none, reference_key) if is_none else (strategy, _key(scenario, strategy, holding))
    for number in range(scenario.parameters.replications):
        yield _Piece(f"{key}-{number}", scenario, run, number, f"{reference_key}-{number}")


def _key(scenario: Scenario, strategy: Strategy, holding: str) -> str:
    """Return a digest of all that the results of a strategy at a point depend on, but the replication."""
    parameters: dict[str, Any] = scenario.parameters.model_dump(mode="json", by_alias=True)
    for name in ("name", "description", "replications"):
        del parameters[name]
    advisor = parameters["advisor"]
    left_out = _ADVICE_ONLY if strategy.name == REFERENCE else {"strategy"}
    parameters["advisor"] = {name: value for name, value in advisor.items() if name not in left_out}
    data = {
        "parameters": parameters,
        "inputs": [digest for name, digest in scenario.input_hashes if not name.endswith(".yaml")],
        "strategy": strategy.name,
        "source": _source_of(strategy),
        "holding": holding,
        "program": _program_digest(),
    }
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _source_of(own: Strategy | HoldingRule | None) -> str:
    """Return what tells a strategy or rule from an earlier version of it; empty for none."""
    if own is None:
        return ""
    # An object that says nothing of itself shows where it lies in memory, which is another place in each process.
    itself = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(own))
    try:
        return f"{inspect.getsource(type(own))}{itself}"
    except (OSError, TypeError):
        return itself


@cache
def _program_digest() -> str:
    """Return a digest of the program's source, as far as results depend on it."""
    package = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(__version__.encode())
    for room in _ROOMS:
        place = package / room
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        for file in files:
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _tasks(pieces: Sequence[_Piece], catalogue: Catalogue, holding: HoldingRule | None) -> list[_Task]:
    """Put pieces of one point and replication together: they share the people and the chance of the days."""
    groups: dict[tuple[int, int], list[_Piece]] = {}
    for piece in pieces:
        groups.setdefault((id(piece.scenario), piece.replication), []).append(piece)
    references = {piece.reference_key: catalogue.find(piece.reference_key) for piece in pieces}
    tasks = []
    for group in groups.values():
        reference = references[group[0].reference_key]
        paired = reference.paired if reference is not None else None
        tasks.append(_Task(group[0].scenario, group[0].replication, tuple(group), paired, holding))
    return tasks


def _run(tasks: Sequence[_Task], jobs: int) -> Iterator[tuple[str, Finished]]:
    if jobs == 1 or len(tasks) < 2:
        for task in tasks:
            yield from _run_task(task)
        return
    import joblib

    parallel = joblib.Parallel(n_jobs=min(jobs, len(tasks)), return_as="generator_unordered", pre_dispatch="2*n_jobs")
    for part in parallel(joblib.delayed(_run_task)(task) for task in tasks):
        yield from part


def _run_task(task: _Task) -> list[tuple[str, Finished]]:
    """Simulate the pieces of a task and keep their metrics."""
    parameters = task.scenario.parameters
    compiled = compile_scenario(task.scenario, task.holding)
    # The least total cost is the same for all strategies, which are paired with the reference.
    bound = any(piece.key == piece.reference_key for piece in task.pieces)
    results = run_replication(compiled, [piece.strategy for piece in task.pieces], task.replication, bound)
    done = []
    for piece, result in zip(task.pieces, results, strict=True):
        journeys = result.tables["journeys"]
        own = np.stack([journeys["generalized_cost_min"], journeys["departure_s"]])
        is_reference = piece.key == piece.reference_key
        reference = own if is_reference or task.reference is None else task.reference
        paired = change_metrics(own[0] - reference[0], reference[1], journeys)
        metrics = {**replication_metrics(result.tables, parameters.period_s), **paired}
        if bound:
            metrics[EXACT] = float(result.optimum_exact)
        kept = own if is_reference else np.zeros((2, 0))
        done.append((piece.key, Finished(piece.strategy.name, task.replication, metrics, kept)))
    return done


def _values(
    place: int,
    point: SweepPoint,
    strategies: Sequence[Strategy],
    pieces: dict[tuple[int, str, int], _Piece],
    catalogue: Catalogue,
) -> ReplicationValues:
    values: ReplicationValues = {}
    for strategy in strategies:
        found = [
            catalogue.find(pieces[place, strategy.name, number].key)
            for number in range(point.scenario.parameters.replications)
        ]
        rows = [done.metrics for done in found if done is not None]
        values[strategy.name] = {
            metric.name: np.array([row.get(metric.name, np.nan) for row in rows]) for metric in METRICS
        }
    return with_savings(values)

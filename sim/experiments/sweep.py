"""Sweeps: every strategy at every point of a grid, on the same draws, going on after a kill.

The work is cut into pieces, see `sim.experiments.pieces`. Finished pieces lie in a catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from secrets import token_hex

import numpy as np

from sim.advisor import ReplicationWorld, Strategy
from sim.advisor.loop import CompiledScenario, compile_scenario
from sim.advisor.strategies.none import NoAdvice
from sim.engine import HoldingRule
from sim.experiments.memory import require_memory
from sim.experiments.pieces import Piece, distinct_pieces, pieces_of_sweep
from sim.experiments.replications import simulate_in
from sim.experiments.sweep_points import SweepPoint
from sim.experiments.workers import Progress, end_with_parent
from sim.metrics.paired_changes import BaselineJourneys
from sim.metrics.registry import replication_metrics
from sim.metrics.replication_facts import BaselineRun
from sim.metrics.summary import ReplicationValues, by_metric
from sim.model.scenario import Scenario
from sim.records.catalogue import Catalogue, Finished
from sim.records.table import Table

EXACT = "optimum_exact"
"""Key beside the metrics of a reference: whether its least total cost is the optimum."""


@dataclass(frozen=True)
class _Task:
    """Pieces of one scenario and replication that are worth running together."""

    scenario: Scenario
    replication: int
    pieces: tuple[Piece, ...]
    reference: Finished | None
    holding: HoldingRule | None
    sweep: str

    @property
    def basis(self) -> _Basis:
        """What the task has in common with others."""
        (key,) = {piece.reference_key for piece in self.pieces}
        return _Basis((self.sweep, key.rpartition("-")[0]), self.scenario, self.holding)


@dataclass(frozen=True)
class _Basis:
    """A scenario without its advisor, told from others by its key alone.

    Attributes
    ----------
    key : tuple of (str, str)
        Of the sweep, and of its pieces without advice whatever their replication. Processes outlive a sweep, and
        scenarios that were built in Python may differ in more than their keys from one sweep to the next.
    scenario : Scenario
        Any one of those that differ in the advice alone.
    holding : HoldingRule or None
    """

    key: tuple[str, str]
    scenario: Scenario = field(compare=False)
    holding: HoldingRule | None = field(compare=False)


# What a piece without advice depends on decides the journey options, the input of the engine, the people and
# their chance: tasks of equal keys must find the same, whichever of them made it
# (test_points_share_what_advice_does_not_change).
@lru_cache(maxsize=1)
def _compiled(basis: _Basis) -> CompiledScenario:
    return compile_scenario(basis.scenario, basis.holding)


@lru_cache(maxsize=1)
def _world(basis: _Basis, replication: int) -> ReplicationWorld:
    return ReplicationWorld.create(_compiled(basis), replication)


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
    pieces = pieces_of_sweep(points, strategies, holding)
    run_pieces(list(distinct_pieces(pieces).values()), catalogue, jobs, progress, holding)
    return tuple(_values(place, point, strategies, pieces, catalogue) for place, point in enumerate(points))


def run_pieces(
    pieces: Sequence[Piece],
    catalogue: Catalogue,
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
) -> int:
    """Run the pieces that the catalogue does not have.

    Parameters
    ----------
    pieces : sequence of Piece
        Of distinct keys; with every piece the one that it is paired with is among them.
    catalogue : Catalogue
        Finished pieces; new ones are added as soon as they are done.
    jobs : int
    progress : callable or None
        Told (finished, total) pieces.
    holding : HoldingRule or None

    Returns
    -------
    int
        How many were run.

    Raises
    ------
    ScenarioError
        When a day of a piece needs more memory than there is.
    """
    missing = [piece for piece in pieces if catalogue.find(piece.key) is None]
    for scenario in {id(piece.scenario): piece.scenario for piece in missing}.values():
        require_memory(scenario)
    finished = len(pieces) - len(missing)
    if progress is not None:
        progress(finished, len(pieces))
    # What the others are paired with comes first.
    for wave in (True, False):
        todo = [piece for piece in missing if piece.is_reference == wave]
        for key, done in _run(_tasks(todo, catalogue, holding), jobs):
            catalogue.store(key, done)
            finished += 1
            if progress is not None:
                progress(finished, len(pieces))
    _world.cache_clear()
    _compiled.cache_clear()
    return len(missing)


def is_optimum_exact(points: Sequence[SweepPoint], catalogue: Catalogue, holding: HoldingRule | None = None) -> bool:
    """Tell whether the least total cost of all points of a finished sweep is the system optimum itself.

    Parameters
    ----------
    points : sequence of SweepPoint
    catalogue : Catalogue
    holding : HoldingRule or None
        As the sweep was run with.
    """
    keys = distinct_pieces(pieces_of_sweep(points, [NoAdvice()], holding))
    found = [catalogue.find(key) for key in sorted(keys)]
    return all(done is not None and done.metrics.get(EXACT) == 1.0 for done in found)


def _tasks(pieces: Sequence[Piece], catalogue: Catalogue, holding: HoldingRule | None) -> list[_Task]:
    """Put pieces of one point and replication together: they share the people and the chance of the days.

    Tasks that differ in the advice alone follow each other, so that they share them as well.
    """
    groups: dict[tuple[int, int], list[Piece]] = {}
    for piece in pieces:
        groups.setdefault((id(piece.scenario), piece.replication), []).append(piece)
    references = {piece.reference_key: catalogue.find(piece.reference_key) for piece in pieces}
    sweep = token_hex(8)
    tasks = []
    for group in groups.values():
        reference = references[group[0].reference_key]
        tasks.append(_Task(group[0].scenario, group[0].replication, tuple(group), reference, holding, sweep))
    order = {key: place for place, key in enumerate(references)}
    return sorted(tasks, key=lambda task: order[task.pieces[0].reference_key])


def _run(tasks: Sequence[_Task], jobs: int) -> Iterator[tuple[str, Finished]]:
    if jobs == 1 or len(tasks) < 2:
        for task in tasks:
            yield from _run_task(task)
        return
    import joblib

    parallel = joblib.Parallel(n_jobs=min(jobs, len(tasks)), return_as="generator_unordered", pre_dispatch="2*n_jobs")
    for part in parallel(joblib.delayed(_run_elsewhere)(task) for task in tasks):
        yield from part


def _run_elsewhere(task: _Task) -> list[tuple[str, Finished]]:
    """Run a task in a process of its own."""
    end_with_parent()
    return _run_task(task)


def _run_task(task: _Task) -> list[tuple[str, Finished]]:
    """Simulate the pieces of a task and keep their metrics."""
    parameters = task.scenario.parameters
    world = _world(task.basis, task.replication).under(task.scenario)
    # The least total cost is the same for all strategies, which are paired with the reference.
    bound = any(piece.is_reference for piece in task.pieces)
    results = simulate_in(world, [piece.strategy for piece in task.pieces], task.replication, bound)
    done = []
    for piece, result in zip(task.pieces, results, strict=True):
        journeys = result.tables["journeys"]
        if piece.is_reference or task.reference is None:
            own_metrics = replication_metrics(result.tables, parameters.period_s)
            baseline = BaselineRun.of(BaselineJourneys.of(journeys), own_metrics)
        else:
            baseline = _baseline_of(task.reference, journeys)
        metrics = replication_metrics(result.tables, parameters.period_s, baseline)
        if bound:
            metrics[EXACT] = float(result.optimum_exact)
        own = baseline.journeys
        kept = np.stack([own.cost_min, own.departure_s]) if piece.is_reference else np.zeros((2, 0))
        done.append((piece.key, Finished(piece.strategy.name, task.replication, metrics, kept)))
    return done


def _baseline_of(reference: Finished, journeys: Table) -> BaselineRun:
    """Return what a strategy is paired with: the same people and days, row by row, as all pieces of a replication."""
    cost_min, departure_s = reference.paired
    matched = BaselineJourneys(journeys["day"], journeys["commuter_id"], cost_min, departure_s)
    return BaselineRun.of(matched, reference.metrics)


def _values(
    place: int,
    point: SweepPoint,
    strategies: Sequence[Strategy],
    pieces: Mapping[tuple[int, str, int], Piece],
    catalogue: Catalogue,
) -> ReplicationValues:
    values: ReplicationValues = {}
    for strategy in strategies:
        found = [
            catalogue.find(pieces[place, strategy.name, number].key)
            for number in range(point.scenario.parameters.replications)
        ]
        rows = [done.metrics for done in found if done is not None]
        values[strategy.name] = by_metric(rows)
    return values

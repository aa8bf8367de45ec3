"""Sweeps: every strategy at every point of a grid, on the same draws, going on after a kill.

The work is cut into pieces, see `sim.experiments.pieces`. Finished pieces lie in a catalogue.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from secrets import token_hex

import numpy as np

from sim.advisor import ReplicationWorld, Strategy
from sim.advisor.baselines import Settling, baseline_by_name, leaving_at
from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import compile_scenario
from sim.advisor.strategies.none import NoAdvice
from sim.arrays import FloatArray
from sim.engine import HoldingRule
from sim.experiments.manifest_notes import rehearsal_facts
from sim.experiments.memory import require_memory
from sim.experiments.pieces import Piece, PieceOf, distinct_pieces, pieces_of_sweep
from sim.experiments.replications import simulate_in
from sim.experiments.sweep_points import SweepPoint
from sim.experiments.workers import Progress, in_processes
from sim.metrics.metric import BASELINE
from sim.metrics.paired_changes import BaselineJourneys
from sim.metrics.registry import replication_metrics
from sim.metrics.replication_facts import BaselineRun
from sim.metrics.summary import ReplicationValues, by_metric
from sim.model.scenario import Scenario
from sim.population.saving_parts import UnadvisedDay
from sim.records.catalogue import Catalogue, Finished
from sim.records.table import Table

EXACT = "optimum_exact"
"""Key beside the metrics of a reference: whether its least total cost is the optimum."""

SETTLING = "settling_"
"""Beginning of the keys beside the metrics of a reference that say how people had settled."""

PLANS = "plans_"
"""Beginning of the keys beside the metrics of a strategy that count plans by what became of them."""


@dataclass(frozen=True)
class BaselineValues:
    """What a sweep measured at one point for people of one baseline.

    Attributes
    ----------
    values : dict of str to dict of str to ndarray, shape (replications,)
        Strategy, then metric.
    settling : dict of str to float
        How these people came to where advice found them, on average over replications.
    rehearsals : dict of str to dict of str to int
        Days `rehearsed` and `issued` by strategy, of all replications; those that rehearsed nothing are left out.
    """

    values: ReplicationValues
    settling: dict[str, float]
    rehearsals: dict[str, dict[str, int]]


@dataclass(frozen=True)
class _SweepTask:
    """Pieces of one scenario, baseline and replication that are worth running together."""

    scenario: Scenario
    replication: int
    pieces: tuple[Piece, ...]
    reference: Finished | None
    holding: HoldingRule | None
    sweep: str

    @property
    def start(self) -> _Start:
        """Where it begins, as others do."""
        piece = self.pieces[0]
        settled_s = None if self.reference is None else self.reference.settled_s
        basis = _Basis((self.sweep, piece.world_key), self.scenario, self.holding)
        return _Start(basis, self.replication, piece.baseline.name, settled_s)


@dataclass(frozen=True)
class _Basis:
    """A scenario without its advisor, told from others by its key alone.

    Attributes
    ----------
    key : tuple of (str, str)
        Of the sweep, and of its pieces without advice whatever baseline and replication. Processes outlive a sweep, and
        scenarios that were built in Python may differ in more than their keys from one sweep to the next.
    scenario : Scenario
        Any one of those that differ in the advice alone.
    holding : HoldingRule or None
    """

    key: tuple[str, str]
    scenario: Scenario = field(compare=False)
    holding: HoldingRule | None = field(compare=False)


@dataclass(frozen=True)
class _Start:
    """The people of a basis and replication as advice finds them.

    Attributes
    ----------
    basis : _Basis
    replication : int
    baseline : str
    settled_s : ndarray of float or None
        Departures that they have settled on, where that is known; it is what they would settle on here.
    """

    basis: _Basis
    replication: int
    baseline: str
    settled_s: FloatArray | None = field(compare=False)


@dataclass(frozen=True)
class _People:
    """Where tasks of one start begin, and what they have in common.

    Attributes
    ----------
    world : ReplicationWorld
    settling : Settling
        How people came to where advice finds them, where they settled here.
    unadvised : dict of int to UnadvisedDay
        The days under `none` that strategies are set beside, once they have been simulated.
    """

    world: ReplicationWorld
    settling: Settling
    unadvised: dict[int, UnadvisedDay] = field(default_factory=dict)


# What a piece without advice depends on decides the journey options, the input of the engine, the people and
# their chance: tasks of equal keys must find the same, whichever of them made it
# (test_points_share_what_advice_does_not_change).
@lru_cache(maxsize=1)
def _compiled(basis: _Basis) -> CompiledScenario:
    return compile_scenario(basis.scenario, basis.holding)


@lru_cache(maxsize=1)
def _people(start: _Start) -> _People:
    world = ReplicationWorld.create(_compiled(start.basis), start.replication)
    settle = baseline_by_name(start.baseline).settle
    if settle is None:
        return _People(world, Settling())
    if start.settled_s is not None:
        return _People(leaving_at(world, start.settled_s, lambda alike: settle(alike)[0]), Settling())
    return _People(*settle(world))


def run_sweep(
    points: Sequence[SweepPoint],
    strategies: Sequence[Strategy],
    catalogue: Catalogue,
    jobs: int = 1,
    progress: Progress | None = None,
    holding: HoldingRule | None = None,
) -> tuple[dict[str, BaselineValues], ...]:
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
    tuple of dict of str to BaselineValues
        For each point what was measured, by the name of the baseline.
    """
    pieces = pieces_of_sweep(points, strategies, holding)
    run_pieces(list(distinct_pieces(pieces).values()), catalogue, jobs, progress, holding)
    names = [strategy.name for strategy in strategies]
    return tuple(
        {
            baseline: _values(place, point.scenario.parameters.replications, baseline, names, pieces, catalogue)
            for baseline in point.scenario.parameters.baselines
        }
        for place, point in enumerate(points)
    )


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
    sweep = token_hex(8)
    for wave in _waves(missing, jobs):
        for key, done in _run(_tasks(wave, catalogue, holding, sweep), jobs):
            catalogue.store(key, done)
            finished += 1
            if progress is not None:
                progress(finished, len(pieces))
    _people.cache_clear()
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


def _waves(pieces: Sequence[Piece], jobs: int) -> Iterator[list[Piece]]:
    """Yield pieces in turns: what the others are paired with comes before them.

    In one process they come reference by reference, so that people settle once and days without advice are at hand
    when strategies are set beside them.
    """
    groups: dict[str, dict[str, list[Piece]]] = {}
    for piece in pieces:
        groups.setdefault(piece.world_key, {}).setdefault(piece.reference_key, []).append(piece)
    stretches = [own for group in groups.values() for own in group.values()] if jobs == 1 else [list(pieces)]
    for stretch in stretches:
        yield [piece for piece in stretch if piece.is_reference]
        yield [piece for piece in stretch if not piece.is_reference]


def _tasks(pieces: Sequence[Piece], catalogue: Catalogue, holding: HoldingRule | None, sweep: str) -> list[_SweepTask]:
    """Put pieces of one point, baseline and replication together: they share the people and the chance of the days.

    Tasks that differ in the advice alone follow each other, so that they share them as well.
    """
    groups: dict[tuple[int, str], list[Piece]] = {}
    for piece in pieces:
        groups.setdefault((id(piece.scenario), piece.reference_key), []).append(piece)
    references = {piece.reference_key: catalogue.find(piece.reference_key) for piece in pieces}
    tasks = []
    for group in groups.values():
        reference = references[group[0].reference_key]
        tasks.append(_SweepTask(group[0].scenario, group[0].replication, tuple(group), reference, holding, sweep))
    order = {key: place for place, key in enumerate(references)}
    worlds = {key: place for place, key in enumerate(dict.fromkeys(piece.world_key for piece in pieces))}
    return sorted(tasks, key=lambda task: (worlds[task.pieces[0].world_key], order[task.pieces[0].reference_key]))


def _run(tasks: Sequence[_SweepTask], jobs: int) -> Iterator[tuple[str, Finished]]:
    if jobs == 1 or len(tasks) < 2:
        for task in tasks:
            yield from _run_task(task)
        return
    import joblib

    work = (joblib.delayed(_run_task)(task) for task in tasks)
    for part in in_processes(min(jobs, len(tasks)), work, ordered=False):
        yield from part


def _run_task(task: _SweepTask) -> list[tuple[str, Finished]]:
    """Simulate the pieces of a task and keep their metrics."""
    parameters = task.scenario.parameters
    people = _people(task.start)
    world, none = people.world.under(task.scenario), NoAdvice()
    # The least total cost is the same for all strategies, which are paired with the reference.
    bound = any(piece.is_reference for piece in task.pieces)
    if not bound and not people.unadvised:
        # A process before had the days without advice; the parts of a saving follow people through them.
        for _ in simulate_in(world, [none], task.replication, unadvised=people.unadvised, tells_of_advice=False):
            pass
    strategies = [piece.strategy for piece in task.pieces]
    results = simulate_in(world, strategies, task.replication, bound, unadvised=people.unadvised, tells_of_advice=False)
    done = []
    for piece, result in zip(task.pieces, results, strict=True):
        journeys = result.tables["journeys"]
        if piece.is_reference or task.reference is None:
            own_metrics = replication_metrics(result.tables, parameters.period_s)
            baseline = BaselineRun.of(BaselineJourneys.of(journeys), own_metrics)
        else:
            baseline = _baseline_of(task.reference, journeys)
        metrics = replication_metrics(result.tables, parameters.period_s, baseline)
        if not piece.is_reference:
            plans = rehearsal_facts(result.tables["days"]).get(piece.strategy.name, {})
            metrics |= {f"{PLANS}{name}": float(count) for name, count in plans.items()}
            done.append((piece.key, Finished(piece.strategy.name, task.replication, metrics, np.zeros((2, 0)))))
            continue
        metrics[EXACT] = float(result.optimum_exact)
        metrics |= {f"{SETTLING}{name}": float(value) for name, value in asdict(people.settling).items()}
        own = baseline.journeys
        kept = np.stack([own.cost_min, own.departure_s])
        habit_s = np.zeros(0) if piece.baseline.settle is None else world.population.habitual_departure_s
        done.append((piece.key, Finished(piece.strategy.name, task.replication, metrics, kept, habit_s)))
    return done


def _baseline_of(reference: Finished, journeys: Table) -> BaselineRun:
    """Return what a strategy is paired with: the same people and days, row by row, as all pieces of a replication."""
    cost_min, departure_s = reference.paired
    matched = BaselineJourneys(journeys["day"], journeys["commuter_id"], cost_min, departure_s)
    return BaselineRun.of(matched, reference.metrics)


def _values(
    place: int,
    replications: int,
    baseline: str,
    strategies: Sequence[str],
    pieces: Mapping[PieceOf, Piece],
    catalogue: Catalogue,
) -> BaselineValues:
    values: ReplicationValues = {}
    settling: dict[str, float] = {}
    rehearsals: dict[str, dict[str, int]] = {}
    for strategy in strategies:
        found = [catalogue.find(pieces[place, baseline, strategy, number].key) for number in range(replications)]
        rows = [done.metrics for done in found if done is not None]
        values[strategy] = by_metric(rows)
        plans = {name: int(sum(row.get(f"{PLANS}{name}", 0.0) for row in rows)) for name in ("rehearsed", "issued")}
        if plans["rehearsed"]:
            rehearsals[strategy] = plans
        if strategy == BASELINE:
            names = [field.name for field in fields(Settling)]
            settling = {name: float(np.mean([row[f"{SETTLING}{name}"] for row in rows])) for name in names}
    return BaselineValues(values, settling, rehearsals)

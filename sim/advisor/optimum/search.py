"""The best plan that a search by simulation finds, and how far any plan could be below it.

Plans are improved from several starts on draws that serve for nothing else, the best of them is mixed with what people
choose at prices of room, and the best of all is chosen on other draws.
All are then tried on fresh draws, which no plan was made with: what the best of them takes on those is the upper side
of a bracket. With hindsight the search goes on for each fresh draw by itself. The lower side is the highest of what is
proven (`sim.advisor.optimum.foresight`, `sim.advisor.optimum.optimum_of_day`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np

from sim.advisor.assignment.frank_wolfe import column_of
from sim.advisor.loop import ReplicationWorld, simulate_days
from sim.advisor.optimum.bound import Bounds, bounds_on
from sim.advisor.optimum.priced_plan import mixed_with_priced
from sim.advisor.rehearsal.improvement import Improvement, keeping
from sim.advisor.rehearsal.stage import RehearsedDay, Stage
from sim.advisor.strategies.coordinated import Coordinated
from sim.advisor.strategies.individual import best_alone
from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray, IntArray
from sim.model.advice import AdvicePlan, no_advice
from sim.population.observation import boardings_of, visit_facts
from sim.population.saving_parts import SavingRules, UnadvisedDay
from sim.population.windows import window_of
from sim.records.saving import SavingParts

FIRST_FRESH = 10_000
"""Draws are numbered from here on which plans are tried: far from those that plans are made and proved with."""

FIRST_CHOOSING = 20_000
"""The best plan is chosen on draws numbered from here on. A plan is flattered by the draws that it was made with: it
would be chosen where no advice at all is better, as for people who have settled
(test_a_plan_is_chosen_on_draws_that_it_was_not_made_with)."""

NOBODY, ALONE, COORDINATED, FOUND = "none", "individual", "coordinated", "best found"
"""Names of plans; the last is that of the search."""

PRICES = "prices of room"
"""Name of the start of a plan that was mixed with what people choose at prices."""

WITH_FORESIGHT = (NOBODY, ALONE, COORDINATED, FOUND)
"""Those that know no more than the advisor does."""

PARTS = tuple(part.name for part in fields(SavingParts))
"""What a saving consists of."""

STARTS = 4
"""From how many plans a search starts, where it is told when settled people leave."""

Told = Callable[[int], None]


@dataclass(frozen=True)
class SearchSize:
    """How much work the search may do.

    Attributes
    ----------
    rounds : int
        Of improvement from each start, and of the best plan once it was mixed with what people choose at prices.
    draws : int
        That plans are made with.
    fresh : int
        Draws that plans are tried on, and others that the best is chosen on.
    hindsight_rounds : int
        Of improvement for each fresh draw by itself; 0 leaves hindsight out.
    bound_rounds : int or None
        Rounds in which the prices of the bound for the same vehicles are made better at most; by the size of the
        problem where None. Fewer give a lower bound, which holds as well.
    """

    rounds: int = 60
    draws: int = 6
    fresh: int = 6
    hindsight_rounds: int = 20
    bound_rounds: int | None = None

    def steps(self, starts: int) -> int:
        """Return how many rounds there are in all."""
        return (starts + 1) * self.rounds + self.fresh * self.hindsight_rounds


@dataclass(frozen=True)
class Searched:
    """What came of a search; costs are means of all commuters over the fresh draws, in minutes.

    Attributes
    ----------
    cost_min : dict of str to ndarray, shape (fresh draws,)
        By plan; `NOBODY`, `ALONE`, `COORDINATED` and `FOUND` among them.
    hindsight_min : ndarray of float, shape (fresh draws,)
        NaN where it was left out.
    moved_share : float
        Commuters whom the best plan asks to leave in another window.
    start : str
        From which it was found.
    bounds : Bounds
    parts_min : dict of str to float
        What the coordinated plan saves against nobody advised, by `PARTS`; they add up to it.
    """

    cost_min: dict[str, FloatArray]
    hindsight_min: FloatArray
    moved_share: float
    start: str
    bounds: Bounds
    parts_min: dict[str, float]


class _Watching:
    """Sees what the advisor sees on the first day with advice, and advises nobody."""

    name = "watching"

    def __init__(self) -> None:
        self.view: AdvisorView | None = None

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Keep the view."""
        self.view = view
        return no_advice(len(view.population), view.window_s)


def first_view(world: ReplicationWorld) -> AdvisorView | None:
    """Return what the advisor of a world sees on the first day with advice; None where nobody can be advised."""
    watching = _Watching()
    for _ in simulate_days(world, watching):
        if watching.view is not None:
            break
    view = watching.view
    # A search has to know everybody; an advisor that knows its users alone rehearses elsewhere.
    return None if view is None or view.stage is not world.stage or not len(view.users) else view


def search(
    world: ReplicationWorld,
    size: SearchSize,
    settled_departure_s: FloatArray | None = None,
    told: Told | None = None,
) -> Searched | None:
    """Search for the best plan in the world of a replication; None where nobody can be advised.

    Nor is anything found where plans cannot be rehearsed, since the advisor sees counts or noise.

    Parameters
    ----------
    world : ReplicationWorld
    size : SearchSize
    settled_departure_s : ndarray of float, shape (commuters,), or None
        When people leave who have settled by themselves: their windows are another start.
    told : callable or None
        Told the rounds done.
    """
    view = first_view(world)
    if view is None or view.stage is None:
        return None
    stage, done = view.stage, 0
    improvement = Improvement(view, stage, range(size.draws))
    starts = dict(_starts(view, settled_departure_s))
    found = {}
    for name, start_place in starts.items():
        begun = improvement.tried(improvement.allowed(start_place))
        # Only the plan is kept: each that was tried holds whole days on all draws.
        found[name] = improvement.improved(begun, size.rounds, _counted(told, done)).place
        done += size.rounds
    mixed = improvement.best_of([improvement.allowed(starts[NOBODY]), *found.values()])
    found[PRICES] = mixed_with_priced(improvement, mixed, size.rounds, told=_counted(told, done)).place
    done += size.rounds
    start, place = _chosen(view, stage, starts, found, size.fresh)
    plans = {NOBODY: no_advice(len(view.population), view.window_s), ALONE: view.plan(starts[ALONE])}
    plans |= {COORDINATED: view.plan(starts[COORDINATED]), FOUND: view.plan(keeping(view, place))}
    fresh = range(FIRST_FRESH, FIRST_FRESH + size.fresh)
    share = view.scenario.parameters.advisor.compliance_share
    on_fresh = [(draw, share) for draw in fresh]
    days = {name: stage.on_draws(plan, view.own_departure_s, on_fresh, lambda day: day) for name, plan in plans.items()}
    costs = {name: np.array([day.mean_min for day in lived]) for name, lived in days.items()}
    hindsight = np.full(size.fresh, np.nan)
    if size.hindsight_rounds:
        for row, draw in enumerate(fresh):
            own = Improvement(view, stage, [draw])
            alone = own.improved(own.tried(place), size.hindsight_rounds, _counted(told, done))
            hindsight[row] = min(alone.days[0].mean_min, *(one[row] for one in costs.values()))
            done += size.hindsight_rounds
    best = min(costs, key=lambda name: float(costs[name].mean()))
    bounds = bounds_on(world, view, fresh, days[best], size.bound_rounds)
    moves = (place >= 0) & (place != improvement.now)
    parts = _parts_min(world, stage, days[NOBODY], days[COORDINATED])
    return Searched(costs, hindsight, float(moves.sum()) / max(len(view.population), 1), start, bounds, parts)


def _chosen(
    view: AdvisorView, stage: Stage, starts: dict[str, IntArray], found: dict[str, IntArray], draws: int
) -> tuple[str, IntArray]:
    """Return the best of nobody advised, the coordinated plan and all that were found, and the start it came from."""
    choosing = Improvement(view, stage, range(FIRST_CHOOSING, FIRST_CHOOSING + draws))
    plans = [*((name, choosing.allowed(starts[name])) for name in (NOBODY, COORDINATED)), *found.items()]
    # The first of equals: what the search did not better is not called found by it.
    costs_min = [choosing.tried(place).mean_min for _, place in plans]
    return plans[int(np.argmin(costs_min))]


def _counted(told: Told | None, before: int) -> Told | None:
    return None if told is None else lambda rounds: told(before + rounds)


def _starts(view: AdvisorView, settled_departure_s: FloatArray | None) -> Iterator[tuple[str, IntArray]]:
    """Yield plans to start from: nobody, the best for each alone, that of the strategy, and of settled people."""
    nobody = np.full(len(view.users), -1, dtype=np.int64)
    yield NOBODY, nobody
    yield ALONE, best_alone(view)
    yield COORDINATED, column_of(view, Coordinated().advise(view).window)
    if settled_departure_s is not None:
        yield "settled people", column_of(view, window_of(settled_departure_s, view.window_s))


def _parts_min(
    world: ReplicationWorld, stage: Stage, without: Sequence[RehearsedDay], advised: Sequence[RehearsedDay]
) -> dict[str, float]:
    """Split what a plan saves into what it consists of, mean over all commuters and draws, in minutes."""
    compiled, service = world.compiled, world.compiled.scenario.service
    preferences = compiled.scenario.parameters.preferences
    rules = SavingRules(world.population, compiled.options, compiled.forecaster.waiting, preferences)
    found = []
    for none, own in zip(without, advised, strict=True):
        boardings = boardings_of(stage.points, visit_facts(service, none.records))
        unadvised = UnadvisedDay.of(service, preferences, none.records, boardings, (none.cost_min, none.fare_min))
        parts = rules.parts(unadvised, own.records, own.cost_min, own.fare_min)
        found.append([float(np.mean(getattr(parts, name))) for name in PARTS])
    return dict(zip(PARTS, np.mean(found, axis=0).tolist(), strict=True))

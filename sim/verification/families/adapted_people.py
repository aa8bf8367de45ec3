"""People who have adapted by themselves, at a bottleneck: what they pay, how long they wait, and what is left to gain.

They have left shortly before the arrival they wish for, know nothing of theory, and learn by the minute for at most 60
days (`sim.advisor.baselines`). Theory is about a fluid, and they are 600 or 1,200.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sim.model.parameters import ScenarioParameters
from sim.verification.bottleneck_world import (
    BOTTLENECK,
    SOURCE,
    WINDOWS,
    Flow,
    Peak,
    least_deviation,
    queue_time,
    total_cost,
)
from sim.verification.case import Case, Params, RefusedError, Tables, number
from sim.verification.theory.bottleneck import Bottleneck
from sim.verification.verdict import Tolerance

VEHICLES = 100
"""Vehicles in the peak, so that one more vehicle to wait for is 1 % of it."""

MOST_COMMUTERS = 5_000
NEVER_S = 36_000.0
"""What it costs not to be taken."""

LESSON: Final[Params] = {"N": 600, "s": 600.0, "alpha": 2.0, "beta": 1.0, "gamma": 4.0, "tstar": 9.0, "spread": 0.3}
LONG: Final[Params] = {**LESSON, "N": 1200}


def _peak(params: Params) -> Peak:
    """Return the bottleneck to a person."""
    if params["alpha"] <= params["beta"]:
        raise RefusedError("alpha must be greater than beta: nobody would queue")
    if params["N"] > MOST_COMMUTERS:
        raise RefusedError(f"N = {params['N']:g} is more than {MOST_COMMUTERS:,}, which are simulated at most")
    theory = Bottleneck(*(float(params[name]) for name in ("N", "s", "alpha", "beta", "gamma", "tstar")))
    return Peak(theory, max(round(theory.commuters / VEHICLES), 1), params=params)


def _settled(peak: Peak) -> ScenarioParameters:
    """Return a day of people who have adapted."""
    wished = peak.theory.wished
    habit = Flow("b", peak.theory, 1.0, (wished - float(peak.params["spread"]), wished))
    made = peak.scenario("verify-adapted-people", (habit,), {"baselines": ["adapted"]}, extra_windows=WINDOWS)
    # Theory takes everybody to work: to come when service has ended must never be a way out for those who queue.
    preferences = made.preferences.model_copy(update={"unserved_penalty_s": NEVER_S})
    return made.model_copy(update={"preferences": preferences})


def gap(tables: Tables, peak: Peak) -> float:
    """Return what one of them could save on the day by any other departure, over what they pay on average."""
    paid = total_cost(tables, peak) / peak.theory.commuters
    return (paid - least_deviation(tables, peak)) / paid


adapted: Callable[..., Case[Peak]] = partial(
    Case,
    params=(*BOTTLENECK, number("spread", "hours", above=0.0, most=1.0)),
    sets=(LESSON, LONG),
    usual=1,
    world=_peak,
    scenario=_settled,
    source=SOURCE,
)

CASES: tuple[Case[Any], ...] = (
    adapted(
        id="equilibrium.TC",
        quantity="total cost of a day once people have adapted by themselves",
        theory=lambda peak: peak.theory.equilibrium,
        measure=total_cost,
        tolerance=Tolerance("fluid", 0.05),
        formula="d N^2 / s",
    ),
    adapted(
        id="equilibrium.queue_time",
        quantity="hours waited by all once people have adapted by themselves",
        theory=lambda peak: peak.theory.optimum / peak.theory.alpha,
        measure=queue_time,
        tolerance=Tolerance("fluid", 0.1),
        formula="d N^2 / (2 alpha s)",
    ),
    adapted(
        id="equilibrium.gap",
        quantity="what one more departure would save on the day, over what people pay who have adapted by themselves",
        theory=lambda _: 0.0,
        measure=gap,
        tolerance=Tolerance("fluid", 0.0, 0.1),
        formula="0: nobody gains by leaving at another time",
    ),
)

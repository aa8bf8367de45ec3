"""Plans where queues last: begun in wide windows, and finished by moves of a few people at a time.

Where people are left behind by one vehicle after the other, what counts first is how many leave in which quarter of an
hour, and only then which vehicle each is told to meet. Improvement moves people to what is best for all as things are:
with windows of a minute nearly everybody finds a vehicle that suits them a little better, and the rounds go by on
that, while in wide windows the few moves that there are go to the queues. And what one person costs those behind them
falls fast with the number who move, so that large steps are in vain where small ones still gain.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.advisor.rehearsal.draws import most_follow
from sim.advisor.rehearsal.improvement import MoveSteps, own_column
from sim.advisor.rehearsal.stage import Stage
from sim.advisor.strategy import AdvisorView, SharedCosts
from sim.arrays import IntArray
from sim.model.advice import AdvicePlan
from sim.population.minutes import GOLDEN
from sim.population.window_forecast import WindowForecaster

WIDE_S = 900.0
"""Width of windows from which narrower ones begin (assumed)."""

LEAST_DENIED = 0.5
"""Boardings denied per commuter on a day without advice from which on queues are what a plan is about (assumed)."""

ANY_DENIED = 0.01
"""Boardings denied per commuter from which on room has a price that plans are mixed by where most people follow; where
fewer do, queues must be deep (assumed). What a tenth of the people do changes little in short queues, and moves find it
in less time."""

FINE = MoveSteps(0.03, 12)
"""A tenth of the coarse steps, and twice the patience (assumed)."""


def are_deep(view: AdvisorView, stage: Stage) -> bool:
    """Tell whether people are left behind by vehicles again and again where nobody is advised.

    Parameters
    ----------
    view : AdvisorView
    stage : Stage
    """
    return _denied_by_person(view, stage) >= LEAST_DENIED


def have_a_price(view: AdvisorView, stage: Stage) -> bool:
    """Tell whether so many are left behind by vehicles that plans had better be mixed by the price of room.

    Parameters
    ----------
    view : AdvisorView
    stage : Stage
    """
    return _denied_by_person(view, stage) >= (ANY_DENIED if most_follow(view) else LEAST_DENIED)


def _denied_by_person(view: AdvisorView, stage: Stage) -> float:
    (day,) = stage.without_advice(view.own_departure_s, [0])
    return day.denied_boardings / max(len(view.population), 1)


def in_wide_windows(view: AdvisorView) -> AdvisorView | None:
    """Return what an advisor sees whose windows are wide; None where they are so already.

    Parameters
    ----------
    view : AdvisorView
        Of an advisor whose windows may be narrow.
    """
    if view.window_s >= WIDE_S:
        return None
    narrow = view.forecaster
    return replace(
        view,
        scenario=view.scenario.with_advisor(window_width=WIDE_S),
        forecaster=WindowForecaster(narrow.options, narrow.points, narrow.preferences, WIDE_S),
        shared=SharedCosts(),
        plans=tuple(_widened(plan) for plan in view.plans),
    )


def _widened(plan: AdvicePlan) -> AdvicePlan:
    """Return a plan whose windows are the wide ones that those of another hold their middle in."""
    middle_s = plan.grid_start_s + (plan.window + 0.5) * plan.window_s
    window = np.where(plan.advised, np.floor(middle_s / WIDE_S).astype(np.int64), -1)
    return replace(plan, window=window, window_s=WIDE_S, grid_start_s=0.0)


def narrowed(view: AdvisorView, wide: AdvisorView, place: IntArray) -> IntArray:
    """Return a plan of wide windows in narrow ones: people are spread evenly over those that lie in a wide one.

    Parameters
    ----------
    view, wide : AdvisorView
        The same but for the width of windows.
    place : ndarray of int, shape (users,)
        Candidate column of the wide view, -1 for none.

    Returns
    -------
    ndarray of int, shape (users,)
        Candidate column of the narrow one that each can accept, -1 for none.
    """
    plan, users, candidates = wide.plan(place), view.users, view.candidates
    # Not by their own places in windows, by which they leave in the narrow one: those told its neighbour would all
    # leave late in theirs, which no rehearsal would know (test_narrow_windows_say_nothing_of_places_in_them).
    place_in_wide = (0.5 + GOLDEN * np.arange(len(users))) % 1.0
    leave_s = (plan.window[users] + place_in_wide) * wide.window_s
    column = np.floor(leave_s / view.window_s).astype(np.int64) - candidates.window[:, 0]
    open_to = candidates.acceptable
    first, last = open_to.argmax(axis=1), open_to.shape[1] - 1 - open_to[:, ::-1].argmax(axis=1)
    stays = ~plan.advised[users] | (False if plan.as_now is None else plan.as_now[users])
    found: IntArray = np.where(stays, own_column(view), np.clip(column, first, last))
    return found

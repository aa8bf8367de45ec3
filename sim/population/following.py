"""Leaving in the window that one was advised."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.model.advice import AdvicePlan
from sim.model.scenario import Scenario
from sim.population.commuters import Population
from sim.population.windows import in_window


def last_of_even(scenario: Scenario, people: Population) -> FloatArray | None:
    """Return when the last vehicle of everybody leaves, where those who follow are spread evenly; None elsewhere.

    Parameters
    ----------
    scenario : Scenario
    people : Population
    """
    if scenario.parameters.advisor.placement != "even":
        return None
    return scenario.last_useful_s(people.origin, people.destination)


def follow(
    departure_s: FloatArray,
    plan: AdvicePlan,
    complier: BoolArray,
    place: FloatArray,
    last_s: FloatArray | None = None,
    habit_s: FloatArray | None = None,
) -> FloatArray:
    """Let those who comply leave in the window they were advised.

    Parameters
    ----------
    departure_s : ndarray of float, shape (commuters,)
        What each would do without advice.
    plan : AdvicePlan
    complier : ndarray of bool, shape (commuters,)
    place : ndarray of float, shape (commuters,)
        Place of each commuter in a window, as a share of it; the same on every day.
    last_s : ndarray of float, shape (commuters,), or None
        When the last vehicle leaves that takes each there, where those who comply with a window are spread evenly over
        it, also those who would leave inside it anyway; these are named the place next to their own moment where the
        plan means it (`AdvicePlan.as_now`), and their moment where nobody moves into the window or out of it, or where
        that place lies after their last vehicle. None where each who has to move takes their own place.
    habit_s : ndarray of float, shape (commuters,), or None
        Habitual departures of people who have changed by themselves: whoever is told the window of their habit finds
        their habit there, unless all are spread evenly.
    """
    mine = replace(plan, window=np.where(complier & plan.advised, plan.window, -1))
    stays = mine.contains_in_part(departure_s)
    if last_s is None:
        left_s = _move(departure_s, mine, stays, place)
        return left_s if habit_s is None else np.where(~stays & mine.contains_in_part(habit_s), habit_s, left_s)
    as_now = stays & (False if plan.as_now is None else plan.as_now)
    own = np.floor((departure_s - plan.grid_start_s) / plan.window_s).astype(np.int64)
    moves = mine.advised & ~as_now
    as_before = as_now & ~np.isin(mine.window, np.concatenate([own[moves], mine.window[moves]]))
    moved_s = _move(departure_s, mine, as_before, _even_places(departure_s, mine, as_now, place))
    misses = as_now & (departure_s <= last_s) & (moved_s > last_s)
    return np.where(misses, departure_s, moved_s)


def _even_places(departure_s: FloatArray, plan: AdvicePlan, as_now: BoolArray, place: FloatArray) -> FloatArray:
    """Return even places in windows for all who comply with a plan.

    Whoever is in their window and meant to leave at that moment (`as_now`) gets the place next to it, and the others
    those that are free, in the order of `place`.

    All are spread, since a part of those who leave in a window is seldom spread evenly: of a queue that is to be taken
    apart the part that stays may all come at one end (test_rows_of_the_oracles: the bottleneck). They keep their
    order, or they would miss the vehicles that they met.
    """
    found = place.copy()
    inside = np.where(as_now, (departure_s - plan.grid_start_s) / plan.window_s - plan.window, place)
    # Window by window, those meant to leave as they do first and in order of their moments.
    order = np.lexsort((inside, ~as_now, plan.window))
    for rows in np.split(order, np.flatnonzero(np.diff(plan.window[order])) + 1):
        if not len(rows) or plan.window[rows[0]] < 0:
            continue
        size, kept = len(rows), rows[as_now[rows]]
        rank = np.arange(len(kept))
        # The place next to each that nobody before has, and that leaves one for each after.
        taken = np.maximum.accumulate(np.floor(inside[kept] * size).astype(np.int64) - rank) + rank
        taken = np.minimum(taken, size - len(kept) + rank)
        free = np.ones(size, dtype=np.bool_)
        free[taken] = False
        found[kept] = (taken + 0.5) / size
        found[rows[len(kept) :]] = (np.flatnonzero(free) + 0.5) / size
    return found


def _move(departure_s: FloatArray, plan: AdvicePlan, stays: BoolArray, place: FloatArray) -> FloatArray:
    """Put everybody who has a window, and does not stay, at their place in it, as shares of the window."""
    moved = plan.grid_start_s + in_window(plan.window, plan.window_s, plan.in_part(place))
    return np.where(~plan.advised | stays, departure_s, moved)

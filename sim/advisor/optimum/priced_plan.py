"""Plans mixed with what people choose at the prices of the bound: where moves of a few people find nothing more.

At the prices that make the bound highest each person has one or several windows that are cheapest, and a plan that
reached the bound would deal them out so that vehicles are just full. A search for prices goes over these windows
round by round, so that a window of one of its later rounds, drawn at random for each person, is near to such a plan
(the volume algorithm, Barahona and Anbil 2000, Math. Program. 87:385-399). It has people board as the prices want it.
Queues let them board as they came, so that it need not be better where queues are long. But it errs elsewhere than a
plan that was found by moves, and half of the people by one of both and half by the other do better than either
(test_a_mixture_with_priced_windows_is_better_where_queues_are_long).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from sim.advisor.optimum.bound import DayForBound, Foresight, foresight_of
from sim.advisor.optimum.foresight import ForesightBound
from sim.advisor.rehearsal.deep_queues import FINE
from sim.advisor.rehearsal.improvement import Improvement, Tried
from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray, IntArray
from sim.randomness import Purpose

SHARES = (1.0, 0.5, 0.25, 0.12)
"""Parts of the people who go over to priced windows, each of which is tried (by trial)."""

MOST_MIXTURES = 3
"""Times that prices are found anew, at most (assumed)."""

MOST_PAIRS = 5e9
"""Pairs of person and ride that are looked at in all mixtures together, between one and the most (assumed)."""

LEAST_GAIN_SHARE = 2e-3
"""A mixture that gains less, as a share of what people pay, is the last (assumed)."""

FIRST_ROUNDS, LATER_ROUNDS = 150, 100
"""Rounds in which prices are found, at first and from those of the mixture before. The last half of them has looked at
everybody (by trial: with 50 and 32 a half of what settled people can save after two events is lost)."""


def mixed_with_priced(
    improvement: Improvement,
    tried: Tried,
    rounds: int,
    most: int = MOST_MIXTURES,
    told: Callable[[int], None] | None = None,
) -> Tried:
    """Return a plan that is better for some people leaving as prices of room suggest, or the same where none is.

    Parameters
    ----------
    improvement : Improvement
        Its draws are those that prices are found on as well.
    tried : Tried
        The best plan known.
    rounds : int
        Of fine improvement at the end.
    most : int
        Mixtures at most; fewer where many people have many rides.
    told : callable or None
        Told the rounds done, all of them at the end.
    """
    # Days of none of them are held: those of the plan tried next are beside them
    # (test_no_rehearsed_day_is_held_while_another_is_tried).
    start, best, number, gains, price = tried.place, replace(tried, days=()), 0, True, None
    unmixed: IntArray | None = None
    coins, held = _coins(improvement.view), True
    gives_up = improvement.view.scenario.parameters.behaviour.patience_s is not None
    while number < most and gains:
        found = _foresight(improvement, best.place, held)
        if found is None or found.bound is None:
            break
        most = int(np.clip(MOST_PAIRS / (found.bound.pairs() * FIRST_ROUNDS), 1, most))
        priced, price = _priced_places(improvement.view, found.bound, found, best.place, coins, price)
        if held and gives_up and np.array_equal(priced, best.place):
            # Whoever gave up did not wait for the next vehicle with room. Where many did, a search that makes them pay
            # for it is above what the plan costs before prices are found, and ends; then nobody may be held to vehicles
            # (test_plans_are_mixed_where_people_give_up).
            held, price = False, None
            continue
        unmixed = improvement.allowed(priced)
        mixtures = (np.where(next(coins) < share, priced, best.place) for share in SHARES)
        mixed = replace(improvement.best_of([improvement.allowed(place) for place in mixtures]), days=())
        number += 1
        gains = best.mean_min - mixed.mean_min > LEAST_GAIN_SHARE * best.mean_min
        if mixed.mean_min < best.mean_min:
            best = mixed
        if told is not None:
            told(rounds * number // (most + 1))
    # Which of two plans is better before fine steps says little of what they come to: for people who have settled no
    # mixture may be better at first (after two events 105.2 min without advice, 106.3 by priced windows, and 102.6
    # after fine steps; test_fine_steps_tell_what_priced_windows_are_worth).
    better = _finished(improvement, tried, unmixed if best.place is start else best.place, rounds)
    if told is not None:
        told(rounds)
    return better


def _finished(improvement: Improvement, tried: Tried, place: IntArray | None, rounds: int) -> Tried:
    """Return what fine steps make of a plan, or the one that was tried where that costs no more or there is none."""
    if place is None:
        return tried
    found = improvement.improved(improvement.tried(place), rounds, steps=FINE)
    return found if found.mean_min < tried.mean_min else tried


def _coins(view: AdvisorView) -> Iterator[FloatArray]:
    """Yield uniform numbers, one for each user, others each time."""
    key, number = view.population.key[view.users], 0
    while True:
        yield view.streams.uniform(Purpose.PRICED_WINDOWS, key, view.day, number)
        number += 1


def _foresight(improvement: Improvement, place: IntArray, held: bool) -> Foresight | None:
    """Return the bound on the vehicles of rehearsed days under a plan, with people held to vehicles that had room."""
    view, stage, draws = improvement.view, improvement.stage, list(improvement.draws)
    # On all of them: windows of a minute or two that are chosen for the vehicles of some draws are none on others
    # (Xiamen at 4 times the demand, priced on 8 of 16 draws: 22.6 min on unseen days in place of 22.1).
    shares = zip(draws, improvement.shares, strict=True)
    # Read off day by day: a day of a city is gigabytes (test_no_rehearsed_day_is_held_while_another_is_tried).
    days = stage.on_draws(view.plan(place), view.own_departure_s, shares, partial(DayForBound.of, stage))
    # Windows that are closed to a user, as those that cost them more than they may lose, may not be chosen either: a
    # mixture would be of what is left of it (test_mixed_plans_tell_nobody_a_window_that_is_closed_to_them).
    # What those pay whose ways are not known does not count: nothing is chosen for them.
    unknown_min = [np.zeros(len(view.population))] * len(draws)
    return foresight_of(view, stage, days, unknown_min, held, improvement.open_to)


def _priced_places(
    view: AdvisorView,
    bound: ForesightBound,
    found: Foresight,
    place: IntArray,
    coins: Iterator[FloatArray],
    before: Sequence[FloatArray] | None,
) -> tuple[IntArray, Sequence[FloatArray]]:
    """Return the candidate column of each user at prices, -1 for their own moment, and the prices.

    Columns are as in `place` where no way is known, and for whom no later round has looked at. Prices go on from those
    of the mixture before, if there was one: draws are the same, and vehicles nearly so.
    """
    user_of = np.full(len(view.population), -1, dtype=np.int64)
    user_of[view.users] = np.arange(len(view.users))
    of_people = user_of[found.people]
    rounds, start = (FIRST_ROUNDS, found.start) if before is None else (LATER_ROUNDS, before)
    priced, price, seen = place.copy(), start, np.zeros(len(of_people), dtype=np.int64)
    for number, at in enumerate(bound.rounds_of(start, found.reached_min, rounds)):
        price = at.price
        if number < rounds // 2:
            continue
        seen[at.rows] += 1
        users = of_people[at.rows]
        # Each later round that looks at somebody is as likely as any other to be the one that stays.
        takes = (users >= 0) & (next(coins)[users] < 1.0 / seen[at.rows])
        priced[users[takes]] = at.chosen[takes] - 1
    return priced, price

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

from collections.abc import Callable, Iterator

import numpy as np

from sim.advisor.optimum.bound import Foresight, foresight_of
from sim.advisor.optimum.foresight import MOST_PAIRS, ForesightBound
from sim.advisor.rehearsal.deep_queues import FINE
from sim.advisor.rehearsal.improvement import Improvement, Tried
from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray, IntArray
from sim.randomness import Purpose

SHARES = (0.5, 0.25, 0.12)
"""Parts of the people who go over to priced windows, each of which is tried (by trial)."""

MOST_MIXTURES, PRICED_DRAWS, PRICED_ROUNDS = 6, 2, 150
"""Times that prices are found anew where few travel, and the draws and rounds of it (assumed)."""


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
    view, best, number = improvement.view, tried, 0
    coins = _coins(view)
    while number < most:
        found = _foresight(improvement, best.place)
        if found is None or found.bound is None:
            break
        most = int(np.clip(MOST_PAIRS / (found.bound.pairs() * PRICED_ROUNDS), 1, most))
        priced = _priced_places(view, found.bound, found, best.place, coins)
        mixtures = (np.where(next(coins) < share, priced, best.place) for share in SHARES)
        mixed = improvement.best_of([improvement.allowed(place) for place in mixtures])
        if mixed.mean_min >= best.mean_min:
            break
        best, number = mixed, number + 1
        if told is not None:
            told(rounds * number // (most + 1))
    if best is not tried:
        best = improvement.improved(best, rounds, steps=FINE)
    if told is not None:
        told(rounds)
    return best


def _coins(view: AdvisorView) -> Iterator[FloatArray]:
    """Yield uniform numbers, one for each user, others each time."""
    key, number = view.population.key[view.users], 0
    while True:
        yield view.streams.uniform(Purpose.PRICED_WINDOWS, key, view.day, number)
        number += 1


def _foresight(improvement: Improvement, place: IntArray) -> Foresight | None:
    """Return the bound on the vehicles of rehearsed days under a plan; None where there is none."""
    view, stage, draws = improvement.view, improvement.stage, list(improvement.draws)[:PRICED_DRAWS]
    shares = zip(draws, improvement.shares, strict=False)
    days = stage.on_draws(view.plan(place), view.own_departure_s, shares, lambda day: day)
    # What those pay whose ways are not known does not count: nothing is chosen for them.
    return foresight_of(view, stage, days, [np.zeros(len(view.population))] * len(draws))


def _priced_places(
    view: AdvisorView, bound: ForesightBound, found: Foresight, place: IntArray, coins: Iterator[FloatArray]
) -> IntArray:
    """Return the candidate column of each user at prices, -1 for their own moment; as it is where no way is known."""
    user_of = np.full(len(view.population), -1, dtype=np.int64)
    user_of[view.users] = np.arange(len(view.users))
    of_people = user_of[found.people]
    priced = place.copy()
    for number, at in enumerate(bound.rounds_of(found.start, found.reached_min, PRICED_ROUNDS)):
        later = number - PRICED_ROUNDS // 2 + 1
        if later < 1:
            continue
        # Each later round is as likely as any other to be the one that stays.
        takes = (next(coins) < 1.0 / later)[of_people] & (of_people >= 0)
        priced[of_people[takes]] = at.chosen[takes] - 1
    return priced

"""Windows closed to those whom they cost more than the bound on regret, as rehearsals of the plan itself say."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from sim.advisor.rehearsal.improvement import LEAST_GAIN_MIN, Improvement, Tried
from sim.arrays import FloatArray

MOST_RELEASES = 4
"""Times that a plan is improved again after people were released from windows which cost them too much on rehearsed
days (assumed); if some still lose too much after that, they are only released."""


def bounded(improvement: Improvement, found: Tried, rounds: int) -> Tried:
    """Return a plan whose rehearsed days cost nobody who is moved more than the bound on regret, if there is one.

    A forecast counts windows on a day that was before the plan; only a rehearsal says what the plan itself makes
    of them. Windows that cost a user too much are closed to them, and what is left is improved again.

    Parameters
    ----------
    improvement : Improvement
    found : Tried
    rounds : int
        Rounds of improvement each time.
    """
    most_s = improvement.view.scenario.parameters.advisor.fairness.max_regret_s
    if most_s is None:
        return found
    nobody = np.full(len(improvement.rows), -1, dtype=np.int64)
    without = [day.cost_min for day in improvement.tried(nobody).days if day.cost_min is not None]
    # Whoever is released takes room from others, who may lose too much by it in turn: the plan must be looked at
    # again after each release, the last one as well (test_the_bound_on_regret_holds_where_nothing_is_improved).
    # It comes to an end, since windows are closed for good and leaving as usual costs no regret.
    for release in itertools.count():
        over = regret_min(improvement, found, without) > most_s / 60.0 + LEAST_GAIN_MIN
        if not over.any():
            break
        improvement.open_to[improvement.rows[over], found.place[over]] = False
        place = improvement.allowed(found.place)
        del found
        found = improvement.tried(place)
        if release < MOST_RELEASES:
            found = improvement.improved(found, rounds)
    return found


def regret_min(improvement: Improvement, tried: Tried, without: Sequence[FloatArray]) -> FloatArray:
    """Return what those who are moved lose on average over the draws on which they follow, shape (users,).

    Parameters
    ----------
    improvement : Improvement
    tried : Tried
    without : sequence of ndarray of float, shape (commuters,)
        What everybody pays without advice, by draw.
    """
    users, plan = improvement.view.users, improvement.view.plan(tried.place)
    lost_min, followed = np.zeros((2, len(users)))
    for day, cost_min in zip(tried.days, without, strict=True):
        assert day.departure_s is not None
        assert day.cost_min is not None
        follows = plan.contains(day.departure_s)[users]
        lost_min += np.where(follows, np.nan_to_num(day.cost_min[users] - cost_min[users]), 0.0)
        followed += follows
    moved = (tried.place >= 0) & (tried.place != improvement.now)
    mean_min = np.divide(lost_min, followed, out=np.zeros_like(lost_min), where=followed > 0.0)
    return np.where(moved, mean_min, 0.0)

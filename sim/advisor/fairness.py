"""What may be asked of a single commuter: a bound on his regret, and turns."""

from __future__ import annotations

import numpy as np

from sim.advisor.knowledge import Knowledge
from sim.population.windows import window_of
from sim.units import BoolArray, IntArray

LEAST_REGRET_MIN = 1e-6
"""Less than this is a rounding error of costs."""


def habit_column(knowledge: Knowledge) -> IntArray:
    """Return the candidate column of each user's habitual window, shape (users,)."""
    habit = window_of(knowledge.population.habitual_departure_s[knowledge.users], knowledge.window_s)
    return habit - knowledge.candidates.window[:, 0]


def is_fair_to_ask(knowledge: Knowledge) -> BoolArray | None:
    """Say which candidates each user may be advised, shape (users, candidates); None where all.

    Regret is what a window is forecast to cost a user more than his habit. The habitual window
    is always among them.

    Parameters
    ----------
    knowledge : Knowledge
    """
    rule = knowledge.scenario.parameters.advisor.fairness
    if rule.max_regret_s is None and not rule.take_turns:
        return None
    costs = knowledge.costs
    rows, habit = np.arange(len(knowledge.users)), habit_column(knowledge)
    regret_min = costs.own_min - costs.own_min[rows, habit][:, None]
    fair = np.ones(regret_min.shape, dtype=np.bool_)
    if rule.max_regret_s is not None:
        fair &= regret_min <= rule.max_regret_s / 60.0 + LEAST_REGRET_MIN
    if rule.take_turns and knowledge.plans:
        before = knowledge.plans[-1].window[knowledge.users] - knowledge.candidates.window[:, 0]
        known = (before >= 0) & (before < regret_min.shape[1]) & knowledge.plans[-1].advised[knowledge.users]
        suffered = known & (regret_min[rows, np.where(known, before, 0)] > LEAST_REGRET_MIN)
        fair &= ~suffered[:, None] | (regret_min <= LEAST_REGRET_MIN)
    fair[rows, habit] = True
    return fair

"""What may be asked of a single commuter: a bound on their regret, and turns."""

from __future__ import annotations

import numpy as np

from sim.advisor.strategy import AdvisorView
from sim.arrays import BoolArray, FloatArray

LEAST_REGRET_MIN = 1e-6
"""Less than this is a rounding error of costs."""


def is_fair_to_ask(view: AdvisorView) -> BoolArray | None:
    """Say which candidates each user may be advised, shape (users, candidates); None where all.

    Regret is what a window is forecast to cost a user more than the one in which they leave without advice, by habit or
    as they have learned. That one is always among them.

    Parameters
    ----------
    view : AdvisorView
    """
    rule = view.scenario.parameters.advisor.fairness
    if rule.max_regret_s is None and not rule.take_turns:
        return None
    costs = view.costs
    rows, usual = np.arange(len(view.users)), view.usual_column
    regret_min = costs.own_min - costs.own_min[rows, usual][:, None]
    fair = np.ones(regret_min.shape, dtype=np.bool_)
    if rule.max_regret_s is not None:
        fair &= regret_min <= rule.max_regret_s / 60.0 + LEAST_REGRET_MIN
        fair &= _is_bearable(view, regret_min, rule.max_regret_s / 60.0)
    if rule.take_turns and view.plans:
        before = view.plans[-1].window[view.users] - view.candidates.window[:, 0]
        known = (before >= 0) & (before < regret_min.shape[1]) & view.plans[-1].advised[view.users]
        suffered = known & (regret_min[rows, np.where(known, before, 0)] > LEAST_REGRET_MIN)
        fair &= ~suffered[:, None] | (regret_min <= LEAST_REGRET_MIN)
    # Nobody may be left without a window: the usual one must stay open whatever is forecast for it, as asking for it
    # asks for nothing (tests/unit/test_advisor_fairness.py).
    fair[rows, usual] = True
    return fair


def _is_bearable(view: AdvisorView, regret_min: FloatArray, bound_min: float) -> BoolArray:
    """Say with which candidates the mean regret over all days stays within the bound, shape (users, candidates).

    Forecasts err, and for the same users day after day: their place in a window is their own. So what a user met in a
    window counts where it was worse than the forecast, and whoever has lost more than the bound on average is asked
    for nothing that costs them anything, until the mean of days has come down to it again.
    """
    known = view.running_regret
    if known is None:
        return np.ones(regret_min.shape, dtype=np.bool_)
    expected_min = np.maximum(regret_min, known.met_min(view.candidates.window[:, 0], regret_min.shape[1]))
    left_min = bound_min * (known.days + 1) - known.sum_min
    bearable: BoolArray = expected_min <= np.maximum(left_min, 0.0)[:, None] + LEAST_REGRET_MIN
    return bearable

"""Successive averages of departures that also settle where everybody's queue is made by those before them.

On day d people change as if a share 1/(d+1) of them had thought again, the method of successive averages
(Robbins and Monro 1951, Ann. Math. Stat. 22:400-407; Sheffi 1985). If they simply took the cheapest window
of the day before, they would chase each other round the equilibrium of a bottleneck for ever: it is unstable
under such processes (Iryo 2008, J. Adv. Transp. 42:333-358; Jin 2020, Transp. Sci. 54:42-61; to be
confirmed). Three things that people may well do make it settle:

- They expect costs to go on changing for some days as they did since the day before, so that they do not
  run where everybody else is just running to (derivative action: Shamma and Arslan 2005, IEEE Trans. Autom.
  Control 50:312-327, to be confirmed).
- People with more at stake are more likely to change. Between two windows the weight is the same in both
  directions, so that what people settle at is logit (detailed balance).
- They draw by logit, the more sharply the longer they have learned, up to the scale of logit learners and
  without bound for averaging ones (vanishingly smooth fictitious play: Benaim and Faure 2013, Games Econ.
  Behav. 77:15-32, to be confirmed). In proportion to 1 over the share, a day's change of costs is always the
  same part of what costs differ by.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import BehaviourParameters
from sim.population.route_choice import logit_shares


def expected_costs(own_min: FloatArray, before_min: FloatArray, trend_days: float) -> FloatArray:
    """Carry costs on by their trend.

    Parameters
    ----------
    own_min, before_min : ndarray of float
        Costs of a day and of the day before, in minutes; infinite where there is no window.
    trend_days : float
        For how many days the trend is expected to go on.

    Returns
    -------
    ndarray of float
        The costs of the day alone where one of the two is infinite.
    """
    known = np.isfinite(own_min) & np.isfinite(before_min)
    change = np.subtract(own_min, before_min, out=np.zeros_like(own_min), where=known)
    expected: FloatArray = own_min + trend_days * change
    return expected


def change_shares(
    expected_min: FloatArray, now: IntArray, mean_min: float, behaviour: BehaviourParameters, day: int
) -> FloatArray:
    """Return the chance that each commuter changes to each candidate.

    Parameters
    ----------
    expected_min : ndarray of float, shape (rows, candidates)
        Expected costs; infinite where there is no window.
    now : ndarray of int, shape (rows,)
        Column of the window that each takes now; -1 where it is none of them.
    mean_min : float
        What people pay on average.
    behaviour : BehaviourParameters
    day : int
        Day that is decided for, at least 1.

    Returns
    -------
    ndarray of float, shape (rows, candidates)
        A row sums to at most 1; what is missing is the chance to stay.
    """
    share = 1.0 / (day + 1.0)
    limit = behaviour.logit_scale if behaviour.departure_choice == "logit" else np.inf
    sharp = behaviour.sharpness / (share * mean_min) if mean_min > 0.0 else np.inf
    scale = min(limit, sharp)
    if not np.isfinite(scale):
        return np.zeros_like(expected_min)
    drawn = logit_shares(expected_min, scale)
    now_min = np.where(now >= 0, expected_min[np.arange(len(now)), np.maximum(now, 0)], np.inf)
    placed = np.isfinite(now_min)
    at_stake = np.zeros_like(expected_min)
    np.subtract(expected_min, now_min[:, None], out=at_stake, where=placed[:, None] & (drawn > 0.0))
    at_stake = np.abs(at_stake)
    usual_min = float((drawn * at_stake)[placed].sum(axis=1).mean()) if placed.any() else 0.0
    # Between two windows the chance to change must be the same in both directions but for the draw itself, or what
    # people settle at would not be logit (test_logit_shares_stay_as_they_are); a stake in minutes is.
    chance = np.minimum(share * at_stake / usual_min, 1.0) if usual_min > 0.0 else np.zeros_like(at_stake)
    shares: FloatArray = drawn * np.where(placed[:, None], chance, 1.0)
    return shares

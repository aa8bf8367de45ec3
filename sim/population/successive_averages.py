"""Successive averages: how ever fewer people change their departure window, and to which.

On day d people change as if a share 1/(d+1) of them had thought again, the method of successive averages
(Robbins and Monro 1951, Ann. Math. Stat. 22:400-407; Sheffi 1985), those with more at stake more likely. Between two
windows the weight of logit learners is the same in both directions, so that what they settle at is logit (detailed
balance); averaging ones change to cheaper ones only. At first they go by the mean of the days before, the later ones
counting more. What looked cheap to averaging ones on every other day must have been cheaper on the days between as
well, or where running times vary they would run after chance and end above their habit.

If they simply took the cheapest window, they would chase each other round the equilibrium of a bottleneck for ever: it
is unstable under such processes (Iryo 2008, J. Adv. Transp. 42:333-358; Jin 2020, Transp. Sci. 54:42-61; to be
confirmed). People notice, since day after day they could have saved much. From then on two more things make them
settle, which people may well do:

- They expect costs to go on changing for some days as they did since the day before, so that they do not
  run where everybody else is just running to (derivative action: Shamma and Arslan 2005, IEEE Trans. Autom.
  Control 50:312-327, to be confirmed).
- They draw by logit, the more sharply the longer they have learned, up to the scale of logit learners and
  without bound for averaging ones (vanishingly smooth fictitious play: Benaim and Faure 2013, Games Econ.
  Behav. 77:15-32, to be confirmed). In proportion to 1 over the share, a day's change of costs is always the
  same part of what costs differ by.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import BehaviourParameters
from sim.population.route_choice import logit_shares

TREND_DAYS = 4.0
"""Days for which people expect costs to go on changing as they did since the day before (assumed). Without, the
bottleneck swings (test_learning_bottleneck.py)."""

FAR_SHARE, FAR_DAYS = 0.3, 3
"""Averaging people go by the trend once those who have changed since the first day could, on so many days in a row,
have saved more than this share by what windows cost the day before (assumed; the share as in `sim.population.minutes`).
By the trend the chance of a day counts many times over, so that where running times vary people would run after luck.
"""

SURE_SCALE = 50.0
"""Logit scale per minute of averaging people who go by the mean (assumed): of windows that differ by more than some
seconds they take the cheaper one."""

SMALL_STAKE = 0.1
"""Where less than this share of what people pay is at stake, fewer change in proportion (assumed); else people who go
by the mean of days would swing round an equilibrium of few services."""

SHARPNESS = 0.25
"""On day d the logit scale of successive averages is this times d + 1, over what people pay on average (assumed)."""


@dataclass
class RememberedCosts:
    """What candidate windows cost on days before: two means, each of every other day.

    Later days count more, in proportion to their number, so that what was before others moved is forgotten.

    Attributes
    ----------
    of_half : list of ndarray of float, shape (rows, candidates)
        Infinite where a candidate was none on all of these days; one alone after the first day.
    days : int
        Days laid by.
    """

    of_half: list[FloatArray] = field(default_factory=list)
    days: int = 0

    def lay_by(self, own_min: FloatArray) -> None:
        """Remember another day."""
        half, number = self.days % 2, self.days // 2 + 1
        self.days += 1
        if number == 1:
            self.of_half.append(own_min)
            return
        before = self.of_half[half]
        mean = np.where(np.isfinite(before), before, own_min)
        change = np.subtract(own_min, mean, out=np.zeros_like(mean), where=np.isfinite(own_min) & np.isfinite(mean))
        self.of_half[half] = mean + 2.0 / (number + 1.0) * change

    def halves(self, day: int) -> tuple[FloatArray, FloatArray]:
        """Return both means, in an order that changes from day to day."""
        first = day % 2 % len(self.of_half)
        return self.of_half[first], self.of_half[-1 - first]

    def mean_min(self) -> FloatArray:
        """Return the mean of all days, of one half where the other does not know a candidate."""
        first, second = self.of_half[0], self.of_half[-1]
        both = np.isfinite(first) & np.isfinite(second)
        return np.where(
            both, 0.5 * (np.where(both, first, 0.0) + np.where(both, second, 0.0)), np.minimum(first, second)
        )


@dataclass
class SuccessiveAverages:
    """What people know who learn by successive averages.

    Attributes
    ----------
    before_min : ndarray of float, shape (rows, candidates), or None
        What candidate windows cost on the day that the decision before was made on.
    remembered : RememberedCosts
        What they cost on all days before.
    by_trend : bool
        Whether people go by the trend of costs; once they do they go on.
    days_by_mean : int
        Days before they did.
    first : ndarray of int, shape (rows,), or None
        Column of the window that each took on the first day.
    far_days : int
        Days in a row after which those who have changed since then could have saved much.
    """

    before_min: FloatArray | None = None
    remembered: RememberedCosts = field(default_factory=RememberedCosts)
    by_trend: bool = False
    days_by_mean: int = 0
    first: IntArray | None = None
    far_days: int = 0

    def shares(self, own_min: FloatArray, now: IntArray, behaviour: BehaviourParameters, day: int) -> FloatArray:
        """Take in a day, and return the chance that each commuter changes to each candidate for the next one.

        Parameters
        ----------
        own_min : ndarray of float, shape (rows, candidates)
            What candidates cost on the day; infinite where there is no window. The rows are the same every day.
        now : ndarray of int, shape (rows,)
            Column of the window that each takes; -1 where it is none of them.
        behaviour : BehaviourParameters
        day : int
            Day that is decided for, at least 1.

        Returns
        -------
        ndarray of float, shape (rows, candidates)
        """
        now_min = taken_min(own_min, now)
        mean_min = float(now_min[np.isfinite(now_min)].mean()) if np.isfinite(now_min).any() else 0.0
        # On the first day that is decided there is no trend yet.
        before_min = own_min if self.before_min is None else self.before_min
        self.before_min = own_min
        self.remembered.lay_by(own_min)
        if not self.by_trend:
            self._look_for_swings(own_min, before_min, now, behaviour)
            self.by_trend, self.days_by_mean = self.far_days >= FAR_DAYS, day
        if not self.by_trend:
            return self._by_mean(own_min, now, mean_min, behaviour, day)
        # They begin anew, or what they did by the mean would take them months to undo.
        day += 1 - self.days_by_mean
        return change_shares(expected_costs(own_min, before_min, TREND_DAYS), now, mean_min, behaviour, day)

    def _look_for_swings(
        self, own_min: FloatArray, before_min: FloatArray, now: IntArray, behaviour: BehaviourParameters
    ) -> None:
        """Count the days in a row after which those who have changed could have saved much."""
        # Whoever has not changed yet could save much by a habit that is far off, and no queue need swing for it. On the
        # first day nobody has, and all count (test_habits_far_off_are_no_queue_that_swings).
        if self.first is None:
            self.first, changed = now, np.ones(len(now), dtype=np.bool_)
        else:
            changed = now != self.first
        scale = behaviour.logit_scale if behaviour.departure_choice == "logit" else np.inf
        gap_share = foreseen_gap_share(own_min[changed], before_min[changed], now[changed], scale)
        self.far_days = self.far_days + 1 if gap_share > FAR_SHARE else 0

    def _by_mean(
        self, own_min: FloatArray, now: IntArray, mean_min: float, behaviour: BehaviourParameters, day: int
    ) -> FloatArray:
        """Return the chance that each changes to each candidate by what candidates cost on days remembered."""
        if behaviour.departure_choice == "logit":
            known_min = np.where(np.isfinite(own_min), self.remembered.mean_min(), np.inf)
            return change_shares(known_min, now, mean_min, behaviour, day, blunt=False)
        chosen_by, decided_by = (np.where(np.isfinite(own_min), half, np.inf) for half in self.remembered.halves(day))
        shares = change_shares(chosen_by, now, mean_min, behaviour, day, blunt=False)
        # Of what was cheapest on some days a part is luck: it must have been cheaper on the others as well, or people
        # would run after chance and end above their habit (test_averaging_people_do_not_end_above_their_habit).
        better = decided_by < taken_min(decided_by, now)[:, None]
        return np.where(better, shares, 0.0)


def taken_min(cost_min: FloatArray, column: IntArray) -> FloatArray:
    """Return the cost in a column of each row, infinite where the column is -1."""
    return np.where(column >= 0, cost_min[np.arange(len(column)), np.maximum(column, 0)], np.inf)


def foreseen_gap_share(own_min: FloatArray, before_min: FloatArray, now: IntArray, scale: float = np.inf) -> float:
    """Return what people could have saved by drawing from costs of the day before, over what they paid.

    Parameters
    ----------
    own_min, before_min : ndarray of float, shape (rows, candidates)
        Costs of a day and of the day before, in minutes; infinite where there is no window.
    now : ndarray of int, shape (rows,)
        Column of the window that each takes; -1 where it is none of them.
    scale : float
        Of the logit by which they draw, per minute; infinite where they take the cheapest.
    """
    pays_min = taken_min(own_min, now)
    if np.isfinite(scale):
        drawn = logit_shares(before_min, scale)
        might_min = np.multiply(drawn, own_min, out=np.zeros_like(own_min), where=drawn > 0.0).sum(axis=1)
    else:
        might_min = taken_min(own_min, before_min.argmin(axis=1))
    known = np.isfinite(pays_min) & np.isfinite(might_min)
    paid_min = float(pays_min[known].sum())
    return float((pays_min[known] - might_min[known]).sum()) / paid_min if paid_min > 0.0 else 0.0


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
    expected_min: FloatArray,
    now: IntArray,
    mean_min: float,
    behaviour: BehaviourParameters,
    day: int,
    blunt: bool = True,
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
    blunt : bool
        Draw less sharply at first, so that those who go by the trend do not all run to the same window.

    Returns
    -------
    ndarray of float, shape (rows, candidates)
        A row sums to at most 1; what is missing is the chance to stay.
    """
    share = 1.0 / (day + 1.0)
    limit = behaviour.logit_scale if behaviour.departure_choice == "logit" else np.inf if blunt else SURE_SCALE
    sharp = SHARPNESS / (share * mean_min) if mean_min > 0.0 else np.inf
    scale = min(limit, sharp) if blunt else limit
    if not np.isfinite(scale):
        return np.zeros_like(expected_min)
    drawn = logit_shares(expected_min, scale)
    now_min = np.where(now >= 0, expected_min[np.arange(len(now)), np.maximum(now, 0)], np.inf)
    placed = np.isfinite(now_min)
    at_stake = np.zeros_like(expected_min)
    np.subtract(expected_min, now_min[:, None], out=at_stake, where=placed[:, None] & (drawn > 0.0))
    at_stake = np.abs(at_stake)
    usual_min = float((drawn * at_stake)[placed].sum(axis=1).mean()) if placed.any() else 0.0
    usual_min = usual_min if blunt else max(usual_min, SMALL_STAKE * mean_min)
    # Between two windows the chance to change must be the same in both directions but for the draw itself, or what
    # people settle at would not be logit (test_logit_shares_stay_as_they_are); a stake in minutes is.
    chance = np.minimum(share * at_stake / usual_min, 1.0) if usual_min > 0.0 else np.zeros_like(at_stake)
    shares: FloatArray = drawn * np.where(placed[:, None], chance, 1.0)
    if behaviour.departure_choice != "logit":
        # The logit by which they draw is blunt at first, and half of them would go to windows that cost more than their
        # own (test_branched_lines.py::test_advice_and_learning_do_no_harm_without_congestion). As sharpness has no end,
        # nobody takes such a one in equilibrium either, so that what they settle at is the same.
        shares = np.where(placed[:, None] & (expected_min >= now_min[:, None]), 0.0, shares)
    return shares

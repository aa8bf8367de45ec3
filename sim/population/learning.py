"""How commuters who are not advised, or do not follow, change their departures from day to day.

Whoever changes leaves in another departure window. Draws are spread evenly within groups of
people in the same situation, so that a share of them is met to a person and the process has
little noise of its own.

Where services are timetabled all rules but best reply settle. At a bottleneck with a common wish
only successive averages do; the others go on swinging around the equilibrium, which is a property
of the process and not of its noise.

Successive averages (msa) also settle where everybody's queue is made by those before them. On day d
people change as if a share 1/(d+1) of them had thought again, the method of successive averages
(Robbins and Monro 1951, Ann. Math. Stat. 22:400-407; Sheffi 1985). If they simply took the cheapest window
of the day before, they would chase each other round the equilibrium of a bottleneck for ever: it is unstable
under such processes (Iryo 2008, J. Adv. Transp. 42:333-358; Jin 2020, Transp. Sci. 54:42-61; to be
confirmed). Three things that people may well do make it settle:

- They expect costs to go on changing for some days as they did since the day before, so that they do not
  run where everybody else is just running to (derivative action: Shamma and Arslan 2005, IEEE Trans. Autom.
  Control 50:312-327, to be confirmed).
- People with more at stake are more likely to change. Between two windows the weight of logit learners is the same in
  both directions, so that what they settle at is logit (detailed balance); averaging ones change to cheaper ones only.
- They draw by logit, the more sharply the longer they have learned, up to the scale of logit learners and
  without bound for averaging ones (vanishingly smooth fictitious play: Benaim and Faure 2013, Games Econ.
  Behav. 77:15-32, to be confirmed). In proportion to 1 over the share, a day's change of costs is always the
  same part of what costs differ by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import BehaviourParameters, PreferenceParameters
from sim.population.commuters import Population
from sim.population.observation import Observation
from sim.population.route_choice import logit_shares
from sim.population.systematic_sampling import group_rows
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.population.window_forecast import WindowForecaster
from sim.population.windows import WindowCosts, candidate_windows, move_into, window_costs, window_of

LEAST_GAIN_MIN = 1e-6
"""Gains below this are rounding errors of costs."""

FIRST_SHARE = 0.5
GROWTH = 1.5
SLOW_SHARE = 0.7
"""A re-equilibrating population moves at first so that at most half of anybody's group moves (assumed). The
step grows by half on a day that left more than 70 % of all gains and halves where gains grew, the rule of
self-regulated averaging (Liu, He and He 2009, NETS 9:485-503; numbers assumed)."""


TREND_DAYS = 4.0
"""Days for which people expect costs to go on changing as they did since the day before (assumed). Without, the
bottleneck swings (test_learning_bottleneck.py)."""

SHARPNESS = 0.25
"""On day d the logit scale of successive averages is this times d + 1, over what people pay on average (assumed)."""


@dataclass(frozen=True)
class _KnownCosts:
    """Costs of candidate windows, and what they were worked out from."""

    traffic: Observation
    chosen_departure_s: FloatArray
    costs: WindowCosts

    def answers(self, traffic: Observation, who: IntArray, chosen_departure_s: FloatArray) -> bool:
        """Say whether these are the costs wanted."""
        same = self.traffic is traffic and self.chosen_departure_s is chosen_departure_s
        return same and np.array_equal(self.costs.candidates.commuter, who)


@dataclass
class Learners:
    """A population that learns by one rule; keeps what it needs from day to day.

    Attributes
    ----------
    population : Population
    forecaster : WindowForecaster
    preferences : PreferenceParameters
    behaviour : BehaviourParameters
    lasting : LastingVariates
    step : float
        Share that moves per minute gained (re_equilibrating); 0 before the first day.
    gain_before_min : float
        What all could have gained the day before.
    traffic_before : Observation or None
        Experience that the decision before was made on.
    known : _KnownCosts or None
        Costs worked out last, which are often wanted again.
    """

    population: Population
    forecaster: WindowForecaster
    preferences: PreferenceParameters
    behaviour: BehaviourParameters
    lasting: LastingVariates
    step: float = 0.0
    gain_before_min: float = np.inf
    traffic_before: Observation | None = None
    known: _KnownCosts | None = None

    def next_departures(
        self, chosen_departure_s: FloatArray, learner: BoolArray, traffic: Observation, today: ChoiceVariates
    ) -> FloatArray:
        """Return the departures of the next day.

        Parameters
        ----------
        chosen_departure_s : ndarray of float, shape (commuters,)
            Departure that each would take if they learned nothing, seconds after midnight.
        learner : ndarray of bool, shape (commuters,)
            True for those who decide themselves.
        traffic : Observation
            As experienced: of the day before, or of all days (logit with a share that does not fall).
        today : ChoiceVariates
            Chance of the day that is decided for.
        """
        rule = self.behaviour.departure_choice
        # On the first day that is decided there is no trend yet.
        before, self.traffic_before = self.traffic_before or traffic, traffic
        able = np.flatnonzero(learner & self.population.journeys.rides)
        if rule == "habitual" or not len(able):
            return chosen_departure_s
        everybody = rule == "re_equilibrating" or self.behaviour.averages
        who = able if everybody else self._reconsidering(able, chosen_departure_s, today)
        if not len(who):
            return chosen_departure_s
        costs = self._costs(traffic, who, chosen_departure_s)
        candidates = costs.candidates
        if self.behaviour.averages:
            column = self._by_averages(costs, self._costs(before, who, chosen_departure_s), chosen_departure_s, today)
        elif rule == "logit":
            column = self._by_logit(costs, today)
        elif rule == "re_equilibrating":
            column = self._by_gain(costs, chosen_departure_s, today)
        else:
            column = costs.own_min.argmin(axis=1)
        window = np.full(len(self.population), -1, dtype=np.int64)
        chosen = candidates.window[np.arange(len(who)), np.maximum(column, 0)]
        window[who] = np.where(column >= 0, chosen, -1)
        return move_into(chosen_departure_s, window, self.forecaster.window_s, self.lasting.place_in_window)

    def relative_gap_share(self, chosen_departure_s: FloatArray, learner: BoolArray, traffic: Observation) -> float:
        """Return what learners could save by other windows, over what they pay; NaN where nobody learns.

        The convergence measure of equilibrium assignment: 0 where nobody can gain by changing alone (relative gap,
        Sheffi 1985).

        Parameters
        ----------
        chosen_departure_s : ndarray of float, shape (commuters,)
            Departures of the day, seconds after midnight.
        learner : ndarray of bool, shape (commuters,)
            True for those who decided themselves.
        traffic : Observation
            Of the day.
        """
        able = np.flatnonzero(learner & self.population.journeys.rides)
        if self.behaviour.departure_choice == "habitual" or not len(able):
            return float("nan")
        costs = self._costs(traffic, able, chosen_departure_s)
        now_min = _taken_min(costs.own_min, self._column_now(costs, chosen_departure_s))
        placed = np.isfinite(now_min)
        paid_min = float(now_min[placed].sum())
        if paid_min <= 0.0:
            return 0.0 if placed.any() else float("nan")
        return float((now_min - costs.own_min.min(axis=1))[placed].sum()) / paid_min

    def _costs(self, traffic: Observation, who: IntArray, chosen_departure_s: FloatArray) -> WindowCosts:
        """Cost the candidates of some commuters, or return what was found last for the same."""
        known = self.known
        if known is not None and known.answers(traffic, who, chosen_departure_s):
            return known.costs
        candidates = candidate_windows(self.population, who, self.forecaster)
        everything = self.population, self.preferences, self.forecaster, traffic, candidates, chosen_departure_s
        costs = window_costs(*everything, keep_queues=self.behaviour.averages)
        self.known = _KnownCosts(traffic, chosen_departure_s, costs)
        return costs

    def _reconsidering(self, able: IntArray, chosen_departure_s: FloatArray, today: ChoiceVariates) -> IntArray:
        """Return the commuters who think again today, a share of those in each window."""
        given = self.behaviour.reconsider_share
        share = 1.0 / (today.day + 1) if given == "msa" else given
        option = self.population.journeys.option[able]
        group = group_rows(option, window_of(chosen_departure_s[able], self.forecaster.window_s))
        coin = today.reconsiders.within(group, able)
        return able[coin < share]

    def _by_logit(self, costs: WindowCosts, today: ChoiceVariates) -> IntArray:
        """Draw a candidate for each by logit (McFadden 1974)."""
        who = costs.candidates.commuter
        cumulative = np.cumsum(logit_shares(costs.own_min, self.behaviour.logit_scale), axis=1)
        group = group_rows(self.population.journeys.option[who])
        coin = today.departure.within(group, who)
        last = costs.own_min.shape[1] - 1
        column: IntArray = np.minimum((coin[:, None] > cumulative).sum(axis=1), last).astype(np.int64)
        return column

    def _by_averages(
        self, costs: WindowCosts, before: WindowCosts, chosen_departure_s: FloatArray, today: ChoiceVariates
    ) -> IntArray:
        """Draw the commuters who change, and their new candidates, by successive averages."""
        who = costs.candidates.commuter
        now = self._column_now(costs, chosen_departure_s)
        now_min = _taken_min(costs.own_min, now)
        mean_min = float(now_min[np.isfinite(now_min)].mean()) if np.isfinite(now_min).any() else 0.0
        expected_min = expected_costs(costs.own_min, before.own_min, TREND_DAYS)
        cumulative = np.cumsum(change_shares(expected_min, now, mean_min, self.behaviour, today.day), axis=1)
        group = group_rows(
            self.population.journeys.option[who], window_of(chosen_departure_s[who], self.forecaster.window_s)
        )
        coin = today.departure.within(group, who)
        place = (coin[:, None] > cumulative).sum(axis=1)
        column: IntArray = np.where(place < cumulative.shape[1], place, -1)
        return column

    def _column_now(self, costs: WindowCosts, chosen_departure_s: FloatArray) -> IntArray:
        """Return the candidate in which each leaves now, -1 for none."""
        now = (
            window_of(chosen_departure_s[costs.candidates.commuter], self.forecaster.window_s)
            - costs.candidates.window[:, 0]
        )
        return np.where((now >= 0) & (now < costs.own_min.shape[1]), now, -1)

    def _by_gain(self, costs: WindowCosts, chosen_departure_s: FloatArray, today: ChoiceVariates) -> IntArray:
        """Move to each cheaper window in proportion to the gain (Smith 1984, Transp. Sci. 18:245-252)."""
        who = costs.candidates.commuter
        now = self._column_now(costs, chosen_departure_s)
        now_min = _taken_min(costs.own_min, now)
        with np.errstate(invalid="ignore"):
            gain = now_min[:, None] - costs.own_min
        gain = np.where(np.isfinite(gain) & (gain > LEAST_GAIN_MIN), gain, 0.0)
        self._regulate(gain)
        row, column = np.nonzero(gain)
        share = self.step * gain[row, column] / np.maximum(self.step * gain.sum(axis=1), 1.0)[row]
        uniform = today.reconsiders.uniform[who]
        order = np.lexsort((uniform[row], column, now[row]))
        offset = today.rounding
        # Whole people move, and fractions of them add up along the order: of any stretch of it the number that moves is
        # right to a person, whatever the day's offset.
        passed = np.floor(np.cumsum(share[order]) + offset)
        moves = order[np.diff(passed, prepend=np.floor(offset)) > 0]
        target = np.full(len(who), -1, dtype=np.int64)
        target[row[moves]] = column[moves]
        return target

    def _regulate(self, gain: FloatArray) -> None:
        """Set the step of the day by what the last one left to be gained."""
        # Where more is left to gain than the day before, people overshot, and fewer of them move; where the gain falls
        # slowly, more do.
        total_min = float(gain.max(axis=1).sum())
        if self.step == 0.0 and total_min > 0:
            self.step = FIRST_SHARE / float(gain.sum(axis=1).max())
        elif total_min > self.gain_before_min:
            self.step /= 2.0
        elif total_min > SLOW_SHARE * self.gain_before_min:
            self.step *= GROWTH
        self.gain_before_min = total_min


def _taken_min(cost_min: FloatArray, column: IntArray) -> FloatArray:
    """Return the cost in a column of each row, infinite where the column is -1."""
    return np.where(column >= 0, cost_min[np.arange(len(column)), np.maximum(column, 0)], np.inf)


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
    sharp = SHARPNESS / (share * mean_min) if mean_min > 0.0 else np.inf
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
    if behaviour.departure_choice != "logit":
        # The logit by which they draw is blunt at first, and half of them would go to windows that cost more than their
        # own (test_branched_lines.py::test_advice_and_learning_do_no_harm_without_congestion). As sharpness has no end,
        # nobody takes such a one in equilibrium either, so that what they settle at is the same.
        shares = np.where(placed[:, None] & (expected_min >= now_min[:, None]), 0.0, shares)
    return shares

"""How commuters change from day to day when they would leave by themselves, also while they follow advice.

Whoever changes leaves in another departure window. Draws are spread evenly within groups of
people in the same situation, so that a share of them is met to a person and the process has
little noise of its own.

Where services are timetabled all rules but best reply settle. At a bottleneck with a common wish
only successive averages do; the others go on swinging around the equilibrium, which is a property
of the process and not of its noise.

Whatever the rule, a window is worth what leaving in it at one's own moment would have cost: that of habit in the window
of habit, the same place of one's own in all others. Nobody leaves at the mean of a window.

Successive averages (msa) also settle where everybody's queue is made by those before them
(`sim.population.successive_averages`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import BehaviourParameters, PreferenceParameters
from sim.population.commuters import Population
from sim.population.moments import lost_share_at
from sim.population.observation import Observation, mean_observation
from sim.population.route_choice import logit_shares
from sim.population.successive_averages import SuccessiveAverages, taken_min
from sim.population.systematic_sampling import group_rows
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.population.window_forecast import WindowForecaster
from sim.population.windows import (
    CandidateWindows,
    Kept,
    WindowCosts,
    candidate_windows,
    in_window,
    window_costs,
    window_of,
)

LEAST_GAIN_MIN = 1e-6
"""Gains below this are rounding errors of costs."""

FIRST_SHARE = 0.5
GROWTH = 1.5
SLOW_SHARE = 0.7
"""A re-equilibrating population moves at first so that at most half of anybody's group moves (assumed). The
step grows by half on a day that left more than 70 % of all gains and halves where gains grew, the rule of
self-regulated averaging (Liu, He and He 2009, NETS 9:485-503; numbers assumed)."""


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


def remembered(
    behaviour: BehaviourParameters, before: Observation | None, today: Observation, days: int
) -> Observation:
    """Return the traffic that people go by after a day, by the memory of people who draw; others know the last day.

    Parameters
    ----------
    behaviour : BehaviourParameters
    before : Observation or None
        What they went by until then; None on the first day.
    today : Observation
    days : int
        Days so far, this one included.
    """
    if before is None or behaviour.departure_choice != "logit" or behaviour.averages:
        return today
    memory = (days - 1) / days if behaviour.memory == "msa" else behaviour.memory
    return mean_observation([before, today], [memory, 1.0 - memory])


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
    averages : SuccessiveAverages
        What people remember of days (successive averages).
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
    averages: SuccessiveAverages = field(default_factory=SuccessiveAverages)
    known: _KnownCosts | None = None

    def next_departures(
        self, chosen_departure_s: FloatArray, traffic: Observation, today: ChoiceVariates
    ) -> FloatArray:
        """Return when everybody would leave on the next day by themselves.

        People who follow advice look at each day as all others do.

        Parameters
        ----------
        chosen_departure_s : ndarray of float, shape (commuters,)
            Departure that each would take if they learned nothing, seconds after midnight.
        traffic : Observation
            As experienced: of the day before, or of all days (logit with a share that does not fall).
        today : ChoiceVariates
            Chance of the day that is decided for.
        """
        rule = self.behaviour.departure_choice
        able = np.flatnonzero(self.population.journeys.rides & self.population.is_first)
        if rule == "habitual" or not len(able):
            return chosen_departure_s
        everybody = rule == "re_equilibrating" or self.behaviour.averages
        who = able if everybody else self._reconsidering(able, chosen_departure_s, today)
        if not len(who):
            return chosen_departure_s
        costs = self._costs(traffic, who, chosen_departure_s)
        candidates = costs.candidates
        if self.behaviour.averages:
            column = self._by_averages(costs, chosen_departure_s, today)
        elif rule == "logit":
            column = self._by_logit(costs, today)
        elif rule == "re_equilibrating":
            column = self._by_gain(costs, chosen_departure_s, today)
        else:
            column = costs.own_min.argmin(axis=1)
        moves = column >= 0
        after_s = chosen_departure_s.copy()
        after_s[who[moves]] = self._moments(candidates, chosen_departure_s)[moves, column[moves]]
        return after_s

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
        now_min = taken_min(costs.own_min, self._column_now(costs, chosen_departure_s))
        if self.behaviour.patience_s is None:
            # People are kept from windows after the last vehicle by more than they pay once they have missed it
            # (test_the_gap_is_that_of_moments_of_ones_own); where people give up costs are what they pay anyhow.
            option, unserved_min = self.population.journeys.option[able], self.preferences.unserved_penalty_s / 60.0
            missed = lost_share_at(self.forecaster, traffic, option, chosen_departure_s[able]) >= 1.0
            now_min = np.where(missed, np.minimum(now_min, unserved_min), now_min)
        placed = np.isfinite(now_min)
        paid_min = float(now_min[placed].sum())
        if paid_min <= 0.0:
            return 0.0 if placed.any() else float("nan")
        least_min = np.minimum(costs.own_min.min(axis=1), now_min)
        return float((now_min - least_min)[placed].sum()) / paid_min

    def _costs(self, traffic: Observation, who: IntArray, chosen_departure_s: FloatArray) -> WindowCosts:
        """Cost the candidates of some commuters, or return what was found last for the same."""
        known = self.known
        if known is not None and known.answers(traffic, who, chosen_departure_s):
            return known.costs
        candidates = candidate_windows(self.population, who, self.forecaster)
        everything = self.population, self.preferences, self.forecaster, traffic, candidates, chosen_departure_s
        moment_s = self._moments(candidates, chosen_departure_s)
        keep: Kept = "queues" if self.behaviour.averages else "windows"
        costs = window_costs(*everything, keep=keep, moment_s=moment_s)
        self.known = _KnownCosts(traffic, chosen_departure_s, costs)
        return costs

    def _moments(self, candidates: CandidateWindows, chosen_departure_s: FloatArray) -> FloatArray:
        """Return when each would leave in each candidate: as now, as by habit, or at their own place in it.

        What people expect of a window must be of the moment at which they would leave in it, or they change for gains
        that are only rounding; and whoever goes back to the window of their habit must find their habit there.
        """
        who, window_s = candidates.commuter, self.forecaster.window_s
        moment_s = in_window(candidates.window, window_s, self.lasting.place_in_window[who][:, None])
        for known_s in (self.population.habitual_departure_s[who], chosen_departure_s[who]):
            moment_s = np.where(candidates.window == window_of(known_s, window_s)[:, None], known_s[:, None], moment_s)
        return moment_s

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

    def _by_averages(self, costs: WindowCosts, chosen_departure_s: FloatArray, today: ChoiceVariates) -> IntArray:
        """Draw the commuters who change, and their new candidates, by successive averages."""
        who, own_min = costs.candidates.commuter, costs.own_min
        now = self._column_now(costs, chosen_departure_s)
        shares = self.averages.shares(own_min, now, self.behaviour, today.day)
        cumulative = np.cumsum(shares, axis=1)
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
        now_min = taken_min(costs.own_min, now)
        with np.errstate(invalid="ignore"):
            gain = now_min[:, None] - costs.own_min
        gain = np.where(np.isfinite(gain) & (gain > LEAST_GAIN_MIN), gain, 0.0)
        self._regulate(gain)
        share = self.step * gain
        total = share.sum(axis=1)
        window = window_of(chosen_departure_s[who], self.forecaster.window_s)
        order = np.lexsort((today.reconsiders.uniform[who], window))
        # Whole people move, and fractions of them add up along the order: of any stretch of it the number that moves is
        # right to a person, whatever the day's offset. Nobody moves twice, as no share is above 1
        # (test_as_many_move_to_each_window_as_gain_by_it).
        passed = np.floor(np.cumsum(np.minimum(total, 1.0)[order]) + today.rounding)
        moves = order[np.diff(passed, prepend=np.floor(today.rounding)) > 0]
        group = group_rows(self.population.journeys.option[who[moves]], window[moves])
        coin = today.departure.within(group, who[moves])
        chance = np.cumsum(share[moves] / total[moves, None], axis=1)
        target = np.full(len(who), -1, dtype=np.int64)
        target[moves] = (coin[:, None] > chance / chance[:, -1:]).sum(axis=1)
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

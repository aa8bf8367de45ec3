"""How commuters who are not advised, or do not follow, change their departures from day to day.

Whoever changes leaves in another departure window. Draws are spread evenly within groups of
people in the same situation, so that a share of them is met to a person and the process has
little noise of its own.

None of the rules is sure to settle everywhere. Where services are timetabled they do; at a
bottleneck with a common wish they go on swinging around the equilibrium, which is a property of
the process and not of its noise (Iryo 2008, J. Adv. Transp. 42:333-358, to be confirmed).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.model.parameters import BehaviourParameters, PreferenceParameters
from sim.population.commuters import Population
from sim.population.departures import move_into
from sim.population.expectation import Expecter
from sim.population.journeys import logit_shares
from sim.population.observation import Observation
from sim.population.strata import even_uniform, group_rows
from sim.population.windows import WindowCosts, candidate_windows, window_costs, window_of
from sim.randomness import Purpose, Streams
from sim.units import BoolArray, FloatArray, IntArray

LEAST_GAIN_MIN = 1e-6
"""Gains below this are rounding errors of costs."""

FIRST_SHARE = 0.5
GROWTH = 1.5
SLOW_SHARE = 0.7
"""A re-equilibrating population moves at first so that at most half of anybody's group moves (assumed). The
step grows by half on a day that left more than 70 % of all gains and halves where gains grew, the rule of
self-regulated averaging (Liu, He and He 2009, NETS 9:485-503; numbers assumed)."""


@dataclass
class Learners:
    """A population that learns by one rule; keeps what it needs from day to day.

    Attributes
    ----------
    population : Population
    expecter : Expecter
    preferences : PreferenceParameters
    behaviour : BehaviourParameters
    streams : Streams
    step : float
        Share that moves per minute gained (re_equilibrating); 0 before the first day.
    gain_before_min : float
        What all could have gained the day before.
    """

    population: Population
    expecter: Expecter
    preferences: PreferenceParameters
    behaviour: BehaviourParameters
    streams: Streams
    step: float = 0.0
    gain_before_min: float = np.inf

    def next_departures(self, current_s: FloatArray, learner: BoolArray, traffic: Observation, day: int) -> FloatArray:
        """Return the departures of the next day.

        Parameters
        ----------
        current_s : ndarray of float, shape (commuters,)
            Departure that each would take if he learned nothing, seconds after midnight.
        learner : ndarray of bool, shape (commuters,)
            Who decides for himself.
        traffic : Observation
            As experienced: of the day before, or of all days (logit).
        day : int
            Day that is decided for.
        """
        rule = self.behaviour.departure_choice
        able = np.flatnonzero(learner & self.population.journeys.rides)
        if rule == "habitual" or not len(able):
            return current_s
        who = able if rule == "re_equilibrating" else self._reconsidering(able, current_s, day)
        if not len(who):
            return current_s
        candidates = candidate_windows(self.population, who, self.expecter.window_s)
        costs = window_costs(self.population, self.preferences, self.expecter, traffic, candidates, current_s)
        if rule == "logit":
            column = self._by_logit(costs, day)
        elif rule == "re_equilibrating":
            column = self._by_gain(costs, current_s, day)
        else:
            column = costs.own_min.argmin(axis=1)
        window = np.full(len(self.population), -1, dtype=np.int64)
        chosen = candidates.window[np.arange(len(who)), np.maximum(column, 0)]
        window[who] = np.where(column >= 0, chosen, -1)
        return move_into(self.population, current_s, window, self.expecter.window_s, self.streams)

    def _reconsidering(self, able: IntArray, current_s: FloatArray, day: int) -> IntArray:
        """Return who thinks again today, a share of those in each window."""
        rule = self.behaviour.departure_choice
        share = 1.0 / (day + 1) if rule == "msa" else self.behaviour.reconsider_share
        option = self.population.journeys.option[able]
        group = group_rows(option, window_of(current_s[able], self.expecter.window_s))
        coin = even_uniform(self.streams, Purpose.RECONSIDER, self.population.key[able], group, day)
        return able[coin < share]

    def _by_logit(self, costs: WindowCosts, day: int) -> IntArray:
        """Draw a candidate for each by logit (McFadden 1974)."""
        who = costs.candidates.commuter
        cumulative = np.cumsum(logit_shares(costs.own_min, self.behaviour.logit_scale), axis=1)
        group = group_rows(self.population.journeys.option[who])
        coin = even_uniform(self.streams, Purpose.DEPARTURE_CHOICE, self.population.key[who], group, day)
        last = costs.own_min.shape[1] - 1
        column: IntArray = np.minimum((coin[:, None] > cumulative).sum(axis=1), last).astype(np.int64)
        return column

    def _by_gain(self, costs: WindowCosts, current_s: FloatArray, day: int) -> IntArray:
        """Move to each cheaper window in proportion to the gain (Smith 1984, Transp. Sci. 18:245-252)."""
        who = costs.candidates.commuter
        rows = np.arange(len(who))
        now = window_of(current_s[who], self.expecter.window_s) - costs.candidates.window[:, 0]
        inside = (now >= 0) & (now < costs.own_min.shape[1])
        now_min = np.where(inside, costs.own_min[rows, np.where(inside, now, 0)], np.inf)
        with np.errstate(invalid="ignore"):
            gain = now_min[:, None] - costs.own_min
        gain = np.where(np.isfinite(gain) & (gain > LEAST_GAIN_MIN), gain, 0.0)
        self._regulate(gain)
        row, column = np.nonzero(gain)
        share = self.step * gain[row, column] / np.maximum(self.step * gain.sum(axis=1), 1.0)[row]
        uniform = self.streams.uniform(Purpose.RECONSIDER, self.population.key[who], day)
        order = np.lexsort((uniform[row], column, now[row]))
        offset = float(self.streams.generator(Purpose.DEPARTURE_CHOICE, day).uniform())
        passed = np.floor(np.cumsum(share[order]) + offset)
        moves = order[np.diff(passed, prepend=np.floor(offset)) > 0]
        target = np.full(len(who), -1, dtype=np.int64)
        target[row[moves]] = column[moves]
        return target

    def _regulate(self, gain: FloatArray) -> None:
        """Set the step of the day by what the last one left to be gained."""
        total_min = float(gain.max(axis=1).sum())
        if self.step == 0.0 and total_min > 0:
            self.step = FIRST_SHARE / float(gain.sum(axis=1).max())
        elif total_min > self.gain_before_min:
            self.step /= 2.0
        elif total_min > SLOW_SHARE * self.gain_before_min:
            self.step *= GROWTH
        self.gain_before_min = total_min

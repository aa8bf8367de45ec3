"""What a saving against days without advice consists of: a vehicle met better, a wish met better, less congestion.

Three days are set beside each other for everybody who leaves at another time than under `none`: their day under
`none`, the same day had they alone left when they do now, and their day under the strategy. The step from the first to
the second is their own doing, on vehicles and queues that stay as they were (`sim.population.traced_journeys`), and
falls into the parts of a generalized cost. The step from the second to the third is what all others changed. For those
who leave as under `none` there is only the latter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.outcome import Outcome
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.schedule_cost import schedule_cost_min
from sim.population.traced_journeys import DayTraffic, TracedRides, visits_ridden
from sim.population.waits import WaitingSets
from sim.records.day import DayRecords
from sim.records.saving import SavingParts


@dataclass(frozen=True)
class UnadvisedDay:
    """A day under `none` that others are set beside.

    Attributes
    ----------
    traffic : DayTraffic
    own_crowding_s : ndarray of float, shape (visits,)
        What one more rider adds to the crowding that they meet themselves, from each visit to the next
        (`sim.population.crowding.own_crowding_s`).
    departure_s, cost_min, fare_min : ndarray of float, shape (commuters,)
        When each left, what they paid, and the fare in it.
    arrived : ndarray of bool, shape (commuters,)
    """

    traffic: DayTraffic
    own_crowding_s: FloatArray
    departure_s: FloatArray
    cost_min: FloatArray
    fare_min: FloatArray
    arrived: BoolArray


@dataclass(frozen=True)
class SavingRules:
    """What is the same on all days of a replication.

    Attributes
    ----------
    population : Population
    options : JourneyOptions
    waiting : WaitingSets
        Of the legs of these options.
    preferences : PreferenceParameters
    """

    population: Population
    options: JourneyOptions
    waiting: WaitingSets
    preferences: PreferenceParameters

    def parts(self, none: UnadvisedDay, records: DayRecords, cost_min: FloatArray, fare_min: FloatArray) -> SavingParts:
        """Split what everybody saves on a day against the same day under `none`.

        Where somebody does not arrive on one of the three days all of the saving counts as relief, but for the fare.

        Parameters
        ----------
        none : UnadvisedDay
        records : DayRecords
            Of the day under the strategy.
        cost_min, fare_min : ndarray of float, shape (commuters,)
            What everybody paid on it, and the fare in it.
        """
        timing_min, wish_min, avoided_min = np.zeros((3, len(cost_min)))
        moved = (records.departure_s != none.departure_s) & (self.population.journeys.option >= 0)
        who = np.flatnonzero(moved & none.arrived & (records.outcome == Outcome.ARRIVED))
        then, now = (self._rides(none, who, leave_s) for leave_s in (none.departure_s, records.departure_s))
        known = np.isfinite(then.arrival_s) & np.isfinite(now.arrival_s)
        wait_weight = self.preferences.wait_weight / 60.0
        timing_min[who] = np.where(known, wait_weight * (then.coming_s - now.coming_s), 0.0)
        wish_min[who] = np.where(known, self._schedule_min(who, then) - self._schedule_min(who, now), 0.0)
        congestion = [self._congestion_min(none, rides) for rides in (then, now)]
        # Vehicles that somebody did not take are without them in what was seen, and with them had they come. What they
        # bring along themselves is no congestion that others relieve them of
        # (test_somebody_who_moves_alone_has_no_part_in_relief).
        congestion[1] += self._brought_along_min(none, then, now)
        avoided_min[who] = np.where(known, congestion[0] - congestion[1], 0.0)
        saved_fare_min = none.fare_min - fare_min
        saved_min = none.cost_min - cost_min - saved_fare_min
        relieved_min = saved_min - (timing_min + wish_min + avoided_min)
        return SavingParts(timing_min, wish_min, avoided_min, relieved_min, saved_fare_min)

    def _rides(self, none: UnadvisedDay, who: IntArray, leave_s: FloatArray) -> TracedRides:
        option = self.population.journeys.option[who]
        return none.traffic.rides(self.options, self.waiting, option, leave_s[who])

    def _schedule_min(self, who: IntArray, rides: TracedRides) -> FloatArray:
        people = self.population
        factors = people.traits.early_factor[who], people.traits.late_factor[who]
        return schedule_cost_min(self.preferences, rides.arrival_s, people.preferred_arrival_s[who], *factors)

    def _congestion_min(self, none: UnadvisedDay, rides: TracedRides) -> FloatArray:
        """Return all of the cost but the wait for a first vehicle and being early or late, in minutes."""
        travel_min = none.traffic.travel_min(self.preferences, rides)
        return travel_min - self.preferences.wait_weight * rides.coming_s / 60.0

    def _brought_along_min(self, none: UnadvisedDay, then: TracedRides, now: TracedRides) -> FloatArray:
        """Return what people would pay for the crowding that they add to vehicles they did not take, in minutes."""
        visits = len(none.own_crowding_s)
        taken, (ride, visit) = visits_ridden(then.board, then.alight), visits_ridden(now.board, now.alight)
        person = now.person[ride]
        was_there = np.isin(person * visits + visit, then.person[taken[0]] * visits + taken[1])
        begins = visit == now.board[ride]
        there = np.where(begins, now.first_share[ride], 1.0)
        added_s = np.where(was_there, 0.0, there * none.own_crowding_s[visit])
        total_s: FloatArray = np.bincount(person, added_s, len(now.arrival_s))
        return self.preferences.in_vehicle_weight * total_s / 60.0

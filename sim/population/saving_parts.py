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
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service
from sim.population.boardings import Boardings
from sim.population.commuters import Population
from sim.population.crowding import own_crowding_s
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
    departure_s, arrival_s, cost_min, fare_min : ndarray of float, shape (commuters,)
        When each left and arrived, NaN for whoever did not; what they paid, and the fare in it.
    left_behind : ndarray of bool, shape (commuters,)
        Whether a full vehicle did not take them.
    """

    traffic: DayTraffic
    own_crowding_s: FloatArray
    departure_s: FloatArray
    arrival_s: FloatArray
    cost_min: FloatArray
    fare_min: FloatArray
    left_behind: BoolArray

    @classmethod
    def of(
        cls,
        service: Service,
        preferences: PreferenceParameters,
        day: DayRecords,
        boardings: Boardings,
        costs_min: tuple[FloatArray, FloatArray],
    ) -> UnadvisedDay:
        """Take it from the records of the day, what was seen of its boardings, what each paid and the fare in it."""
        traffic = DayTraffic.of(service, preferences, day, boardings)
        crowding_s = own_crowding_s(service, preferences.crowding, day)
        return cls(traffic, crowding_s, day.departure_s, day.arrival_s, *costs_min, day.denied_boardings > 0)


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

        Whoever does not arrive, and was left behind by no full vehicle, met none that takes them there: what another
        departure changes of that is timing, but for being early or late. Otherwise not arriving is congestion.

        Parameters
        ----------
        none : UnadvisedDay
        records : DayRecords
            Of the day under the strategy.
        cost_min, fare_min : ndarray of float, shape (commuters,)
            What everybody paid on it, and the fare in it.
        """
        timing_min, wish_min, avoided_min = np.zeros((3, len(cost_min)))
        who = np.flatnonzero((records.departure_s != none.departure_s) & (self.population.journeys.option >= 0))
        then, now = (self._rides(none, who, leave_s) for leave_s in (none.departure_s, records.departure_s))
        paid_min, arrival_s = self._as_it_was(none, who, then)
        # Vehicles that somebody did not take are without them in what was seen, and with them had they come. What they
        # bring along themselves is no congestion that others relieve them of
        # (test_somebody_who_moves_alone_has_no_part_in_relief).
        own_min = paid_min - self._followed_min(none, who, now) - self._brought_along_min(none, then, now)
        wish_min[who] = self._schedule_min(who, arrival_s) - self._schedule_min(who, now.arrival_s)
        # Nobody relieves people of coming after the last vehicle, or to one that passes their stop
        # (test_whoever_comes_after_the_last_vehicle_is_relieved_by_nobody).
        met_none = np.isnan(arrival_s) & ~none.left_behind[who] | np.isnan(now.arrival_s) & ~now.left_behind
        waits_less_min = self.preferences.wait_weight * (then.coming_s - now.coming_s) / 60.0
        timing_min[who] = np.where(met_none, own_min - wish_min[who], waits_less_min)
        avoided_min[who] = own_min - wish_min[who] - timing_min[who]
        saved_fare_min = none.fare_min - fare_min
        saved_min = none.cost_min - cost_min - saved_fare_min
        relieved_min = saved_min - (timing_min + wish_min + avoided_min)
        return SavingParts(timing_min, wish_min, avoided_min, relieved_min, saved_fare_min)

    def _rides(self, none: UnadvisedDay, who: IntArray, leave_s: FloatArray) -> TracedRides:
        option = self.population.journeys.option[who]
        return none.traffic.rides(self.options, self.waiting, option, leave_s[who])

    def _as_it_was(self, none: UnadvisedDay, who: IntArray, then: TracedRides) -> tuple[FloatArray, FloatArray]:
        """Return what people pay who leave as they did, but for the fare, and when they arrive.

        It is that of the journey on which they are followed where they arrive by it, and did. Otherwise it is what they
        paid, and when they arrived, if they did.
        """
        arrived_s, paid_min = none.arrival_s[who], (none.cost_min - none.fare_min)[who]
        as_followed = np.isfinite(then.arrival_s) & np.isfinite(arrived_s)
        own_min = np.where(as_followed, self._followed_min(none, who, then), paid_min)
        return own_min, np.where(as_followed, then.arrival_s, arrived_s)

    def _followed_min(self, none: UnadvisedDay, who: IntArray, rides: TracedRides) -> FloatArray:
        """Return what journeys cost on which people are followed, but for the fare."""
        return none.traffic.travel_min(self.preferences, rides) + self._schedule_min(who, rides.arrival_s)

    def _schedule_min(self, who: IntArray, arrival_s: FloatArray) -> FloatArray:
        """Return what being early or late costs; nothing for whoever does not arrive."""
        people = self.population
        factors = people.traits.early_factor[who], people.traits.late_factor[who]
        cost_min = schedule_cost_min(self.preferences, arrival_s, people.preferred_arrival_s[who], *factors)
        return np.where(np.isfinite(arrival_s), cost_min, 0.0)

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

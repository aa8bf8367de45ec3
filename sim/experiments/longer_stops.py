"""How much longer vehicles stand where one more person gets in and out, and what that costs whoever rides or waits.

The delay is followed from stop to stop of a trip. Where a vehicle stands for longer than its passengers need, as where
it is held, it makes up for it (test_a_vehicle_that_is_held_makes_up_for_whoever_boards). Beyond the end of a trip it is
not followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.engine import DwellKind, VehicleTypes, dwells_s, vehicle_types
from sim.model.scenario import Scenario
from sim.population.crowding import mean_multiplier
from sim.population.observation import VisitFacts, is_full
from sim.units import TICKS_PER_S

_CAUGHT_WITHIN_S = 60.0
"""Those who come too late for a vehicle by no more than this tell how many would catch it if it were a little later:
too few come within the seconds of a delay (assumed)."""


@dataclass(frozen=True)
class LongerStops:
    """Vehicles of a day that may stand for one person more.

    Attributes
    ----------
    scenario : Scenario
    visit_point : ndarray of int, shape (visits,)
        Service point of each visit.
    facts : VisitFacts
        Of the day.
    """

    scenario: Scenario
    visit_point: IntArray
    facts: VisitFacts

    def others_min(self, board: IntArray, alight: IntArray) -> FloatArray:
        """Return what rides of people who are not there would cost others by delays, in minutes, shape (rides,).

        Whoever is on board rides for longer, and whoever waits further on waits for longer; others catch a vehicle that
        they miss otherwise. Where people come at any time and headways are even, no wait grows on average by that
        (test_where_people_come_at_any_time_a_delay_costs_those_on_board_alone). What people lose who get out behind one
        person more is left out: the time that this person needs.

        Parameters
        ----------
        board, alight : ndarray of int, shape (rides,)
            Visits at which they begin and end.
        """
        paid_s = np.zeros(len(board))
        # Whoever boards a full vehicle takes the place of somebody who would have boarded as well.
        on = np.flatnonzero(~is_full(self.facts)[board])
        if not len(on) or not self._depends_on_passengers:
            return paid_s
        ends, is_last = self.scenario.service.runs.ends, self.facts.is_last
        last = ends[np.searchsorted(ends, board)]
        visit, late_s = board.copy(), np.zeros(len(board))
        while len(on):
            at, comes_late_s = visit[on], late_s[on]
            paid_s[on] += comes_late_s * self._waiting_weight[at]
            leaves_late_s = self._leaves_late_s(at, comes_late_s, (at - board[on], at - alight[on]))
            leaves_late_s[is_last[at]] = 0.0
            paid_s[on] += (leaves_late_s - comes_late_s) * self._riding_weight[at]
            late_s[on], visit[on] = leaves_late_s, at + 1
            on = on[(at < last[on]) & ((leaves_late_s > 0.0) | (at < alight[on]))]
        return paid_s / 60.0

    def _leaves_late_s(self, visit: IntArray, comes_late_s: FloatArray, since: tuple[IntArray, IntArray]) -> FloatArray:
        """Return how much later vehicles leave than on the day, shape (rides,).

        Parameters
        ----------
        visit : ndarray of int, shape (rides,)
        comes_late_s : ndarray of float, shape (rides,)
        since : tuple of ndarray of int, shape (rides,)
            How many visits ago somebody more has boarded, and is to have got out.
        """
        facts, boardings, (boarded, gone) = self.facts, self._boardings, since
        load, more = facts.load[visit], (gone < 0).astype(np.int64)
        alightings = np.maximum(self._came_with[visit] + boardings[visit] - load, 0)
        needed_s = self._dwells_s(visit, load, boardings[visit], alightings)
        longer_s = self._dwells_s(visit, load + more, boardings[visit] + (boarded == 0), alightings + (gone == 0))
        spare_s = facts.departure_s[visit] - facts.arrival_s[visit] - needed_s
        # A rest of the clock's tick is none.
        spare_s = np.where(spare_s > 1.0 / TICKS_PER_S, spare_s, 0.0)
        return np.maximum(comes_late_s + longer_s - needed_s - spare_s, 0.0)

    def _dwells_s(self, visit: IntArray, load: IntArray, boardings: IntArray, alightings: IntArray) -> FloatArray:
        kind = self.scenario.service.trip_vehicle_type[self.scenario.service.visit_trip[visit]]
        return dwells_s(self._types, kind, load, boardings, alightings)

    @cached_property
    def _types(self) -> VehicleTypes:
        return vehicle_types(self.scenario.service.vehicle_types, self.scenario.parameters.service.no_dwell)

    @property
    def _depends_on_passengers(self) -> bool:
        """Whether any vehicle stands for longer the more get in and out."""
        return not bool(np.isin(self._types.dwell_rule, (DwellKind.CONSTANT, DwellKind.HEADWAY)).all())

    @cached_property
    def _boardings(self) -> IntArray:
        return np.bincount(self.facts.boarding_visit, minlength=len(self.facts.load)).astype(np.int64)

    @cached_property
    def _came_with(self) -> IntArray:
        """How many each vehicle brings to each stop, shape (visits,)."""
        came: IntArray = np.append(0, self.facts.load[:-1])
        came[self.scenario.service.visit_ptr[:-1]] = 0
        return came

    @cached_property
    def _riding_weight(self) -> FloatArray:
        """What it costs those on board when each vehicle has left if they ride a second longer, shape (visits,)."""
        preferences, load = self.scenario.parameters.preferences, self.facts.load
        felt: FloatArray = load * mean_multiplier(self.scenario.service, preferences.crowding, load)
        return preferences.in_vehicle_weight * felt

    @cached_property
    def _waiting_weight(self) -> FloatArray:
        """What it costs those who wait for each vehicle if it comes a second later, shape (visits,).

        Less what whoever comes too late saves by the chance to catch it.
        """
        weight: FloatArray = self.scenario.parameters.preferences.wait_weight * (self._boardings - self._caught())
        return weight

    def _caught(self) -> FloatArray:
        """Return the seconds that people would not wait for each second that each vehicle comes later."""
        facts = self.facts
        stops = np.flatnonzero(np.isfinite(facts.departure_s) & ~facts.is_last & ~facts.closed)
        order = stops[np.lexsort((facts.arrival_s[stops], self.visit_point[stops]))]
        follows = self.visit_point[order[1:]] == self.visit_point[order[:-1]]
        visit, following = order[:-1][follows], order[1:][follows]
        headway_s = facts.arrival_s[following] - facts.arrival_s[visit]
        takes = (headway_s > 0.0) & ~is_full(facts)[visit]
        visit, following, headway_s = visit[takes], following[takes], headway_s[takes]
        apart_s, joined = facts.boarders
        within_s, from_s = np.minimum(headway_s, _CAUGHT_WITHIN_S), following * apart_s + facts.arrival_s[visit]
        count = np.searchsorted(joined, from_s + within_s, "right") - np.searchsorted(joined, from_s, "right")
        found = np.zeros(len(facts.load))
        found[visit] = count * headway_s / within_s
        return found

"""What the engine reports of one day, as arrays by entity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.arrays import FloatArray, IntArray


@dataclass(frozen=True)
class DayRecords:
    """One simulated day.

    Rides are the rows of the journeys that were given to the engine: every leg of every
    commuter has a row, boarded or not.

    Attributes
    ----------
    departure_s : ndarray of float, shape (commuters,)
    outcome, cause : ndarray of int, shape (commuters,)
        Values of `sim.model.outcome.Outcome` and `Cause`.
    arrival_s : ndarray of float, shape (commuters,)
        NaN where the journey did not end.
    wait_s, in_vehicle_s, walk_s : ndarray of float, shape (commuters,)
        Sums over the journey, up to where it got.
    transfers, denied_boardings : ndarray of int, shape (commuters,)
    ride_commuter, ride_leg : ndarray of int, shape (rides,)
        Commuter and row of the leg table.
    ride_number : ndarray of int, shape (rides,)
        Rides of the journey that were boarded before.
    ride_planned_alight_stop : ndarray of int, shape (rides,)
        Row of the stop where the leg ends.
    ride_wait_from_s, ride_board_s, ride_alight_s : ndarray of float, shape (rides,)
        NaN where it did not happen.
    ride_board_visit, ride_alight_visit : ndarray of int, shape (rides,)
        Rows of visits; -1 where it did not happen.
    visit_arrival_s, visit_departure_s : ndarray of float, shape (visits,)
        NaN where the vehicle did not get so far.
    visit_boardings, visit_alightings, visit_denied, visit_load : ndarray of int, shape (visits,)
        `visit_load` is the departing load.
    visit_holding_s, visit_berth_wait_s : ndarray of float, shape (visits,)
    visit_disruption : ndarray of int, shape (visits,)
        What hindered the vehicle; values of `sim.model.outcome.Disruption`.
    ride_order : ndarray of int, shape (rides,)
        Number of each ride in the trace of the engine.
    denied_ride, denied_visit : ndarray of int, shape (denials,)
        Number of the ride in the trace, and row of the visit.
    """

    departure_s: FloatArray
    outcome: IntArray
    cause: IntArray
    arrival_s: FloatArray
    wait_s: FloatArray
    in_vehicle_s: FloatArray
    walk_s: FloatArray
    transfers: IntArray
    denied_boardings: IntArray
    ride_commuter: IntArray
    ride_leg: IntArray
    ride_number: IntArray
    ride_planned_alight_stop: IntArray
    ride_wait_from_s: FloatArray
    ride_board_s: FloatArray
    ride_alight_s: FloatArray
    ride_board_visit: IntArray
    ride_alight_visit: IntArray
    visit_arrival_s: FloatArray
    visit_departure_s: FloatArray
    visit_boardings: IntArray
    visit_alightings: IntArray
    visit_denied: IntArray
    visit_load: IntArray
    visit_holding_s: FloatArray
    visit_berth_wait_s: FloatArray
    visit_disruption: IntArray
    ride_order: IntArray
    denied_ride: IntArray
    denied_visit: IntArray

    # Behind a bottleneck there are hundreds of denials for each ride, and nobody asks the days of a rehearsal for them.

    @cached_property
    def denied_commuter(self) -> IntArray:
        """Commuter of each denial, shape (denials,)."""
        return self.ride_commuter[self._denied_row]

    @cached_property
    def denied_time_s(self) -> FloatArray:
        """Time of each denial, shape (denials,): when the vehicle came, or the commuter while it stood there."""
        came_s = self.visit_arrival_s[self.denied_visit]
        return np.maximum(self.ride_wait_from_s[self._denied_row], came_s)

    def first_left_s(self) -> FloatArray:
        """When the first of those whom each vehicle left behind had joined; infinite for none, shape (visits,)."""
        first_s = np.full(len(self.visit_denied), np.inf)
        np.minimum.at(first_s, self.denied_visit, self.ride_wait_from_s[self._denied_row])
        return first_s

    @cached_property
    def _denied_row(self) -> IntArray:
        row = np.empty_like(self.ride_order)
        row[self.ride_order] = np.arange(len(row))
        return row[self.denied_ride]

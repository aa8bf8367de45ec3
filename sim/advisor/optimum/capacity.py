"""The room in vehicles from stop to stop, what its crowding costs all on board, and its price."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy

from sim.advisor.optimum.ascent import alike_rooms
from sim.advisor.optimum.convex import convex_below
from sim.advisor.optimum.vehicles import Rides, VehicleRuns
from sim.advisor.optimum.ways import WayRides
from sim.arrays import FloatArray, IntArray
from sim.compiled.loops import loops
from sim.model.crowding import crowding_measure, curve_multipliers
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service, VehicleType
from sim.population.crowding import crowding_multiplier

OVERFULL_MIN = 30.0
"""Price of a ride for each tenth of the room by which averaged loads pass it, in minutes (assumed)."""


@dataclass(frozen=True)
class VehicleCapacity:
    """Rooms, one per visit: the vehicle from there to its next stop.

    Attributes
    ----------
    capacity : ndarray of float, shape (visits,)
    ride_min : ndarray of float, shape (visits,)
        Weighted minutes from stop to stop without crowding.
    kind : ndarray of int, shape (visits,)
        Vehicle type.
    cost : tuple of ndarray of float, shape (loads,)
        By vehicle type and load from 0: what all on board pay together per minute, the largest convex function
        below it.
    is_convex : bool
        Whether `cost` is what they pay, and not only below it.
    stop, next_stop : ndarray of int, shape (visits,)
        Between which the room is.
    starts_s : ndarray of float, shape (visits,)
        When the vehicle is there, seconds after midnight.
    """

    capacity: FloatArray
    ride_min: FloatArray
    kind: IntArray
    cost: tuple[FloatArray, ...]
    is_convex: bool
    stop: IntArray
    next_stop: IntArray
    starts_s: FloatArray

    @classmethod
    def of(
        cls, service: Service, vehicles: VehicleRuns, preferences: PreferenceParameters, people: int
    ) -> VehicleCapacity:
        """Measure the room of the vehicles of a day.

        Parameters
        ----------
        service : Service
        vehicles : VehicleRuns
        preferences : PreferenceParameters
        people : int
            As many as there are; nothing is fuller.
        """
        kind = service.trip_vehicle_type[service.visit_trip]
        most = [min(vehicle.capacity, max(people, 1)) for vehicle in service.vehicle_types]
        paid = [_cost(vehicle, preferences, top) for vehicle, top in zip(service.vehicle_types, most, strict=True)]
        below = [convex_below(cost) for cost in paid]
        stop = service.visit_stop
        return cls(
            capacity=np.array(most, dtype=np.float64)[kind],
            ride_min=preferences.in_vehicle_weight * vehicles.to_next_s / 60.0,
            kind=kind,
            cost=tuple(below),
            is_convex=all(np.allclose(low, cost) for low, cost in zip(below, paid, strict=True)),
            stop=stop,
            next_stop=np.append(stop[1:], stop[-1:]),
            starts_s=vehicles.arrival_s,
        )

    @cached_property
    def alike(self) -> tuple[IntArray, ...]:
        """Groups of rooms whose prices are moved together; worked out where they are, and not for every bound."""
        return alike_rooms(self.stop, self.next_stop, self.starts_s)

    def least_multiplier(self) -> float:
        """Return the least that a minute on board counts for, whoever else is there."""
        return min((float(cost[1]) for cost in self.cost), default=0.0)

    def empty_price(self) -> FloatArray:
        """Return what one rider alone pays in each room, in minutes."""
        return self.price(np.zeros(len(self.kind)))

    def price(self, load: FloatArray) -> FloatArray:
        """Return what one more rider costs all on board, and a toll on loads beyond the room, in minutes."""
        slope, _ = self.tangent(np.arange(len(self.kind)), np.minimum(load, self.capacity))
        over = np.maximum(load - self.capacity, 0.0) / self.capacity
        return slope + OVERFULL_MIN * 10.0 * over

    def tangent(self, rows: IntArray, load: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return slope and value of the cost of rooms at loads, in minutes."""
        slope, value = np.zeros(len(rows)), np.zeros(len(rows))
        for number, cost in enumerate(self.cost):
            mine = self.kind[rows] == number
            low = np.clip(np.floor(load[mine] + 1e-9), 0, len(cost) - 2).astype(np.int64)
            step = cost[low + 1] - cost[low]
            slope[mine] = step
            value[mine] = cost[low] + step * (load[mine] - low)
        return slope * self.ride_min[rows], value * self.ride_min[rows]

    def tangent_loads(self, rows: IntArray) -> list[FloatArray]:
        """Return loads at which tangents are a first picture of the cost."""
        if all(len(np.unique(np.diff(cost).round(12))) == 1 for cost in self.cost):
            return [np.zeros(len(rows))]
        return [share * self.capacity[rows] for share in (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.99)]

    def least(self, price: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return the least cost of each room less its price times its load, over all loads, and the load it is at.

        Parameters
        ----------
        price : ndarray of float, shape (rooms,)

        Returns
        -------
        least_min : ndarray of float, shape (rooms,)
        load : ndarray of int, shape (rooms,)
        """
        library = loops()
        if library is None:
            return self.least_by_numpy(price)
        least_min, load = np.empty(len(price)), np.empty(len(price), dtype=np.int64)
        library.peakshift_rooms_least(len(price), self.kind, self.ride_min, *self._curves, price, load, least_min)
        return least_min, load

    def least_by_numpy(self, price: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return what `least` does, without the compiled loop, which gives the same bits."""
        least_min, load = np.zeros(len(price)), np.zeros(len(price), dtype=np.int64)
        for number, cost in enumerate(self.cost):
            mine = np.flatnonzero(self.kind == number)
            ride = self.ride_min[mine]
            per_minute = np.divide(price[mine], ride, out=np.full(len(mine), np.inf), where=ride > 0)
            at = np.searchsorted(np.diff(cost), per_minute)
            at[(ride <= 0) & (price[mine] <= 0)] = 0
            load[mine], least_min[mine] = at, ride * cost[at] - price[mine] * at
        return least_min, load

    @cached_property
    def _curves(self) -> tuple[IntArray, FloatArray, FloatArray]:
        """Where the costs of each vehicle type begin, these one after the other, and by how much each load adds."""
        ptr = np.concatenate([[0], np.cumsum([len(cost) for cost in self.cost])]).astype(np.int64)
        steps = [np.append(np.diff(cost), np.inf) for cost in self.cost]
        return ptr, np.concatenate([*self.cost, []]), np.concatenate([*steps, []])

    def toll(self, price: FloatArray, rides: Rides | WayRides) -> FloatArray:
        """Return the price of each ride in minutes."""
        since = prices_up_to(price)
        toll: FloatArray = since[rides.alight] - since[rides.board]
        return toll

    def load(self, rides: Rides, chosen: IntArray, count: FloatArray) -> FloatArray:
        """Return the riders in each room if rides are chosen by so many."""
        visits = len(self.kind) + 1
        change = np.bincount(rides.board[chosen], count, visits) - np.bincount(rides.alight[chosen], count, visits)
        return np.cumsum(change)[:-1]

    def incidence(self, rides: Rides, chosen: IntArray) -> tuple[scipy.sparse.csr_array, IntArray]:
        """Return which ride uses which room, shape (chosen, used rooms), and the rooms used."""
        hops = rides.alight[chosen] - rides.board[chosen]
        row = np.repeat(np.arange(len(chosen)), hops)
        place = np.arange(len(row)) - np.repeat(np.cumsum(hops) - hops, hops)
        used, column = np.unique(rides.board[chosen][row] + place, return_inverse=True)
        matrix = scipy.sparse.csr_array((np.ones(len(row)), (row, column.reshape(-1))), shape=(len(chosen), len(used)))
        return matrix, used.astype(np.int64)


def prices_up_to(price: FloatArray) -> FloatArray:
    """Return what all rooms before each cost together, shape (visits + 1,): a ride pays the difference of two."""
    return np.concatenate([[0.0], np.cumsum(price)])


def _cost(vehicle: VehicleType, preferences: PreferenceParameters, most: int) -> FloatArray:
    """Return what riders pay together for a minute, by their number from 0."""
    crowding, load = preferences.crowding, np.arange(most + 1, dtype=np.float64)
    if crowding.kind == "seated_standing":
        curve = crowding.seated_standing()
        seats, area = np.full(len(load), float(vehicle.seats)), np.full(len(load), vehicle.standing_area_m2)
        seated, standing = curve_multipliers(curve, crowding_measure(curve.measure, load, seats, area))
        sitting = np.minimum(load, vehicle.seats)
        return np.asarray(sitting * seated + (load - sitting) * standing, dtype=np.float64)
    return load * crowding_multiplier(crowding, load / vehicle.capacity)

"""Queues of one draw at prices of room, and what people pay from them on.

Whoever joins a queue takes the cheapest ride of all vehicles that come from then on, prices and all that follows
included. The compiled loops do what `Levels` does operation by operation, and give the same bits
(tests/unit/test_advisor_window_costs.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.paid_by_leaving import PaidByLeaving, least_up_to
from sim.advisor.optimum.ways import NO_QUEUE, OptionQueues, WayRides
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.schedule_cost import schedule_cost_min


@dataclass(frozen=True)
class Draw:
    """One draw: the rides that its vehicles offer, and their room.

    Attributes
    ----------
    rides : WayRides
    room : VehicleCapacity
    takes_all : ndarray of bool, shape (rides,)
        Rides that all people take who wait there: nobody lets them go, however dear, or is left behind. None of
        them where the bound is to hold for every plan; else where a plan has left nobody behind.
    """

    rides: WayRides
    room: VehicleCapacity
    takes_all: BoolArray

    @classmethod
    def of(cls, rides: WayRides, room: VehicleCapacity, left_behind: BoolArray | None = None) -> Draw:
        """Return a draw on which no ride takes all, or those that have done so.

        Parameters
        ----------
        rides : WayRides
        room : VehicleCapacity
        left_behind : ndarray of bool, shape (visits,), or None
            Whether anybody was, under some plan; None where what is found is to hold for every plan.
        """
        if left_behind is None:
            return cls(rides, room, np.zeros(len(rides.board), dtype=np.bool_))
        # A vehicle that is under way when the day ends brings nobody anywhere.
        return cls(rides, room, ~left_behind[rides.board] & np.isfinite(rides.ready_s))


RIDE = np.dtype(
    [("ready_s", "f8"), ("until_s", "f8"), ("free_min", "f8")]
    + [(name, "i4") for name in ("board", "alight", "next_queue", "takes_all")]
)
"""What the compiled loops ask of a ride, beside each other in memory; `Ride` in sim/compiled/loops/foresight.h."""


class PricedQueues:
    """The queues of a draw at one set of prices after the other: what all people who join them share.

    Parameters
    ----------
    draw : Draw
    ways : OptionQueues
    preferences : PreferenceParameters
    give_up : bool
        Whether people who wait lose patience.
    """

    def __init__(self, draw: Draw, ways: OptionQueues, preferences: PreferenceParameters, give_up: bool) -> None:
        self.draw, self.ways, self.preferences, self.give_up = draw, ways, preferences, give_up
        rides = draw.rides
        self.free_min = free_min(rides, preferences)
        self._since_min = np.zeros(len(draw.room.kind) + 1)
        together = np.empty(len(rides.board), dtype=RIDE)
        for name, values in zip(RIDE.names or (), self._of_rides(), strict=True):
            together[name] = values
        # In the order in which sim/compiled/loops/foresight.h asks for them.
        self._arrays = (*(rides.ptr, together, rides.place, rides.gone_s, self._since_min),)

    def taken_min(self, price: FloatArray) -> FloatArray:
        """Return what a ride costs whoever takes it at prices, and the wait since midnight, shape (rides,).

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        """
        return self.free_min + self.draw.room.toll(price, self.draw.rides)

    def at(self, price: FloatArray) -> None:
        """Have the arguments of the compiled loops hold some prices.

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        """
        np.cumsum(price, out=self._since_min[1:])

    def addresses(self) -> list[int]:
        """Return where the arrays are that the compiled loops read; they are there as long as these queues."""
        return [array.ctypes.data for array in self._arrays]

    def weights(self) -> tuple[float, ...]:
        """Return the preferences that the compiled loops want to know, and whether people give up."""
        weights = self.preferences
        return (
            *(weights.early_penalty, weights.late_penalty, weights.late_fixed_penalty_s),
            *(weights.wait_weight, weights.walk_weight, weights.transfer_penalty_s / 60.0),
            *(weights.unserved_penalty_s / 60.0, int(self.give_up)),
        )

    def _of_rides(self) -> tuple[FloatArray | IntArray | BoolArray, ...]:
        rides = self.draw.rides
        times = rides.ready_s, rides.until_s, self.free_min
        return *times, rides.board, rides.alight, rides.next_queue, self.draw.takes_all


def free_min(rides: WayRides, preferences: PreferenceParameters) -> FloatArray:
    """Return what a ride costs but for the price of its room: the walk after it, and the wait since midnight."""
    found: FloatArray = preferences.walk_weight * rides.walk_s / 60.0 + preferences.wait_weight / 60.0 * rides.comes_s
    return found


class Levels:
    """What some people pay from queues on, less the wait: levels and rides by queue, shape (people, rides) each."""

    def __init__(
        self,
        draw: Draw,
        preferences: PreferenceParameters,
        give_up: bool,
        taken_min: FloatArray,
        wish: tuple[FloatArray, FloatArray, FloatArray],
    ) -> None:
        self.rides, self.takes_all = draw.rides, draw.takes_all
        self.preferences, self.give_up, self.wish = preferences, give_up, wish
        self.weight = preferences.wait_weight / 60.0
        self.taken_min = taken_min
        self.level: dict[int, FloatArray] = {}
        self.ride: dict[int, IntArray] = {}

    def add(self, queue: int) -> None:
        """Work out a queue after all that follow it."""
        rides, preferences = self.rides, self.preferences
        here = np.arange(rides.ptr[queue], rides.ptr[queue + 1])
        then = np.empty((len(self.wish[0]), len(here)))
        for next_queue in np.unique(rides.next_queue[here]).tolist():
            mine = np.flatnonzero(rides.next_queue[here] == next_queue)
            if next_queue == NO_QUEUE:
                wish = (values[:, None] for values in self.wish)
                ready_s = np.broadcast_to(rides.ready_s[here[mine]], (len(then), len(mine)))
                then[:, mine] = schedule_cost_min(preferences, ready_s, *wish)
            else:
                then[:, mine] = np.column_stack([self._then_min(int(at))[0] for at in here[mine]])
        cost = then + self.taken_min[here]
        if len(here):
            self.level[queue], which = least_up_to(cost, self.takes_all[here])
            self.ride[queue] = here[which]
        else:
            self.level[queue], self.ride[queue] = cost, np.zeros(cost.shape, dtype=np.int64)

    def _then_min(self, at: int) -> tuple[FloatArray, BoolArray]:
        """Return what people pay who come from a ride to the next queue, and whether they go on from there."""
        rides, preferences = self.rides, self.preferences
        queue, ready_s = int(rides.next_queue[at]), float(rides.ready_s[at])
        # Whoever is not served has waited until the last vehicle has gone, or until one came that is under way when the
        # day ends, unless they lose patience before.
        wait_s = 0.0 if self.give_up else max(float(rides.gone_s[queue]) - ready_s, 0.0)
        left_behind = np.full(len(self.wish[0]), preferences.unserved_penalty_s / 60.0 + self.weight * wait_s)
        place = int(rides.place[at])
        if place == self.level[queue].shape[1]:
            return left_behind, np.zeros(len(left_behind), dtype=np.bool_)
        boards = self.level[queue][:, place] + preferences.transfer_penalty_s / 60.0 - self.weight * ready_s
        stays = left_behind < boards
        return np.where(stays, left_behind, boards), ~stays

    def after(self, person: int, at: int) -> int:
        """Return the ride that somebody takes after one, -1 for none."""
        queue = int(self.rides.next_queue[at])
        if queue == NO_QUEUE or not self._then_min(at)[1][person]:
            return -1
        return int(self.ride[queue][person, self.rides.place[at]])

    def by_leaving(self, queue: int, earliest_s: FloatArray, walk_s: FloatArray) -> PaidByLeaving:
        """Return what people pay by when they leave for a queue."""
        rides, preferences = self.rides, self.preferences
        until_s = rides.until_s[rides.ptr[queue] : rides.ptr[queue + 1]]
        # Nobody joins before the first step begins, so that the penalty below is not less than it need be.
        first_s = np.minimum(earliest_s, until_s.min(initial=np.inf)) - 1.0
        begins_s = np.column_stack([first_s, np.broadcast_to(until_s, (len(first_s), len(until_s)))])
        # Whoever is not served pays the penalty wherever they left, and waits until the last vehicle has gone, unless
        # they lose patience before: not less than this step, which falls with the wait
        # (test_who_is_not_served_waits_for_the_last_vehicle).
        gone_s = begins_s[:, :-1] if self.give_up else np.maximum(begins_s[:, :-1], rides.gone_s[queue])
        unserved_min = preferences.unserved_penalty_s / 60.0
        otherwise_min = unserved_min + self.weight * gone_s
        level = self.level[queue] + (preferences.walk_weight * walk_s / 60.0)[:, None]
        # Nor is anybody left behind before a ride that takes all.
        takes_all = np.flatnonzero(self.takes_all[rides.ptr[queue] : rides.ptr[queue + 1]])
        may_be_left = np.arange(level.shape[1]) > takes_all.max(initial=-1)
        is_less = (otherwise_min < level) & may_be_left
        ride = np.where(is_less, -1, self.ride[queue])
        return PaidByLeaving(begins_s, np.where(is_less, otherwise_min, level), ride, self.weight, walk_s, unserved_min)

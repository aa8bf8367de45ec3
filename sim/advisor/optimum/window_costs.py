"""What windows cost in one draw, at prices of room: the inner loop of the bound of `foresight`.

Whoever joins a queue takes the cheapest ride of all vehicles that come from then on, prices and all that follows
included. What they pay is a step at each vehicle, less the wait; over a window it is averaged in closed form. The
compiled loops do the same operation by operation, and give the same bits (tests/unit/test_advisor_window_costs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.advisor.optimum.capacity import VehicleCapacity, prices_up_to
from sim.advisor.optimum.paid_by_leaving import PaidByLeaving, least_up_to
from sim.advisor.optimum.ways import NO_QUEUE, OptionQueues, WayRides
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import loops
from sim.model.parameters import PreferenceParameters
from sim.population.minutes import GOLDEN
from sim.population.window_forecast import schedule_cost_min


@dataclass(frozen=True)
class WindowChoices:
    """What people may be told, and when they then leave.

    Attributes
    ----------
    own_s : ndarray of float, shape (people,)
        When they leave without advice, seconds after midnight.
    start_s : ndarray of float, shape (people, windows)
        Starts of windows.
    width_s : float
    open_to : ndarray of bool, shape (people, windows)
        Whether they could be told it.
    follows : ndarray of float, shape (people, windows)
        Chance that they follow; otherwise they leave at `own_s`. 0 as well where the window holds that moment.
    """

    own_s: FloatArray
    start_s: FloatArray
    width_s: float
    open_to: BoolArray
    follows: FloatArray

    def part(self, rows: IntArray) -> WindowChoices:
        """Return those of some people."""
        return WindowChoices(self.own_s[rows], self.start_s[rows], self.width_s, self.open_to[rows], self.follows[rows])


@dataclass(frozen=True)
class Travellers:
    """Those whose ways are known; arrays by person.

    Attributes
    ----------
    number : ndarray of int, shape (people,)
        Each one's own, by which they leave at one place in their window or another.
    option : ndarray of int, shape (people,)
        Row of their option in `OptionQueues`.
    walk_s : ndarray of float, shape (people,)
        To the first queue.
    wish_s : ndarray of float, shape (people,)
        Preferred arrival, seconds after midnight.
    early_factor, late_factor : ndarray of float, shape (people,)
        Multiples of the penalties.
    """

    number: IntArray
    option: IntArray
    walk_s: FloatArray
    wish_s: FloatArray
    early_factor: FloatArray
    late_factor: FloatArray

    def part(self, rows: IntArray) -> Travellers:
        """Return some of them."""
        return Travellers(
            self.number[rows],
            self.option[rows],
            self.walk_s[rows],
            self.wish_s[rows],
            self.early_factor[rows],
            self.late_factor[rows],
        )


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


class PricedWindows:
    """What windows cost in a draw, prepared for one set of prices after the other.

    Parameters
    ----------
    draw : Draw
    number : int
        Of the draw: places in windows differ by draw.
    ways : OptionQueues
    people : Travellers
    choices : WindowChoices
        Of these people.
    preferences : PreferenceParameters
    give_up : bool
        Whether people who wait lose patience.
    """

    def __init__(
        self,
        draw: Draw,
        number: int,
        ways: OptionQueues,
        people: Travellers,
        choices: WindowChoices,
        preferences: PreferenceParameters,
        give_up: bool,
    ) -> None:
        self.draw, self.ways, self.people, self.choices = draw, ways, people, choices
        self.preferences, self.give_up = preferences, give_up
        self.place = (0.5 + GOLDEN * (people.number + number)) % 1.0
        earliest_s = np.minimum(choices.own_s, choices.start_s.min(axis=1, initial=np.inf))
        self.earliest_s = earliest_s + people.walk_s
        self.free_min = free_min(draw.rides, preferences)

    def taken_min(self, price: FloatArray) -> FloatArray:
        """Return what a ride costs whoever takes it at prices, and the wait since midnight, shape (rides,).

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        """
        return self.free_min + self.draw.room.toll(price, self.draw.rides)

    def costs(self, price: FloatArray) -> FloatArray:
        """Return what each choice costs, in minutes, shape (people, 1 + windows); the own moment comes first.

        Infinite for windows that somebody cannot be told.

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        """
        library, choices = loops(), self.choices
        if library is None:
            return self.costs_by_numpy(price)
        cost_min = np.empty((len(self.people.option), choices.start_s.shape[1] + 1))
        library.peakshift_foresight_windows(
            *(*self._queues(price), *choices.start_s.shape, *self._people(), self.earliest_s),
            *(choices.own_s, choices.start_s, choices.follows, choices.open_to, choices.width_s, cost_min),
        )
        return cost_min

    def loads(self, price: FloatArray, chosen: IntArray) -> FloatArray:
        """Return how many ride from each visit to the next where people take some choices, shape (visits,).

        They leave at one place in their window, another one for each person and draw: a direction in which the bound
        rises needs no more.

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        chosen : ndarray of int, shape (people,)
            Column of `costs`.
        """
        library, leave_s = loops(), self._leave_s(chosen)
        if library is None:
            return self.loads_by_numpy(price, leave_s)
        change = np.zeros(len(self.draw.room.kind))
        library.peakshift_foresight_loads(
            *(*self._queues(price), len(leave_s), *self._people(), self.earliest_s),
            *(leave_s, change),
        )
        return np.cumsum(change)

    def _leave_s(self, chosen: IntArray) -> FloatArray:
        """Return when people leave in the windows chosen: there, or at their own moment if they would not follow."""
        choices, rows = self.choices, np.arange(len(chosen))
        window = np.maximum(chosen - 1, 0)
        if not choices.start_s.shape[1]:
            return choices.own_s
        follows = (chosen > 0) & (choices.follows[rows, window] > self.place / 2.0)
        return np.where(follows, choices.start_s[rows, window] + self.place * choices.width_s, choices.own_s)

    def _queues(self, price: FloatArray) -> tuple[Any, ...]:
        """Return what the compiled loops want to know of queues."""
        rides, weights = self.draw.rides, self.preferences
        most = int(np.diff(rides.ptr).max(initial=0)) + 1
        return (
            *(rides.ptr, rides.next_queue, rides.place, rides.board, rides.alight, rides.until_s, rides.ready_s),
            *(rides.gone_s, self.free_min, prices_up_to(price)),
            *(weights.early_penalty, weights.late_penalty, weights.late_fixed_penalty_s),
            *(weights.wait_weight, weights.walk_weight, weights.transfer_penalty_s / 60.0),
            *(weights.unserved_penalty_s / 60.0, int(self.give_up), self.draw.takes_all),
            *(np.empty(len(rides.board)), np.empty(most), np.empty(len(rides.board), dtype=np.int64)),
        )

    def _people(self) -> tuple[Any, ...]:
        people, ways = self.people, self.ways
        return (
            *(people.option, ways.option_ptr, ways.queue),
            *(people.walk_s, people.wish_s, people.early_factor, people.late_factor),
        )

    def costs_by_numpy(self, price: FloatArray) -> FloatArray:
        """Return what `costs` does, without the compiled loops."""
        choices, taken_min = self.choices, self.taken_min(price)
        cost_min = np.empty((len(self.people.option), choices.start_s.shape[1] + 1))
        for option, rows in self._members():
            steps = self._levels(taken_min, option, rows)[1]
            own_min = steps.at(choices.own_s[rows][:, None])
            start_s, follows = choices.start_s[rows], choices.follows[rows]
            cost_min[rows, 0] = own_min[:, 0]
            paid_min = follows * steps.mean(start_s, choices.width_s) + (1.0 - follows) * own_min
            cost_min[rows, 1:] = np.where(choices.open_to[rows], paid_min, np.inf)
        return cost_min

    def loads_by_numpy(self, price: FloatArray, leave_s: FloatArray) -> FloatArray:
        """Return what `loads` does for times of leaving, without the compiled loops."""
        rides, change, taken_min = self.draw.rides, np.zeros(len(self.draw.room.kind)), self.taken_min(price)
        for option, rows in self._members():
            levels, steps = self._levels(taken_min, option, rows)
            ride, number = steps.ride_at(leave_s[rows]), np.arange(len(rows))
            while len(number := number[ride >= 0]):
                ride = ride[ride >= 0]
                np.add.at(change, rides.board[ride], 1.0)
                np.add.at(change, rides.alight[ride], -1.0)
                ride = np.array(
                    [levels.after(int(one), int(at)) for one, at in zip(number, ride, strict=True)], dtype=np.int64
                )
        return np.cumsum(change)

    def _members(self) -> Iterator[tuple[int, IntArray]]:
        """Yield each option with the people who have it."""
        order = np.argsort(self.people.option, kind="stable")
        known, first = np.unique(self.people.option[order], return_index=True)
        yield from zip(known.tolist(), np.split(order, first[1:]), strict=True)

    def _levels(self, taken_min: FloatArray, option: int, rows: IntArray) -> tuple[_Levels, PaidByLeaving]:
        """Return what people of one option pay from each of its queues on, and by when they leave."""
        people, weights = self.people, self.preferences
        wish = people.wish_s[rows], people.early_factor[rows], people.late_factor[rows]
        levels = _Levels(self.draw, weights, self.give_up, taken_min, wish)
        queues = self.ways.queue[self.ways.option_ptr[option] : self.ways.option_ptr[option + 1]].tolist()
        for queue in queues:
            levels.add(queue)
        return levels, levels.by_leaving(queues[-1], self.earliest_s[rows], people.walk_s[rows])

    def by_leaving(self, price: FloatArray, option: int, rows: IntArray) -> PaidByLeaving:
        """Return what some people who have one option pay by when they leave.

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        option : int
            Row in `OptionQueues`.
        rows : ndarray of int
            Of people.
        """
        return self._levels(self.taken_min(price), option, rows)[1]


def free_min(rides: WayRides, preferences: PreferenceParameters) -> FloatArray:
    """Return what a ride costs but for the price of its room: the walk after it, and the wait since midnight."""
    found: FloatArray = preferences.walk_weight * rides.walk_s / 60.0 + preferences.wait_weight / 60.0 * rides.comes_s
    return found


class _Levels:
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
        low = np.searchsorted(until_s, earliest_s, side="left")
        return PaidByLeaving(
            begins_s, low, np.where(is_less, otherwise_min, level), ride, self.weight, walk_s, unserved_min
        )

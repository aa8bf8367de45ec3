"""What windows cost people in one draw, at prices of room: the inner loop of the bound of `foresight`.

Whoever joins a queue takes the cheapest ride of all vehicles that come from then on, prices included. What they pay
is a step at each vehicle, less the wait; over a window it is averaged in closed form. The compiled loop does the same
operation by operation, and gives the same bits (tests/unit/test_advisor_window_costs.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.vehicles import Rides, VehicleRuns
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


@dataclass(frozen=True)
class Travellers:
    """Those whose option is a single ride; arrays by person.

    Attributes
    ----------
    option : ndarray of int, shape (people,)
    walk_s, egress_s : ndarray of float, shape (people,)
        To the stop, and from the last one.
    wish_s : ndarray of float, shape (people,)
        Preferred arrival, seconds after midnight.
    early_factor, late_factor : ndarray of float, shape (people,)
        Multiples of the penalties.
    """

    option: IntArray
    walk_s: FloatArray
    egress_s: FloatArray
    wish_s: FloatArray
    early_factor: FloatArray
    late_factor: FloatArray


@dataclass(frozen=True)
class Draw:
    """One draw: its vehicles, the rides that they offer, and their room.

    Attributes
    ----------
    vehicles : VehicleRuns
    rides : Rides
    room : VehicleCapacity
    """

    vehicles: VehicleRuns
    rides: Rides
    room: VehicleCapacity


class WindowCosts:
    """What windows cost in a draw, prepared for one set of prices after the other.

    Parameters
    ----------
    draw : Draw
    number : int
        Of the draw: places in windows differ by draw.
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
        people: Travellers,
        choices: WindowChoices,
        preferences: PreferenceParameters,
        give_up: bool,
    ) -> None:
        self.draw, self.people, self.choices = draw, people, choices
        self.preferences, self.give_up = preferences, give_up
        rides, vehicles = draw.rides, draw.vehicles
        self.options, group = np.unique(people.option, return_inverse=True)
        self.group = group.reshape(-1)
        ends = np.searchsorted(rides.option, [self.options, self.options + 1])
        latest_s = vehicles.latest_s[rides.board]
        by_option = [first + np.argsort(latest_s[first:end], kind="stable") for first, end in ends.T.tolist()]
        self.ptr = np.concatenate([[0], np.cumsum(ends[1] - ends[0])])
        self.ride = np.concatenate([np.zeros(0, dtype=np.int64), *by_option])
        self.until_s = latest_s[self.ride]
        self.comes_s = vehicles.arrival_s[rides.board[self.ride]]
        self.arrives_s = vehicles.arrival_s[rides.alight[self.ride]]
        self.place = (0.5 + GOLDEN * (np.arange(len(people.option)) + number)) % 1.0
        self.first_s = self._first_s()

    def _first_s(self) -> FloatArray:
        """Return when the first step of each option begins."""
        # Nobody joins before the first step begins, so that the penalty below is not less than it need be.
        count = len(self.options)
        starts_s, walk_s, until_s = (np.full(count, np.inf) for _ in range(3))
        earliest_s = np.minimum(self.choices.own_s, self.choices.start_s.min(axis=1, initial=np.inf))
        np.minimum.at(starts_s, self.group, earliest_s)
        np.minimum.at(walk_s, self.group, self.people.walk_s)
        has_any = np.diff(self.ptr) > 0
        until_s[has_any] = self.until_s[self.ptr[:-1][has_any]]
        return np.asarray(np.minimum(starts_s + walk_s, until_s) - 1.0)

    def at(self, price: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return what each choice costs, and a ride that it may lead to, both of shape (people, 1 + windows).

        The own moment comes first. The ride, -1 for none, is of one place in the window, another one for each person: a
        direction in which the bound rises needs no more.

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        """
        toll = self.draw.room.toll(price, self.draw.rides)
        library = loops()
        if library is None:
            return self.by_numpy(toll)
        people, choices, weights = self.people, self.choices, self.preferences
        shape = len(people.option), choices.start_s.shape[1]
        cost_min = np.empty((shape[0], shape[1] + 1))
        taken = np.empty(cost_min.shape, dtype=np.int64)
        most = int(np.diff(self.ptr).max(initial=0)) + 1
        library.peakshift_foresight_windows(
            *(*shape, self.group, self.ptr, self.ride, self.until_s, self.comes_s, self.arrives_s, toll, self.first_s),
            *(people.walk_s, people.egress_s, people.wish_s, people.early_factor, people.late_factor),
            *(choices.own_s, np.ascontiguousarray(choices.start_s), np.ascontiguousarray(choices.follows), self.place),
            *(choices.width_s, weights.early_penalty, weights.late_penalty, weights.late_fixed_penalty_s),
            *(weights.wait_weight, weights.walk_weight, weights.unserved_penalty_s / 60.0, int(self.give_up)),
            *(np.empty(most), np.empty(most), np.empty(most, dtype=np.int64), cost_min, taken),
        )
        return cost_min, taken

    def by_numpy(self, toll: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return what `at` does for tolls of rides, without the compiled loops."""
        choices = self.choices
        cost_min = np.empty((len(self.people.option), choices.start_s.shape[1] + 1))
        taken = np.empty(cost_min.shape, dtype=np.int64)
        for number, rows in self._members():
            steps = self.steps(toll, number, rows)
            own_min, own_ride = steps.at(choices.own_s[rows][:, None])
            start_s, follows = choices.start_s[rows], choices.follows[rows]
            mean_min = steps.mean(start_s, start_s + choices.width_s)
            place = self.place[rows][:, None]
            _, ride = steps.at(start_s + place * choices.width_s)
            cost_min[rows, 0], taken[rows, 0] = own_min[:, 0], own_ride[:, 0]
            cost_min[rows, 1:] = follows * mean_min + (1.0 - follows) * own_min
            taken[rows, 1:] = np.where(follows > place / 2.0, ride, own_ride)
        return cost_min, taken

    def _members(self) -> Iterator[tuple[int, IntArray]]:
        """Yield the number of each option with the people who have it."""
        order = np.argsort(self.group, kind="stable")
        yield from enumerate(np.split(order, np.cumsum(np.bincount(self.group))[:-1]))

    def steps(self, toll: FloatArray, number: int, rows: IntArray) -> PaidByLeaving:
        """Return the cheapest ride of an option by when people leave: a step at each vehicle, less the wait.

        Parameters
        ----------
        toll : ndarray of float, shape (rides,)
        number : int
            Of the option among those that these people have.
        rows : ndarray of int
            Some of the people who have it.
        """
        people, preferences = self.people, self.preferences
        weight = preferences.wait_weight / 60.0
        walk_s, egress_s = people.walk_s[rows], people.egress_s[rows]
        mine = slice(self.ptr[number], self.ptr[number + 1])
        ride, until_s = self.ride[mine], self.until_s[mine]
        arrives_s = self.arrives_s[mine] + egress_s[:, None]
        wish = (values[rows][:, None] for values in (people.wish_s, people.early_factor, people.late_factor))
        walked_min = preferences.walk_weight * (walk_s + egress_s)[:, None] / 60.0
        level = schedule_cost_min(preferences, arrives_s, *wish)
        level = level + weight * self.comes_s[mine] + toll[ride] + walked_min
        begins_s = np.append(self.first_s[number], until_s)
        # Whoever is not served pays the penalty wherever they left, and waits until the last vehicle has gone, unless
        # they lose patience before: not less than this step, which falls with the wait
        # (test_who_is_not_served_waits_for_the_last_vehicle).
        gone_s = begins_s if self.give_up or not len(until_s) else np.maximum(begins_s, until_s[-1])
        otherwise_min = preferences.unserved_penalty_s / 60.0 + weight * gone_s
        if len(ride):
            level, which = least_from_here(level)
        else:
            which = np.zeros((len(rows), 0), dtype=np.int64)
        level = np.concatenate([level, np.full((len(rows), 1), np.inf)], axis=1)
        taken = np.concatenate([ride[which], np.full((len(rows), 1), -1, dtype=np.int64)], axis=1)
        is_less = otherwise_min < level
        return PaidByLeaving(
            begins_s, np.where(is_less, otherwise_min, level), np.where(is_less, -1, taken), weight, walk_s
        )


@dataclass(frozen=True)
class PaidByLeaving:
    """What people pay by when they leave: steps, less the weight of the wait times the time of joining.

    Attributes
    ----------
    begins_s : ndarray of float, shape (steps,)
        When each step begins; it holds its end and not its beginning.
    level_min : ndarray of float, shape (people, steps)
    ride : ndarray of int, shape (people, steps)
        The cheapest ride; -1 for none.
    weight : float
        Of waiting, per second.
    walk_s : ndarray of float, shape (people,)
        From leaving to joining.
    """

    begins_s: FloatArray
    level_min: FloatArray
    ride: IntArray
    weight: float
    walk_s: FloatArray

    def at(self, leave_s: FloatArray) -> tuple[FloatArray, IntArray]:
        """Return cost and ride of leaving at some times, shape (people, times)."""
        joined_s = leave_s + self.walk_s[:, None]
        step = np.searchsorted(self.begins_s[1:], joined_s, side="left")
        cost = np.take_along_axis(self.level_min, step, axis=1) - self.weight * joined_s
        return cost, np.take_along_axis(self.ride, step, axis=1)

    def mean(self, start_s: FloatArray, end_s: FloatArray) -> FloatArray:
        """Return the mean cost over all times from one to another, shape (people, windows)."""
        first_s, last_s = start_s + self.walk_s[:, None], end_s + self.walk_s[:, None]
        width_s = np.diff(self.begins_s)
        whole = np.cumsum(self.level_min[:, :-1] * width_s, axis=1)
        before = np.concatenate([np.zeros((len(whole), 1)), whole], axis=1)

        def up_to(time_s: FloatArray) -> FloatArray:
            step = np.searchsorted(self.begins_s[1:], time_s, side="left")
            inside = np.take_along_axis(self.level_min, step, axis=1) * (time_s - self.begins_s[step])
            sums: FloatArray = np.take_along_axis(before, step, axis=1) + inside
            return sums

        mean = (up_to(last_s) - up_to(first_s)) / (last_s - first_s)
        found: FloatArray = mean - self.weight * (first_s + last_s) / 2.0
        return found


def least_from_here(cost: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the least of each value and those after it along rows, and where it stands."""
    backwards = cost[:, ::-1]
    least = np.minimum.accumulate(backwards, axis=1)
    is_new = np.concatenate([np.ones((len(cost), 1), dtype=np.bool_), least[:, 1:] < least[:, :-1]], axis=1)
    place = np.maximum.accumulate(np.where(is_new, np.arange(cost.shape[1]), 0), axis=1)
    which: IntArray = cost.shape[1] - 1 - place[:, ::-1]
    return least[:, ::-1], which

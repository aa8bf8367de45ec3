"""A lower bound on what people pay under any plan of windows, which counts the waits that nobody can avoid.

The bound of `sim.advisor.optimum.lagrangian` lets people know when vehicles come. A plan of windows cannot: it is one
plan for all days, and whoever follows leaves anywhere in the window. Here each person has one window for all draws,
leaves anywhere in it, waits until a vehicle comes, and takes the cheapest one with room:

    sum over people of least over windows of mean over draws and places of the cheapest ride with prices
    + mean over draws of the sum over stops of the least over n (crowding of n - n price)

For any prices that do not know who leaves where this lies below what any plan costs in the mean on these vehicles. A
queue that is first come, first served, is one way of dealing out vehicles to people who left when the plan says, so
that Lagrangian duality holds for every place that people may draw, and the mean over places of a least cost is what
is summed. For vehicles that the plan has not seen, the bound is in the mean not above the least cost either (Mak,
Morton and Wood 1999, Oper. Res. Lett. 24:47-56). The argument stands in docs/what-advice-is-worth.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.advisor.optimum.ascent import PriceSteps
from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.vehicles import Rides, VehicleRuns
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.minutes import GOLDEN
from sim.population.window_forecast import schedule_cost_min

LEAST_ROUNDS, MOST_ROUNDS, MOST_PAIRS = 40, 300, 400_000_000
"""Rounds in which prices are made better, by how many pairs of person and ride are looked at in all (assumed)."""

CLOSE_SHARE = 1e-4
"""Where a plan is known that costs so little more, nothing is left to find."""


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


class ForesightBound:
    """Looks for prices with a high bound.

    Parameters
    ----------
    people : ndarray of int
        Those whose option is a single ride.
    population : Population
    options : JourneyOptions
    preferences : PreferenceParameters
    choices : WindowChoices
        Of these people.
    draws : sequence of Draw
    give_up : bool
        Whether people who wait lose patience.
    """

    def __init__(
        self,
        people: IntArray,
        population: Population,
        options: JourneyOptions,
        preferences: PreferenceParameters,
        choices: WindowChoices,
        draws: Sequence[Draw],
        give_up: bool = False,
    ) -> None:
        self.preferences, self.choices, self.draws, self.give_up = preferences, choices, draws, give_up
        self.option = population.journeys.option[people]
        self.walk_s = options.walk_before_s[options.leg_ptr[self.option]]
        self.egress_s = options.egress_walk_s[self.option]
        self.wish_s = population.preferred_arrival_s[people]
        traits = population.traits.take(people)
        self.factors = traits.early_factor, traits.late_factor
        self.groups = list(_groups(self.option))
        self.alone = [draw.room.empty_price() for draw in draws]

    def highest(self, start: Sequence[FloatArray], reached_min: float, rounds: int | None = None) -> FloatArray:
        """Return the parts of each person in the best bound found, in minutes; their sum is the bound.

        Parameters
        ----------
        start : sequence of ndarray, shape (visits,) each
            Prices that the search starts from, one for each draw. Those of another draw than the one they stand for:
            prices must not know who left where.
        reached_min : float
            What these people pay together under a good plan, mean over draws.
        rounds : int or None
            At most; by the size of the problem where None.
        """
        price = [np.maximum(one, alone) for one, alone in zip(start, self.alone, strict=True)]
        best, parts, moving = -np.inf, np.zeros(len(self.option)), [PriceSteps(alone) for alone in self.alone]
        for _ in range(self.rounds() if rounds is None else rounds):
            bound, own, slope = self.at(price)
            if bound > best:
                best, parts = bound, own
            if reached_min - best <= CLOSE_SHARE * abs(reached_min):
                break
            left_min = (reached_min - best) / max(len(self.option), 1)
            price = [steps.next(one, way, left_min) for steps, one, way in zip(moving, price, slope, strict=True)]
        return parts

    def rounds(self) -> int:
        """Return how many rounds the search may take, by the size of the problem and not by the clock."""
        rides = sum(len(draw.rides.option) for draw in self.draws) / max(len(self.groups), 1)
        return int(np.clip(MOST_PAIRS / max(rides * len(self.option), 1.0), LEAST_ROUNDS, MOST_ROUNDS))

    def at(self, price: Sequence[FloatArray]) -> tuple[float, FloatArray, list[FloatArray]]:
        """Return the bound with some prices, the parts of it by person, and a direction in which it rises.

        Parameters
        ----------
        price : sequence of ndarray, shape (visits,) each
            One per draw.
        """
        count, choices = len(self.draws), self.choices
        total = np.zeros((len(choices.own_s), choices.start_s.shape[1] + 1))
        found = [self._of_draw(number, price[number], total) for number in range(count)]
        total[:, 1:][~choices.open_to] = np.inf
        chosen = total.argmin(axis=1)
        rows = np.arange(len(chosen))
        cost = total[rows, chosen] / count
        rooms = sum(float(draw.room.least(one).sum()) for draw, one in zip(self.draws, price, strict=True)) / count
        slope = []
        for draw, one, taken in zip(self.draws, price, found, strict=True):
            ride = taken[rows, chosen]
            served = ride >= 0
            load = draw.room.load(draw.rides, ride[served], np.ones(int(served.sum())))
            slope.append((load - draw.room.least_load(one)) / count)
        share = rooms / max(len(cost), 1)
        return float(cost.sum()) + rooms, cost + share, slope

    def _of_draw(self, number: int, price: FloatArray, total: FloatArray) -> IntArray:
        """Add what each choice costs in a draw, the own moment first; return a ride that it may lead to, -1 for none.

        That ride is of one place in the window, another one for each person: a direction needs no more.
        """
        draw, choices = self.draws[number], self.choices
        toll = draw.room.toll(price, draw.rides)
        taken = np.full(total.shape, -1, dtype=np.int64)
        for option, rows in self.groups:
            steps = self._steps(draw, toll, option, rows)
            own_min, own_ride = steps.at(choices.own_s[rows][:, None])
            start_s, follows = choices.start_s[rows], choices.follows[rows]
            mean_min = steps.mean(start_s, start_s + choices.width_s)
            total[rows, 0] += own_min[:, 0]
            total[rows, 1:] += follows * mean_min + (1.0 - follows) * own_min
            place = (0.5 + GOLDEN * (rows + number)) % 1.0
            _, ride = steps.at(start_s + place[:, None] * choices.width_s)
            taken[rows, 0], taken[rows, 1:] = own_ride[:, 0], np.where(follows > place[:, None] / 2.0, ride, own_ride)
        return taken

    def _steps(self, draw: Draw, toll: FloatArray, option: int, rows: IntArray) -> _PaidByLeaving:
        """Return the cheapest ride of an option by when people leave: a step at each vehicle, less the wait."""
        preferences, rides, vehicles = self.preferences, draw.rides, draw.vehicles
        weight = preferences.wait_weight / 60.0
        walk_s, egress_s = self.walk_s[rows], self.egress_s[rows]
        unserved_min = preferences.unserved_penalty_s / 60.0
        first, end = np.searchsorted(rides.option, [option, option + 1])
        board = rides.board[first:end]
        ride = first + np.argsort(vehicles.latest_s[board], kind="stable")
        until_s, comes_s = vehicles.latest_s[rides.board[ride]], vehicles.arrival_s[rides.board[ride]]
        arrives_s = vehicles.arrival_s[rides.alight[ride]] + egress_s[:, None]
        wish = self.wish_s[rows][:, None], *(factor[rows][:, None] for factor in self.factors)
        walked_min = preferences.walk_weight * (walk_s + egress_s)[:, None] / 60.0
        level = schedule_cost_min(preferences, arrives_s, *wish) + weight * comes_s + toll[ride] + walked_min
        # Nobody joins before the first step begins, so that the penalty below is not less than it need be.
        earliest_s = min(self.choices.own_s[rows].min(), self.choices.start_s[rows].min(initial=np.inf))
        begins_s = np.append(min(earliest_s + walk_s.min(), until_s.min(initial=np.inf)) - 1.0, until_s)
        # Whoever is not served pays the penalty wherever they left, and waits until the last vehicle has gone, unless
        # they lose patience before: not less than this step, which falls with the wait
        # (test_who_is_not_served_waits_for_the_last_vehicle).
        gone_s = begins_s if self.give_up or not len(until_s) else np.maximum(begins_s, until_s[-1])
        otherwise_min = unserved_min + weight * gone_s
        if len(ride):
            level, which = _least_from_here(level)
        else:
            which = np.zeros((len(rows), 0), dtype=np.int64)
        level = np.concatenate([level, np.full((len(rows), 1), np.inf)], axis=1)
        taken = np.concatenate([ride[which], np.full((len(rows), 1), -1, dtype=np.int64)], axis=1)
        is_less = otherwise_min < level
        return _PaidByLeaving(
            begins_s, np.where(is_less, otherwise_min, level), np.where(is_less, -1, taken), weight, walk_s
        )


@dataclass(frozen=True)
class _PaidByLeaving:
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


def _least_from_here(cost: FloatArray) -> tuple[FloatArray, IntArray]:
    """Return the least of each value and those after it along rows, and where it stands."""
    backwards = cost[:, ::-1]
    least = np.minimum.accumulate(backwards, axis=1)
    is_new = np.concatenate([np.ones((len(cost), 1), dtype=np.bool_), least[:, 1:] < least[:, :-1]], axis=1)
    place = np.maximum.accumulate(np.where(is_new, np.arange(cost.shape[1]), 0), axis=1)
    which: IntArray = cost.shape[1] - 1 - place[:, ::-1]
    return least[:, ::-1], which


def _groups(option: IntArray) -> Iterator[tuple[int, IntArray]]:
    """Yield each option with the people who have it."""
    order = np.argsort(option, kind="stable")
    known, first = np.unique(option[order], return_index=True)
    yield from zip(known.tolist(), np.split(order, first[1:]), strict=True)

"""What windows cost in one draw, at prices of room: the inner loop of the bound of `foresight`.

Whoever joins a queue takes the cheapest ride of all vehicles that come from then on, prices and all that follows
included. What they pay is a step at each vehicle, less the wait; over a window it is averaged in closed form. The
compiled loops do the same operation by operation, and give the same bits (tests/unit/test_advisor_window_costs.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sim.advisor.optimum.paid_by_leaving import PaidByLeaving
from sim.advisor.optimum.priced_queues import Levels, PricedQueues
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import loops
from sim.population.minutes import GOLDEN


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
class _CompiledLoops:
    """The compiled loops of `PricedWindows` with their first arguments: what is left are the arrays that they fill."""

    costs: Callable[..., None]
    loads: Callable[..., None]


class PricedWindows:
    """What windows cost in a draw, prepared for one set of prices after the other.

    Parameters
    ----------
    queues : PricedQueues
        Of the draw.
    number : int
        Of the draw: places in windows differ by draw.
    people : Travellers
    choices : WindowChoices
        Of these people.
    """

    def __init__(self, queues: PricedQueues, number: int, people: Travellers, choices: WindowChoices) -> None:
        self.queues, self.people, self.choices = queues, people, choices
        self.place = (0.5 + GOLDEN * (people.number + number)) % 1.0
        earliest_s = np.minimum(choices.own_s, choices.start_s.min(axis=1, initial=np.inf))
        self.earliest_s = earliest_s + people.walk_s

    def costs(self, price: FloatArray) -> FloatArray:
        """Return what each choice costs, in minutes, shape (people, 1 + windows); the own moment comes first.

        Infinite for windows that somebody cannot be told.

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        """
        if self._compiled is None:
            return self.costs_by_numpy(price)
        self.queues.at(price)
        cost_min = np.empty((len(self.people.option), self.choices.start_s.shape[1] + 1))
        self._compiled.costs(cost_min)
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
        leave_s = self._leave_s(chosen)
        if self._compiled is None:
            return self.loads_by_numpy(price, leave_s)
        self.queues.at(price)
        change = np.zeros(len(price))
        self._compiled.loads(leave_s, change)
        return np.cumsum(change)

    def _leave_s(self, chosen: IntArray) -> FloatArray:
        """Return when people leave in the windows chosen: there, or at their own moment if they would not follow."""
        choices, rows = self.choices, np.arange(len(chosen))
        window = np.maximum(chosen - 1, 0)
        if not choices.start_s.shape[1]:
            return choices.own_s
        follows = (chosen > 0) & (choices.follows[rows, window] > self.place / 2.0)
        return np.where(follows, choices.start_s[rows, window] + self.place * choices.width_s, choices.own_s)

    @cached_property
    def _compiled(self) -> _CompiledLoops | None:
        """The compiled loops with all that stays the same from round to round; None where there are none."""
        library, people, choices, ways = loops(), self.people, self.choices, self.queues.ways
        if library is None:
            return None
        queues = self.queues.arguments()
        theirs = (
            *(people.option, ways.option_ptr, ways.queue),
            *(people.walk_s, people.wish_s, people.early_factor, people.late_factor, self.earliest_s),
        )
        windows = choices.own_s, choices.start_s, choices.follows, choices.open_to, choices.width_s
        return _CompiledLoops(
            library.peakshift_foresight_windows.prepared(*queues, *choices.start_s.shape, *theirs, *windows),
            library.peakshift_foresight_loads.prepared(*queues, len(people.option), *theirs),
        )

    def costs_by_numpy(self, price: FloatArray) -> FloatArray:
        """Return what `costs` does, without the compiled loops."""
        choices, taken_min = self.choices, self.queues.taken_min(price)
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
        rides, change, taken_min = self.queues.draw.rides, np.zeros(len(price)), self.queues.taken_min(price)
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

    def _levels(self, taken_min: FloatArray, option: int, rows: IntArray) -> tuple[Levels, PaidByLeaving]:
        """Return what people of one option pay from each of its queues on, and by when they leave."""
        people, at, ways = self.people, self.queues, self.queues.ways
        wish = people.wish_s[rows], people.early_factor[rows], people.late_factor[rows]
        levels = Levels(at.draw, at.preferences, at.give_up, taken_min, wish)
        queues = ways.queue[ways.option_ptr[option] : ways.option_ptr[option + 1]].tolist()
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
        return self._levels(self.queues.taken_min(price), option, rows)[1]

"""What windows cost on some draws, at prices of room: the inner loop of the bound of `foresight`.

Whoever joins a queue takes the cheapest ride of all vehicles that come from then on, prices and all that follows
included. What they pay is a step at each vehicle, less the wait; over a window it is averaged in closed form. The
compiled loops do the same operation by operation, and give the same bits (tests/unit/test_advisor_window_costs.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from sim.advisor.optimum.paid_by_leaving import PaidByLeaving
from sim.advisor.optimum.priced_queues import Levels, PricedQueues
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import loops
from sim.population.minutes import GOLDEN
from sim.threads import Workers


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
class Columns:
    """Which choices of each person are looked at; arrays by person.

    Attributes
    ----------
    own : ndarray of bool, shape (people,)
        Whether leaving as without advice is.
    first, last : ndarray of int, shape (people,)
        Windows from the first to before the last are, of those that they can be told.
    """

    own: BoolArray
    first: IntArray
    last: IntArray

    @classmethod
    def every(cls, people: int, windows: int) -> Columns:
        """Return all choices of some people."""
        return cls(np.ones(people, dtype=np.bool_), np.zeros(people, dtype=np.int64), np.full(people, windows))

    @classmethod
    def only(cls, chosen: IntArray) -> Columns:
        """Return one choice of each person: 0 for their own moment, windows from 1."""
        first = np.maximum(chosen - 1, 0)
        return cls(chosen == 0, first, chosen)

    @classmethod
    def around(cls, found: BoolArray) -> Columns:
        """Return the fewest that hold some: whether each column is to be held, shape (people, 1 + windows)."""
        windows, count = found[:, 1:], found.shape[1] - 1
        is_any = windows.any(axis=1)
        first = np.where(is_any, windows.argmax(axis=1), 0) if count else np.zeros(len(found), dtype=np.int64)
        last = np.where(is_any, count - windows[:, ::-1].argmax(axis=1), 0) if count else first
        return cls(np.ascontiguousarray(found[:, 0]), first, last)

    def held(self, windows: int) -> BoolArray:
        """Return whether each column is looked at, shape (people, 1 + windows)."""
        number = np.arange(windows)
        return np.column_stack([self.own, (number >= self.first[:, None]) & (number < self.last[:, None])])


@dataclass(frozen=True)
class _CompiledLoops:
    """The compiled loops of `PricedWindows` with their first arguments.

    Attributes
    ----------
    costs, loads : callable
        What is left are the rows or draws to look at, room to work in, and the arrays to read from and to fill.
    rides, most, windows : int
        Rides of a draw, and of one queue, at most; windows of a person.
    """

    costs: Callable[..., None]
    loads: Callable[..., None]
    rides: int
    most: int
    windows: int

    def scratch(self) -> tuple[FloatArray, IntArray]:
        """Return room to work in, for one call at a time."""
        steps = self.rides + self.most
        return np.empty(steps + self.windows), np.empty(steps, dtype=np.int64)


class PricedWindows:
    """What windows cost some people on some draws, prepared for one set of prices after the other.

    Parameters
    ----------
    queues : sequence of PricedQueues
        One per draw; all of the same ways and preferences.
    people : Travellers
    choices : WindowChoices
        Of these people.
    """

    def __init__(self, queues: Sequence[PricedQueues], people: Travellers, choices: WindowChoices) -> None:
        self.queues, self.people, self.choices = queues, people, choices
        # Places in windows differ by draw.
        self.place = (0.5 + GOLDEN * (people.number + np.arange(len(queues))[:, None])) % 1.0
        earliest_s = np.minimum(choices.own_s, choices.start_s.min(axis=1, initial=np.inf))
        self.earliest_s = earliest_s + people.walk_s

    def costs(
        self, price: Sequence[FloatArray], workers: Workers, columns: Columns | None = None
    ) -> tuple[FloatArray, IntArray]:
        """Return what each choice costs on all draws together, and which one is cheapest, the first of equals.

        A choice costs the same to the bit whichever others are looked at.

        Parameters
        ----------
        price : sequence of ndarray of float, shape (visits,)
            One per draw.
        workers : Workers
            Each has some of the people.
        columns : Columns or None
            Which choices are looked at; all where None.

        Returns
        -------
        cost_min : ndarray of float, shape (people, 1 + windows)
            In minutes; the own moment comes first. Infinite for windows that somebody cannot be told, and for what is
            not looked at.
        chosen : ndarray of int, shape (people,)
            Column of it.
        """
        compiled = self._compiled
        people, windows = self.choices.start_s.shape
        columns = Columns.every(people, windows) if columns is None else columns
        if compiled is None:
            cost_min = self.costs_by_numpy(price, columns)
            return cost_min, cost_min.argmin(axis=1)
        self._look_at(price)
        cost_min, chosen = np.empty((people, windows + 1)), np.empty(people, dtype=np.int64)
        # Each person's costs are added up in the order of the draws, whatever thread does it.
        parts = workers.parts(len(chosen))
        given = columns.own, columns.first, columns.last, cost_min, chosen
        workers.side_by_side([partial(compiled.costs, *some, *compiled.scratch(), *given) for some in parts])
        return cost_min, chosen

    def loads(self, price: Sequence[FloatArray], chosen: IntArray, workers: Workers) -> FloatArray:
        """Return how many ride from each visit to the next where people take some choices, shape (draws, visits).

        They leave at one place in their window, another one for each person and draw: a direction in which the bound
        rises needs no more.

        Parameters
        ----------
        price : sequence of ndarray of float, shape (visits,)
        chosen : ndarray of int, shape (people,)
            Column of `costs`.
        workers : Workers
            Each has some of the draws.
        """
        compiled = self._compiled
        if compiled is None:
            return self.loads_by_numpy(price, chosen)
        self._look_at(price)
        load = np.empty((len(price), len(price[0])))
        parts, given = workers.parts(len(price)), (chosen, len(price[0]), load)
        workers.side_by_side([partial(compiled.loads, *some, *compiled.scratch(), *given) for some in parts])
        return load

    def _look_at(self, price: Sequence[FloatArray]) -> None:
        for queues, one in zip(self.queues, price, strict=True):
            queues.at(one)

    @cached_property
    def _compiled(self) -> _CompiledLoops | None:
        """The compiled loops with all that stays the same from round to round; None where there are none."""
        library, people, choices, first = loops(), self.people, self.choices, self.queues[0]
        if library is None:
            return None
        rides = [queues.draw.rides for queues in self.queues]
        # Levels are kept by ride for queues that follow others alone.
        room = max(len(one.board) if len(one.board) and one.next_queue.max() >= 0 else 0 for one in rides)
        most = max(int(np.diff(one.ptr).max(initial=0)) for one in rides) + 1
        addresses = np.array([queues.addresses() for queues in self.queues], dtype=np.int64)
        queues = addresses, *first.weights(), room, most
        theirs = (
            *(choices.start_s.shape[1], people.option, first.ways.option_ptr, first.ways.queue, people.walk_s),
            *(people.wish_s, people.early_factor, people.late_factor, self.earliest_s),
            *(choices.own_s, choices.start_s, choices.follows),
        )
        windows, places = (choices.open_to, choices.width_s), (self.place, choices.width_s)
        return _CompiledLoops(
            library.peakshift_foresight_windows.prepared(*queues, len(rides), *theirs, *windows),
            library.peakshift_foresight_loads.prepared(*queues, len(people.option), *theirs, *places),
            *(room, most, choices.start_s.shape[1]),
        )

    def costs_by_numpy(self, price: Sequence[FloatArray], columns: Columns) -> FloatArray:
        """Return the costs of `costs` without the compiled loops."""
        choices = self.choices
        total = np.zeros((len(self.people.option), choices.start_s.shape[1] + 1))
        for queues, one in zip(self.queues, price, strict=True):
            taken_min = queues.taken_min(one)
            for option, rows in self._members():
                steps = self._levels(queues, taken_min, option, rows)[1]
                own_min = steps.at(choices.own_s[rows][:, None])
                start_s, follows = choices.start_s[rows], choices.follows[rows]
                paid_min = follows * steps.mean(start_s, choices.width_s) + (1.0 - follows) * own_min
                total[rows, 0] += own_min[:, 0]
                total[rows, 1:] += np.where(choices.open_to[rows], paid_min, np.inf)
        total[~columns.held(choices.start_s.shape[1])] = np.inf
        return total

    def loads_by_numpy(self, price: Sequence[FloatArray], chosen: IntArray) -> FloatArray:
        """Return what `loads` does, without the compiled loops."""
        change = np.zeros((len(price), len(price[0])))
        for draw, (queues, one) in enumerate(zip(self.queues, price, strict=True)):
            rides, taken_min, leave_s = queues.draw.rides, queues.taken_min(one), self._leave_s(chosen, draw)
            for option, rows in self._members():
                levels, steps = self._levels(queues, taken_min, option, rows)
                ride, number = steps.ride_at(leave_s[rows]), np.arange(len(rows))
                while len(number := number[ride >= 0]):
                    ride = ride[ride >= 0]
                    np.add.at(change[draw], rides.board[ride], 1.0)
                    np.add.at(change[draw], rides.alight[ride], -1.0)
                    ride = np.array(
                        [levels.after(int(one), int(at)) for one, at in zip(number, ride, strict=True)], dtype=np.int64
                    )
        return np.cumsum(change, axis=1)

    def _leave_s(self, chosen: IntArray, draw: int) -> FloatArray:
        """Return when people leave in the windows chosen: there, or at their own moment if they would not follow."""
        choices, rows, place = self.choices, np.arange(len(chosen)), self.place[draw]
        window = np.maximum(chosen - 1, 0)
        if not choices.start_s.shape[1]:
            return choices.own_s
        follows = (chosen > 0) & (choices.follows[rows, window] > place / 2.0)
        return np.where(follows, choices.start_s[rows, window] + place * choices.width_s, choices.own_s)

    def _members(self) -> Iterator[tuple[int, IntArray]]:
        """Yield each option with the people who have it."""
        order = np.argsort(self.people.option, kind="stable")
        known, first = np.unique(self.people.option[order], return_index=True)
        yield from zip(known.tolist(), np.split(order, first[1:]), strict=True)

    def _levels(
        self, at: PricedQueues, taken_min: FloatArray, option: int, rows: IntArray
    ) -> tuple[Levels, PaidByLeaving]:
        """Return what people of one option pay from each of its queues on, and by when they leave."""
        people, ways = self.people, at.ways
        wish = people.wish_s[rows], people.early_factor[rows], people.late_factor[rows]
        levels = Levels(at.draw, at.preferences, at.give_up, taken_min, wish)
        queues = ways.queue[ways.option_ptr[option] : ways.option_ptr[option + 1]].tolist()
        for queue in queues:
            levels.add(queue)
        return levels, levels.by_leaving(queues[-1], self.earliest_s[rows], people.walk_s[rows])

    def by_leaving(self, price: FloatArray, option: int, rows: IntArray) -> PaidByLeaving:
        """Return what some people who have one option pay on the first draw by when they leave.

        Parameters
        ----------
        price : ndarray of float, shape (visits,)
        option : int
            Row in `OptionQueues`.
        rows : ndarray of int
            Of people.
        """
        return self._levels(self.queues[0], self.queues[0].taken_min(price), option, rows)[1]

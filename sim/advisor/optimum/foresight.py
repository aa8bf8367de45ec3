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

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.advisor.optimum.ascent import PriceSteps
from sim.advisor.optimum.cheapest_windows import CheapestWindows
from sim.advisor.optimum.priced_queues import Draw, PricedQueues
from sim.advisor.optimum.ways import OptionQueues
from sim.advisor.optimum.window_costs import PricedWindows, Travellers, WindowChoices
from sim.arrays import FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.threads import Workers, threads_here

LEAST_ROUNDS, MOST_ROUNDS, MOST_PAIRS = 400, 1600, 2e10
"""Rounds in which prices are made better, by how many pairs of person and ride are looked at in all (assumed)."""

LEAST_PART, MOST_PARTS = 500, 16
"""People who are looked at in a round at least, and rounds at most until everybody has been (by trial)."""

CLOSE_SHARE = 1e-4
"""Where a plan is known that costs so little more, nothing is left to find."""


@dataclass(frozen=True)
class AtPrices:
    """What prices give, looked at for all people or for some of them.

    Attributes
    ----------
    price : sequence of ndarray of float, shape (visits,)
        One per draw.
    bound_min : float
        On what all pay together, mean over draws, in minutes; a bound where all were looked at, and otherwise what
        it would be if the rest were like them.
    rows : ndarray of int, shape (looked at,)
        Who was looked at.
    parts_min : ndarray of float, shape (looked at,)
        Of each person; their sum is the bound where all were looked at.
    slope : list of ndarray of float, shape (visits,)
        One per draw: a direction in which the bound rises.
    chosen : ndarray of int, shape (looked at,)
        Window that is cheapest, counted from 1; 0 for leaving as without advice.
    """

    price: Sequence[FloatArray]
    bound_min: float
    rows: IntArray
    parts_min: FloatArray
    slope: list[FloatArray]
    chosen: IntArray


@dataclass(frozen=True)
class PeopleInTurn:
    """People who are looked at in one round together: each of a fixed distance from the one before.

    Attributes
    ----------
    rows : ndarray of int
    costs : PricedWindows
        On all draws.
    cheapest : CheapestWindows
        Of them.
    """

    rows: IntArray
    costs: PricedWindows
    cheapest: CheapestWindows


class ForesightBound:
    """Looks for prices with a high bound.

    Parameters
    ----------
    people : ndarray of int
        Those whose ways are known.
    ways : OptionQueues
        Of their options.
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
        ways: OptionQueues,
        population: Population,
        options: JourneyOptions,
        preferences: PreferenceParameters,
        choices: WindowChoices,
        draws: Sequence[Draw],
        give_up: bool = False,
    ) -> None:
        self.draws, self.ways = draws, ways
        everybody = travellers_of(people, ways, population, options)
        self.option = everybody.option
        self.alone = [draw.room.empty_price() for draw in draws]
        parts = int(np.clip(len(people) // LEAST_PART, 1, MOST_PARTS))
        queues = [PricedQueues(draw, ways, preferences, give_up) for draw in draws]
        self.in_turn = []
        for first in range(parts):
            # Neighbours are alike, so that each part has some of every kind.
            rows = np.arange(first, len(people), parts)
            theirs, may_choose = everybody.part(rows), choices.part(rows)
            costs = PricedWindows(queues, theirs, may_choose)
            self.in_turn.append(PeopleInTurn(rows, costs, CheapestWindows(costs, self.alone)))

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
        # What single rounds say of the bound is a guess from some of the people. Only what all of them pay is one, at
        # the prices that the search came to rest at, or began with where it went astray
        # (test_the_bound_is_what_all_people_pay_at_the_last_prices).
        price = first = [np.maximum(one, alone) for one, alone in zip(start, self.alone, strict=True)]
        for at in self.rounds_of(start, reached_min, rounds):
            price = list(at.price)
        return max(self.at(first), self.at(price), key=lambda at: at.bound_min).parts_min

    def rounds_of(
        self, start: Sequence[FloatArray], reached_min: float, rounds: int | None = None
    ) -> Iterator[AtPrices]:
        """Yield what prices give, round by round, until the bound comes near to what is paid under a good plan.

        In each round some of the people are looked at, in turn, and stand for all. Where they are many, directions
        of a few thousand are as good as those of all: prices move by means of many rounds, in which all have been seen
        (stochastic subgradients, Nedic and Bertsekas 2001, SIAM J. Optim. 12:109-138).

        Parameters
        ----------
        start, reached_min, rounds
            As for `highest`.
        """
        price = [np.maximum(one, alone) for one, alone in zip(start, self.alone, strict=True)]
        rounds = self.rounds() if rounds is None else rounds
        parts = len(self.in_turn)
        moving = [
            PriceSteps(one, draw.room.alike, rounds, parts) for one, draw in zip(self.alone, self.draws, strict=True)
        ]
        best, guesses = -np.inf, deque[float](maxlen=parts)
        with self._workers() as workers:
            for number in range(rounds):
                at = self._at(price, [self.in_turn[number % parts]], workers)
                guesses.append(at.bound_min)
                best = max(best, float(np.mean(guesses)))
                yield at
                if reached_min - best <= CLOSE_SHARE * abs(reached_min):
                    break
                left_min = (reached_min - best) / max(len(self.option), 1)
                steps = zip(moving, price, at.slope, strict=True)
                price = workers.in_turn([partial(step.next, one, way, left_min) for step, one, way in steps])

    def rounds(self) -> int:
        """Return how many rounds the search may take, by the size of the problem and not by the clock."""
        return int(np.clip(MOST_PAIRS / self.pairs(), LEAST_ROUNDS, MOST_ROUNDS))

    def pairs(self) -> float:
        """Return how many pairs of person and ride are looked at in a round, at least 1."""
        ways = self.ways
        # Rides that are looked at for each option: those from all queues that it may lead to.
        of_queue = np.sum([np.diff(draw.rides.ptr) for draw in self.draws], axis=0)
        of_option = np.add.reduceat(of_queue[ways.queue], ways.option_ptr[:-1]) if len(ways.queue) else np.zeros(0)
        return max(float(of_option[self.option].sum()) / len(self.in_turn), 1.0)

    def at(self, price: Sequence[FloatArray], some: PeopleInTurn | None = None) -> AtPrices:
        """Return what some prices give.

        Parameters
        ----------
        price : sequence of ndarray, shape (visits,) each
            One per draw.
        some : PeopleInTurn or None
            Who are looked at; all where None.
        """
        with self._workers() as workers:
            return self._at(price, self.in_turn if some is None else [some], workers)

    def _workers(self) -> Workers:
        """Return threads for a round: draws are looked at side by side, and more threads than draws are of no use."""
        return Workers(min(threads_here(), len(self.draws)))

    def _at(self, price: Sequence[FloatArray], looked_at: Sequence[PeopleInTurn], workers: Workers) -> AtPrices:
        """Return what some prices give to those who are looked at."""
        count, people = len(self.draws), len(self.option)
        cost, chosen = np.zeros(people), np.zeros(people, dtype=np.int64)
        loads = np.zeros((count, len(price[0])))
        for part in looked_at:
            total_min, best = part.cheapest.at(price, workers)
            cost[part.rows], chosen[part.rows] = total_min / count, best
            loads = loads + part.costs.loads(price, best, workers)
        rows = np.sort(np.concatenate([part.rows for part in looked_at])) if len(looked_at) > 1 else looked_at[0].rows
        weight = people / max(len(rows), 1)

        def of_rooms(draw: Draw, price: FloatArray, load: FloatArray) -> tuple[float, FloatArray]:
            least_min, least_load = draw.room.least(price)
            return float(least_min.sum()), (weight * load - least_load) / count

        found = workers.in_turn([partial(of_rooms, *of_draw) for of_draw in zip(self.draws, price, loads, strict=True)])
        rooms, slope = sum(room for room, _ in found) / count, [way for _, way in found]
        parts_min = cost[rows] + rooms / max(people, 1)
        return AtPrices(price, weight * float(cost[rows].sum()) + rooms, rows, parts_min, slope, chosen[rows])


def travellers_of(people: IntArray, ways: OptionQueues, population: Population, options: JourneyOptions) -> Travellers:
    """Return people whose ways are known, as they are where windows are costed.

    Parameters
    ----------
    people : ndarray of int
        Rows of the population.
    ways : OptionQueues
        Of their options.
    population : Population
    options : JourneyOptions
    """
    option, traits = population.journeys.option[people], population.traits.take(people)
    return Travellers(
        number=np.arange(len(people)),
        option=np.searchsorted(ways.option, option),
        walk_s=options.walk_before_s[options.leg_ptr[option]],
        wish_s=population.preferred_arrival_s[people],
        early_factor=traits.early_factor,
        late_factor=traits.late_factor,
    )

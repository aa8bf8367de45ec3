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
from functools import partial

import numpy as np

from sim.advisor.optimum.ascent import PriceSteps
from sim.advisor.optimum.ways import OptionQueues
from sim.advisor.optimum.window_costs import Draw, PricedWindows, Travellers, WindowChoices
from sim.arrays import FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.threads import side_by_side, threads_here

LEAST_ROUNDS, MOST_ROUNDS, MOST_PAIRS = 150, 400, 2e10
"""Rounds in which prices are made better, by how many pairs of person and ride are looked at in all (assumed)."""

CLOSE_SHARE = 1e-4
"""Where a plan is known that costs so little more, nothing is left to find."""


@dataclass(frozen=True)
class AtPrices:
    """What prices give.

    Attributes
    ----------
    bound_min : float
        On what all pay together, mean over draws, in minutes.
    parts_min : ndarray of float, shape (people,)
        Of each person; their sum is the bound.
    slope : list of ndarray of float, shape (visits,)
        One per draw: a direction in which the bound rises.
    chosen : ndarray of int, shape (people,)
        Window that is cheapest, counted from 1; 0 for leaving as without advice.
    """

    bound_min: float
    parts_min: FloatArray
    slope: list[FloatArray]
    chosen: IntArray


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
        self.choices, self.draws, self.ways = choices, draws, ways
        option = population.journeys.option[people]
        traits = population.traits.take(people)
        self.people = Travellers(
            option=np.searchsorted(ways.option, option),
            walk_s=options.walk_before_s[options.leg_ptr[option]],
            wish_s=population.preferred_arrival_s[people],
            early_factor=traits.early_factor,
            late_factor=traits.late_factor,
        )
        self.costs = [
            PricedWindows(draw, number, ways, self.people, choices, preferences, give_up)
            for number, draw in enumerate(draws)
        ]
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
        best, parts = -np.inf, np.zeros(len(self.people.option))
        for at in self.rounds_of(start, reached_min, rounds):
            if at.bound_min > best:
                best, parts = at.bound_min, at.parts_min
        return parts

    def rounds_of(
        self, start: Sequence[FloatArray], reached_min: float, rounds: int | None = None
    ) -> Iterator[AtPrices]:
        """Yield what prices give, round by round, until the bound comes near to what is paid under a good plan.

        Parameters
        ----------
        start, reached_min, rounds
            As for `highest`.
        """
        price = [np.maximum(one, alone) for one, alone in zip(start, self.alone, strict=True)]
        rounds = self.rounds() if rounds is None else rounds
        moving = [PriceSteps(one, draw.room.alike, rounds) for one, draw in zip(self.alone, self.draws, strict=True)]
        best = -np.inf
        for _ in range(rounds):
            at = self.at(price)
            best = max(best, at.bound_min)
            yield at
            if reached_min - best <= CLOSE_SHARE * abs(reached_min):
                break
            left_min = (reached_min - best) / max(len(self.people.option), 1)
            price = [steps.next(one, way, left_min) for steps, one, way in zip(moving, price, at.slope, strict=True)]

    def rounds(self) -> int:
        """Return how many rounds the search may take, by the size of the problem and not by the clock."""
        return int(np.clip(MOST_PAIRS / self.pairs(), LEAST_ROUNDS, MOST_ROUNDS))

    def pairs(self) -> float:
        """Return how many pairs of person and ride are looked at in a round, at least 1."""
        ways = self.ways
        # Rides that are looked at for each option: those from all queues that it may lead to.
        of_queue = np.sum([np.diff(draw.rides.ptr) for draw in self.draws], axis=0)
        of_option = np.add.reduceat(of_queue[ways.queue], ways.option_ptr[:-1]) if len(ways.queue) else np.zeros(0)
        return max(float(of_option[self.people.option].sum()), 1.0)

    def at(self, price: Sequence[FloatArray]) -> AtPrices:
        """Return what some prices give.

        Parameters
        ----------
        price : sequence of ndarray, shape (visits,) each
            One per draw.
        """
        count, choices = len(self.draws), self.choices
        # Costs are added up in the order of the draws, whatever thread has worked them out.
        work = list(zip(self.costs, price, strict=True))
        found = side_by_side([partial(costs.costs, one) for costs, one in work], threads_here())
        total: FloatArray = sum(found[1:], start=found[0])
        total[:, 1:][~choices.open_to] = np.inf
        chosen = total.argmin(axis=1)
        cost = total[np.arange(len(chosen)), chosen] / count
        rooms = sum(float(draw.room.least(one).sum()) for draw, one in zip(self.draws, price, strict=True)) / count
        loads = side_by_side([partial(costs.loads, one, chosen) for costs, one in work], threads_here())
        slope = [
            (load - draw.room.least_load(one)) / count for draw, one, load in zip(self.draws, price, loads, strict=True)
        ]
        share = rooms / max(len(cost), 1)
        return AtPrices(float(cost.sum()) + rooms, cost + share, slope, chosen)

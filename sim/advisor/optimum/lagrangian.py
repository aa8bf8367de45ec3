"""The system optimum of a day, or a proven lower bound on it.

People are dealt out to the vehicles of the day so that their total cost is least: all may leave at any
time they accept and know when vehicles come, so that they wait for none; nobody gets more room than there is.
The room of each vehicle from stop to stop has a price, and for any prices

    sum over people of (cheapest ride with prices) + sum over stops of least over n (crowding of n - n price)

lies below every total that people could reach (Lagrangian duality; Everett 1963, Oper. Res. 11:399-417). Good
prices come from the linear program where it is small; from programs of a few rides of each class, to which those
are added that the prices make cheap, where that is small (column generation; Gilmore and Gomory 1961, Oper. Res.
9:849-859); and otherwise from averaged loads (Frank and Wolfe 1956).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy

from sim.advisor.optimum.ascent import PriceSteps
from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.demand_classes import DemandClasses
from sim.arrays import FloatArray

MOST_ENTRIES = 20_000
"""Largest linear program that is solved, in entries of its matrix (assumed); it takes up to a second."""

LEAST_RIDES = 12
"""Rides of each class that a program of a few must have room for (assumed)."""

FIRST_SHARE, MORE_SHARE = 0.4, 0.05
"""Parts of the largest program that the first of those with a few rides fills, and that each adds (assumed)."""

MOST_PROGRAMS = 12

MOST_ROUNDS = 12
"""Rounds in which the linear program is given better tangents of crowding."""

MOST_AVERAGES = 400
MOST_WORK = 4e6
"""Loads averaged where there is no linear program, and rides looked at in all."""

MOST_STEPS = 300
"""Steps in which prices are made better where a good plan is known (assumed)."""

TANGENT_SHARE = 1e-5
"""Part of the cost of crowding that tangents may miss."""

CLOSE_SHARE = 5e-4
"""A plan that costs so little more than the bound shows that the bound is the optimum."""


@dataclass(frozen=True)
class LowerBound:
    """What a total cost cannot go below.

    Attributes
    ----------
    cost_min : ndarray of float, shape (classes,)
        Part of the bound for one traveller of each class: their cost, and their share of what room is worth.
    exact : bool
        Whether a plan is known that costs no more.
    """

    cost_min: FloatArray
    exact: bool


def least_total(demand: DemandClasses, room: VehicleCapacity, reached_min: float | None = None) -> LowerBound:
    """Bound the least total cost of travellers who are dealt out to vehicles.

    Parameters
    ----------
    demand : DemandClasses
    room : VehicleCapacity
    reached_min : float or None
        What they pay together under a good plan, in minutes; where known, prices of large problems are made better
        step by step.
    """
    looking = _PriceSearch(demand, room)
    if looking.everybody_finds_room():
        return looking.found()
    if demand.entries() <= MOST_ENTRIES:
        looking.solve()
    elif looking.rides_for(FIRST_SHARE) >= LEAST_RIDES:
        looking.generate()
    else:
        looking.average()
        if reached_min is not None:
            looking.ascend(reached_min)
    return looking.found()


class _PriceSearch:
    """Looks for prices with a high bound, and for a plan with a low cost."""

    def __init__(self, demand: DemandClasses, room: VehicleCapacity) -> None:
        self.demand, self.room = demand, room
        self.best = -np.inf
        self.alone = room.empty_price()
        self.price = self.alone
        self.plan_min = np.inf
        self.alone_load = self.bound(self.alone)

    def bound(self, price: FloatArray) -> FloatArray:
        """Keep the bound with some prices where it is the best, and return the load that travellers then choose."""
        demand, room = self.demand, self.room
        # Any prices give a bound that holds (duality); these are only made better. Below what one rider alone costs a
        # price only lowers the bound (test_no_strategy_goes_below_it).
        price = np.maximum(price, self.alone)
        chosen, cost = demand.cheapest(room.toll(price, demand.rides))
        total = float((demand.count * cost).sum()) + float(room.least(price)[0].sum())
        if total > self.best:
            self.best, self.price = total, price
        served = chosen >= 0
        return room.load(demand.rides, chosen[served], demand.count[served])

    def everybody_finds_room(self) -> bool:
        """Tell whether all may take what is cheapest for one alone, and do not mind the others."""
        room, load = self.room, self.alone_load
        if (load > room.capacity).any() or not room.is_convex:
            return False
        # The bound less what room is worth in it is what all pay if each is alone; crowding comes on top.
        _, crowding = room.tangent(np.arange(len(load)), load)
        more_min = crowding - self.alone * load - room.least(self.alone)[0]
        self.plan_min = self.best + float(more_min.sum())
        return self._is_close()

    def solve(self) -> None:
        """Find prices by the linear program, crowding entering by tangents that follow the solution."""
        program = _BoundProgram(self.demand, self.room)
        for _ in range(MOST_ROUNDS):
            users, load, price = program.solve()
            self.bound(price)
            self.plan_min = min(self.plan_min, program.cost_of_whole_min(users))
            if not program.add_tangents(load):
                break

    def rides_for(self, share: float) -> int:
        """Return how many rides of each class fill a part of the largest program, at least 1."""
        demand = self.demand
        ride_entries = demand.entries() / max(len(demand.ride), 1)
        return max(int(share * MOST_ENTRIES / max(ride_entries * len(demand.count), 1.0)), 1)

    def generate(self) -> None:
        """Find prices by linear programs of a few rides of each class, with those that prices make cheap."""
        demand = self.demand
        kept = demand.spread(self.rides_for(FIRST_SHARE))
        for _ in range(MOST_PROGRAMS):
            few = demand.only(kept)
            if few.entries() > MOST_ENTRIES:
                break
            program = _BoundProgram(few, self.room)
            users, load, price = program.solve()
            if program.add_tangents(load):
                users, _, price = program.solve()
            self.bound(price)
            self.plan_min = min(self.plan_min, program.cost_of_whole_min(users))
            price = np.maximum(price, self.alone)
            # Column generation: where no ride that was left out is cheaper at these prices than what its class has, the
            # program of few rides has the prices of the whole one.
            cheap = demand.cheaper(self.room.toll(price, demand.rides), kept, self.rides_for(MORE_SHARE))
            if self._is_close() or not cheap.any():
                break
            kept |= cheap

    def average(self) -> None:
        """Find prices as marginal costs of averaged loads."""
        work = max(len(self.demand.ride), 1)
        rounds = int(np.clip(MOST_WORK / work, 4, MOST_AVERAGES))
        mean = self.alone_load
        for number in range(rounds):
            load = self.bound(self.room.price(mean))
            mean = mean + (load - mean) * 2.0 / (number + 3.0)

    def ascend(self, reached_min: float) -> None:
        """Make the best prices better, step by step, until they are near to what a plan costs."""
        price, people = self.price, max(float(self.demand.count.sum()), 1.0)
        moving = PriceSteps(self.alone, self.room.alike, MOST_STEPS)
        for _ in range(MOST_STEPS):
            slope = self.bound(price) - self.room.least(price)[1]
            left_min = (reached_min - self.best) / people
            if left_min <= CLOSE_SHARE * max(abs(reached_min), 1.0) / people:
                break
            price = moving.next(price, slope, left_min)

    def found(self) -> LowerBound:
        """Return the best bound as a cost for each class: refunds of tolls go to the classes that pay them."""
        demand, room = self.demand, self.room
        # The parts must sum to the bound, whoever gets which: tolls are no cost to all, so what was paid above the
        # price of an empty vehicle is given back.
        toll = room.toll(self.price, demand.rides) - room.toll(self.alone, demand.rides)
        chosen, cost = demand.cheapest(room.toll(self.price, demand.rides))
        paid = np.where(chosen >= 0, toll[np.maximum(chosen, 0)], 0.0) if len(toll) else np.zeros(len(cost))
        refund = float(room.least(self.price)[0].sum())
        total_paid = float((demand.count * paid).sum())
        part = paid / total_paid if total_paid > 0 else np.full(len(cost), 1.0 / max(demand.count.sum(), 1.0))
        return LowerBound(cost + part * refund, self._is_close())

    def _is_close(self) -> bool:
        """Tell whether a plan is known that costs no more than the bound."""
        return bool(
            np.isfinite(self.plan_min) and self.plan_min - self.best <= CLOSE_SHARE * max(abs(self.plan_min), 1.0)
        )


class _BoundProgram:
    """The linear program: how many of each class take each ride.

    Its variables are travellers by pair of class and ride, travellers of each class without a ride, and
    where crowding counts the load and the cost of each room, which lies above tangents.
    """

    def __init__(self, demand: DemandClasses, room: VehicleCapacity) -> None:
        self.demand, self.room = demand, room
        self.matrix, self.used = room.incidence(demand.rides, demand.ride)
        pairs, classes = len(demand.ride), len(demand.count)
        ones = scipy.sparse.csr_array((np.ones(pairs), (demand.owner, np.arange(pairs))), shape=(classes, pairs))
        self.everyone = scipy.sparse.csr_array(scipy.sparse.hstack([ones, scipy.sparse.eye_array(classes)]))
        self.own_min = np.concatenate([demand.cost_min, demand.otherwise_min])
        self.slopes: list[FloatArray] = []
        self.starts: list[FloatArray] = []
        for load in room.tangent_loads(self.used):
            self._add(load)

    def _add(self, load: FloatArray) -> None:
        slope, value = self.room.tangent(self.used, load)
        self.slopes.append(slope)
        self.starts.append(value - slope * load)

    def add_tangents(self, load: FloatArray) -> bool:
        """Add tangents at loads; return whether any of them was wanting."""
        known = np.max([start + slope * load for slope, start in zip(self.slopes, self.starts, strict=True)], axis=0)
        _, value = self.room.tangent(self.used, load)
        if float((value - known).sum()) <= TANGENT_SHARE * max(float(value.sum()), 1.0):
            return False
        self._add(load)
        return True

    def solve(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return travellers by pair and by class for none of them, loads of rooms, and the price of all rooms."""
        if len(self.slopes) == 1:
            return self._solve_linear()
        size, cells = self.everyone.shape[1], len(self.used)
        unit, without = scipy.sparse.eye_array(cells), scipy.sparse.csr_array((cells, len(self.demand.count)))
        loads = scipy.sparse.hstack([self.matrix.T, without, -unit, scipy.sparse.csr_array((cells, cells))])
        people = scipy.sparse.hstack([self.everyone, scipy.sparse.csr_array((len(self.demand.count), 2 * cells))])
        blank = scipy.sparse.csr_array((cells, size))
        cuts = [scipy.sparse.hstack([blank, scipy.sparse.diags_array(slope), -unit]) for slope in self.slopes]
        low = np.concatenate([np.zeros(size + cells), np.full(cells, -np.inf)])
        high = np.concatenate([np.full(size, np.inf), self.room.capacity[self.used], np.full(cells, np.inf)])
        found = _solved(
            np.concatenate([self.own_min, np.zeros(cells), np.ones(cells)]),
            A_ub=scipy.sparse.csr_array(scipy.sparse.vstack(cuts)),
            b_ub=-np.concatenate(self.starts),
            A_eq=scipy.sparse.csr_array(scipy.sparse.vstack([people, loads])),
            b_eq=np.concatenate([self.demand.count, np.zeros(cells)]),
            bounds=np.column_stack([low, high]),
        )
        # The multiplier of the row that counts a load is what one more rider there costs all together: the price.
        price = -found.eqlin.marginals[len(self.demand.count) :]
        return found.x[:size], found.x[size : size + cells], self._everywhere(price)

    def _solve_linear(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Solve where crowding costs nobody anything."""
        slope, classes = self.slopes[0], len(self.demand.count)
        found = _solved(
            self.own_min + np.concatenate([np.asarray(self.matrix @ slope), np.zeros(classes)]),
            A_ub=scipy.sparse.csr_array(
                scipy.sparse.hstack([self.matrix.T, scipy.sparse.csr_array((len(slope), classes))])
            ),
            b_ub=self.room.capacity[self.used],
            A_eq=self.everyone,
            b_eq=self.demand.count,
            bounds=(0.0, None),
        )
        load = np.asarray(found.x[: self.matrix.shape[0]] @ self.matrix)
        return found.x, load, self._everywhere(slope - found.ineqlin.marginals)

    def _everywhere(self, price: FloatArray) -> FloatArray:
        """Return the prices of all rooms; whoever is alone in the others pays for nobody else."""
        prices = self.room.empty_price()
        prices[self.used] = price
        return prices

    def cost_of_whole_min(self, users: FloatArray) -> float:
        """Return what a plan costs together in whole persons; infinite where somebody or some cost finds no place."""
        pairs = self.matrix.shape[0]
        count, owner = self.demand.count, np.append(self.demand.owner, np.arange(len(self.demand.count)))
        whole = np.floor(users + 1e-6)
        missing = count - np.bincount(owner, whole, len(count))
        order = np.lexsort((whole - users, owner))
        size = np.bincount(owner, minlength=len(count))
        rank = np.arange(len(order)) - np.repeat(np.cumsum(size) - size, size)
        whole[order[rank < missing[owner[order]]]] += 1.0
        load = np.asarray(whole[:pairs] @ self.matrix)
        if whole[pairs:].any() or (load > self.room.capacity[self.used]).any() or not self.room.is_convex:
            return np.inf
        _, crowding = self.room.tangent(self.used, load)
        return float((self.own_min * whole).sum()) + float(crowding.sum())


def _solved(cost: FloatArray, **program: Any) -> Any:
    """Solve a linear program by HiGHS.

    Raises
    ------
    ArithmeticError
        When the solver finds nothing.
    """
    found = scipy.optimize.linprog(cost, method="highs-ipm", **program)
    if found.x is None:
        raise ArithmeticError(f"the bound on total cost could not be worked out: {found.message}")
    return found

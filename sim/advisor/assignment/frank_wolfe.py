"""Windows for many users at once: averages of the best answers to marginal costs (Frank and Wolfe 1956).

What all travellers pay together is convex in the loads, so that best answers to marginal costs, averaged, come to
the least total. Each answer looks at every user by himself, whatever their number. Traffic is taken as forecast
with the users in it, and the days go on with what the simulation makes of the assignment.
"""

from __future__ import annotations

import numpy as np

from sim.advisor.fairness import habit_column, is_fair_to_ask
from sim.advisor.forecast import observed_days
from sim.advisor.strategy import AdvisorView
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.population.generalized_cost import crowding_multiplier, crowding_slope
from sim.population.systematic_sampling import group_rows

ROUNDS = 30

OVERFULL_MIN = 300.0
"""Price in the averages of passing the room by all of a vehicle's capacity, in minutes (assumed)."""

QUEUE_SHARE = 0.25
"""Part that counts of what one user costs those behind him in a queue (assumed): all of it only for the first who
leaves the queue, as it is shorter for the next."""

ROUNDING = 1e-9


def assign_by_frank_wolfe(view: AdvisorView) -> IntArray:
    """Return the candidate column of each user.

    Nobody is moved into a vehicle departure (line, stop, period) whose forecast load would then pass the target
    load factor.

    Parameters
    ----------
    view : AdvisorView
    """
    assignment = _Assignment(view)
    share = assignment.average()
    population, users = view.population, view.users
    alike = group_rows(population.journeys.option[users], assignment.habit)
    coin = view.lasting.tie.within(alike, users)
    passed = np.cumsum(share, axis=1)
    wanted = (coin[:, None] * passed[:, -1:] > passed).sum(axis=1)
    return assignment.admit(np.minimum(wanted, share.shape[1] - 1).astype(np.int64))


class _Assignment:
    """Users, what windows cost them and others, and who is where."""

    def __init__(self, view: AdvisorView) -> None:
        costs, forecast = view.costs, view.forecast
        self.case = costs.candidates.case
        self.cells = costs.forecast.cells
        self.rows = np.arange(len(view.users))
        self.habit = habit_column(view)
        self.chance = view.chance
        self.crowding = view.scenario.parameters.preferences.crowding
        self.capacity = forecast.capacity.reshape(-1)
        self.limit = view.scenario.parameters.advisor.target_load_factor * self.capacity
        preferences = view.scenario.parameters.preferences
        self.running_min = preferences.in_vehicle_weight * forecast.running_s.reshape(-1) / 60.0
        seen = forecast.load.reshape(-1)
        ride_min = self.running_min * crowding_multiplier(self.crowding, self._factor(seen))
        others_min = QUEUE_SHARE * costs.forecast.queue_cost_min - np.asarray(self.cells @ ride_min)
        self.open_to = _open(view)
        self.own_min = np.where(self.open_to, costs.own_min + others_min[self.case], np.inf)
        self.place = self._kept(view)
        self.without = seen - self._seen_users(view)

    def _kept(self, view: AdvisorView) -> IntArray:
        """Return the column of yesterday's advice, of habit where that is none any more."""
        if not view.plans:
            return self.habit
        column = _column_of(view, view.plans[-1].window)
        stays = (column >= 0) & self.open_to[self.rows, np.maximum(column, 0)]
        return np.where(stays, column, self.habit)

    def _seen_users(self, view: AdvisorView) -> FloatArray:
        """Return the riders that users were expected to be on the days that the forecast is made of."""
        days = observed_days(len(view.observations), view.scenario.parameters.advisor.forecast)
        riders = np.zeros(len(self.capacity))
        for day in days:
            column = self.habit
            if day < len(view.plans) and view.plans[day].advised.any():
                advised = _column_of(view, view.plans[day].window)
                column = np.where(advised >= 0, advised, self.habit)
            share = np.zeros(self.case.shape)
            share[self.rows, column] = 1.0
            riders += self._riders(share) / len(days)
        return riders

    def _riders(self, share: FloatArray) -> FloatArray:
        """Return the riders in each cell where users are advised windows by shares, shape (cells,)."""
        cases = self.cells.shape[0]
        goes = share * self.chance
        count = np.bincount(self.case.reshape(-1), goes.reshape(-1), cases)
        stays = self.chance[self.rows, self.habit] - goes.sum(axis=1)
        count += np.bincount(self.case[self.rows, self.habit], stays, cases)
        riders: FloatArray = count @ self.cells
        return riders

    def _factor(self, load: FloatArray) -> FloatArray:
        return np.divide(load, self.capacity, out=np.zeros_like(load), where=self.capacity > 0)

    def _total_min(self, riders: FloatArray) -> FloatArray:
        """Return what advice of each candidate is expected to cost all, shape (users, candidates)."""
        load = np.maximum(self.without + riders, 0.0)
        factor = self._factor(load)
        slope = crowding_multiplier(self.crowding, factor) + factor * crowding_slope(self.crowding, factor)
        price = self.running_min * slope + OVERFULL_MIN * self._factor(np.maximum(load - self.limit, 0.0))
        cost = self.own_min + np.asarray(self.cells @ price)[self.case]
        more = cost - cost[self.rows, self.habit][:, None]
        # Who does not follow pays what he pays by habit.
        return np.where(self.open_to, self.chance * np.where(self.open_to, more, 0.0), np.inf)

    def average(self) -> FloatArray:
        """Return the share of each user's advice that is each candidate, shape (users, candidates)."""
        share = np.zeros(self.case.shape)
        share[self.rows, self.place] = 1.0
        for number in range(ROUNDS):
            best = self._total_min(self._riders(share)).argmin(axis=1)
            step = 2.0 / (number + 3.0)
            share *= 1.0 - step
            share[self.rows, best] += step
        return share

    def admit(self, wanted: IntArray) -> IntArray:
        """Move users to what is wanted where there is room on every vehicle departure they need.

        Who enters none that may be full is moved at once, the others one by one, largest gains first.

        Parameters
        ----------
        wanted : ndarray of int, shape (users,)
        """
        start = np.zeros(self.case.shape)
        start[self.rows, self.place] = 1.0
        load = self.without + self._riders(start)
        movers = np.flatnonzero((wanted != self.place) & self.open_to[self.rows, wanted])
        new, chance = self.case[movers, wanted[movers]], self.chance[movers, wanted[movers]]
        enters = np.bincount(new, chance, self.cells.shape[0]) @ self.cells
        full = np.asarray(self.cells @ (load + enters > self.limit + ROUNDING).astype(np.float64)) > 0
        place = self.place.copy()
        place[movers[~full[new]]] = wanted[movers[~full[new]]]
        now = np.zeros(self.case.shape)
        now[self.rows, place] = 1.0
        riders = self._riders(now)
        total = self._total_min(riders)
        careful = movers[full[new]]
        gain = total[careful, place[careful]] - total[careful, wanted[careful]]
        careful = careful[np.argsort(-gain, kind="stable")]
        self._one_by_one(careful, wanted, place, (self.without + riders).tolist())
        return place

    def _one_by_one(self, movers: IntArray, wanted: IntArray, place: IntArray, load: list[float]) -> None:
        limit, indptr, indices = self.limit.tolist(), self.cells.indptr.tolist(), self.cells.indices.tolist()

        def change(case: int, by: float) -> None:
            for cell in indices[indptr[case] : indptr[case + 1]]:
                load[cell] += by

        for row in movers.tolist():
            home, old, new = (int(self.case[row, at]) for at in (self.habit[row], place[row], wanted[row]))
            most, goes, went = (float(self.chance[row, at]) for at in (self.habit[row], wanted[row], place[row]))
            change(old, -went)
            change(home, went - most)
            if all(load[cell] + goes <= limit[cell] + ROUNDING for cell in indices[indptr[new] : indptr[new + 1]]):
                change(new, goes)
                change(home, most - goes)
                place[row] = wanted[row]
            else:
                change(old, went)
                change(home, most - went)


def _open(view: AdvisorView) -> BoolArray:
    """Say which windows each user may be advised, shape (users, candidates)."""
    possible: BoolArray = np.isfinite(view.costs.own_min)
    fair = is_fair_to_ask(view)
    return possible if fair is None else possible & fair


def _column_of(view: AdvisorView, window: IntArray) -> IntArray:
    """Return the candidate column of a window per user; -1 where it is none, shape (users,)."""
    candidates = view.candidates
    column = window[view.users] - candidates.window[:, 0]
    inside = (window[view.users] >= 0) & (column >= 0) & (column < candidates.window.shape[1])
    return np.where(inside, column, -1)

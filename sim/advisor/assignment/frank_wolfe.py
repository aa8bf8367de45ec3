"""Windows for many users at once: averages of the best answers to marginal costs (Frank and Wolfe 1956).

What all travellers pay together is convex in the loads, so that best answers to marginal costs, averaged, come to
the least total. Each answer looks at every user alone, whatever their number. Traffic is taken as forecast
with the users in it, and the days go on with what the simulation makes of the assignment.
"""

from __future__ import annotations

import numpy as np

from sim.advisor.assignment.moves import move_one_by_one
from sim.advisor.fairness import is_fair_to_ask
from sim.advisor.forecast import observed_days
from sim.advisor.strategy import AdvisorView
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import loops
from sim.population.crowding import crowding_multiplier, crowding_slope
from sim.population.systematic_sampling import group_rows

ROUNDS = 30

OVERFULL_MIN = 300.0
"""Price in the averages of passing the room by all of a vehicle's capacity, in minutes (assumed)."""

QUEUE_SHARE = 0.25
"""Part that counts of what one user costs those behind in a queue (assumed): all of it only for the first user to
leave the queue, as it is shorter for the next."""

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
    alike = group_rows(population.journeys.option[users], assignment.usual)
    # The coin is the same on all days: while shares stand still nobody is sent to and fro between windows. Within a
    # group of people alike the coins are spread evenly, so that the shares are met to a person.
    coin = view.lasting.tie.within(alike, users)
    passed = np.cumsum(share, axis=0)
    wanted = (coin * passed[-1] > passed).sum(axis=0)
    return assignment.admit(np.minimum(wanted, len(share) - 1).astype(np.int64))


class _Assignment:
    """Users, what windows cost them and others, and where each of them is.

    Arrays of shape (candidates, users) hold the first candidate of all users, then the second one, so that candidates
    are compared for all users at once.
    """

    def __init__(self, view: AdvisorView) -> None:
        costs, forecast = view.costs, view.forecast
        self.path = costs.forecast.path
        self.case = costs.candidates.case
        self.goal = np.ascontiguousarray(self.path.last_goal[self.case.T])
        self.rows = np.arange(len(view.users))
        self.usual = view.usual_column
        self.chance = np.ascontiguousarray(view.chance.T, dtype=np.float64)
        # The shift that people are asked for is from their habit. Whoever has changed may be less likely to follow even
        # where they leave by now, and stays there then: what a user stands for is the most of all windows.
        self.most = self.chance.max(axis=0, initial=0.0)
        self.all_go_along = bool((self.chance == 1.0).all())
        self.crowding = view.scenario.parameters.preferences.crowding
        self.capacity = forecast.capacity.reshape(-1)
        self.limit = view.scenario.parameters.advisor.target_load_factor * self.capacity
        preferences = view.scenario.parameters.preferences
        self.running_min = preferences.in_vehicle_weight * forecast.running_s.reshape(-1) / 60.0
        seen = forecast.load.reshape(-1)
        ride_min = self.running_min * crowding_multiplier(self.crowding, self._factor(seen))
        ride_min = self.path.sums_at_goals(ride_min)[self.path.last_goal]
        others_min = QUEUE_SHARE * costs.forecast.queue_cost_min - ride_min
        self.open_to = np.ascontiguousarray(_open(view).T)
        own_min = costs.own_min + others_min[self.case]
        self.own_min = np.ascontiguousarray(np.where(self.open_to, own_min.T, np.inf))
        self.place = self._kept(view)
        # What others load must not count the users again, who are in the traffic that was seen: they are taken out as
        # they were expected to travel on the days of the forecast, and put back as they are advised today.
        self.without = seen - self._seen_users(view)

    def _kept(self, view: AdvisorView) -> IntArray:
        """Return the column of yesterday's advice, of leaving as usual where that is none any more."""
        if not view.plans:
            return self.usual
        column = column_of(view, view.plans[-1].window)
        stays = (column >= 0) & self.open_to[np.maximum(column, 0), self.rows]
        return np.where(stays, column, self.usual)

    def _seen_users(self, view: AdvisorView) -> FloatArray:
        """Return the riders that users were expected to be on the days that the forecast is made of."""
        days = observed_days(len(view.observations), view.scenario.parameters.advisor.forecast)
        riders = np.zeros(len(self.capacity))
        for day in days:
            column = self.usual
            if day < len(view.plans) and view.plans[day].advised.any():
                advised = column_of(view, view.plans[day].window)
                column = np.where(advised >= 0, advised, self.usual)
            riders += self._riders(column) / len(days)
        return riders

    def _riders(self, column: IntArray) -> FloatArray:
        """Return the riders in each cell where each user is advised a candidate, shape (cells,).

        Of those that a user stands for, some go along and the others leave as without advice.
        """
        goal = self.goal[column, self.rows]
        if self.all_go_along:
            return self.path.riders(np.bincount(goal, minlength=self.path.goals))
        goes = self.chance[column, self.rows]
        stays = self.most - goes
        count = np.bincount(goal, goes, self.path.goals)
        return self.path.riders(count + np.bincount(self.goal[self.usual, self.rows], stays, self.path.goals))

    def _factor(self, load: FloatArray) -> FloatArray:
        return np.divide(load, self.capacity, out=np.zeros_like(load), where=self.capacity > 0)

    def _price_min(self, riders: FloatArray) -> FloatArray:
        """Return what one more rider costs all on the way to each goal: the slope of the total in the loads."""
        load = np.maximum(self.without + riders, 0.0)
        factor = self._factor(load)
        slope = crowding_multiplier(self.crowding, factor) + factor * crowding_slope(self.crowding, factor)
        price = self.running_min * slope + OVERFULL_MIN * self._factor(np.maximum(load - self.limit, 0.0))
        return self.path.sums_at_goals(price)

    def _total_min(self, riders: FloatArray) -> FloatArray:
        """Return what advice of each candidate is expected to cost all, shape (candidates, users)."""
        cost = self.own_min + self._price_min(riders).take(self.goal)
        if self.all_go_along:
            return cost
        more = cost - cost[self.usual, self.rows]
        # Those who do not follow pay what they pay without advice.
        return np.where(self.open_to, self.chance * np.where(self.open_to, more, 0.0), np.inf)

    def _best(self, riders: FloatArray) -> IntArray:
        """Return the candidate of least total cost for each user, the first of equals, shape (users,)."""
        library = loops()
        if library is None:
            return first_least(self._total_min(riders))
        best = np.empty(len(self.rows), dtype=np.int64)
        library.peakshift_windows_best(
            *(*self.goal.shape, self.own_min, self._price_min(riders), self.goal, int(self.all_go_along)),
            *(self.usual, self.chance, self.open_to, best),
        )
        return best

    def average(self) -> FloatArray:
        """Return the share of each user's advice that is each candidate, shape (candidates, users).

        A round must move towards the best answers to the marginal costs at the loads of the average so far. Riders are
        linear in shares, so that those of the average are the same average of the riders of the answers
        (tests/unit/test_advisor_frank_wolfe.py counts them anew from the shares).
        """
        share = np.zeros(self.goal.shape)
        share[self.place, self.rows] = 1.0
        riders = self._riders(self.place)
        for number in range(ROUNDS):
            best = self._best(riders)
            # The classical step, 2 / (k + 2) for the k-th answer, the start being the first of them: the distance to
            # the least total then falls like 1 / k (Jaggi 2013).
            step = 2.0 / (number + 3.0)
            share *= 1.0 - step
            share[best, self.rows] += step
            riders = (1.0 - step) * riders + step * self._riders(best)
        return share

    def admit(self, wanted: IntArray) -> IntArray:
        """Move users to what is wanted where there is room on every vehicle departure they need.

        Users who enter none that may be full are moved at once, the others one by one, largest gains first.

        Parameters
        ----------
        wanted : ndarray of int, shape (users,)
        """
        load = self.without + self._riders(self.place)
        movers = np.flatnonzero((wanted != self.place) & self.open_to[wanted, self.rows])
        new, chance = self.goal[wanted[movers], movers], self.chance[wanted[movers], movers]
        enters = self.path.riders(np.bincount(new, chance, self.path.goals))
        full = self.path.sums_at_goals((load + enters > self.limit + ROUNDING).astype(np.float64)) > 0
        place = self.place.copy()
        place[movers[~full[new]]] = wanted[movers[~full[new]]]
        riders = self._riders(place)
        total = self._total_min(riders)
        careful = movers[full[new]]
        gain = total[place[careful], careful] - total[wanted[careful], careful]
        # Whoever is moved one by one must find room on every departure as it is then, users moved before included:
        # quotas are never above the forecast (test_moves_do_not_fill_a_departure_beyond_its_limit). The largest gains
        # go first, since the room that is left goes to whoever asks first.
        careful = careful[np.argsort(-gain, kind="stable")]
        self._one_by_one(careful, wanted, place, self.without + riders)
        return place

    def _one_by_one(self, movers: IntArray, wanted: IntArray, place: IntArray, load: FloatArray) -> None:
        """Move those for whom there is room, in order; `place` and `load` are changed."""
        places = np.stack([self.usual[movers], place[movers], wanted[movers]], axis=1)
        cases, ways = np.unique(self.case[movers[:, None], places], return_inverse=True)
        people = self.chance[places, movers[:, None]]
        people[:, 0] = self.most[movers]
        moved = move_one_by_one(
            self.path.cells(cases), ways.reshape(-1, 3), people, np.asarray(self.limit + ROUNDING), load
        )
        place[movers[moved]] = wanted[movers[moved]]


def first_least(cost: FloatArray) -> IntArray:
    """Return for each column the first row with its least entry, shape (columns,).

    The same as ``cost.argmin(axis=0)``, which compares the few rows of one column after the other.

    Parameters
    ----------
    cost : ndarray of float, shape (rows, columns)
    """
    least, place = cost[0].copy(), np.zeros(cost.shape[1], dtype=np.int16)
    for row in range(1, len(cost)):
        # Rows rise, so that the highest one that was below all before it is the first with the least entry.
        np.maximum(place, (cost[row] < least).astype(np.int16) * np.int16(row), out=place)
        np.minimum(least, cost[row], out=least)
    return place.astype(np.int64)


def _open(view: AdvisorView) -> BoolArray:
    """Say which windows each user may be advised, shape (users, candidates)."""
    possible: BoolArray = np.isfinite(view.costs.own_min)
    fair = is_fair_to_ask(view)
    return possible if fair is None else possible & fair


def column_of(view: AdvisorView, window: IntArray) -> IntArray:
    """Return the candidate column of a window per user; -1 where it is none, shape (users,)."""
    candidates = view.candidates
    column = window[view.users] - candidates.window[:, 0]
    inside = (window[view.users] >= 0) & (column >= 0) & (column < candidates.window.shape[1])
    return np.where(inside, column, -1)

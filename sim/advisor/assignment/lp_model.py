"""The best assignment of groups of users to windows, as a linear program (HiGHS).

Users who are alike, with the same journey, the same wish and the same windows to choose from, are
a group. The program minimises what all travellers pay together: each user's own cost without
crowding, what the user adds to queues, and the crowding of everybody on board, which is convex in the load
and enters in pieces. The pieces are made finer around the solution until they are as small as one user.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.commuters import Population
from sim.population.crowding import crowding_multiplier
from sim.population.observation import Observation
from sim.population.systematic_sampling import group_rows
from sim.population.window_forecast import WindowForecaster
from sim.population.windows import CandidateWindows, WindowCosts

MOST_ENTRIES = 60_000
"""Largest program that is solved as a whole, in entries of its matrix (assumed); it takes about a second."""

PIECES = 24
MOST_REFINEMENTS = 8
ROUNDING = 0.01
"""Room for so much less than a whole user counts as room for one; it comes of rounding."""

NO_ROOM_MIN = 1e4
"""What leaving users where they are counts in the program: more than any window (assumed)."""


LEFT_BEHIND_MIN = 60.0
"""What being on a vehicle without room counts for users who do not follow: being left behind (assumed)."""


@dataclass(frozen=True)
class Groups:
    """Users who are alike.

    Attributes
    ----------
    of_user : ndarray of int, shape (users,)
        Group of each user.
    first : ndarray of int, shape (groups,)
        One user of each group, who stands for it.
    size : ndarray of int, shape (groups,)
    """

    of_user: IntArray
    first: IntArray
    size: IntArray

    def mean(self, values: FloatArray) -> FloatArray:
        """Return the mean over the users of each group, shape (groups, columns), of values, shape (users, columns)."""
        sums = np.stack([np.bincount(self.of_user, column, len(self.size)) for column in values.T], axis=1)
        mean: FloatArray = sums / self.size[:, None]
        return mean


def group_users(population: Population, candidates: CandidateWindows, extra: IntArray) -> Groups:
    """Put users together who differ in nothing that counts.

    Parameters
    ----------
    population : Population
    candidates : CandidateWindows
        Of the users.
    extra : ndarray of int, shape (users,)
        Whatever else tells users apart.
    """
    who = candidates.commuter
    wish = np.round(np.nan_to_num(population.preferred_arrival_s[who]) * 1000.0).astype(np.int64)
    last = candidates.window[:, 0] + candidates.acceptable.sum(axis=1)
    traits = population.traits
    weights = group_rows(*(_codes(column[who]) for column in (traits.early_factor, traits.late_factor)))
    of_user = group_rows(population.journeys.option[who], wish, candidates.window[:, 0], last, extra, weights)
    _, first, size = np.unique(of_user, return_index=True, return_counts=True)
    return Groups(of_user, first.astype(np.int64), size.astype(np.int64))


def _codes(values: FloatArray) -> IntArray:
    """Give the distinct values of a column numbers."""
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)


def entries(groups: Groups, costs: WindowCosts) -> int:
    """Count the entries of the matrix that the program would have."""
    per_case = np.diff(costs.forecast.cells.indptr)
    return int(per_case[costs.candidates.case[groups.first]].sum())


def least_entries(groups: Groups, candidates: CandidateWindows, forecaster: WindowForecaster) -> int:
    """Count entries that the matrix has whatever the traffic: never more than `entries`.

    Parameters
    ----------
    groups : Groups
    candidates : CandidateWindows
        Of the users.
    forecaster : WindowForecaster
    """
    option = candidates.unique_option[candidates.case[groups.first]]
    return int(forecaster.least_departures[option].sum())


@dataclass(frozen=True)
class Program:
    """The linear program of one day.

    Attributes
    ----------
    costs : WindowCosts
        Under the traffic without the users.
    groups : Groups
    traffic : Observation
        Without the users.
    room : ndarray of float, shape (points * periods,)
        Riders for whom the advisor may use the vehicles of each cell.
    weight : float
        Riders that a user stands for: the chance that they follow, or more.
    open_to : ndarray of bool, shape (groups, candidates)
        Windows that a group may be advised.
    chance : ndarray of float, shape (groups, candidates)
        Part of that weight that goes along.
    most : ndarray of float, shape (groups,)
        Part of that weight that could go along at all: those who do not go along with a window stay.
    usual : ndarray of int, shape (groups,)
        Column of the window in which they stay.
    """

    costs: WindowCosts
    groups: Groups
    traffic: Observation
    room: FloatArray
    weight: float
    open_to: BoolArray
    chance: FloatArray
    most: FloatArray
    usual: IntArray

    def solve(self, preferences: PreferenceParameters) -> IntArray:
        """Return how many users of each group are advised each candidate, shape (groups, candidates).

        A group of whom not all find room has a smaller sum than its size.
        """
        group, column = np.nonzero(self.open_to)
        cells, own = self._expected(group, column)
        used = np.unique(cells.indices).astype(np.int64)
        if not len(group) or not len(used):
            return np.zeros(self.open_to.shape, dtype=np.int64)
        matrix = scipy.sparse.csr_array(cells[:, used])
        crowding = _Crowding(preferences, self.traffic, used)
        # The cost of a window holds the ride at the load of the forecast. It is taken out here, as the pieces below
        # count it at the load of the plan: left in, crowding would count twice.
        fixed = own - np.asarray(matrix @ crowding.ride_min())
        most = int(np.ceil(self.groups.size.sum()))
        # Room in whole users must be rounded down: a quota above it would fill a vehicle beyond its forecast
        # (test_quotas_do_not_exceed_the_room_there_is).
        units = np.floor(np.minimum(np.maximum(self.room[used], 0.0) / self.weight + ROUNDING, most)).astype(np.int64)
        edges = [np.unique(np.round(np.linspace(0, top, PIECES + 1)).astype(np.int64)) for top in units]
        for _ in range(MOST_REFINEMENTS):
            users = self._solve(group, fixed, matrix, crowding, edges)
            level = np.asarray(users @ matrix)
            finer = [_refined(steps, float(where)) for steps, where in zip(edges, level, strict=True)]
            if not crowding.matters or all(len(new) == len(old) for new, old in zip(finer, edges, strict=True)):
                break
            edges = finer
        shares = np.zeros(self.open_to.shape)
        shares[group, column] = users
        return _whole(shares, np.minimum(self.groups.size, np.round(shares.sum(axis=1)).astype(np.int64)))

    def _expected(self, group: IntArray, column: IntArray) -> tuple[scipy.sparse.csr_array, FloatArray]:
        """Return the cells that advice leads to, and its cost besides crowding; those who do not follow count too."""
        forecast, case = self.costs.forecast, self.costs.candidates.case[self.groups.first]
        # Users of a group differ in what staying costs, as each leaves at a moment of their own.
        own_min = self.groups.mean(self.costs.own_min) + forecast.queue_cost_min[case]
        goes = self.chance[group, column]
        stays = self.most[group] - goes
        if (goes == 1.0).all() and not stays.any():
            return forecast.cells[case[group, column]], own_min[group, column]
        usual = self.usual[group]
        both = (
            scipy.sparse.diags_array(goes) @ forecast.cells[case[group, column]]
            + scipy.sparse.diags_array(stays) @ forecast.cells[case[group, usual]]
        )
        # A user whose usual window leads to no vehicle of its own takes the vehicle of another window.
        usual_min = np.where(np.isfinite(own_min), own_min, own_min.min(axis=1)[:, None])
        return scipy.sparse.csr_array(both), goes * own_min[group, column] + stays * usual_min[group, usual]

    def _solve(
        self,
        group: IntArray,
        fixed: FloatArray,
        matrix: scipy.sparse.csr_array,
        crowding: _Crowding,
        edges: list[IntArray],
    ) -> FloatArray:
        """Solve with the pieces given; return users by variable, in the order of the rows of the matrix."""
        cells, variables, groups = len(edges), len(group), len(self.groups.size)
        pieces = [np.diff(steps) for steps in edges]
        owner = np.repeat(np.arange(cells), [len(widths) for widths in pieces])
        width = np.concatenate(pieces).astype(np.float64)
        slope = np.concatenate(
            [crowding.slopes(cell, steps.astype(np.float64) * self.weight) for cell, steps in enumerate(edges)]
        )
        if (self.chance < self.most[:, None]).any():
            # Users who do not follow stay, room or not.
            owner, width = np.append(owner, np.arange(cells)), np.append(width, np.full(cells, np.inf))
            slope = np.append(slope, np.full(cells, LEFT_BEHIND_MIN))
        cost = np.concatenate([fixed, np.full(groups, NO_ROOM_MIN), slope])
        belongs = scipy.sparse.csr_array((np.ones(variables), (group, np.arange(variables))), shape=(groups, variables))
        piece_of = scipy.sparse.csr_array(
            (-np.ones(len(width)), (owner, np.arange(len(width)))), shape=(cells, len(width))
        )
        everyone = scipy.sparse.hstack(
            [belongs, scipy.sparse.eye_array(groups), scipy.sparse.csr_array((groups, len(width)))]
        )
        loads = scipy.sparse.hstack([matrix.T, scipy.sparse.csr_array((cells, groups)), piece_of])
        right = np.concatenate([self.groups.size, np.zeros(cells)])
        upper = np.concatenate([np.full(variables + groups, np.inf), width])
        found = scipy.optimize.milp(
            cost,
            constraints=scipy.optimize.LinearConstraint(
                scipy.sparse.csr_array(scipy.sparse.vstack([everyone, loads])), right, right
            ),
            bounds=scipy.optimize.Bounds(0.0, upper),
        )
        if found.x is None:
            raise ArithmeticError(f"the assignment of windows could not be solved: {found.message}")
        return np.asarray(found.x[:variables], dtype=np.float64)


class _Crowding:
    """What everybody on board pays together for the ride, by cell and load."""

    def __init__(self, preferences: PreferenceParameters, traffic: Observation, cells: IntArray) -> None:
        self.parameters = preferences.crowding
        self.matters = preferences.crowding.kind != "none"
        self.load = traffic.load.reshape(-1)[cells]
        self.capacity = traffic.capacity.reshape(-1)[cells]
        self.running_min = preferences.in_vehicle_weight * traffic.running_s.reshape(-1)[cells] / 60.0

    def ride_min(self) -> FloatArray:
        """Return what one more rider pays at the load there is, shape (cells,)."""
        factor = np.divide(self.load, self.capacity, out=np.zeros_like(self.load), where=self.capacity > 0)
        return self.running_min * crowding_multiplier(self.parameters, factor)

    def slopes(self, cell: int, added: FloatArray) -> FloatArray:
        """Return the cost per rider of each piece between steps of added load, rising."""
        load = self.load[cell] + added
        factor = load / self.capacity[cell] if self.capacity[cell] > 0 else np.zeros_like(load)
        total = self.running_min[cell] * load * crowding_multiplier(self.parameters, factor)
        # Pieces must rise, or the program would fill a dear piece before a cheap one; the total is convex where the
        # crowding table is, and this makes it so where the table is not.
        rising: FloatArray = np.maximum.accumulate(np.diff(total) / np.diff(added))
        return rising


def _refined(steps: IntArray, level: float) -> IntArray:
    """Return the steps with the two pieces around a level cut into smaller ones."""
    place = int(np.searchsorted(steps, level))
    low, high = int(steps[max(place - 2, 0)]), int(steps[min(place + 1, len(steps) - 1)])
    return np.unique(np.concatenate([steps, np.round(np.linspace(low, high, PIECES + 1)).astype(np.int64)]))


def _whole(shares: FloatArray, total: IntArray) -> IntArray:
    """Round each row to whole users that sum to a total, the largest remainders first."""
    # Rows must keep their sum: everybody who found room gets one window, and nobody two.
    whole = np.floor(shares + 1e-6)
    missing = total - whole.sum(axis=1)
    rank = np.argsort(np.argsort(-(shares - whole), axis=1, kind="stable"), axis=1, kind="stable")
    counts: IntArray = (whole + (rank < missing[:, None])).astype(np.int64)
    return counts

"""Plans improved from rehearsal to rehearsal.

In each round everybody looks at a rehearsed day: what each window would cost them, and what it would cost all others
through crowding on board and through the queues they stand in. Some of those who would cost everybody less elsewhere
are moved there, more likely the more it is. The new plan is rehearsed on all draws, and kept if all commuters together
pay less; otherwise fewer are moved the next time (an ascent with a step that regulates itself, as in Liu, He and He
2009, NETS 9:485-503, in which the simulation and not a formula says whether a step was one forward).

What one person costs others is right for the first who moves and less right the more move together. So rounds differ in
how much of it counts: each such share has a step of its own, and the one that gained most when it was last tried is
tried next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from sim.advisor.fairness import is_fair_to_ask
from sim.advisor.forecast import forecast_traffic
from sim.advisor.rehearsal.draws import plan_draws
from sim.advisor.rehearsal.marginal_costs import USERS_AT_ONCE, MarginalCosts
from sim.advisor.rehearsal.regret_price import RegretPrice
from sim.advisor.rehearsal.stage import SeenRehearsal, Stage, plausible_shares
from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray, IntArray
from sim.population.observation import Observation
from sim.population.windows import CandidateWindows, Kept, WindowCosts, window_costs, window_of
from sim.randomness import Purpose
from sim.threads import side_by_side

QUEUE_SHARES = (1.0, 0.5, 0.25)
"""Parts that count of what one more person in a queue costs those behind, one of them in each round (assumed)."""

FIRST_STEP, GROWTH, SHRINKAGE, LARGEST_STEP, LEAST_STEP = 0.3, 1.2, 0.6, 0.5, 0.002
"""Share of those who would gain that moves in a first round, how it grows after a plan that was better and shrinks
after one that was not, how large it becomes, and from where on nothing more is looked for (assumed)."""

MOST_IN_VAIN = 6
"""Rounds in a row that find nothing better before nothing more is looked for (assumed)."""

MOST_ANSWERS, ANSWERING_SHARE, ANSWERS_IN_VAIN = 8, 0.5, 2
"""Rounds in which people answer to each other, how many of them do in each, and rounds in a row that find nothing
better before they end (assumed)."""

TOLL_MIN = 300.0
"""Price of one person whom a vehicle carries from a stop beyond the target load factor, in minutes (assumed): more than
one person saves by leaving at another time."""

LEAST_GAIN_MIN = 1e-6
"""Gains below this are rounding errors of costs."""


@dataclass(frozen=True)
class MoveSteps:
    """How many people move in the rounds of an improvement.

    Attributes
    ----------
    first_share : float
        Of those who would gain, in a first round.
    most_in_vain : int
        Rounds in a row that find nothing better before nothing more is looked for.
    """

    first_share: float
    most_in_vain: int


COARSE = MoveSteps(FIRST_STEP, MOST_IN_VAIN)


@dataclass(frozen=True)
class Tried:
    """A plan and what came of it on the draws that plans are made with.

    Attributes
    ----------
    place : ndarray of int, shape (users,)
        Candidate column advised to each user; -1 for none.
    mean_min : float
        Mean generalized cost of everybody over the draws, in minutes, with a toll on loads above the target and a
        price of regret above its bound.
    days : tuple of SeenRehearsal
        One per draw.
    """

    place: IntArray
    mean_min: float
    days: tuple[SeenRehearsal, ...]


class Improvement:
    """Users, their windows, and the rehearsals in which plans are compared.

    Parameters
    ----------
    view : AdvisorView
    stage : Stage
    draws : sequence of int or None
        Draws on which plans are made; those that the scenario asks for where None.
    """

    def __init__(self, view: AdvisorView, stage: Stage, draws: Sequence[int] | None = None) -> None:
        self.view = view
        self.stage = stage
        advisor = view.scenario.parameters.advisor
        self.draws = range(plan_draws(view)) if draws is None else draws
        reach_share = advisor.rehearsal.compliance_range_share
        self.shares = plausible_shares(advisor.compliance_share, reach_share, len(self.draws))
        self.rows = np.arange(len(view.users))
        self.now = own_column(view)
        fair = is_fair_to_ask(view)
        self.open_to = view.candidates.acceptable & (True if fair is None else fair)
        # Leaving as they do asks nothing of anybody, wherever that is.
        self.open_to[self.rows, self.now] |= self.now >= 0
        self.steps = dict.fromkeys(QUEUE_SHARES, FIRST_STEP)
        self.regret_price = RegretPrice.of(view)
        self.costs: MarginalCosts | None = None
        self.round = 0

    def allowed(self, place: IntArray) -> IntArray:
        """Return a plan without windows that users cannot accept, even to stay in, or may not be asked."""
        # To be told none is to stay (test_whoever_leaves_in_a_wide_window_that_they_cannot_accept_is_told_none).
        at = self.rows, np.maximum(place, 0)
        return np.where((place >= 0) & self.open_to[at] & self.view.candidates.acceptable[at], place, -1)

    def tried(self, place: IntArray) -> Tried:
        """Rehearse a plan on all draws that plans are made with.

        Parameters
        ----------
        place : ndarray of int, shape (users,)
            Candidate column of each user; -1 for no advice.
        """
        draws = zip(self.draws, self.shares, strict=True)
        # Only a bound on regret asks for what single people paid.
        kept = partial(self.stage.seen, with_people=self.regret_price is not None)
        days = tuple(self.stage.on_draws(self.view.plan(place), self.view.own_departure_s, draws, kept))
        priced_min = self._toll_min(days)
        if self.regret_price is not None:
            priced_min += self.regret_price.mean_min([day.cost_min for day in days if day.cost_min is not None])
        return Tried(place, float(np.mean([day.mean_min for day in days])) + priced_min, days)

    def best_of(self, places: Sequence[IntArray]) -> Tried:
        """Rehearse plans, and return the best of them, the first of equals; the days of the others are let go.

        Parameters
        ----------
        places : sequence of ndarray of int, shape (users,)
            At least one; as for `tried`.
        """
        best = self.tried(places[0])
        for place in places[1:]:
            other = self.tried(place)
            if other.mean_min < best.mean_min:
                best = other
            del other
        return best

    def _toll_min(self, days: Sequence[SeenRehearsal]) -> float:
        """Return the toll on what vehicles carry beyond the target load factor, per commuter; 0 where it is all room.

        Vehicles must not be filled beyond it by advice, and a plan that does is left for one that does not: one person
        too many costs more than they can save. What vehicles carry on average over the draws counts, as whether
        people follow is chance (test_quotas_do_not_exceed_the_room_there_is, test_the_target_is_met_on_average).
        """
        target = self.view.scenario.parameters.advisor.target_load_factor
        if target >= 1.0:
            return 0.0
        beyond = np.mean([day.visits.load - target * day.visits.capacity for day in days], axis=0)
        return TOLL_MIN * float(np.maximum(beyond, 0.0).sum()) / max(len(self.view.population), 1)

    def answered(self, start: Tried) -> Tried:
        """Return the plan to which rehearsed days lead if each takes what is best for themselves on them.

        Half of them do at a time, or all would meet in the windows that were empty. With narrow windows this finds
        fast what moves of a few people find slowly: for most there is a vehicle with room, and each has to be told
        theirs. The best plan on the way is returned, the start where none is better.

        Parameters
        ----------
        start : Tried
        """
        best, last, in_vain = start, start, 0
        del start
        for _ in range(MOST_ANSWERS):
            answering = np.flatnonzero(self._coin() < ANSWERING_SHARE)
            own_min = np.where(self.open_to[answering], self.own_min(last.days, answering), np.inf)
            answers = np.isfinite(own_min.min(axis=1))
            place = last.place.copy()
            place[answering[answers]] = own_min.argmin(axis=1)[answers]
            # Before the next plan is tried its days must not be held beside those of the best and of the last one.
            del last
            last = self.tried(self.allowed(place))
            better = last.mean_min < best.mean_min
            best, in_vain = (last, 0) if better else (best, in_vain + 1)
            if in_vain >= ANSWERS_IN_VAIN:
                break
        return best

    def improved(
        self, start: Tried, rounds: int, told: Callable[[int], None] | None = None, steps: MoveSteps = COARSE
    ) -> Tried:
        """Improve a plan until rehearsals find nothing more, or for so many rounds.

        Parameters
        ----------
        start : Tried
        rounds : int
        told : callable or None
            Told the rounds done, all of them at the end.
        steps : MoveSteps
            Coarse ones unless told.
        """
        best, self.costs = start, None
        del start
        self.steps = dict.fromkeys(QUEUE_SHARES, steps.first_share)
        in_vain, gained = 0, dict.fromkeys(QUEUE_SHARES, np.inf)
        for number in range(rounds):
            if told is not None:
                told(number)
            if in_vain >= steps.most_in_vain or max(self.steps.values()) < LEAST_STEP:
                break
            share = max(self.steps, key=lambda one: (gained[one], self.steps[one]))
            self._look_at(best.days[number % len(best.days)])
            place = self._moved(best.place, share)
            if np.array_equal(place, best.place):
                self.steps[share], gained[share], in_vain = 0.0, 0.0, in_vain + 1
                continue
            tried = self.tried(place)
            # A plan is only left for one that all commuters together pay less for: a start is never made worse
            # (test_improvement_never_ends_above_its_start_and_finds_what_one_by_one_does_not).
            gained[share] = max(best.mean_min - tried.mean_min, 0.0)
            if tried.mean_min < best.mean_min:
                best, self.steps[share], in_vain = tried, min(self.steps[share] * GROWTH, LARGEST_STEP), 0
            else:
                self.steps[share], in_vain = self.steps[share] * SHRINKAGE, in_vain + 1
            # Before the next plan is tried its days must not be held beside those of the best and of the last one.
            del tried
        if told is not None:
            told(rounds)
        return best

    def _look_at(self, day: SeenRehearsal) -> None:
        """Lay what windows cost on a rehearsed day to what they cost on those before."""
        newest = MarginalCosts.of(
            *self._costs_on(day, self.view.candidates), self.view.scenario.parameters.advisor.target_load_factor
        )
        self.costs = newest if self.costs is None else self.costs.averaged(newest)

    def own_min(self, days: Sequence[SeenRehearsal], some: IntArray | None = None) -> FloatArray:
        """Return what each window costs its user on days on average, shape (users, candidates).

        All days count: what is best on one leads to vehicles that come at another time on the next.

        Parameters
        ----------
        days : sequence of SeenRehearsal
        some : ndarray of int or None
            Rows of the users; all of them where None.
        """
        candidates = self.view.candidates if some is None else _of_some(self.view.candidates, some)
        total, threads = np.zeros(candidates.window.shape), self.stage.threads
        # Added in the order of the days, however many are looked at side by side: sums round as they did. No more of
        # them than threads may be held at once, each as large as the sum.
        for first in range(0, len(days), threads):
            for own_min in side_by_side(
                [partial(self._own_min_on, day, candidates) for day in days[first : first + threads]], threads
            ):
                total += own_min
        total /= len(days)
        return total

    def _own_min_on(self, day: SeenRehearsal, candidates: CandidateWindows) -> FloatArray:
        # A window that leads to the vehicle of the next one is none on this day, and may be the best on another.
        return self._costs_on(day, candidates, "all")[0].own_min

    def _costs_on(
        self, day: SeenRehearsal, candidates: CandidateWindows, keep: Kept = "windows"
    ) -> tuple[WindowCosts, Observation]:
        """Return what windows cost on a rehearsed day, and the traffic of it."""
        view, seen = self.view, self.stage.observed(day)
        parameters = view.scenario.parameters
        traffic = forecast_traffic((seen,), parameters.advisor.forecast, view.forecaster.points, view.today)
        everything = view.population, parameters.preferences, view.forecaster, traffic, candidates
        return window_costs(*everything, view.own_departure_s, keep), traffic

    def _coin(self) -> FloatArray:
        """Return a uniform number for each user, other ones in each round."""
        view = self.view
        coin = view.streams.uniform(Purpose.REHEARSAL_MOVES, view.population.key[view.users], view.day, self.round)
        self.round += 1
        return coin

    def _moved(self, place: IntArray, queue_share: float) -> IntArray:
        """Return a plan in which some people move to windows where they cost everybody less."""
        now = np.where(place >= 0, place, self.now)
        best, least, paid = self._best_for_all(now, queue_share)
        possible = np.isfinite(least)
        gain = np.subtract(paid, least, out=np.zeros_like(paid), where=possible)
        known = np.isfinite(gain)
        # Whoever stands where there is no window any more, as where no vehicle comes, has as much to gain as anybody.
        gain = np.where(known, gain, gain[known].max(initial=1.0))
        gain[(best == now) | (gain <= LEAST_GAIN_MIN)] = 0.0
        gains = gain > 0.0
        if not gains.any():
            return place
        moves = self._coin() * gain[gains].mean() < self.steps[queue_share] * gain
        return np.where(moves, best, place)

    def _best_for_all(self, now: IntArray, queue_share: float) -> tuple[IntArray, FloatArray, FloatArray]:
        """Return the window in which each user costs everybody least, that cost, and the one where they are now."""
        assert self.costs is not None
        best, least, paid = np.empty_like(now), *np.empty((2, len(now)))
        for start in range(0, len(now), USERS_AT_ONCE):
            rows = slice(start, start + USERS_AT_ONCE)
            total = self.costs.total(queue_share, rows)
            if self.regret_price is not None:
                total += self.regret_price.of_windows_min(self.costs.own_min[rows], rows)
            total[~self.open_to[rows]] = np.inf
            row = np.arange(len(total))
            best[rows] = total.argmin(axis=1)
            least[rows] = total[row, best[rows]]
            paid[rows] = np.where(now[rows] >= 0, total[row, np.maximum(now[rows], 0)], np.inf)
        return best, least, paid


def _of_some(candidates: CandidateWindows, rows: IntArray) -> CandidateWindows:
    """Return the candidates of some rows; the cases stay as they are."""
    return replace(
        candidates,
        commuter=candidates.commuter[rows],
        window=candidates.window[rows],
        acceptable=candidates.acceptable[rows],
        case=candidates.case[rows],
    )


def own_column(view: AdvisorView) -> IntArray:
    """Return the candidate column in which each user leaves without advice, -1 for none, shape (users,)."""
    candidates = view.candidates
    column = window_of(view.own_departure_s[view.users], view.window_s) - candidates.window[:, 0]
    inside = (column >= 0) & (column < candidates.window.shape[1])
    return np.where(inside, column, -1).astype(np.int64)


def keeping(view: AdvisorView, place: IntArray) -> IntArray:
    """Return a plan in which whoever is not asked to move is told to leave as they do, where that is a window."""
    own = own_column(view)
    rows = np.arange(len(own))
    stays = (place < 0) & (own >= 0) & view.candidates.acceptable[rows, np.maximum(own, 0)]
    return np.where(stays, own, place)

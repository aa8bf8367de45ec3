"""What the advisor gave out on a day, beside what the plan of a run has for it and what people do anyhow."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sim.arrays import FloatArray
from sim.experiments.advice import windows_for, windows_to_put_back
from sim.experiments.departures_by_wish import DeparturesByWish
from sim.experiments.followed_days import followed_days
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.observed_days import days_as_counted
from sim.experiments.pair_forecasts import WindowCases
from sim.experiments.place_ledger import PlaceGrid, PlaceLedger, PlaceTraffic
from sim.experiments.plan_followers import PlanFollowers
from sim.experiments.usual_departure import HabitDeparture, row_around
from sim.experiments.window_ledger import WindowLedger
from sim.experiments.window_offers import AtMoments, ByMoment, UsualLeavers, WindowOffer
from sim.experiments.window_options import WindowOption
from sim.metrics.grouping import of_strategy
from sim.model.scenario import Scenario
from sim.population.observation import VisitFacts
from sim.records.table import Table

WORTH_TELLING_MIN = 1.0
"""What it must be worth at least to be told by moment what to do, in minutes (by trial).

In windows of two minutes it is worth little, and whoever is taken for somebody at a moment nearby misses a vehicle: of
the saving of a plan on two lines 86 % were kept where it was told for any gain, and 90 where it was told for none."""


@dataclass
class DayLedger:
    """Bookings of a day by place and by window.

    Attributes
    ----------
    places : PlaceLedger
    windows : WindowLedger
    leavers : UsualLeavers or None
        Those who leave anyhow; None where there is a plan.
    habits : DeparturesByWish
        When people leave without advice.
    days : list of VisitFacts
        On which the plan was followed; all days where there is none.
    numbering : str
        Digest of all that the numbers of stops, windows and places hang on: bookings of another service have another
        one.
    kept : Counter
        Bookings by pair of stops and window of those who keep their places.
    """

    places: PlaceLedger
    windows: WindowLedger
    leavers: UsualLeavers | None
    habits: DeparturesByWish
    days: list[VisitFacts]
    numbering: str
    kept: Counter[tuple[int, int, int]] = field(default_factory=Counter)

    @classmethod
    def of(cls, scenario: Scenario, tables: Mapping[str, Table], strategy: str) -> DayLedger:
        """Count what the plan of a strategy uses.

        Parameters
        ----------
        scenario : Scenario
            The one that made the tables.
        tables : mapping of str to Table
            `journeys`, `legs` and `stop_visits`.
        strategy : str
        """
        parameters = scenario.parameters
        followed = followed_days(scenario, tables, strategy)
        grid = PlaceGrid.of(scenario.service, parameters.advisor.window_s)
        traffic, days = PlaceTraffic.of(grid, followed), [facts for facts, _ in followed]
        followers = PlanFollowers.of(scenario, tables, strategy)
        # Whoever asks is told of days as they were counted, where there are counts: what the plan has must be laid on
        # the same days, or its people would not choose its windows at its prices
        # (test_the_plan_is_laid_on_the_days_that_answers_are_told_of).
        told_of = days_as_counted(scenario, days)
        planned = followers.place_use(scenario, told_of, grid)
        places = PlaceLedger.of(traffic, planned, parameters.preferences, parameters.advisor.target_load_factor)
        has_plan = bool(of_strategy(tables["journeys"], strategy)["advised"].any())
        leavers = None if has_plan else UsualLeavers(scenario, tables, strategy)
        windows, habits = WindowLedger(scenario, followers, told_of), DeparturesByWish.of(scenario, tables, strategy)
        return cls(places, windows, leavers, habits, days, _numbering(scenario, grid))

    def clear(self) -> None:
        """Forget all bookings."""
        self.places.clear()
        self.windows.clear()
        self.kept.clear()

    def take(
        self,
        places: Mapping[int, float],
        told: tuple[int, int, int] | None,
        has_place: bool,
        sign: int = 1,
        moments: Mapping[int, int] | None = None,
        *,
        came: bool = False,
    ) -> None:
        """Count a booking, or with a sign of -1 give it back.

        Parameters
        ----------
        places : mapping of int to float
        told : tuple of int, or None
            As of `WindowLedger.take`.
        has_place : bool
            Whether it takes places of the quota.
        sign : int
        moments : mapping of int to int, or None
            As of `WindowLedger.take`.
        came : bool
            Whether it is known to be kept: it then counts as a person, and not by the chance that it is.
        """
        self.places.take(places, has_place, sign, came=came)
        self.windows.take(told, sign, moments, came=came)
        # Those who come from other windows take places, and leave as many of the kept ones as there were
        # (test_whoever_comes_from_another_window_takes_no_kept_place).
        if told is not None and not places:
            self.kept[told] += sign

    def offers(
        self, cases: WindowCases, statements: Sequence[WindowOption], request: JourneyRequest, show_share: float
    ) -> list[WindowOffer]:
        """Return the windows that fit a request, as they stand after all that was booked.

        Parameters
        ----------
        cases : WindowCases
        statements : sequence of WindowOption
            What is said of each of them.
        request : JourneyRequest
        show_share : float
            Share of bookings that is kept.
        """
        put_back = windows_to_put_back(cases, request, statements)
        prices = self._prices_min(cases, show_share)
        own_window = self._kept_window(cases, request)
        taken, offers = cases.places, []
        left, (own_min, others_min) = self.places.left_each(taken, show_share), self.places.more_min(taken, show_share)
        for row, (option, window) in enumerate(zip(statements, cases.windows.tolist(), strict=True)):
            mine = slice(taken.indptr[row], taken.indptr[row + 1])
            places = dict(zip(taken.indices[mine].tolist(), taken.data[mine].tolist(), strict=True))
            offers.append(
                WindowOffer(
                    row=row,
                    places=places,
                    left=left[row],
                    keeps_place=window == own_window,
                    own_min=option.generalized_cost_min + float(own_min[row]),
                    others_min=option.others_cost_min + float(others_min[row]),
                    price_min=None if prices is None else float(prices[row]),
                    put_back=option.window_start_s in put_back,
                )
            )
        return offers

    def by_habit(self, habit: HabitDeparture, around: WindowOffer, show_share: float) -> WindowOffer:
        """Return what it is to leave as usual for somebody who does not say when that is.

        It is never put back, also where one is late then on most days: people know how they usually fare, whether they
        say when that is or not. Put back, it sent people away who are a little late by their own choice, and who paid
        more then (test_without_a_plan_nobody_pays_for_being_a_little_late).

        Parameters
        ----------
        habit : HabitDeparture
        around : WindowOffer
            The window around that moment.
        show_share : float
            Share of bookings that is kept.
        """
        cases, every = habit.cases, np.ones(len(habit.row), dtype=bool)
        own_min, others_min = self.places.more_min(cases.places, show_share)
        prices = self._prices_min(cases, show_share)
        at_moments = AtMoments(
            habit=habit,
            own_min=habit.moment_min + own_min[habit.row],
            others_min=(cases.others_min + others_min)[habit.row],
            price_min=None if prices is None else prices[habit.row],
        )
        places = habit.places(every)
        return replace(
            around,
            places=places,
            left=self.places.left(places, show_share),
            own_min=float(at_moments.own_min.mean()),
            others_min=float(at_moments.others_min.mean()),
            price_min=None if at_moments.price_min is None else float(at_moments.price_min.mean()),
            put_back=False,
            by_habit=True,
            moments=habit.moments(every),
            at_moments=at_moments,
        )

    def by_moment(
        self, usual: WindowOffer, windows: Mapping[int, WindowOffer], reach_s: tuple[float, float]
    ) -> ByMoment | None:
        """Return going on as usual at the moments at which no window is better, and else leaving in the best one.

        Whoever does not say when they usually leave knows it, and can be told what is best at each moment. Told what is
        best on average over all of them, those who meet their vehicle are sent away from it, or all others stay
        (test_whoever_does_not_say_when_they_leave_is_told_at_which_moments_to_stay). Whoever usually leaves in a window
        keeps to their moment there, as people do who are told the window of their habit.

        Parameters
        ----------
        usual : WindowOffer
            As of `by_habit`.
        windows : mapping of int to WindowOffer
            All others, by number.
        reach_s : tuple of float
            How much earlier and later than usual one could leave.

        Returns
        -------
        ByMoment or None
            None where it is the same at all moments, or there is no telling: leaving as usual has no place left, or
            windows come before it that have one, or are in time on most days.
        """
        at, first = usual.at_moments, min(one.rank[:2] for one in windows.values())
        if at is None or not usual.has_place or usual.rank[:2] != first:
            return None
        # Whoever keeps a place in a window leaves in it anyhow.
        able = {n: one for n, one in windows.items() if one.rank[:2] == first and not one.keeps_place}
        if not able:
            return None
        offers, numbers = list(able.values()), np.array(list(able))
        costs_min = np.array([one.weighed_cost_min for one in offers])[:, None]
        costs_min = np.where(at.habit.can_move_to(numbers[:, None], reach_s), costs_min, np.inf)
        best, kept = costs_min.argmin(axis=0), costs_min.min(axis=0) >= at.weighed_cost_min
        one_for_all_min = min(usual.weighed_cost_min, *(one.weighed_cost_min for one in offers))
        by_moment_min = float(np.where(kept, at.weighed_cost_min, costs_min.min(axis=0)).mean())
        if one_for_all_min - by_moment_min < WORTH_TELLING_MIN or kept.all() or not kept.any():
            return None
        going = best[~kept].tolist()
        moments = Counter(at.habit.moments(kept)) + Counter(numbers[going].tolist())
        return ByMoment.of(usual, at.habit, kept, [offers[row] for row in going], moments)

    def _prices_min(self, cases: WindowCases, show_share: float) -> FloatArray | None:
        """Return what the plan adds to windows, shape (windows,); None where there is no plan.

        Prices are learned on top of what costs others by means by period, over which the luck of single vehicles on few
        days evens out. They are told on top of what it costs them vehicle by vehicle: what windows are compared by is
        the same (test_what_windows_are_compared_by_does_not_hang_on_single_vehicles).
        """
        if self.leavers is not None:
            return None
        prices_min = self.windows.price_min(cases.pair.ends, cases.windows, show_share)
        return prices_min + cases.column("others_cost_min").mean(axis=0) - cases.others_min

    def _kept_window(self, cases: WindowCases, request: JourneyRequest) -> int | None:
        """Return the window in which whoever asks has a place anyhow, since they are among those who leave then.

        Windows that only wait for the vehicle of a later one are not among those that fit: whoever leaves in them
        counts for that one.
        """
        usual_s = self.habits.usual_s(cases.pair, request)
        if self.leavers is None or usual_s is None:
            return None
        looked_at, _ = windows_for(cases.pair, request)
        ends, row = cases.pair.ends, row_around(cases, usual_s, looked_at.start)
        if row is None:
            return None
        window = int(cases.windows[row])
        first = int(cases.windows[row - 1]) + 1 if row else window
        people = sum(self.leavers.in_window((*ends, one)) for one in range(first, window + 1))
        return window if self.kept[*ends, window] < people else None


def _numbering(scenario: Scenario, grid: PlaceGrid) -> str:
    service = scenario.service
    ways = [(service.lines[one.line].line_id, one.direction_id, one.stops) for one in service.patterns]
    told = json.dumps([grid.width_s, grid.stretches, ways, scenario.network.stop_id])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()

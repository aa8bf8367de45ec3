"""The advisor that counts what it gave away: one request after the other, booked against the places there are."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from sim.advisor.booking.kept_share import KeptAdvice, expected_kept_share
from sim.api.advice_answer import AdviceAnswer, BookingCounts
from sim.api.arguments import Jobs, a_request
from sim.api.held_bookings import HeldBookings
from sim.api.results import RunResult
from sim.api.stated_windows import ChosenWindow, StatedWindows, best_first, wanted_first
from sim.errors import UnknownNameError
from sim.experiments.advice import asked_hours_s, cases_for, pair_forecasts, windows_for
from sim.experiments.day_ledger import DayLedger
from sim.experiments.followed_days import advising_strategy
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.pair_forecasts import PairForecasts, WindowCases
from sim.experiments.usual_departure import HabitDeparture, habit_windows
from sim.experiments.window_offers import ByMoment, WindowOffer
from sim.experiments.window_statements import own_costs_min, window_statements
from sim.loading.stop_search import find_stop
from sim.model.scenario import Scenario


class Advisor:
    """Answer requests for departure windows one after the other, so that equal questions are spread and not herded.

    The days of a run are what it knows. Where the run holds a strategy that advises, days on which it advised somebody
    are read: they show what followers of the plan meet, how many leave in which window between which stops, and what
    places on vehicles they take. These are the places that can be booked, and as many more as fit in without them.
    Every answer weighs what a window costs whoever asks and all others, given what has been booked so far, at prices at
    which those who ask use windows as the plan does (`sim.advisor.booking.window_prices`). Where the run holds no plan,
    since nobody was advised, an answer weighs what a window costs whoever asks, among those with room left; as many
    people as leave in a window anyhow keep their places there.

    Safe to use from several threads; with a file, from several processes.

    Parameters
    ----------
    scenario : Scenario, Path, str or RunResult
        A result of `sim.run` or `sim.compare` is read as it is. A scenario is simulated first, under `strategy`.
    strategy : str or None
        Whose days are read. None takes the last strategy of a result that advised anybody; a scenario is then
        simulated under `coordinated`.
    state : Path, str or None
        File that keeps bookings, made where missing. It holds stops and windows, no names, no times wished and no
        booking numbers, only their digests. None keeps them in memory.
    jobs : int or "auto"
        Processes for the simulation.

    Raises
    ------
    UnknownNameError
        When the strategy was not run.
    RunFolderError
        When the file cannot be used, or holds bookings for other stops, lines, hours or departure windows.

    Examples
    --------
    >>> import sim
    >>> days = sim.run("two_lines_lesson", strategy="individual", replications=1, overrides={"days": 2})
    >>> advisor = Advisor(days)
    >>> request = advisor.request("Home", "Work", arrive_by="08:30")
    >>> answers = [advisor.book(request) for _ in range(3)]
    >>> answers[0].window.board_stop, answers[0].has_place
    ('H', True)
    >>> advisor.cancel(answers[0].booking_id)
    >>> advisor.counts().booked
    2
    """

    def __init__(
        self,
        scenario: Scenario | Path | str | RunResult,
        *,
        strategy: str | None = None,
        state: Path | str | None = None,
        jobs: Jobs = 1,
    ) -> None:
        result = scenario if isinstance(scenario, RunResult) else _simulated(scenario, strategy, jobs)
        self.scenario = result.scenario
        self.strategy = advising_strategy(result.tables, strategy)
        facts = {str(one["name"]): one for one in result.manifest.get("strategy_facts", ())}
        self._has_discounts = bool(facts.get(self.strategy, {}).get("offers_discounts"))
        self._ledger = DayLedger.of(result.scenario, result.tables, self.strategy)
        self._pairs: dict[tuple[object, ...], PairForecasts] = {}
        self._cases: dict[tuple[object, ...], WindowCases] = {}
        self._stated: dict[JourneyRequest, StatedWindows] = {}
        self._most_kept = MOST_KEPT
        self._lock = threading.RLock()
        self._held = HeldBookings(None if state is None else Path(state), self._ledger)

    def __enter__(self) -> Self:
        """Return the advisor itself."""
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        """Close the file of bookings."""
        self.close()

    def close(self) -> None:
        """Close the file of bookings; what was booked stays in it."""
        self._held.file.close()

    def request(self, origin: str, destination: str, **more: Any) -> JourneyRequest:
        """Make a request from stops by id or name; other arguments as of `JourneyRequest.of`.

        Raises
        ------
        UnknownNameError
            When there is no such stop, or several have that name.
        ValueError
            When a time or a duration cannot be read.
        """
        network = self.scenario.network
        ends = find_stop(network, origin, "origin"), find_stop(network, destination, "destination")
        return JourneyRequest.of(*ends, **more)

    def ask(self, request: JourneyRequest) -> AdviceAnswer:
        """Answer a request without booking anything.

        Parameters
        ----------
        request : JourneyRequest

        Raises
        ------
        UnknownNameError
            When there is no such stop, no journey around that time, or no window as reliable as asked.
        """
        request = a_request(request)
        with self._lock:
            self._held.read()
            return self._choice(request).answer(self._ledger.places, self._show_share())

    def book(
        self, request: JourneyRequest, window_start_s: float | None = None, *, as_usual: bool = False
    ) -> AdviceAnswer:
        """Answer a request and hold a place for it.

        Where no window has a place left the journey is counted all the same, so that those who ask next are told of
        what it adds to the vehicles; `has_place` is then False.

        Parameters
        ----------
        request : JourneyRequest
        window_start_s : float or None
            Start of the window wanted, of those that fit the request; the one advised where None.
        as_usual : bool
            Whether that window is wanted as the one around leaving as usual. Whoever does not say when that is then
            takes what it takes at all moments of habit, and not only that window.

        Raises
        ------
        UnknownNameError
            As of `ask`, and when no such window fits the request.
        RunFolderError
            When the file refuses; then nothing is booked.
        """
        request = a_request(request)
        with self._lock, self._held.changing():
            choice = self._choice(request, window_start_s, as_usual=as_usual)
            booking_id, show_share = secrets.token_urlsafe(12), self._show_share()
            told = (*self._ends(request), round(choice.window.window_start_s / self._window_s))
            self._held.add(booking_id, choice.booking(told))
            # What windows have left after this booking, which is on the way of others, too.
            places = self._ledger.places
            return choice.answer(places, show_share, booking_id, lambda one: places.left(one.places, show_share))

    def usual_departure_s(self, request: JourneyRequest) -> float | None:
        """Return when somebody who asks usually leaves, seconds after midnight: as they say, else as others do.

        Parameters
        ----------
        request : JourneyRequest

        Returns
        -------
        float or None
            None where no time to arrive by is wished.
        """
        with self._lock:
            return self._ledger.habits.usual_s(self._pair(request), request)

    def cancel(self, booking_id: str) -> None:
        """Give a booking back, and its place to those who ask next.

        Parameters
        ----------
        booking_id : str

        Raises
        ------
        UnknownNameError
            When no booking of that number is held: it never was, or has been given back.
        """
        with self._lock, self._held.changing():
            self._held.take(booking_id)

    def settle(self, booking_id: str, kept: bool) -> None:
        """Say whether a booking was kept; from then on its number is of no use.

        Whoever came keeps the place until the day is closed, as they are on board, and counts as a person there; other
        bookings count by the share that is kept. The place of whoever did not come is free for those who ask next.
        What is learned is the share of bookings that are kept, and by it how many more than there is room for may be
        booked.

        Parameters
        ----------
        booking_id : str
        kept : bool

        Raises
        ------
        UnknownNameError
            As of `cancel`.
        """
        if kept not in (True, False):
            raise UnknownNameError(f"kept is True or False, not {kept!r}")
        with self._lock, self._held.changing():
            booking = self._held.take(booking_id)
            if kept:
                # Their place is not free while the day lasts. Nobody is told the new number, so that it can neither be
                # given back nor counted again (test_whoever_came_keeps_the_place_until_the_day_is_closed).
                self._held.add(secrets.token_urlsafe(12), replace(booking, came=True))
            self._held.count_one("kept" if kept else "missed")

    def close_day(self) -> None:
        """Forget the bookings of the day, and begin the next one with all places free."""
        with self._lock, self._held.changing():
            self._held.clear()
            self._held.count_one("day")

    def counts(self) -> BookingCounts:
        """Say how the day stands."""
        with self._lock, self._held.changing():
            held = [booking.has_place for booking in self._held.file.all()]
            return BookingCounts(
                day=self._held.count("day"),
                booked=len(held),
                without_place=held.count(False),
                kept=self._held.count("kept"),
                missed=self._held.count("missed"),
                show_share=self._show_share(),
            )

    def _show_share(self) -> float:
        """Return the share of bookings expected to be kept: what was assumed, and what has been seen."""
        kept, missed = self._held.count("kept"), self._held.count("missed")
        seen = KeptAdvice(asked=kept + missed, kept=kept)
        return expected_kept_share(self.scenario.parameters.advisor.booking, [seen])

    def _choice(
        self, request: JourneyRequest, window_start_s: float | None = None, *, as_usual: bool = False
    ) -> ChosenWindow:
        """Choose what costs the least among all that has a place left, or the window that was wanted."""
        stated = self._windows(request)
        able = self._able(stated, request)
        usual = self._usual_offer(stated, able, request)
        if window_start_s is None:
            by_moment = None if usual is None else self._by_moment(stated, able, usual, request)
            return ChosenWindow(stated, best_first(able, usual, by_moment), usual, request.usual_s, by_moment)
        order = wanted_first(able, stated.windows, window_start_s, usual if as_usual else None)
        return ChosenWindow(stated, order, usual, request.usual_s)

    def _by_moment(
        self, stated: StatedWindows, able: Sequence[WindowOffer], usual: WindowOffer, request: JourneyRequest
    ) -> ByMoment | None:
        """Return at which moments leaving as usual is better than the best window, where it is at some of them."""
        starts_s = [stated.windows[offer.row].window_start_s for offer in able]
        numbers = [round(start_s / self._window_s) for start_s in starts_s]
        offers = dict(zip(numbers, able, strict=True))
        return self._ledger.by_moment(usual, offers, request.flexibility_s(self.scenario))

    def _able(self, stated: StatedWindows, request: JourneyRequest) -> list[WindowOffer]:
        """Return the windows that are on time as often as asked, as they stand after all that was booked."""
        windows = stated.windows
        offers = self._ledger.offers(stated.cases, windows, request, self._show_share())
        able = [offer for offer in offers if not windows[offer.row].on_time_share < request.on_time_share]
        if not able:
            most = max(option.on_time_share for option in windows)
            raise UnknownNameError(
                f"no departure window is on time in {request.on_time_share:.0%} of cases; the best one is in {most:.0%}"
            )
        return able

    def _usual_offer(
        self, stated: StatedWindows, able: Sequence[WindowOffer], request: JourneyRequest
    ) -> WindowOffer | None:
        """Return leaving as usual beside the windows that are on time as often as asked; None where it is not known."""
        row = stated.usual_row(request)
        around = next((offer for offer in able if offer.row == row), None)
        if around is None or stated.habit is None:
            return around
        return self._ledger.by_habit(stated.habit, around, self._show_share())

    def _windows(self, request: JourneyRequest) -> StatedWindows:
        """Return the windows that fit a request and what is said of them: the same for all who ask the same."""
        if request not in self._stated:
            cases = self._fitting(request)
            windows = window_statements(cases, request, own_costs_min(cases, request))
            self._keep(self._stated, request, StatedWindows(cases, windows, self._habit(cases.pair, request)))
        return self._stated[request]

    def _habit(self, pair: PairForecasts, request: JourneyRequest) -> HabitDeparture | None:
        """Return leaving as usual at a moment that is not told, of windows looked up once for all who leave in them."""
        moments_s = self._ledger.habits.moments_s(pair, request)
        if moments_s is None:
            return None
        windows = habit_windows(pair, moments_s)
        key = (*self._pair_key(request), "habit", *windows.tolist())
        if key not in self._cases:
            self._keep(self._cases, key, pair.useful(windows, windows))
        return HabitDeparture.of(self._cases[key], request, moments_s)

    def _fitting(self, request: JourneyRequest) -> WindowCases:
        """Return the windows that fit a request: the same for all who can leave in them, whatever they wish."""
        pair = self._pair(request)
        key = (*self._pair_key(request), *windows_for(pair, request))
        if key not in self._cases:
            self._keep(self._cases, key, cases_for(pair, request))
        return self._cases[key]

    def _keep(self, known: dict[Any, Any], key: Any, value: Any) -> None:
        """Keep a value, and let the oldest ones go where there are many."""
        known[key] = value
        while len(known) > self._most_kept:
            known.pop(next(iter(known)))

    @property
    def _window_s(self) -> float:
        return self.scenario.parameters.advisor.window_s

    def _ends(self, request: JourneyRequest) -> tuple[int, int]:
        rows = self.scenario.network.stop_index
        return rows[request.origin], rows[request.destination]

    def _pair_key(self, request: JourneyRequest) -> tuple[str, str, int, int]:
        first_s, last_s = asked_hours_s(self.scenario, request)
        return request.origin, request.destination, int(first_s // 900.0), int(last_s // 900.0)

    def _pair(self, request: JourneyRequest) -> PairForecasts:
        """Return the forecasts of a pair of stops, which are worked out once for all who ask around the same time."""
        key = self._pair_key(request)
        if key not in self._pairs:
            found = pair_forecasts(self.scenario, self._ledger.days, request, has_discounts=self._has_discounts)
            points = found.compiled.points
            cells = points.points * points.periods * len(found.days)
            self._most_kept = min(max(MOST_CELLS // max(cells, 1), 1), MOST_KEPT)
            self._keep(self._pairs, key, found)
        return self._pairs[key]


MOST_KEPT = 256
"""Pairs of stops whose forecasts are kept at a time, sets of windows of them, and requests (assumed)."""

MOST_CELLS = 5_000_000
"""Service points times periods and days of all pairs that are kept, where there are fewer of them than `MOST_KEPT`.

Some 200 bytes each on jingjinji_regional (measured), so about a gigabyte.
"""


def _simulated(scenario: Scenario | Path | str, strategy: str | None, jobs: Jobs) -> RunResult:
    from sim.api import run

    return run(scenario, strategy=strategy or "coordinated", jobs=jobs)

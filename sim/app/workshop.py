"""Where documents and answers are made: beside the loop that answers, a few at a time, each once."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import date as date_type
from types import MappingProxyType
from typing import Any, Final

from sim.app.documents import JSON, PROTOBUF, Document, Shelf, json_bytes
from sim.app.guard import WorkMeter
from sim.app.indicator_view import (
    curve_document,
    facts_document,
    gain_document,
    indicator_document,
    line_document,
    reliability_document,
)
from sim.app.load_view import load_document, vehicle_document
from sim.app.network_view import network_document
from sim.app.questions import JourneyForecast, JourneyQuestion
from sim.app.run_library import RunLibrary, ServedRun
from sim.errors import SimError, UnknownNameError

MOST_WAITING: Final = 64
"""Pieces of work that may wait; more are refused, so that nobody waits for what nobody will fetch."""

_RUN_VIEWS: Final = MappingProxyType(
    {
        "facts": facts_document,
        "network": lambda run: network_document(run.manifest),
        "indicators": indicator_document,
        "curves": curve_document,
    }
)


_TABLE_VIEWS: Final = MappingProxyType({"lines": line_document, "gains": gain_document, "scores": reliability_document})
"""Views that a sweep has none of, since it keeps no tables."""

_STRATEGY_VIEWS: Final = MappingProxyType(
    {"loads": lambda run, strategy, _: load_document(run, strategy), "vehicles": vehicle_document}
)
"""Views of one strategy, and some of them of an hour."""


class WorkRefusedError(Exception):
    """Somebody asked for too much, or it takes too long.

    Attributes
    ----------
    status : int
        Of HTTP.
    code : str
    wait_s : float
        After which they may come again.
    """

    def __init__(self, status: int, code: str, text: str, wait_s: float) -> None:
        super().__init__(text)
        self.status, self.code, self.wait_s = status, code, wait_s


_NO_TABLES: Final = "a sweep keeps results alone, so it has no vehicles and commuters to show"


class Workshop:
    """Makes documents and answers in threads.

    Parameters
    ----------
    library : RunLibrary
    forecast_of : callable
    meter : WorkMeter
    longest_s : float
        After which somebody who waits is told to come again; the work goes on and is kept.
    """

    def __init__(
        self,
        library: RunLibrary,
        forecast_of: Callable[[ServedRun], JourneyForecast],
        meter: WorkMeter,
        longest_s: float,
    ) -> None:
        self._library = library
        self._forecast_of = forecast_of
        self._meter = meter
        self._longest_s = longest_s
        self._shelf = Shelf()
        self._forecasts: dict[str, JourneyForecast | SimError] = {}
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="peakshift-app")
        self._forecasting = threading.Lock()
        self._under_way: dict[tuple[str, str], asyncio.Future[Document]] = {}

    async def runs(self) -> Document:
        """Return the list of runs, and of jobs that are under way."""
        listed = [
            {
                "key": run.key,
                "name": str(run.manifest.get("name", run.key)),
                "kind": run.kind,
                "created": str(run.manifest.get("created", "")),
                "replications": run.manifest.get("replications"),
                "strategies": list(run.strategies),
                "has_tables": run.has_tables,
            }
            for run in self._library.runs()
        ]
        return Document.of(json_bytes({"runs": listed, "unfinished": self._library.unfinished()}))

    async def view(self, key: str, view: str, strategy: str, caller: str, hour: int = 0) -> Document:
        """Return a document that hangs on the run alone.

        Raises
        ------
        UnknownNameError
            When there is no such run or strategy.
        WorkRefusedError
            When it cannot be made now.
        """
        run = self._run(key)
        if view in _RUN_VIEWS:
            return await self._made(run, view, caller, lambda: _RUN_VIEWS[view](run))
        if not run.has_tables:
            raise UnknownNameError(_NO_TABLES)
        if view in _TABLE_VIEWS:
            return await self._made(run, view, caller, lambda: _TABLE_VIEWS[view](run))
        name, made = _name_of_view(run, view, strategy, hour), _STRATEGY_VIEWS[view]
        return await self._made(run, name, caller, lambda: made(run, strategy, hour))

    def known_view(self, key: str, view: str, strategy: str = "") -> Document | None:
        """Return a document of a run or of a strategy that is in memory; None where it has to be made or refused."""
        try:
            run = self._library.named(key)
        except (OSError, SimError):
            return None
        if run is None or (strategy and strategy not in run.strategies):
            return None
        return self._shelf.known(run, _name_of_view(run, view, strategy) if strategy else view)

    async def trip_updates(self, key: str, strategy: str, at_s: float, date: date_type, caller: str) -> Document:
        """Return a feed of trip updates at a time of the simulated day.

        Raises
        ------
        UnknownNameError
            When there is no such run or strategy.
        WorkRefusedError
            When it cannot be made now.
        """
        run = self._run(key)
        if not run.has_tables:
            raise UnknownNameError(_NO_TABLES)
        from sim.app.realtime import trip_updates  # with the library of such feeds, which few ask for

        name = f"trip-updates-{_place_among_strategies(run, strategy)}-{at_s:.0f}-{date}"
        return await self._made(
            run, name, caller, lambda: trip_updates(run, strategy, at_s, date), in_folder=False, media_type=PROTOBUF
        )

    async def answer(self, key: str, question: JourneyQuestion, caller: str) -> Document:
        """Answer a commuter's question.

        Raises
        ------
        SimError
            When there is no such run, stop or journey.
        WorkRefusedError
            When it cannot be answered now.
        """
        run = self._run(key)
        version = getattr(self._forecasts.get(run.digest), "version", 0)
        name = f"answer-{version}-{hashlib.sha256(repr(asdict(question)).encode()).hexdigest()}"
        return await self._made(
            run, name, caller, lambda: self._with_forecast(run, lambda one: one.answer(question)), in_folder=False
        )

    async def book(
        self, key: str, question: JourneyQuestion, window_start_s: float, caller: str, *, as_usual: bool
    ) -> Mapping[str, Any]:
        """Hold a place in a window, or for leaving as usual, of which it is the window.

        Raises
        ------
        SimError
            When there is no such run, stop, journey or window.
        WorkRefusedError
            When it cannot be done now.
        """
        run = self._run(key)
        found = await self._done(run, caller, lambda one: one.book(question, window_start_s, as_usual=as_usual))
        return dict(found)

    async def cancel(self, key: str, booking_id: str, caller: str) -> None:
        """Give a place back.

        Raises
        ------
        SimError
            When there is no such run or booking.
        WorkRefusedError
            When it cannot be done now.
        """
        await self._done(self._run(key), caller, lambda one: one.cancel(booking_id))

    async def counts(self, key: str, caller: str) -> Mapping[str, Any]:
        """Return what is kept of bookings of a run.

        Raises
        ------
        SimError, WorkRefusedError
            As of `cancel`.
        """
        return dict(await self._done(self._run(key), caller, lambda one: one.counts()))

    def _with_forecast(self, run: ServedRun, ask: Callable[[JourneyForecast], Any]) -> Any:
        """Ask the forecast of a run, one question at a time."""
        with self._forecasting:
            return ask(self._forecast(run))

    async def _done(self, run: ServedRun, caller: str, ask: Callable[[JourneyForecast], Any]) -> Any:
        """Do something now, in a thread: it changes what is known, so that it is neither kept nor shared."""
        self._take_a_piece(caller)
        work = asyncio.get_running_loop().run_in_executor(self._pool, lambda: self._with_forecast(run, ask))
        return await work

    def _run(self, key: str) -> ServedRun:
        run = self._library.named(key)
        if run is None:
            raise UnknownNameError("there is no run of that name")
        return run

    def _forecast(self, run: ServedRun) -> JourneyForecast:
        """Return what answers questions about a run; what cannot be had is not tried again."""
        found = self._forecasts.get(run.digest)
        if found is None:
            try:
                found = self._forecast_of(run)
            except SimError as error:
                found = error
            self._forecasts[run.digest] = found
        if isinstance(found, SimError):
            raise found
        return found

    async def _made(
        self,
        run: ServedRun,
        name: str,
        caller: str,
        make: Callable[[], Any],
        *,
        in_folder: bool = True,
        media_type: str = JSON,
    ) -> Document:
        """Return a document, made in a thread where it is not known; two who ask at once wait for one piece of work."""
        known = self._shelf.known(run, name)
        if known is not None:
            return known
        # Nothing is awaited between looking for the work and entering it, so that of equal questions one is worked on
        # and counted (test_equal_questions_at_once_are_one_piece_of_work).
        key = (run.digest, name)
        work = self._under_way.get(key)
        if work is None:
            self._take_a_piece(caller)
            loop = asyncio.get_running_loop()
            work = loop.run_in_executor(
                self._pool, lambda: self._shelf.made(run, name, make, in_folder=in_folder, media_type=media_type)
            )
            self._under_way[key] = work
            work.add_done_callback(lambda done: self._finished(key, done))
        # Shielded: the work is not only that of the caller who gives up, and is kept for whoever comes again.
        try:
            return await asyncio.wait_for(asyncio.shield(work), self._longest_s)
        except TimeoutError:
            raise WorkRefusedError(503, "slow", "this takes longer than usual; come again in a moment", 5.0) from None

    def _take_a_piece(self, caller: str) -> None:
        """Count a piece of work, and refuse it where there are too many."""
        if wait_s := self._meter.takes(caller):
            raise WorkRefusedError(429, "too_many", "too many questions at once; come again in a moment", wait_s)
        if len(self._under_way) >= MOST_WAITING:
            raise WorkRefusedError(503, "busy", "too many people ask at once; come again in a moment", 2.0)

    def _finished(self, key: tuple[str, str], work: asyncio.Future[Document]) -> None:
        self._under_way.pop(key, None)
        if not work.cancelled():
            work.exception()  # told to those who wait; nobody may be left


def _name_of_view(run: ServedRun, view: str, strategy: str, hour: int = 0) -> str:
    """Return the name under which a view of a strategy is kept."""
    return f"{view}-{_place_among_strategies(run, strategy)}-{hour}"


def _place_among_strategies(run: ServedRun, strategy: str) -> int:
    """Return the place of a strategy in its run: names are users' own, so files go by places."""
    if strategy not in run.strategies:
        raise UnknownNameError(f"the run has no strategy of that name; it has {', '.join(run.strategies)}")
    return run.strategies.index(strategy)

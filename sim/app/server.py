"""The web server: pages, documents of runs, and answers to commuters' questions."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from datetime import date as date_type
from typing import Annotated, Any, Final

from fastapi import FastAPI, Query, Request, Response
from fastapi import Path as InPath
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from sim import __version__
from sim.app.documents import JSON, PROTOBUF, Document, json_bytes
from sim.app.guard import Guard, Limits, WorkMeter, error_body
from sim.app.known_documents import API, KnownDocuments, answer_with
from sim.app.pages import Pages
from sim.app.questions import JourneyForecast
from sim.app.run_library import RunLibrary, ServedRun
from sim.app.wishes import CLOCK, Booking, JourneyWish, seconds_of
from sim.app.workshop import WorkRefusedError, Workshop
from sim.errors import SimError, UnknownNameError

ForecastOf = Callable[[ServedRun], JourneyForecast]

_DAY: Final = date_type(2026, 1, 5)
"""Day that a feed is dated where nobody says which: a Monday, for a run knows no date."""

_FIRST_DAY: Final = date_type(1970, 1, 1)
"""Before it there are no times of POSIX."""

_DATE_WORDS: Final = "the day it shall be, from 1970 on; times count from its midnight in UTC"

RunKey = Annotated[str, InPath(max_length=200, description="name of a run, as `runs` lists them")]
_VIEWS: Final = (
    ("facts", "", "What a run says of itself", "runs"),
    ("network", "/network", "Stops, lines and links", "runs"),
    ("indicators", "/indicators", "All metrics with intervals, definitions and changes", "board"),
    ("lines", "/lines", "Indicators by line and direction", "board"),
    ("gains", "/gains", "Gains and losses by place and time", "board"),
    ("scores", "/scores", "How good forecasts were on days that they had not seen", "commuters"),
    ("curves", "/curves", "Change of cost along the keys of a sweep", "board"),
)
"""Documents that hang on a run alone: view, address, summary, tag."""

BookingId = Annotated[str, InPath(max_length=64, description="number of a booking")]
StopId = Annotated[str, Query(min_length=1, max_length=200, description="id of a stop")]
Clock = Annotated[str | None, Query(pattern=CLOCK, description="time of day as 08:30; hours may go beyond 24")]
Usual = Annotated[str | None, Query(pattern=CLOCK, description="when one usually leaves, as 07:40; needs arrive_by")]
AskedAt = Annotated[
    str | None, Query(pattern=CLOCK, description="what time it is, as 07:40: windows that have begun are left out")
]
Minutes = Annotated[float, Query(ge=0, le=240, allow_inf_nan=False, description="minutes")]


def create_app(
    library: RunLibrary,
    forecast_of: ForecastOf,
    *,
    token: str | None = None,
    hosts: frozenset[str] | None = None,
    limits: Limits | None = None,
) -> Guard:
    """Make the web server of a library of runs.

    Parameters
    ----------
    library : RunLibrary
    forecast_of : callable
        Returns what answers commuters' questions about a run; raises `SimError` where nothing can.
    token, hosts : str or None, frozenset of str or None
        As of `sim.app.guard.Guard`.
    limits : Limits or None
        Those of `Limits` where None.

    Returns
    -------
    Guard
        An ASGI application.
    """
    app = FastAPI(
        title="peakshift", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    allowed = limits or Limits()
    shop = Workshop(library, forecast_of, WorkMeter(allowed), allowed.longest_s)
    pages = Pages()
    _add_errors(app)
    _add_pages(app, pages)
    _add_runs(app, shop)
    _add_feeds(app, shop)
    _add_answers(app, shop)
    views = {address.removeprefix("/"): view for view, address, _, _ in _VIEWS if address}
    return Guard(KnownDocuments(app, pages.documents, shop, views), token, hosts)


def _problem(status: int, code: str, text: str, headers: dict[str, str] | None = None) -> Response:
    return Response(error_body(code, text), status, media_type="application/json", headers=headers)


def _add_errors(app: FastAPI) -> None:
    """Answer everything that goes wrong in one form, and never with a trace."""

    async def not_found(_request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        allow = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        return _problem(status, "not_found" if status == 404 else "http", str(getattr(error, "detail", "")), allow)

    async def invalid(_request: Request, error: Exception) -> Response:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        told = "; ".join(f"{'.'.join(map(str, item['loc'][1:]))}: {item['msg']}" for item in found[:5])
        return _problem(422, "invalid", told)

    async def wrong(_request: Request, error: Exception) -> Response:
        code, values = (error.code, error.values) if isinstance(error, UnknownNameError) else ("unknown", {})
        return Response(error_body(code, str(error), values), 404, media_type=JSON)

    async def refused(_request: Request, error: Exception) -> Response:
        if not isinstance(error, WorkRefusedError):
            raise error
        return _problem(error.status, error.code, str(error), {"retry-after": str(math.ceil(error.wait_s))})

    async def broken(_request: Request, _error: Exception) -> Response:
        return _problem(500, "internal", "something went wrong here; it is not your fault")

    app.add_exception_handler(HTTPException, not_found)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(SimError, wrong)
    app.add_exception_handler(WorkRefusedError, refused)
    app.add_exception_handler(Exception, broken)


def _add_pages(app: FastAPI, pages: Pages) -> None:
    """Serve the pages: files that are named in the program, so that no address leads to another one."""
    openapi: list[Document] = []

    @app.get(f"{API}/openapi.json", include_in_schema=False)
    async def openapi_document(request: Request) -> Response:
        if not openapi:
            openapi.append(Document.of(json_bytes(app.openapi())))
        return answer_with(request, openapi[0])

    for address, document in pages.documents.items():

        def page(request: Request, _document: Document = document) -> Response:
            return answer_with(request, _document)

        async def answer(request: Request, _page: Callable[[Request], Response] = page) -> Response:
            return _page(request)

        app.add_api_route(address, answer, methods=["GET", "HEAD"], include_in_schema=False)


def _caller(request: Request) -> str:
    return request.client.host if request.client else ""


def _add_runs(app: FastAPI, shop: Workshop) -> None:
    """Serve what hangs on a run alone."""

    @app.get(f"{API}/runs", summary="Runs that can be asked about, newest first", tags=["runs"], responses=_ERRORS)
    async def runs(request: Request) -> Response:
        return answer_with(request, await shop.runs())

    for view, address, summary, tag in _VIEWS:

        def viewed(view: str) -> Callable[..., Awaitable[Response]]:
            async def answer(request: Request, run: RunKey) -> Response:
                return answer_with(request, await shop.view(run, view, "", _caller(request)))

            return answer

        app.add_api_route(
            f"{API}/runs/{{run}}{address}",
            viewed(view),
            methods=["GET"],
            summary=summary,
            tags=[tag],
            responses=_ERRORS,
            operation_id=view,
        )

    @app.get(f"{API}/runs/{{run}}/loads", summary="Loads by stop and period", tags=["board"], responses=_ERRORS)
    async def loads(request: Request, run: RunKey, strategy: Annotated[str, Query(max_length=100)]) -> Response:
        return answer_with(request, await shop.view(run, "loads", strategy, _caller(request)))

    @app.get(f"{API}/runs/{{run}}/vehicles", summary="Vehicles of an hour", tags=["board"], responses=_ERRORS)
    async def vehicles(
        request: Request,
        run: RunKey,
        strategy: Annotated[str, Query(max_length=100)],
        hour: Annotated[int, Query(ge=0, le=47)],
    ) -> Response:
        return answer_with(request, await shop.view(run, "vehicles", strategy, _caller(request), hour))


def _add_feeds(app: FastAPI, shop: Workshop) -> None:
    """Serve the simulated day in the form of feeds of real ones."""

    @app.get(
        f"{API}/runs/{{run}}/trip-updates.pb",
        summary="GTFS-Realtime trip updates with occupancy at a time of the simulated day",
        tags=["feeds"],
        response_class=Response,
        responses={**_ERRORS, 200: {"description": "a FeedMessage", "content": {PROTOBUF: {}}}},
    )
    async def trip_updates(
        request: Request,
        run: RunKey,
        strategy: Annotated[str, Query(max_length=100)],
        at: Annotated[str, Query(pattern=CLOCK, description="time of day as 08:30")] = "08:00",
        date: Annotated[date_type, Query(ge=_FIRST_DAY, description=_DATE_WORDS)] = _DAY,
    ) -> Response:
        at_s = seconds_of(at) or 0.0
        return answer_with(request, await shop.trip_updates(run, strategy, at_s, date, _caller(request)))


def _add_answers(app: FastAPI, shop: Workshop) -> None:
    """Answer commuters."""

    @app.get(f"{API}/runs/{{run}}/windows", summary="When to leave", tags=["commuters"], responses=_ERRORS)
    async def windows(  # noqa: PLR0913, PLR0917 - what stands in the address
        request: Request,
        run: RunKey,
        origin: StopId,
        destination: StopId,
        arrive_by: Clock = None,
        leave_after: Clock = None,
        earlier: Minutes = 60.0,
        later: Minutes = 60.0,
        usual: Usual = None,
        asked_at: AskedAt = None,
    ) -> Response:
        wish = JourneyWish(
            origin=origin,
            destination=destination,
            arrive_by=arrive_by,
            leave_after=leave_after,
            earlier=earlier,
            later=later,
            usual=usual,
            asked_at=asked_at,
        )
        if problem := wish.problem():
            return _problem(422, "invalid", problem)
        return answer_with(request, await shop.answer(run, wish.question(), _caller(request)))

    @app.post(
        f"{API}/runs/{{run}}/bookings",
        summary="Take a place in a window",
        tags=["commuters"],
        status_code=201,
        responses=_ERRORS,
    )
    async def book(request: Request, run: RunKey, booking: Booking) -> Response:
        found = await shop.book(
            run, booking.question(), booking.window_start_s, _caller(request), as_usual=booking.as_usual
        )
        return Response(json_bytes(found), 201, media_type=JSON, headers={"cache-control": "no-store"})

    @app.delete(
        f"{API}/runs/{{run}}/bookings/{{booking_id}}",
        summary="Give a place back",
        tags=["commuters"],
        status_code=204,
        responses=_ERRORS,
    )
    async def cancel(request: Request, run: RunKey, booking_id: BookingId) -> Response:
        await shop.cancel(run, booking_id, _caller(request))
        return Response(status_code=204)

    @app.get(
        f"{API}/runs/{{run}}/bookings", summary="All that is kept of bookings", tags=["commuters"], responses=_ERRORS
    )
    async def counts(request: Request, run: RunKey) -> Response:
        found = await shop.counts(run, _caller(request))
        return Response(json_bytes(found), media_type=JSON, headers={"cache-control": "no-store"})


_ERROR_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "values": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
    },
}
_ERRORS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": text, "content": {"application/json": {"schema": _ERROR_SCHEMA}}}
    for status, text in (
        (400, "a body that cannot be read"),
        (401, "a token is needed, where the server asks for one"),
        (403, "another site's page asked to change something"),
        (404, "there is no such run, strategy, stop or journey"),
        (405, "there is no such method here"),
        (413, "a body is too long"),
        (414, "an address is too long"),
        (421, "the server does not go by that name"),
        (422, "a parameter is missing or out of range"),
        (429, "too much work asked for; `Retry-After` says when to come again"),
        (503, "the work takes too long; it goes on, so come again"),
    )
}

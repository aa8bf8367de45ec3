"""What is made already is sent before anything else looks at the request: most of what a board and phones ask for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from sim.app.documents import Document
from sim.app.guard import Asgi, Message, Receive, Send
from sim.app.workshop import Workshop

API: Final = "/api/v1"
_RUNS: Final = f"{API}/runs/"
_OF_STRATEGY: Final = frozenset({"loads"})
"""Views of a strategy, which stands alone in the query."""


class KnownDocuments:
    """Answers questions after documents that are in memory, and hands on all others.

    Whatever it sends is what the application behind it would have sent, bytes and headers
    (`test_what_is_known_is_sent_as_it_was_made`); it costs a third of the time.

    Parameters
    ----------
    app : callable
        What answers the others.
    pages : mapping of str to Document
        By address.
    shop : Workshop
    views : mapping of str to str
        Views that hang on a run alone, by what follows the name of the run in their address.
    """

    def __init__(self, app: Asgi, pages: Mapping[str, Document], shop: Workshop, views: Mapping[str, str]) -> None:
        self._app = app
        self._pages = pages
        self._shop = shop
        self._views = views

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        document = self._known(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if document is None:
            await self._app(scope, receive, send)
        else:
            await answer_with(Request(scope), document)(scope, receive, send)

    def _known(self, scope: Message) -> Document | None:
        path, query = str(scope["path"]), bytes(scope["query_string"])
        if path in self._pages:
            return self._pages[path]
        if not path.startswith(_RUNS):
            return None
        key, _, rest = path[len(_RUNS) :].partition("/")
        if not query:
            view = self._views.get(rest)
            return None if view is None else self._shop.known_view(key, view)
        if rest in _OF_STRATEGY:
            asked = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
            if len(asked) == 1 and asked[0][0] == "strategy":
                return self._shop.known_view(key, rest, asked[0][1])
        return None


def answer_with(request: Request, document: Document) -> Response:
    """Return the answer that sends a document, or says that the browser has it already."""
    headers = {"etag": document.etag, "cache-control": "private, no-cache", "vary": "accept-encoding"}
    known = request.headers.get("if-none-match", "")
    if document.etag in known.replace("W/", "").replace(" ", "").split(","):
        return Response(status_code=304, headers=headers)
    if document.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        return Response(document.compressed, media_type=document.media_type, headers=headers)
    return Response(document.body, media_type=document.media_type, headers=headers)

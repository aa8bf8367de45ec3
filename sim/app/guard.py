"""What stands before every request: who may ask, how much, and what every answer says to the browser.

Written against ASGI itself: it sees requests before the framework does, so that nothing the framework answers by itself
(an unknown address, a body that is no JSON) goes out without these headers.
"""

from __future__ import annotations

import hmac
import json
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from urllib.parse import parse_qs

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Message, Receive, Send], Awaitable[None]]

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Content security policy: nothing from elsewhere, nothing inline, so that a stop's name can never become a script."""

HEADERS: Final = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(), camera=(), microphone=()"),
)

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE: Final = "peakshift"
MOST_TARGET: Final = 2048
"""Letters of an address with its query."""

MOST_BODY: Final = 4096
"""Bytes of a body; a booking has a few hundred."""

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Limits:
    """How much work one caller may ask for: work, not requests; what is known already costs nothing.

    Attributes
    ----------
    per_s : float
        Pieces of work a second in the long run.
    burst : int
        Pieces at once.
    longest_s : float
        After which somebody who waits for a piece is told to come again.
    """

    per_s: float = 20.0
    burst: int = 60
    longest_s: float = 20.0


class WorkMeter:
    """Counts the work of each caller, in a bucket of tokens each.

    Parameters
    ----------
    limits : Limits
    clock : callable
        Seconds that never go back.
    """

    MOST_CALLERS: Final = 4096

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def takes(self, caller: str) -> float:
        """Take a token; return 0, or in how many seconds there will be one."""
        now = self._clock()
        tokens, since = self._left.pop(caller, (float(self._limits.burst), now))
        tokens = min(float(self._limits.burst), tokens + (now - since) * self._limits.per_s)
        wait_s = 0.0 if tokens >= 1.0 else (1.0 - tokens) / self._limits.per_s
        self._left[caller] = (tokens if wait_s else tokens - 1.0, now)
        while len(self._left) > self.MOST_CALLERS:
            self._left.popitem(last=False)
        return wait_s


class Guard:
    """Lets a request pass, or answers it.

    Parameters
    ----------
    app : callable
        What answers those that pass.
    token : str or None
        Which everybody must show, in an `Authorization: Bearer` header or the cookie that `?token=` sets; None where
        only this machine can ask.
    hosts : frozenset of str or None
        Names under which this server may be called; None for any. Pages of other sites that were given this machine's
        address (DNS rebinding) call it by another name.
    """

    def __init__(self, app: Asgi, token: str | None, hosts: frozenset[str] | None) -> None:
        self._app = app
        self._token = token
        self._hosts = hosts

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"server"]
                message = {**message, "headers": [*sent, *HEADERS]}
            await send(message)

        refused = self._refused(scope, headers)
        if refused is not None:
            await answer_error(with_headers, *refused)
            return
        if self._token is not None:
            shown = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
            if scope["method"] == "GET" and shown and self._is_token(shown):
                await self._remember(scope, with_headers, shown)
                return
            if not self._knows(headers):
                await answer_error(with_headers, 401, "token", "a token is needed: open the address with ?token=…")
                return
        body = _Limited(receive)
        try:
            await self._app(scope, body.receive, with_headers)
        except _TooLargeError:
            await answer_error(with_headers, 413, "too_large", f"a body has at most {MOST_BODY} bytes")

    def _refused(self, scope: Message, headers: dict[str, str]) -> tuple[int, str, str] | None:
        """Say why a request is refused whoever sends it."""
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > MOST_TARGET:
            return 414, "too_long", f"an address has at most {MOST_TARGET} letters"
        # By name, since a page elsewhere may have its own name lead to this machine and then read all that it answers
        # (test_a_page_of_another_name_or_site_is_refused).
        host = _host_name(headers.get("host", ""))
        if self._hosts is not None and host not in self._hosts:
            return 421, "host", "this server does not go by that name"
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > MOST_BODY:
            return 413, "too_large", f"a body has at most {MOST_BODY} bytes"
        if scope["method"] not in _SAFE and _is_of_other_site(headers):
            return 403, "other_site", "another site's page may not ask for this"
        return None

    def _is_token(self, shown: str) -> bool:
        return self._token is not None and hmac.compare_digest(shown.encode(), self._token.encode())

    def _knows(self, headers: dict[str, str]) -> bool:
        bearer = headers.get("authorization", "")
        if bearer.lower().startswith("bearer ") and self._is_token(bearer[7:].strip()):
            return True
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
        except CookieError:
            return False
        return cookie is not None and self._is_token(cookie.value)

    async def _remember(self, scope: Message, send: Send, token: str) -> None:
        """Set the cookie and lead to the same page without the token, which else stays in histories."""
        cookie = f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=Strict"
        path = scope.get("raw_path") or scope["path"].encode()
        # Two slashes at the start would lead to another host.
        target = b"/" + path.split(b"?")[0].lstrip(b"/\\")
        await send(
            {
                "type": "http.response.start",
                "status": 303,
                "headers": [(b"location", target), (b"set-cookie", cookie.encode()), (b"content-length", b"0")],
            }
        )
        await send({"type": "http.response.body", "body": b""})


class _TooLargeError(Exception):
    """A body goes on beyond what was allowed, whatever its header said."""


class _Limited:
    """Reads a body up to its limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._bytes = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > MOST_BODY:
            raise _TooLargeError
        return message


def error_body(code: str, text: str, values: Mapping[str, str] | None = None) -> bytes:
    """Return an error as all of them look: a word for programs and a sentence for people, no trace.

    Values are those of the names in the sentence that the pages have for that code in their language.
    """
    told = {"code": code, "message": text, **({"values": dict(values)} if values else {})}
    return json.dumps({"error": told}, ensure_ascii=False).encode()


async def answer_error(send: Send, status: int, code: str, text: str) -> None:
    """Send an error."""
    body = error_body(code, text)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _host_name(host: str) -> str:
    """Return the name in a Host header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def _is_of_other_site(headers: dict[str, str]) -> bool:
    """Tell whether a page of another site sent a request that changes something."""
    where = headers.get("sec-fetch-site")
    if where is not None and where not in {"same-origin", "none"}:
        return True
    origin = headers.get("origin")
    return origin is not None and origin.partition("://")[2] != headers.get("host", "")

"""Connections that come to an end, however slowly somebody writes or reads."""

from __future__ import annotations

import asyncio
from asyncio.events import TimerHandle
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class HurriedProtocol(HttpToolsProtocol):
    """Ends a connection whose caller takes too long.

    uvicorn bounds only how long a connection is idle between two requests. A caller that opens as many connections as
    there may be and sends a letter now and then, or never reads what is answered, would keep out all others for ever
    (``tests/unit/test_app_slow_callers.py``).

    Attributes
    ----------
    request_s : float
        How long a request may take to come in, from when the connection opens or the request begins.
    answer_s : float
        How long after its request was complete an answer that is not read is given up.
    """

    request_s: ClassVar[float] = 10.0
    answer_s: ClassVar[float] = 60.0
    _timer: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._set(self.request_s, self.transport.abort)

    def on_message_begin(self) -> None:
        """Wait for the rest of a request."""
        super().on_message_begin()
        self._set(self.request_s, self.transport.abort)

    def on_message_complete(self) -> None:
        """Wait for the answer to be read."""
        super().on_message_complete()
        self._set(self.answer_s, self._end_if_unread)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        self._set(None)
        super().connection_lost(exc)

    def _set(self, wait_s: float | None, then: Any = None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if wait_s is None else self.loop.call_later(wait_s, then)

    def _end_if_unread(self) -> None:
        if self.transport.get_write_buffer_size() or not self.cycle.response_complete:
            self.transport.abort()

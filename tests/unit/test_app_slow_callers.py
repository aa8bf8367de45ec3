"""Callers that write or read too slowly lose their connection, others do not notice them."""

from __future__ import annotations

import socket
import threading

import pytest
import uvicorn

from sim.app import ServeSettings, listen
from sim.app.slow_callers import HurriedProtocol

ANSWER = b"x" * 30_000_000
"""More than sockets hold by themselves."""


class Impatient(HurriedProtocol):
    request_s = 1.0
    answer_s = 1.0


async def app(scope, receive, send):
    body = ANSWER if scope["path"] == "/long" else b"short"
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def called():
    opened = listen(ServeSettings(port=0))
    config = uvicorn.Config(app, http=Impatient, ws="none", log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    callers = []

    def call(request: bytes) -> socket.socket:
        callers.append(socket.create_connection(opened.getsockname(), timeout=60))
        callers[-1].sendall(request)
        return callers[-1]

    yield call
    for caller in callers:
        caller.close()
    server.should_exit = True
    thread.join(timeout=60)


def received(caller: socket.socket) -> int:
    """Read until the connection ends, in whichever way, and return the number of bytes; wait for a minute at most."""
    got = 0
    try:
        while part := caller.recv(2**20):
            got += len(part)
    except ConnectionResetError:
        pass
    return got


def answer(caller: socket.socket) -> bytes:
    """Read an answer to its end, or what there is of it when the connection ends; head and body may come apart."""
    got = b""
    while not got.endswith(b"short") and (part := caller.recv(1000)):
        got += part
    return got


@pytest.mark.parametrize(
    "request_so_far",
    [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX-More: ", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nshort"],
    ids=["nothing", "half of a head", "half of a body"],
)
def test_callers_that_do_not_finish_a_request_are_cut_off(called, request_so_far):
    assert received(called(request_so_far)) == 0


def test_callers_that_do_not_read_an_answer_are_cut_off(called):
    caller = called(b"GET /long HTTP/1.1\r\nHost: a\r\n\r\n")
    # The end comes while most of the answer is still to be fetched.
    threading.Event().wait(3.0)
    assert received(caller) < len(ANSWER)


def test_callers_that_wait_between_two_requests_stay(called):
    caller = called(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer(caller).endswith(b"short")
    threading.Event().wait(1.5)
    caller.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert answer(caller).endswith(b"short")

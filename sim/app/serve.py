"""Listening: on this machine alone unless somebody says otherwise, and then with a token."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from typing import Any, Final

import uvicorn

from sim.app.guard import LOOPBACK
from sim.app.slow_callers import HurriedProtocol
from sim.errors import SimError

MOST_CONNECTIONS: Final = 512
"""Connections at once; beyond them requests are answered by 503."""


@dataclass(frozen=True)
class ServeSettings:
    """Where a server listens and who may ask.

    Attributes
    ----------
    host : str
    port : int
        0 for any free one.
    token : str or None
        Needed where others than this machine can reach the host.
    """

    host: str = "127.0.0.1"
    port: int = 8750
    token: str | None = None

    @property
    def is_local(self) -> bool:
        """Whether only this machine can ask."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host in LOOPBACK

    @property
    def hosts(self) -> frozenset[str] | None:
        """Names the server goes by; None for any, since a token is asked for then."""
        return LOOPBACK | {self.host} if self.is_local else None


def listen(settings: ServeSettings) -> socket.socket:
    """Open the socket before anything else, so that a port in use is told at once.

    Raises
    ------
    SimError
        When the host or port cannot be had, or others could ask without a token.
    """
    if not settings.is_local and not settings.token:
        raise SimError(f"--host {settings.host}: others can reach this address, so --token is needed")
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        # Of TCP by name: asyncio sends at once only then, and else each answer waits 40 ms for the caller's receipt.
        opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise SimError(f"--host {settings.host}: {error.strerror or error}") from None
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((settings.host, settings.port))
        opened.listen(256)
    except (OSError, OverflowError) as error:
        opened.close()
        raise SimError(f"--port {settings.port}: {getattr(error, 'strerror', None) or error}") from None
    return opened


def serve_forever(app: Any, opened: socket.socket) -> None:
    """Answer requests until the process is told to end.

    Parameters
    ----------
    app : callable
        As `create_app` returns it.
    opened : socket
        As `listen` returns it.
    """
    config = uvicorn.Config(
        app,
        http=HurriedProtocol,
        ws="none",
        log_level="error",
        access_log=False,  # addresses say who wants to go where
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[opened])

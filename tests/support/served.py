"""Runs to be served, and the app asked in this process."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx

import sim
from sim.api.serving import forecast_of
from sim.app import RunLibrary, create_app
from sim.app.guard import Limits

HOSTILE = "<script>alert(1)</script>"
"""A stop somebody named so: it must stay a text everywhere."""

# A plan that is made on one draw suits that draw alone and is not given out, so that the run holds none: places are
# those of days without advice.
LINE = f"""\
name: served
advisor:
  rehearsal: {{draws: 1}}
replications: 2
days: 3
period: 15 min
network:
  lines:
    - id: A
      stops: [a, b, "{HOSTILE}", c]
      running_times: [2 min, 3 min, 4 min]
      vehicle: bus
      headway: {{mean: 10 min, distribution: gamma, cv: 0.5, first: "06:00", trips: 30}}
service:
  vehicles:
    bus: {{seats: 10, capacity: 20}}
demand:
  flows:
    - {{origin: a, destination: c, placement: poisson, pieces: [{{start: "06:00", end: "10:00", rate: 100 /h}}]}}
    - origin: b
      destination: "{HOSTILE}"
      placement: poisson
      pieces: [{{start: "06:00", end: "10:00", rate: 20 /h}}]
"""

PLANNED = """\
name: planned
advisor:
  penetration: 0.9
  compliance: 0.8
  window: 10 min
  rehearsal: {draws: 4, rounds: 6, mixtures: 0}
baselines: [habit]
replications: 1
days: 3
period: 15 min
network:
  lines:
    - id: A
      stops: [a, b, c]
      running_times: [4 min, 5 min]
      vehicle: bus
      headway: {mean: 5 min, distribution: gamma, cv: 0.4, first: "06:00", trips: 60}
service:
  vehicles:
    bus: {seats: 10, capacity: 25}
population: {preferred_arrival_spread: 10 min}
demand:
  flows:
    - {origin: a, destination: c, placement: random, pieces: [{start: "07:00", end: "08:00", commuters: 260}]}
    - {origin: b, destination: c, placement: random, pieces: [{start: "07:15", end: "08:15", commuters: 120}]}
"""
"""A line on which buses are full for an hour: coordinated advice asks most of its people to leave at another time."""

GENEROUS = Limits(per_s=1e6, burst=10**6)
HEADERS = {"host": "127.0.0.1:8750"}


def write_comparison(folder: Path) -> Path:
    """Return the run folder of a small line under two strategies, simulated once and copied for each caller."""
    shutil.copytree(Path(_comparison().name) / "served", folder / "runs" / "served")
    return folder / "runs" / "served"


def write_planned(folder: Path) -> Path:
    """Return the run folder of a comparison that holds a plan, which most people follow; as `write_comparison`."""
    shutil.copytree(Path(_planned().name) / "planned", folder / "runs" / "planned")
    return folder / "runs" / "planned"


@cache
def _comparison() -> tempfile.TemporaryDirectory[str]:
    return _compared("served", LINE)


@cache
def _planned() -> tempfile.TemporaryDirectory[str]:
    return _compared("planned", PLANNED)


def _compared(name: str, text: str) -> tempfile.TemporaryDirectory[str]:
    folder = tempfile.TemporaryDirectory()
    scenario = Path(folder.name) / f"{name}.yaml"
    scenario.write_text(text, encoding="utf-8")
    sim.compare(scenario, ["none", "coordinated"]).write(Path(folder.name) / name)
    return folder


class Served:
    """The app over a folder, asked without a socket.

    Parameters
    ----------
    root : Path
    **settings
        As of `create_app`.
    """

    def __init__(self, root: Path, **settings: Any) -> None:
        settings = {"limits": GENEROUS, "hosts": frozenset({"127.0.0.1"}), **settings}
        self.app = create_app(RunLibrary(root), forecast_of, **settings)

    def ask(self, address: str, method: str = "GET", **options: Any) -> httpx.Response:
        """Return the answer to one request."""
        return self.ask_all([(method, address, options)])[0]

    def ask_all(self, requests: list[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """Return the answers to requests sent at once."""

        async def all_of_them() -> list[httpx.Response]:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8750") as client:
                return list(await asyncio.gather(*(client.request(m, a, **o) for m, a, o in requests)))

        return asyncio.run(all_of_them())

    def ask_raw(self, path: str, query: str = "") -> tuple[int, dict[str, str], bytes]:
        """Return the answer to an address sent as it is: clients tidy dots and slashes up before they send them."""
        return self.send("GET", path.encode(), query.encode())

    def send(
        self, method: str, path: bytes, query: bytes, headers: Sequence[tuple[bytes, bytes]] = (), body: bytes = b""
    ) -> tuple[int, dict[str, str], bytes]:
        """Return the answer to a request of any bytes."""
        sent: list[Any] = []
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            # As uvicorn fills the two in.
            "path": unquote(path.decode("latin-1")),
            "raw_path": path,
            "query_string": query,
            "root_path": "",
            "headers": [(b"host", b"127.0.0.1:8750"), *((name.lower(), value) for name, value in headers)],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8750),
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.app(scope, receive, send))
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return sent[0]["status"], answered, b"".join(message.get("body", b"") for message in sent[1:])

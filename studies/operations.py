"""The app under load: ``python -m studies.operations [measure]`` writes `docs/operations.md`.

With ``measure`` it first serves a small comparison and calls it in three ways: an hour's worth of requests as fast as
they are answered, slow callers beside a quick one, and thousands of connections. What it finds is kept in
`studies/operations_found.json`; without ``measure`` the page is written from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil

from sim.records.pages import write_page

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "operations.md"
FOUND: Final = Path(__file__).with_name("operations_found.json")
WORDS: Final = Path(__file__).with_name("operations_words.md")

HOUR: Final = 36_000
"""Requests: ten a second for an hour."""
AT_ONCE: Final = 16
SLOW: Final = 300
"""Callers that send a letter a second."""
CROWD: Final = 3_000
"""Connections that nothing is sent over."""
BESIDE: Final = 1_000
"""Requests of the quick caller beside the slow ones."""


@dataclass(frozen=True)
class Served:
    """A server in a process of its own.

    Attributes
    ----------
    port : int
    process : psutil.Process
    name : str
        Of the run that it serves.
    """

    port: int
    process: psutil.Process
    name: str

    def memory_mb(self) -> int:
        """Return what it holds in memory."""
        return int(self.process.memory_info().rss / 2**20)

    def paths(self) -> list[str]:
        """Return what is asked in turn: the page, documents, and answers to some commuters."""
        run = f"/api/v1/runs/{self.name}"
        asked = [f"{run}/windows?origin=H&destination=W&arrive_by={8 + at // 60:02}:{at % 60:02}" for at in (0, 10, 20)]
        return ["/", f"{run}/network", f"{run}/indicators", f"{run}/vehicles?strategy=none&hour=8", *asked]


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """Compare a small scenario and serve the result."""
    program = [sys.executable, "-m", "sim.cli"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = folder / "two_lines_lesson"
    compared = [*program, "compare", "two_lines_lesson", "--replications", "2", "--strategies", "none,coordinated"]
    subprocess.run([*compared, "--out", run], env=environment, capture_output=True, check=True)
    command = [*program, "serve", str(run), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline() for _ in range(4)]
        port = int(lines[1].rstrip("/\n").rsplit(":", 1)[1])
        try:
            yield Served(port, psutil.Process(server.pid), run.name)
        finally:
            server.terminate()


async def ask(port: int, paths: list[str], count: int, took_s: list[float]) -> Counter[str]:
    """Ask for addresses in turn over one connection, a new one where it was ended; return answers by status."""
    found: Counter[str] = Counter()
    streams = await asyncio.open_connection("127.0.0.1", port)
    for number in range(count):
        reader, writer = streams
        start = time.perf_counter()
        head = f"GET {paths[number % len(paths)]} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n"
        try:
            writer.write(head.encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", answer)
            await reader.readexactly(int(length.group(1)) if length else 0)
            found[answer[9:12].decode()] += 1
            took_s.append(time.perf_counter() - start)
        except (asyncio.IncompleteReadError, ConnectionError):
            found["cut off"] += 1
            answer = b"connection: close"
        if b"connection: close" in answer:
            writer.close()
            streams = await asyncio.open_connection("127.0.0.1", port)
    streams[1].close()
    return found


def _times(took_s: list[float]) -> dict[str, float]:
    return {f"p{share}_ms": round(float(np.percentile(took_s, share)) * 1000, 1) for share in (50, 99)}


async def an_hour(served: Served) -> dict[str, Any]:
    """Send as many requests as come in an hour, as fast as they are answered."""
    await ask(served.port, served.paths(), 2 * len(served.paths()), [])
    before, start = served.memory_mb(), time.perf_counter()
    took_s: list[float] = []
    each = HOUR // AT_ONCE
    found = await asyncio.gather(*(ask(served.port, served.paths(), each, took_s) for _ in range(AT_ONCE)))
    all_s = time.perf_counter() - start
    return {
        "requests": HOUR,
        "seconds": round(all_s),
        "requests_per_s": round(HOUR / all_s),
        **_times(took_s),
        "answers": dict(sum(found, Counter())),
        "memory_before_mb": before,
        "memory_after_mb": served.memory_mb(),
    }


async def _slowly(port: int) -> float:
    """Send a request by a letter a second, and return after how many seconds the connection was ended."""
    start = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nX-Slow: ")
    ended = asyncio.ensure_future(reader.read())
    while not ended.done():
        writer.write(b"a")
        await asyncio.wait([ended], timeout=1.0)
    with contextlib.suppress(ConnectionError):
        ended.result()
    writer.close()
    return time.perf_counter() - start


async def slow_callers(served: Served) -> dict[str, Any]:
    """Let many callers send a letter a second while one asks as always."""
    slow = [asyncio.ensure_future(_slowly(served.port)) for _ in range(SLOW)]
    took_s: list[float] = []
    found = await ask(served.port, served.paths(), BESIDE, took_s)
    ended_s = await asyncio.gather(*slow)
    return {
        "slow_callers": SLOW,
        "ended_after_s": round(max(ended_s)),
        "requests_beside": BESIDE,
        **_times(took_s),
        "answers": dict(found),
    }


async def a_crowd(served: Served) -> dict[str, Any]:
    """Open thousands of connections that send nothing, and ask until one is answered as always again."""
    before, start = served.memory_mb(), time.perf_counter()
    crowd = [await asyncio.open_connection("127.0.0.1", served.port) for _ in range(CROWD)]
    found: Counter[str] = Counter()
    most = served.memory_mb()
    while not found["200"]:
        found += await ask(served.port, ["/"], 1, [])
        most = max(most, served.memory_mb())
        await asyncio.sleep(0.05)
    again_s = time.perf_counter() - start
    for _, writer in crowd:
        writer.close()
    return {
        "connections": CROWD,
        "answers_meanwhile": dict(found),
        "answered_again_after_s": round(again_s),
        "memory_before_mb": before,
        "most_memory_mb": most,
    }


def measure() -> dict[str, Any]:
    """Serve, call, and return what was found."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as served:
        found = {what.__name__: asyncio.run(what(served)) for what in (an_hour, slow_callers, a_crowd)}
        load, paths = os.getloadavg()[0], served.paths()
        answers = asyncio.run(ask(served.port, paths, len(paths), []))["200"] if served.process.is_running() else 0
    return {
        **found,
        "load_average": round(load, 1),
        "answers_afterwards": answers == len(paths),
        "on": datetime.now(tz=UTC).date().isoformat(),
    }


def page(found: dict[str, Any]) -> str:
    """Return the whole page."""
    hour, slow, crowd = found["an_hour"], found["slow_callers"], found["a_crowd"]
    rows = [
        (
            f"{hour['requests']:,} requests over {AT_ONCE} connections (ten a second for an hour), without a pause",
            f"{hour['requests_per_s']:,} a second; half within {hour['p50_ms']} ms, 99 % within {hour['p99_ms']} ms; "
            f"{_said(hour['answers'])}; "
            f"memory {hour['memory_before_mb']} MB before, {hour['memory_after_mb']} MB after",
        ),
        (
            f"{slow['slow_callers']} callers that send a letter a second, and one that asks as always",
            f"slow ones ended after {slow['ended_after_s']} s at most; beside them {_said(slow['answers'])}, "
            f"half within {slow['p50_ms']} ms, 99 % within {slow['p99_ms']} ms",
        ),
        (
            f"{crowd['connections']:,} connections that send nothing",
            f"meanwhile {_said(crowd['answers_meanwhile'])}; answered as always again "
            f"{crowd['answered_again_after_s']} s after the first was opened; "
            f"memory {crowd['memory_before_mb']} MB, at most {crowd['most_memory_mb']} MB",
        ),
        ("afterwards", "answers as before" if found["answers_afterwards"] else "**no longer answers**"),
    ]
    table = "\n".join(f"| {what} | {said} |" for what, said in rows)
    return (
        WORDS.read_text(encoding="utf-8")
        .replace("TABLE", table)
        .replace("MEASURED", f"{found['on']} at a load average of {found['load_average']}")
    )


def _said(answers: dict[str, int]) -> str:
    words = {"200": "answered", "503": "told to come again (503)", "429": "told to ask for less (429)"}
    return ", ".join(f"{count:,} {words.get(status, status)}" for status, count in sorted(answers.items()))


def main() -> int:
    """Measure where that is asked for, and write the page."""
    if sys.argv[1:] == ["measure"]:
        found = measure()
        FOUND.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        sys.stdout.write(json.dumps(found) + "\n")
    return write_page(PAGE, page(json.loads(FOUND.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    sys.exit(main())

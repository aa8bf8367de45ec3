"""How many requests the app answers a second, how long they take, what they cost, and what it remembers of them.

    python benchmarks/app_load.py RUN [--requests 100000] [--connections 16] [--json]

A server of its own answers a cached question over and over; the caller is another process on the same machine. Where
the machine has other work, the processor time of the server for a request says more than rates and times.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parent.parent


async def call(port: int, path: str, count: int, took_s: list[float]) -> None:
    """Ask for one address count times over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    for _ in range(count):
        start = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode("latin-1"))
        found = re.search(rb"content-length: (\d+)", head)
        await reader.readexactly(int(found.group(1)) if found else 0)
        took_s.append(time.perf_counter() - start)
    writer.close()


async def load(port: int, path: str, requests: int, connections: int) -> tuple[float, list[float]]:
    """Ask over several connections at once; return the time of all and of each request, in seconds."""
    took_s: list[float] = []
    await call(port, path, 1, [])
    start = time.perf_counter()
    await asyncio.gather(*(call(port, path, requests // connections, took_s) for _ in range(connections)))
    return time.perf_counter() - start, took_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    command = [sys.executable, "-m", "sim.cli", "serve", str(asked.run), "--port", "0"]
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline() for _ in range(4)]
        start_s = time.perf_counter() - began
        port = int(lines[1].rstrip("/\n").rsplit(":", 1)[1])
        name = asked.run.resolve().name
        paths = {"indicators": f"/api/v1/runs/{name}/indicators", "page": "/"}
        memory = psutil.Process(server.pid)
        found = {"start_s": round(start_s, 2)}
        for what, path in paths.items():
            before, spent = memory.memory_info().rss, memory.cpu_times()
            all_s, took_s = asyncio.run(load(port, path, asked.requests, asked.connections))
            took_cpu_s = sum(memory.cpu_times()[:2]) - sum(spent[:2])
            found[what] = {
                "requests_per_s": round(len(took_s) / all_s),
                "p50_ms": round(float(np.percentile(took_s, 50)) * 1000, 2),
                "p99_ms": round(float(np.percentile(took_s, 99)) * 1000, 2),
                "server_cpu_ms": round(took_cpu_s / len(took_s) * 1000, 3),
                "memory_before_mb": round(before / 2**20),
                "memory_after_mb": round(memory.memory_info().rss / 2**20),
            }
        server.terminate()
    if asked.json:
        print(json.dumps(found, indent=2))
    else:
        for what, values in found.items():
            print(what, values)


if __name__ == "__main__":
    main()

"""How many frames a second the board's map shows with 10,000 moving vehicles, and what a frame costs.

    python benchmarks/board_frames.py RUN [--vehicles 10000] [--frames 300] [--json]

A server of its own serves RUN. Debian's Chromium opens its board and paints made-up vehicles over a city of 100 stops:
one frame after the other as fast as it can, and then once a frame of the browser. 60 frames a second leave 16.7 ms for
each. A browser without a screen shows no more than 60.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

PROGRAM = """
async ([vehicles, frames]) => {
    const { Scene, paint } = await import("/static/boardmap.js");
    const places = Array.from({ length: 100 }, (_, row) => row);
    const names = places.map(String);
    const [x, y] = [places.map((place) => ((place * 37) % 100) * 100), places.map((place) => place * 100)];
    const stops = { id: names, name: names, x, y };
    const network = { stops, nodes: { x: [], y: [] }, links: [], lines: [], width: 10000, height: 10000 };
    const scene = new Scene(network, { directions: [], period_s: 900 });
    const trip = (_, n) => [0, 0, 80, 30, n % 60, n % 99, 0, 10, 40, (n % 99) + 1, 600, 10, 0];
    scene.setTrips({ trips: Array.from({ length: vehicles }, trip) });
    const canvas = document.querySelector("#maps canvas");
    const time = (frame) => 80 + frame / 2;
    let drawn = paint(canvas, scene, time(0), null);
    const costs = [];
    for (let frame = 0; frame < frames; frame++) {
        const before = performance.now();
        drawn = Math.min(drawn, paint(canvas, scene, time(frame), null));
        costs.push(performance.now() - before);
    }
    costs.sort((one, other) => one - other);
    const shown = await new Promise((done) => {
        let [frame, began] = [0, 0];
        const step = (now) => {
            if (!frame) began = now;
            paint(canvas, scene, time(frame), null);
            if (frame++ < frames) requestAnimationFrame(step);
            else done((1000 * frames) / (now - began));
        };
        requestAnimationFrame(step);
    });
    return {
        vehicles: drawn,
        frames_per_s: Math.round(shown * 10) / 10,
        frame_ms_median: Math.round(costs[frames >> 1] * 100) / 100,
        frame_ms_p95: Math.round(costs[Math.floor(frames * 0.95)] * 100) / 100,
    };
}
"""


def measured(address: str, vehicles: int, frames: int) -> dict[str, float]:
    """Open the board and let it paint; say what it found."""
    program = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if program is None:
        raise SystemExit(f"needs a browser, one of {', '.join(BROWSERS)} (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}/board")
        page.wait_for_selector("#maps canvas")
        found: dict[str, float] = page.evaluate(PROGRAM, [vehicles, frames])
        browser.close()
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("--vehicles", type=int, default=10_000)
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--json", action="store_true", dest="as_json")
    asked = parser.parse_args()
    command = [sys.executable, "-m", "sim.cli", "serve", str(asked.run), "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stdout is not None
        lines = [server.stdout.readline() for _ in range(4)]
        port = lines[1].rstrip("/\n").rsplit(":", 1)[1]
        try:
            found = measured(f"http://127.0.0.1:{port}", asked.vehicles, asked.frames)
        finally:
            server.terminate()
    print(json.dumps(found) if asked.as_json else "\n".join(f"{name:16} {value}" for name, value in found.items()))


if __name__ == "__main__":
    main()

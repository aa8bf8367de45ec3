"""Write the neutral workload "gridcity": a city of bus lines on a grid, and commuters whose journeys are given.

usage: python benchmarks/gridcity_workload.py SIZE FOLDER [--seed N]      SIZE is XS, S, M or L

The workload is meant for any program that moves buses and people, so that programs can be compared by what they take
for the same work:

- Stops lie 300 m apart on a square grid. A line is a monotone staircase through it, served in both directions at equal
  headways; a bus takes 40 s from stop to stop.
- A bus that arrives lets out those who want to, 1.5 s each in order of boarding, and takes in those at the stop, first
  come first served up to 80 on board; it leaves 8 s plus 1.5 s per alighting plus 2 s per boarding later, whoever comes
  meanwhile waits for the next one.
- Commuters ride one line or two. Whoever changes is at the next stop 30 s after getting out.

All times are multiples of small powers of 2 chosen so that no two that matter coincide: buses run on 1/64 s, people
come from home on odd multiples of 1/128, and change on odd multiples of 1/256. Sums are exact, so that every program
that keeps the rules finds the same mean wait and travel time, to the last bit.

FOLDER gets city.json and commuters.csv for programs that read text, and work.bin, the same as arrays: four int32
(directions, stops of each, trips of each, commuters), departures of trips and of commuters as float64, and for each
commuter six int32: direction, position of boarding and of alighting of the first ride and of the second, -1 for none.
"""

from __future__ import annotations

import argparse
import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Size:
    """How large a workload is; times in seconds."""

    grid: int
    lines: int
    stops: int
    headway_s: int
    horizon_s: int
    commuters: int


SIZES: Final = {
    "XS": Size(8, 3, 10, 600, 3600, 500),
    "S": Size(14, 10, 20, 600, 14400, 10_000),
    "M": Size(24, 50, 30, 480, 14400, 100_000),
    "L": Size(40, 200, 40, 360, 14400, 500_000),
}
RULES: Final = {
    "spacing_m": 300.0,
    "capacity": 80,
    "door_s": 8.0,
    "board_s": 2.0,
    "alight_s": 1.5,
    "link_s": 40.0,
    "transfer_s": 30.0 + 1 / 256,
}
SHORTEST_RIDE: Final = 3
"""In stops; people ride at least so far."""

Whole = NDArray[np.int64]
Real = NDArray[np.float64]


@dataclass(frozen=True)
class Workload:
    """What is written.

    Attributes
    ----------
    size : Size
    seed : int
    paths : ndarray of int, shape (directions, stops)
        Grid nodes; directions 2 i and 2 i + 1 are the two of line i.
    departures_s : ndarray of float, shape (directions, trips)
    leaves_s : ndarray of float, shape (commuters,)
    legs : ndarray of int, shape (commuters, 6)
    """

    size: Size
    seed: int
    paths: Whole
    departures_s: Real
    leaves_s: Real
    legs: NDArray[np.int32]


def staircase(rng: np.random.Generator, grid: int, stops: int) -> Whole:
    """Draw a line: runs of 3 to 8 links by turns along either axis, placed at random where it fits into the grid."""
    while True:
        step_x, step_y = rng.choice([-1, 1], 2)
        along_x = bool(rng.integers(2))
        moves: list[tuple[int, int]] = []
        while len(moves) < stops - 1:
            run = min(stops - 1 - len(moves), int(rng.integers(3, 9)))
            moves += [(int(step_x), 0) if along_x else (0, int(step_y))] * run
            along_x = not along_x
        place = np.concatenate([[(0, 0)], np.cumsum(moves, axis=0)])
        place -= place.min(axis=0)
        extent = place.max(axis=0)
        if (extent < grid).all():
            x = place[:, 0] + rng.integers(0, grid - extent[0])
            y = place[:, 1] + rng.integers(0, grid - extent[1])
            found: Whole = (y * grid + x).astype(np.int64)
            return found


def make(size: Size, seed: int) -> Workload:
    """Draw a workload."""
    rng = np.random.default_rng(seed)
    there = [staircase(rng, size.grid, size.stops) for _ in range(size.lines)]
    paths = np.array([path for line in there for path in (line, line[::-1])])
    directions = len(paths)
    first_s = np.round(rng.uniform(0, size.headway_s, directions) * 64) / 64
    departures_s = first_s[:, None] + size.headway_s * np.arange(size.horizon_s // size.headway_s)
    popularity = rng.gamma(4.0, 1.0, directions)
    chosen = rng.choice(directions, size.commuters, p=popularity / popularity.sum())
    shares = rng.random((size.commuters, 5))
    leaves_s = _departures(rng, size)
    onward = _transfers(paths)
    legs = np.full((size.commuters, 6), -1, dtype=np.int32)
    for commuter, (direction, share) in enumerate(zip(chosen.tolist(), shares.tolist(), strict=True)):
        ride = _journey(direction, share, size.stops, onward)
        legs[commuter, : len(ride)] = ride
    return Workload(size, seed, paths, departures_s, leaves_s, legs)


def _departures(rng: np.random.Generator, size: Size) -> Real:
    """Draw when people leave: 7 of 10 around a peak at 40 % of the horizon, the others evenly over its first 80 %."""
    of_peak = rng.random(size.commuters) < 0.7
    peak_s = rng.normal(0.4 * size.horizon_s, 0.125 * size.horizon_s, size.commuters)
    even_s = rng.uniform(0, 0.8 * size.horizon_s, size.commuters)
    time_s = np.clip(np.where(of_peak, peak_s, even_s), 0, 0.85 * size.horizon_s)
    found: Real = np.floor(time_s * 64) / 64 + 1 / 128
    return found


def _transfers(paths: Whole) -> list[list[list[tuple[int, int]]]]:
    """Return, by direction and position, the directions of other lines with enough stops ahead, and where they stop."""
    stops = paths.shape[1]
    calls: dict[int, list[tuple[int, int]]] = {}
    for direction, path in enumerate(paths.tolist()):
        for position, node in enumerate(path):
            calls.setdefault(node, []).append((direction, position))
    return [
        [
            [(to, at) for to, at in calls[node] if to // 2 != direction // 2 and at < stops - SHORTEST_RIDE]
            for node in path
        ]
        for direction, path in enumerate(paths.tolist())
    ]


def _journey(direction: int, share: list[float], stops: int, onward: list[list[list[tuple[int, int]]]]) -> list[int]:
    """Turn five numbers between 0 and 1 into a journey; a third of the people change if the line allows it."""
    board = int(share[0] * (stops - SHORTEST_RIDE - 1))
    nearest = board + SHORTEST_RIDE
    alight = nearest + int(share[1] * (stops - nearest))
    if share[2] < 0.35:
        # Where they meant to get out, or at the nearest position before it, or else behind it, with another line.
        for change in (*range(alight, nearest - 1, -1), *range(alight + 1, stops)):
            if choices := onward[direction][change]:
                to, at = choices[int(share[3] * len(choices))]
                out = at + SHORTEST_RIDE + int(share[4] * (stops - SHORTEST_RIDE - at))
                return [direction, board, change, to, at, out]
    return [direction, board, alight]


def write(workload: Workload, folder: Path) -> None:
    """Write a workload into a folder, which is made if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    size = workload.size
    lines = [
        {"id": number, "line": number // 2, "way": number % 2, "stops": path, "departures": times}
        for number, (path, times) in enumerate(
            zip(workload.paths.tolist(), workload.departures_s.tolist(), strict=True)
        )
    ]
    facts = {"n": size.grid, "headway_s": size.headway_s, "horizon_s": size.horizon_s, "seed": workload.seed}
    (folder / "city.json").write_text(json.dumps({**facts, **RULES, "dirs": lines}))
    with (folder / "commuters.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "depart", "dir1", "board1", "alight1", "dir2", "board2", "alight2"])
        for row, (time_s, legs) in enumerate(zip(workload.leaves_s.tolist(), workload.legs.tolist(), strict=True)):
            writer.writerow([row, time_s, *legs])
    head = np.array([len(lines), size.stops, workload.departures_s.shape[1], size.commuters], dtype="<i4")
    parts = (head, workload.departures_s.astype("<f8"), workload.leaves_s.astype("<f8"), workload.legs.astype("<i4"))
    (folder / "work.bin").write_bytes(b"".join(part.tobytes() for part in parts))


def main() -> None:
    """Write the workload that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", choices=SIZES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    workload = make(SIZES[options.size], options.seed)
    write(workload, options.folder)
    print(
        f"{options.size}: {workload.departures_s.size} trips, {workload.departures_s.size * workload.paths.shape[1]} "
        f"stop visits, {len(workload.legs)} commuters, {int((workload.legs[:, [0, 3]] >= 0).sum())} rides"
    )


if __name__ == "__main__":
    main()

"""Write a made-up city to see how the search for journeys grows with the number of stops.

usage: python benchmarks/grid_scenario.py FILE [--side 64] [--pairs 300]

FILE becomes a scenario: a grid of side times side stops, a line along each row and each column with ten trips each way
in the morning, and flows of two commuters between random pairs of stops. `peakshift validate FILE` searches their
journeys. Compare sides of 64 (4,096 stops) and 126 (15,876): the same pairs, four times the stops and twice the trips.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

TRIPS = 10
HEADWAY_MIN = 8
LINK_MIN = 2


def scenario_text(side: int, pairs: int) -> str:
    """Return the scenario as YAML.

    Parameters
    ----------
    side : int
        Stops along each side of the grid.
    pairs : int
        Flows.
    """
    names = np.array([[f"r{row}c{column}" for column in range(side)] for row in range(side)])
    courses = [(f"row{place}", names[place]) for place in range(side)]
    courses += [(f"column{place}", names[:, place]) for place in range(side)]
    clock = [f'"{6 + HEADWAY_MIN * trip // 60:02d}:{HEADWAY_MIN * trip % 60:02d}"' for trip in range(TRIPS)]
    lines = [
        f"    - {{id: {name}{way}, stops: [{', '.join(stops)}], vehicle: bus, "
        f"running_times: [{', '.join([f'{LINK_MIN} min'] * (side - 1))}], departures: [{', '.join(clock)}]}}"
        for name, along in courses
        for way, stops in (("there", along), ("back", along[::-1]))
    ]
    random = np.random.default_rng(1)
    ends = random.integers(0, side, (pairs, 4)).tolist()
    flows = [
        f"    - {{origin: r{a}c{b}, destination: r{c}c{(d + 1) % side if (a, b) == (c, d) else d}, "
        'pieces: [{start: "06:00", end: "07:00", commuters: 2}]}'
        for a, b, c, d in ends
    ]
    return "\n".join(
        [
            f"name: grid_{side}",
            "days: 1",
            "network:",
            "  lines:",
            *lines,
            "service:",
            "  vehicles: {bus: {seats: 30, capacity: 60}}",
            "demand:",
            "  flows:",
            *flows,
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--pairs", type=int, default=300)
    args = parser.parse_args()
    args.file.write_text(scenario_text(args.side, args.pairs), encoding="utf-8")


if __name__ == "__main__":
    main()

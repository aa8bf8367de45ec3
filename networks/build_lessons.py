"""Write the made-up networks for lessons: ``corridor``, ``grid`` and ``two_lines``.

Usage: ``python networks/build_lessons.py [--out FOLDER]``. Nothing in them is taken from a city; what
each is for, and why the numbers are as they are, is in the ``SOURCE.md`` of each folder.
"""

from __future__ import annotations

import argparse
from itertools import pairwise, product
from pathlib import Path

from csv_files import write_csv
from simple_network import Line, Network, Stop, Vehicle, clock, write_network

BUS = Vehicle(30, 80, 2, "sum", 3.5, 2.0, 1.75, 1, 2)
METRO = Vehicle(200, 600, 16, "max", 10.0, 1.5, 1.2, 16, 16)
PEAKS = (6, (3, 10, 14, 7, 4, 4, 4, 4, 4, 5, 8, 12, 11, 5, 3, 2))


def corridor() -> tuple[Network, list[tuple[str, str, int]]]:
    """Ten stops in a row, 600 m and 90 s apart, one bus line; everybody rides towards the last two stops."""
    names = [f"S{number}" for number in range(1, 11)]
    stops = {stop: Stop(f"Stop {number}", 600.0 * number, 0.0) for number, stop in enumerate(names)}
    links = dict.fromkeys([*pairwise(names), *pairwise(names[::-1])], (600.0, 90))
    headways = (
        (6 * 60, 7 * 60, 10),
        (7 * 60, 9 * 60, 6),
        (9 * 60, 16 * 60, 10),
        (16 * 60, 19 * 60, 6),
        (19 * 60, 22 * 60, 15),
    )
    lines = {"C": Line("Corridor", 3, "bus", tuple(names), headways)}
    out = [(stop, goal, 60) for stop in names[:8] for goal in names[8:]]
    back = [(goal, stop, 60) for stop in names[:8] for goal in names[8:]]
    return Network("lessons", stops, links, lines, {"bus": BUS}), out + back


def grid() -> tuple[Network, list[tuple[str, str, int]]]:
    """Four by four stops, 800 m and 2 min apart, four lines each way; journeys lead to the middle or from it."""
    places = list(product(range(4), repeat=2))
    stops = {f"{x}{y}": Stop(f"{x}. Avenue / {y}. Street", 800.0 * x, 800.0 * y) for x, y in places}
    links = {}
    for x, y in places:
        for a, b in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if f"{a}{b}" in stops:
                links[f"{x}{y}", f"{a}{b}"] = (800.0, 120)
    headways = ((6 * 60, 22 * 60, 8),)
    lines = {f"A{x}": Line(f"{x}. Avenue", 3, "bus", tuple(f"{x}{y}" for y in range(4)), headways) for x in range(4)}
    lines |= {f"S{y}": Line(f"{y}. Street", 3, "bus", tuple(f"{x}{y}" for x in range(4)), headways) for y in range(4)}
    middle = ("11", "12", "21", "22")
    edge = [stop for stop in stops if stop not in middle]
    pairs = [(stop, goal, 40) for stop in edge for goal in middle] + [
        (goal, stop, 40) for stop in edge for goal in middle
    ]
    return Network("lessons", stops, links, lines, {"bus": BUS}), pairs


def two_lines() -> Network:
    """A quick metro that fills up and a slow bus with room, from the same suburb to the same centre."""
    stops = {
        "H": Stop("Home", 0.0, 0.0),
        "M": Stop("Metro station", 5000.0, 600.0),
        "B": Stop("Bus stop", 5000.0, -600.0),
        "W": Stop("Work", 10000.0, 0.0),
    }
    ways = {("H", "M"): (5040.0, 540), ("M", "W"): (5040.0, 540), ("H", "B"): (5040.0, 960), ("B", "W"): (5040.0, 960)}
    links = ways | {(b, a): value for (a, b), value in ways.items()}
    day = ((6 * 60, 11 * 60, 6),)
    lines = {
        "metro": Line("Metro", 1, "light_metro", ("H", "M", "W"), ((6 * 60, 11 * 60, 10),)),
        "bus": Line("Bus", 3, "bus", ("H", "B", "W"), day),
    }
    light = Vehicle(80, 240, 8, "max", 10.0, 1.5, 1.2, 8, 8)
    return Network("lessons", stops, links, lines, {"light_metro": light, "bus": BUS})


def two_lines_demand() -> list[tuple[str, str, str, str, int]]:
    """Return 3,000 commuters by quarter hours, half of them within the hour from 07:30."""
    shape = (40, 60, 100, 140, 220, 300, 400, 420, 380, 300, 220, 160, 110, 80, 40, 30)
    return [
        ("H", "W", clock(start), clock(start + 900), count)
        for start, count in zip(range(6 * 3600, 10 * 3600, 900), shape, strict=True)
    ]


def write_profile(folder: Path) -> None:
    """Write the assumed profile with two peaks, percent by hour."""
    first, percent = PEAKS
    rows = [
        (clock(3600 * (first + n)), clock(3600 * (first + n + 1)), f"{part / 100:.2f}")
        for n, part in enumerate(percent)
    ]
    write_csv(folder / "demand" / "profile.csv", "period_start,period_end,share", rows)


def main() -> None:
    """Read the command line and write the folders."""
    parser = argparse.ArgumentParser(description="Write the networks for lessons.")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent)
    out = parser.parse_args().out
    for name, (network, pairs) in {"corridor": corridor(), "grid": grid()}.items():
        write_network(out / name, network)
        write_csv(out / name / "demand" / "od.csv", "origin_stop_id,destination_stop_id,commuters", pairs)
        write_profile(out / name)
    write_network(out / "two_lines", two_lines())
    header = "origin_stop_id,destination_stop_id,period_start,period_end,commuters"
    write_csv(out / "two_lines" / "demand" / "od.csv", header, two_lines_demand())


if __name__ == "__main__":
    main()

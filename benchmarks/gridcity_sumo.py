"""Translate the workload "gridcity" for Eclipse SUMO, and run its mesoscopic simulation.

usage: python benchmarks/gridcity_sumo.py FOLDER [--translate-only]

Needs `pip install eclipse-sumo==1.28.0`, which ships the programs. FOLDER holds a workload of
benchmarks/gridcity_workload.py and gets a folder `sumo`. Every grid node becomes a platform of 40 m that all buses
through it use, so that a change needs no walk; streets between are 260 m. SUMO keeps rules of its own for how people
board, so that its results are near those of the workload and not the same; what is compared is what the work takes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

STEP_M, PLATFORM_M = 300, 40
SPEED_M_PER_S = 7.5


def programs() -> Path:
    """Return the folder of SUMO's programs.

    Raises
    ------
    ModuleNotFoundError
        Where SUMO is not installed.
    """
    import sumo  # type: ignore[import-not-found]

    return Path(sumo.SUMO_HOME, "bin")


def translate(folder: Path) -> Path:
    """Write the network, the buses and the people of a workload as SUMO reads them; return the folder."""
    out = folder / "sumo"
    out.mkdir(exist_ok=True)
    city = json.loads((folder / "city.json").read_text())
    _write_network(city, out)
    _write_buses(city, out / "buses.rou.xml")
    _write_people(city, folder / "commuters.csv", out / "people.rou.xml")
    build = [programs() / "netconvert", "-n", "nodes.nod.xml", "-e", "streets.edg.xml", "-o", "net.xml"]
    subprocess.run([*build, "--no-internal-links", "--no-turnarounds", "--no-warnings"], cwd=out, check=True)
    return out


def command() -> list[str]:
    """Return the command that runs the mesoscopic simulation in the folder of a translation."""
    files = ["-n", "net.xml", "-a", "stops.add.xml", "-r", "buses.rou.xml,people.rou.xml"]
    return [
        str(programs() / "sumo"), *files, "--mesosim", "--no-step-log", "--no-warnings", "--time-to-teleport", "-1",
    ]  # fmt: skip


def _write_network(city: dict[str, Any], out: Path) -> None:
    paths = [direction["stops"] for direction in city["dirs"]]
    nodes = sorted({node for path in paths for node in path})
    streets = sorted({pair for path in paths for pair in pairwise(path)})
    size, end = city["n"], PLATFORM_M * 0.7
    where = {node: (node % size * STEP_M, node // size * STEP_M) for node in nodes}
    points = [
        f'<node id="in{node}" x="{x}" y="{y}"/><node id="out{node}" x="{x + end}" y="{y + end}"/>'
        for node, (x, y) in where.items()
    ]
    platforms = [
        f'<edge id="at{node}" from="in{node}" to="out{node}" numLanes="1" speed="13.9" length="{PLATFORM_M}" '
        'priority="2"/>'
        for node in nodes
    ]
    links = [
        f'<edge id="{one}to{other}" from="out{one}" to="in{other}" numLanes="1" speed="13.9" '
        f'length="{STEP_M - PLATFORM_M}"/>'
        for one, other in streets
    ]
    stops = [
        f'<busStop id="stop{node}" lane="at{node}_0" startPos="2" endPos="{PLATFORM_M - 2}" personCapacity="1000" '
        'parkingLength="100000"/>'
        for node in nodes
    ]
    _write(out / "nodes.nod.xml", "nodes", points)
    _write(out / "streets.edg.xml", "edges", [*platforms, *links])
    _write(out / "stops.add.xml", "additional", stops)


def _write_buses(city: dict[str, Any], path: Path) -> None:
    rows = [
        f'<vType id="bus" vClass="bus" length="12" maxSpeed="{SPEED_M_PER_S}" accel="1.2" decel="4" sigma="0" '
        f'speedFactor="1" speedDev="0" personCapacity="{city["capacity"]}" boardingDuration="{city["board_s"]:g}"/>'
    ]
    for line in city["dirs"]:
        way = [f"at{line['stops'][0]}"]
        for one, other in pairwise(line["stops"]):
            way += [f"{one}to{other}", f"at{other}"]
        stops = "".join(
            f'<stop busStop="stop{node}" duration="{1 if last else city["door_s"]:g}" parking="true"/>'
            for node, last in zip(line["stops"], [False] * (len(line["stops"]) - 1) + [True], strict=True)
        )
        rows.append(f'<route id="way{line["id"]}" edges="{" ".join(way)}">{stops}</route>')
    rows += [
        f'<flow id="bus{line["id"]}" type="bus" route="way{line["id"]}" line="line{line["id"]}" '
        f'begin="{line["departures"][0]}" period="{city["headway_s"]}" number="{len(line["departures"])}" '
        'departPos="stop" departSpeed="0"/>'
        for line in sorted(city["dirs"], key=lambda line: line["departures"][0])
    ]
    _write(path, "routes", rows)


def _write_people(city: dict[str, Any], commuters: Path, path: Path) -> None:
    stops = [line["stops"] for line in city["dirs"]]
    table = np.loadtxt(commuters, delimiter=",", skiprows=1, ndmin=2)
    table = table[np.lexsort((table[:, 0], table[:, 1]))]
    rows = []
    for number, leaves_s, *rides in table.tolist():
        line, board, alight, onward, again, out = map(int, rides)
        stages = f'<ride from="at{stops[line][board]}" busStop="stop{stops[line][alight]}" lines="line{line}"/>'
        if onward >= 0:
            del again  # they board where they got out
            stages += f'<stop busStop="stop{stops[line][alight]}" duration="30"/>'
            stages += f'<ride busStop="stop{stops[onward][out]}" lines="line{onward}"/>'
        rows.append(f'<person id="p{int(number)}" depart="{leaves_s:.2f}" departPos="20">{stages}</person>')
    _write(path, "routes", rows)


def _write(path: Path, root: str, rows: list[str]) -> None:
    path.write_text("\n".join([f"<{root}>", *rows, f"</{root}>", ""]))


def main() -> None:
    """Translate the workload that the command line names, and run it unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--translate-only", action="store_true")
    options = parser.parse_args()
    out = translate(options.folder)
    if not options.translate_only:
        subprocess.run([*command(), "--duration-log.statistics"], cwd=out, check=True)


if __name__ == "__main__":
    main()

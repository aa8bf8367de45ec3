"""Put run times before and after a change side by side, on scenarios that do not use it.

usage: python benchmarks/depth.py COMMIT GRIDCITY [--after COMMIT] [--rounds N] [--replications N]

COMMIT is the state to compare with; it is checked out into a worktree of its own for the time
of the run. So is --after; where it is missing, the files are taken as they are. GRIDCITY holds
city.json and commuters.csv of the workload of that name. Both states run in turns, each in a
process of its own, and processor time is compared (of a busy machine it says more than the
clock): the least of all rounds. The optimum that gaps are measured against is work that is added to
a run and no depth of the simulation; its time is told apart. Exit code 1 where a ratio without it is
above 1.5, or where the exact result of gridcity differs; that of mandl hangs on random numbers too
and is only told.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
MOST_RATIO = 1.5

GRIDCITY = """
import csv, json, sys, time
from pathlib import Path
sys.path.insert(0, "benchmarks")
import numpy as np
from gridcity import journeys_of, scenario_of
from sim.engine import Departures, DayVariates, compile_input, simulate
folder = Path(sys.argv[1])
city = json.loads((folder / "city.json").read_text())
with (folder / "commuters.csv").open() as file:
    rows = list(csv.DictReader(file))
legs, journeys, departure_s = journeys_of(city, rows)
engine_input = compile_input(scenario_of(city), legs)
timetable = engine_input.timetable
variates = DayVariates(timetable.scheduled_dispatch_s, np.ones(len(timetable.visit_trip)))
started = time.process_time()
day = simulate(engine_input, Departures(departure_s, journeys), variates)
took_s = time.process_time() - started
travel_s = float(np.nanmean(day.arrival_s - day.departure_s))
exact = [round(travel_s, 6), int(day.denied_boardings.sum())]
print(json.dumps({"seconds": took_s, "exact": exact}))
"""

MANDL = """
import json, sys, time
import sim
import sim.experiments.replications as replications
optimum_s = 0.0
def timed(*parts, work=getattr(replications, "optimum_of_day", None), **more):
    global optimum_s
    began = time.process_time()
    found = work(*parts, **more)
    optimum_s += time.process_time() - began
    return found
if hasattr(replications, "optimum_of_day"):
    replications.optimum_of_day = timed
scenario = sim.load_scenario("scenarios/mandl.yaml", [f"replications={sys.argv[1]}"])
started = time.process_time()
result = sim.run(scenario)
took_s = time.process_time() - started
metrics = result.summary["metrics"]
exact = [metrics["mean_wait_min"]["mean"], metrics["denied_boardings"]["mean"]]
print(json.dumps({"seconds": took_s - optimum_s, "optimum": optimum_s, "exact": exact}))
"""


def measured(tree: Path, program: str, argument: str) -> dict[str, Any]:
    """Run a program in a state of the project and return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run(
        [sys.executable, "-c", program, argument],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def compared(
    trees: tuple[Path, Path], program: str, argument: str, rounds: int
) -> tuple[list[float], list[float], list[Any]]:
    """Run both states in turns; return the least time of each, that of the optimum, and the exact results."""
    best, optimum, exact = [float("inf")] * 2, [float("inf")] * 2, [None, None]
    for _ in range(rounds):
        for place, tree in enumerate(trees):
            found = measured(tree, program, argument)
            best[place], exact[place] = min(best[place], found["seconds"]), found["exact"]
            optimum[place] = min(optimum[place], found.get("optimum", 0.0))
    return best, optimum, exact


@contextmanager
def checked_out(commit: str | None) -> Iterator[Path]:
    """Give a state of the project in a folder of its own; the files as they are for None."""
    if commit is None:
        yield ROOT
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], cwd=ROOT, check=True)
        try:
            yield tree
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=ROOT, check=True)


def main() -> int:
    """Print the comparison; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commit")
    parser.add_argument("gridcity", type=Path)
    parser.add_argument("--after")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--replications", type=int, default=2)
    options = parser.parse_args()
    workloads = {
        "gridcity (engine)": (GRIDCITY, str(options.gridcity.resolve())),
        "scenarios/mandl.yaml": (MANDL, str(options.replications)),
    }
    failed = False
    with checked_out(options.commit) as before, checked_out(options.after) as after:
        print(f"{'workload':22} {'before':>9} {'after':>9} {'ratio':>6}  same result")
        for name, (program, argument) in workloads.items():
            seconds, optimum, exact = compared((before, after), program, argument, options.rounds)
            ratio = seconds[1] / seconds[0]
            same = exact[0] == exact[1]
            failed |= ratio > MOST_RATIO or (program is GRIDCITY and not same)
            print(f"{name:22} {seconds[0]:7.2f} s {seconds[1]:7.2f} s {ratio:6.2f}  {'yes' if same else exact}")
            if any(optimum):
                print(f"{'  and the optimum':22} {optimum[0]:7.2f} s {optimum[1]:7.2f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

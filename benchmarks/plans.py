"""Time plans of `coordinated`: from what the advisor sees in the morning to what it tells everybody.

usage: python benchmarks/plans.py [--case TEXT] [--threads 1,2] [--rounds 3]

Prints a row of seconds by the clock for each case, the least of some rounds in turns, with each number of threads, and
what the plan is forecast to save, which is the same with any number. Compiling the scenario and drawing its people is
not counted.
"""

from __future__ import annotations

import argparse
import os
import time
from typing import Any

from sim.advisor import ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum.search import first_view
from sim.advisor.strategies.coordinated import Coordinated
from sim.api import load_scenario
from sim.threads import THREADS

EVERYBODY = {"advisor.penetration": 1, "advisor.compliance": 1}
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "Xiamen surge, a fifth of half of them follow, 15 min": ("xiamen_brt2_surge", {"advisor.window": "15 min"}),
    "Xiamen surge, a fifth of half of them follow, 1 min": ("xiamen_brt2_surge", {"advisor.window": "1 min"}),
    "Xiamen surge, everybody follows, 15 min": ("xiamen_brt2_surge", {**EVERYBODY, "advisor.window": "15 min"}),
    "Xiamen surge, everybody follows, 1 min": ("xiamen_brt2_surge", {**EVERYBODY, "advisor.window": "1 min"}),
    "Beijing early bird, as shipped": ("beijing_early_bird", {}),
}


def timed_plan(world: ReplicationWorld) -> tuple[float, float]:
    """Return how long a plan takes, in seconds, and what it is forecast to save, in minutes per commuter."""
    view = first_view(world)
    if view is None:
        raise SystemExit("nobody here can be advised")
    begins = time.perf_counter()
    plan = Coordinated().advise(view)
    took_s = time.perf_counter() - begins
    return took_s, 0.0 if plan.rehearsal is None else -plan.rehearsal.change_min


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--case", default="", help="only cases that begin so")
    parser.add_argument("--threads", default="1,2", help="numbers of threads")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    numbers = [int(number) for number in args.threads.split(",")]
    for case, (name, changes) in CASES.items():
        if not case.startswith(args.case):
            continue
        compiled = compile_scenario(load_scenario(name, changes))
        least = dict.fromkeys(numbers, float("inf"))
        saved = set()
        for _ in range(args.rounds):
            for threads in numbers:
                os.environ[THREADS] = str(threads)
                # A world anew: what one has rehearsed is not rehearsed again.
                took_s, saved_min = timed_plan(ReplicationWorld.create(compiled, 0))
                least[threads] = min(least[threads], took_s)
                saved.add(round(saved_min, 9))
        times = ", ".join(f"{threads} thread{'s' * (threads > 1)} {took_s:.1f} s" for threads, took_s in least.items())
        print(f"{case}: {times}; saves {', '.join(f'{one:.2f}' for one in sorted(saved))} min", flush=True)


if __name__ == "__main__":
    main()

"""Time the search of journey options on a feed, for all pairs of its stops or a sample.

usage: python benchmarks/routing.py FEED [--pairs N] [--walk METRES]

FEED is a GTFS zip or a network folder. Prints seconds for the default options, for options
with walks, for several options with path sizes, for the timetable, and for optimal
strategies, each over the same pairs of stops in one process.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np

from sim.loading.network_folder import LoadedNetwork, load_network
from sim.model.demand import Demand
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario
from sim.routing import find_options


def scenario_of(loaded: LoadedNetwork, pairs: int | None, **journeys: Any) -> Scenario:
    """Return a scenario with one commuter in the morning for each pair of stops, or for a sample."""
    stops = len(loaded.network.stop_id)
    every = np.argwhere(~np.eye(stops, dtype=np.bool_))
    if pairs is not None and pairs < len(every):
        every = every[np.sort(np.random.default_rng(1).choice(len(every), pairs, replace=False))]
    count = len(every)
    demand = Demand(
        origin=every[:, 0],
        destination=every[:, 1],
        start_s=np.full(count, 8 * 3600.0),
        end_s=np.full(count, 8 * 3600.0 + 900.0),
        commuters=np.ones(count),
        placement=np.zeros(count, dtype=np.int64),
        series=np.arange(count),
        preferred_arrival_s=np.full(count, np.nan),
    )
    parameters = ScenarioParameters.model_validate(
        {"name": "routing", "network": {"folder": loaded.network.name}, "journeys": journeys}
    )
    return Scenario(parameters, loaded.network, loaded.service, demand)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("feed", type=Path)
    parser.add_argument("--pairs", type=int, default=None, help="pairs of stops; all where missing")
    parser.add_argument("--walk", type=float, default=400.0, help="longest walk in metres")
    args = parser.parse_args()
    loaded = load_network(args.feed)
    walk = {"longest_walk": args.walk}
    kinds: dict[str, dict[str, Any]] = {
        "as by default": {},
        "with walks": walk,
        "four options, path sizes": {**walk, "options": 4, "choice": "path_size_logit"},
        "timetable, one period": {**walk, "routing": "timetable"},
        "optimal strategies": {**walk, "routing": "strategy"},
    }
    for name, journeys in kinds.items():
        scenario = scenario_of(loaded, args.pairs, **journeys)
        start = time.perf_counter()
        options = find_options(scenario)
        took = time.perf_counter() - start
        reached = int((np.diff(options.option_ptr) > 0).sum())
        print(
            f"{name:26s} {took:7.2f} s  {len(options.pairs):7d} pairs, {reached:7d} with a journey, "
            f"{len(options.cost_min):7d} options, {len(options.legs):6d} legs"
        )


if __name__ == "__main__":
    main()

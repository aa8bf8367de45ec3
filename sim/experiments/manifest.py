"""The manifest of a run: all that is needed to repeat it and to label its tables."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

import numpy as np

from sim.advisor.strategy import StrategyFacts
from sim.engine import HoldingRule, asks_python, choose_engine
from sim.experiments.advice_remarks import days_without_advice, out_of_reach_of
from sim.experiments.closure_notes import closure_facts, closure_notes, closure_warnings
from sim.experiments.manifest_notes import advice_notes, advice_warnings, graph_notes, width_notes
from sim.experiments.rounded_flows import rounding_remarks
from sim.model.network import Network
from sim.model.scenario import Scenario
from sim.model.service import Service

_VERSIONED = ("peakshift", "numpy", "scipy", "simpy", "networkx", "duckdb", "pydantic")


def build_manifest(
    scenario: Scenario, kind: str, strategies: Sequence[StrategyFacts], duration_s: float
) -> dict[str, Any]:
    """Describe a finished run.

    Parameters
    ----------
    scenario : Scenario
        As it was run, overrides included.
    kind : str
        run or comparison.
    strategies : sequence of StrategyFacts
        What strategies say of themselves, in the order of the tables.
    duration_s : float
        Wall time of the simulation in seconds.
    """
    parameters, network = scenario.parameters, scenario.network
    closures = closure_facts(scenario)
    return {
        "kind": kind,
        "name": parameters.name,
        "created": datetime.now(tz=UTC).isoformat(timespec="seconds"),
        "duration_s": round(duration_s, 3),
        "versions": _versions(),
        "seed": parameters.seed,
        "replications": parameters.replications,
        "days": parameters.days,
        "days_kept": parameters.days_kept,
        "strategies": [facts.name for facts in strategies],
        "strategy_facts": [asdict(facts) for facts in strategies],
        "scenario": parameters.model_dump(mode="json", by_alias=True),
        "scenario_folder": None if scenario.folder is None else str(scenario.folder.resolve()),
        "inputs": dict(scenario.input_hashes),
        "graph_changes": list(scenario.graph_changes),
        "closures": closures,
        "notes": [
            *network.notes,
            *graph_notes(scenario.graph_changes),
            *closure_notes(closures),
            *advice_notes(parameters.advisor, strategies),
            *width_notes(scenario.width_choice),
            *(() if scenario.counted is None else scenario.counted.sentences(len(scenario.service.visit_stop))),
        ],
        "warnings": [*closure_warnings(closures), *_warnings(scenario, strategies)],
        "stops": [
            {
                "stop_id": stop,
                "name": network.stop_name[row],
                "x": _known(network.stop_x[row]),
                "y": _known(network.stop_y[row]),
            }
            for row, stop in enumerate(network.stop_id)
        ],
        "lines": _lines(scenario.service, network.stop_id),
        "nodes": _nodes(network),
        "links": network.link_ends(network.shown_links(scenario.service.used_links)),
    }


def _warnings(scenario: Scenario, strategies: Sequence[StrategyFacts]) -> list[str]:
    """Return what `validate` says of a scenario too, beside what advice there is and when."""
    chosen = list(strategies)
    advice = [*days_without_advice(scenario, chosen), *advice_warnings(scenario.parameters.advisor, chosen)]
    return [*advice, *out_of_reach_of(scenario, chosen), *rounding_remarks(scenario)]


def engine_facts(scenario: Scenario, holding: HoldingRule | None) -> dict[str, str]:
    """Return which engine a scenario is run with, and why, for the manifest.

    Parameters
    ----------
    scenario : Scenario
    holding : HoldingRule or None
        Control of the user's own.
    """
    parameters = scenario.parameters
    return asdict(choose_engine(parameters.engine, asks_python(parameters.service.holding.rule, holding is not None)))


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _VERSIONED:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed as a package"
    return found


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _nodes(network: Network) -> list[dict[str, Any]]:
    """List the nodes of the streets that are no stops."""
    x, y = (axis[len(network.stop_id) :] for axis in network.positions())
    return [{"node_id": node, "x": _known(x[row]), "y": _known(y[row])} for row, node in enumerate(network.node_id)]


def _lines(service: Service, stop_id: tuple[str, ...]) -> list[dict[str, Any]]:
    """List lines with the stops of the longest pattern of each direction."""
    lines = []
    for row, line in enumerate(service.lines):
        longest: dict[int, tuple[int, ...]] = {}
        for pattern in service.patterns:
            if pattern.line == row and len(pattern.stops) > len(longest.get(pattern.direction_id, ())):
                longest[pattern.direction_id] = pattern.stops
        directions = [
            {"direction_id": direction, "stop_ids": [stop_id[stop] for stop in stops]}
            for direction, stops in sorted(longest.items())
        ]
        lines.append({"line_id": line.line_id, "name": line.name, "directions": directions})
    return lines

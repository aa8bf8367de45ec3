"""A simulation under some strategies as a result: what `sim.run`, `sim.compare` and variants do alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.advisor import Strategy, StrategyFacts
from sim.api.results import ComparisonResult
from sim.engine import HoldingRule
from sim.experiments.manifest import build_manifest, engine_facts
from sim.experiments.manifest_notes import notes_on, optimum_facts
from sim.experiments.simulation import SimulatedRun, Usual, simulate_run
from sim.experiments.workers import Progress
from sim.metrics.fairness import class_summary
from sim.metrics.summary import ReplicationValues, summarise_values
from sim.metrics.unserved import unserved
from sim.model.scenario import Scenario


def compared(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    processes: int,
    progress: Progress | None,
    holding: HoldingRule | None,
    folder: Path | None,
    usual: Usual | None = None,
) -> tuple[ComparisonResult, ReplicationValues]:
    """Simulate a scenario under several strategies; return the result and the metrics of each replication."""
    started = time.perf_counter()
    done = simulate_run(scenario, strategies, processes, progress, holding, folder, usual)
    manifest = manifest_of("comparison", scenario, strategies, done, holding, time.perf_counter() - started)
    summary: dict[str, Any] = {"strategies": summarise_values(done.values), "optimum": manifest["optimum"]}
    summary |= unserved_facts(scenario, done)
    if "fairness" in done.tables:
        summary["classes"] = class_summary(done.tables["fairness"])
    return ComparisonResult(scenario, manifest, summary, done.tables, done.parts), done.values


def unserved_facts(scenario: Scenario, done: SimulatedRun) -> dict[str, Any]:
    """Return who is not served, as an entry of the summary; nothing where nearly all are."""
    network = scenario.network
    facts = unserved(done.tables, dict(zip(network.stop_id, network.stop_name, strict=True)))
    return {"unserved": facts} if facts else {}


def manifest_of(
    kind: str,
    scenario: Scenario,
    strategies: Sequence[Strategy],
    done: SimulatedRun,
    holding: HoldingRule | None,
    duration_s: float,
) -> dict[str, Any]:
    """Describe a finished run, and what gaps and savings are measured against."""
    manifest = build_manifest(scenario, kind, list(map(StrategyFacts.of, strategies)), duration_s)
    manifest["engine"] = engine_facts(scenario, holding)
    manifest["convergence"] = done.convergence
    manifest["optimum"] = optimum_facts(done.optimum_exact)
    manifest["notes"] += [*notes_on(holding), manifest["optimum"]["note"]]
    return manifest

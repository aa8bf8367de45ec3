"""A simulation under some strategies as a result: what `sim.run`, `sim.compare` and variants do alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sim.advisor import Strategy, StrategyFacts
from sim.advisor.baselines import BaselineFacts, baseline_by_name
from sim.advisor.loop import with_chosen_width
from sim.api.results import ComparisonResult, manifest_against
from sim.engine import HoldingRule
from sim.experiments.manifest import build_manifest, engine_facts
from sim.experiments.manifest_notes import (
    compliance_notes,
    notes_of_people,
    notes_on,
    optimum_facts,
    regret_notes,
    rehearsal_facts,
)
from sim.experiments.missed_discounts import missed_discount_notes
from sim.experiments.simulation import SimulatedRun, Usual, simulate_run
from sim.experiments.workers import Progress
from sim.metrics.fairness import class_summary
from sim.metrics.summary import ReplicationValues, summarise_values
from sim.metrics.unserved import unserved
from sim.model.notes import held_back_notes, tell_words
from sim.model.scenario import Scenario
from sim.records.table import Table


def compared(
    scenario: Scenario,
    strategies: Sequence[Strategy],
    processes: int,
    progress: Progress | None,
    holding: HoldingRule | None,
    folder: Path | None,
    usual: Usual | None = None,
    baselines: Sequence[str] | None = None,
) -> tuple[ComparisonResult, ReplicationValues]:
    """Simulate a scenario under several strategies; return the result and the metrics of each replication.

    Parameters
    ----------
    scenario, strategies, processes, progress, holding, folder, usual
        As of `sim.experiments.simulation.simulate_run`.
    baselines : sequence of str or None
        The people that advice is given to; None for those of the scenario. Metrics returned are of the first.
    """
    scenario = with_chosen_width(scenario, holding)
    chosen = [baseline_by_name(name) for name in baselines or scenario.parameters.baselines]
    started = time.perf_counter()
    done = simulate_run(scenario, strategies, processes, progress, holding, folder, usual, chosen)
    manifest = manifest_of("comparison", scenario, strategies, done, holding, time.perf_counter() - started)
    manifest["baselines"] = [asdict(fact) for fact in map(BaselineFacts.of, chosen)]
    for entry in manifest["baselines"]:
        run = done.baselines.get(entry["name"], done)
        entry |= {"convergence": run.convergence, "rehearsals": rehearsal_facts(run.tables["days"])}
    summary: dict[str, Any] = {**_comparison_facts(scenario, done), "optimum": manifest["optimum"]}
    others: dict[str, ComparisonResult] = {}
    if done.baselines:
        labels = {baseline.name: {"label": baseline.label} for baseline in chosen}
        summary["baselines"] = {
            name: labels[name] | _comparison_facts(scenario, run) for name, run in done.baselines.items()
        }
        for name, run in done.baselines.items():
            own = {**summary["baselines"][name], "optimum": summary["optimum"]}
            others[name] = ComparisonResult(scenario, manifest_against(manifest, name), own, run.tables)
    stored = None if done.stored is None or not done.baselines else done.stored
    return ComparisonResult(scenario, manifest, summary, done.tables, done.parts, stored, others), done.values


def _comparison_facts(scenario: Scenario, done: SimulatedRun) -> dict[str, Any]:
    """Return what a summary says of the strategies for one baseline."""
    facts: dict[str, Any] = {"strategies": summarise_values(done.values)}
    if done.settling["days"]:
        facts["settling"] = done.settling
    facts |= unserved_facts(scenario, done)
    if "fairness" in done.tables:
        facts["classes"] = class_summary(done.tables["fairness"])
    return facts


def unserved_facts(scenario: Scenario, done: SimulatedRun) -> dict[str, Any]:
    """Return who is not served, as an entry of the summary; nothing where nearly all are."""
    network = scenario.network
    facts = unserved(done.tables, dict(zip(network.stop_id, network.stop_name, strict=True)))
    return {"unserved": facts} if facts else {}


def _notes_of_days(days: Table, scenario: Scenario) -> list[str]:
    """Return what is to be said of the days of the people of one baseline."""
    held_back = held_back_notes(rehearsal_facts(days))
    return [*held_back, *compliance_notes(days, scenario.parameters.advisor), *missed_discount_notes(days)]


def manifest_of(
    kind: str,
    scenario: Scenario,
    strategies: Sequence[Strategy],
    done: SimulatedRun,
    holding: HoldingRule | None,
    duration_s: float,
) -> dict[str, Any]:
    """Describe a finished run, and what gaps and savings are measured against."""
    facts = list(map(StrategyFacts.of, strategies))
    manifest = build_manifest(scenario, kind, facts, duration_s)
    manifest["engine"] = engine_facts(scenario, holding)
    manifest["convergence"] = done.convergence
    manifest["optimum"] = optimum_facts(done.optimum_exact)
    manifest["rehearsals"] = rehearsal_facts(done.tables["days"])
    runs = done.baselines or {"": done}
    # An advisor that finds nothing for people who have adapted says so of them, whatever it does for people of habit
    # (test_advice_that_is_held_back_from_adapted_people_is_said_of_them).
    said = notes_of_people({name: _notes_of_days(run.tables["days"], scenario) for name, run in runs.items()})
    of_people = [run.values for run in runs.values()]
    fairness = scenario.parameters.advisor.fairness
    said += regret_notes(fairness, facts, of_people, scenario.parameters.days_kept)
    manifest["notes"] += [*notes_on(holding), *said, manifest["optimum"]["note"]]
    tell_words(manifest)
    return manifest

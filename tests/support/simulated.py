"""Scenarios made in memory, simulated and held to the invariants."""

from __future__ import annotations

from pathlib import Path

from sim.advisor import strategy_by_name
from sim.experiments.replications import run_replications
from sim.loading.scenario import build_scenario
from sim.model.parameters import ScenarioParameters
from sim.records.table import Table
from support.invariants import check_invariants


def tables_of(parameters: ScenarioParameters) -> dict[str, Table]:
    """Simulate all replications without advice and return the tables of the kept days."""
    tables = run_replications(build_scenario(parameters, Path()), [strategy_by_name("none")])
    check_invariants(tables)
    return tables

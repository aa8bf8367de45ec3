"""The compiled engine does what the SimPy engine does: the same records, bit for bit.

Arrays that the engines leave behind are compared on random worlds with everything in them that a scenario file can
name; whole tables and summaries on every shipped scenario.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from functional.test_shipped_scenarios import SCENARIOS, load
from hypothesis import given, settings
from reference.worlds import detour_worlds
from support.both_engines import compare_engines
from support.featured_worlds import featured_worlds
from support.random_worlds import random_worlds

import sim
from sim.advisor import strategy_by_name
from sim.engine import choose_engine
from sim.experiments.replications import run_replications
from sim.model.scenario import Scenario

needs_both = pytest.mark.skipif(choose_engine("auto").name != "compiled", reason="only one engine is here")


@contextmanager
def both_engines() -> Iterator[list[int]]:
    """Let every simulated day run in both engines, which must leave the same; count the days."""
    days: list[int] = []

    def run(engine_input, variates, start, holding=None):
        days.append(len(start.ride_leg))
        return compare_engines(engine_input, variates, start)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importlib.import_module("sim.engine.simulate"), "run_simpy", run)
        yield days


def with_engine(scenario: Scenario, engine: str) -> Scenario:
    return replace(scenario, parameters=scenario.parameters.model_copy(update={"engine": engine}))


@needs_both
@given(featured_worlds())
def test_engines_agree_on_worlds_with_any_rule(scenario):
    with both_engines() as days:
        run_replications(with_engine(scenario, "simpy"), [strategy_by_name("none")])
    assert len(days) == scenario.parameters.days


@needs_both
@settings(max_examples=4 * settings().max_examples)
@given(featured_worlds(disrupted=True))
def test_engines_agree_on_worlds_with_disruptions(scenario):
    with both_engines() as days:
        run_replications(with_engine(scenario, "simpy"), [strategy_by_name("none")])
    assert len(days) == scenario.parameters.days


@needs_both
@settings(max_examples=2 * settings().max_examples)
@given(detour_worlds())
def test_engines_agree_where_vehicles_go_round_closed_streets(scenario):
    with both_engines() as days:
        run_replications(with_engine(scenario, "simpy"), [strategy_by_name("none")])
    assert len(days) == scenario.parameters.days


@needs_both
@given(random_worlds())
def test_engines_agree_on_worlds_of_crowded_lines(scenario):
    with both_engines() as days:
        run_replications(with_engine(scenario, "simpy"), [strategy_by_name("individual")])
    # Where somebody follows, the plan of a day is rehearsed for its forecast as well.
    assert len(days) >= scenario.parameters.days


# Days that a plan is rehearsed on are days like others: few of them show a difference as well as hundreds, which took
# SimPy a sixth of the time of all tests.
FEW_REHEARSALS = ("replications=1", "advisor.rehearsal.draws=2", "advisor.rehearsal.rounds=3")


@needs_both
@pytest.mark.parametrize(
    ("name", "people"),
    [*((name, "baselines=[habit]") for name in SCENARIOS), ("two_lines_lesson.yaml", "baselines=[habit, adapted]")],
)
def test_shipped_scenarios_give_the_same_tables_and_summary(project_root, name, people):
    by_simpy, compiled = (
        sim.compare(with_engine(load(project_root, name, people, *FEW_REHEARSALS), engine))
        for engine in ("simpy", "compiled")
    )
    assert (by_simpy.manifest["engine"]["name"], compiled.manifest["engine"]["name"]) == ("simpy", "compiled")
    assert json.dumps(by_simpy.summary) == json.dumps(compiled.summary)
    assert by_simpy.tables_of_all.keys() == compiled.tables_of_all.keys()
    for table, one in by_simpy.tables_of_all.items():
        other = compiled.tables_of_all[table]
        for column in one.schema.columns:
            a, b = one[column.name], other[column.name]
            assert a.dtype == b.dtype, (table, column.name)
            assert np.array_equal(a, b, equal_nan=a.dtype.kind == "f"), (table, column.name)

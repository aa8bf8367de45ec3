"""On five crossing lines of hard capacity people settle as far as a published method for departure times does."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from sim.advisor import ReplicationWorld
from sim.advisor.baselines import FIRST_DAY, MOST_ADAPTING_DAYS, _lived, baseline_by_name
from sim.advisor.loop import compile_scenario
from sim.loading.scenario import build_scenario
from sim.population.minutes import MinuteLearners
from sim.verification.families.many_pairs import ManyPairs

PUBLISHED: Final = 0.193
"""What is left on four lines of hard capacity (arXiv:2505.18202); learning from day to day leaves 0.85 there,
successive averages 0.76."""


def excess(world: ReplicationWorld) -> float:
    """Return what people could save on a day itself, over the least that each could have paid on it."""
    compiled = world.compiled
    preferences = compiled.scenario.parameters.preferences
    people = MinuteLearners.of(world.population, compiled.options, compiled.forecaster.waiting, preferences)
    day = FIRST_DAY + 10 * MOST_ADAPTING_DAYS
    lived = people.seen(*_lived(world, world.population.habitual_departure_s, day), day)
    minute = people._minutes(people.able, 1, np.zeros(len(people.able), dtype=np.int64))
    cost_min = people._costs_min(people.able, minute, [lived])
    least_min = cost_min.min(axis=1)
    return float((cost_min[:, 0] - least_min).sum() / least_min.sum())


def test_people_settle_as_far_as_a_published_method_on_lines_of_hard_capacity() -> None:
    scenario = build_scenario(ManyPairs(2400).scenario("none"), Path())
    before = ReplicationWorld.create(compile_scenario(scenario), 0)
    settle = baseline_by_name("adapted").settle
    assert settle is not None
    after, how = settle(before)
    assert how.days <= MOST_ADAPTING_DAYS
    assert excess(before) > 1.0
    assert excess(after) <= PUBLISHED

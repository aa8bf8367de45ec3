"""Questions for journeys that nobody thought of, on a network with transfers and lines beside each other."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

import sim
from sim.experiments.advice import cases_for


@pytest.fixture(scope="module")
def advisor() -> sim.Advisor:
    changes = {"demand.scale": 0.05, "days": 1, "baselines": ["habit"]}
    return sim.Advisor(sim.run("mandl", strategy="none", replications=1, overrides=changes))


def test_every_pair_of_mandl_is_answered(advisor: sim.Advisor) -> None:
    """From each of 15 stops to each other one, by day and in the evening."""
    stops = advisor.scenario.network.stop_id
    for number, (origin, destination) in enumerate(permutations(stops, 2)):
        answer = advisor.book(advisor.request(origin, destination, arrive_by="09:00" if number % 2 else "20:00"))
        for window in (answer.window, *answer.other_windows):
            assert np.isfinite(window.generalized_cost_min)
            assert 0.0 < window.door_to_door_min < 240.0


@pytest.mark.parametrize(("origin", "destination"), [("8", "12"), ("12", "8"), ("11", "9")])
def test_a_way_with_more_rides_than_planned_is_told(advisor: sim.Advisor, origin: str, destination: str) -> None:
    """Whoever boards the first of several vehicles may change once more than by the option they had in mind.

    Where that is the only option asked about, looking up what comes next in it ended in an error.
    """
    request = advisor.request(origin, destination, arrive_by="09:00")
    cases = cases_for(advisor._pair(request), request)
    planned = np.diff(cases.pair.compiled.options.leg_ptr)
    ridden = [np.bincount(one.person, minlength=1) for one in cases.ridden]
    assert max(count.max() for count in ridden) > planned.max()
    assert all(0.0 < window.door_to_door_min < 60.0 for window in advisor.ask(request).other_windows)

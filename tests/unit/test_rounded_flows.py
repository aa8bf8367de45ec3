"""Flows of less than half a commuter are told of, held against the people who are generated."""

from __future__ import annotations

import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.experiments.rounded_flows import rounding_remarks


def scenario_of(placement: str, *commuters: float):
    flows = [
        {**flow("A", "BC"[place % 2], 600, 3000, number), "placement": placement}
        for place, number in enumerate(commuters)
    ]
    return world([bus_line("L", "ABC", [300, 300], departures=[1200.0, 3600.0])], flows, days=1)


@pytest.mark.parametrize(
    ("commuters", "told"),
    [((0.4, 0.4), "2 of 2"), ((0.4, 3.0), "1 of 2"), ((0.5, 0.6), ""), ((2.0, 0.0), ""), ((0.49, 0.3, 7), "2 of 3")],
)
def test_it_is_said_exactly_where_a_flow_comes_to_nobody(commuters, told):
    scenario = scenario_of("even", *commuters)
    result = sim.run(scenario, strategy="none", replications=1)
    said = [text for text in result.manifest["warnings"] if "nobody travels" in text]
    assert said == [str(text) for text in rounding_remarks(scenario)]
    assert bool(said) == bool(told)
    assert all(told in text for text in said)
    travels = {"BC".index(stop) for stop in result.journeys.destination_stop_id}
    if len(commuters) == 2:
        assert travels == {place for place, number in enumerate(commuters) if number >= 0.5}


def test_flows_at_random_draw_their_fractions_and_need_no_word():
    assert rounding_remarks(scenario_of("random", 0.4, 0.4)) == []


def test_stretches_of_one_flow_count_together():
    pieces = [{"start": start, "end": start + 600, "commuters": 0.3} for start in (600, 1200)]
    flows = [{"origin": "A", "destination": "B", "placement": "even", "pieces": pieces}]
    scenario = world([bus_line("L", "AB", [300], departures=[3600.0])], flows, days=1)
    assert rounding_remarks(scenario) == []
    assert len(sim.run(scenario, strategy="none", replications=1).journeys) == 1

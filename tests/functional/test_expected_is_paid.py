"""What the advisor takes leaving as usual to cost, after a day on which all did: what each of them paid, to the second.

Buses come as planned and have room for all, so that nothing is a mean of what different people met.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor.strategies.individual import Individual
from sim.advisor.strategy import AdvisorView
from sim.experiments.observed_days import observed_days
from sim.model.advice import AdvicePlan
from sim.model.scenario import Scenario

MINUTE_S = 60.0
BUSES_S = [minute * MINUTE_S for minute in range(20, 400, 10)]
LINE = bus_line("L", "ABCD", [10 * MINUTE_S, 5 * MINUTE_S, 7 * MINUTE_S], departures=BUSES_S)
PEOPLE = [
    flow("A", "D", 3600.0, 7200.0, 40, "even"),
    flow("B", "C", 3600.0, 7200.0, 20, "even"),
    flow("A", "C", 3600.0, 7200.0, 20, "even"),
]
HOURS = {"start": 70 * MINUTE_S, "end": 100 * MINUTE_S}
CLASSES = [
    {"name": "poor", "share": 0.5, "value_of_time_factor": 0.5, "late_penalty_factor": 2.0},
    {"name": "rich", "share": 0.5, "value_of_time_factor": 2.0, "early_penalty_factor": 0.3},
]
FARES = {"kind": "flat", "fare": 3.0, "value_of_time": 10.0}


def nobody_follows(lines: list[dict[str, Any]], flows: list[dict[str, Any]], **sections: Any) -> Scenario:
    return world(
        lines,
        flows,
        {"bus": {**INSTANT_BUS, "capacity": 1000}},
        days_kept=2,
        period=5 * MINUTE_S,
        preferences={"crowding": {"kind": "none"}},
        advisor={"strategy": "individual", "penetration": 1.0, "compliance": 0.0, "window": 5 * MINUTE_S},
        **sections,
    )


def expected_and_paid(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> tuple[np.ndarray, np.ndarray]:
    """Return what users were taken to pay who leave as usual, and what they paid on the day before."""
    views: list[AdvisorView] = []
    advise = Individual.advise

    def watched(self: Individual, view: AdvisorView) -> AdvicePlan:
        views.append(view)
        return advise(self, view)

    monkeypatch.setattr(Individual, "advise", watched)
    journeys = sim.run(scenario).tables["journeys"]
    paid_min = journeys["generalized_cost_min"][journeys["day"] == 0]
    users = views[0].users
    return views[0].costs.own_min[np.arange(len(users)), views[0].usual_column], paid_min[users]


@pytest.mark.parametrize(
    "sections",
    [
        pytest.param({}, id="nothing special"),
        pytest.param({"disruptions": {"closed_stops": [{**HOURS, "stop": "B"}]}}, id="a closed stop"),
        pytest.param(
            {
                "disruptions": {
                    "links": [{**HOURS, "from_stop": "A", "to_stop": "B", "speed_factor": 0.0, "detour": False}]
                }
            },
            id="a closed road",
        ),
        pytest.param({"service": {"all_stops": {"minimum_headway": 12 * MINUTE_S}}}, id="a least headway"),
        pytest.param({"fares": FARES, "population": {"income_classes": CLASSES}}, id="fares by class"),
    ],
)
def test_what_people_expect_to_pay_is_what_they_paid(sections: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch vehicles that are boarded where they pass, or whose stay of 30 min at a closed road is left out.

    Of the 80 people here those who wait where their stop is closed were taken to pay up to 123 min too little, those
    who stand before a closed road 102 min, and people to whom a fare of 18 min is worth 36 min 18 min.
    """
    expected_min, paid_min = expected_and_paid(nobody_follows([LINE], PEOPLE, **sections), monkeypatch)
    np.testing.assert_allclose(expected_min, paid_min, rtol=0.0, atol=1e-6)


def test_nobody_counts_on_a_vehicle_that_breaks_down_where_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch that whoever waits at B at 1:20 was taken to board the vehicle that goes no farther."""
    broken = {"breakdowns": [{"trip": "L-0006", "stop": "B", "duration": 20 * MINUTE_S}]}
    scenario = nobody_follows([LINE], PEOPLE[1:2], disruptions=broken)
    expected_min, paid_min = expected_and_paid(scenario, monkeypatch)
    np.testing.assert_allclose(expected_min, paid_min, rtol=0.0, atol=1e-6)


def test_closed_stops_are_read_from_the_tables_of_a_run() -> None:
    scenario = nobody_follows([LINE], PEOPLE, disruptions={"closed_stops": [{**HOURS, "stop": "B"}]})
    result = sim.run(scenario)
    facts = observed_days(scenario, result.tables)[0]
    service, stop = scenario.service, scenario.network.stop_index["B"]
    passes = (service.visit_stop == stop) & (facts.arrival_s >= HOURS["start"]) & (facts.arrival_s < HOURS["end"])
    assert passes.sum() == 3
    np.testing.assert_array_equal(facts.closed, passes)


def test_people_to_whom_a_fare_is_worth_more_take_the_cheaper_way() -> None:
    """Direct in 52 min, or in 16 min and a change for a second fare, of 18 min to most.

    It is 36 min to the poor, who pay less that way, and 9 min to the rich. Would catch a choice by what it is to most:
    all then changed.
    """
    buses_s = [minute * MINUTE_S for minute in range(20, 400, 5)]
    lines = [
        bus_line("K", "AC", [52 * MINUTE_S], departures=buses_s),
        bus_line("L", "AB", [8 * MINUTE_S], departures=buses_s),
        bus_line("X", "BC", [8 * MINUTE_S], departures=buses_s),
    ]
    scenario = nobody_follows(
        lines,
        [flow("A", "C", 3600.0, 7200.0, 40, "even")],
        fares={**FARES, "charged": "boarding"},
        population={"income_classes": CLASSES},
    )
    journeys = sim.run(scenario).tables["journeys"]
    poor = journeys.equals("income_class", "poor")
    assert 20 < int(poor.sum()) < 60
    np.testing.assert_array_equal(journeys["transfers"], np.where(poor, 0, 1))


def test_fares_do_not_move_a_plan() -> None:
    """A flat fare is the same wherever people leave, whatever it is worth to them; 140 people have 14 places in a bus.

    Would catch a linear program by which those to whom the fare is worth less stay where they are: six others were.
    """
    line = bus_line("L", "ABC", [10 * MINUTE_S, 5 * MINUTE_S], departures=BUSES_S)
    flows = [
        flow("A", "B", 3600.0, 7200.0, 80, preferred_arrival=110 * MINUTE_S),
        flow("A", "C", 3600.0, 7200.0, 60, preferred_arrival=110 * MINUTE_S),
    ]
    classes = [{"name": "poor", "share": 0.5, "value_of_time_factor": 0.3}, {"name": "others", "share": 0.5}]
    advisor = {"strategy": "coordinated", "penetration": 0.8, "compliance": 0.7, "window": 600.0}
    told = [
        sim.run(
            world(
                [line],
                flows,
                {"bus": {**INSTANT_BUS, "capacity": 14}},
                days=3,
                period=600.0,
                preferences={"crowding": {"kind": "none"}},
                population={"income_classes": classes},
                advisor={**advisor, "rehearsal": {"draws": 0}},
                fares=fares,
            )
        ).tables["journeys"]["window_start_s"]
        for fares in ({"kind": "none"}, FARES)
    ]
    np.testing.assert_array_equal(*told)

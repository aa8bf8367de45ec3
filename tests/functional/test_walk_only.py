"""People who walk all the way: chosen where that is cheaper, counted everywhere, and never on board."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.api.results import RunResult
from sim.experiments.demand_check import demand_remarks
from sim.model.scenario import Scenario
from sim.report.advice_words import answer_facts
from sim.report.terminal import advice_table

WEIGHTS = {"wait_weight": 2, "walk_weight": 3, "transfer_penalty": 300, "in_vehicle_weight": 1}
EVERY_10_MIN = [600.0 * number for number in range(30)]
PLACES = {"A": (0, 0), "B": (300, 0), "C": (700, 0), "D": (0, 250), "far": (9000, 0)}


def one_line(
    longest_walk: float,
    flows: list[dict[str, Any]] | None = None,
    departures: list[float] = EVERY_10_MIN,
    return_leg: dict[str, Any] | None = None,
    **sections: Any,
) -> Scenario:
    """A bus from A over B and C, 300 and 400 m on, 60 s apart; no vehicle stops at D, 250 m from A."""
    lines = [bus_line("L", ["A", "B", "C", "far"], [60, 60, 900], departures)]
    lines.append(bus_line("M", ["far", "D"], [900], EVERY_10_MIN))
    stops = [{"id": name, "x": x, "y": y} for name, (x, y) in PLACES.items()]
    journeys = {"walk_detour": 1, "walk_speed": 1, "longest_walk": longest_walk, **sections.pop("journeys", {})}
    wanted = flows or [flow(pair[0], pair[1], 3600, 7200, 40) for pair in ("AB", "AC", "DA")]
    return world(
        lines,
        demand={"flows": wanted, **({"return_leg": return_leg} if return_leg else {})},
        vehicles={"bus": {**INSTANT_BUS, "seats": 40, "capacity": 80}},
        network={"lines": lines, "stops": stops},
        preferences=WEIGHTS,
        journeys=journeys,
        **sections,
    )


def run(longest_walk: float, **sections: Any) -> RunResult:
    result = sim.run(one_line(longest_walk, **sections))
    check_invariants(result.tables)
    return result


def legs_per_pair(result: RunResult) -> dict[str, int]:
    legs, journeys = result.legs, result.journeys
    riders = journeys[journeys.commuter_id.isin(legs.commuter_id)]
    found = riders.groupby(["origin_stop_id", "destination_stop_id"], observed=True).size()
    return {origin + destination: int(count) for (origin, destination), count in found.items()}


def test_demand_that_can_walk_all_the_way_needs_no_vehicle() -> None:
    """Nobody is left to hold against the timetable, and an error came of that."""
    flows = [flow("A", "B", 3600, 7200, 40), flow("D", "A", 3600, 7200, 40)]
    assert demand_remarks(one_line(400, flows)) == []
    assert len(demand_remarks(one_line(0, flows))) == 1


@pytest.mark.parametrize("routing", ["frequency", "strategy", "timetable"])
def test_who_walks_cheaper_walks_and_has_no_legs(routing: str) -> None:
    """A to B: 300 m at weight 3 are 900 s; a bus costs 60 s and 2 x 300 s of wait, by the timetable at most 600 s.

    A wait that people know weighs no more than riding where vehicles are chosen.
    """
    result = run(400, journeys={"routing": routing})
    assert legs_per_pair(result)["AB"] == 40
    journeys = result.journeys.set_index("origin_stop_id")
    walked = journeys.loc["D"]
    assert set(walked.outcome) == {"arrived"}
    assert set(walked.walk_s) == {250.0}
    assert not walked[["wait_s", "in_vehicle_s", "transfers"]].any(axis=None)
    assert np.allclose(walked.arrival_s, walked.departure_s + 250)
    late = np.maximum(walked.arrival_s - walked.preferred_arrival_s, 0)
    early = np.maximum(walked.preferred_arrival_s - walked.arrival_s, 0)
    assert np.allclose(walked.generalized_cost_min, (3 * 250 + 0.61 * early + 2.4 * late) / 60)
    assert not result.legs.commuter_id.isin(walked.commuter_id).any()


def test_where_the_bus_is_rare_everybody_walks() -> None:
    """With a bus every 40 min the wait alone costs 2 x 1200 s, and a walk of 400 m costs 1200 s."""
    rare = [2400.0 * number for number in range(6)]
    unknown = {"known_headway": 3600}
    result = run(700, flows=[flow("B", "C", 3600, 7200, 40)], departures=rare, journeys=unknown)
    assert len(result.legs) == 0
    assert set(result.journeys.outcome) == {"arrived"}


def test_longer_than_the_longest_walk_nobody_walks() -> None:
    journeys = run(249).journeys.set_index("origin_stop_id")
    assert set(journeys.loc["D"].outcome) == {"no_service"}
    assert set(journeys.loc["D"].cause) == {"no_journey_option"}


def test_it_can_be_switched_off() -> None:
    off = run(260, journeys={"walk_all_the_way": False, "max_transfers": 0}).journeys.set_index("origin_stop_id")
    assert set(off.loc["D"].outcome) == {"no_service"}


def test_logit_lets_some_walk_and_some_ride() -> None:
    shares = {}
    for scale in (0.05, 0.5):
        result = run(400, flows=[flow("A", "B", 3600, 7200, 400)], journeys={"choice": "logit", "logit_scale": scale})
        walkers = float((result.journeys.in_vehicle_s == 0).mean())
        # the walk costs 15 min and the bus 11: logit shares 1 / (1 + exp(scale x 4))
        assert walkers == pytest.approx(1 / (1 + np.exp(scale * 4)), abs=0.06)
        shares[scale] = walkers
    assert shares[0.05] > shares[0.5] > 0


def test_with_options_the_walk_is_one_of_them() -> None:
    few = one_line(400, journeys={"options": 1, "choice": "logit", "logit_scale": 0.01})
    result = sim.run(few)
    assert legs_per_pair(result)["AB"] == 40
    dear = one_line(400, journeys={"options": 5, "longest_detour": 1.2, "choice": "logit", "logit_scale": 0.001})
    assert legs_per_pair(sim.run(dear))["AB"] == 40


def test_walkers_count_among_the_arrived_but_not_among_those_who_wait() -> None:
    metrics = {name: value["mean"] for name, value in run(400).summary["metrics"].items()}
    assert metrics["arrived_share"] == 1
    assert metrics["walked_share"] == pytest.approx(1 / 3)
    assert metrics["mean_wait_per_boarding_min"] == pytest.approx(metrics["mean_wait_min"] * 3 / 2)
    assert run(0).summary["metrics"]["walked_share"]["mean"] == 0


def test_the_horizon_finds_some_of_them_on_their_way() -> None:
    journeys = run(400, flows=[flow("D", "A", 3600, 7200, 200)], horizon={"start": 0, "end": 7200}).journeys
    on_the_way = journeys[journeys.outcome == "still_travelling"]
    assert set(on_the_way.cause) == {"horizon_while_walking"}
    assert (on_the_way.departure_s > 7200 - 250).all()
    assert 0 < len(on_the_way) < 40


@pytest.mark.parametrize("strategy", ["same_for_all", "individual", "coordinated", "incentive"])
def test_nobody_is_advised_who_needs_no_vehicle(strategy: str) -> None:
    advisor = {"strategy": strategy, "penetration": 1, "compliance": 1}
    journeys = run(400, advisor=advisor, behaviour={"departure_choice": "msa"}).journeys.set_index("origin_stop_id")
    assert not journeys.loc["D"].advised.any()
    assert (journeys.loc["D"].departure_s == journeys.loc["D"].habitual_departure_s).all()


def test_whoever_walks_there_may_ride_back_or_walk() -> None:
    stay = {"share": 1, "stay": 1800, "stay_spread": 0}
    for there, legs in (("DA", 0), ("BA", 20)):
        journeys = run(400, flows=[flow(there[0], there[1], 3600, 7200, 20)], return_leg=stay)
        assert set(journeys.journeys.outcome) == {"arrived"}
        assert len(journeys.legs) == legs
        outward, back = journeys.journeys.iloc[:20], journeys.journeys.iloc[20:]
        assert np.allclose(back.departure_s, outward.arrival_s + 1800)


def test_advice_can_be_asked_for_a_walk() -> None:
    options = sim.advise(one_line(400, [flow("D", "A", 3600, 7200, 20)]), "D", "A", "02:00")
    assert {option.wait_min for option in options} == {0}
    best = options[0]
    assert best.door_to_door_min == pytest.approx(250 / 60)
    assert all(option.reason.endswith("All the way on foot.") for option in options)
    by_bus = sim.advise(one_line(400, [flow("A", "C", 3600, 7200, 20)]), "A", "C", "02:00")
    assert not any("on foot" in option.reason for option in by_bus)


def test_of_a_walk_nothing_is_told_that_is_about_vehicles() -> None:
    """It was "empty", with a seat for everybody and 1,000,000 places, and whoever booked was not told to walk."""
    answers = sim.Advisor(run(400))
    walk, ride = (answers.request(start, end, arrive_by="02:00") for start, end in ("DA", "AC"))
    walked, ridden = (answer_facts(answers.book(request).as_dict(), {}, {}) for request in (walk, ride))
    assert (walked["way"], walked["places"]) == ("all the way on foot", "none is needed on foot")
    about_vehicles = {"aim for", "crowding", "seat", "first vehicle"}
    assert not about_vehicles & walked.keys()
    assert about_vehicles <= ridden.keys()
    assert "way" not in ridden
    on_foot, by_bus = (advice_table([answers.ask(one).window.as_dict()], 200).splitlines()[2:] for one in (walk, ride))
    assert on_foot[0].split("on foot")[1].split()[:2] == ["–", "–"]
    assert on_foot[1].endswith("All the way on foot.")
    assert by_bus[0].count(" %") == 4

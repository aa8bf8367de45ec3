"""Of those who follow, as many are left behind as were told so: on days that the forecast has not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants
from support.observed import Observed
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor.rehearsal.stage import Stage
from sim.experiments.scored_days import FIRST_DRAW
from sim.model.scenario import Scenario
from sim.population.observation import held_by_themselves
from sim.population.traced_journeys import traced_rides

HOUR_S = 3600.0
WITHIN = 0.07
"""Of those left behind: how far the number told may be from what happened."""


def varied(days: int, advisor: dict[str, Any] | None = None, **sections: Any) -> Scenario:
    """A branch and an express on one way, more vehicles after 7:45 than before, and running times that vary."""
    early, late = np.arange(6 * HOUR_S, 7.75 * HOUR_S, 720.0), np.arange(7.75 * HOUR_S, 11 * HOUR_S, 360.0)
    lines = [
        bus_line("one", "ABCD", [600, 600, 300], [*early, *late]),
        bus_line("two", "ABCEF", [600, 600, 900, 900], [*(early + 240), *(late + 120)]),
        bus_line("fast", "AC", [900], np.arange(6.1 * HOUR_S, 10 * HOUR_S, 1200.0)),
    ]
    asked = {"AD": 900, "AF": 700, "AC": 900, "BF": 300, "BC": 300, "CF": 200}
    flows = [flow(pair[0], pair[1], 7 * HOUR_S, 9 * HOUR_S, number) for pair, number in asked.items()]
    vehicles = {"bus": {**INSTANT_BUS, "seats": 30, "capacity": 75}}
    noise = {"running_time_noise": {"distribution": "lognormal", "cv": 0.1}}
    followed = {"window": 600.0, "penetration": 1, "compliance": 1, **(advisor or {})}
    return world(lines, flows, vehicles, service=noise, advisor=followed, days=days, days_kept=days - 1, **sections)


def left_behind_error(result: sim.RunResult) -> float:
    (entry,) = sim.forecast_scores(result.tables)
    return entry.left_behind_error_share


@pytest.mark.parametrize(("scale", "replications", "days"), [(4.0, 3, 7), (6.0, 2, 4), (8.0, 2, 4)])
def test_as_many_are_left_behind_in_xiamen_as_were_told(scale: float, replications: int, days: int) -> None:
    """Would fail if forecasts came from days with other plans, whose best windows everybody is now told at once.

    That gave 9 to 13 % too few. The seed is fixed. At four times the demand 2 % are left behind, so that it takes some
    twenty days to know how many to 7 %. In windows of a minute so few are that four runs of two replications were off
    by -11, -2, +5 and -6 %.
    """
    keys = {"demand.scale": scale, "advisor.penetration": 1.0, "advisor.compliance": 1.0, "advisor.window": "15 min"}
    keys |= {"days": days, "days_kept": days - 1, "baselines": ["habit"]}
    found = sim.run("xiamen_brt2_surge", strategy="individual", replications=replications, overrides=keys)
    assert abs(left_behind_error(found)) < WITHIN


def test_those_left_behind_are_found_again_one_by_one_on_the_day_itself() -> None:
    """Would fail if whoever is left behind, and boards another line next, were not among those left behind.

    20 % of them were lost so, though the forecast had the very day.
    """
    day = Observed.of(varied(2))
    compiled, records, population = day.world.compiled, day.result.records, day.world.population
    ((_, boardings),) = day.result.observation.days
    held = held_by_themselves(boardings, records.first_left_s())
    ways = compiled.options, compiled.forecaster.waiting
    rides = traced_rides(*ways, held, records.visit_arrival_s, population.journeys.option, records.departure_s)
    left = records.denied_boardings > 0
    assert left.sum() > 300
    assert np.array_equal(~rides.boards_first, left)


@pytest.mark.parametrize("boarding_rule", ["present_at_arrival", "during_dwell"])
def test_whoever_comes_while_a_vehicle_stands_meets_it(boarding_rule: str) -> None:
    """Would fail if people who come while a bus stands were followed to the next one, or a full one did not count."""
    asked = {"AD": 300, "BD": 150, "AB": 100}
    scenario = world(
        [bus_line("L", "ABCD", [600, 500, 300], np.arange(7 * HOUR_S, 10 * HOUR_S, 600.0))],
        [flow(pair[0], pair[1], 7 * HOUR_S, 8.25 * HOUR_S, number) for pair, number in asked.items()],
        {"bus": {**INSTANT_BUS, "seats": 20, "capacity": 40, "dead_time": 60}},
        service={"boarding_rule": boarding_rule},
    )
    day = Observed.of(scenario)
    compiled, records, population = day.world.compiled, day.result.records, day.world.population
    ((_, boardings),) = day.result.observation.days
    ways = compiled.options, compiled.forecaster.waiting
    for met in (boardings, held_by_themselves(boardings, records.first_left_s())):
        rides = traced_rides(*ways, met, records.visit_arrival_s, population.journeys.option, records.departure_s)
        assert np.array_equal(rides.arrival_s, records.arrival_s)
        assert np.array_equal(~rides.boards_first, records.denied_boardings > 0)


@pytest.mark.parametrize("strategy", ["individual", "same_for_all"])
def test_as_many_are_left_behind_where_service_branches_and_varies_as_were_told(strategy: str) -> None:
    """Would fail if all were told what the same few times of a window bring, where vehicles keep their times."""
    found = sim.run(varied(6), strategy=strategy, replications=2)
    check_invariants(found.tables)
    assert abs(left_behind_error(found)) < WITHIN


def test_adapted_people_are_told_what_they_meet() -> None:
    """Would fail if rehearsals had people leave as by a habit that they have given up."""
    made = varied(11, {"compliance": 0.5, "first_day": 6}, behaviour={"departure_choice": "logit"})
    found = sim.run(made, strategy="individual", replications=2)
    check_invariants(found.tables)
    assert abs(left_behind_error(found)) < WITHIN


def test_forecasts_are_rehearsed_on_draws_that_no_plan_has_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan made for the draws of its forecast would be told too good; another day has other draws."""
    drawn: list[int] = []
    draw = Stage.draw

    def noted(stage: Any, number: int) -> Any:
        if number not in stage.draws:
            drawn.append(number)
        return draw(stage, number)

    monkeypatch.setattr(Stage, "draw", noted)
    sim.run(varied(3), strategy="coordinated", replications=1)
    told = [number for number in drawn if number >= FIRST_DRAW]
    assert told
    assert len(set(told)) == len(told)
    assert len(set(drawn)) > len(told)


@pytest.mark.parametrize(
    "advisor", [{"rehearsal": {"draws": 0}}, {"forecast": {"privacy": {"mechanism": "discrete_laplace"}}}]
)
def test_advisor_that_cannot_rehearse_forecasts_from_days_before(advisor: dict[str, Any]) -> None:
    """None of the first day; later ones have as many days as there were before."""
    found = sim.run(varied(4, advisor), strategy="individual", replications=1)
    forecasts = found.tables["forecasts"]
    assert np.unique(forecasts["day"]).tolist() == [2, 3]
    assert np.unique(forecasts["days_seen"]).tolist() == [1, 2]


def test_whoever_is_named_a_minute_is_told_what_it_brings():
    """Buses with room that keep their timetable: whoever is named a minute meets what they were told, to the second.

    Told what any time of the window brings, they are told the mean wait of the window in place of their own.
    """
    scenario = world(
        [bus_line("L", "AB", [600], range(0, 9000, 400))],
        [flow("A", "B", 2000, 6000, 60)],
        {"bus": {**INSTANT_BUS, "capacity": 100}},
        advisor={"penetration": 1, "compliance": 1, "window": 900, "placement": "even"},
    )
    found = sim.run(scenario, strategy="individual").tables["forecasts"]
    assert len(found) > 30
    assert found["door_to_door_min"] == pytest.approx(found["took_min"], abs=1e-6)
    assert np.array_equal(found["on_time_share"], found["was_on_time"])

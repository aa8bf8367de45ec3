"""Branches, expresses and short turns: what is forecast is what riders get, whatever the lines are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support.observed import Observed
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.model.scenario import Scenario
from sim.population.service_points import SAMPLES_PER_PERIOD, service_points
from sim.routing import find_options

HOUR_S = 3600.0
ROOMY = {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}}
"""Nobody stands and nobody is left behind."""

Times = np.ndarray[Any, np.dtype[np.float64]]


def times_s(first_s: float, headway_s: float = 1200.0) -> Times:
    return np.arange(5 * HOUR_S + first_s, 11 * HOUR_S, headway_s)


def among(*pairs: str) -> list[dict[str, Any]]:
    return [flow(pair[0], pair[1], 7 * HOUR_S, 9 * HOUR_S, 60) for pair in pairs]


def branched(**sections: Any) -> Scenario:
    """To D in 25 minutes and to F in 80, on the same way as far as C."""
    lines = [
        bus_line("one", "ABCD", [600, 600, 300], times_s(0)),
        bus_line("two", "ABCEF", [600, 600, 1800, 1800], times_s(600)),
    ]
    return world(lines, among("AD", "AF", "AC", "BF"), ROOMY, **sections)


def express(**sections: Any) -> Scenario:
    """From A to D in 25 minutes without a stop, or in 45 minutes; both are boarded."""
    lines = [bus_line("one", "AD", [1500], times_s(0)), bus_line("two", "ABCD", [900, 900, 900], times_s(900))]
    return world(lines, among("AD", "AB", "BD"), ROOMY, **sections)


def short_turn(**sections: Any) -> Scenario:
    """Every other vehicle turns at C."""
    lines = [
        bus_line("one", "ABC", [600, 600], times_s(0)),
        bus_line("two", "ABCDE", [600, 600, 900, 900], times_s(600)),
    ]
    return world(lines, among("AE", "AC", "BC"), ROOMY, **sections)


WORLDS = pytest.mark.parametrize("made", [branched, express, short_turn])


def under_one_route(scenario: Scenario) -> Scenario:
    """Return the scenario as a feed has it that gives all stop patterns one route id."""
    service = scenario.service
    patterns = tuple(replace(pattern, line=0) for pattern in service.patterns)
    return replace(scenario, service=replace(service, lines=service.lines[:1], patterns=patterns))


@WORLDS
def test_forecast_is_what_one_more_rider_gets(made: Callable[..., Scenario]) -> None:
    """For every journey and the windows of two hours: wait, ride and arrival, on average over a window."""
    day = Observed.of(under_one_route(made(period=1200.0, advisor={"window": 1200.0})))
    forecaster = day.world.compiled.forecaster
    for option in range(len(day.world.compiled.options.cost_min)):
        for window in range(21, 27):
            cases = forecaster.cases(np.array([option]), np.array([window]))
            seen = forecaster.forecast(day.result.observation, cases)
            leave_s = [(window + (n + 0.5) / SAMPLES_PER_PERIOD) * 1200.0 for n in range(SAMPLES_PER_PERIOD)]
            lived = [day.with_one_more(option, time_s) for time_s in leave_s]
            assert seen.wait_s[0] == pytest.approx(np.mean([one.wait_s for one in lived]))
            assert seen.ride_s[0] == pytest.approx(np.mean([one.in_vehicle_s for one in lived]))
            assert seen.arrival_s[0] == pytest.approx(np.mean([one.arrival_s for one in lived]))


@WORLDS
@pytest.mark.parametrize("rule", ["habitual", "re_equilibrating", "logit", "msa", "best_reply"])
def test_names_of_lines_make_no_difference(made: Callable[..., Scenario], rule: str) -> None:
    """The same feed under one route id and under two: the same journeys, advised or not, to the last bit."""
    scenario = made(days=5, behaviour={"departure_choice": rule}, advisor={"penetration": 0.8, "compliance": 0.9})
    named, joined = (
        sim.compare(one, ["none", "individual", "coordinated"]).tables["journeys"]
        for one in (scenario, under_one_route(scenario))
    )
    for column in ("departure_s", "arrival_s", "wait_s", "generalized_cost_min"):
        assert np.array_equal(named[column], joined[column], equal_nan=True)


@WORLDS
def test_advice_and_learning_do_no_harm_without_congestion(made: Callable[..., Scenario]) -> None:
    """Where nobody is in anybody's way, whoever is told the best departure, or finds it, is no worse off for it.

    With running times that were means over branches, individual advice cost 12 minutes on the branched line.
    """
    everybody = {"penetration": 1.0, "compliance": 1.0}
    scenario = under_one_route(made(days=6, advisor=everybody))
    under = sim.compare(scenario, ["none", "individual", "coordinated"]).summary["strategies"]
    cost = {name: metrics["mean_generalized_cost_min"]["mean"] for name, metrics in under.items()}
    assert cost["individual"] < cost["none"]
    assert cost["coordinated"] < cost["none"]
    for rule in ("re_equilibrating", "msa", "logit"):
        learners = under_one_route(made(days=6, behaviour={"departure_choice": rule}))
        days = sim.run(learners, strategy="none").tables["days"]["mean_generalized_cost_min"]
        assert (days[1:] < days[0]).all(), f"{rule}: nobody takes a window that costs more than their own"


def test_places_are_joined_only_where_nothing_that_follows_differs() -> None:
    """On the way to the fork, and behind a stop that an express passes, places are apart; behind C nothing differs."""
    lines = [
        bus_line("local", "ABCDE", [60, 60, 60, 60], [600]),
        bus_line("express", "ACDE", [90, 60, 60], [900]),
        bus_line("branch", "ABCF", [60, 60, 90], [1200]),
    ]
    scenario = world(lines, among("AE", "AF"))
    local, fast, branch = service_points(scenario.service, scenario.network.stop_id, 300.0).pattern_points
    assert local[2:].tolist() == fast[1:].tolist()
    assert not set(local.tolist()) & set(branch.tolist())
    assert local[0] != fast[0]


def test_places_that_not_all_board_alike_are_apart() -> None:
    """Where only vehicles of one of the two patterns are boarded up to some hour, what is seen is kept apart."""
    lines = [bus_line("long", "XABC", [60, 300, 60], times_s(0)), bus_line("short", "ABC", [300, 60], times_s(600))]
    scenario = world(lines, among("AC", "XC"), ROOMY, period=1200.0)
    legs, names = find_options(scenario).legs, scenario.network.stop_id
    both = service_points(scenario.service, names, 1200.0, legs).pattern_points
    assert both[0][1] == both[1][0]
    row = np.flatnonzero((legs.pattern == 1) & (legs.board_sequence == 0))
    until_s = legs.until_s.copy()
    until_s[row] = 8 * HOUR_S
    points = service_points(scenario.service, names, 1200.0, replace(legs, until_s=until_s))
    apart = points.pattern_points
    assert apart[0][1] != apart[1][0]
    # C is where everybody gets out: nobody waits for either.
    assert apart[0][3] == apart[1][2]
    group = points.groups.of_row[row]
    seen = points.groups.visit[points.groups.group == group[0]]
    assert 0 < len(seen) < len(times_s(600))
    assert scenario.service.scheduled_departure_s[seen].max() <= 8 * HOUR_S

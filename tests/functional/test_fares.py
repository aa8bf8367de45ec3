"""Fares in a run: what is paid, what it weighs, what a discount lets off, and who moves for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support.invariants import check_invariants

import sim
from sim.api.results import RunResult

SCENARIO = """\
name: fares
replications: 1
days: 2
baselines: [habit]
network:
  stops:
    - {id: a, x: 0, y: 0}
    - {id: b, x: 500 m, y: 0}
    - {id: c, x: 9 km, y: 0}
  lines:
    - {id: A, stops: [a, b, c], running_times: [4 min, 20 min], vehicle: bus,
       headway: {mean: 5 min, first: "06:00", trips: 40}}
    - {id: X, stops: [a, c], running_times: [15 min], vehicle: bus,
       headway: {mean: 5 min, first: "06:00", trips: 40}}
service:
  vehicles:
    bus: {seats: 40, capacity: 80}
journeys: {longest_walk: 700 m}
demand:
  flows:
    - {origin: a, destination: b, pieces: [{start: "07:00", end: "08:00", commuters: 60}]}
    - {origin: b, destination: c, pieces: [{start: "07:00", end: "08:00", commuters: 60}]}
    - {origin: a, destination: c, pieces: [{start: "07:00", end: "08:00", commuters: 60}]}
advisor:
  penetration: 1
  compliance: 1
  incentive:
    discounts: [{start: "00:00", end: "07:00", discount: 0.5, stops: [b]}]
"""
FLAT = ("fares.kind=flat", "fares.fare=5", "fares.value_of_time=10")


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fares") / "fares.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def run(file: Path, *overrides: str) -> RunResult:
    result = sim.run(sim.load_scenario(file, list(overrides)))
    check_invariants(result.tables)
    return result


def means(result: RunResult) -> dict[str, float]:
    return {name: value["mean"] for name, value in result.summary["metrics"].items()}


def of(journeys: pd.DataFrame, pair: str) -> pd.DataFrame:
    return journeys[(journeys.origin_stop_id == pair[0]) & (journeys.destination_stop_id == pair[1])]


def test_without_fares_nothing_is_known_of_them_and_nothing_changes(file):
    plain = run(file)
    assert plain.journeys.fare.isna().all()
    assert (plain.journeys.fare_min == 0).all()
    assert np.isnan(means(plain)["fare_revenue"] or np.nan)
    counted = run(file, "fares.kind=flat", "fares.fare=5")
    for name in ("generalized_cost_min", "arrival_s", "walk_s"):
        assert np.array_equal(counted.journeys[name], plain.journeys[name])


def test_the_fare_is_part_of_the_generalized_cost(file):
    free, paid = (
        run(file, *FLAT, "fares.fare=0", "journeys.walk_all_the_way=false"),
        run(file, *FLAT, "journeys.walk_all_the_way=false"),
    )
    assert (paid.journeys.fare == 5).all()
    assert np.allclose(paid.journeys.fare_min, 30)
    assert np.allclose(paid.journeys.generalized_cost_min - free.journeys.generalized_cost_min, 30)
    assert means(paid)["fare_revenue"] == pytest.approx(5 * 180)
    assert means(paid)["discount_cost"] == 0


def test_who_finds_the_fare_too_dear_walks(file):
    """A walk of 650 m costs 15 min; the bus 4.3 min of wait, 4 min of ride and the fare."""
    for fare, walkers in ((0.5, 0), (2, 60)):
        journeys = run(file, *FLAT, f"fares.fare={fare}").journeys
        local = of(journeys, "ab")
        assert (local.in_vehicle_s == 0).sum() == walkers
        assert set(local.fare) == ({0.0} if walkers else {fare})
        assert (of(journeys, "ac").fare == fare).all()


def test_the_value_of_time_of_a_class_weighs_the_fare(file):
    classes = "[{name: poor, share: 0.5, value_of_time_factor: 0.5}, {name: rich, share: 0.5, value_of_time_factor: 2}]"
    journeys = run(file, *FLAT, f"population.income_classes={classes}").journeys
    riders = journeys[journeys.fare > 0]
    assert set(riders[riders.income_class == "poor"].fare_min.round(9)) == {60.0}
    assert set(riders[riders.income_class == "rich"].fare_min.round(9)) == {15.0}


def test_fares_by_distance_follow_the_way_ridden(file):
    bands = 'fares.bands=[["0 m", 2], ["5 km", 3], ["9 km", 4]]'
    result = run(file, "fares.kind=distance", bands, "journeys.walk_all_the_way=false", "journeys.choice=logit")
    visits = result.stop_visits[["trip_id", "stop_id", "distance_m"]]
    legs = result.legs.merge(visits, left_on=["trip_id", "board_stop_id"], right_on=["trip_id", "stop_id"])
    way_m = legs.groupby("commuter_id").distance_m.sum()
    paid = result.journeys.set_index("commuter_id").fare
    assert set(paid) == {2.0, 3.0, 4.0}
    pairs = of(result.journeys, "bc")
    first_m = way_m[pairs.commuter_id]
    assert (paid[pairs.commuter_id] == np.select([first_m < 5000, first_m < 9000], [2, 3], 4)).all()


def test_the_discount_reduces_what_is_paid_and_is_accounted_for(file):
    strategy = ("advisor.strategy=incentive", "journeys.walk_all_the_way=false")
    result = run(file, *FLAT, *strategy)
    journeys = result.journeys
    entered = (journeys.origin_stop_id == "b") & (journeys.departure_s < 7 * 3600)
    assert 5 < entered.sum() < 60
    assert np.allclose(journeys.fare, np.where(entered, 2.5, 5))
    assert np.allclose(journeys.fare_discount, np.where(entered, 2.5, 0))
    found = means(result)
    assert found["discount_cost"] == pytest.approx(2.5 * entered.sum())
    assert found["fare_revenue"] + found["discount_cost"] == pytest.approx(5 * 180)
    movers = journeys[journeys.departure_s != journeys.habitual_departure_s]
    assert movers.advised.all()
    assert (movers.origin_stop_id == "b").all()
    # half of 5 at 10 an hour is worth 15 min, and nobody moves farther than that is worth
    assert ((movers.habitual_departure_s - movers.departure_s) / 60 * 0.61).max() < 15 + 15


def test_a_dearer_fare_moves_more_and_money_that_weighs_more_does_too(file):
    def moved(*overrides: str) -> int:
        journeys = run(file, *FLAT, "advisor.strategy=incentive", *overrides).journeys
        return int((journeys.departure_s != journeys.habitual_departure_s).sum())

    usual = moved()
    assert moved("fares.fare=10") > usual > moved("fares.fare=1")
    assert moved("fares.value_of_time=5") > usual
    assert moved("advisor.incentive.fare=50") == usual


def test_the_discount_holds_for_who_was_not_advised_too(file):
    """Nobody reacts, and whoever enters in time by habit pays less all the same."""
    early = 'advisor.incentive.discounts=[{start: "00:00", end: "07:30", discount: 0.5}]'
    result = run(file, *FLAT, "advisor.strategy=incentive", early, "advisor.compliance=0")
    journeys = result.journeys[result.journeys.in_vehicle_s > 0]
    assert (journeys.departure_s == journeys.habitual_departure_s).all()
    assert ((journeys.fare == 2.5) == (journeys.departure_s < 7.5 * 3600)).all()
    at_exit = run(file, *FLAT, "advisor.strategy=incentive", early, "advisor.incentive.applies_at=exit").journeys
    assert ((at_exit.fare == 2.5) == ((at_exit.arrival_s < 7.5 * 3600) & (at_exit.in_vehicle_s > 0))).all()


def test_under_none_there_is_no_discount(file):
    result = sim.compare(sim.load_scenario(file, list(FLAT)), strategies=["none", "incentive"])
    check_invariants(result.tables)
    strategies = result.summary["strategies"]
    assert strategies["none"]["discount_cost"]["mean"] == 0
    assert strategies["incentive"]["fare_revenue"]["difference"] == pytest.approx(
        -strategies["incentive"]["discount_cost"]["mean"]
    )


def test_who_is_still_on_board_pays_for_the_way_so_far(file):
    cut = ("horizon.start=06:00", "horizon.end=07:40", "journeys.walk_all_the_way=false")
    bands = ("fares.kind=distance", 'fares.bands=[["0 m", 1], ["1 km", 2], ["9 km", 4]]')
    result = run(file, *cut, *bands)
    riding = result.journeys[result.journeys.cause == "horizon_while_riding"]
    assert len(riding)
    assert set(riding.fare) <= {1.0, 2.0}
    waiting = result.journeys[(result.journeys.cause == "horizon_while_waiting") & (result.journeys.in_vehicle_s == 0)]
    assert (waiting.fare == 0).all()


def test_advice_names_the_cost_with_the_fare(file):
    def cheapest(*overrides: str) -> float:
        scenario = sim.load_scenario(file, ["journeys.walk_all_the_way=false", *overrides])
        return sim.advise(scenario, "b", "c", "08:00")[0].generalized_cost_min

    assert cheapest(*FLAT) == pytest.approx(cheapest() + 30)


def test_fares_are_no_part_of_what_advice_could_save(file):
    """Fares that are the same for all change the cost, and neither the possible saving nor the share taken of it."""
    strategies = ["none", "individual", "incentive"]
    settings = ["journeys.walk_all_the_way=false", "preferences.wait_weight=3"]
    nothing = sim.compare(sim.load_scenario(file, [*settings, *FLAT, "fares.fare=0"]), strategies=strategies)
    flat = sim.compare(sim.load_scenario(file, [*settings, *FLAT]), strategies=strategies)
    before, after = nothing.summary["strategies"], flat.summary["strategies"]
    for name in ("none", "individual"):
        gap_min = [found[name]["gap_to_optimum_share"]["mean"] * total(found, name) for found in (before, after)]
        assert gap_min[1] == pytest.approx(gap_min[0])
        assert total(after, name) - total(before, name) == pytest.approx(after[name]["fare_cost_min"]["mean"])
    assert after["individual"]["saving_taken_share"]["mean"] == pytest.approx(
        before["individual"]["saving_taken_share"]["mean"]
    )
    # what a discount hands out is no saving: only who leaves at another time changes it
    moved = after["incentive"]["fare_cost_min"]["difference"]
    assert moved < 0
    assert after["incentive"]["saving_taken_share"]["mean"] <= 0.02


def total(strategies: dict[str, dict[str, dict[str, float]]], name: str) -> float:
    return strategies[name]["total_generalized_cost_min"]["mean"]


def told_fares(result: sim.ComparisonResult, origin: str, destination: str, strategy: str) -> dict[str, float | None]:
    """Return the fare that the advisor names for each departure window, by its start."""
    advisor = sim.Advisor(result, strategy=strategy)
    answer = advisor.ask(advisor.request(origin, destination, leave_after="06:30", later="60 min"))
    windows = (answer.window, *answer.other_windows)
    return {f"{window.window_start_s / 3600.0:.2f}": window.fare for window in windows}


def test_the_advisor_names_the_fare_of_each_window(file):
    """Half price at b before 07:00, on the days on which it was offered; 5 always anywhere else, and without it."""
    result = sim.compare(sim.load_scenario(file, [*FLAT, "journeys.walk_all_the_way=false"]), ["none", "incentive"])
    check_invariants(result.tables)
    told = told_fares(result, "b", "c", "incentive")
    assert {told["6.50"], told["6.75"]} == {2.5}
    assert {told["7.00"], told["7.25"]} == {5.0}
    assert set(told_fares(result, "b", "c", "none").values()) == {5.0}
    assert set(told_fares(result, "a", "c", "incentive").values()) == {5.0}


def test_a_discount_that_ends_within_a_window_counts_by_its_part_and_in_what_it_costs(file):
    settings = [*FLAT, "journeys.walk_all_the_way=false", "advisor.incentive.stagger_groups=2"]
    result = sim.compare(sim.load_scenario(file, settings), ["none", "incentive"])
    # The second group's discount ends at 06:45, so that of those who leave after it one half has none.
    told = told_fares(result, "b", "c", "incentive")
    assert told["6.50"] == 2.5
    assert told["6.75"] == 3.75
    advisor = sim.Advisor(result, strategy="incentive")
    answer = advisor.ask(advisor.request("b", "c", leave_after="06:30", later="60 min"))
    cost_min = {w.window_start_s / 3600.0: w.generalized_cost_min for w in (answer.window, *answer.other_windows)}
    # Buses are as good in both windows: what remains is 15 min of leaving later and 1.25 of money at 10 an hour.
    later_min = 15.0 * result.scenario.parameters.preferences.early_penalty
    assert cost_min[6.75] - cost_min[6.5] == pytest.approx(later_min + 7.5, abs=0.5)


def test_a_discount_at_the_exit_goes_by_when_one_arrives(file):
    discounts = 'advisor.incentive.discounts=[{start: "00:00", end: "07:15", discount: 0.5, stops: [c]}]'
    at_exit = [discounts, "advisor.incentive.applies_at=exit", "journeys.walk_all_the_way=false"]
    result = sim.compare(sim.load_scenario(file, [*FLAT, *at_exit]), ["none", "incentive"])
    # The ride takes 20 min and buses come every 5: those that leave by 06:50 exit by 07:15, and some of the others do.
    told = told_fares(result, "b", "c", "incentive")
    assert told["6.50"] == 2.5
    assert 2.5 < told["6.75"] < 5.0
    assert told["7.00"] == 5.0


def test_a_scenario_without_fares_has_none_to_name(file):
    result = sim.compare(sim.load_scenario(file, ["journeys.walk_all_the_way=false"]), ["none", "incentive"])
    assert set(told_fares(result, "b", "c", "incentive").values()) == {None}

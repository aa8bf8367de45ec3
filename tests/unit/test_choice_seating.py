"""Who sits and who stands: against a vehicle simulated seat by seat, and against the metric of standing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim
from sim.advisor import strategy_by_name
from sim.advisor.loop import ReplicationWorld, compile_scenario, simulate_days
from sim.loading.scenario import build_scenario
from sim.model.crowding import CURVES, curve_multipliers
from sim.model.scenario import Scenario
from sim.population.crowding import sitting_from


def seat_by_seat(board: list[int], alight: list[int], seats: int, visits: int) -> list[int]:
    """Return the visit from which each rider sits, riders given in order of boarding."""
    sits = list(alight)
    seated: set[int] = set()
    standing: list[int] = []
    for visit in range(visits):
        seated = {rider for rider in seated if alight[rider] > visit}
        standing = [rider for rider in standing if alight[rider] > visit]
        standing += [rider for rider in range(len(board)) if board[rider] == visit]
        while standing and len(seated) < seats:
            rider = standing.pop(0)
            seated.add(rider)
            sits[rider] = visit
    return sits


@pytest.mark.parametrize("seed", range(30))
def test_seats_go_to_those_who_boarded_first(seed: int) -> None:
    random = np.random.default_rng(seed)
    visits, riders, seats = 8, int(random.integers(1, 40)), int(random.integers(0, 12))
    board = np.sort(random.integers(0, visits - 1, riders))
    alight = random.integers(board + 1, visits)
    load = [int(((board <= visit) & (alight > visit)).sum()) for visit in range(visits)]
    service = SimpleNamespace(
        trip_seats=np.array([seats]),
        visit_trip=np.zeros(visits, dtype=np.int64),
        runs=SimpleNamespace(of_visit=np.zeros(visits, dtype=np.int64), ends=np.array([visits - 1])),
        visit_ptr=np.array([0, visits]),
    )
    day = SimpleNamespace(
        ride_board_visit=board,
        ride_alight_visit=alight,
        ride_wait_from_s=np.zeros(riders),
        visit_load=np.array(load),
    )
    expected = seat_by_seat(board.tolist(), alight.tolist(), seats, visits)
    assert sitting_from(service, day).tolist() == expected


def crowded(kind: str = "seated_standing", **crowding: object) -> Scenario:
    line = bus_line("L", "ABCD", [300, 420, 360], [600.0 * number for number in range(1, 8)])
    flows = [flow(pair[0], pair[1], 0, 4200, 60) for pair in ("AB", "AC", "AD", "BC", "BD", "CD")]
    vehicle = {"seats": 15, "capacity": 60, "standing_area_m2": 10, "dwell_rule": "constant", "dead_time": 0}
    return world(
        [line],
        flows,
        vehicles={"bus": vehicle},
        preferences={"crowding": {"kind": kind, **crowding}},
        days=1,
    )


def test_time_standing_is_that_of_the_metric() -> None:
    """With 1 for the seated and 2 for the standing, what crowding adds is the time spent standing."""
    plain = {"early_penalty": 0, "late_penalty": 0, "wait_weight": 0, "walk_weight": 0}
    scenario = crowded(points=((0, 1, 2), (1, 1, 2)))
    preferences = scenario.parameters.preferences.model_copy(update=plain)
    parameters = scenario.parameters.model_copy(update={"preferences": preferences})
    result = sim.run(replace(scenario, parameters=parameters))
    journeys = result.tables["journeys"]
    assert set(journeys["outcome"].tolist()) == {0}
    standing_min = journeys["generalized_cost_min"].sum() - journeys["in_vehicle_s"].sum() / 60
    metric = result.summary["metrics"]["standing_passenger_min"]["mean"]
    assert metric > 100
    assert standing_min == pytest.approx(metric)


@pytest.mark.parametrize("horizon", [{}, {"start": 0, "end": 2900}])
def test_time_standing_of_each_leg_sums_to_the_metric(horizon: dict[str, float]) -> None:
    scenario = crowded("none")
    cut = type(scenario.parameters).model_validate({**scenario.parameters.model_dump(), "horizon": horizon})
    result = sim.run(build_scenario(cut, Path()))
    check_invariants(result.tables)
    legs = result.tables["legs"]
    assert (legs["standing_s"] == 0).any()
    assert np.isnan(legs["alight_s"]).any() == bool(horizon)
    metric = result.summary["metrics"]["standing_passenger_min"]["mean"]
    assert metric > 30
    assert legs["standing_s"].sum() / 60 == pytest.approx(metric, rel=1e-12)


def test_the_second_stands_until_the_first_gets_out() -> None:
    line = bus_line("L", "ABC", [300, 420], [600.0])
    vehicle = {"seats": 1, "capacity": 5, "dwell_rule": "constant", "dead_time": 0}
    flows = [flow("A", "B", 0, 100, 1), flow("A", "C", 200, 300, 1)]
    legs = sim.run(world([line], flows, vehicles={"bus": vehicle}, days=1)).legs.sort_values("wait_from_s")
    assert legs.standing_s.tolist() == [0.0, 300.0]


def test_who_boards_first_suffers_less() -> None:
    compiled = compile_scenario(crowded())
    replication = ReplicationWorld.create(compiled, 0)
    (day,) = simulate_days(replication, strategy_by_name("none"))
    records = day.records
    sits = sitting_from(compiled.scenario.service, records)
    stood = (sits > records.ride_board_visit).sum()
    assert 0 < stood < len(sits)
    assert (sits >= records.ride_board_visit).all()
    assert (sits <= records.ride_alight_visit).all()


def test_what_is_expected_is_the_mean_over_riders() -> None:
    """Half full, 30 on board: 15 sit, 15 stand on 10 m2, which is 1.5 per m2."""
    table = dict(crowded().parameters.preferences.crowding.table)
    assert table[0.25] == 1.0
    assert table[0.5] == pytest.approx(1 + 0.119 * 1.5 + 0.265 / 2)
    given = crowded(table=((0, 1), (1, 3))).parameters.preferences.crowding.table
    assert given == ((0, 1), (1, 3))


@pytest.mark.parametrize(
    ("curve", "measure", "seated", "standing"),
    [
        ("hoercher_2017", 4, 1.476, 1.741),
        ("whelan_crockett_2009", 4, 1.42, 1.87),
        ("whelan_crockett_2009", 0.5, 1.055, 1.575),
        ("wardman_whelan_2011", 1.5, 1.27, 1.99),
        ("wardman_whelan_2011", 0.1, 0.86, 1.62),
        ("wardman_whelan_2011", 2.25, 1.70, 2.68),
    ],
)
def test_published_curves(curve: str, measure: float, seated: float, standing: float) -> None:
    found = curve_multipliers(CURVES[curve], np.array([measure], dtype=np.float64))
    assert [value[0] for value in found] == pytest.approx([seated, standing])


def test_floor_is_four_persons_per_square_metre_where_nothing_is_said() -> None:
    scenario = world([bus_line("L", "AB", [60], [0])], vehicles={"bus": {"seats": 20, "capacity": 60}})
    assert scenario.service.vehicle_types[0].standing_area_m2 == 10

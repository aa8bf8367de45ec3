"""What holds in every run, pairs of runs, emissions and queues: printed numbers, and the way back by hand."""

import duckdb
import numpy as np
import pytest

import sim
from sim.report.terminal import verification_table
from sim.verification import run_cases, write_scenario
from sim.verification.families.crowding import SET_A
from sim.verification.theory import queues, traffic
from sim.verification.theory.services import Services

LINE = ("stops=4", "commuters=15", "headway=4", "capacity=30")
IDENTITIES = ("little.waiting", "little.on_board", "little.in_system", "conservation.commuters")


def value(case, *overrides):
    """Return the simulated number of a case that passes."""
    (row,) = run_cases([case], overrides)
    assert row["verdict"] == "pass", row["reason"]
    return row["simulation"]


def test_numbers_add_up_on_a_line_of_another_size():
    """Would catch: a wait that does not end with the boarding, somebody who gets lost when the day is cut."""
    found = run_cases([*IDENTITIES, "conservation.boardings"], LINE)
    assert [row["verdict"] for row in found] == ["pass"] * 5
    assert [row["simulation"] for row in found] == pytest.approx([1.0, 1.0, 1.0, 90.0, 0.0], rel=1e-9)


def test_rides_of_vehicles_are_those_of_the_demand():
    """Six pairs of stops, ten links ridden between them."""
    assert value("conservation.ride_km", *LINE, "km=1.5") == pytest.approx(15 * 10 * 1.5)
    assert value("conservation.ride_min", *LINE, "minutes=3", "dwell=30") == pytest.approx(15 * 10 * 3.5)


@pytest.mark.parametrize(("squared_cv", "wait"), [(1.0, 4.0), (0.0, 2.0), (0.5, 3.0)])
def test_baselines_of_queues(squared_cv, wait):
    assert queues.mean_wait(1.0, 0.8, squared_cv) == pytest.approx(wait)


def test_emissions_as_printed():
    grids = (0.05, 0.2, 0.4, 0.7)
    battery = [value("energy.battery_kg_per_km", f"grid={grid}") for grid in grids]
    assert battery == pytest.approx([0.0742, 0.2969, 0.5938, 1.0391], abs=5e-5)
    assert value("energy.break_even_grid", "l_per_100km=40") == pytest.approx(0.7268, abs=5e-5)
    riders = [value("energy.diesel_g_per_pkm", f"riders={riders}") for riders in (20, 40)]
    assert riders == pytest.approx([53.94, 26.97], abs=5e-3)


def test_more_cars_than_can_leave_end_in_gridlock():
    assert value("mfd.gridlock", "q=11000", "least_share=0.05") == pytest.approx(2.0)
    assert value("mfd.cars", "q=6000") == pytest.approx(735.0889, abs=1e-3)


def test_an_area_fills_up_when_theory_says_so():
    """Against small steps of time."""
    inflow, free, jam, length = 12_000.0, 40.0, 4000.0, 4.0
    cars, hours, step = 0.0, 0.0, 1e-5
    while cars < jam:
        cars += step * (inflow - cars * free * (1.0 - cars / jam) / length)
        hours += step
    assert traffic.hours_to_jam(inflow, free, jam, length) == pytest.approx(hours, rel=1e-3)


def test_logit_loads_of_five_services_as_printed():
    services = Services(np.array(SET_A["delta"]), 1000.0, 5.0 / 200)
    printed = [201.8210, 235.6264, 270.1563, 185.2484, 107.1479]
    assert services.logit_loads(1.0) == pytest.approx(printed, abs=5e-5)


def test_few_commuters_are_taken_several_times_over():
    """A queue of 95 of 1,000 commuters would be off by more than the tolerance."""
    small = [f"{name}={number}" for name, number in (("N", 1000), ("s", 500), ("beta", 0.2))]
    assert value("bottleneck.TC_e", *small) == pytest.approx(380.952, rel=0.005)


def test_two_scenarios_give_a_difference_back(tmp_path):
    """Both files are run, and the tables of both asked what the head of the first one says."""
    file = tmp_path / "pair.yaml"
    write_scenario("energy.break_even_grid", ["l_per_100km=35"], file)
    visits, other = (sim.run(tmp_path / f"{name}.yaml").stop_visits for name in ("pair", "pair-reference"))
    lines = [line[2:].strip() for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    (question,) = (line for line in lines if line.startswith("select "))
    question = question.replace("'../pair-reference/tables/stop_visits.parquet'", "other")
    question = question.replace("'tables/stop_visits.parquet'", "visits")
    with duckdb.connect() as connection:
        connection.register("visits", visits)
        connection.register("other", other)
        ((answer,),) = connection.execute(question).fetchall()
    assert answer == pytest.approx(value("energy.break_even_grid", "l_per_100km=35"), rel=1e-9)


def test_the_table_says_why_a_row_failed():
    row = {"case": "x", "params": {}, "theory": 1.0, "simulation": 2.0, "half_width": 0.0, "tolerance": 0.1}
    text = verification_table([{**row, "verdict": "fail", "reason": "run too short"}])
    assert "fail: run too short" in text

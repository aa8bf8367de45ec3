"""Daily learners: logit fixed points, where they stop being stable, averages that settle, replies that do not."""

from pathlib import Path

import numpy as np
import pytest
from support.oracles import oracle_rows, settings

from sim.advisor import strategy_by_name
from sim.advisor.loop import ReplicationWorld, compile_scenario, simulate_days
from sim.loading.scenario import build_scenario
from sim.verification import run_cases
from sim.verification.families.crowded_services import SET_B
from sim.verification.services_world import World, services_of

LOGIT = ("logit.n1", "logit.critical_daily_share")


def loads_by_day(behaviour, days, habit=None):
    services = services_of(SET_B)
    start = services.equilibrium() if habit is None else np.array(habit, dtype=float)
    scenario = World(services, 1).scenario("learning", start, {"days": days, "behaviour": behaviour})
    world = ReplicationWorld.create(compile_scenario(build_scenario(scenario, Path())), 0)
    days_of = simulate_days(world, strategy_by_name("none"))
    # The first service with room: points of a day without vehicles have none.
    return np.array([day.observation.load[day.observation.capacity > 0][0] for day in days_of])


def test_rows_of_the_oracles(shared):
    rows = oracle_rows(shared, LOGIT, {**SET_B, "theta": 1.0})
    assert len(rows) == 2
    simulated = {row["case"]: row for row in run_cases(LOGIT, settings(rows[0]["params"]))}
    for row in rows:
        answer = simulated[row["id"]]
        assert answer["theory"] == pytest.approx(row["value"], rel=1e-6)
        assert answer["simulation"] == pytest.approx(row["value"], rel=row["rel_tol"])
        assert answer["verdict"] == "pass"


def test_loads_settle_below_the_critical_share_and_swing_above_it():
    below, above = (
        run_cases(["logit.swing"], settings({**SET_B, "theta": 1.0, "of_critical": multiple}))[0]
        for multiple in (0.9, 1.1)
    )
    assert below["simulation"] == pytest.approx(0.0, abs=1.5)
    assert above["simulation"] > 20.0
    assert (below["verdict"], above["verdict"]) == ("pass", "pass")


def test_successive_averages_come_near_the_equilibrium():
    load = loads_by_day({"departure_choice": "msa"}, 120, habit=[300, 300])
    assert abs(load[-1] - 360.0) < 8.0


def test_plain_averages_of_the_cheapest_service_come_near_it_too():
    load = loads_by_day({"departure_choice": "best_reply", "reconsider": "msa"}, 80, habit=[300, 300])
    assert abs(load[-1] - 360.0) < 8.0


def test_best_reply_cycles():
    """Everybody who looks takes yesterday's cheapest service, so that it is the dearest one today."""
    load = loads_by_day({"departure_choice": "best_reply", "reconsider": 0.5}, 40, habit=[300, 300])
    late = load[-12:]
    assert late.max() - late.min() > 100.0
    assert set(np.sign(np.diff(late)).tolist()) == {-1.0, 1.0}


def test_re_equilibrating_people_find_the_equilibrium_to_a_person():
    load = loads_by_day({"departure_choice": "re_equilibrating"}, 60, habit=[300, 300])
    assert load[-1] == 360.0
    assert np.ptp(load[-5:]) == 0.0


def test_settled_days_are_skipped():
    services = services_of(SET_B)
    behaviour = {"departure_choice": "re_equilibrating", "stop": {"least_change": 0.0, "days_in_row": 4}}
    changes = {"days": 200, "days_kept": 2, "behaviour": behaviour}
    scenario = World(services, 1).scenario("settling", np.array([300.0, 300.0]), changes)
    world = ReplicationWorld.create(compile_scenario(build_scenario(scenario, Path())), 0)
    days = list(simulate_days(world, strategy_by_name("none")))
    assert [day.day for day in days[-2:]] == [198, 199]
    assert len(days) < 100
    assert days[-1].departure_change_s == 0.0
    assert np.isnan(days[0].departure_change_s)

"""Journeys back: they begin a stay after the journey there, so that what moves the morning moves the evening."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim
from sim.api import ComparisonResult, RunResult
from sim.records.table import Table

HOUR_S = 3600
STAY_S = 4 * HOUR_S
EARLIER_S = 1800.0
BUS = {"seats": 20, "capacity": 60, "dwell_rule": "constant", "dead_time": 0}


def commute(strategies: tuple[str, ...] = ("none",), commuters: int = 120, **changes: Any) -> Any:
    """Run a line with a bus every 10 minutes both ways, and commuters from A to C between 2:00 and 2:30."""
    departures = [600 * number for number in range(1, 72)]
    lines = [bus_line("O", "ABC", [300, 300], departures), bus_line("R", "CBA", [300, 300], departures)]
    back = {"share": 1.0, "stay": STAY_S, "stay_spread": 0, "outward_before": 4 * HOUR_S, **changes.pop("back", {})}
    demand = {
        "flows": [flow("A", "C", 2 * HOUR_S, 2.5 * HOUR_S, commuters), flow("B", "A", 5 * HOUR_S, 6 * HOUR_S, 9)],
        "return_leg": back,
    }
    advisor = {
        "penetration": 1.0,
        "compliance": 1.0,
        "window": EARLIER_S,
        "same_for_all": {"start": 2 * HOUR_S - EARLIER_S, "width": EARLIER_S},
        **changes.pop("advisor", {}),
    }
    scenario = world(lines, [], {"bus": BUS}, demand=demand, advisor=advisor, **{"days": 2, "seed": 3, **changes})
    if strategies == ("none",):
        result: RunResult = sim.run(scenario)
    else:
        result = sim.compare(scenario, strategies)
    check_invariants(result.tables, scenario.parameters.period_s)
    return result


def parted(journeys: Table, strategy: str = "none") -> tuple[Table, Table]:
    """Return the journeys there that have one back, and those back, person by person."""
    own = journeys.where(journeys.equals("strategy", strategy))
    back = own.where(own["outward_commuter_id"] >= 0)
    return own.where(np.searchsorted(own["commuter_id"], back["outward_commuter_id"])), back


def test_who_has_arrived_goes_back_after_his_stay():
    there, back = parted(commute().tables["journeys"])
    assert len(back) == 120
    assert set(back.text("origin_stop_id")) == {"C"}
    assert set(back.text("destination_stop_id")) == {"A"}
    assert back["departure_s"] == pytest.approx(there["arrival_s"] + STAY_S, abs=1e-5)
    # by habit it is a stay after the journey at free running time, without the wait for the bus
    assert back["habitual_departure_s"] == pytest.approx(there["habitual_departure_s"] + 600 + STAY_S, abs=1e-5)


def test_journeys_back_take_nothing_from_those_there():
    alone = commute(back={"share": 0.0}).tables["journeys"]
    linked = commute().tables["journeys"]
    for column in alone.schema.names:
        assert np.array_equal(alone[column], linked[column][: len(alone)], equal_nan=alone[column].dtype == float)


def test_fixed_hours_begin_at_the_preferred_arrival():
    there, back = parted(commute(back={"stay_begins": "preferred_arrival"}).tables["journeys"])
    begins_s = np.maximum(there["arrival_s"], there["preferred_arrival_s"])
    assert (there["arrival_s"] < there["preferred_arrival_s"]).any()
    assert (there["arrival_s"] > there["preferred_arrival_s"]).any()
    assert back["departure_s"] == pytest.approx(begins_s + STAY_S, abs=1e-5)


def test_whoever_is_left_behind_in_the_morning_leaves_later_in_the_evening():
    there, back = parted(commute(commuters=260).tables["journeys"])
    late = there["denied_boardings"] > 0
    assert late.any()
    stayed_s = back["departure_s"] - back["habitual_departure_s"]
    assert stayed_s[late].min() > stayed_s[~late].mean()


def test_shifting_the_morning_shifts_the_evening():
    result: ComparisonResult = commute(("none", "same_for_all"))
    journeys = result.tables["journeys"]
    (there_none, back_none), (there, back) = (parted(journeys, name) for name in ("none", "same_for_all"))
    shift_s = there["arrival_s"] - there_none["arrival_s"]
    assert shift_s.max() < 0
    assert back["departure_s"] - back_none["departure_s"] == pytest.approx(shift_s, abs=1e-5)
    metrics = result.summary["strategies"]["same_for_all"]
    assert metrics["advised_share"]["mean"] == 1.0  # of those who can be advised
    # the evening belongs to those whom the morning moved
    account = result.tables["account"]
    evening = account["period_start_s"] >= 6 * HOUR_S
    moved = np.abs(account["load"] - account["load_none"])[evening].sum()
    assert moved == np.abs(account["load_direct_shift"])[evening].sum() > 0
    parts = sum(account[f"load_{part}"] for part in ("direct_shift", "displaced_load", "back_fill"))
    assert np.array_equal(account["load"] - account["load_none"], parts)


def test_a_morning_policy_can_backfire_in_the_evening():
    # One evening bus in the hour to which early risers come; in the morning there is room at any time.
    evening = [int(6 * HOUR_S + 1800), *range(7 * HOUR_S, 10 * HOUR_S, 600)]
    lines = [
        bus_line("O", "AC", [600], [300 * number for number in range(12, 48)]),
        bus_line("R", "CA", [600], evening),
    ]
    demand = {
        "flows": [flow("A", "C", 2.9 * HOUR_S, 3 * HOUR_S, 160)],
        "return_leg": {"share": 1, "stay": 4 * HOUR_S, "stay_spread": 0},
    }
    target = {"start": 2 * HOUR_S, "width": 1800}
    scenario = world(
        lines,
        [],
        {"bus": BUS},
        demand=demand,
        days=2,
        replications=2,
        seed=5,
        preferences={"early_penalty": 0.1, "crowding": {"kind": "linear", "slope": 2.0}},
        advisor={"penetration": 1, "compliance": 1, "window": 1800, "same_for_all": target},
    )
    result = sim.compare(scenario, ["none", "same_for_all"])
    check_invariants(result.tables)
    metrics = result.summary["strategies"]["same_for_all"]
    assert metrics["outward_cost_min"]["difference"] < 0 < metrics["return_cost_min"]["difference"]
    assert metrics["return_denied_boardings"]["mean"] > metrics["return_denied_boardings"]["difference"] > 0
    total = metrics["total_generalized_cost_min"]["difference"]
    assert metrics["outward_cost_min"]["difference"] + metrics["return_cost_min"]["difference"] == pytest.approx(total)


def test_who_never_arrives_does_not_go_back():
    result = commute(commuters=260, behaviour={"patience": 300})
    there, back = parted(result.tables["journeys"])
    lost = there.text("outcome") != "arrived"
    assert lost.any()
    assert set(back.text("cause")[lost]) == {"outward_not_ended"}
    assert (back.text("outcome")[lost] == there.text("outcome")[lost]).all()


def test_the_end_of_the_horizon_keeps_people_where_they_stay():
    end_s = 2.25 * HOUR_S + STAY_S
    _, back = parted(commute(horizon={"end": end_s}).tables["journeys"])
    kept = back["departure_s"] > end_s
    assert kept.any()
    assert set(back.text("cause")[kept]) == {"horizon_before_return"}
    assert set(back.text("outcome")[~kept]) <= {"arrived", "still_travelling"}


@pytest.mark.parametrize("routing", ["strategy", "timetable"])
def test_every_way_of_routing_finds_the_way_back(routing: str):
    there, back = parted(commute(journeys={"routing": routing}).tables["journeys"])
    assert set(back.text("outcome")) == {"arrived"}
    assert back["departure_s"] == pytest.approx(there["arrival_s"] + STAY_S, abs=1e-5)


def test_learners_move_their_mornings_only():
    result = commute(commuters=300, days=4, behaviour={"departure_choice": "msa"})
    there, back = parted(result.tables["journeys"])
    assert (there["departure_s"] != there["habitual_departure_s"]).any()
    arrived = there.text("outcome") == "arrived"
    assert back["departure_s"][arrived] == pytest.approx((there["arrival_s"] + STAY_S)[arrived], abs=1e-5)


def test_people_have_the_same_boundary_of_discounts_there_and_back() -> None:
    """For one of two groups the discounts of morning and evening are over at once.

    Would catch a group drawn anew for the journey back: half of the people then had one of the two discounts.
    """
    hours = [(HOUR_S, 4 * HOUR_S), (5 * HOUR_S, 12 * HOUR_S)]
    offered = {
        "discounts": [{"start": start, "end": end, "discount": 0.5} for start, end in hours],
        "stagger_groups": 2,
        "stagger": 12 * HOUR_S,
    }
    fares = {"kind": "flat", "fare": 4.0}
    result = commute(fares=fares, advisor={"strategy": "incentive", "incentive": offered})
    journeys = result.tables["journeys"]
    has_discount, outward = journeys["fare_discount"] > 0.0, journeys["outward_commuter_id"]
    back = np.flatnonzero(outward >= 0)
    assert 40 < int(has_discount[back].sum()) < 80
    np.testing.assert_array_equal(has_discount[back], has_discount[outward[back]])


def test_a_spread_wider_than_the_stay_is_refused():
    with pytest.raises(ValueError, match="leave before"):
        commute(back={"stay": 600, "stay_spread": 601})

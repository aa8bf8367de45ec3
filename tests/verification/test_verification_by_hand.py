"""What can be worked out from the pages of docs alone: costs from tables, who moves for a fare, vehicles with slack.

Scenarios are mappings with the keys of docs/scenario-reference.md, and columns those of docs/tables.md.
"""

import math

import numpy as np
import pytest

import sim

TABLE = ((0.1, 1.2), (0.4, 1.5), (0.7, 2.4))


def one_line(running_times, headway, vehicle, **sections):
    """Return a line over as many stops as running times need, by name A, B and so on."""
    stops = [f"s{stop}" for stop in range(len(running_times) + 1)]
    law = {"first": "5:00", **headway}
    line = {"id": "L", "stops": stops, "running_times": running_times, "vehicle": "bus", "headway": law}
    scenario = {"name": "by_hand", "days": 1, "replications": 1, "network": {"lines": [line]}, **sections}
    scenario["service"] = {**sections.get("service", {}), "vehicles": {"bus": vehicle}}
    return scenario


def flow(origin, destination, start, end, commuters, placement="random"):
    pieces = [{"start": start, "end": end, "commuters": commuters}]
    return {"origin": origin, "destination": destination, "placement": placement, "pieces": pieces}


# --- the generalized cost is what section preferences says of the columns of journeys ---------------------


def crowded_min(result):
    """Return time on board by commuter times the multiplier of each stretch, from arrival to arrival of vehicles."""
    minutes = dict.fromkeys(result.journeys["commuter_id"], 0.0)
    visits = {trip: rows.sort_values("stop_sequence") for trip, rows in result.stop_visits.groupby("trip_id")}
    (low, first), (middle, second), (high, third) = TABLE
    for leg in result.legs.itertuples():
        rows = visits[leg.trip_id]
        stops, arrival = rows["stop_id"].tolist(), rows["arrival_s"].tolist()
        filled = (rows["departing_load"] / rows["capacity"]).tolist()
        here, there = stops.index(leg.board_stop_id), stops.index(leg.alight_stop_id)
        ends = [leg.board_s, *arrival[here + 1 : there], leg.alight_s]
        for stretch, load in enumerate(filled[here:there]):
            multiplier = float(np.interp(load, (low, middle, high), (first, second, third)))
            multiplier += max(load - high, 0.0) * (third - second) / (high - middle)
            minutes[leg.commuter_id] += multiplier * (ends[stretch + 1] - ends[stretch]) / 60.0
    return np.array([minutes[commuter] for commuter in result.journeys["commuter_id"]])


def test_the_cost_of_a_journey_follows_from_the_tables():
    """Would catch: a load that counts from departure on, a table that ends at its last point, a penalty left out."""
    flows = [
        flow("s0", "s2", "5:30", "6:30", 300),
        flow("s0", "s1", "5:30", "6:30", 90),
        flow("s1", "s3", "5:30", "7:00", 400),
    ]
    weights = {
        "in_vehicle_weight": 1.3,
        "wait_weight": 2.1,
        "early_penalty": 0.4,
        "late_penalty": 3.0,
        "late_fixed_penalty": "4 min",
        "unserved_penalty": "70 min",
        "crowding": {"kind": "table", "table": [list(point) for point in TABLE]},
    }
    result = sim.run(
        one_line(
            ["6 min", "9 min", "4 min"],
            {"mean": "5 min", "distribution": "exponential", "trips": 40},
            {"seats": 10, "capacity": 30, "boarding": "2 s", "alighting": "3 s"},
            demand={"flows": flows},
            preferences=weights,
            behaviour={"patience": "25 min"},
        )
    )
    journeys = result.journeys
    arrived = (journeys["outcome"] == "arrived").to_numpy()
    early, late = (journeys[f"schedule_delay_{side}_s"].fillna(0.0).to_numpy() / 60.0 for side in ("early", "late"))
    travel = 1.3 * crowded_min(result) + 2.1 * journeys["wait_s"].to_numpy() / 60.0
    wish = 0.4 * early + 3.0 * late + 4.0 * (late > 0.0)
    assert 0 < arrived.sum() < len(arrived)
    assert (result.stop_visits["departing_load"] / result.stop_visits["capacity"]).max() == 1.0
    np.testing.assert_allclose(journeys["generalized_cost_min"], travel + np.where(arrived, wish, 70.0), rtol=1e-9)


# --- who moves for a lower fare: Small 1982, minutes early against money ----------------------------------


@pytest.mark.parametrize(("discount", "value_of_time"), [(0.5, 10.0), (0.3, 10.0), (0.5, 30.0), (1.0, 10.0)])
def test_people_move_for_a_discount_as_far_as_it_pays(discount, value_of_time):
    """All are early and have no wait, so that a minute's shift costs 0.6 min: whoever leaves less after the hour moves.

    Would catch: a discount weighed by another value of time or twice, a window judged by its end (2.5 min off).
    """
    incentive = {"discounts": [{"start": "6:30", "end": "8:00", "discount": discount}], "applies_at": "entry"}
    advisor = {"strategy": "incentive", "penetration": 1, "compliance": 1, "window": "5 min", "incentive": incentive}
    result = sim.run(
        one_line(
            ["10 min"],
            {"mean": "6 s", "trips": 3600},
            {"seats": 0, "capacity": 1000},
            demand={"flows": [flow("s0", "s1", "8:00", "9:00", 1200, "even")]},
            population={"preferred_arrival_spread": 0, "preferred_arrival_slack": "40 min"},
            service={"no_dwell": True},
            fares={"kind": "flat", "fare": 3, "value_of_time": value_of_time},
            preferences={"early_penalty": 0.6, "wait_weight": 1, "crowding": {"kind": "none"}},
            advisor=advisor,
            days=2,
        )
    )
    journeys = result.journeys
    worth_min = 60.0 * 3.0 * discount / value_of_time
    farthest_s = 8 * 3600.0 - 150.0 + 60.0 * (worth_min - 0.5) / 0.6
    moved = journeys["departure_s"] < 8 * 3600.0
    assert journeys.loc[moved, "habitual_departure_s"].max() == pytest.approx(farthest_s, abs=15.0)
    assert journeys.loc[~moved, "habitual_departure_s"].min() == pytest.approx(farthest_s, abs=15.0)
    assert result.summary["metrics"]["discount_cost"]["mean"] == pytest.approx(3.0 * discount * moved.sum())
    assert result.summary["metrics"]["fare_revenue"]["mean"] == pytest.approx(3.0 * (1200 - discount * moved.sum()))


# --- slack in the timetable: lateness under schedule holding is a random walk held at 0 (Newell 1977) -----


def test_lateness_behind_slack_is_the_queue_d_m_1():
    """Runs are exponential with mean 5 min, and the timetable has 10 for each.

    With u = exp(-(1 - u) 10 / 5), a departure is late with chance u and 5 u / (1 - u) min on average (D/M/1: runs
    are served while the timetable goes on evenly). Would catch: holding before the timetable only at some stops,
    lateness that is lost at a stop, noise with another law.
    """
    stops = 40
    scenario = one_line(
        ["10 min"] * (stops - 1),
        {"mean": "2 h", "trips": 400},
        {"seats": 0, "capacity": 9},
        service={
            "no_dwell": True,
            "holding": {"rule": "schedule"},
            "running_time_noise": {"distribution": "gamma", "cv": 1},
        },
        traffic={"speed_factors": [{"start": "0:00", "end": "9999:00", "factor": 2}]},
    )
    visits = sim.run(scenario, replications=12, seed=5).stop_visits
    settled = visits[(visits["stop_sequence"] >= 12) & (visits["stop_sequence"] < stops - 1)]
    late_min = (settled["departure_s"] - settled["scheduled_departure_s"]) / 60.0
    share = 0.5
    for _ in range(200):
        share = math.exp(-(1.0 - share) * 10.0 / 5.0)
    for values, expected in ((late_min, 5.0 * share / (1.0 - share)), ((late_min > 1e-3).astype(float), share)):
        means = values.groupby(settled["replication"]).mean()
        error = means.std(ddof=1) / math.sqrt(len(means))
        assert error < 0.02 * expected
        assert means.mean() == pytest.approx(expected, abs=3.0 * error)

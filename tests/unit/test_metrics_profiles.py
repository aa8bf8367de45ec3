from __future__ import annotations

import numpy as np
import pytest
from support.tables import NAN, PERIOD_S, changed, rows_of, table_of, tiny_tables

from sim.errors import UnknownNameError
from sim.metrics.periods import period_table
from sim.metrics.profiles import (
    arrival_deviations_min,
    arrival_profiles,
    load_profiles,
    time_profiles,
    wait_exceedance,
)
from sim.metrics.trajectories import trajectories
from sim.records.schema import JOURNEYS, STOP_VISITS
from sim.records.table import Table


def journeys_of(*rows: dict[str, object]) -> Table:
    base = {"strategy": "none", "outcome": "arrived", "preferred_arrival_s": 0.0}
    return table_of(JOURNEYS, [{**base, "commuter_id": i, **row} for i, row in enumerate(rows)])


def test_load_by_stop_and_period_by_hand() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    periods = period_table(tables["stop_visits"], tables["legs"], PERIOD_S)
    first, second = load_profiles(periods, tables["stop_visits"], PERIOD_S)
    assert (first.strategy, first.line_id, first.direction_id, first.stop_ids) == ("none", "L1", 0, ("A", "B", "C"))
    assert first.period_starts_s.tolist() == [0.0, 600.0, 1200.0]
    np.testing.assert_array_equal(first.load, [[2, 1, 1], [2, 2, NAN], [0, 0, NAN]])
    np.testing.assert_array_equal(first.load_factor, [[1, 0.5, 0.5], [1, 1, NAN], [0, 0, NAN]])
    np.testing.assert_array_equal(first.vehicles, [[1, 1, 1], [1, 1, 0], [1, 1, 0]])
    np.testing.assert_array_equal(first.boardings, [[2, 1, 1], [0, 1, 0], [0, 0, 0]])
    np.testing.assert_array_equal(first.denied_boardings, [[1, 0, 0], [1, 0, 0], [0, 0, 0]])
    assert (second.line_id, second.stop_ids, second.period_starts_s.tolist()) == ("L2", ("C", "D"), [600.0])


def test_loads_of_several_days_and_replications_are_averaged_by_strategy() -> None:
    tables = tiny_tables(replications=3, days=2)
    periods = period_table(tables["stop_visits"], tables["legs"], PERIOD_S)
    periods = changed(periods, {"strategy": "none", "stop_id": "A"}, load=8.0, denied_boardings=13)
    profiles = load_profiles(periods, tables["stop_visits"], PERIOD_S)
    assert [(p.line_id, p.strategy) for p in profiles] == [
        ("L1", "none"),
        ("L1", "coordinated"),
        ("L2", "none"),
        ("L2", "coordinated"),
    ]
    none, coordinated = profiles[:2]
    assert none.load[0, 0] == pytest.approx((8 + 5 * 2) / 6)
    assert none.denied_boardings[0, 0] == pytest.approx((13 + 5 * 1) / 6)
    assert none.vehicles[0].tolist() == [1, 1, 1]
    assert coordinated.load[0, 0] == 2.0
    assert coordinated.denied_boardings[0, 0] == 0.0


def test_load_of_a_period_counts_every_vehicle_alike() -> None:
    tables = tiny_tables(("none",), replications=1, days=2)
    periods = period_table(tables["stop_visits"], tables["legs"], PERIOD_S)
    busy = changed(periods, {"stop_id": "A", "day": 1}, vehicles=3, load=6.0, load_factor=0.2)
    profile = load_profiles(busy, tables["stop_visits"], PERIOD_S)[0]
    assert profile.load[0, 0] == pytest.approx((2 + 3 * 6) / 4)
    assert profile.load_factor[0, 0] == pytest.approx((1 + 3 * 0.2) / 4)
    assert profile.vehicles[0, 0] == 2.0


def test_departures_arrivals_and_waits_by_period() -> None:
    journeys = journeys_of(
        {"departure_s": 10.0, "arrival_s": 95.0, "wait_s": 30.0},
        {"departure_s": 19.0, "arrival_s": 35.0, "wait_s": 90.0, "denied_boardings": 2},
        {"departure_s": 15.0, "outcome": "gave_up", "wait_s": 999.0, "denied_boardings": 1},
        {"departure_s": 40.0, "arrival_s": 45.0, "wait_s": 6.0},
        {"departure_s": 20.0, "outcome": "no_service"},
    )
    profile = time_profiles(journeys, 10.0)["none"]
    assert profile.period_starts_s.tolist() == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert profile.departures.tolist() == [3, 1, 0, 1, 0, 0, 0, 0, 0]
    assert profile.arrivals.tolist() == [0, 0, 1, 1, 0, 0, 0, 0, 1]
    np.testing.assert_array_equal(profile.mean_wait_min, [1.0, NAN, NAN, 0.1] + [NAN] * 5)
    np.testing.assert_array_equal(profile.denied_share, [2 / 3, 0, NAN, 0] + [NAN] * 5)


def test_times_of_day_are_per_day_and_on_one_grid() -> None:
    profiles = time_profiles(tiny_tables(replications=3, days=2)["journeys"], PERIOD_S)
    assert list(profiles) == ["none", "coordinated"]
    none, coordinated = profiles.values()
    assert none.period_starts_s.tolist() == coordinated.period_starts_s.tolist() == [0.0, 600.0, 1200.0, 1800.0]
    assert none.departures.tolist() == [5, 1, 0, 1]
    assert coordinated.departures.tolist() == [4, 2, 0, 1]
    assert none.arrivals.sum() == 4


def test_arrivals_against_the_wish_by_hand() -> None:
    seconds = [-9000.0, -61.0, 0.0, 59.0, 60.0, 119.0, 7200.0]
    rows = [{"arrival_s": value} for value in seconds]
    profile = arrival_profiles(
        journeys_of(*rows, {"outcome": "gave_up"}, {"arrival_s": 5.0, "preferred_arrival_s": NAN}), 1.0, 5.0
    )["none"]
    assert profile.bin_edges_min.tolist() == list(range(-5, 6))
    np.testing.assert_allclose(profile.share * 7, [1, 0, 0, 1, 0, 2, 2, 0, 0, 1])
    assert profile.quantile_levels.tolist() == [0.05, 0.25, 0.5, 0.75, 0.95]
    assert profile.quantiles_min[2] == pytest.approx(59 / 60)


def test_only_first_journeys_that_arrived_count_against_the_wish() -> None:
    journeys = journeys_of(
        {"arrival_s": 60.0},
        {"arrival_s": 120.0, "outward_commuter_id": 0},
        {"arrival_s": 180.0, "outcome": "gave_up"},
    )
    assert arrival_deviations_min(journeys).tolist() == [1.0]


def test_quantiles_of_arrivals_are_finer_than_their_bins() -> None:
    rows = [{"arrival_s": float(second)} for second in range(0, 1201, 3)]
    quantiles_min = arrival_profiles(journeys_of(*rows), 4.0, 60.0)["none"].quantiles_min
    # To a 64th of a bin: of 401 arrivals, 3 s apart, the first 5 % end at 60 s.
    np.testing.assert_allclose(quantiles_min, [1.0, 5.0, 10.0, 15.0, 19.0], atol=4.0 / 64)


def test_waits_that_few_exceed_by_hand() -> None:
    rows = [{"wait_s": 60.0 * minutes} for minutes in (0, 1, 2, 4)]
    given_up = {"wait_s": 9000.0, "outcome": "gave_up"}
    waits_min, shares = wait_exceedance(journeys_of(*rows, given_up, {"strategy": "other", "outcome": "gave_up"}), 5)
    assert waits_min[0] == 0.0
    assert waits_min.shape == (5,)
    assert list(shares) == ["none"]
    # Waits of exactly so long are not longer.
    np.testing.assert_array_equal(
        shares["none"], [np.mean([minutes > wait for minutes in (0, 1, 2, 4)]) for wait in waits_min]
    )


def test_bins_of_arrivals_reach_no_further_than_needed() -> None:
    profile = arrival_profiles(journeys_of({"arrival_s": 130.0}, {"arrival_s": 30.0}), 1.0, 60.0)["none"]
    assert profile.bin_edges_min.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert profile.share.tolist() == [0.5, 0.0, 0.5]


def test_strategy_under_which_nobody_arrives_has_no_quantiles() -> None:
    journeys = journeys_of({"arrival_s": 60.0}, {"strategy": "other", "outcome": "gave_up"})
    other = arrival_profiles(journeys)["other"]
    assert other.share.sum() == 0.0
    assert np.isnan(other.quantiles_min).all()


def test_trajectories_by_hand() -> None:
    visits = tiny_tables(replications=2, days=2)["stop_visits"]
    found = trajectories(visits, "coordinated", "L1", 0, replication=1, day=1)
    assert (found.stop_ids, found.trip_ids) == (("A", "B", "C"), ("t1", "t2", "t3"))
    assert found.first_visit.tolist() == [0, 3, 6, 7]
    assert found.place.tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert found.arrival_s.tolist() == [100, 200, 300, 715, 815, 915, 1300]
    assert found.departure_s.tolist() == [110, 210, 300, 715, 820, 915, 1310]
    assert found.departing_load.tolist() == [2, 2, 0, 1, 2, 0, 1]
    assert set(found.capacity.tolist()) == {2}
    second = trajectories(visits, "none", "L2", 0, day=0)
    assert (second.stop_ids, second.place.tolist()) == (("C", "D"), [0, 1])


def test_trajectories_are_sorted_by_first_arrival_and_order_of_travel() -> None:
    rows = rows_of(tiny_tables(("none",), replications=1, days=1)["stop_visits"])
    turned = table_of(STOP_VISITS, rows[::-1])
    found = trajectories(turned, "none", "L1", 0, day=0)
    assert found.trip_ids == ("t1", "t2", "t3")
    assert found.place.tolist() == [0, 1, 2, 0, 1, 2, 0]


def test_line_that_did_not_run_is_said() -> None:
    visits = tiny_tables()["stop_visits"]
    with pytest.raises(UnknownNameError, match="no vehicle of line L9, direction 0, ran under none"):
        trajectories(visits, "none", "L9", 0, day=0)


def test_nothing_is_drawn_of_no_tables() -> None:
    tables = {name: table.where(slice(0, 0)) for name, table in tiny_tables().items()}
    periods = period_table(tables["stop_visits"], tables["legs"], PERIOD_S)
    assert load_profiles(periods, tables["stop_visits"], PERIOD_S) == ()
    assert time_profiles(tables["journeys"], PERIOD_S) == {}
    assert arrival_profiles(tables["journeys"]) == {}


def test_line_without_periods_has_no_load_profile() -> None:
    tables = tiny_tables(("none",), replications=1, days=1)
    periods = period_table(tables["stop_visits"], tables["legs"], PERIOD_S)
    only = periods.where(periods.equals("line_id", "L2"))
    assert [profile.line_id for profile in load_profiles(only, tables["stop_visits"], PERIOD_S)] == ["L2"]

"""Running times by volume, by the cars in an area and by chance, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

from sim.advisor import strategy_by_name
from sim.advisor.loop import compile_scenario
from sim.engine import draw_variates
from sim.engine.compile_input import vehicle_types
from sim.engine.congestion import LEAST_SPEED_SHARE, delay_factor, reservoir_speed_shares
from sim.engine.dwell import dwell_rule
from sim.errors import ScenarioError
from sim.experiments.replications import run_replications
from sim.loading.vehicle_types import vehicle_type
from sim.model.parameters import AreaParameters, ScenarioParameters, TrafficParameters, VehicleParameters
from sim.randomness import Streams

ROAD = {"road": {"capacity": "1000 /h"}}
INSTANT = {"bus": {"seats": 5, "capacity": 9, "dwell_rule": "constant", "dead_time": 0}}


def running_s(traffic, departures=(3600.0,), line_stops="ABC", **service):
    """Return running times by trip and link of a line with 600 s on every link."""
    links = len(line_stops) - 1
    lines = [bus_line("L", line_stops, [600.0] * links, list(departures), lengths=[5000.0] * links)]
    riders = [flow("A", "B", departures[0], departures[0], 1)]
    scenario = world(lines, riders, INSTANT, traffic=traffic, service=service, days=1)
    table = run_replications(scenario, [strategy_by_name("none")])["stop_visits"]
    shape = (len(departures), links + 1)
    return table["arrival_s"].reshape(shape)[:, 1:] - table["departure_s"].reshape(shape)[:, :-1]


def test_volumes_hold_in_their_stretch_of_time():
    volume = {"link_class": "road", "start": 3600.0, "end": 7200.0, "volume": "1000 /h"}
    traffic = {"delay": "bpr", "classes": ROAD, "volumes": [volume], "bus_equivalents": 0}
    took = running_s(traffic, [2400.0, 3599.0, 3600.0, 7200.0])
    np.testing.assert_allclose(took[:, 0], [600.0, 600.0, 690.0, 600.0])
    # Each link is entered later than the one before it.
    np.testing.assert_allclose(took[:, 1], [600.0, 690.0, 690.0, 600.0])


def test_speed_factors_hold_in_their_stretch_of_time_and_are_multiplied():
    half = {"start": 3600.0, "end": 7200.0, "factor": 0.5}
    one_link = {"start": 3600.0, "end": 5400.0, "factor": 0.8, "links": ["A>B"]}
    took = running_s({"speed_factors": [half, one_link]}, [2400.0, 3599.0, 3600.0, 5400.0, 7200.0])
    np.testing.assert_allclose(took[:, 0], [600.0, 600.0, 1500.0, 1200.0, 600.0])
    np.testing.assert_allclose(took[:, 1], [600.0, 1200.0, 1200.0, 1200.0, 600.0])


def test_only_the_links_of_a_class_are_slow():
    classes = {"busy": {"links": ["B>C"], "capacity": "500 /h"}, "rest": {"capacity": "1000 /h"}}
    volumes = [{"link_class": "busy", "start": 0, "end": 90000, "volume": "1000 /h"}]
    traffic = {"delay": "bpr", "classes": classes, "volumes": volumes, "bus_equivalents": 0}
    np.testing.assert_allclose(running_s(traffic), [[600.0, 600.0 * 3.4]], rtol=1e-9)


def test_buses_share_the_link_they_congest():
    departures = [3600.0 + 60.0 * trip for trip in range(30)]
    alone = {"delay": "bpr", "classes": {"road": {"capacity": "60 /h"}}, "bus_equivalents": 2}
    # 30 buses in the hour from 1:00 count for 60 cars.
    np.testing.assert_allclose(running_s(alone, departures)[0], [690.0, 690.0])
    np.testing.assert_allclose(running_s({**alone, "bus_equivalents": 0}, departures)[0], [600.0, 600.0])


@pytest.mark.parametrize(("saturation", "factor"), [(0.0, 1.0), (0.5, 1.0695809), (1.0, 2.0), (1.5, 9.0695809)])
def test_the_conical_function_has_the_values_of_spiess(saturation, factor):
    parameters = TrafficParameters(delay="conical")
    assert delay_factor(parameters, np.array([saturation]))[0] == pytest.approx(factor, abs=1e-7)


@pytest.mark.parametrize(
    ("x", "changes", "expected_s"),
    [
        # Twice as much as the road holds takes 15 minutes longer in the mean of half an hour; half as much none.
        (2.0, {"akcelik_delay": 0, "akcelik_period": "30 min"}, 600.0 + 900.0),
        (0.5, {"akcelik_delay": 0}, 600.0),
        # T / 4 sqrt(8 J / (c T)) at capacity: 900 s x sqrt(3.2 / 1000).
        (1.0, {}, 600.0 + 900.0 * 0.0032**0.5),
    ],
)
def test_the_function_of_akcelik_adds_seconds(x, changes, expected_s):
    volume = {"link_class": "road", "start": 0, "end": 90000, "volume": x * 1000.0 / 3600.0}
    traffic = {"delay": "akcelik", "classes": ROAD, "volumes": [volume], "bus_equivalents": 0, **changes}
    np.testing.assert_allclose(running_s(traffic), [[expected_s, expected_s]], rtol=1e-8)


CITY_BUS = {"speed": "40 km/h", "acceleration_m_s2": 1.0, "deceleration_m_s2": 1.2}


def test_each_run_from_stop_to_stop_loses_what_speeding_up_and_braking_take():
    # 11.11 m/s / 2 x (1 + 1 / 1.2) s2/m.
    np.testing.assert_allclose(running_s({}, stop_lost_time=CITY_BUS), [[610.1852, 610.1852]], atol=5e-5)
    gentle = {**CITY_BUS, "acceleration_m_s2": 0.5, "deceleration_m_s2": 1.0}
    np.testing.assert_allclose(running_s({}, stop_lost_time=gentle), [[616.6667, 616.6667]], atol=5e-5)


def test_traffic_does_not_lengthen_what_a_stop_loses():
    volume = {"link_class": "road", "start": 0, "end": 90000, "volume": "1000 /h"}
    traffic = {"delay": "bpr", "classes": ROAD, "volumes": [volume], "bus_equivalents": 0}
    np.testing.assert_allclose(running_s(traffic, stop_lost_time=CITY_BUS), [[700.1852, 700.1852]], atol=5e-5)


def test_lost_time_is_part_of_the_running_time_that_chance_acts_on():
    noise = {"distribution": "lognormal", "cv": 0.3, "correlation": 1}
    plain = running_s({}, running_time_noise=noise)
    np.testing.assert_allclose(
        running_s({}, running_time_noise=noise, stop_lost_time=CITY_BUS), plain * (610.18518 / 600.0), rtol=1e-6
    )


FIRST_MINUTE = [{"start": 0, "end": 60, "inflow": "30000 /h"}]
"""500 cars, of which next to none have gone when they go far."""


def area(**changes):
    usual = {"free_speed_km_h": 40.0, "jam_cars": 4000.0, "trip_length": "4 km"}
    return AreaParameters.model_validate({**usual, **changes})


def test_an_empty_area_is_free_and_a_full_one_creeps():
    assert reservoir_speed_shares(area(), np.zeros(5), 60.0).tolist() == [1.0] * 5
    flood = area(inflow=[{"start": 0, "end": 36000, "inflow": "20000 /h"}])
    shares = reservoir_speed_shares(flood, np.zeros(600), 60.0)
    assert (np.diff(shares) <= 0).all()
    assert shares[-1] == LEAST_SPEED_SHARE


def test_an_area_empties_when_nobody_comes_any_more():
    morning = area(inflow=[{"start": 0, "end": 3600, "inflow": "9000 /h"}])
    shares = reservoir_speed_shares(morning, np.zeros(24 * 60), 60.0)
    assert shares[60] < 0.8
    assert shares[-1] == pytest.approx(1.0, abs=1e-9)


def test_standing_buses_take_up_room():
    assert reservoir_speed_shares(area(), np.full(3, 1000.0), 60.0)[0] == 0.75
    filled = area(inflow=FIRST_MINUTE, trip_length="4000 km")
    assert reservoir_speed_shares(filled, np.full(3, 1000.0), 60.0)[1] == pytest.approx(0.625, rel=1e-3)


def test_the_run_ends_in_gridlock():
    jam = {"free_speed_km_h": 30, "jam_cars": 1000, "trip_length": "4 km"}
    inflow = [{"start": 0, "end": 90000, "inflow": "5000 /h"}]
    took = running_s({"area": {**jam, "inflow": inflow}, "bus_equivalents": 0}, [36000.0])
    np.testing.assert_allclose(took, [[60000.0, 60000.0]])


def test_an_area_holds_on_its_links_only():
    half = {"free_speed_km_h": 30, "jam_cars": 1000, "trip_length": "4 km", "inflow": FIRST_MINUTE, "links": ["B>C"]}
    took = running_s({"area": half, "bus_equivalents": 0}, [60.0])
    assert took[0, 0] == 600.0
    assert took[0, 1] > 600.0


def test_delay_and_area_multiply_where_both_are_asked():
    half = {"free_speed_km_h": 30, "jam_cars": 1000, "trip_length": "4000 km", "inflow": FIRST_MINUTE}
    volumes = [{"link_class": "road", "start": 0, "end": 90000, "volume": "1000 /h"}]
    traffic = {"delay": "bpr", "classes": ROAD, "volumes": volumes, "bus_equivalents": 0, "area": half}
    assert running_s(traffic, [60.0])[0, 0] == pytest.approx(2.0 * 690.0, rel=1e-3)


@pytest.mark.parametrize(
    ("traffic", "message"),
    [
        ({"delay": "bpr", "classes": {"x": {"links": ["A>Q"], "capacity": 1}}}, r"traffic\.classes\.x\.links\.0"),
        (
            {"speed_factors": [{"start": 0, "end": 9, "factor": 1, "links": ["A>Q"]}]},
            r"traffic\.speed_factors\.0\.links\.0: unknown link 'A>Q'",
        ),
        ({"area": {"free_speed_km_h": 9, "jam_cars": 9, "trip_length": 9, "links": ["Q"]}}, r"traffic\.area\.links\.0"),
        (
            {"classes": ROAD, "volumes": [{"link_class": "road", "start": 0, "end": 9, "volume": 1}]},
            "no effect while",
        ),
    ],
)
def test_traffic_on_what_is_not_there_is_told(traffic, message):
    with pytest.raises(ScenarioError, match=message):
        running_s(traffic)


def test_volumes_of_one_class_must_not_overlap():
    volumes = [{"link_class": "road", "start": start, "end": start + 90, "volume": 1} for start in (0, 60)]
    with pytest.raises(ValueError, match="overlap"):
        TrafficParameters.model_validate({"delay": "bpr", "classes": ROAD, "volumes": volumes})


# --- chance -----------------------------------------------------------------------------------------------


def drawn(noise, days=400):
    """Return what chance makes of running times, shape (days, visits): factors, or seconds added."""
    lines = [bus_line("L", "ABCDEFGHIJK", [600.0] * 10, [600.0, 900.0])]
    service = {"running_time_noise": noise}
    compiled = compile_scenario(world(lines, [flow("A", "B", 500.0, 600.0, 1)], INSTANT, service=service))
    rows = [draw_variates(compiled.engine_input, Streams(3, 0), day) for day in range(days)]
    return np.array([row.running_factor if row.running_added_s is None else row.running_added_s for row in rows])


def test_normal_noise_is_added_with_its_standard_deviation():
    added = drawn({"distribution": "normal", "sigma": 30})
    assert added.std() == pytest.approx(30.0, rel=0.03)
    assert added.mean() == pytest.approx(0.0, abs=1.5)


def test_running_times_are_never_negative():
    lines = [bus_line("L", "AB", [10.0], [600.0 + 60.0 * trip for trip in range(50)])]
    service = {"running_time_noise": {"distribution": "normal", "sigma": 60}}
    scenario = world(lines, [flow("A", "B", 500.0, 600.0, 1)], INSTANT, service=service, days=1)
    table = run_replications(scenario, [strategy_by_name("none")])["stop_visits"]
    took = table["arrival_s"].reshape(50, 2)[:, 1] - table["departure_s"].reshape(50, 2)[:, 0]
    assert took.min() == 0.0
    assert took.max() > 30.0


@pytest.mark.parametrize("distribution", ["lognormal", "gamma", "normal"])
@pytest.mark.parametrize("correlation", [0.0, 0.6, 1.0])
def test_a_day_has_its_share_of_the_variance_in_common(distribution, correlation):
    spread = {"sigma": 30} if distribution == "normal" else {"cv": 0.2}
    values = drawn({"distribution": distribution, "correlation": correlation, **spread}, days=1500)[:, [0, 7, 15]]
    pairs = np.corrcoef(values.T)[np.triu_indices(3, 1)]
    np.testing.assert_allclose(pairs, correlation, atol=0.08)
    expected = 30.0 if distribution == "normal" else 0.2
    assert values.std() == pytest.approx(expected, rel=0.06)


def test_without_correlation_the_numbers_are_those_of_before():
    plain = drawn({"distribution": "gamma", "cv": 0.3}, days=2)
    assert (drawn({"distribution": "gamma", "cv": 0.3, "correlation": 0.0}, days=2) == plain).all()
    assert not (drawn({"distribution": "gamma", "cv": 0.3, "correlation": 0.1}, days=2) == plain).any()


def test_normal_noise_needs_a_sigma():
    service = {"vehicles": INSTANT, "running_time_noise": {"distribution": "normal"}}
    line = bus_line("L", "AB", [10.0], [600.0])
    with pytest.raises(ValueError, match="sigma"):
        ScenarioParameters.model_validate({"name": "n", "network": {"lines": [line]}, "service": service})


# --- dwell ------------------------------------------------------------------------------------------------


def rule_of(**changes):
    kind = vehicle_type("bus", VehicleParameters.model_validate({"seats": 5, "capacity": 9, **changes}))
    return dwell_rule(vehicle_types([kind], no_dwell=False), 0)


@pytest.mark.parametrize(
    ("boardings", "alightings", "dwell_s"),
    [
        (0, 0, 5.136),
        (4, 0, 5.136 + 4 * 3.481 - 16 * 0.040),
        (4, 3, 5.136 + 4 * 3.481 - 16 * 0.040 + 3 * 1.701 - 9 * 0.031),
        (60, 0, 5.136 + 3.481**2 / (4 * 0.040)),
    ],
)
def test_the_regression_of_dueker(boardings, alightings, dwell_s):
    found = rule_of(dwell_rule="dueker")(boardings, 0, alightings)
    assert found == pytest.approx(dwell_s, abs=1e-6)


def test_several_doors_share_the_passengers():
    rule = rule_of(dwell_rule="max", boarding=3, alighting=2, boarding_channels=2, alighting_channels=3, dead_time=4)
    assert rule(8, 0, 3) == 4 + 12
    assert rule(1, 0, 9) == 4 + 6


def test_a_dwell_is_rounded_once_for_all_passengers():
    rule = rule_of(boarding=2.1, alighting=0, dead_time=0)
    assert rule(1000, 0, 0) == pytest.approx(2100.0, abs=5e-7)

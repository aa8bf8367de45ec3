"""Vehicles in traffic beside closed forms: links by volume, a bus that stops, and an area by the number of cars."""

from __future__ import annotations

import math

import pytest
from support import traffic_theory
from support.simulated import tables_of

from sim.engine.congestion import LEAST_SPEED_SHARE
from sim.verification.families.single_vehicle import (
    FREE_S,
    LENGTH_KM,
    area_scenario,
    delay_section,
    link_in_traffic,
    reservoir,
    running_s,
    settling_minutes,
)
from sim.verification.scenarios import LINE, line, one_rider, scenario, stop_names, times_at
from sim.verification.theory import traffic

AREA = {"Vf": 40, "nj": 4000, "L": 4}
CITY_BUS = {"v": 40.0, "acc": 1.0, "dec": 1.2}


@pytest.mark.parametrize("saturation", [0.5, 0.7, 1.0, 1.5])
def test_conical_function(saturation):
    """Spiess 1990, Transportation Science 24:153-158."""
    section = delay_section("conical", saturation)
    took_s = running_s(tables_of(link_in_traffic("conical", section, FREE_S, 3600.0)))
    assert took_s / FREE_S == pytest.approx(traffic_theory.conical(saturation, 8.0), rel=1e-9)


@pytest.mark.parametrize(
    ("saturation", "minutes", "delay"), [(0.5, 60.0, 0.4), (1.0, 60.0, 0.4), (1.5, 60.0, 0.4), (1.2, 15.0, 0.8)]
)
def test_function_of_akcelik(saturation, minutes, delay):
    """Akcelik 1991, Australian Road Research 21(3):49-59."""
    section = delay_section("akcelik", saturation, akcelik_period=60.0 * minutes, akcelik_delay=delay)
    took_s = running_s(tables_of(link_in_traffic("akcelik", section, FREE_S, 3600.0)))
    wanted_s = traffic_theory.akcelik(FREE_S, saturation, 0.5, 60.0 * minutes, delay)
    assert took_s == pytest.approx(wanted_s, rel=1e-9)


def speed(params, minutes):
    """Return the speed in km/h of a vehicle that leaves so many minutes after cars begin to come."""
    return 3600.0 * LENGTH_KM / running_s(tables_of(area_scenario("area", params, 60.0 * minutes)))


def cars(params, minutes):
    """Return the cars in the area that a speed means (Greenshields 1935)."""
    return params["nj"] * (1.0 - speed(params, minutes) / params["Vf"])


@pytest.mark.parametrize("inflow", [2000.0, 6000.0, 9000.0])
def test_cars_in_a_steady_area(inflow):
    params = {"q": inflow, **AREA}
    found = cars(params, settling_minutes(params))
    assert found == pytest.approx(traffic_theory.steady_cars(*reservoir(params)), rel=1e-6)
    assert inflow != 6000.0 or found == pytest.approx(735.0889, abs=1e-3)


@pytest.mark.parametrize(
    ("params", "minutes"),
    [
        *(({"q": 6000.0, **AREA}, minutes) for minutes in (3, 6, 15, 30)),
        ({"q": 1500, "Vf": 30, "nj": 2500, "L": 3.5}, 11),
    ],
)
def test_an_area_that_was_empty_fills(params, minutes):
    """The Riccati equation of Daganzo 2007, TR-B 41:49-62, solved exactly."""
    wanted = traffic_theory.filling_cars(minutes / 60.0, *reservoir(params))
    assert cars(params, minutes) == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize("inflow", [12_000.0, 11_000.0])
def test_more_cars_than_can_leave_end_in_gridlock(inflow):
    """Above the largest outflow there is no steady state, and buses creep at the least speed."""
    params = {"q": inflow, **AREA}
    minutes = math.ceil(60.0 * 1.05 * traffic_theory.hours_to_jam(*reservoir(params)) + 60.0)
    assert speed(params, minutes) == pytest.approx(LEAST_SPEED_SHARE * 40.0, rel=1e-6)


def bus_over_links_s(stops, v, acc, dec, saturation=0.0, dwell_s=0.0):
    """Return the seconds that a bus takes over links, with a stop at the start of each."""
    until_s = 864_000.0
    volume = {"link_class": "road", "start": 0.0, "end": until_s, "volume": 0.5 * saturation}
    road = {"delay": "bpr", "classes": {"road": {"capacity": 0.5}}, "volumes": [volume]}
    parameters = scenario(
        "verify-bus-link",
        [line(LINE, stop_names(stops), [FREE_S] * stops, departures=[3600.0])],
        one_rider(3600.0),
        {"bus": {"seats": 0, "capacity": 1, "dwell_rule": "constant", "dead_time": dwell_s}},
        {"stop_lost_time": {"speed": v / 3.6, "acceleration_m_s2": acc, "deceleration_m_s2": dec}},
        traffic={"bus_equivalents": 0, "step": 3600.0, **road},
    )
    tables = tables_of(parameters)
    return times_at(tables, stops, "arrival_s")[0] - times_at(tables, 0, "arrival_s")[0]


@pytest.mark.parametrize(("stops", "bus"), [(1, CITY_BUS), (12, CITY_BUS), (3, {"v": 55, "acc": 0.8, "dec": 1.4})])
def test_a_stop_costs_the_time_to_brake_and_to_speed_up(stops, bus):
    """Uniform acceleration, v / 2 (1 / acc + 1 / dec): 10.1852 s at 40 km/h with 1.0 and 1.2 m/s2."""
    lost_s = bus_over_links_s(stops, **bus) / stops - FREE_S
    assert lost_s == pytest.approx(traffic_theory.stop_lost_s(bus["v"], bus["acc"], bus["dec"]), abs=1e-6)
    assert bus is not CITY_BUS or lost_s == pytest.approx(10.1852, abs=5e-5)


@pytest.mark.parametrize(
    ("stops", "bus", "saturation", "dwell_s"),
    [(5, CITY_BUS, 0.9, 15.0), (4, {"v": 30, "acc": 0.9, "dec": 1.1}, 1.3, 21.5)],
)
def test_running_time_stopping_and_dwell_add_up(stops, bus, saturation, dwell_s):
    lost_s = traffic_theory.stop_lost_s(bus["v"], bus["acc"], bus["dec"])
    wanted_s = stops * (FREE_S * traffic.bpr(saturation) + lost_s + dwell_s)
    assert bus_over_links_s(stops, **bus, saturation=saturation, dwell_s=dwell_s) == pytest.approx(wanted_s, rel=1e-6)


# --- theory by a second way -------------------------------------------------------------------------------


def test_an_area_fills_up_when_theory_says_so():
    """Against small steps of time."""
    inflow, free, jam, length = 12_000.0, 40.0, 4000.0, 4.0
    content, hours, step = 0.0, 0.0, 1e-5
    while content < jam:
        content += step * (inflow - content * free * (1.0 - content / jam) / length)
        hours += step
    assert traffic_theory.hours_to_jam(inflow, free, jam, length) == pytest.approx(hours, rel=1e-3)


def test_the_function_of_akcelik_queues_up_what_is_beyond_capacity():
    """A queue that grows from nothing to (x - 1) c T delays those who come by (x - 1) T / 2 in the mean."""
    assert traffic_theory.akcelik(600.0, 1.5, 0.5, 3600.0, 0.0) == pytest.approx(600.0 + 900.0)
    # At small x the delay is that of the steady state, J x / (c (1 - x)), to first order.
    small = traffic_theory.akcelik(0.0, 0.1, 0.5, 1e7, 0.4)
    assert small == pytest.approx(0.4 * 0.1 / (0.5 * 0.9), rel=1e-4)


def test_filling_starts_empty_and_ends_steady():
    area = (6000.0, 40.0, 4000.0, 4.0)
    assert traffic_theory.filling_cars(0.0, *area) == pytest.approx(0.0, abs=1e-9)
    steady = 4000.0 * (1.0 - traffic.steady_speed(*area) / 40.0)
    assert traffic_theory.filling_cars(20.0, *area) == pytest.approx(steady, rel=1e-12)
    minutes = [traffic_theory.filling_cars(time / 60.0, *area) for time in (3, 6, 15, 30)]
    assert minutes == pytest.approx([238.4132, 391.3605, 612.2101, 710.7469], abs=5e-5)

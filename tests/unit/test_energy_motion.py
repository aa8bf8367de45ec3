"""Energy by motion, worked out by hand, and fleets of several kinds."""

from __future__ import annotations

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

from sim.advisor import strategy_by_name
from sim.errors import ScenarioError
from sim.experiments.replications import run_replications
from sim.model.energy import Motion, cruising_speed_m_per_s, energy_use
from sim.model.parameters.energy import EnergyParameters

BUS = {"seats": 20, "capacity": 40, "dwell_rule": "constant", "dead_time": 30}


STARTING_S = 10.0 / 2 * (1 / 1.0 + 1 / 1.2)
"""What starting and stopping cost at 10 m/s, with 1 and 1.2 m/s2."""


def motion(distance_m=1000.0, moving_s=100.0 + STARTING_S, other_s=30.0, load=10, vehicle_type=0):
    one = np.ones(1)
    return Motion(distance_m * one, moving_s * one, other_s * one, np.array([load]), np.array([vehicle_type]))


def by_motion(moved, **keys):
    keys = {"kind": "battery", **keys}
    (kwh,), (co2_g,) = energy_use(EnergyParameters(method="motion", **keys), ("bus",), moved)
    return float(kwh), float(co2_g)


def test_one_run_by_hand():
    """At 10 m/s, 1,000 m take 100 s, and 9.17 s go with starting and stopping.

    12,500 + 10 x 68 = 13,180 kg: rolling 0.008 x 13,180 x 9.80665 x 1,000 = 1,034,013 J; drag 0.6 x 5 x 100 x 1,000
    = 300,000 J; kinetic 659,000 J; auxiliaries 6,000 x 139.17 = 835,000 J. Battery: (1,993,013 / 0.85 - 329,500 +
    835,000) / 0.9 = 3,166,900 J from the grid, which are 0.87969 kWh and at 400 g 352.5 g.
    """
    kwh, co2_g = by_motion(motion())
    assert kwh == pytest.approx(0.87969, abs=1e-5)
    assert co2_g == pytest.approx(400.0 * kwh)
    diesel, diesel_g = by_motion(motion(), kind="diesel")
    assert diesel == pytest.approx((1_993_013 + 835_000) / 0.33 / 3.6e6, abs=1e-5)
    assert diesel_g == pytest.approx(1000 * 2.69720 * diesel / 10.6366, rel=1e-4)


def test_the_speed_is_the_one_at_which_the_way_takes_its_time():
    distance_m, speed = np.array([300.0, 2000.0]), np.array([9.0, 20.0])
    moving_s = distance_m / speed + speed / 2 * (1 / 1.0 + 1 / 1.2)
    np.testing.assert_allclose(cruising_speed_m_per_s(distance_m, moving_s), speed, rtol=1e-12)
    # No time for cruising: up and down to twice the mean speed; nothing moves in no time.
    found = cruising_speed_m_per_s(np.array([100.0, 0.0, 50.0]), np.array([5.0, 20.0, 0.0]))
    np.testing.assert_allclose(found, [40.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("more", "sign"),
    [({"load": 60}, 1), ({"moving_s": 90.0}, 1), ({"other_s": 300.0}, 1), ({"distance_m": 1000.0, "load": 0}, -1)],
)
def test_load_speed_and_standing_cost_energy(more, sign):
    assert np.sign(by_motion(motion(**more))[0] - by_motion(motion())[0]) == sign


def test_a_stop_between_costs_the_kinetic_energy_that_does_not_come_back():
    """Two runs of 500 m at 10 m/s against one of 1,000 m: one more start, 659,000 J, at half recuperation."""
    one, half = by_motion(motion(other_s=0.0))[0], by_motion(motion(500.0, 50.0 + STARTING_S, 0.0))[0]
    auxiliary = 6000.0 * STARTING_S
    assert (2 * half - one) * 3.6e6 * 0.9 == pytest.approx(659_000 / 0.85 - 329_500 + auxiliary, rel=1e-9)


def fleet(energy):
    lines = [
        bus_line("D", "ABC", [120, 120], [600], vehicle="old", lengths=[1000, 1000]),
        bus_line("E", "ABC", [120, 120], [900], vehicle="new", lengths=[1000, 1000]),
    ]
    kinds = {"old": BUS, "new": BUS}
    return world(lines, [flow("A", "C", 500.0, 800.0, 9)], kinds, service={"energy": energy}, days=1)


def used(energy):
    visits = run_replications(fleet(energy), [strategy_by_name("none")])["stop_visits"]
    return {name: float(visits["energy_kwh"][visits.equals("line_id", name)].sum()) for name in "DE"}


def test_a_fleet_may_be_of_two_kinds():
    found = used({"kind": "diesel", "vehicles": {"new": {"kind": "battery"}}})
    assert found["D"] == pytest.approx(2 * EnergyParameters(kind="diesel").energy_kwh_per_km())
    assert found["E"] == pytest.approx(2 * EnergyParameters(kind="battery").energy_kwh_per_km())


def test_types_differ_in_mass_and_auxiliaries_by_motion():
    heavy = {"kind": "battery", "method": "motion", "vehicles": {"new": {"empty_mass_kg": 18_000, "auxiliary_kw": 12}}}
    found, alike = used(heavy), used({"kind": "battery", "method": "motion"})
    assert found["E"] > 1.3 * alike["E"]
    assert found["D"] == alike["D"]


def test_standing_is_counted_at_the_last_stop_too():
    """Three stops of 30 s each: 90 s of auxiliaries beside those on the way."""
    still = used({"kind": "battery", "method": "motion", "rolling_resistance": 0, "drag_area": 0, "empty_mass_kg": 1e-9,
                  "person_mass_kg": 0})  # fmt: skip
    assert still["D"] == pytest.approx(6.0 * (240 + 90) / 3600 / 0.9, rel=1e-6)


def test_types_that_are_not_there_and_types_without_a_kind_are_refused():
    with pytest.raises(ScenarioError, match="unknown vehicle type 'bus'"):
        fleet({"kind": "diesel", "vehicles": {"bus": {"kind": "battery"}}})
    with pytest.raises(ScenarioError, match="is none for old"):
        fleet({"vehicles": {"new": {"kind": "battery"}}})

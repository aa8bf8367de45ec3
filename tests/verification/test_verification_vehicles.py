"""One vehicle with known riders: what crowding feels like, and what it emits."""

import numpy as np
import pytest
from support.simulated import tables_of

from sim.verification.families.crowding_multiplier import PER_M2, STANDING, crowded_vehicle
from sim.verification.scenarios import LINE, flow, line, scenario, stop_names

KM_PER_MILE = 1.609344
BATTERY_BUS = {"kind": "battery", "battery_kwh_per_km": round(2.15 / KM_PER_MILE, 6), "charging_efficiency": 0.9}
"""NREL, Foothill Transit: 2.15 kWh per mile."""

DIESEL_BUS = {"kind": "diesel", "diesel_l_per_100km": 40.0}
DIESEL_KG_PER_KM = 0.4 * 10.21 / 3.785411784
"""US EPA: 10.21 kg of CO2 per US gallon of diesel."""


@pytest.mark.parametrize(("riders", "seats", "area_m2"), [(70, 40, 12.0), (55, 20, 8.0)])
def test_the_mean_multiplier_of_riders(riders, seats, area_m2):
    """Hoercher, Graham and Anderson 2017: 1.411071 for 70 riders, 40 seats and 12 m2."""
    journeys = tables_of(crowded_vehicle(riders, seats, area_m2))["journeys"]
    felt = np.mean(journeys["generalized_cost_min"] * 60.0 / journeys["in_vehicle_s"])
    standees = riders - seats
    wanted = 1.0 + PER_M2 * standees / area_m2 + standees / riders * STANDING
    assert felt == pytest.approx(wanted, rel=1e-6)
    assert riders != 70 or felt == pytest.approx(1.411071, abs=5e-7)


def emitted(energy, riders=1):
    """Return kg of CO2 per km and g per passenger-kilometre of a bus that runs 10 km with all its riders."""
    parameters = scenario(
        "verify-energy-factors",
        [line(LINE, stop_names(1), [1800.0], departures=[3600.0], lengths=[10_000.0])],
        [flow("s0", "s1", 3000.0, 3600.0, commuters=riders, placement="even")],
        {"bus": {"seats": riders, "capacity": riders, "dwell_rule": "constant", "dead_time": 0.0}},
        {"energy": energy},
    )
    visits = tables_of(parameters)["stop_visits"]
    ridden_km = (visits["departing_load"] * visits["distance_m"]).sum() / 1000.0
    return visits["co2_g"].sum() / visits["distance_m"].sum(), visits["co2_g"].sum() / ridden_km


@pytest.mark.parametrize(("riders", "printed_g"), [(1, 1078.879), (20, 53.94), (40, 26.97)])
def test_a_diesel_bus(riders, printed_g):
    per_km, per_rider_km = emitted(DIESEL_BUS, riders)
    assert per_km == pytest.approx(DIESEL_KG_PER_KM, rel=1e-6)
    assert per_rider_km == pytest.approx(1000.0 * DIESEL_KG_PER_KM / riders, rel=1e-6)
    assert per_rider_km == pytest.approx(printed_g, abs=5e-3)


@pytest.mark.parametrize(("grid", "printed"), [(0.05, 0.0742), (0.2, 0.2969), (0.4, 0.5938), (0.7, 1.0391)])
def test_a_battery_bus(grid, printed):
    per_km, _ = emitted({**BATTERY_BUS, "grid_co2_kg_per_kwh": grid})
    assert per_km == pytest.approx(BATTERY_BUS["battery_kwh_per_km"] / 0.9 * grid, rel=1e-6)
    assert per_km == pytest.approx(printed, abs=5e-5)


def test_the_grid_at_which_both_are_even():
    """Carbon dioxide of a battery bus is in proportion to the grid factor, with which it runs at 0.4 here."""
    battery, _ = emitted({**BATTERY_BUS, "grid_co2_kg_per_kwh": 0.4})
    assert 0.4 * emitted(DIESEL_BUS)[0] / battery == pytest.approx(0.7268, abs=5e-5)

"""Energy of vehicles from how they move, and what it emits.

From stop to stop a vehicle of mass m, passengers included, does work against rolling resistance, m g c d, and
drag, rho / 2 A v^2 d, and gains the kinetic energy m v^2 / 2 once, of which it gives back a share when it brakes
(longitudinal dynamics, e.g. Guzzella and Sciarretta 2013, Vehicle Propulsion Systems, chapter 2). Auxiliaries take
a power all the time, at stops too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters.energy import EnergyParameters
from sim.model.parameters.energy_factors import (
    ACCELERATION_M_S2,
    AIR_KG_PER_M3,
    DECELERATION_M_S2,
    GRAVITY_M_S2,
    JOULES_PER_KWH,
)


@dataclass(frozen=True)
class Motion:
    """How vehicles moved, one row for a visit and the way to the next stop; arrays of shape (visits,).

    Attributes
    ----------
    distance_m : ndarray of float
        0 where the vehicle goes no farther.
    moving_s : ndarray of float
        Time for that way, without waiting for a berth at its end.
    other_s : ndarray of float
        At the stop, and waiting.
    load : ndarray of int
        Persons on board on the way.
    vehicle_type : ndarray of int
        Row of the vehicle type.
    """

    distance_m: FloatArray
    moving_s: FloatArray
    other_s: FloatArray
    load: IntArray
    vehicle_type: IntArray


def energy_use(energy: EnergyParameters, names: tuple[str, ...], motion: Motion) -> tuple[FloatArray, FloatArray]:
    """Return the energy from tank or grid in kWh and the CO2 in grams of each row; NaN where none is worked out.

    Parameters
    ----------
    energy : EnergyParameters
    names : tuple of str
        Vehicle types by row.
    motion : Motion
    """
    kwh, co2_g = np.full((2, len(motion.distance_m)), np.nan)
    for row, name in enumerate(names):
        own, mine = energy.of_type(name), motion.vehicle_type == row
        if energy.method == "distance":
            way_km = motion.distance_m[mine] / 1000.0
            kwh[mine], co2_g[mine] = way_km * own.energy_kwh_per_km(), way_km * own.co2_g_per_km()
        elif own.kind != "none":
            kwh[mine] = _motion_kwh(own, motion)[mine]
            co2_g[mine] = kwh[mine] * own.co2_g_per_kwh()
    return kwh, co2_g


def cruising_speed_m_per_s(distance_m: FloatArray, moving_s: FloatArray) -> FloatArray:
    """Return the speed v at which the way takes its time: d / v + v k = T with k = (1 / a + 1 / b) / 2.

    Where the time is too short for the acceleration a and the deceleration b, speed rises and falls evenly, to 2 d / T.

    Parameters
    ----------
    distance_m, moving_s : ndarray of float, shape (rows,)
        Where either is 0 nothing moves.
    """
    k = (1.0 / ACCELERATION_M_S2 + 1.0 / DECELERATION_M_S2) / 2.0
    left = np.sqrt(np.maximum(moving_s**2 - 4.0 * k * distance_m, 0.0))
    highest = np.divide(2.0 * distance_m, moving_s, out=np.zeros_like(distance_m), where=moving_s > 0)
    # The smaller root, in the form that does not cancel: 2 d / (T + sqrt(T^2 - 4 k d)).
    steady = np.divide(2.0 * distance_m, moving_s + left, out=np.zeros_like(distance_m), where=moving_s > 0)
    return np.where(left > 0, steady, highest)


def _motion_kwh(own: EnergyParameters, motion: Motion) -> FloatArray:
    mass_kg = own.empty_mass_kg + own.person_mass_kg * motion.load
    speed = cruising_speed_m_per_s(motion.distance_m, motion.moving_s)
    rolling = own.rolling_resistance * mass_kg * GRAVITY_M_S2 * motion.distance_m
    drag = AIR_KG_PER_M3 / 2.0 * own.drag_area_m2 * speed**2 * motion.distance_m
    kinetic = mass_kg * speed**2 / 2.0
    auxiliary = 1000.0 * own.auxiliary_kw * (motion.moving_s + motion.other_s)
    if own.kind == "battery":
        joules = (rolling + drag + kinetic) / own.work_efficiency() - own.returned_share() * kinetic + auxiliary
        joules = joules / own.charging_efficiency
    else:
        # An engine makes the auxiliaries' power out of fuel, no better than that at the wheels.
        joules = (rolling + drag + kinetic + auxiliary) / own.work_efficiency() - own.returned_share() * kinetic
    result: FloatArray = joules / JOULES_PER_KWH
    return result

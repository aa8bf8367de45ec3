"""How long a vehicle stands to let people out and in."""

from __future__ import annotations

from collections.abc import Callable

from sim.model.service import VehicleType
from sim.units import quantize_one

DwellRule = Callable[[int, int, bool], float]
"""(boardings, alightings, somebody stands) -> dwell in seconds, on the clock's tick."""


def dwell_rule(kind: VehicleType) -> DwellRule:
    """Return the dwell rule of a vehicle type.

    The rules are those of the Transit Capacity and Quality of Service Manual (TCRP Report
    165): dead time plus passenger service time, the latter being the sum of boarding and
    alighting where they share doors, and the longer of both where they do not.

    Parameters
    ----------
    kind : VehicleType
    """
    dead = quantize_one(kind.dead_time_s)
    if kind.dwell_rule == "constant":
        return lambda _boardings, _alightings, _standing: dead
    boarding = quantize_one(kind.boarding_s / kind.boarding_channels)
    hindered = quantize_one((kind.boarding_s + kind.standee_friction_s) / kind.boarding_channels)
    alighting = alighting_step_s(kind)
    if kind.dwell_rule == "sum":
        return lambda boardings, alightings, standing: (
            dead + boardings * (hindered if standing else boarding) + alightings * alighting
        )
    return lambda boardings, alightings, standing: (
        dead + max(boardings * (hindered if standing else boarding), alightings * alighting)
    )


def no_dwell(boardings: int, alightings: int, standing: bool) -> float:
    """Return 0: the rule of a scenario that sets every dwell to 0."""
    del boardings, alightings, standing
    return 0.0


def alighting_step_s(kind: VehicleType) -> float:
    """Return the time in seconds between two persons getting out; 0 under a constant dwell."""
    if kind.dwell_rule == "constant":
        return 0.0
    return quantize_one(kind.alighting_s / kind.alighting_channels)

"""How long a vehicle stands to let people out and in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sim.model.service import VehicleType
from sim.units import quantize_one

DUEKER = (5.136, 3.481, -0.040, 1.701, -0.031)
"""Seconds: base, per boarding, per boarding squared, per alighting, per alighting squared.

Dueker, Kimpel, Strathman and Callas 2004, Journal of Public Transportation 7(1):21-40, base
terms; the coefficients are unverified."""

_DUEKER_STEP_S: Final = quantize_one(DUEKER[3] / 2)
"""Mean time per alighting up to the vertex of the regression, so that people are out in time up to there."""

DwellRule = Callable[[int, int, bool], float]
"""(boardings, alightings, somebody stands) -> dwell in seconds, on the clock's tick."""


def dwell_rule(kind: VehicleType) -> DwellRule:
    """Return the dwell rule of a vehicle type.

    The rules are those of the Transit Capacity and Quality of Service Manual (TCRP Report
    165): dead time plus passenger service time, the latter being the sum of boarding and
    alighting where they share doors, and the longer of both where they do not. Two others:
    the regression of Dueker et al. 2004, and the dead time alone where the rest of the dwell
    hangs on the headway (`fluid_dwell_s`).

    Parameters
    ----------
    kind : VehicleType
    """
    if kind.dwell_rule == "dueker":
        return _dueker_s
    dead = kind.dead_time_s
    if kind.dwell_rule in ("constant", "headway"):
        constant = quantize_one(dead)
        return lambda _boardings, _alightings, _standing: constant
    boarding = kind.boarding_s / kind.boarding_channels
    hindered = (kind.boarding_s + kind.standee_friction_s) / kind.boarding_channels
    alighting = kind.alighting_s / kind.alighting_channels
    # Rounded once for all passengers; whoever gets out step by step is out before the doors close.
    step = alighting_step_s(kind)
    if kind.dwell_rule == "sum":
        return lambda boardings, alightings, standing: max(
            quantize_one(dead + boardings * (hindered if standing else boarding) + alightings * alighting),
            alightings * step,
        )
    return lambda boardings, alightings, standing: max(
        quantize_one(dead + max(boardings * (hindered if standing else boarding), alightings * alighting)),
        alightings * step,
    )


def no_dwell(boardings: int, alightings: int, standing: bool) -> float:
    """Return 0: the rule of a scenario that sets every dwell to 0."""
    del boardings, alightings, standing
    return 0.0


def fluid_dwell_s(kind: VehicleType, headway_s: float, of_departures: bool) -> float:
    """Return the dwell in seconds of a vehicle that loads a fluid of passengers.

    Under Newell and Potts 1964 the dwell is a share k of a headway. Where that is the headway
    of departures, the dwell is part of it: dwell = dead + k (headway + dwell).

    Parameters
    ----------
    kind : VehicleType
        With k as `dwell_per_headway`.
    headway_s : float
        From the vehicle in front, its departure or its arrival, to the arrival of this one.
    of_departures : bool
        Which of both.
    """
    share = kind.dwell_per_headway
    dwell_s = kind.dead_time_s + share * max(headway_s, 0.0)
    return quantize_one(dwell_s / (1.0 - share) if of_departures else dwell_s)


def _dueker_s(boardings: int, alightings: int, standing: bool) -> float:
    """Return base + a on + b on^2 + c off + d off^2 in seconds, without the fall beyond the vertex.

    Where more get out than the regression has time for, until the last one is out.
    """
    del standing
    base, on, on_squared, off, off_squared = DUEKER
    on_count = min(boardings, -on / (2 * on_squared))
    off_count = min(alightings, -off / (2 * off_squared))
    regression = base + on * on_count + on_squared * on_count**2 + off * off_count + off_squared * off_count**2
    return max(quantize_one(regression), alightings * _DUEKER_STEP_S)


def alighting_step_s(kind: VehicleType) -> float:
    """Return the time in seconds between two persons getting out; 0 under a constant or fluid dwell."""
    if kind.dwell_rule in ("constant", "headway"):
        return 0.0
    if kind.dwell_rule == "dueker":
        return _DUEKER_STEP_S
    return quantize_one(kind.alighting_s / kind.alighting_channels)

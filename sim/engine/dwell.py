"""How long a vehicle stands to let people out and in."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.engine.rules import DwellKind, VehicleTypes
from sim.units import quantize_one

DUEKER = (5.136, 3.481, -0.040, 1.701, -0.031)
"""Seconds: base, per boarding, per boarding squared, per alighting, per alighting squared.

Dueker, Kimpel, Strathman and Callas 2004, Journal of Public Transportation 7(1):21-40, base
terms; the coefficients are unverified."""

DUEKER_STEP_S: Final = quantize_one(DUEKER[3] / 2)
"""Mean time per alighting up to the vertex of the regression, so that people are out in time up to there."""

LateRule = Callable[[int, int, int], float]
"""(boardings before, boardings after that, those of them past people who stood) -> seconds they take, on the tick."""

DwellRule = Callable[[int, int, int], float]
"""(boardings, those of them past people who stood, alightings) -> dwell in seconds, on the clock's tick."""


def dwell_rule(types: VehicleTypes, row: int) -> DwellRule:
    """Return the dwell rule of a vehicle type.

    The rules are those of the Transit Capacity and Quality of Service Manual (TCRP Report
    165): dead time plus passenger service time, the latter being the sum of boarding and
    alighting where they share doors, and the longer of both where they do not. Two others:
    the regression of Dueker et al. 2004, and the dead time alone where the rest of the dwell
    depends on the headway (`fluid_dwell_s`).

    Parameters
    ----------
    types : VehicleTypes
    row : int
        Row of the vehicle type.
    """
    kind = types.dwell_rule[row]
    if kind == DwellKind.DUEKER:
        return _dueker_s
    dead_s = float(types.dead_s[row])
    if kind in (DwellKind.CONSTANT, DwellKind.HEADWAY):
        constant_s = quantize_one(dead_s)
        return lambda _boardings, _hindered, _alightings: constant_s
    usual_s, hindered_s = float(types.boarding_s[row]), float(types.hindered_boarding_s[row])
    alighting_s, step_s = float(types.alighting_s[row]), float(types.alighting_step_s[row])

    # The sum is rounded once for all passengers, each alighting by itself; so that all are out before the doors
    # close, the dwell is never shorter than their steps (test_engine_dwell.py).
    def by_passengers(boardings: int, hindered: int, alightings: int) -> float:
        in_s, out_s = (boardings - hindered) * usual_s + hindered * hindered_s, alightings * alighting_s
        service_s = dead_s + in_s + out_s if kind == DwellKind.SUM else dead_s + max(in_s, out_s)
        return max(quantize_one(service_s), alightings * step_s)

    return lru_cache(maxsize=None)(by_passengers)


def dwells_s(
    types: VehicleTypes, kind: IntArray, load: IntArray, boardings: IntArray, alightings: IntArray
) -> FloatArray:
    """Return how long vehicles stand for those who get in and out, in seconds, shape (visits,).

    Where people come while a vehicle stands it is as if all had been there when it came.

    Parameters
    ----------
    types : VehicleTypes
    kind : ndarray of int, shape (visits,)
        Row of the vehicle type.
    load : ndarray of int, shape (visits,)
        Persons on board when it leaves.
    boardings, alightings : ndarray of int, shape (visits,)
    """
    rules, seats = [dwell_rule(types, row) for row in range(len(types.seats))], types.seats.tolist()
    # Most visits are like some other one: a rule is asked once for all that are alike.
    alike, of_visit = np.unique(np.stack([kind, load, boardings, alightings]), axis=1, return_inverse=True)
    found = [
        rules[row](count, hindered_boardings(on_board, count, seats[row]), out)
        for row, on_board, count, out in alike.T.tolist()
    ]
    return np.array(found, dtype=np.float64)[of_visit.reshape(-1)]


def late_rule(types: VehicleTypes, row: int) -> LateRule:
    """Return how long people take of a vehicle type who come when all others are out and in.

    Nobody waits for the doors or for somebody getting out any more, so that each one takes the time for boarding alone;
    under the regression of Dueker et al. 2004 what one more boarding adds. Where the dwell does not depend on how many
    board, they take no time.

    Parameters
    ----------
    types : VehicleTypes
    row : int
        Row of the vehicle type.
    """
    kind = types.dwell_rule[row]
    if kind in (DwellKind.CONSTANT, DwellKind.HEADWAY):
        return lambda _before, _boardings, _hindered: 0.0
    if kind == DwellKind.DUEKER:
        return lambda before, boardings, _hindered: quantize_one(
            _dueker_boarding_s(before + boardings) - _dueker_boarding_s(before)
        )
    usual_s, hindered_s = float(types.boarding_s[row]), float(types.hindered_boarding_s[row])
    return lambda _before, boardings, hindered: quantize_one((boardings - hindered) * usual_s + hindered * hindered_s)


def hindered_boardings(load: int, boardings: int, seats: int) -> int:
    """Count those of the boardings at a stop before whom somebody already stood.

    The n-th who boards finds n - 1 more on board than there were after alighting, and of those as many stand as there
    are more than seats. So nobody is slowed down by standing themselves (test_engine_dwell.py).

    Parameters
    ----------
    load : int
        Persons on board, those who have boarded among them.
    boardings : int
        Boardings at the stop so far.
    seats : int
    """
    return max(min(boardings, load - 1 - seats), 0)


def fluid_dwell_s(dead_s: float, share: float, headway_s: float, of_departures: bool) -> float:
    """Return the dwell in seconds of a vehicle that loads a fluid of passengers.

    Under Newell and Potts 1964 the dwell is a share k of a headway. Where that is the headway
    of departures, the dwell is part of it: dwell = dead + k (headway + dwell).

    Parameters
    ----------
    dead_s, share : float
        Dead time in seconds, and k.
    headway_s : float
        From the vehicle in front, its departure or its arrival, to the arrival of this one.
    of_departures : bool
        Which of both.
    """
    dwell_s = dead_s + share * max(headway_s, 0.0)
    return quantize_one(dwell_s / (1.0 - share) if of_departures else dwell_s)


def _dueker_s(boardings: int, hindered: int, alightings: int) -> float:
    """Return base + a on + b on^2 + c off + d off^2 in seconds, without the fall beyond the vertex.

    Where more get out than the regression has time for, until the last one is out.
    """
    del hindered
    off, off_squared = DUEKER[3:]
    off_count = min(alightings, -off / (2 * off_squared))
    regression = _dueker_boarding_s(boardings) + off * off_count + off_squared * (off_count * off_count)
    return max(quantize_one(regression), alightings * DUEKER_STEP_S)


def _dueker_boarding_s(boardings: int) -> float:
    base, on, on_squared = DUEKER[:3]
    on_count = min(boardings, -on / (2 * on_squared))
    return base + on * on_count + on_squared * (on_count * on_count)

"""Journeys back on the same day: the commuters who make one, and when by habit."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import ReturnLegs
from sim.model.parameters import ReturnLegParameters
from sim.randomness import Purpose, Streams, UInt64Array, entity_keys
from sim.units import quantize


def who_goes_back(
    parameters: ReturnLegParameters, streams: Streams, key: UInt64Array, departure_s: FloatArray
) -> IntArray:
    """Draw the commuters who go back, as rows.

    Parameters
    ----------
    parameters : ReturnLegParameters
    streams : Streams
    key : ndarray of uint64, shape (commuters,)
    departure_s : ndarray of float, shape (commuters,)
        Habitual departures, seconds after midnight.
    """
    goes = streams.uniform(Purpose.RETURN, key) < parameters.share
    return np.flatnonzero(goes & (departure_s < parameters.outward_before_s))


def return_legs(
    parameters: ReturnLegParameters,
    streams: Streams,
    there: IntArray,
    key: UInt64Array,
    preferred_arrival_s: FloatArray,
) -> ReturnLegs:
    """Link journeys back with the journeys there; they come after all journeys there.

    Parameters
    ----------
    parameters : ReturnLegParameters
    streams : Streams
    there : ndarray of int, shape (journeys back,)
        Rows of the journeys there.
    key : ndarray of uint64, shape (journeys there,)
    preferred_arrival_s : ndarray of float, shape (journeys there,)
    """
    before = ReturnLegs.none(len(key))
    spread_s = parameters.stay_spread_s * (2.0 * streams.uniform(Purpose.STAY, key[there]) - 1.0)
    begins_s = preferred_arrival_s[there]
    if parameters.stay_begins == "arrival":
        begins_s = np.full(len(there), -np.inf)
    return ReturnLegs(
        outward=np.concatenate([before.outward, there]),
        stay_s=np.concatenate([before.stay_s, quantize(parameters.stay_s + spread_s)]),
        not_before_s=np.concatenate([before.not_before_s, begins_s]),
    )


def return_keys(key: UInt64Array) -> UInt64Array:
    """Return the keys of journeys back for random numbers, from those of the journeys there."""
    return entity_keys(key.view(np.int64), np.ones(len(key), dtype=np.int64))

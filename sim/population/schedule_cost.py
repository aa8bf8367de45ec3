"""What it costs to arrive earlier or later than one wishes."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import PreferenceParameters


def schedule_cost_min(
    preferences: PreferenceParameters,
    arrival_s: FloatArray,
    preferred_arrival_s: FloatArray,
    early_factor: FloatArray | float = 1.0,
    late_factor: FloatArray | float = 1.0,
) -> FloatArray:
    """Return the cost of arriving early or late, in equivalent minutes (Small 1982).

    Parameters
    ----------
    preferences : PreferenceParameters
    arrival_s, preferred_arrival_s : ndarray of float
        Seconds after midnight; shapes that broadcast.
    early_factor, late_factor : ndarray of float or float
        Multiples of the penalties, of the commuters' classes.
    """
    # In place: this runs over every candidate of every commuter, and new arrays would cost more than the sums.
    late = np.asarray(arrival_s - preferred_arrival_s, dtype=np.float64)
    cost: FloatArray = np.asarray(np.maximum(-late, 0.0))
    np.maximum(late, 0.0, out=late)
    cost *= preferences.early_penalty
    cost *= early_factor
    fixed = np.multiply(late > 0, preferences.late_fixed_penalty_s) if preferences.late_fixed_penalty_s else 0.0
    late *= preferences.late_penalty
    late += fixed
    late *= late_factor
    cost += late
    cost /= 60.0
    return cost

"""Tell codes apart."""

from __future__ import annotations

import numpy as np

from sim.arrays import IntArray

DENSE = 32
"""Codes are looked up in a table as long as it has no more entries than this for each of them (assumed)."""


def distinct_codes(codes: IntArray) -> tuple[IntArray, IntArray]:
    """Return the distinct codes, rising, and the place of each among them.

    Parameters
    ----------
    codes : ndarray of int
        Not negative.
    """
    size = int(codes.max(initial=-1)) + 1
    if size > DENSE * len(codes):
        found, place = np.unique(codes, return_inverse=True)
        return found, place.reshape(-1)
    # A table is faster than sorting while codes are dense.
    used = np.zeros(size, dtype=np.bool_)
    used[codes] = True
    return np.flatnonzero(used), (np.cumsum(used) - 1)[codes]

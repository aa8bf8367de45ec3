"""Types of arrays, by what they hold."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """Return an array of one's own as one that many may read and nobody may write to."""
    array.flags.writeable = False
    return array


def arrays_read_only(*holders: Any) -> None:
    """Let nobody write to arrays, nor to those that dataclasses hold as their fields.

    Parameters
    ----------
    *holders : ndarray, dataclass or None
    """
    for holder in holders:
        held = (getattr(holder, item.name) for item in fields(holder)) if is_dataclass(holder) else (holder,)
        for array in held:
            if isinstance(array, np.ndarray):
                array.flags.writeable = False


def members_of_ranges(low: IntArray, high: IntArray) -> tuple[IntArray, IntArray]:
    """List the whole numbers from low to before high, range after range: the row of the range, and the number."""
    size = high - low
    owner = np.repeat(np.arange(len(size)), size)
    return owner, low[owner] + np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)

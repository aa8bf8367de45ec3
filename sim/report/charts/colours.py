"""Colours that run from low to high."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import FloatArray, IntArray

LEVELS: Final = 33
"""How many colours a scale has, one of them in the middle; more are not told apart."""

_LOAD: Final = ((0.0, "#d3e6f0ff"), (0.4, "#83bcd6ff"), (0.65, "#ebb44fff"), (0.85, "#e06c2cff"), (1.0, "#a30f3dff"))
"""From an empty to a full vehicle; each end keeps its contrast on a white and on a dark page."""

_CHANGE: Final = ((0.0, "#1f78c8ff"), (0.48, "#1f78c826"), (0.5, "#88888800"), (0.52, "#d6452c26"), (1.0, "#d6452cff"))
"""From fewer to more; what does not change takes the colour of the page."""


@dataclass(frozen=True)
class ColourScale:
    """Colours from a low to a high value.

    Attributes
    ----------
    label : str
        What the values are.
    low, high : float
    stops : tuple of (float, str)
        Colours with opacity, as ``#rrggbbaa``, at places from 0 to 1.
    """

    label: str
    low: float
    high: float
    stops: tuple[tuple[float, str], ...]

    def palette(self) -> IntArray:
        """Return the colours of all levels, shape (LEVELS, 4): red, green, blue and opacity from 0 to 255."""
        places = [place for place, _ in self.stops]
        parts = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5, 7)] for _, colour in self.stops])
        wanted = (np.arange(LEVELS) + 0.5) / LEVELS
        mixed = np.stack([np.interp(wanted, places, parts[:, part]) for part in range(4)], axis=1)
        return np.rint(mixed).astype(np.int64)

    def levels(self, values: FloatArray) -> IntArray:
        """Return the level of each value; LEVELS for NaN, which has no colour."""
        share = (values - self.low) / max(self.high - self.low, 1e-12)
        level = np.clip(np.nan_to_num(share) * LEVELS, 0, LEVELS - 1).astype(np.int64)
        return np.where(np.isfinite(values), level, LEVELS)


def load_scale(highest: float) -> ColourScale:
    """Return the scale of load factors in per cent; at least up to 100, so that colours mean the same everywhere."""
    return ColourScale("Load factor (%)", 0.0, max(100.0, highest), _LOAD)


def change_scale(label: str, reach: float) -> ColourScale:
    """Return a scale of changes from -reach to reach."""
    return ColourScale(label, -reach, reach, _CHANGE)

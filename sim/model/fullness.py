"""How full a vehicle is, in the words of GTFS-Realtime."""

from __future__ import annotations

import math
from typing import Final

OCCUPANCY: Final = (
    (0.05, "EMPTY"),
    (0.30, "MANY_SEATS_AVAILABLE"),
    (0.50, "FEW_SEATS_AVAILABLE"),
    (0.80, "STANDING_ROOM_ONLY"),
    (0.98, "CRUSHED_STANDING_ROOM_ONLY"),
    (math.inf, "FULL"),
)
"""GTFS-Realtime OccupancyStatus by load factor; the standard gives words, the limits are assumed."""


ROUNDING: Final = 1e-9
"""Load factors this near below a limit are at it: a mean of ten days that are all at 0.3 is not."""


def occupancy_word(load_factor: float) -> str:
    """Return the GTFS-Realtime occupancy word for a load factor."""
    return next(word for limit, word in OCCUPANCY if load_factor + ROUNDING < limit)

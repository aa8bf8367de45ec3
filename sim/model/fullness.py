"""How full a vehicle is, in the words of GTFS-Realtime.

The standard speaks of seats while seats are free, and of standing room once all are taken; how many are many it leaves
to those who publish. The limits here are assumed.
"""

from __future__ import annotations

import math
from typing import Final

EMPTY_SHARE: Final = 0.05
"""Share of all places below which a vehicle is called empty; assumed."""

MANY_SEATS_SHARE: Final = 0.60
"""Share of seats taken below which many are free; assumed."""

CRUSHED_SHARE: Final = 0.60
"""Share of standing places taken from which those who stand are crushed; assumed."""

FULL_SHARE: Final = 0.98
"""Share of all places from which a vehicle is full; assumed."""

USUAL_SEATS_SHARE: Final = 0.5
"""Seats over places where the vehicle is not known; assumed."""

ROUNDING: Final = 1e-9
"""Load factors this near below a limit are at it: a mean of ten days that are all at 0.3 is not."""


def occupancy_limits(seats_share: float = USUAL_SEATS_SHARE) -> tuple[tuple[float, str], ...]:
    """Return the load factors below which words of GTFS-Realtime hold, in their order.

    Words that a vehicle has no room for end where the word before does: where all places are seats, nobody stands.

    Parameters
    ----------
    seats_share : float
        Seats of the vehicle over its places, standing ones included.
    """
    crushed = seats_share + CRUSHED_SHARE * (1.0 - seats_share)
    limits = (
        (EMPTY_SHARE, "EMPTY"),
        (MANY_SEATS_SHARE * seats_share, "MANY_SEATS_AVAILABLE"),
        (seats_share, "FEW_SEATS_AVAILABLE"),
        (crushed, "STANDING_ROOM_ONLY"),
        (FULL_SHARE, "CRUSHED_STANDING_ROOM_ONLY"),
    )
    between = tuple((min(max(limit, EMPTY_SHARE), FULL_SHARE), word) for limit, word in limits)
    return (*between, (math.inf, "FULL"))


def occupancy_word(load_factor: float, seats_share: float = USUAL_SEATS_SHARE) -> str:
    """Return the GTFS-Realtime occupancy word for a load factor.

    Parameters
    ----------
    load_factor : float
        Persons on board over places.
    seats_share : float
        Seats of the vehicle over its places, standing ones included.
    """
    return next(word for limit, word in occupancy_limits(seats_share) if load_factor + ROUNDING < limit)


def load_factor_of(word: str, seats_share: float) -> float | None:
    """Return the load factor that a word of GTFS-Realtime stands for; None where it tells none.

    It is the middle of what the word is used for here.

    Parameters
    ----------
    word : str
    seats_share : float
        Seats of the vehicle over its places, standing ones included.
    """
    if word in ("EMPTY", "FULL", "NOT_ACCEPTING_PASSENGERS"):
        return 0.0 if word == "EMPTY" else 1.0
    low = 0.0
    for limit, name in occupancy_limits(seats_share):
        if name == word:
            return (low + limit) / 2.0
        low = limit
    return None

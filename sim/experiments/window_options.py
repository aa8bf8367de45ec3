"""A departure window as a commuter is told of it, with words for how full vehicles are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

OCCUPANCY = (
    (0.05, "EMPTY"),
    (0.30, "MANY_SEATS_AVAILABLE"),
    (0.50, "FEW_SEATS_AVAILABLE"),
    (0.80, "STANDING_ROOM_ONLY"),
    (0.98, "CRUSHED_STANDING_ROOM_ONLY"),
    (np.inf, "FULL"),
)
"""GTFS-Realtime OccupancyStatus by load factor; the standard gives words, the limits are assumed."""


@dataclass(frozen=True)
class WindowOption:
    """One departure window for a commuter, with what may be expected of it.

    Attributes
    ----------
    window_start_s, window_end_s : float
        The window, seconds after midnight; the end is not part of it.
    door_to_door_min, door_to_door_sd_min : float
        Expected journey time and its standard deviation among riders who leave at any time of the window, on any of the
        days and replications observed.
    wait_min : float
    load_factor : float
        Highest expected load factor on the way.
    occupancy : str
        The same as a GTFS-Realtime word.
    denied_share : float
        Chance of being left behind at least once.
    lost_share : float
        Chance that no vehicle takes one any more.
    on_time_share : float
        Chance to arrive no later than preferred, over observed days and times of leaving in the window.
    generalized_cost_min : float
        Equivalent minutes of uncrowded time on board, schedule delay included.
    reason : str
        One sentence.
    """

    window_start_s: float
    window_end_s: float
    door_to_door_min: float
    door_to_door_sd_min: float
    wait_min: float
    load_factor: float
    occupancy: str
    denied_share: float
    lost_share: float
    on_time_share: float
    generalized_cost_min: float
    reason: str

    def as_dict(self) -> dict[str, Any]:
        """Return the option as plain values, for JSON."""
        return asdict(self)


def occupancy_word(load_factor: float) -> str:
    """Return the GTFS-Realtime occupancy word for a load factor."""
    return next(word for limit, word in OCCUPANCY if load_factor < limit)

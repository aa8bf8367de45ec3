"""A departure window as a commuter is told of it, with words for how full vehicles are."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class WindowOption:
    """One departure window for a commuter, with what may be expected of it.

    All but `generalized_cost_min` and `wait_min` is what one more rider would have met who left at any time of the
    window on any of the days observed: followed vehicle by vehicle, not read off means. Where vehicles are changed, so
    are the waits and arrivals in these two. Of the window in which one usually leaves, where one has said when,
    everything but `others_cost_min` is of leaving at that moment.

    Attributes
    ----------
    window_start_s, window_end_s : float
        The window, seconds after midnight; the end is not part of it.
    line, board_stop : str
        Line and stop (ids) to board first: those of most of these riders; empty where they walk all the way.
    vehicle_due_s : float
        When the vehicle to aim for is due at that stop, seconds after midnight; NaN where they walk.
    vehicle_share : float
        Chance that it is this vehicle that takes one, whenever in the window one leaves.
    door_to_door_min, door_to_door_sd_min : float
        Expected journey time and its standard deviation.
    door_to_door_half_width_min : float
        Half-width of the 95 % interval of the expected journey time over days; NaN where one day was observed.
    days_observed : int
    wait_min : float
    load_factor : float
        Load factor at the fullest part of the way, of those who get there; 1 where nobody does.
    fullest_stop : str
        Stop (id) after which it is that full most often; empty where nobody rides.
    occupancy : str
        The same as a GTFS-Realtime word, by the seats of the vehicles: seats are free until all are taken.
    seat_share : float
        Chance to get there in a seat, wherever one boards and for the whole way.
    first_vehicle_share : float
        Chance that the first vehicle that comes takes one, at every stop.
    denied_share : float
        Chance of being left behind at least once.
    lost_share : float
        Chance that no vehicle takes one any more.
    on_time_share : float
        Chance to arrive no later than preferred; NaN where no arrival was asked for.
    fare : float or None
        What is paid, in the currency of the scenario, less what a discount lets off; None where it has no fares.
    generalized_cost_min : float
        Equivalent minutes of uncrowded time on board, schedule delay included.
    others_cost_min : float
        What one more rider costs all others by crowding, by queues and by making vehicles stand longer, in the same
        minutes.
    reason : str
        One sentence.
    """

    window_start_s: float
    window_end_s: float
    line: str
    board_stop: str
    vehicle_due_s: float
    vehicle_share: float
    door_to_door_min: float
    door_to_door_sd_min: float
    door_to_door_half_width_min: float
    days_observed: int
    wait_min: float
    load_factor: float
    fullest_stop: str
    occupancy: str
    seat_share: float
    first_vehicle_share: float
    denied_share: float
    lost_share: float
    on_time_share: float
    fare: float | None
    generalized_cost_min: float
    others_cost_min: float
    reason: str

    @property
    def mostly_late(self) -> bool:
        """Whether it is late on most days: such a window is never the best one."""
        return self.on_time_share < MOST_DAYS_SHARE

    def as_dict(self) -> dict[str, Any]:
        """Return the option as plain values, for JSON."""
        return asdict(self)


MOST_DAYS_SHARE = 0.5
"""A window from which one arrives in time in less than this share of cases is late on most days."""

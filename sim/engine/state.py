"""The state of one simulated day: plain lists, since single items are read and written most."""

from __future__ import annotations

from dataclasses import dataclass, field

NAN = float("nan")


@dataclass(slots=True)
class DayState:
    """What has happened so far; columns as in `sim.records.day.DayRecords`.

    Attributes
    ----------
    ride_leg, ride_queue : list of int
        Leg and queue of each ride.
    ride_walk_s : list of float
        Walk before each ride in seconds.
    ride_is_last : list of bool
        Whether the journey ends with this ride.
    """

    ride_leg: list[int]
    ride_queue: list[int]
    ride_walk_s: list[float]
    ride_is_last: list[bool]
    ride_wait_from_s: list[float]
    ride_board_s: list[float]
    ride_alight_s: list[float]
    ride_board_visit: list[int]
    ride_alight_visit: list[int]
    visit_arrival_s: list[float]
    visit_departure_s: list[float]
    visit_boardings: list[int]
    visit_alightings: list[int]
    visit_denied: list[int]
    visit_load: list[int]
    visit_holding_s: list[float]
    denied_ride: list[int] = field(default_factory=list)
    denied_visit: list[int] = field(default_factory=list)
    denied_time_s: list[float] = field(default_factory=list)

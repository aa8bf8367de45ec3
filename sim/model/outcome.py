"""How a commuter's day can end, and why."""

from __future__ import annotations

from enum import IntEnum


class Outcome(IntEnum):
    """End of a journey; the names in tables are `OUTCOME_NAMES`."""

    ARRIVED = 0
    GAVE_UP = 1
    STILL_TRAVELLING = 2
    NO_SERVICE = 3


class Cause(IntEnum):
    """Why a journey ended so; the names in tables are `CAUSE_NAMES`."""

    NONE = 0
    NO_JOURNEY_OPTION = 1
    LAST_VEHICLE_GONE = 2
    LAST_VEHICLE_FULL = 3
    PATIENCE_EXHAUSTED = 4
    HORIZON_WHILE_WALKING = 5
    HORIZON_WHILE_WAITING = 6
    HORIZON_WHILE_RIDING = 7
    TRIP_CANCELLED = 8
    VEHICLE_BROKE_DOWN = 9
    STOP_CLOSED = 10
    OUTWARD_NOT_ENDED = 11
    HORIZON_BEFORE_RETURN = 12


OUTCOME_NAMES = ("arrived", "gave_up", "still_travelling", "no_service")
CAUSE_NAMES = (
    "",
    "no_journey_option",
    "last_vehicle_gone",
    "last_vehicle_full",
    "patience_exhausted",
    "horizon_while_walking",
    "horizon_while_waiting",
    "horizon_while_riding",
    "trip_cancelled",
    "vehicle_broke_down",
    "stop_closed",
    "outward_not_ended",
    "horizon_before_return",
)


class Disruption(IntEnum):
    """What hindered a vehicle at a stop or on the way from there; the names in tables are `DISRUPTION_NAMES`.

    Where several things did, the highest is told.
    """

    NONE = 0
    LINK_SLOW = 1
    DETOUR = 2
    LINK_CLOSED = 3
    BEHIND_BROKEN_VEHICLE = 4
    STOP_CLOSED = 5
    STOP_MISSED = 6
    VEHICLE_BROKE_DOWN = 7


DISRUPTION_NAMES = (
    "",
    "link_slow",
    "detour",
    "link_closed",
    "behind_broken_vehicle",
    "stop_closed",
    "stop_missed",
    "vehicle_broke_down",
)

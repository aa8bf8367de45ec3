"""How a commuter's day can end, and why; what hindered vehicles. Each is declared once: number, name, words."""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class TableCode(IntEnum):
    """A number in records, with its name in tables and what a report says of it."""

    _told: str

    def __new__(cls, value: int, words: str = "") -> Self:
        """Make a member from its number and words."""
        member = int.__new__(cls, value)
        member._value_ = value
        member._told = words
        return member

    @property
    def words(self) -> str:
        """What a report says; empty where it says nothing."""
        return self._told

    @property
    def table_name(self) -> str:
        """Name in tables: that of the member in small letters; an empty one of NONE."""
        return "" if self.name == "NONE" else self.name.lower()

    @classmethod
    def table_names(cls) -> tuple[str, ...]:
        """Return the names in tables, in order of the numbers."""
        return tuple(member.table_name for member in cls)

    @classmethod
    def words_of(cls, name: str) -> str:
        """Return the words for a name in tables; the name itself, spaced, where there are none."""
        words = {member.table_name: member.words for member in cls}
        return words.get(name) or name.replace("_", " ")


class Outcome(TableCode):
    """End of a journey."""

    ARRIVED = 0
    GAVE_UP = 1
    STILL_TRAVELLING = 2
    NO_SERVICE = 3


class Cause(TableCode):
    """Why a journey ended so."""

    NONE = 0
    NO_JOURNEY_OPTION = 1, "no way to go there: no line, or none within the walks and transfers allowed"
    LAST_VEHICLE_GONE = 2, "came after the last vehicle that goes there"
    LAST_VEHICLE_FULL = 3, "found no place on the last vehicle"
    PATIENCE_EXHAUSTED = 4, "waited longer than their patience and gave up"
    HORIZON_WHILE_WALKING = 5, "still walking at the end of the horizon"
    HORIZON_WHILE_WAITING = 6, "still waiting at the end of the horizon"
    HORIZON_WHILE_RIDING = 7, "still on board at the end of the horizon"
    TRIP_CANCELLED = 8, "counted on a trip that was cancelled, and no other one came"
    VEHICLE_BROKE_DOWN = 9, "their vehicle broke down, and no other one took them on"
    STOP_CLOSED = 10, "their stop was closed or missed, and no vehicle took them on"
    OUTWARD_NOT_ENDED = 11, "did not get there, so there was no way back"
    HORIZON_BEFORE_RETURN = 12, "had not set out for the way back at the end of the horizon"


class Disruption(TableCode):
    """What hindered a vehicle at a stop or on the way from there.

    Where several things did, the highest is told.
    """

    NONE = 0
    LINK_SLOW = 1, "the vehicle ran over a link that was slow"
    DETOUR = 2, "it went round a link that was closed"
    LINK_CLOSED = 3, "it waited before a link that was closed"
    BEHIND_BROKEN_VEHICLE = 4, "it waited behind a broken vehicle"
    STOP_CLOSED = 5, "it passed a closed stop"
    STOP_MISSED = 6, "it missed the stop, to which no open way led"
    VEHICLE_BROKE_DOWN = 7, "it broke down"


PASSING = (Disruption.STOP_CLOSED, Disruption.STOP_MISSED)
"""What hinders a vehicle that does not stop."""

"""What goes wrong on the simulated days."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import (
    ASSUMED,
    NOT_A_NUMBER,
    Clock,
    Duration,
    Name,
    Parameters,
    StopName,
    key,
)


class _TimedParameters(Parameters):
    start_s: Clock = key(..., "From this time on.", NOT_A_NUMBER, ge=0)
    end_s: Clock = key(..., "Until this time.", NOT_A_NUMBER, ge=0)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError("end must be after start")
        return self


class LinkDisruptionParameters(_TimedParameters):
    """A link that is closed or slow for a while."""

    from_stop: StopName | None = key(None, "Stop or other node where the link starts.", NOT_A_NUMBER)
    to_stop: StopName | None = key(None, "Stop or other node where the link ends.", NOT_A_NUMBER)
    link: Name | None = key(None, "Id of the link in gmns/link.csv, in place of from_stop and to_stop.", NOT_A_NUMBER)
    speed_factor: float = key(
        ...,
        "Speed on the link of vehicles that leave the stop before it, as a share of the usual one; 0: closed.",
        NOT_A_NUMBER,
        ge=0,
        le=1,
    )
    detour: bool | None = key(
        None,
        "Whether vehicles go round while the link is closed, by the shortest way by time over open links; stops that "
        "no way leads to are missed. Else they wait before it. Where missing, road vehicles go round and trains, "
        "trams and ferries wait. Where no way leads on, all wait.",
        ASSUMED,
    )

    @model_validator(mode="after")
    def _check_link(self) -> Self:
        if (self.from_stop is None) != (self.to_stop is None) or (self.link is None) == (self.from_stop is None):
            raise ValueError("give either from_stop and to_stop, or link")
        if self.detour is not None and self.speed_factor > 0:
            raise ValueError("detour has no meaning on a link that is open")
        return self


class BreakdownParameters(Parameters):
    """A vehicle that breaks down at a stop; everybody gets out there and waits for another one.

    By people who learn, in plans and for whoever asks, riders to stops beyond are expected to get there no sooner than
    with the next vehicle, if the trip ends there.
    """

    trip: Name = key(..., "Trip under way.", NOT_A_NUMBER)
    stop: StopName | None = key(None, "Stop of the trip where it happens.", NOT_A_NUMBER)
    after_s: Clock | None = key(
        None, "It happens at the first stop reached from this time on, where no stop is given.", NOT_A_NUMBER, ge=0
    )
    duration_s: Duration = key(..., "Time until the vehicle is repaired or out of the way.", NOT_A_NUMBER, gt=0)
    then: Literal["continue", "end"] = key("end", "Whether the trip goes on after the repair, or ends.", ASSUMED)
    blocks: bool | None = key(
        None,
        "Whether vehicles that come to the stop meanwhile wait behind it; where missing, they do if there is no "
        "overtaking.",
        ASSUMED,
        specialist=True,
    )

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if (self.stop is None) == (self.after_s is None):
            raise ValueError("give either stop or after")
        return self


class ClosedStopParameters(_TimedParameters):
    """A stop that vehicles pass for a while; riders to it get out at the next stop that is open.

    By people who learn, in plans and for whoever asks, riders to it are expected to get there no sooner than with the
    next vehicle that stops there.
    """

    stop: StopName = key(
        ..., "Stop that is closed; the last stop of a trip lets people out all the same.", NOT_A_NUMBER
    )


class DisruptionParameters(Parameters):
    """Disruptions by kind; the same on every day."""

    links: tuple[LinkDisruptionParameters, ...] = key((), "Links closed or slow.", NOT_A_NUMBER)
    breakdowns: tuple[BreakdownParameters, ...] = key((), "Vehicles that break down.", NOT_A_NUMBER)
    cancelled_trips: tuple[Name, ...] = key((), "Trips that do not run.", NOT_A_NUMBER)
    closed_stops: tuple[ClosedStopParameters, ...] = key((), "Stops that vehicles pass.", NOT_A_NUMBER)

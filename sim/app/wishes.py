"""What programs may send: a journey as it is wished, and a booking of a window for it."""

from __future__ import annotations

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.app.questions import JourneyQuestion

CLOCK: Final = r"^([0-3]?[0-9]):([0-5][0-9])$"
"""A time of day; hours may go beyond 24."""


class JourneyWish(BaseModel):
    """A journey; either the time to arrive by or the time to leave after."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    origin: str = Field(min_length=1, max_length=200, description="id of a stop")
    destination: str = Field(min_length=1, max_length=200, description="id of a stop")
    arrive_by: str | None = Field(default=None, pattern=CLOCK, description="time of day as 08:30")
    leave_after: str | None = Field(default=None, pattern=CLOCK, description="time of day as 08:30")
    earlier: float = Field(default=60.0, ge=0, le=240, allow_inf_nan=False, description="minutes")
    later: float = Field(default=60.0, ge=0, le=240, allow_inf_nan=False, description="minutes")
    usual: str | None = Field(
        default=None, pattern=CLOCK, description="when one usually leaves, as 07:40; with arrive_by"
    )
    asked_at: str | None = Field(
        default=None,
        pattern=CLOCK,
        description="what time it is: windows that have begun are none; the day is still to come where missing",
    )

    def problem(self) -> str | None:
        """Say why the times make no question; None where they do."""
        if (self.arrive_by is None) == (self.leave_after is None):
            return "one of arrive_by and leave_after is needed"
        if self.usual is not None and self.arrive_by is None:
            return "usual needs arrive_by"
        return None

    def question(self) -> JourneyQuestion:
        """Return the question in seconds."""
        return JourneyQuestion(
            self.origin,
            self.destination,
            seconds_of(self.arrive_by),
            seconds_of(self.leave_after),
            self.earlier * 60.0,
            self.later * 60.0,
            seconds_of(self.usual),
            seconds_of(self.asked_at),
        )


class Booking(JourneyWish):
    """A window taken for a journey."""

    window_start_s: float = Field(ge=0, le=48 * 3600, allow_inf_nan=False, description="seconds after midnight")
    as_usual: bool = Field(
        default=False,
        strict=True,
        description="whether one leaves as usual, of which this is the window: the one of an answer that is `usual` "
        "and not `useful`",
    )

    @model_validator(mode="after")
    def times_fit(self) -> Self:
        """Refuse a journey whose times make no question."""
        if problem := self.problem():
            raise ValueError(problem)
        return self


def seconds_of(clock: str | None) -> float | None:
    """Return a time of day in seconds after midnight."""
    if clock is None:
        return None
    hours, _, minutes = clock.partition(":")
    return int(hours) * 3600.0 + int(minutes) * 60.0

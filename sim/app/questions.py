"""What a commuter asks, and what answers it: handed to the app, which knows no simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class JourneyQuestion:
    """A journey somebody wants to make.

    Attributes
    ----------
    origin, destination : str
        Stop ids.
    arrive_by_s, leave_after_s : float or None
        One of the two, seconds after midnight.
    earlier_s, later_s : float
        How much earlier and later than usual one could leave.
    usual_s : float or None
        When one usually leaves, seconds after midnight; None where that was not said.
    asked_at_s : float or None
        What time it is, seconds after midnight: windows that have begun are none. None where the day is still to come.
    """

    origin: str
    destination: str
    arrive_by_s: float | None
    leave_after_s: float | None
    earlier_s: float
    later_s: float
    usual_s: float | None = None
    asked_at_s: float | None = None


class JourneyForecast(Protocol):
    """Answers commuters' questions about one run, and counts the places it gave away."""

    @property
    def version(self) -> int:
        """A number that changes when answers do: with every booking."""
        ...

    def answer(self, question: JourneyQuestion) -> Mapping[str, Any]:
        """Return `windows`, `usual_start_s` and `days_observed`, see `sim.api.serving`.

        Raises
        ------
        SimError
            When there is no such stop, or no journey; its text is fit for the commuter.
        """
        ...

    def book(self, question: JourneyQuestion, window_start_s: float, *, as_usual: bool = False) -> Mapping[str, Any]:
        """Hold a place in a window and return `booking_id`, `has_place` and `places_left`.

        Parameters
        ----------
        question : JourneyQuestion
        window_start_s : float
            Start of the window.
        as_usual : bool
            Whether it is the window around leaving as usual, and that is what one does.

        Raises
        ------
        SimError
            When there is no such window.
        """
        ...

    def cancel(self, booking_id: str) -> None:
        """Give a place back.

        Raises
        ------
        SimError
            When no booking of that number is held.
        """
        ...

    def counts(self) -> Mapping[str, Any]:
        """Return all that is kept of bookings: how many there are."""
        ...

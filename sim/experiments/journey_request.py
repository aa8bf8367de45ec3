"""What somebody asks the advisor: from where to where, by when, and how far they can move."""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.scenario import Scenario
from sim.units import parse_clock, parse_duration

MOST_LATE_S = 2 * 3600.0
"""Whoever usually leaves later than this after the time to be there has mistyped one of them (assumed)."""


@dataclass(frozen=True)
class JourneyRequest:
    """A question for a departure window. It names nobody.

    Attributes
    ----------
    origin, destination : str
        Ids of stops.
    arrive_by_s : float or None
        Preferred arrival, seconds after midnight.
    leave_after_s : float or None
        Instead of an arrival: the time from which one would like to leave, seconds after midnight.
    earlier_s, later_s : float or None
        How much earlier and later than usual one could leave, in seconds, or than the scheduled journey before the
        preferred arrival where that is not known; as the commuters of the scenario where None. After `leave_after_s`
        only the second counts.
    on_time_share : float
        Chance to be on time that is asked for at least, 0 to 1: 0.9 leaves only windows from which one arrives in time
        in nine of ten cases.
    asked_at_s : float or None
        Time of day of the question, seconds after midnight: windows that have begun are none. None where the day is
        still to come.
    usual_s : float or None
        When one usually leaves, seconds after midnight. In the window of that moment one is taken to keep it, so that
        nobody is sent away from a vehicle that they meet; windows in which one is late on most days then stand back
        only where one is not usually late anyhow.
    """

    origin: str
    destination: str
    arrive_by_s: float | None = None
    leave_after_s: float | None = None
    earlier_s: float | None = None
    later_s: float | None = None
    on_time_share: float = 0.0
    asked_at_s: float | None = None
    usual_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be answered.

        Raises
        ------
        ValueError
            When neither or both of the times are given, a time is before midnight, a duration is negative, the chance
            is none, or the usual departure is long after the time to arrive by.
        """
        if (self.arrive_by_s is None) == (self.leave_after_s is None):
            raise ValueError("a request needs either the time to arrive by or the time to leave after")
        _refuse_before_midnight(self.arrive_by_s, self.leave_after_s, self.usual_s, self.asked_at_s)
        if min(self.earlier_s or 0.0, self.later_s or 0.0) < 0:
            raise ValueError("flexibility cannot be negative")
        if not 0.0 <= self.on_time_share <= 1.0:
            raise ValueError(f"the chance to be on time is from 0 to 1, not {self.on_time_share}")
        if self.on_time_share > 0 and self.arrive_by_s is None:
            raise ValueError("a chance to be on time needs a time to arrive by")
        if self.usual_s is not None and self.arrive_by_s is None:
            raise ValueError("a usual departure needs a time to arrive by")
        if self.usual_s is not None and self.usual_s > (self.arrive_by_s or 0.0) + MOST_LATE_S:
            raise ValueError(f"the usual departure is more than {MOST_LATE_S / 3600:.0f} h after the time to arrive by")

    @classmethod
    def of(  # noqa: PLR0913 - options by name
        cls,
        origin: str,
        destination: str,
        *,
        arrive_by: str | float | None = None,
        leave_after: str | float | None = None,
        earlier: str | float | None = None,
        later: str | float | None = None,
        on_time: float = 0.0,
        asked_at: str | float | None = None,
        usual: str | float | None = None,
    ) -> JourneyRequest:
        """Read a request as people write it: times as ``08:30``, durations as ``30 min``; numbers are seconds.

        Parameters
        ----------
        origin, destination : str
            Ids of stops.
        arrive_by, leave_after : str, float or None
        earlier, later : str, float or None
        on_time : float
            Chance to be on time, 0 to 1.
        asked_at : str, float or None
            Time of day of the question, if the day has begun.
        usual : str, float or None
            When one usually leaves.

        Raises
        ------
        ValueError
            When something cannot be read, or the request makes no sense.
        """
        times = (arrive_by, leave_after, asked_at, usual)
        by_s, after_s, asked_at_s, usual_s = (None if time is None else parse_clock(time) for time in times)
        earlier_s, later_s = (None if length is None else parse_duration(length) for length in (earlier, later))
        return cls(origin, destination, by_s, after_s, earlier_s, later_s, on_time, asked_at_s, usual_s)

    def flexibility_s(self, scenario: Scenario) -> tuple[float, float]:
        """Return how much earlier and later one could leave, in seconds: as asked, else as people of the scenario."""
        wishes = scenario.parameters.population
        earlier_s = wishes.earlier_flexibility_s if self.earlier_s is None else self.earlier_s
        later_s = wishes.later_flexibility_s if self.later_s is None else self.later_s
        return earlier_s, later_s


def _refuse_before_midnight(*times_s: float | None) -> None:
    """Refuse times that no clock shows."""
    if any(not time_s >= 0.0 for time_s in times_s if time_s is not None):
        raise ValueError("a time must be 00:00 or later")

"""What somebody asks the advisor: from where to where, by when, and how far they can move."""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.scenario import Scenario
from sim.units import parse_clock, parse_duration


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
        How much earlier and later than the scheduled journey before the preferred arrival one could leave, in seconds;
        as the commuters of the scenario where None. After `leave_after_s` only the second counts.
    on_time_share : float
        Chance to be on time that is asked for at least, 0 to 1: 0.9 leaves only windows from which one arrives in time
        in nine of ten cases.
    asked_at_s : float or None
        Time of day of the question, seconds after midnight: windows that have begun are none. None where the day is
        still to come.
    """

    origin: str
    destination: str
    arrive_by_s: float | None = None
    leave_after_s: float | None = None
    earlier_s: float | None = None
    later_s: float | None = None
    on_time_share: float = 0.0
    asked_at_s: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be answered.

        Raises
        ------
        ValueError
            When neither or both of the times are given, a duration is negative, or the chance is none.
        """
        if (self.arrive_by_s is None) == (self.leave_after_s is None):
            raise ValueError("a request needs either the time to arrive by or the time to leave after")
        if min(self.earlier_s or 0.0, self.later_s or 0.0) < 0:
            raise ValueError("flexibility cannot be negative")
        if not 0.0 <= self.on_time_share <= 1.0:
            raise ValueError(f"the chance to be on time is from 0 to 1, not {self.on_time_share}")
        if self.on_time_share > 0 and self.arrive_by_s is None:
            raise ValueError("a chance to be on time needs a time to arrive by")

    @classmethod
    def of(
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

        Raises
        ------
        ValueError
            When something cannot be read, or the request makes no sense.
        """
        times = (arrive_by, leave_after, asked_at)
        arrive_by_s, leave_after_s, asked_at_s = (None if time is None else parse_clock(time) for time in times)
        earlier_s, later_s = (None if length is None else parse_duration(length) for length in (earlier, later))
        return cls(origin, destination, arrive_by_s, leave_after_s, earlier_s, later_s, on_time, asked_at_s)

    def flexibility_s(self, scenario: Scenario) -> tuple[float, float]:
        """Return how much earlier and later one could leave, in seconds: as asked, else as people of the scenario."""
        wishes = scenario.parameters.population
        earlier_s = wishes.earlier_flexibility_s if self.earlier_s is None else self.earlier_s
        later_s = wishes.later_flexibility_s if self.later_s is None else self.later_s
        return earlier_s, later_s

"""Service days by the clock of a feed: when they begin, and which one a moment is of."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NOON_S: Final = 43_200.0


class ServiceClock:
    """The clock that a timetable goes by.

    Parameters
    ----------
    zone : str
        Name of a time zone; one that is blank or unknown leaves UTC.
    """

    def __init__(self, zone: str) -> None:
        try:
            self._zone: ZoneInfo | None = ZoneInfo(zone) if zone else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self._zone = None

    @property
    def is_known(self) -> bool:
        """Tell whether the time zone is known."""
        return self._zone is not None

    def midnight_s(self, day: date) -> float:
        """Return when the clock of a service day shows 0, in seconds of Unix.

        Invariant: times of GTFS count from twelve hours before noon. Where clocks go forward in the night that is an
        hour before midnight; test_a_day_of_the_archive_on_which_clocks_change shows it.
        """
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=self._zone or UTC)
        return noon.timestamp() - _NOON_S

    def day_of(self, moment_s: float, begins_s: float, ends_s: float) -> date:
        """Return the day whose trip, from one second of it to another, is nearest to a moment in seconds of Unix."""
        around = datetime.fromtimestamp(moment_s, self._zone or UTC).date()
        days = [around + timedelta(days=ahead) for ahead in (0, -1, 1)] if self.is_known else [around]

        def apart_s(day: date) -> float:
            within_s = moment_s - self.midnight_s(day)
            return max(begins_s - within_s, within_s - ends_s, 0.0)

        return min(days, key=apart_s)

"""The bookings of a day: kept in a file, and counted in memory as the places that they take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sim.errors import RunFolderError, UnknownNameError
from sim.experiments.day_ledger import DayLedger
from sim.records.bookings import BookingFile, StoredBooking


class HeldBookings:
    """Bookings that are held, in a file that other processes may change as well.

    What is counted in the ledger is what the file holds, at the end of every change and at the beginning of the next.

    Parameters
    ----------
    path : Path or None
        As of `BookingFile`.
    ledger : DayLedger
        Counts the places that bookings take.

    Raises
    ------
    RunFolderError
        As of `BookingFile`, and when the file holds bookings of other stops, lines or windows.
    """

    def __init__(self, path: Path | None, ledger: DayLedger) -> None:
        self.file = BookingFile(path)
        self._ledger = ledger
        self._version = -1
        with self.file.change():
            self._take_over(path)
        self.read()

    def _take_over(self, path: Path | None) -> None:
        """Note what the numbers in the file hang on; bookings with other ones would count on other vehicles.

        Raises
        ------
        RunFolderError
            When they hang on something else, and a booking is held.
        """
        known, own, places = self.file.fact("numbering"), self._ledger.numbering, len(self._ledger.places.quota)
        # Earlier versions noted nothing.
        others = (known is not None or max(one.places, default=-1) >= places for one in self.file.all())
        if known != own and any(others):
            raise RunFolderError(
                f"{path}: holds bookings for other stops, lines, hours or departure windows than those of this run; "
                "name another file, or delete this one to begin anew"
            )
        self.file.keep_fact("numbering", own)

    def read(self) -> None:
        """Count what other processes have booked and given back.

        Raises
        ------
        RunFolderError
            When the file refuses.
        """
        with self.changing():
            # Nothing else: the file is read before any change.
            pass

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the file, with what it holds counted, for a change that counts as a whole or not at all.

        Raises
        ------
        RunFolderError
            When the file refuses.
        """
        try:
            with self.file.change():
                self._read()
                yield
        except UnknownNameError:
            # Of a request or a number, which are looked at before anything is changed.
            raise
        except BaseException:
            # The file may have refused what is counted already
            # (test_a_booking_that_the_disk_refuses_takes_no_place).
            self._version = -1
            raise

    def _read(self) -> None:
        """Count the bookings of the file anew where another process has changed it."""
        version = self.file.version()
        if version == self._version:
            return
        self._version = version
        self._ledger.clear()
        for booking in self.file.all():
            self._enter(booking)

    def add(self, booking_id: str, booking: StoredBooking) -> None:
        """Keep and count a booking; only while it is `changing`, as all below."""
        self.file.add(booking_id, booking)
        self._enter(booking)

    def take(self, booking_id: str) -> StoredBooking:
        """Forget a booking, let go of its places, and return it.

        Raises
        ------
        UnknownNameError
            When no booking of that number is held.
        """
        booking = self.file.take(booking_id) if isinstance(booking_id, str) else None
        if booking is None:
            raise UnknownNameError("no booking of that number is held; it never was, or has been given back")
        self._enter(booking, -1)
        return booking

    def clear(self) -> None:
        """Forget all bookings."""
        self.file.forget_all()
        self._ledger.clear()

    def count(self, name: str) -> int:
        """Return a number that is kept beside the bookings; 0 where it is not."""
        return int(self.file.fact(name) or 0)

    def count_one(self, name: str) -> None:
        """Raise such a number by one."""
        self.file.keep_fact(name, str(self.count(name) + 1))

    def _enter(self, booking: StoredBooking, sign: int = 1) -> None:
        places = _known_places(booking)
        self._ledger.take(places, booking.told, booking.has_place, sign, booking.moments, came=booking.came)


def _known_places(booking: StoredBooking) -> Mapping[int, float]:
    """Return the places of a booking; none of one that another version kept, which counted places by periods."""
    return {} if booking.told is None else booking.places

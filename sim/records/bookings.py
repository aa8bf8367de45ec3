"""Bookings in one SQLite file, which several processes may use at once.

A booking is kept as the digest of its random number, the places that it takes, between which stops and in which
window, and whether it is known to be kept. Neither who booked, nor when they want to be there or usually leave, is in
the file; when a booking is given back, was missed, or its day is closed, its row goes. Every change is one transaction,
so that a file is whole whenever a process is killed.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.errors import RunFolderError

_LAYOUT = (
    "CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS bookings (digest TEXT PRIMARY KEY, has_place INTEGER NOT NULL, places TEXT NOT NULL, "
    "told TEXT NOT NULL, came INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID",
)
_COLUMNS = "has_place, places, told, came"
_WAITS_S = 30.0


@dataclass(frozen=True)
class StoredBooking:
    """A booking as it is kept.

    Attributes
    ----------
    has_place : bool
        Whether it took places of the quota, and not only stands in the expected load.
    places : mapping of int to float
        Places taken by number, with the chance that it is this one.
    told : tuple of int, or None
        Rows of the stops where the journey begins and ends, and number of the window. None where a version kept it that
        did not write them down.
    moments : mapping of int to int, or None
        Of somebody who leaves as usual at a moment that they did not tell: how many moments of habit lie in each
        window.
    came : bool
        Whether it is known to be kept.
    """

    has_place: bool
    places: Mapping[int, float]
    told: tuple[int, int, int] | None
    moments: Mapping[int, int] | None = None
    came: bool = False


class BookingFile:
    """Bookings of a day, and a few facts beside them.

    Parameters
    ----------
    path : Path or None
        SQLite file, made where missing; None keeps everything in memory.

    Attributes
    ----------
    close : callable
        Closes the file.

    Raises
    ------
    RunFolderError
        When the file cannot be used.
    """

    def __init__(self, path: Path | None) -> None:
        self._name = "bookings in memory" if path is None else str(path)
        # One connection, whichever thread asks; the lock keeps their transactions apart.
        self._lock = threading.RLock()
        try:
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path, isolation_level=None, check_same_thread=False, timeout=_WAITS_S
            )
        except sqlite3.Error as error:
            raise RunFolderError(f"{path}: cannot be used as a file of bookings: {error}") from error
        # Whoever forgets to close it leaves no file open: a file is whole after every change anyhow.
        self.close = weakref.finalize(self, self._connection.close)
        with self.change():
            for statement in _LAYOUT:
                self._connection.execute(statement)
            columns = [str(row[1]) for row in self._connection.execute("PRAGMA table_info(bookings)")]
            for name, kind in (("told", "TEXT NOT NULL DEFAULT 'null'"), ("came", "INTEGER NOT NULL DEFAULT 0")):
                if name not in columns:
                    self._connection.execute(f"ALTER TABLE bookings ADD COLUMN {name} {kind}")

    @contextmanager
    def change(self) -> Iterator[None]:
        """Hold the file for reading and writing; what was written counts as a whole or not at all.

        Raises
        ------
        RunFolderError
            When the disk refuses, or another process holds the file for too long.
        """
        with self._lock:
            if not self.close.alive:
                raise RunFolderError(f"{self._name}: has been closed")
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.Error as error:
                raise RunFolderError(f"{self._name}: cannot be used as a file of bookings: {error}") from error
            try:
                yield
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._undo()
                raise RunFolderError(f"{self._name}: cannot be written: {error}") from error
            except BaseException:
                self._undo()
                raise

    def _undo(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def version(self) -> int:
        """Return a number that differs after another process has changed the file."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def all(self) -> Iterator[StoredBooking]:
        """Yield every booking."""
        for row in self._connection.execute(f"SELECT {_COLUMNS} FROM bookings ORDER BY digest"):
            yield _booking(row)

    def add(self, booking_id: str, booking: StoredBooking) -> None:
        """Keep a booking."""
        text = json.dumps({str(place): share for place, share in booking.places.items()})
        told = booking.told if booking.told is None or booking.moments is None else (*booking.told, booking.moments)
        row = (_digest(booking_id), int(booking.has_place), text, json.dumps(told), int(booking.came))
        self._connection.execute(f"INSERT INTO bookings (digest, {_COLUMNS}) VALUES (?, ?, ?, ?, ?)", row)

    def take(self, booking_id: str) -> StoredBooking | None:
        """Return a booking and forget it; None where there is none of that number."""
        key = (_digest(booking_id),)
        row = self._connection.execute(f"SELECT {_COLUMNS} FROM bookings WHERE digest = ?", key).fetchone()
        if row is None:
            return None
        self._connection.execute("DELETE FROM bookings WHERE digest = ?", key)
        return _booking(row)

    def forget_all(self) -> None:
        """Forget all bookings."""
        self._connection.execute("DELETE FROM bookings")

    def fact(self, name: str) -> str | None:
        """Return a fact; None where it is not known."""
        row = self._connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else str(row[0])

    def keep_fact(self, name: str, value: str) -> None:
        """Keep a fact."""
        self._connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def _digest(booking_id: str) -> str:
    # Whoever reads the file must not be able to give back what others booked.
    # Half of a surrogate pair, which JSON can carry, is no letter; such a number is one that nobody holds
    # (test_numbers_that_nobody_holds).
    return hashlib.sha256(booking_id.encode("utf-8", "surrogatepass")).hexdigest()


def _booking(row: tuple[int, str, str, int]) -> StoredBooking:
    places = {int(place): float(share) for place, share in json.loads(row[1]).items()}
    told, came = json.loads(row[2]), bool(row[3])
    if told is None:
        return StoredBooking(bool(row[0]), places, None, came=came)
    moments = {int(window): int(count) for window, count in told[3].items()} if len(told) > 3 else None
    return StoredBooking(bool(row[0]), places, (int(told[0]), int(told[1]), int(told[2])), moments, came)

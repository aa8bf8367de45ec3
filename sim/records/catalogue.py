"""The catalogue of a sweep: every finished piece of work in one SQLite file.

A piece is stored in a transaction of its own as soon as it is done, so that a sweep that was killed
goes on where it stopped. Only one process writes to a file; write-ahead logging lets others read meanwhile.
With each piece stands a digest of it: one that was altered or damaged is not believed, and is run again.
"""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.errors import RunFolderError
from sim.records.refused import not_written

_LAYOUT = """
CREATE TABLE IF NOT EXISTS finished (
    key TEXT PRIMARY KEY,
    strategy TEXT NOT NULL,
    replication INTEGER NOT NULL,
    metrics TEXT NOT NULL,
    paired BLOB NOT NULL,
    settled BLOB NOT NULL DEFAULT x'',
    digest TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID
"""

_ADDED: Final = MappingProxyType({"digest": "TEXT NOT NULL DEFAULT ''", "settled": "BLOB NOT NULL DEFAULT x''"})
"""Columns that the first versions did not have. A table that has them is as it should be, and need not be written to:
the file may be another process's at the moment, or one that may only be read."""

SIDE_FILES = ("-wal", "-shm", "-journal")
"""Endings of what SQLite lays beside the file while a process, perhaps a killed one, has it open.

The journal is there for a moment while a new file is made, also where write-ahead logging follows.
"""
_PATIENCE_S = 60.0
"""How long another process may keep the file to itself; one on a slow disk takes longer than SQLite's 5 s."""
_PAUSE_S = 0.01


@dataclass(frozen=True)
class Finished:
    """One replication of one strategy at one point of a sweep.

    Attributes
    ----------
    strategy : str
    replication : int
    metrics : mapping of str to float
        By name; NaN where nothing can be said.
    paired : ndarray of float, shape (2, kept days * commuters)
        Generalized cost in minutes and departure in seconds of every commuter and kept day, what
        other strategies are paired with. Empty where nothing is to be paired with it.
    settled_s : ndarray of float, shape (commuters,)
        Departures that people had settled on before advice, which other strategies begin with. Empty where they had
        not settled, or nothing is to be paired with it.
    """

    strategy: str
    replication: int
    metrics: Mapping[str, float]
    paired: FloatArray
    settled_s: FloatArray = field(default_factory=lambda: np.zeros(0))

    def equals(self, other: Finished) -> bool:
        """Tell whether another one holds the same, bit for bit; NaN equals NaN."""
        if (self.strategy, self.replication, self.metrics.keys()) != (
            other.strategy,
            other.replication,
            other.metrics.keys(),
        ):
            return False
        values = np.array([[self.metrics[name], other.metrics[name]] for name in self.metrics]).reshape(-1, 2)
        arrays = ((self.paired, other.paired), (self.settled_s, other.settled_s), values.T)
        return all(np.array_equal(mine, theirs, equal_nan=True) for mine, theirs in arrays)


class Catalogue:
    """What has been computed, by key; a context manager.

    Parameters
    ----------
    path : Path or None
        SQLite file, made with its folder where missing; None keeps everything in memory.
    shared : bool
        Whether the file may lie in a folder that several machines share. Write-ahead logging needs
        memory that processes share, which such folders do not have.

    Raises
    ------
    RunFolderError
        When the file cannot be opened or is something else.
    """

    def __init__(self, path: Path | None, shared: bool = False) -> None:
        self._name = str(path)
        self._distrusted: set[str] = set()
        made = path is not None and not path.exists()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                ":memory:" if path is None else path, timeout=_PATIENCE_S, isolation_level=None
            )
        except OSError as error:
            raise not_written(path or "", error) from error
        except sqlite3.Error as error:
            raise RunFolderError(f"{path}: cannot be used as the catalogue of a sweep: {error}") from error
        try:
            _lay_out(self._connection, shared)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            self._connection.close()
            # What another process has open is not this one's to remove, though it was made a moment ago.
            if made and path is not None and not _is_busy(error):
                for ending in ("", *SIDE_FILES):
                    path.with_name(path.name + ending).unlink(missing_ok=True)
            raise RunFolderError(f"{path}: cannot be used as the catalogue of a sweep: {error}") from error

    def __enter__(self) -> Catalogue:
        """Return the catalogue itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._connection.close()

    @property
    def distrusted(self) -> int:
        """Number of pieces asked for so far that were not as they had been stored."""
        return len(self._distrusted)

    def find(self, key: str) -> Finished | None:
        """Return what is stored under a key; None where there is nothing, or nothing that can be believed.

        Raises
        ------
        RunFolderError
            When the file is damaged.
        """
        query = "SELECT strategy, replication, metrics, paired, settled, digest FROM finished WHERE key = ?"
        try:
            row = self._connection.execute(query, (key,)).fetchone()
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise RunFolderError(
                f"{self._name}: is damaged ({error}); remove it, and what it held is run again"
            ) from error
        if row is None:
            return None
        # Whatever stands in the row: a piece is used only if all of it is what `store` wrote, since results altered
        # in place would be reported as simulated. tests/unit/test_records_catalogue.py alters each part of it.
        if row[5] != _digest(key, *row[:5]):
            self._distrusted.add(key)
            return None
        metrics = {name: math.nan if value is None else float(value) for name, value in json.loads(row[2]).items()}
        paired, settled_s = (np.frombuffer(zlib.decompress(blob), dtype=np.float64) for blob in row[3:5])
        return Finished(row[0], row[1], metrics, paired.reshape(2, -1), settled_s)

    def store(self, key: str, done: Finished) -> None:
        """Store a finished piece of work, whole or not at all.

        Raises
        ------
        RunFolderError
            When the disk refuses.
        """
        metrics = {name: value if math.isfinite(value) else None for name, value in done.metrics.items()}
        arrays = (
            zlib.compress(np.ascontiguousarray(array, dtype=np.float64).tobytes(), 1)
            for array in (done.paired, done.settled_s)
        )
        row = (key, done.strategy, done.replication, json.dumps(metrics), *arrays)
        columns = "key, strategy, replication, metrics, paired, settled, digest"
        try:
            self._connection.execute(
                f"INSERT OR REPLACE INTO finished ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", (*row, _digest(*row))
            )
        except sqlite3.Error as error:
            raise RunFolderError(f"{self._name}: cannot be written: {error}") from error


def _lay_out(connection: sqlite3.Connection, shared: bool) -> None:
    """Make the table where it is missing, waiting for another process that does the same.

    SQLite's own patience does not cover the change to write-ahead logging: of two processes that open a new file at
    one moment, one is refused at once. tests/faults/test_faults_disk.py opens one from many at a time.
    """
    until_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            connection.execute(f"PRAGMA journal_mode={'DELETE' if shared else 'WAL'}")
            if _ADDED.keys() <= _columns(connection):
                return
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_LAYOUT)
            for column in _ADDED.keys() - _columns(connection):
                # Made by an earlier version, whose pieces are not used again anyway (`sim.experiments.pieces`).
                connection.execute(f"ALTER TABLE finished ADD COLUMN {column} {_ADDED[column]}")
            connection.execute("COMMIT")
            return
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= until_s:
                raise
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            time.sleep(_PAUSE_S)


def _columns(connection: sqlite3.Connection) -> set[str]:
    return {row[1] for row in connection.execute("PRAGMA table_info(finished)")}


def _is_busy(error: Exception) -> bool:
    """Tell whether another process had the file to itself; the low byte of SQLite's codes names the kind."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY


def _digest(*row: object) -> str:
    """Return a digest of a row, of whatever types its values are."""
    return hashlib.sha256(repr(row).encode("utf-8", errors="surrogateescape")).hexdigest()

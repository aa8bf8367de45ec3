"""The catalogue of a sweep: every finished piece of work in one SQLite file.

A piece is stored in a transaction of its own as soon as it is done, so that a sweep that was killed
goes on where it stopped. Only one process writes to a file; write-ahead logging lets others read meanwhile.
"""

from __future__ import annotations

import json
import math
import sqlite3
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from sim.arrays import FloatArray
from sim.errors import RunFolderError

_LAYOUT = """
CREATE TABLE IF NOT EXISTS finished (
    key TEXT PRIMARY KEY,
    strategy TEXT NOT NULL,
    replication INTEGER NOT NULL,
    metrics TEXT NOT NULL,
    paired BLOB NOT NULL
) WITHOUT ROWID
"""


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
    """

    strategy: str
    replication: int
    metrics: Mapping[str, float]
    paired: FloatArray

    def equals(self, other: Finished) -> bool:
        """Tell whether another one holds the same, bit for bit; NaN equals NaN."""
        if (self.strategy, self.replication, self.metrics.keys()) != (
            other.strategy,
            other.replication,
            other.metrics.keys(),
        ):
            return False
        values = np.array([[self.metrics[name], other.metrics[name]] for name in self.metrics]).reshape(-1, 2)
        return np.array_equal(values[:, 0], values[:, 1], equal_nan=True) and np.array_equal(
            self.paired, other.paired, equal_nan=True
        )


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
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise RunFolderError(f"{path}: cannot be used as the catalogue of a sweep: {error}") from error
        try:
            self._connection.execute(f"PRAGMA journal_mode={'DELETE' if shared else 'WAL'}")
            self._connection.execute(_LAYOUT)
        except sqlite3.Error as error:
            self._connection.close()
            raise RunFolderError(f"{path}: cannot be used as the catalogue of a sweep: {error}") from error

    def __enter__(self) -> Catalogue:
        """Return the catalogue itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self._connection.close()

    def find(self, key: str) -> Finished | None:
        """Return what is stored under a key, or None."""
        row = self._connection.execute(
            "SELECT strategy, replication, metrics, paired FROM finished WHERE key = ?", (key,)
        ).fetchone()
        if row is None:
            return None
        metrics = {name: math.nan if value is None else float(value) for name, value in json.loads(row[2]).items()}
        paired = np.frombuffer(zlib.decompress(row[3]), dtype=np.float64).reshape(2, -1)
        return Finished(row[0], row[1], metrics, paired)

    def store(self, key: str, done: Finished) -> None:
        """Store a finished piece of work, whole or not at all.

        Raises
        ------
        RunFolderError
            When the disk refuses.
        """
        metrics = {name: value if math.isfinite(value) else None for name, value in done.metrics.items()}
        paired = zlib.compress(np.ascontiguousarray(done.paired, dtype=np.float64).tobytes(), 1)
        row = (key, done.strategy, done.replication, json.dumps(metrics), paired)
        try:
            self._connection.execute("INSERT OR REPLACE INTO finished VALUES (?, ?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            raise RunFolderError(f"{self._name}: cannot be written: {error}") from error

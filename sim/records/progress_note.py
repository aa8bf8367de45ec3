"""How far a simulation has come, as a note beside its finished parts, for programs that look on."""

from __future__ import annotations

import json
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NAME: Final = ".progress.json"
EVERY_S: Final = 1.0
"""Seconds between two notes; a note costs two calls of the disk."""


@dataclass(frozen=True)
class NotedProgress:
    """What was noted last.

    Attributes
    ----------
    done, total : int
        Simulated days.
    age_s : float
        Since it was noted.
    """

    done: int
    total: int
    age_s: float


class ProgressNote:
    """Keeps the note of one simulation.

    Parameters
    ----------
    folder : Path
        Where its parts are kept.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / _NAME
        self._noted_s = -math.inf

    def tell(self, done: int, total: int) -> None:
        """Note how many days are done; a disk that refuses must not end a simulation for it.

        Parameters
        ----------
        done, total : int
        """
        now_s = time.monotonic()
        if now_s - self._noted_s < EVERY_S and done < total:
            return
        self._noted_s = now_s
        partial = self._file.with_suffix(".new")
        with suppress(OSError):
            partial.write_text(json.dumps({"done": done, "total": total}), encoding="utf-8")
            partial.replace(self._file)


def noted_progress(folder: Path) -> NotedProgress | None:
    """Return what was noted last in a folder of parts; None where nothing was.

    Parameters
    ----------
    folder : Path
    """
    file = folder / _NAME
    try:
        noted = json.loads(file.read_text(encoding="utf-8"))
        return NotedProgress(int(noted["done"]), int(noted["total"]), max(time.time() - file.stat().st_mtime, 0.0))
    except (OSError, ValueError, LookupError, TypeError):
        return None

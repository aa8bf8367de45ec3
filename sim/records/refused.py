"""What is said when the disk refuses: the folder that the user named, and the reason of the system."""

from __future__ import annotations

import os
import re
from pathlib import Path

from sim.errors import RunFolderError

_HIDDEN = re.compile(r"\.(?P<name>.+)\.(?:parts|variants)(?:\.[0-9a-f-]+)?")
_ERRNO = re.compile(r'"errno":\s*"?(\d+)')


def not_written(path: Path | str, error: Exception) -> RunFolderError:
    """Return the error to raise where a file cannot be written.

    Parameters
    ----------
    path : Path or str
        File or folder; of one in the hidden folder of finished replications, the run folder to be is named.
    error : Exception
        Of the system, or of a library that writes.
    """
    return RunFolderError(f"{_shown(Path(path))}: cannot be written: {_reason(error)}")


def _shown(path: Path) -> Path:
    for place in reversed([path, *path.parents]):
        if match := _HIDDEN.fullmatch(place.name):
            return place.with_name(match["name"])
    return path


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error).strip() or type(error).__name__
    # DuckDB wraps the reason of the system in an object of its own.
    number = _ERRNO.search(text)
    return os.strerror(int(number[1])) if number else text.splitlines()[0]

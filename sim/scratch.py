"""Names for what is being written, beside what it will become; and what a killed process left under such names.

A name tells the machine and process that it belongs to, so that the next process can clear away what no living one
owns.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_OWNED = re.compile(r"(?P<machine>[0-9a-f]{6})-(?P<process>\d+)-[0-9a-f]{8}")


def scratch_name() -> str:
    """Return a name that nothing else uses, and that says whose it is."""
    return f"{_machine()}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def scratch_beside(path: Path) -> Path:
    """Return a hidden name beside a path, after clearing away those beside it that nobody owns any more."""
    clear_scratch(path.parent, f".{path.name}.")
    return path.with_name(f".{path.name}.{scratch_name()}")


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """Give a folder for files of this process, which is removed afterwards, or by the next process after a kill."""
    place = Path(tempfile.gettempdir())
    clear_scratch(place, "peakshift-")
    folder = place / f"peakshift-{scratch_name()}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def entries_named(folder: Path, start: str) -> list[Path]:
    """Return what lies in a folder under names that start so, in order of name; nothing where it is missing.

    Parameters
    ----------
    folder : Path
    start : str
        Taken as it is: the name of a folder that a user chose may hold what a pattern reads as one, as in `out[1]`.
    """
    entries = folder.glob("*") if folder.is_dir() else ()
    return sorted(entry for entry in entries if entry.name.startswith(start))


def clear_scratch(folder: Path, start: str) -> None:
    """Remove files and folders of scratch names whose process is dead.

    Parameters
    ----------
    folder : Path
        Where to look; it may be missing.
    start : str
        What comes before the scratch name.
    """
    # What another machine, or a living process, may still be writing must stay: a folder can be shared. A name that
    # says nothing of its owner is not ours to remove. tests/unit/test_scratch.py shows each case.
    for entry in entries_named(folder, start):
        match = _OWNED.fullmatch(entry.name.removeprefix(start))
        if match is None or match["machine"] != _machine() or _is_alive(int(match["process"])):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


def real_place(path: Path | str) -> Path:
    """Return where a path leads: what is written to a link goes to its target and leaves the link."""
    return Path(os.path.realpath(path))


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True

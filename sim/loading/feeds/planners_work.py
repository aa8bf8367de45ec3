"""What a planner has put into a network folder since its import: work that no other import takes away unasked."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Final, Literal

from sim.errors import NetworkError, Problem

REPORT: Final = "import_report.json"
Work = Literal["ask", "keep", "replace"]
"""What an import does with the work of planners in the folder it replaces."""
_WRITTEN: Final = "written"
_BESIDE: Final = ".import"


def written_hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a folder that an import has just written, its report aside."""
    return {name: _digest(folder / name) for name in _files(folder) if name != REPORT}


def planners_work(folder: Path) -> list[str]:
    """List the files of a network folder that are not as its import left them: added, or changed since.

    An import of an earlier version does not say how it left its files; all of them count as changed.
    """
    try:
        known = dict(json.loads((folder / REPORT).read_text(encoding="utf-8")).get(_WRITTEN, {}))
    except (OSError, ValueError, AttributeError, TypeError):
        known = {}
    return [name for name in _files(folder) if name != REPORT and known.get(name) != _digest(folder / name)]


def check_work(folder: Path, work: Work) -> None:
    """Refuse to take the place of a planner's work unasked.

    Raises
    ------
    NetworkError
        When there is some, and nothing was said about it; every file is named.
    """
    if work != "ask" or not folder.is_dir():
        return
    names = planners_work(folder)
    if names:
        message = "would be lost: not written by the import, or changed since; --keep keeps it, --replace does not"
        raise NetworkError(Problem(str(folder / name), 0, 0, "", message) for name in names)


def keep_work(old: Path, new: Path) -> tuple[str, ...]:
    """Carry the work over from an old folder to the one that takes its place.

    Where the import writes a file of the same name, the planner's stands and the import's lies beside it, as in
    ``vehicles.import.csv``.

    Returns
    -------
    tuple of str
        The files kept.
    """
    names = planners_work(old)
    for name in names:
        place = new / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            place.rename(place.with_name(f"{place.stem}{_BESIDE}{place.suffix}"))
        shutil.copy2(old / name, place)
    return tuple(names)


def _files(folder: Path) -> list[str]:
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()

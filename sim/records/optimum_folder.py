"""The folder of a search for the best plan: `manifest.json`, `summary.json`, `plans.parquet`."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import RunFolderError
from sim.records.folder import FORMAT, json_text, take_place
from sim.records.parquet import write_table
from sim.records.parts_folder import OLDER, PartsFolder
from sim.records.refused import not_written
from sim.records.table import Table
from sim.scratch import real_place, scratch_name

_FILES = ("manifest.json", "summary.json", "plans.parquet")


def check_optimum_folder(path: Path | str) -> None:
    """Make sure that a search may be written to a folder, before it begins.

    Raises
    ------
    RunFolderError
        When the path holds something that is not such a search.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{folder}: is a file; a search for the best plan needs a folder of its own")
    found = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    strange = sorted(found - set(_FILES))
    if strange or (found and _FILES[2] not in found):
        what = f"holds {strange[0]}" if strange else f"has no {_FILES[2]}"
        raise RunFolderError(f"{folder}: exists and {what}, so it is not replaced; name another folder")


def write_optimum_folder(
    path: Path | str, manifest: Mapping[str, Any], summary: Mapping[str, Any], plans: Table
) -> None:
    """Write a finished search, whole or not at all; an older one there is replaced.

    Parameters
    ----------
    path : Path or str
    manifest, summary : mapping
        Written as JSON; NaN and infinity become null.
    plans : Table

    Raises
    ------
    RunFolderError
        When the path holds something else, or the disk refuses.
    """
    check_optimum_folder(path)
    target = real_place(path)
    scratch = PartsFolder(target, "")
    partial = scratch.path / f".{scratch_name()}"
    try:
        partial.mkdir(parents=True)
        (partial / _FILES[0]).write_text(json_text({**manifest, "format": FORMAT}), encoding="utf-8")
        (partial / _FILES[1]).write_text(json_text(summary), encoding="utf-8")
        write_table(plans, partial / _FILES[2])
        take_place(partial, target, scratch.path / OLDER)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        scratch.remove()

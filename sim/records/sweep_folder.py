"""The folder of a sweep: catalogue, `manifest.json`, `summary.json`, `results.csv`, `report.html`.

The catalogue `sweep.sqlite` grows while the sweep runs; the other files are written at its end, each
whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import RunFolderError
from sim.records.catalogue import SIDE_FILES
from sim.records.folder import FORMAT, json_text
from sim.records.refused import not_written
from sim.scratch import clear_scratch, real_place, scratch_name

CATALOGUE = "sweep.sqlite"
CATALOGUE_FILES = (CATALOGUE, *(f"{CATALOGUE}{ending}" for ending in SIDE_FILES))
"""The catalogue, and what SQLite lays beside it while a process, perhaps a killed one, has it open."""
KIND = "sweep"
"""What the manifest of a sweep says that it is."""
_MANIFEST, _SUMMARY, _RESULTS, _REPORT = "manifest.json", "summary.json", "results.csv", "report.html"
_KNOWN = frozenset({*CATALOGUE_FILES, _MANIFEST, _SUMMARY, _RESULTS, _REPORT})


def check_sweep_folder(path: Path | str) -> Path:
    """Make sure that a sweep may be written to a folder, before hours of work go into it.

    Returns
    -------
    Path
        Of the catalogue in it.

    Raises
    ------
    RunFolderError
        When the path holds something that is not a sweep.
    """
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise RunFolderError(f"{folder}: is a file; a sweep needs a folder of its own")
    found = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    strange = sorted(name for name in found - _KNOWN if not name.startswith("."))
    if strange or (found and CATALOGUE not in found):
        what = f"holds {strange[0]}" if strange else f"has no {CATALOGUE}"
        raise RunFolderError(
            f"{folder}: exists and {what}, so it is not only a sweep and is not written to; name another folder"
        )
    return real_place(folder) / CATALOGUE


def is_sweep_folder(path: Path) -> bool:
    """Tell whether a folder is that of a sweep that has come to its end, with a catalogue or written by itself."""
    try:
        manifest = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("kind") == KIND


def write_sweep_folder(
    path: Path | str, manifest: Mapping[str, Any], summary: Mapping[str, Any], results_csv: str, report_html: str
) -> None:
    """Write the results of a sweep beside its catalogue, replacing older ones.

    Parameters
    ----------
    path : Path or str
    manifest, summary : mapping
        Written as JSON in the order of their keys; NaN and infinity become null.
    results_csv, report_html : str

    Raises
    ------
    RunFolderError
        When the disk refuses.
    """
    folder = real_place(path)
    texts = {
        _MANIFEST: json_text({**manifest, "format": FORMAT}),
        _SUMMARY: json_text(summary),
        _RESULTS: results_csv,
        _REPORT: report_html,
    }
    clear_scratch(folder, ".")
    partial = folder / f".{scratch_name()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            partial.write_text(text, encoding="utf-8")
            partial.replace(folder / name)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        partial.unlink(missing_ok=True)

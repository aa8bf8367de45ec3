"""The run folder: `manifest.json`, `summary.json`, `tables/*.parquet`, `report.html`, and `app/` once it was served.

A folder is written whole or not at all: everything goes into a hidden folder beside the wanted one
(`sim.records.parts_folder`), which then takes its name. An older run folder of that name is replaced; any
other folder is not.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from sim.errors import RunFolderError
from sim.records.baseline_rows import BASELINE_COLUMN, RowsOfTables
from sim.records.json_form import MANIFEST, SUMMARY, check_json
from sim.records.parquet import rows_by_text, write_table
from sim.records.parts_folder import OLDER, PartsFolder
from sim.records.refused import not_written
from sim.records.schema import FURTHER_TABLES, TABLES
from sim.records.stored_tables import StoredTables, stored_table
from sim.records.table import Table
from sim.scratch import real_place, scratch_beside, scratch_name

FORMAT = 1
"""Version of the folder's layout, the key `format` of the manifest."""

_MANIFEST, _SUMMARY, _TABLES, _REPORT = "manifest.json", "summary.json", "tables", "report.html"
APP = "app"
"""Folder in which the app keeps what it made of the run; it can be removed at any time."""

_SCHEMAS = MappingProxyType({schema.name: schema for schema in TABLES})
_FURTHER = MappingProxyType({schema.name: schema for schema in FURTHER_TABLES})


@dataclass(frozen=True)
class RunFolder:
    """A finished run on disk; columns of tables are read when asked for.

    Attributes
    ----------
    path : Path
    manifest : dict
        What was run: scenario, versions, seed, inputs.
    summary : dict
        Metrics with their intervals.
    """

    path: Path
    manifest: dict[str, Any]
    summary: dict[str, Any]

    def table(self, name: str) -> Table:
        """Return one of the tables of `sim.records.schema.TABLES`, or a further one where it is there.

        Of a comparison for several baselines it holds the first one, as `tables` does: rows of two baselines are of the
        same people on the same days, and whoever reads both as one counts everybody twice.

        Raises
        ------
        RunFolderError
            When there is no such table, or its file is missing or broken.
        """
        schema = {**_SCHEMAS, **_FURTHER}.get(name)
        if schema is None:
            raise RunFolderError(f"{self.path}: no table {name}; there are {', '.join(_SCHEMAS)}")
        file = self.path / _TABLES / f"{name}.parquet"
        table = stored_table(file, schema)
        return table.where(_rows_of(file, self.baselines[0])) if self.baselines else table

    def tables(self, baseline: str | None = None) -> Mapping[str, Table]:
        """Return all tables by name, of which columns are read when they are asked for.

        Parameters
        ----------
        baseline : str or None
            The people that advice was given to, where the folder holds several; None for the first.
        """
        further = [name for name in _FURTHER if (self.path / _TABLES / f"{name}.parquet").is_file()]
        stored = StoredTables(self.path / _TABLES, dict.fromkeys((*_SCHEMAS, *further)))
        if not self.baselines:
            return stored
        wanted = self.baselines[0] if baseline is None else baseline
        rows = {name: _rows_of(self.path / _TABLES / f"{name}.parquet", wanted) for name in stored}
        return RowsOfTables(stored, rows)

    @property
    def baselines(self) -> tuple[str, ...]:
        """The people that advice was given to, in the order of the tables; empty where there is one baseline alone."""
        return tuple(self.summary.get("baselines", ()))


def _rows_of(file: Path, baseline: str) -> slice:
    """Return where the rows of a baseline stand in the file of a table."""
    return rows_by_text(file, BASELINE_COLUMN).get(baseline, slice(0, 0))


def write_run_folder(
    path: Path | str,
    manifest: Mapping[str, Any],
    summary: Mapping[str, Any],
    tables: Mapping[str, Table],
    report_html: str,
    parts: PartsFolder | None = None,
) -> None:
    """Write a run folder, whole or not at all.

    Parameters
    ----------
    path : Path or str
        Folder to make; its parents are made too. An older run folder there is replaced.
    manifest, summary : mapping
        Written as JSON in the order of their keys; NaN and infinity become null.
    tables : mapping of str to Table
        Those of `TABLES` by name; those of `FURTHER_TABLES` may come besides.
        Files of `StoredTables` are moved, and read from the run folder afterwards.
    report_html : str
    parts : PartsFolder or None
        Where the run kept its finished replications, which is cleared away.

    Raises
    ------
    RunFolderError
        When a table is missing, the path holds something else than a run, or a comparison where a run is written, or
        the disk refuses.
    """
    if odd := sorted((set(tables) - set(_FURTHER)) ^ set(_SCHEMAS)):
        raise RunFolderError(f"a run folder holds {', '.join(_SCHEMAS)}; missing or unknown: {', '.join(odd)}")
    target = real_place(path)
    check_replaceable(target, str(manifest.get("kind")))
    scratch = PartsFolder(target, "") if parts is None else parts
    partial, older = scratch.path / f".{scratch_name()}", scratch.path / OLDER
    try:
        partial.mkdir(parents=True)
        (partial / _MANIFEST).write_text(json_text({**manifest, "format": FORMAT}), encoding="utf-8")
        (partial / _SUMMARY).write_text(json_text(summary), encoding="utf-8")
        (partial / _TABLES).mkdir()
        if isinstance(tables, StoredTables):
            tables.put_into(partial / _TABLES, scratch.path)
        else:
            for name, table in tables.items():
                write_table(table, partial / _TABLES / f"{name}.parquet")
        (partial / _REPORT).write_text(report_html, encoding="utf-8")
        take_place(partial, target, older)
        if isinstance(tables, StoredTables):
            tables.moved_to(target / _TABLES)
    except OSError as error:
        raise not_written(path, error) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
        if parts is None:
            scratch.remove()
    if parts is not None:
        parts.remove()


def check_replaceable(path: Path | str, kind: str) -> None:
    """Make sure that a run folder may be written there, before hours of work go into it.

    Parameters
    ----------
    path : Path or str
    kind : str
        What is to be written, ``run`` or ``comparison``.

    Raises
    ------
    RunFolderError
        When the path holds something that is not a run folder, or a comparison where a run is to be written: it took
        several times as long to make.
    """
    path = Path(path)
    if not path.exists():
        return
    if not path.is_dir():
        raise RunFolderError(f"{path}: is a file; a run needs a folder of its own")
    found = {entry.name for entry in path.iterdir()}
    strange = sorted(found - {_MANIFEST, _SUMMARY, _TABLES, _REPORT, APP})
    if strange or (found and _MANIFEST not in found):
        what = f"holds {strange[0]}" if strange else f"has no {_MANIFEST}"
        raise RunFolderError(
            f"{path}: exists and {what}, so it is not only a run and is not replaced; name another folder"
        )
    if kind == "run" and holds_comparison(path):
        raise RunFolderError(f"{path}: holds a comparison, which a run does not replace; name another folder")


def holds_comparison(path: Path) -> bool:
    """Tell whether a folder is that of a comparison."""
    return _told_of(path).get("kind") == "comparison"


def scenario_file_of(path: Path) -> Path | None:
    """Return the scenario file that the command line made a run folder from; None where there is no such folder."""
    told = _told_of(path).get("scenario_file")
    return Path(told) if isinstance(told, str) else None


def _told_of(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((path / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def read_run_folder(path: Path | str) -> RunFolder:
    """Open a run folder.

    Raises
    ------
    RunFolderError
        When it is missing, incomplete, of another format, or not a run folder.
    """
    folder = Path(path)
    if not folder.is_dir():
        missing = "is a file" if folder.exists() else "no such folder"
        raise RunFolderError(f"{folder}: {missing}; a run folder is expected, as `run` and `compare` write it")
    manifest = _read_json(folder / _MANIFEST)
    if manifest.get("format") != FORMAT:
        found = manifest.get("format")
        raise RunFolderError(f"{folder / _MANIFEST}: format: {found!r} is not readable here, {FORMAT} is")
    kind = manifest.get("kind")
    if kind not in (None, "run", "comparison"):
        raise RunFolderError(
            f"{folder}: no run folder, as `run` and `compare` write it: {_MANIFEST} says {kind!r}; "
            "report.html in it shows what it holds"
        )
    summary = _read_json(folder / _SUMMARY)
    if not _is_summary(summary, is_comparison=kind == "comparison"):
        raise RunFolderError(f"{folder / _SUMMARY}: does not hold the metrics of what {_MANIFEST} says was run")
    check_json(manifest, MANIFEST, str(folder / _MANIFEST))
    check_json(summary, SUMMARY, str(folder / _SUMMARY))
    named, measured = set(manifest.get("strategies", ())), set(summary.get("strategies", ()))
    if named and measured and named != measured:
        raise RunFolderError(f"{folder}: {_MANIFEST} and {_SUMMARY} do not name the same strategies; were they edited?")
    for name in _SCHEMAS:
        if not (folder / _TABLES / f"{name}.parquet").is_file():
            raise RunFolderError(f"{folder}: {_TABLES}/{name}.parquet is missing")
    return RunFolder(folder, manifest, summary)


def replace_report(path: Path | str, report_html: str) -> Path:
    """Write `report.html` of a run folder anew, and return its path.

    Raises
    ------
    RunFolderError
        When the disk refuses.
    """
    report = Path(path) / _REPORT
    partial = scratch_beside(report)
    try:
        partial.write_text(report_html, encoding="utf-8")
        partial.replace(report)
    except OSError as error:
        raise not_written(report, error) from error
    finally:
        partial.unlink(missing_ok=True)
    return report


def json_ready(value: Any) -> Any:
    """Return the value in the types of JSON: NumPy numbers as Python's, NaN and infinity as None."""
    if isinstance(value, Mapping):
        return {str(key): json_ready(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return json_ready(value.tolist())
    if isinstance(value, list | tuple):
        return [json_ready(inner) for inner in value]
    if isinstance(value, np.generic):
        return json_ready(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Path):
        return str(value)
    return value


def _is_summary(summary: Mapping[str, Any], *, is_comparison: bool) -> bool:
    """Say whether the metrics are where a comparison, or a single run, has them."""
    found = summary.get("strategies" if is_comparison else "metrics")
    if not isinstance(found, dict):
        return False
    metrics = found.values() if is_comparison else [found]
    return all(isinstance(own, dict) and all(isinstance(entry, dict) for entry in own.values()) for own in metrics)


def take_place(partial: Path, target: Path, older: Path) -> None:
    """Give a finished folder its name, keeping the one that is there until that has worked.

    Parameters
    ----------
    partial, target : Path
    older : Path
        Where the one that is there lies for a moment: `OLDER` of a `PartsFolder`, which puts it back after a kill.
    """
    if not target.exists():
        partial.replace(target)
        return
    # A run killed between the two renames leaves the older one in the folder of parts, from where the next
    # run to this place puts it back (`PartsFolder`).
    target.replace(older)
    try:
        partial.replace(target)
    except OSError:
        older.replace(target)
        raise
    shutil.rmtree(older, ignore_errors=True)


def json_text(value: Mapping[str, Any]) -> str:
    """Return an object as the text of a file; NaN and infinity become null."""
    return json.dumps(json_ready(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise RunFolderError(f"{path.parent}: {path.name} is missing, so this is not a run folder")
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunFolderError(f"{path}: cannot be read: {error}") from error
    if not isinstance(value, dict):
        raise RunFolderError(f"{path}: an object is expected")
    return value

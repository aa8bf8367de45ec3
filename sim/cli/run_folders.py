"""Where run folders go."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote

from sim.cli.output import echo
from sim.errors import RunFolderError

RUNS = Path("runs")


def run_folder(out: str | None, name: str, kind: str, scenario_file: Path) -> Path:
    """Return where a run is to be written, after making sure that it can be.

    A run for which no place is named goes beside a comparison of the same scenario.

    Parameters
    ----------
    out : str or None
        As the user said.
    name : str
        Name of the scenario, used where the user said nothing.
    kind : str
        What is written, ``run`` or ``comparison``.
    scenario_file : Path
        Whose results are written: it is told where they take the place of those of another file of the same name.

    Raises
    ------
    RunFolderError
        When the place holds something else than a run, or is not writable.
    """
    from sim.records.folder import check_replaceable, holds_comparison, scenario_file_of

    if out == "":
        raise RunFolderError("--out: is empty; name a folder, or leave the option out")
    folder = RUNS / name if out is None else Path(out)
    if out is None and kind == "run" and holds_comparison(folder):
        echo(f"{folder} holds a comparison, which is kept; the run goes to {folder}-run", err=True)
        folder = RUNS / f"{name}-run"
    check_replaceable(folder, kind)
    check_writable(folder)
    other = scenario_file_of(folder)
    if out is None and other is not None and other.is_file() and other != scenario_file.resolve():
        echo(
            f"{folder} holds results of {other}, which has the same name, and is replaced; to keep both, change the "
            f"name in {scenario_file} or say --out",
            err=True,
        )
    return folder


def check_writable(folder: Path) -> None:
    """Make sure that a folder can be made.

    Raises
    ------
    RunFolderError
        When it cannot.
    """
    existing = next(parent for parent in folder.absolute().parents if parent.exists())
    if not existing.is_dir():
        raise RunFolderError(f"{folder}: cannot be made, for {existing} is a file")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise RunFolderError(f"{folder}: cannot be made, for {existing} is not writable")


def say_where(folder: Path) -> None:
    """Print where the run folder and its report are, and how to look at it in the app."""
    echo(f"\nrun folder  {folder}\nreport      {folder / 'report.html'}")
    echo(f"app         peakshift serve {quote(str(folder))}")

"""Where the files are that a user names on the command line."""

from __future__ import annotations

import os
from pathlib import Path

import click

from sim.errors import InputError, Problem, RunFolderError
from sim.locations import networks_dir, scenarios_dir

RUNS = Path("runs")


def find_scenario(text: str) -> Path:
    """Return the scenario file of that path, or the one of that name that comes with peakshift.

    Raises
    ------
    InputError
        When there is neither.
    """
    from sim.loading.hints import did_you_mean, listed

    refuse_address(text)
    path = Path(text)
    if path.is_file():
        return path
    shipped = scenarios_dir()
    name = path.name if path.parent in (Path(), Path("scenarios")) else ""
    for candidate in (name, f"{name}.yaml"):
        if name and (shipped / candidate).is_file():
            return shipped / candidate
    if path.exists():
        return path
    known = sorted(file.stem for file in shipped.glob("*.yaml"))
    hint = did_you_mean(path.stem, known)
    raise InputError(
        [Problem(text, 0, 0, "", f"there is no such file{hint}; scenarios that come with peakshift: {listed(known)}")]
    )


def find_network(text: str) -> Path:
    """Return the network folder or zip of that path, or the one of that name that comes with peakshift.

    Raises
    ------
    InputError
        When there is neither.
    """
    from sim.loading.hints import did_you_mean, listed

    refuse_address(text)
    path = Path(text)
    if path.exists():
        return path
    shipped = networks_dir()
    if path.parent in (Path(), Path("networks")) and path.name and (shipped / path.name).is_dir():
        return shipped / path.name
    known = sorted(folder.name for folder in shipped.iterdir() if (folder / "gtfs").is_dir())
    hint = did_you_mean(path.name, known)
    message = f"there is no such folder or GTFS zip{hint}; networks that come with peakshift: {listed(known)}"
    raise InputError([Problem(text, 0, 0, "", message)])


def refuse_address(text: str) -> None:
    """Refuse an address on the web in the place of a file.

    Raises
    ------
    InputError
        When it is one.
    """
    if "://" in text:
        message = "is an address on the web; download the file and name it here"
        raise InputError([Problem(text, 0, 0, "", message)])


def run_folder(out: str | None, name: str) -> Path:
    """Return where a run is to be written, after making sure that it can be.

    Parameters
    ----------
    out : str or None
        As the user said.
    name : str
        Name of the scenario, used where the user said nothing.

    Raises
    ------
    RunFolderError
        When the place holds something else than a run, or is not writable.
    """
    from sim.records.folder import check_replaceable

    folder = RUNS / name if out is None else Path(out)
    check_replaceable(folder)
    existing = next(parent for parent in folder.absolute().parents if parent.exists())
    if not existing.is_dir():
        raise RunFolderError(f"{folder}: cannot be made, for {existing} is a file")
    if not os.access(existing, os.W_OK | os.X_OK):
        raise RunFolderError(f"{folder}: cannot be made, for {existing} is not writable")
    return folder


def say_where(folder: Path) -> None:
    """Print where the run folder and its report are."""
    click.echo(f"\nrun folder  {folder}\nreport      {folder / 'report.html'}")

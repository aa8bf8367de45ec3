"""Scenario files and networks by path, or by the name of one that comes with peakshift."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.errors import InputError, Problem, ScenarioError
from sim.loading.hints import nearest
from sim.locations import networks_dir, scenarios_dir

RUN_OR_SCENARIO = "run folder or scenario file"
"""What is sought where either may be named, for an error where there is neither."""


def find_scenario(text: str, sought: str = "file") -> Path:
    """Return the scenario file of that path, or the one of that name that comes with peakshift.

    Parameters
    ----------
    text : str
    sought : str
        What might have been meant, for the error.

    Raises
    ------
    ScenarioError
        When there is neither.
    """
    refuse_address(text)
    path = Path(text)
    if path.is_file() and not _is_network(path):
        return path
    shipped = scenarios_dir()
    name = path.name if path.parent in (Path(), Path("scenarios")) else ""
    for candidate in (name, f"{name}.yaml"):
        if name and (shipped / candidate).is_file():
            return shipped / candidate
    if _is_network(path):
        message = f"is a network, not a scenario; `peakshift init {text}` writes a scenario that runs on it"
        raise ScenarioError([Problem(text, 0, 0, "", message)])
    if path.exists():
        return path
    advice = _advice(path, Path("scenarios"), shipped_scenarios(), "peakshift scenarios")
    raise ScenarioError([Problem(text, 0, 0, "", f"there is no such {sought}")], advice)


def shipped_scenarios() -> list[str]:
    """Return the names of the scenarios that come with peakshift."""
    return sorted(file.stem for file in scenarios_dir().glob("*.yaml"))


def shipped_networks() -> list[str]:
    """Return the names of the networks that come with peakshift."""
    return sorted(folder.name for folder in networks_dir().iterdir() if (folder / "gtfs").is_dir())


def _advice(path: Path, folder: Path, known: Sequence[str], command: str) -> list[str]:
    """Name what is most like a name, and the command that lists everything; nothing for a file elsewhere."""
    if path.parent not in (Path(), folder):
        return []
    near = nearest(path.stem, known)
    *others, last = near or [""]
    meant = f"did you mean {' or '.join(filter(None, [', '.join(others), last]))}?"
    return [*([meant] if near else []), f"`{command}` lists what comes with peakshift"]


def _is_network(path: Path) -> bool:
    """Tell whether a path is a zip, or a folder with a feed, which no scenario is."""
    if path.is_dir():
        return (path / "gtfs").is_dir() or (path / "stops.txt").is_file()
    return path.suffix.lower() == ".zip" and path.is_file()


def find_network(text: str) -> Path:
    """Return the network folder or zip of that path, or the one of that name that comes with peakshift.

    Raises
    ------
    InputError
        When there is neither.
    """
    refuse_address(text)
    path = Path(text)
    if path.exists():
        return path
    shipped = networks_dir()
    if path.parent in (Path(), Path("networks")) and path.name and (shipped / path.name).is_dir():
        return shipped / path.name
    advice = _advice(path, Path("networks"), shipped_networks(), "peakshift network list")
    raise InputError([Problem(text, 0, 0, "", "there is no such folder or GTFS zip")], advice)


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

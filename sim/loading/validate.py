"""Look at a scenario file, network folder or GTFS feed without running anything."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sim.errors import InputError, Problem
from sim.loading.network_files import is_network
from sim.loading.network_folder import load_network
from sim.loading.scenario import load_with_mentions

Kind = Literal["scenario", "network", "gtfs"]


@dataclass(frozen=True)
class ValidationReport:
    """What validation found.

    Attributes
    ----------
    kind : str
        ``scenario``, ``network`` (folder) or ``gtfs`` (bare feed), by the looks of the path.
    problems : tuple of Problem
        Empty where the input can be used.
    mentions : tuple of Problem
        Remarks that do not stop anything.
    """

    kind: Kind
    problems: tuple[Problem, ...]
    mentions: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether the input can be used."""
        return not self.problems


def validate_path(path: Path | str) -> ValidationReport:
    """Check a scenario file with all it names, a network folder, a GTFS folder or a GTFS zip.

    Parameters
    ----------
    path : Path or str
        Folders and ``.zip`` files are networks, all other files scenarios.
    """
    place = Path(path)
    kind = kind_of_path(place)
    try:
        if kind == "scenario":
            _, mentions = load_with_mentions(place)
        else:
            mentions = load_network(place).mentions
    except InputError as error:
        return ValidationReport(kind, error.problems, ())
    return ValidationReport(kind, (), mentions)


def kind_of_path(path: Path) -> Kind:
    """Tell by the looks of a path what it is meant to be."""
    if path.is_dir():
        return "network" if is_network(path) else "gtfs"
    return "gtfs" if path.suffix.lower() == ".zip" else "scenario"

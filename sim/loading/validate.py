"""Look at a scenario file, network folder or GTFS feed without running anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from sim.errors import InputError, Problem
from sim.loading.network_files import is_network
from sim.loading.network_folder import load_network
from sim.loading.scenario import Check, load_with_mentions
from sim.loading.scenario_source import declared_variants
from sim.loading.variant_files import variants_of_file
from sim.model.demand import Demand
from sim.model.network import Network
from sim.model.scenario import Scenario
from sim.model.service import Service

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
    counts : mapping of str to float
        How many stops, lines, trips and expected commuters there are; empty with problems.
    remarks : tuple of str
        What somebody should know of a scenario before it is run.
    """

    kind: Kind
    problems: tuple[Problem, ...]
    mentions: tuple[Problem, ...]
    counts: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the input can be used."""
        return not self.problems


Look = Callable[[Scenario], list[str]]
Limit = Callable[[Scenario], Iterable[Problem]]
"""Finds what somebody should know of a scenario, by what rooms above this one know."""


def validate_path(
    path: Path | str,
    checks: Sequence[Check] = (),
    looks: Sequence[Look] = (),
    limits: Sequence[Limit] = (),
    overrides: Sequence[str] = (),
) -> ValidationReport:
    """Check a scenario file with all it names, a network folder, a GTFS folder or a GTFS zip.

    Parameters
    ----------
    path : Path or str
        Folders and ``.zip`` files are networks, all other files scenarios.
    checks : sequence of callable
        Further checks of the keys of a scenario.
    looks : sequence of callable
        Further looks at a scenario that is in order.
    limits : sequence of callable
        What a scenario that is in order by itself must fit.
    overrides : sequence of str
        Texts ``key.path=value``, laid over a scenario and its variants; networks have no keys.
    """
    place = Path(path)
    remarks: list[str] = []
    kind = kind_of_path(place)
    try:
        if kind == "scenario":
            scenario, mentions = load_with_mentions(place, overrides, checks)
            if declared_variants(place):
                variants_of_file(place, overrides, checks)
            counts = _counts(scenario.network, scenario.service, scenario.demand)
            beyond = [replace(problem, file=str(path)) for limit in limits for problem in limit(scenario)]
            if beyond:
                raise InputError(beyond)
            remarks += [remark for look in looks for remark in look(scenario)]
        else:
            loaded = load_network(place)
            mentions, counts = loaded.mentions, _counts(loaded.network, loaded.service, loaded.demand)
    except InputError as error:
        return ValidationReport(kind, error.problems, ())
    return ValidationReport(kind, (), mentions, counts, tuple(remarks))


def kind_of_path(path: Path) -> Kind:
    """Tell by the looks of a path what it is meant to be."""
    if path.is_dir():
        return "network" if is_network(path) else "gtfs"
    return "gtfs" if path.suffix.lower() == ".zip" else "scenario"


def _counts(network: Network, service: Service, demand: Demand) -> dict[str, float]:
    return {
        "stops": len(network.stop_id),
        "lines": len(service.lines),
        "trips": len(service.trip_id),
        "commuters": float(demand.commuters.sum()),
    }

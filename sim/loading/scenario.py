"""Scenario files to scenarios, and parameters back to files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import NetworkError, Problem, ScenarioError
from sim.loading.changes.apply import apply_changes, further_vehicles, new_stops, remarks_on_changes
from sim.loading.changes.draft import Draft
from sim.loading.counts import counted_of
from sim.loading.crowding_table import with_mean_table
from sim.loading.declared_variants import DeclaredVariant
from sim.loading.demand_files import no_demand
from sim.loading.demand_flows import check_flows, demand_of, remarks_on_scale
from sim.loading.gravity_demand import gravity_demand
from sim.loading.hints import did_you_mean, listed
from sim.loading.inline import PlaceKey, check_inline, inline_network, inline_service, inline_stops, stops_on_lines
from sim.loading.naming import with_ids
from sim.loading.network_folder import LoadedNetwork, load_network
from sim.loading.network_places import find_network, is_shipped
from sim.loading.operations import check_operations, remarks_on_operations
from sim.loading.scenario_source import (
    MAPPING,
    ScenarioSource,
    in_file_order,
    read_mapping,
    read_source,
    validate,
    without_keys,
)
from sim.loading.service_rules import apply_horizon, apply_service_rules, before_last_vehicle
from sim.loading.tariff_files import tariff_of
from sim.loading.through_services import join_through
from sim.loading.variant_base import with_people_named
from sim.loading.vehicle_blocks import arrange_blocks
from sim.loading.yaml_source import Node
from sim.locations import networks_dir
from sim.model.counted import CountedDays
from sim.model.demand import join
from sim.model.no_advice import NO_ADVICE
from sim.model.notes import note
from sim.model.parameters import ScenarioParameters
from sim.model.parameters.privacy import PrivacyParameters
from sim.model.scenario import Scenario
from sim.model.service import Service
from sim.units import format_clock

__all__ = [
    "build_scenario",
    "find_network",
    "load_scenario",
    "load_with_mentions",
    "read_parameters",
    "scenario_of_mapping",
]


@dataclass(frozen=True)
class _Assembled:
    scenario: Scenario
    mentions: tuple[Problem, ...]


Check = Callable[[ScenarioParameters, PlaceKey], list[Problem]]
"""Finds problems of keys by what rooms above this one know, such as the names of strategies."""


def load_scenario(path: Path | str, overrides: Sequence[str] = (), checks: Sequence[Check] = ()) -> Scenario:
    """Read a scenario file and everything it names.

    Parameters
    ----------
    path : Path or str
        Scenario file.
    overrides : sequence of str
        Texts ``key.path=value`` laid over the file, the value as in YAML 1.2.
    checks : sequence of callable
        Further checks of the keys, whose problems are listed with all others.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem of the file, or of the network it names.
    """
    return load_with_mentions(path, overrides, checks)[0]


def load_with_mentions(
    path: Path | str,
    overrides: Sequence[str] = (),
    checks: Sequence[Check] = (),
    variant: DeclaredVariant | None = None,
) -> tuple[Scenario, tuple[Problem, ...]]:
    """Read a scenario, or a variant of it, as `load_scenario` does, with remarks that do not stop anything.

    Raises
    ------
    ScenarioError
        With every problem of the file, or of the network it names.
    """
    file = Path(path)
    root = read_source(file, overrides, variant)
    digest = (file.name, hashlib.sha256(file.read_bytes()).hexdigest())
    return _checked(root, file.resolve().parent, digest, checks)


def scenario_of_mapping(keys: Mapping[str, Any], overrides: Sequence[str] = ()) -> Scenario:
    """Make a scenario from the keys that a file would hold; relative paths count from the current folder.

    Parameters
    ----------
    keys : mapping of str to Any
        As in a scenario file.
    overrides : sequence of str
        As for `load_scenario`.

    Raises
    ------
    ScenarioError
        With every problem of the keys, or of the network they name.
    """
    root, text = read_mapping(keys, overrides)
    return _checked(root, Path.cwd(), (MAPPING, hashlib.sha256(text.encode()).hexdigest()), ())[0]


def _checked(
    root: Node, base_dir: Path, digest: tuple[str, str], checks: Sequence[Check]
) -> tuple[Scenario, tuple[Problem, ...]]:
    place = ScenarioSource(root).problem
    try:
        parameters, wrong = validate(root), []
    except ScenarioError as error:
        rest = without_keys(root, error.problems)
        if rest is None:
            raise
        parameters, wrong = rest, list(error.problems)
    wrong += [problem for check in checks for problem in check(parameters, place)]
    try:
        done = _assemble(parameters, base_dir, (digest,), place)
        scenario = with_people_named(done.scenario, place, load_scenario)
    except ScenarioError as error:
        raise ScenarioError(in_file_order([*wrong, *error.problems])) from None
    if wrong:
        raise ScenarioError(in_file_order(wrong))
    return scenario, done.mentions


def read_parameters(path: Path | str, overrides: Sequence[str] = ()) -> tuple[ScenarioParameters, Path]:
    """Read and check the keys of a scenario file, without what they name.

    Returns
    -------
    ScenarioParameters
    Path
        Folder from which relative paths count.

    Raises
    ------
    ScenarioError
        With every problem of the keys.
    """
    file = Path(path)
    return validate(read_source(file, overrides)), file.resolve().parent


def build_scenario(parameters: ScenarioParameters, base_dir: Path, hashes: Iterable[tuple[str, str]] = ()) -> Scenario:
    """Build a scenario from parameters made in memory.

    Parameters
    ----------
    parameters : ScenarioParameters
    base_dir : Path
        Folder from which relative paths count.
    hashes : iterable of (str, str)
        Name and SHA-256 of files the parameters come from.

    Raises
    ------
    ScenarioError
        With every problem of what the parameters name.
    """
    place = ScenarioSource().problem
    return with_people_named(_assemble(parameters, base_dir, tuple(hashes), place).scenario, place, load_scenario)


def _assemble(
    parameters: ScenarioParameters, base_dir: Path, hashes: tuple[tuple[str, str], ...], place: PlaceKey
) -> _Assembled:
    problems = _check_by_themselves(parameters, place)
    if parameters.network.folder is not None:
        loaded = _load_folder(parameters, base_dir, place, problems)
        network, service, of_network = loaded.network, loaded.service, loaded.demand
        of_network_fares = loaded.tariff
        parameters, ambiguous = with_ids(parameters, network, service.lines, place)
        problems += ambiguous
        problems += _lacking(parameters, loaded, place)
        mentions, network_hashes = (*loaded.mentions, *_namesake(parameters, base_dir, place)), loaded.input_hashes
        walks = () if network.foot is None else (network.foot.link_from, network.foot.link_to)
        reached = np.unique(np.concatenate([service.visit_stop, *walks]))
        stops, served = network.stop_id, {network.nodes[row] for row in reached.tolist()}
    else:
        problems += check_inline(parameters, place)
        of_network_fares = None
        stops, served = tuple(inline_stops(parameters)), stops_on_lines(parameters)
    served |= new_stops(parameters.service.changes, stops)
    names = network.stop_name if parameters.network.folder is not None else ()
    problems += check_flows(parameters.demand.flows, stops, served, place, names)
    if parameters.network.folder is None:
        if problems:
            raise ScenarioError(in_file_order(problems))
        network = inline_network(parameters)
        service = inline_service(parameters, network)
        of_network, mentions, network_hashes = no_demand(), (), ()
    draft = Draft(network, service, parameters.disruptions.links)
    problems += apply_changes(draft, parameters.service.changes, place)
    network, before, service = draft.network, service, draft.service
    disruptions = parameters.disruptions.model_copy(update={"links": draft.links})
    parameters = parameters.model_copy(update={"disruptions": disruptions})
    problems += _check_horizon(parameters, service, place)
    rides = parameters.journeys.max_transfers + 1
    made, synthetic, unmade = gravity_demand(parameters.demand, rides, network, service, place)
    problems += unmade
    problems += check_operations(parameters, network, service, place)
    mentions = (*mentions, *remarks_on_operations(parameters, network, service, place))
    mentions = (*mentions, *remarks_on_scale(parameters.demand, of_network, place))
    if problems:
        raise ScenarioError(in_file_order(problems))
    demand = demand_of(parameters.demand, of_network, network.stop_index)
    demand = join([demand, made]) if len(made) else demand
    if parameters.demand.before_last_vehicle:
        # By the whole timetable: vehicles do not end with the horizon (test_a_horizon_takes_no_vehicle_from_anybody).
        demand = before_last_vehicle(demand, network, service, rides)
    demand = apply_horizon(demand, parameters.horizon)
    service = apply_service_rules(service, parameters.horizon, parameters.service)
    mentions = (*mentions, *remarks_on_changes(network, before, draft.service, demand, place))
    service = join_through(arrange_blocks(service, parameters.service), parameters.service)
    parameters = with_mean_table(parameters, service)
    changed = (note("changed_in_scenario", change=change) for change in draft.notes)
    network = replace(network, notes=(*network.notes, *synthetic, *changed))
    tariff = tariff_of(parameters.fares, of_network_fares, service, network.link_length_m)
    counted, of_counts, problems = counted_of(parameters, base_dir, network, service, place)
    if problems:
        raise ScenarioError(in_file_order(problems))
    scenario = Scenario(parameters, network, service, demand, hashes, network_hashes + of_counts, tariff)
    return _Assembled(replace(scenario, counted=counted, folder=base_dir), (*mentions, *_unused(counted)))


def _unused(counted: CountedDays | None) -> list[Problem]:
    """Say what was not used of files of counts."""
    return [] if counted is None else [Problem("", 0, 0, "", said) for said in counted.notes]


def _namesake(parameters: ScenarioParameters, base_dir: Path, place: PlaceKey) -> Iterator[Problem]:
    """Say that a folder beside the scenario is not meant, where a network that comes with peakshift has its name."""
    folder = parameters.network.folder or ""
    beside = base_dir / folder
    if is_shipped(folder) and beside.is_dir() and not beside.samefile(networks_dir() / folder):
        message = f"is the network that comes with peakshift; for the folder of that name here write './{folder}'"
        yield place(("network", "folder"), message)


def _lacking(parameters: ScenarioParameters, loaded: LoadedNetwork, place: PlaceKey) -> Iterator[Problem]:
    """Yield what the scenario counts on and the folder of its network does not have."""
    if parameters.fares.kind == "network" and loaded.tariff is None:
        message = (
            "the network has no fares.csv, and its feed no fares of GTFS version 1 (fare_attributes.txt), which alone "
            "are read; kinds flat and distance need no file"
        )
        yield place(("fares", "kind"), message)
    wanted = parameters.demand
    if wanted.scale > 0 and not len(loaded.demand) and not wanted.flows and wanted.gravity is None:
        message = "the network has no demand; give flows, gravity, or scale: 0 for empty vehicles"
        yield place(("demand",), message)


def _no_network(folder: str, base_dir: Path) -> str:
    """Say that there is no network of a name, or none at a path, and where it was looked for."""
    known = sorted(found.name for found in networks_dir().iterdir() if (found / "gtfs").is_dir())
    if Path(folder).name != folder:
        looked_at = os.path.normpath(base_dir.absolute() / folder)
        return f"there is no folder {looked_at}; a path counts from the folder of the scenario"
    return f"there is no network {folder!r}{did_you_mean(folder, known)}; networks/ has {listed(known)}"


def _load_folder(
    parameters: ScenarioParameters, base_dir: Path, place: PlaceKey, problems: list[Problem]
) -> LoadedNetwork:
    wanted = parameters.network
    folder = wanted.folder or ""
    path = find_network(folder, base_dir)
    if path is None:
        raise ScenarioError([*problems, place(("network", "folder"), _no_network(folder, base_dir))])
    try:
        return load_network(
            path,
            wanted.agencies,
            wanted.lines_used,
            wanted.date,
            vehicles=parameters.service.vehicles,
            further=further_vehicles(parameters.service.changes),
            locate=lambda key, message: place(("network", key) if key else ("network",), message),
        )
    except NetworkError as error:
        raise ScenarioError([*problems, *error.problems]) from None


def _check_by_themselves(parameters: ScenarioParameters, place: PlaceKey) -> list[Problem]:
    """Find contradictions between keys that need no network."""
    problems = []
    advisor, network = parameters.advisor, parameters.network
    if not advisor.strategy.strip():
        problems.append(place(("advisor", "strategy"), "must not be empty; none stands for no advice"))
    if advisor.strategy != NO_ADVICE and advisor.first_day >= parameters.days:
        message = f"advice would start on day {advisor.first_day}, but the last day is {parameters.days - 1}"
        problems.append(place(("advisor", "first_day"), message))
    if advisor.last_day is not None and advisor.last_day < advisor.first_day:
        message = f"is before the first day with advice, {advisor.first_day}"
        problems.append(place(("advisor", "last_day"), message))
    problems += _check_privacy(advisor.forecast.privacy, place)
    if network.folder is None:
        if parameters.fares.kind == "network":
            problems.append(place(("fares", "kind"), "network has no meaning without network.folder"))
        unused = [key for key in ("agencies", "lines_used", "date") if getattr(network, key) is not None]
        problems += [place(("network", key), "has no meaning without network.folder") for key in unused]
    elif network.stops:
        problems.append(place(("network", "stops"), "has no meaning with network.folder; give lines instead"))
    return problems


def _check_privacy(privacy: PrivacyParameters, place: PlaceKey) -> list[Problem]:
    """Find limits that would limit nothing, and a budget that no day can be bought with."""
    key = ("advisor", "forecast", "privacy")
    if privacy.mechanism == "none":
        message = "has no effect while the mechanism is none; choose discrete_laplace or gaussian, or leave it out"
        limits = {"minimum_cell": privacy.minimum_cell, "total_epsilon": privacy.total_epsilon}
        return [place((*key, name), message) for name, value in limits.items() if value]
    if privacy.total_epsilon is not None and privacy.total_epsilon < privacy.epsilon:
        message = (
            f"{privacy.total_epsilon:g} is less than epsilon, {privacy.epsilon:g}, which each day costs: the advisor "
            "would never see a day; give at least epsilon"
        )
        return [place((*key, "total_epsilon"), message)]
    return []


def _check_horizon(parameters: ScenarioParameters, service: Service, place: PlaceKey) -> list[Problem]:
    """Find a horizon in which no vehicle runs, and flows that lie outside of it."""
    horizon = parameters.horizon
    end = horizon.end_s if horizon.end_s is not None else np.inf
    first = service.scheduled_departure_s[service.visit_ptr[:-1]]
    problems = []
    if not ((first >= horizon.start_s) & (first < end)).any():
        message = (
            f"no trip departs in it; the trips depart from {format_clock(float(first.min()))} "
            f"to {format_clock(float(first.max()))}"
        )
        problems.append(place(("horizon",), message))
    for number, flow in enumerate(parameters.demand.flows):
        for position, piece in enumerate(flow.pieces):
            if piece.start_s < horizon.start_s or piece.start_s >= end:
                message = f"{format_clock(piece.start_s)} is outside the horizon"
                problems.append(place(("demand", "flows", number, "pieces", position, "start"), message))
    return problems

"""The scenario that another one is a variant of: the people it has in common with it, and their wishes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.errors import ScenarioError
from sim.loading.inline import PlaceKey
from sim.loading.scenario_source import read_source, validate
from sim.model.demand import Demand
from sim.model.scenario import Scenario

_KEY = ("variant_of",)


def with_people_of(base: Scenario, own: Scenario) -> Scenario:
    """Return a scenario with the people of another one, as far as it has them; they want to arrive when they do there.

    Where it leaves the demand alone it is that of the base: a demand by gravity is made from the service, and with
    another service other people would travel.

    Parameters
    ----------
    base, own : Scenario
    """
    return replace(own, wishes_of=base, demand=_demand_of(base, own))


def with_people_named(scenario: Scenario, place: PlaceKey, load: Callable[[Path], Scenario]) -> Scenario:
    """Return a scenario with the people of the one it says that it is a variant of; itself where it says nothing.

    Parameters
    ----------
    scenario : Scenario
    place : callable
        Makes a problem of a key path and a message.
    load : callable
        Reads a scenario file.

    Raises
    ------
    ScenarioError
        When there is no such file, it is a variant itself, or it has problems.
    """
    named = scenario.parameters.variant_of
    if named is None or scenario.folder is None:
        return scenario
    file = scenario.folder / named
    if not file.is_file():
        raise ScenarioError([place(_KEY, f"there is no file {named}")])
    further = validate(read_source(file)).variant_of
    if further is not None:
        # A chain would leave open whose wishes count, and could come back to where it began.
        raise ScenarioError([place(_KEY, f"{named} is itself a variant of {further}; name that one")])
    base = load(file)
    found = with_people_of(base, scenario)
    return replace(found, file_hashes=(*scenario.file_hashes, *base.file_hashes))


def _demand_of(base: Scenario, own: Scenario) -> Demand:
    """Return the demand of the base in a variant that does not change it, else that of the variant."""
    stops, demand = own.network.stop_index, base.demand
    used = np.unique(np.concatenate([demand.origin, demand.destination])).tolist()
    if _asked_for(base) != _asked_for(own) or any(base.network.stop_id[row] not in stops for row in used):
        return own.demand
    rows = np.array([stops.get(stop, -1) for stop in base.network.stop_id], dtype=np.int64)
    return replace(demand, origin=rows[demand.origin], destination=rows[demand.destination])


def _asked_for(scenario: Scenario) -> tuple[Any, ...]:
    """Return all that says who travels, the service aside."""
    parameters = scenario.parameters
    network = parameters.network.model_copy(update={"folder": None})
    files = sorted(digest for _, digest in scenario.data_hashes)
    return parameters.demand, parameters.horizon, network, files

"""The synthetic demand that a scenario asks for by ``demand.gravity``."""

from __future__ import annotations

import numpy as np

from sim.errors import InputError, Problem
from sim.loading.demand_files import make_demand, no_demand, spread_over_profile
from sim.loading.inline import PlaceKey
from sim.model.demand import Demand
from sim.model.network import Network
from sim.model.notes import note
from sim.model.parameters import DemandParameters, GravityParameters
from sim.model.service import Service


def gravity_demand(
    parameters: DemandParameters, rides: int, network: Network, service: Service, place: PlaceKey
) -> tuple[Demand, tuple[str, ...], list[Problem]]:
    """Make the demand, the notes that call it synthetic, and what keeps it from being made.

    Parameters
    ----------
    parameters : DemandParameters
    rides : int
        Most vehicles of a journey.
    network, service
    place : callable
        Makes a problem of a key path and a message.
    """
    wishes = parameters.gravity
    if wishes is None:
        return no_demand(), (), []
    try:
        return _made(wishes, parameters.scale, rides, network, service), (_note(wishes, parameters.scale),), []
    except InputError as error:
        return no_demand(), (), [place(("demand", "gravity"), problem.message) for problem in error.problems]


def _made(wishes: GravityParameters, scale: float, rides: int, network: Network, service: Service) -> Demand:
    # Many modules, for scenarios that ask for such demand alone.
    from sim.loading.demand_making.flows import within_service
    from sim.loading.demand_making.gravity import GravityOptions, demand_of_gravity
    from sim.loading.demand_making.profiles import shipped_profiles

    profile = shipped_profiles()[wishes.profile]
    options = GravityOptions(wishes.total, wishes.mean_ride_s, wishes.changes, weights=None)
    made = within_service(demand_of_gravity(options, profile, network, service), network, service, rides)
    flows = np.arange(len(made.commuters))
    of_flow = np.zeros(len(flows), dtype=np.int64) if made.served is None else made.served.of_flow
    rows, start_s, end_s, counts = [], [], [], []
    for number, part in enumerate(made.profiles):
        mine = flows[of_flow == number]
        row, period, people = spread_over_profile(made.commuters[mine], part.share)
        rows.append(mine[row])
        start_s.append(part.start_s[period])
        end_s.append(part.end_s[period])
        counts.append(people)
    row = np.concatenate(rows)
    order = np.lexsort((np.concatenate(start_s), row))
    row = row[order]
    times = (np.concatenate(start_s)[order], np.concatenate(end_s)[order])
    return make_demand(made.origin[row], made.destination[row], *times, np.concatenate(counts)[order] * scale, row)


def _note(wishes: GravityParameters, scale: float) -> str:
    total = f"{wishes.total * scale:,.0f}"
    return note("synthetic_demand", total=total, profile=str(wishes.profile))

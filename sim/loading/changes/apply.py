"""All edits of a scenario, in their order."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from sim.errors import Problem
from sim.loading.changes.draft import Draft, EditError
from sim.loading.hints import listed
from sim.loading.inline import PlaceKey
from sim.model.demand import Demand
from sim.model.network import Network
from sim.model.parameters.changes import ServiceChangeParameters
from sim.model.service import Service


def apply_changes(draft: Draft, changes: Sequence[ServiceChangeParameters], place: PlaceKey) -> list[Problem]:
    """Make all edits that can be made, and return what is wrong with the others.

    Parameters
    ----------
    draft : Draft
        Is edited.
    changes : sequence of ServiceChangeParameters
    place : callable
        Makes a problem of a key path and a message.
    """
    if not changes:
        return []
    from sim.loading.changes.edits import EDITS  # many modules, for scenarios with edits alone

    problems = []
    for number, change in enumerate(changes):
        kind, item = change.named()[0]
        try:
            EDITS[kind](draft, item, number)
        except EditError as error:
            problems.append(place(("service", "changes", number, kind, *error.path), error.message))
    return problems


def new_stops(changes: Sequence[ServiceChangeParameters], stops: Collection[str]) -> set[str]:
    """Return the stops that new lines serve, of those that there are."""
    return {stop for change in changes if change.new_line for stop in change.new_line.stops if stop in stops}


def further_vehicles(changes: Sequence[ServiceChangeParameters]) -> frozenset[str]:
    """Return the vehicle types that edits give to trips in place of those they have."""
    given = {change.vehicle.type for change in changes if change.vehicle}
    with_trips = [item for change in changes for item in (change.headway, change.add_trips) if item]
    return frozenset(given | {item.vehicle for item in with_trips if item.vehicle})


def remarks_on_changes(
    network: Network, before: Service, after: Service, demand: Demand, place: PlaceKey
) -> list[Problem]:
    """Say how many commuters start or end where no vehicle stops any more.

    Parameters
    ----------
    network : Network
    before, after : Service
        Without and with the edits.
    demand : Demand
    place : callable
        Makes a problem of a key path and a message.
    """
    served, left = (np.zeros(len(network.stop_id), dtype=bool) for _ in range(2))
    served[before.visit_stop], left[after.visit_stop] = True, True
    cut = served & ~left
    persons = float(demand.commuters[cut[demand.origin] | cut[demand.destination]].sum())
    if not persons:
        return []
    share = persons / float(demand.commuters.sum())
    stops = listed(network.stop_id[row] for row in np.flatnonzero(cut))
    message = f"leave {persons:,.0f} commuters ({share:.1%}) without a vehicle at their first or last stop: {stops}"
    return [place(("service", "changes"), message)]

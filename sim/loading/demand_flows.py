"""Demand written in a scenario file, and the scaling of the network's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from sim.errors import Problem
from sim.loading.hints import did_you_mean, listed
from sim.loading.inline import KeyPath, PlaceKey
from sim.model.demand import Demand, Placement, join
from sim.model.parameters import DemandParameters, FlowParameters, PieceParameters

_PLACEMENTS: Final = {
    "even": Placement.EVEN,
    "random": Placement.RANDOM,
    "poisson": Placement.POISSON,
}


def check_flows(
    flows: tuple[FlowParameters, ...],
    stops: Collection[str],
    served: Collection[str],
    place: PlaceKey,
    names: Collection[str] = (),
) -> Iterator[Problem]:
    """Find flows between stops that are not there or that no line serves.

    Parameters
    ----------
    flows : tuple of FlowParameters
    stops, served : collection of str
        Ids of all stops, and of those that some line serves or some walk link leads to.
    place : callable
        Makes a problem of a key path and a message.
    names : collection of str
        What stops are called, by which a misspelt one is told.
    """
    for number, flow in enumerate(flows):
        for end in ("origin", "destination"):
            stop = getattr(flow, end)
            path: KeyPath = ("demand", "flows", number, end)
            if stop not in stops:
                hint = did_you_mean(stop, [*stops, *names])
                yield place(path, f"unknown stop {stop!r}{hint}; the stops are {listed(stops)}")
            elif stop not in served:
                yield place(path, f"no line serves the stop {stop!r}")


def demand_of(parameters: DemandParameters, of_network: Demand, rows: Mapping[str, int]) -> Demand:
    """Join the network's demand, scaled, and the flows of a scenario.

    Parameters
    ----------
    parameters : DemandParameters
    of_network : Demand
        Demand of the network folder.
    rows : mapping of str to int
        Row number of each stop.
    """
    parts = []
    if parameters.gravity is None and parameters.scale > 0 and len(of_network):
        parts.append(replace(of_network, commuters=of_network.commuters * parameters.scale))
    parts += [_flow(flow, rows) for flow in parameters.flows]
    return join(parts) if parts else replace_rows(of_network)


def remarks_on_scale(parameters: DemandParameters, of_network: Demand, place: PlaceKey) -> list[Problem]:
    """Return a remark where demand is scaled of which there is none, so that it stays as it is.

    Parameters
    ----------
    parameters : DemandParameters
    of_network : Demand
        Demand of the network folder.
    place : callable
        Makes a problem of a key path and a message.
    """
    scaled = parameters.gravity is not None or len(of_network) > 0
    if scaled or parameters.scale in {0.0, 1.0} or not parameters.flows:
        return []
    message = (
        f"is {parameters.scale:g}, but changes nothing: all commuters come from demand.flows, whose numbers are taken "
        "as they are; change commuters or rate there"
    )
    return [place(("demand", "scale"), message)]


def replace_rows(demand: Demand) -> Demand:
    """Return demand of the same kind without any flow."""
    return Demand(**{name: getattr(demand, name)[:0] for name in Demand.__dataclass_fields__})


def _flow(flow: FlowParameters, rows: Mapping[str, int]) -> Demand:
    count = len(flow.pieces)
    arrival = np.nan if flow.preferred_arrival_s is None else flow.preferred_arrival_s
    return Demand(
        origin=np.full(count, rows[flow.origin], dtype=np.int64),
        destination=np.full(count, rows[flow.destination], dtype=np.int64),
        start_s=np.array([piece.start_s for piece in flow.pieces]),
        end_s=np.array([piece.end_s for piece in flow.pieces]),
        commuters=np.array([_commuters(piece) for piece in flow.pieces], dtype=np.float64),
        placement=np.full(count, int(_PLACEMENTS[flow.placement]), dtype=np.int64),
        series=np.zeros(count, dtype=np.int64),
        preferred_arrival_s=np.full(count, arrival),
    )


def _commuters(piece: PieceParameters) -> float:
    if piece.rate_per_s is not None:
        return piece.rate_per_s * (piece.end_s - piece.start_s)
    return piece.commuters if piece.commuters is not None else 0.0

"""What a scenario makes of the service and demand of its network: horizon, scaled capacity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.model.demand import Demand
from sim.model.last_departures import last_useful_s
from sim.model.network import Network
from sim.model.parameters import DwellParameters, HorizonParameters, ServiceParameters
from sim.model.parameters.dwell import ALIGHTING_S, BOARDING_S, STANDEE_FRICTION_S
from sim.model.service import Service, VehicleType
from sim.model.service_trips import keep_trips


def apply_service_rules(service: Service, horizon: HorizonParameters, parameters: ServiceParameters) -> Service:
    """Leave out trips that depart outside the horizon, and scale capacities if asked to.

    Parameters
    ----------
    service : Service
    horizon : HorizonParameters
    parameters : ServiceParameters
    """
    first = service.scheduled_departure_s[service.visit_ptr[:-1]]
    end_s = np.inf if horizon.end_s is None else horizon.end_s
    kept = keep_trips(service, (first >= horizon.start_s) & (first < end_s))
    kept = replace(kept, vehicle_types=tuple(_with_payment(kind, parameters.dwell) for kind in kept.vehicle_types))
    if parameters.capacity_scale != 1:
        scale = parameters.capacity_scale
        kept = replace(kept, vehicle_types=tuple(_scaled(kind, scale) for kind in kept.vehicle_types))
    return kept


def _with_payment(kind: VehicleType, dwell: DwellParameters) -> VehicleType:
    """Return a vehicle type with the payment and door of the scenario, unless it names its own."""
    if dwell.fare_payment is not None and not kind.own_fare_payment:
        boarding_s = BOARDING_S[dwell.fare_payment]
        kind = replace(kind, boarding_s=boarding_s, standee_friction_s=STANDEE_FRICTION_S)
    if dwell.alighting_door is not None and not kind.own_door:
        kind = replace(kind, alighting_s=ALIGHTING_S[dwell.alighting_door])
    return kind


def _scaled(kind: VehicleType, scale: float) -> VehicleType:
    """Make room for a sample of the commuters, each of whom stands for 1 / scale of them."""
    capacity = max(round(kind.capacity * scale), 1)
    return replace(
        kind,
        capacity=capacity,
        seats=min(round(kind.seats * scale), capacity),
        standing_area_m2=kind.standing_area_m2 * scale,
        boarding_s=kind.boarding_s / scale,
        alighting_s=kind.alighting_s / scale,
    )


def apply_horizon(demand: Demand, horizon: HorizonParameters) -> Demand:
    """Leave out habitual departures outside the horizon; flows across a bound keep their share.

    Parameters
    ----------
    demand : Demand
    horizon : HorizonParameters
    """
    end_s = np.inf if horizon.end_s is None else horizon.end_s
    start = np.clip(demand.start_s, horizon.start_s, end_s)
    end = np.clip(demand.end_s, horizon.start_s, end_s)
    length = demand.end_s - demand.start_s
    inside = (demand.start_s >= horizon.start_s) & (demand.start_s < end_s)
    share = np.divide(end - start, length, out=inside.astype(np.float64), where=length > 0)
    kept = np.flatnonzero(share > 0)
    return Demand(
        origin=demand.origin[kept],
        destination=demand.destination[kept],
        start_s=start[kept],
        end_s=end[kept],
        commuters=(demand.commuters * share)[kept],
        placement=demand.placement[kept],
        series=demand.series[kept],
        preferred_arrival_s=demand.preferred_arrival_s[kept],
    )


def before_last_vehicle(demand: Demand, network: Network, service: Service, rides: int) -> Demand:
    """Let people of a period in which the last vehicle leaves be spread over the part of it before that vehicle.

    As many travel as before. A period that begins after the last vehicle stays as it is, and so does one of people who
    leave at one moment.

    Parameters
    ----------
    demand : Demand
    network : Network
    service : Service
    rides : int
        Most vehicles of a journey.
    """
    last_s, _ = last_useful_s(network, service, demand.origin, demand.destination, rides)
    cut = (last_s > demand.start_s) & (last_s < demand.end_s)
    return replace(demand, end_s=np.where(cut, last_s, demand.end_s))

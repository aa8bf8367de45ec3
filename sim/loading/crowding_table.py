"""What crowding may be expected to feel like at a load factor, before seats are known."""

from __future__ import annotations

import numpy as np

from sim.model.crowding import crowding_measure, curve_multipliers
from sim.model.parameters import CrowdingParameters, ScenarioParameters
from sim.model.service import Service

LOAD_FACTORS = tuple(step / 20 for step in range(1, 26))
"""Load factors of the table of means."""


def with_mean_table(parameters: ScenarioParameters, service: Service) -> ScenarioParameters:
    """Fill in the table of expected multipliers where riders sit and stand and none is given.

    It is the mean over the riders of the mean vehicle of the service.

    Parameters
    ----------
    parameters : ScenarioParameters
    service : Service
    """
    crowding = parameters.preferences.crowding
    if crowding.kind != "seated_standing" or "table" in crowding.model_fields_set or not len(service.trip_id):
        return parameters
    table = tuple(zip(LOAD_FACTORS, _means(crowding, service), strict=True))
    filled = CrowdingParameters.model_validate({**crowding.model_dump(), "table": table})
    preferences = parameters.preferences.model_copy(update={"crowding": filled})
    return parameters.model_copy(update={"preferences": preferences})


def _means(crowding: CrowdingParameters, service: Service) -> list[float]:
    curve = crowding.seated_standing()
    seats = np.full(len(LOAD_FACTORS), float(service.trip_seats.mean()))
    load = np.array(LOAD_FACTORS) * float(service.trip_capacity.mean())
    area_m2 = np.full(len(LOAD_FACTORS), float(service.trip_standing_area_m2.mean()))
    seated, standing = curve_multipliers(curve, crowding_measure(curve.measure, load, seats, area_m2))
    sitting = np.minimum(seats, load) / load
    return [round(value, 6) for value in (sitting * seated + (1.0 - sitting) * standing).tolist()]

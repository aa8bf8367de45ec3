"""All verification cases, family by family."""

from __future__ import annotations

from typing import Any

from sim.verification.case import Case
from sim.verification.families import (
    adapted_people,
    bottleneck,
    bunching,
    common_lines,
    crowded_services,
    crowding_multiplier,
    few_places,
    headway_variance,
    hours,
    learners,
    mandl,
    many_pairs,
    pairs,
    queues,
    random_travel_times,
    reserved_entry,
    signals,
    single_vehicle,
    waiting,
)

CASES: tuple[Case[Any], ...] = (
    *waiting.CASES,
    *few_places.CASES,
    *common_lines.CASES,
    *hours.CASES,
    *crowding_multiplier.CASES,
    *mandl.CASES,
    *crowded_services.CASES,
    *bottleneck.CASES,
    *reserved_entry.CASES,
    *many_pairs.CASES,
    *learners.CASES,
    *adapted_people.CASES,
    *random_travel_times.CASES,
    *bunching.CASES,
    *headway_variance.CASES,
    *single_vehicle.CASES,
    *signals.CASES,
    *queues.CASES,
    *pairs.CASES,
)

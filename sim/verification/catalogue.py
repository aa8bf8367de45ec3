"""All verification cases, family by family."""

from __future__ import annotations

from sim.verification.case import Case
from sim.verification.families import (
    bottleneck,
    bottleneck_learners,
    bulk_stop,
    bunching,
    calibration,
    common_lines,
    crowd,
    crowding,
    dwell,
    energy,
    energy_factors,
    headway_variance,
    identities,
    invariances,
    logit,
    mandl,
    pairs,
    queues,
    random_boarding,
    random_vehicles,
    traffic,
    waiting,
)

CASES: tuple[Case, ...] = (
    *waiting.CASES,
    *bulk_stop.CASES,
    *random_vehicles.CASES,
    *common_lines.CASES,
    *crowd.CASES,
    *mandl.CASES,
    *crowding.CASES,
    *bottleneck.CASES,
    *bottleneck_learners.CASES,
    *logit.CASES,
    *calibration.CASES,
    *bunching.CASES,
    *random_boarding.CASES,
    *headway_variance.CASES,
    *dwell.CASES,
    *traffic.CASES,
    *energy.CASES,
    *energy_factors.CASES,
    *queues.CASES,
    *pairs.CASES,
    *identities.CASES,
    *invariances.CASES,
)

"""All verification cases, family by family."""

from __future__ import annotations

from sim.verification.case import Case
from sim.verification.families import bulk_stop, bunching, crowding, dwell, headway_variance, mandl, traffic, waiting

CASES: tuple[Case, ...] = (
    *waiting.CASES,
    *bulk_stop.CASES,
    *mandl.CASES,
    *crowding.CASES,
    *bunching.CASES,
    *headway_variance.CASES,
    *dwell.CASES,
    *traffic.CASES,
)

"""Flows that are too small to be anybody: said before anything is simulated, and in the report."""

from __future__ import annotations

import numpy as np

from sim.model.demand import Placement
from sim.model.notes import note
from sim.model.scenario import Scenario


def rounding_remarks(scenario: Scenario) -> list[str]:
    """Say it where evenly placed flows of less than half a commuter come to nobody.

    Parameters
    ----------
    scenario : Scenario
    """
    demand = scenario.demand
    even = demand.placement == Placement.EVEN
    if not even.any():
        return []
    _, series = np.unique(demand.series[even], return_inverse=True)
    count = np.bincount(series, weights=demand.commuters[even])
    # Somebody leaves where the count passes 1/2 (test_it_is_said_exactly_where_a_flow_comes_to_nobody).
    nobody = count[(count > 0.0) & (np.floor(count + 0.5 + 1e-9) == 0.0)]
    if not len(nobody):
        return []
    return [note("rounded_to_nobody", flows=str(len(nobody)), all=str(len(count)), commuters=f"{nobody.sum():.3g}")]

"""What it costs to answer people one after the other, without knowing who comes next."""

from __future__ import annotations

import pytest

import sim

MOST_REGRET_SHARE = 0.10


@pytest.mark.parametrize("demand_scale", [4, 6])
def test_regret_of_answering_on_line(demand_scale: int) -> None:
    """Xiamen's surge and half as much again, fewer days: at most a tenth of the saving is lost against the joint plan.

    The joint plan knows every wish before it begins; the booking advisor knows how many travel, and meets people in any
    order. A booking that herded, or that had no prices, would lose a third and more at the larger demand.
    """
    overrides = {
        "replications": 2,
        "baselines": ["habit"],
        "days": 4,
        "demand.scale": demand_scale,
        "advisor.penetration": 1,
        "advisor.compliance": 1,
        "advisor.booking.kept": 1,
    }
    result = sim.compare("xiamen_brt2_surge", ["none", "coordinated", "booked"], overrides=overrides)
    strategies = result.summary["strategies"]
    together, booked = (
        strategies[name]["mean_generalized_cost_min"]["difference"] for name in ("coordinated", "booked")
    )
    assert together < -4.0
    assert booked - together <= MOST_REGRET_SHARE * -together

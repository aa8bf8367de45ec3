"""On how many draws plans are made: more where few travel, and where most are told which vehicle to meet."""

from __future__ import annotations

import numpy as np

from sim.advisor.strategy import AdvisorView

LEAST_DRAWS, MOST_DRAWS, MOST_REHEARSED = 4, 8, 100_000
"""Draws that a plan is made on, by how many people are simulated on all of them together (assumed)."""

NARROW_S, MORE_NARROW = 300.0, 3
"""Windows that are narrower than this name a vehicle. Where most people follow, so many times as many draws are taken
to tell vehicles that come from such as came: on Xiamen at 4 times the demand, in windows of a minute, plans that pay
21.6 min on their own draws pay 23.4 on others with 5 draws, and 22.0 with 17; with a tenth following it is 0.04."""

MOST_FOLLOW_SHARE = 0.5
"""Of all people, who are expected to follow (assumed)."""


def plan_draws(view: AdvisorView) -> int:
    """Return the number of draws on which a plan is made, by the number of people and not by the clock."""
    asked = view.scenario.parameters.advisor.rehearsal.draws
    if asked is not None:
        return asked
    times = MORE_NARROW if view.window_s < NARROW_S and most_follow(view) else 1
    return int(np.clip(times * MOST_REHEARSED // max(len(view.population), 1), LEAST_DRAWS, times * MOST_DRAWS))


def most_follow(view: AdvisorView) -> bool:
    """Tell whether most people are expected to follow advice: what is at stake in a plan.

    Persons count, and not their journeys: whoever goes back follows on the way there alone.
    """
    followers = view.scenario.parameters.advisor.compliance_share * len(view.users)
    return followers >= MOST_FOLLOW_SHARE * max(int(view.population.is_first.sum()), 1)

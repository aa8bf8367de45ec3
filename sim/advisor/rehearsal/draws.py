"""On how many draws plans are made and proved.

They are made on more where few travel, where most are told which vehicle to meet, and where plans do not keep what they
promise. They are proved on more where few travel and what a plan changes differs from day to day.
"""

from __future__ import annotations

import numpy as np

from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray

LEAST_DRAWS, MOST_DRAWS, MOST_REHEARSED = 4, 8, 100_000
"""Draws that a plan is made on, by how many people are simulated on all of them together (assumed)."""

NARROW_S, MORE_NARROW = 300.0, 3
"""Windows that are narrower than this name a vehicle. Where most people follow, so many times as many draws are taken
to tell vehicles that come from such as came: on Xiamen at 4 times the demand, in windows of a minute, plans that pay
21.6 min on their own draws pay 23.4 on others with 5 draws, and 22.0 with 17; with a tenth following it is 0.04."""

TIMES_MORE, MOST_MORE, MOST_REHEARSED_MORE = 4, 128, 400_000
"""How many times the draws a plan is made on that did not keep what it promised, on how many at most, and how many
people are then simulated on all of them together (assumed)."""

KEPT_SHARE = 0.8
"""Part of its saving on its own draws that a plan must keep on others. The best of all plans saves less than the plan
that looks best on a few draws does there, and more than that one does on others: about half-way between, so that a
tenth is lost where this part is kept."""

LEAST_PROMISE_SHARE = 5e-3
"""A plan that promises less than this share of what people pay is not made again (assumed)."""

LEAST_PROVED, USUALLY_PROVED, MOST_PROVED, MOST_REHEARSED_PROVED = 8, 32, 128, 400_000
"""Draws that a plan is proved on where many and few travel, on how many at most where days differ, and how many people
are then simulated on all of them together (assumed)."""

CLEAR_HALF_WIDTHS = 4.0
"""By how many half-widths of its interval a plan should be better than no advice, as far as other draws say: twice as
many as an interval needs that tells so on 98 of 100 mornings, since few draws say it roughly. With half as many, plans
that save 1.3 to 2.6 % were not given out in 3 of 52 cases of small worlds; with as many they were."""

MOST_FOLLOW_SHARE = 0.5
"""Of all people, who are expected to follow (assumed)."""


def plan_draws(view: AdvisorView) -> int:
    """Return the number of draws on which a plan is made, by the number of people and not by the clock."""
    asked = view.scenario.parameters.advisor.rehearsal.draws
    if asked is not None:
        return asked
    times = MORE_NARROW if view.window_s < NARROW_S and most_follow(view) else 1
    return int(np.clip(times * MOST_REHEARSED // max(len(view.population), 1), LEAST_DRAWS, times * MOST_DRAWS))


def more_draws(view: AdvisorView, draws: int) -> int | None:
    """Return on how many draws a plan is made again that was made on so many; None where it is not made again.

    Parameters
    ----------
    view : AdvisorView
    draws : int
    """
    if view.scenario.parameters.advisor.rehearsal.draws is not None:
        return None
    more = min(TIMES_MORE * draws, MOST_MORE, MOST_REHEARSED_MORE // max(len(view.population), 1))
    return more if more >= 2 * draws else None


def first_unseen_draw(view: AdvisorView) -> int:
    """Return the number of the first draw that no plan is made on, on however many one is.

    Plans are proved on draws from there on: beside those that decided on how many it is made, one that was lucky looks
    better than it is.
    """
    draws = plan_draws(view)
    while (more := more_draws(view, draws)) is not None:
        draws = more
    return draws


def proof_draws(view: AdvisorView, change_min: FloatArray | None = None) -> int:
    """Return on how many draws a plan is proved.

    They are more where fewer would not tell a plan of this worth from none, as far as other draws say: the interval of
    a mean has a half-width of 1.96 standard deviations over the root of the number. On 32 draws plans for a hundred
    people that save 1 % where vehicles leave off their time were not given out
    (test_a_proof_takes_as_many_draws_as_other_days_say).

    Parameters
    ----------
    view : AdvisorView
    change_min : ndarray of float, shape (draws,), or None
        By how much the plan changes mean cost on draws that it is not proved on, in minutes. None where it is not
        known.
    """
    affordable = MOST_REHEARSED_PROVED // max(len(view.population), 1)
    usual = int(np.clip(affordable, LEAST_PROVED, USUALLY_PROVED))
    if change_min is None or len(change_min) < 2 or change_min.mean() >= 0.0:
        return usual
    needed = (CLEAR_HALF_WIDTHS * 1.96 * change_min.std(ddof=1) / change_min.mean()) ** 2
    return int(np.clip(np.ceil(needed), usual, max(usual, min(affordable, MOST_PROVED))))


def most_follow(view: AdvisorView) -> bool:
    """Tell whether most people are expected to follow advice: what is at stake in a plan.

    Persons count, and not their journeys: whoever goes back follows on the way there alone.
    """
    followers = view.scenario.parameters.advisor.compliance_share * len(view.users)
    return followers >= MOST_FOLLOW_SHARE * max(int(view.population.is_first.sum()), 1)

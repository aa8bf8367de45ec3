"""What a departure window costs where people give up who wait too long: a journey, or its end, by the chance of each.

The mean wait of a window says little there. Of people who wait for up to 10 min half may get a vehicle after 5 and half
give up, and what they pay is half of a journey with a wait of 5 min and half of having given up. So a mean is kept of
those whom a vehicle takes (`sim.population.patience`), and of the others what they have paid until they go, with the
penalty of not arriving.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.population.journey_tree import TimedCases


@dataclass(frozen=True)
class GivingUp:
    """What cases of leaving cost people of whom some give up; arrays of shape (cases,) unless said.

    Attributes
    ----------
    first_stand : ndarray of int
        Row of `taken_share`.
    taken_share : ndarray of float, shape (first stands + 1, places)
        Chance that a vehicle takes whoever leaves at each place of the window before they give up where they wait
        first; 1 in the last row, which is for whoever only walks.
    onward_share : ndarray of float
        Chance that those whom a vehicle takes first arrive.
    arriving_min : ndarray of float
        Generalized cost of those who arrive, without schedule delay.
    first_min, later_min : ndarray of float
        Cost of giving up where people wait first; and later, times the chance that those do whom a vehicle takes first.
    """

    first_stand: IntArray
    taken_share: FloatArray
    onward_share: FloatArray
    arriving_min: FloatArray
    first_min: FloatArray
    later_min: FloatArray

    def arrive_share(self, place: int) -> FloatArray:
        """Return the chance to arrive of whoever leaves at a place of the window, shape (cases,)."""
        return self.taken_share[:, place][self.first_stand] * self.onward_share

    def travel_min(self) -> FloatArray:
        """Return the expected cost without schedule delay, shape (cases,)."""
        taken_share = self.taken_share.mean(axis=1)[self.first_stand]
        arriving_min = self.later_min + self.onward_share * self.arriving_min
        return self.first_min + taken_share * (arriving_min - self.first_min)

    def leaving_at_min(self, case: IntArray, taken_share: FloatArray, longer_min: FloatArray) -> FloatArray:
        """Return the expected cost of leaving at a moment, shape of `case`.

        Parameters
        ----------
        case : ndarray of int
        taken_share : ndarray of float, shape of `case`
            Chance that a vehicle takes whoever leaves then where they wait first.
        longer_min : ndarray of float, shape of `case`
            What they pay beyond `arriving_min` if they arrive: schedule delay, and a longer wait.
        """
        arriving_min = self.later_min[case] + self.onward_share[case] * (self.arriving_min[case] + longer_min)
        found: FloatArray = self.first_min[case] + taken_share * (arriving_min - self.first_min[case])
        return found


def giving_up(
    preferences: PreferenceParameters,
    cases: TimedCases,
    taken_share: FloatArray,
    lost: Sequence[FloatArray],
    sums: tuple[FloatArray, FloatArray],
    arriving_min: FloatArray,
    patience_s: float,
) -> GivingUp:
    """Return what it costs to give up, by where people do.

    Parameters
    ----------
    preferences : PreferenceParameters
    cases : TimedCases
    taken_share : ndarray of float, shape (first stands + 1, places)
    lost : sequence of ndarray of float, shape (stands,) each
        By level, the chance that whoever waits there gives up.
    sums : tuple of ndarray of float, shape (goals of all levels + 1,) each
        Time on board weighted by crowding and wait of those who come to each goal, in seconds.
    arriving_min : ndarray of float, shape (cases,)
    patience_s : float
    """
    # Invariant: whoever gives up pays what they had paid so far, their patience and the penalty, as they do on the day
    # (test_people_are_told_what_giving_up_costs_them).
    crowded_s, waited_s = sums
    walked_s = cases.sums_of_stands([level.walk_s for level in cases.levels])
    onward, later_s, before = list[FloatArray](), list[FloatArray](), 0
    first_s = np.zeros(0)
    for place, (level, share) in enumerate(zip(cases.levels, lost, strict=True)):
        goes_s = preferences.wait_weight * patience_s + preferences.walk_weight * level.walk_s
        goes_s += preferences.unserved_penalty_s
        if place:
            at = before + level.parent
            goes_s += preferences.in_vehicle_weight * crowded_s[at] + preferences.wait_weight * waited_s[at]
            goes_s += preferences.walk_weight * walked_s[at] + preferences.transfer_penalty_s * (place - 1)
            before += cases.levels[place - 1].goals
            comes = onward[-1][level.parent]
            gone_s = later_s[-1][level.parent] + comes * share * goes_s
            comes = comes * (1.0 - share)
        else:
            first_s, comes, gone_s = goes_s, np.ones(len(share)), np.zeros(len(share))
        onward.append(comes[level.goal_stand])
        later_s.append(gone_s[level.goal_stand])
    goal = cases.last_goal
    return GivingUp(
        first_stand=cases.first_stand,
        taken_share=taken_share,
        onward_share=np.concatenate([*onward, np.ones(1)])[goal],
        arriving_min=arriving_min,
        first_min=np.append(first_s, 0.0)[cases.first_stand] / 60.0,
        later_min=np.concatenate([*later_s, np.zeros(1)])[goal] / 60.0,
    )

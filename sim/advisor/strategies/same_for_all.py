"""One window for everybody: the least crowded one, as a chart of crowding by hour suggests, or a given one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from sim.advisor.strategy import AdvisorView
from sim.model.advice import AdvicePlan
from sim.units import TICKS_PER_S

MOST_LOST_SHARE: Final = 0.01
"""By how much the chance to find no vehicle may be beyond that of the safest window; assumed, to bear with chance."""


@dataclass(frozen=True)
class SameForAll:
    """Advise all users of an origin-destination the least crowded window they could accept.

    Users of one pair of stops who could accept the same windows get the same advice, whatever
    their preferred arrival. Crowding is the highest load factor on the way. A scenario may name
    the window instead (`advisor.same_for_all`); then all users get that one.
    """

    name: ClassVar[str] = "same_for_all"
    label: ClassVar[str] = "Same for all"
    colour: ClassVar[str] = "#d55e00"
    sentence: ClassVar[str] = (
        "tells everybody on the same way the same window, as far as they can move, whatever their wish: the more "
        "follow, the fuller it is and the fewer it suits."
    )

    def advise(self, view: AdvisorView) -> AdvicePlan:
        """Return the least crowded window of each user, the earliest one on a tie; or the given window."""
        wanted = view.scenario.parameters.advisor.same_for_all
        if wanted.start_s is not None:
            window = np.full(len(view.population), -1, dtype=np.int64)
            window[view.users] = 0
            return AdvicePlan(window, max(wanted.width_s, 1.0 / TICKS_PER_S), wanted.start_s)
        costs = view.costs
        crowding = costs.forecast.load_factor[costs.candidates.case]
        # Few are on board of a last vehicle, so that its window is the least crowded one. Nobody may be told a window
        # in which they would miss it (test_same_for_all_sends_nobody_after_the_last_vehicle).
        lost = np.where(np.isfinite(costs.own_min), costs.forecast.lost_share[costs.candidates.case], np.inf)
        gets_there = lost <= lost.min(axis=1, keepdims=True) + MOST_LOST_SHARE
        return view.plan(np.where(gets_there & np.isfinite(lost), crowding, np.inf).argmin(axis=1))


def declared() -> tuple[SameForAll]:
    """Return what this module adds to the registry."""
    return (SameForAll(),)

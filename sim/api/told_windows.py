"""Windows in the words of the app: which one helps, which comes first, and when to keep to what is usual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from sim.api.advice_answer import UsualDeparture
from sim.app import JourneyQuestion
from sim.experiments.usual_departure import moments_between
from sim.experiments.window_options import WindowOption

LEAST_GAIN_MIN: Final = 1.0
"""By how much a window must be cheaper than the usual one to be worth moving for; the threshold of winners."""

ENOUGH_SHARE: Final = 0.5
"""Part of what the best window saves, from which the smallest shift that saves it is told first (by trial).

Small shifts are easier to make, but where windows are narrow the smallest one that helps at all may save little. If all
who ask on two lines take what is told first, in windows of 2 min, they keep 87 % of what a plan for them saves; 74 %
where any gain is enough, and 82 % where nine tenths of the best are asked for."""

SEAT_SHARE: Final = 0.8
"""Chance of a seat from which one is told to find one; assumed."""

LEVELS: Final = (0.60, 0.80)
"""Highest load factors at which those who stand stand easily, and are touched by shoulders; beyond the last of them one
can hardly move. Assumed."""

LEFT_BEHIND_SHARE: Final = 0.05
"""Chance of being left behind from which one is warned of it, however full vehicles are; assumed."""

ON_TIME_SHARE: Final = 0.9
LEAST_CHANGE_SHARE: Final = 0.05
"""Chance to be on time that is good enough, and change of it that is told; assumed."""

FEW_DAYS: Final = 5
WIDE_MIN: Final = 3.0
"""Days below which, and half-width of the expected time above which, a forecast is not called sure; assumed."""


@dataclass(frozen=True)
class OfferedWindow:
    """A window with the places it has left, and what the advisor compares it by."""

    option: WindowOption
    left: int
    weighed_cost_min: float
    keeps_place: bool = False

    @property
    def has_place(self) -> bool:
        """Whether one finds a place in it."""
        return self.left >= 1 or self.keeps_place


def told_windows(
    offered: Sequence[OfferedWindow], around: OfferedWindow, usual: OfferedWindow, question: JourneyQuestion
) -> list[dict[str, Any]]:
    """Return windows as they are told: useful ones by the size of the shift, the usual one, then the others by cost.

    Useful ones that save at least half of what the best of them does come first of all. The window around when people
    with a wish leave by habit is itself advice where they leave at many other times, too, and it is better than these
    (test_the_window_in_the_middle_of_habit_is_advised_where_it_is_better).

    Parameters
    ----------
    offered : sequence of OfferedWindow
    around : OfferedWindow
        The one of them in which one usually leaves, or in the middle of when people do.
    usual : OfferedWindow
        What leaving as usual costs.
    question : JourneyQuestion
    """
    told, saves_min = [], {one.option.window_start_s: usual.weighed_cost_min - one.weighed_cost_min for one in offered}
    for each in offered:
        verdict = verdict_of(each, usual)
        stays = each is around and verdict not in USEFUL
        one = usual if stays else each
        option = one.option
        shift_s = option.window_start_s - usual.option.window_start_s
        facts = {
            "places_left": one.left,
            "has_place": one.has_place,
            "shift_min": shift_s / 60.0,
            "usual": shift_s == 0.0,
            "useful": verdict in USEFUL,
            "verdict": "usual" if stays else verdict,
            "within": -question.earlier_s <= shift_s <= question.later_s,
            "gain_min": usual.option.generalized_cost_min - option.generalized_cost_min,
            "level": level_of(option),
            "sureness": sureness_of(option),
        }
        told.append({**option.as_dict(), **facts})
    best_min = max((saves_min[one["window_start_s"]] for one in told if one["useful"] and one["within"]), default=0.0)
    return sorted(told, key=lambda one: _place(one, saves_min[one["window_start_s"]] >= ENOUGH_SHARE * best_min))


def keeping_by_moment(
    told: Sequence[Mapping[str, Any]],
    offered: Sequence[OfferedWindow],
    usual: OfferedWindow,
    known: UsualDeparture | None,
    question: JourneyQuestion,
) -> dict[str, Any]:
    """Return at which of the moments that were supposed no window is better advice, and the window for all others.

    It is the window that is told first, or where all are told to stay the one that helps most at the worst moment.

    Parameters
    ----------
    told : sequence of mapping
        As `told_windows` returns them.
    offered : sequence of OfferedWindow
    usual : OfferedWindow
        What leaving as usual costs on average over the moments.
    known : UsualDeparture or None
        What the advisor says of it.
    question : JourneyQuestion

    Returns
    -------
    dict
        `keep_between_s` and `else_start_s`, see `RunForecast.answer`.
    """
    one_for_all: dict[str, Any] = {"keep_between_s": [], "else_start_s": None}
    if known is None or not known.moments_s or not usual.has_place:
        return one_for_all
    costs_min, moments_s = np.array(known.moment_costs_min), np.array(known.moments_s)
    able = _set_against(told, offered, _dearer(usual, float(costs_min.max()) - usual.weighed_cost_min))
    kept = np.ones(len(moments_s), dtype=bool)
    for one in able:
        start_s, end_s = one.option.window_start_s, one.option.window_end_s
        # Whoever usually leaves in the window keeps to that, and whoever cannot leave in it to theirs.
        stays = (start_s < moments_s - question.earlier_s) | (end_s > moments_s + question.later_s)
        stays |= (start_s <= moments_s) & (moments_s < end_s)
        kept &= stays | (costs_min < one.weighed_cost_min + LEAST_GAIN_MIN)
    least_min = np.minimum.reduce([one.weighed_cost_min for one in able], initial=np.inf)
    worth_min = min(usual.weighed_cost_min, least_min) - np.where(kept, costs_min, least_min).mean()
    if worth_min < LEAST_GAIN_MIN or kept.all() or not kept.any():
        return one_for_all
    spans = [list(span) for span in moments_between(moments_s, kept)]
    return {"keep_between_s": spans, "else_start_s": able[0].option.window_start_s}


def _set_against(
    told: Sequence[Mapping[str, Any]], offered: Sequence[OfferedWindow], worst: OfferedWindow
) -> list[OfferedWindow]:
    """Return the windows that are told to help, or else those that help whoever leaves as usual at the worst moment.

    The one that is told first comes first, or the best one.
    """
    by_start = {one.option.window_start_s: one for one in offered}
    within = [(by_start[one["window_start_s"]], bool(one["useful"])) for one in told if one["within"]]
    useful = [one for one, helps in within if helps]
    if useful:
        return useful
    helps = [one for one, _ in within if verdict_of(one, worst) in USEFUL]
    return sorted(helps, key=lambda one: one.weighed_cost_min)


def _dearer(usual: OfferedWindow, by_min: float) -> OfferedWindow:
    """Return leaving as usual at a moment that is dearer than the mean over all of them."""
    option = replace(usual.option, generalized_cost_min=usual.option.generalized_cost_min + by_min)
    return replace(usual, option=option, weighed_cost_min=usual.weighed_cost_min + by_min)


Verdict = Literal["usual", "better", "better_for_all", "riskier", "full", "not_for_all", "dearer"]
USEFUL: Final = ("better", "better_for_all")


def verdict_of(one: OfferedWindow, usual: OfferedWindow) -> Verdict:
    """Say what a window is against the usual one.

    A window helps where what the advisor compares windows by is less. On days on which a plan is followed that is the
    cost for all at its prices: a day on which others have made room looks best to whoever leaves as usual, and were all
    to go by that the room would be gone
    (tests/functional/test_a_day_of_requests.py: test_whoever_follows_the_app_gets_most_of_the_plan).

    Returns
    -------
    str
        `usual`; `better` for oneself, and on a plan's days for all; `better_for_all`, though not for oneself;
        `riskier`, since one is late more often; `full`, without a place left; `not_for_all`, better for oneself at the
        cost of others; or `dearer`.
    """
    if one is usual:
        return "usual"
    helps_oneself = usual.option.generalized_cost_min - one.option.generalized_cost_min >= LEAST_GAIN_MIN
    helps = usual.weighed_cost_min - one.weighed_cost_min >= LEAST_GAIN_MIN
    if not helps:
        return "not_for_all" if helps_oneself else "dearer"
    if late_more_often(one.option, usual.option):
        return "riskier"
    if not one.has_place:
        return "full"
    return "better" if helps_oneself else "better_for_all"


def late_more_often(option: WindowOption, usual: WindowOption) -> bool:
    """Tell whether a window makes one late more often than usual, and often: that is no help, however cheap it is."""
    if not option.on_time_share < ON_TIME_SHARE:  # good enough, or no arrival was asked for
        return False
    return option.mostly_late or option.on_time_share < usual.on_time_share - LEAST_CHANGE_SHARE


def _place(window: Mapping[str, Any], enough: bool) -> tuple[int, float]:
    """Return where a window is told: the smallest shift that saves enough first, or the usual one if none is useful."""
    if window["useful"]:
        return (0 if enough else 1), abs(window["shift_min"])
    return (2, 0.0) if window["usual"] else (3, window["generalized_cost_min"])


def level_of(option: WindowOption) -> int:
    """Say what one can do at the fullest part of the way.

    Returns
    -------
    int
        0 sit, 1 stand easily, 2 shoulders touch, 3 hardly move, 4 perhaps not board at all.
    """
    if option.denied_share >= LEFT_BEHIND_SHARE:
        return len(LEVELS) + 2
    if option.seat_share >= SEAT_SHARE:
        return 0
    return 1 + sum(option.load_factor >= limit for limit in LEVELS)


def sureness_of(option: WindowOption) -> str:
    """Say how sure a forecast is, by the days seen and the interval of the expected time."""
    if option.days_observed < FEW_DAYS:
        return "low"
    return "high" if option.door_to_door_half_width_min <= WIDE_MIN else "fair"

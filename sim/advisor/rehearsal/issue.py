"""From several starts to one plan, which is given out only where rehearsals say that it is better than no advice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from operator import attrgetter

import numpy as np

from sim.advisor.assignment.frank_wolfe import column_of
from sim.advisor.rehearsal.deep_queues import FINE, are_deep, have_a_price, in_wide_windows, narrowed
from sim.advisor.rehearsal.draws import (
    KEPT_SHARE,
    LEAST_PROMISE_SHARE,
    first_unseen_draw,
    more_draws,
    plan_draws,
    proof_draws,
)
from sim.advisor.rehearsal.improvement import Improvement, Tried, keeping, own_column
from sim.advisor.rehearsal.releases import bounded
from sim.advisor.rehearsal.stage import Stage, plausible_shares
from sim.advisor.strategy import AdvisorView
from sim.arrays import FloatArray, IntArray
from sim.metrics.statistics import estimate
from sim.model.advice import AdvicePlan, PlanRehearsal, no_advice
from sim.model.parameters.advice import FairnessParameters

Starts = Callable[[AdvisorView], Sequence[IntArray]]
"""Plans to start from in the windows of a view."""

Mixes = Callable[[Improvement, Tried, int], Tried]
"""Returns a better plan than one that was tried, or the same, in so many rounds of fine steps."""

MOST_PAIRS = 200_000_000
"""Pairs of user and window that are looked at in all rounds together, between the least and the most rounds
(assumed). With a fifth of that narrow windows got 12 rounds where people are many, and plans on Xiamen at 8 times the
demand ended at 102.1 min instead of 95.0, for 2 s of processor time."""

LEAST_ROUNDS, MOST_ROUNDS = 12, 45

KEPT_PLANS = 4
"""Plans remembered with what they were made from."""


def rehearsed_plan(view: AdvisorView, stage: Stage, starts: Starts, mixes: Mixes | None = None) -> AdvicePlan:
    """Return the best plan that rehearsals find, or no advice where they do not show it to be better than that.

    Parameters
    ----------
    view : AdvisorView
    stage : Stage
    starts : callable
        Returns candidate columns of plans to start from, shape (users,) each, -1 for no advice, given a view. Nobody
        advised is another start, and so is the plan of the day before.
    mixes : callable or None
        Looks for a better plan than the best start, before people are moved one by one.
    """
    if not _anybody_can_move(view):
        # Rehearsals would be of no advice beside no advice, and a run would say that they showed no gain
        # (test_where_nobody_can_move_nothing_is_rehearsed).
        return no_advice(len(view.population), view.window_s)
    advisor = view.scenario.parameters.advisor
    made_from = view.own_departure_s, view.app_user, view.population
    for seen, settings, plan in stage.kept:
        if settings == advisor and all(one is other for one, other in zip(seen, made_from, strict=True)):
            return plan
    plan = _plan(view, stage, starts, mixes)
    # A plan follows from nothing else unless forecasts err by chance or a rule of fairness looks at days before.
    if not advisor.forecast.noise_share and advisor.fairness == FairnessParameters():
        stage.kept[:] = [*stage.kept[-KEPT_PLANS + 1 :], (made_from, advisor, plan)]
    return plan


def _anybody_can_move(view: AdvisorView) -> bool:
    """Tell whether there is a window for anybody in which they do not leave anyway."""
    columns = np.arange(view.candidates.window.shape[1])
    others = view.candidates.acceptable & (columns != own_column(view)[:, None])
    return bool(others.any())


def _plan(view: AdvisorView, stage: Stage, starts: Starts, mixes: Mixes | None) -> AdvicePlan:
    """Make a plan, on more draws as long as it does not keep what it promises, prove it, and give it out or not."""
    draws, before, own_s = plan_draws(view), list[IntArray](), view.own_departure_s
    while True:
        # Nothing here may hold on to what was tried: each holds whole days on all draws.
        place, paid_min = _made(Improvement(view, stage, range(draws)), starts, mixes, before)
        plan = view.plan(keeping(view, place))
        change_min = paid_min - _without_advice(stage, own_s, range(draws))
        more = more_draws(view, draws)
        if more is None or -change_min.mean() < LEAST_PROMISE_SHARE * paid_min.mean():
            break
        # The cheapest of many plans on a few draws is the one that these happen to suit. Where vehicles leave off their
        # time that is most of what it promises: on two lines with noise of 5 min plans of 8 draws promise settled
        # people 2.6 min and save them 0.8, those of 128 draws 2.0 and 2.1
        # (test_plans_that_do_not_keep_their_promise_are_made_on_more_draws).
        promised_min = change_min.mean()
        change_min = _changes(stage, plan, own_s, _with_shares(view, range(draws, 2 * draws)))
        if change_min.mean() <= KEPT_SHARE * promised_min:
            break
        draws, before = more, [place]
    proof = proved(view, stage, plan, proof_draws(view, change_min))
    if proof.gains:
        return replace(plan, rehearsal=proof)
    return replace(no_advice(len(view.population), view.window_s), rehearsal=proof)


def _made(
    improvement: Improvement, starts: Starts, mixes: Mixes | None, before: Sequence[IntArray]
) -> tuple[IntArray, FloatArray]:
    """Return the best plan that is found on the draws of an improvement, and what people pay by it on each of them."""
    found = bounded(improvement, _improved(improvement, starts, mixes, before), rounds_for(improvement.view) // 3)
    return found.place, np.array([day.mean_min for day in found.days])


def _begun(improvement: Improvement, starts: Starts, before: Sequence[IntArray] = ()) -> Tried:
    """Return the best of the plans that are to be improved, those that were made before on fewer draws among them."""
    view = improvement.view
    yesterday = [column_of(view, view.plans[-1].window)] if view.plans and view.plans[-1].advised.any() else []
    nobody = np.full(len(view.users), -1, dtype=np.int64)
    return improvement.best_of([improvement.allowed(place) for place in (nobody, *before, *yesterday, *starts(view))])


def _improved(improvement: Improvement, starts: Starts, mixes: Mixes | None, before: Sequence[IntArray]) -> Tried:
    """Return the best plan that rehearsals find."""
    view, rounds = improvement.view, rounds_for(improvement.view)
    begun = _begun(improvement, starts, before)
    if mixes is not None and have_a_price(view, improvement.stage):
        # Before people answer or are moved: from a plan that has come to rest fewer mixtures are better, and on people
        # who have settled none may be (104.5 in place of 102.6 min after two events).
        begun = replace(begun, days=())
        mixed = mixes(improvement, begun, rounds)
        if mixed is not begun:
            return improvement.improved(mixed, rounds)
        begun = improvement.tried(begun.place)
    begun = improvement.answered(begun)
    if not are_deep(view, improvement.stage):
        return improvement.improved(begun, rounds)
    # Which of two plans is better before fine steps says little of what they come to, so that both are finished. No
    # plan but the best may be held on to meanwhile, and no day of the first
    # (test_no_rehearsed_day_is_held_while_another_is_tried).
    first = replace(_finished(improvement, begun), days=())
    del begun
    wide_view = in_wide_windows(view)
    if wide_view is not None:
        in_wide = Improvement(wide_view, improvement.stage)
        wide = _finished(in_wide, in_wide.answered(_begun(in_wide, starts))).place
        place = improvement.allowed(narrowed(view, wide_view, wide))
        other = improvement.improved(improvement.answered(improvement.tried(place)), rounds, None, FINE)
        if other.mean_min < first.mean_min:
            return other
        del other
    return improvement.tried(first.place)


def _finished(improvement: Improvement, begun: Tried) -> Tried:
    """Return the best plan that coarse and then fine steps find."""
    rounds = rounds_for(improvement.view)
    return improvement.improved(improvement.improved(begun, rounds), rounds, None, FINE)


def rounds_for(view: AdvisorView) -> int:
    """Return how many rounds a plan may take, by the size of the problem and not by the clock."""
    asked = view.scenario.parameters.advisor.rehearsal.rounds
    if asked is not None:
        return asked
    return int(np.clip(MOST_PAIRS // max(view.candidates.window.size, 1), LEAST_ROUNDS, MOST_ROUNDS))


def proved(view: AdvisorView, stage: Stage, plan: AdvicePlan, draws: int) -> PlanRehearsal:
    """Rehearse a plan beside no advice on draws that no plan has been made with.

    People whom the advisor does not know are others on each draw, as they are on the days to come: beside the very
    people that a plan was made for it looks better than it is, and each draw says so
    (test_a_plan_is_proved_beside_others_than_it_was_made_for).

    Parameters
    ----------
    view : AdvisorView
    stage : Stage
    plan : AdvicePlan
    draws : int
        How many; their number may follow from none of them
        (test_a_proof_takes_as_many_draws_as_other_days_say).
    """
    first, own_s = first_unseen_draw(view), view.own_departure_s
    tried = _with_shares(view, range(first, first + draws))
    if stage.others is None:
        change_min = _changes(stage, plan, own_s, tried)
    else:
        alone = list[FloatArray]()
        for place, one in enumerate(tried, start=1):
            # One after the other: as many populations at once as there are draws would be gigabytes in a city.
            there, leaves_s = stage.among_others(own_s, place)
            alone.append(_changes(there, plan, leaves_s, [one]))
        change_min = np.concatenate(alone)
    found = estimate(change_min)
    return PlanRehearsal(found.mean, found.half_width, draws)


def _with_shares(view: AdvisorView, numbers: range) -> list[tuple[int, float]]:
    """Return draws by number, each with the share of the advised who follow on it."""
    advisor = view.scenario.parameters.advisor
    shares = plausible_shares(advisor.compliance_share, advisor.rehearsal.compliance_range_share, len(numbers))
    return list(zip(numbers, shares, strict=True))


def _changes(
    stage: Stage, plan: AdvicePlan, own_departure_s: FloatArray, draws: Sequence[tuple[int, float]]
) -> FloatArray:
    """Return by how many minutes a plan changes mean cost on each of some draws, shape (draws,)."""
    advised = stage.on_draws(plan, own_departure_s, draws, attrgetter("mean_min"))
    return np.array(advised) - _without_advice(stage, own_departure_s, [number for number, _ in draws])


def _without_advice(stage: Stage, own_departure_s: FloatArray, numbers: Sequence[int]) -> FloatArray:
    """Return mean cost without advice on some draws in minutes, shape (draws,)."""
    return np.array([day.mean_min for day in stage.without_advice(own_departure_s, numbers)])

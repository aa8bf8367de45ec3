"""People who would come in time for a free exit, by rehearsals of those who move for it.

No day before tells what the movers do to the vehicles that they fill. So their moves are rehearsed. Of those who leave
in the same window by the same way, as many give up as miss the exit there, and the others leave in the part of the
window before anybody misses it. Those who give up take another window in which they still gain, if there is one. That
is rehearsed again, on other draws, until hardly anybody misses it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.advisor.discount_offers import DiscountOffers
from sim.advisor.discounted_windows import CELLS
from sim.advisor.rehearsal.stage import RehearsedDay, Stage, plausible_shares
from sim.advisor.strategy import AdvisorView
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.model.scenario import Scenario
from sim.population.commuters import Population
from sim.population.generalized_cost import discount_shares
from sim.randomness import Purpose
from sim.records.day import DayRecords

RISK_SHARE = 0.02
"""Share of those who leave in the same window by the same way who may miss the exit in rehearsals (assumed)."""

MOST_ROUNDS = 8
"""Rounds of rehearsals at most (assumed)."""

MOST_REHEARSED, FEWEST_DRAWS, MOST_DRAWS = 200_000, 4, 16
"""People who are simulated on all draws of a round together, between the fewest and the most draws (assumed). A bus
that is late makes all on board miss the exit, which few draws do not show: on the Xiamen surge with Melbourne's rule
and everybody reacting 1.9 % of those who moved missed it with 5 draws, 0.4 % with 8, and 0.1 % with 11."""

SETS_OF_DRAWS = 3
"""Sets of draws that rounds go through in turn (assumed); each draw stays in memory."""

PATIENT_ROUNDS = 4
"""Rounds in which no more give up than miss the exit; from then on twice as many from round to round (assumed)."""


@dataclass(frozen=True)
class RehearsedMoves:
    """How often people moved for a discount in rehearsals and missed it, by case, group and cell of the window.

    Attributes
    ----------
    moved, missed : ndarray of int, shape (cases x groups, cells)
    """

    moved: IntArray
    missed: IntArray

    @property
    def share(self) -> FloatArray:
        """Part that missed it, shape (cases x groups,); 0 where nobody moved."""
        moved = self.moved.sum(axis=1)
        return np.divide(self.missed.sum(axis=1), moved, out=np.zeros(len(moved)), where=moved > 0)

    @property
    def safe_until(self) -> FloatArray:
        """Part of the window before the first cell in which too many missed it, shape (cases x groups,)."""
        bad = self.missed > RISK_SHARE * self.moved
        return np.where(bad.any(axis=1), bad.argmax(axis=1), CELLS) / CELLS


def moved_and_missed(
    scenario: Scenario, population: Population, plan: AdvicePlan, own_departure_s: FloatArray, records: DayRecords
) -> tuple[BoolArray, BoolArray]:
    """Tell who left at another time as asked, and of them who did not get a discount, shapes (commuters,).

    Parameters
    ----------
    scenario : Scenario
    population : Population
    plan : AdvicePlan
        With discount groups, or nobody has moved for a discount.
    own_departure_s : ndarray of float, shape (commuters,)
        When each leaves without advice, seconds after midnight.
    records : DayRecords
    """
    if plan.discount_group is None:
        nobody = np.zeros(len(population), dtype=np.bool_)
        return nobody, nobody
    moved = plan.contains(records.departure_s) & ~plan.contains(own_departure_s)
    ends, times_s = (population.origin, population.destination), (records.departure_s, records.arrival_s)
    return moved, moved & (discount_shares(scenario, ends, times_s, plan.discount_group) <= 0.0)


def in_time(offers: DiscountOffers, stage: Stage) -> AdvicePlan:
    """Return the plan of those who move for a discount and get it in rehearsals.

    Invariant: whoever is advised leaves in a case and group in which at most `RISK_SHARE` missed it when the plan was
    last rehearsed, as people who are not told that they would miss it cause it
    (test_nobody_moves_for_an_exit_that_the_movers_themselves_make_them_miss).

    Parameters
    ----------
    offers : DiscountOffers
    stage : Stage
    """
    view = offers.view
    code = _codes(offers)
    rows, key = np.arange(len(code)), view.population.key[view.users]
    taken = offers.taken()
    for number in range(MOST_ROUNDS):
        seen = _rehearsed(offers, stage, taken, number)
        over = seen.share > RISK_SHARE
        here = code[rows, taken]
        stays = (taken < 0) | ~over[here]
        if stays.all():
            break
        if number == MOST_ROUNDS - 1:
            taken = np.where(stays, taken, -1)
            break
        # Always the same people, day after day: nobody gets an offer on one day that is gone on the next.
        coin = view.streams.uniform(Purpose.REHEARSAL_MOVES, key, number)
        stays |= coin >= seen.share[here] * 2.0 ** max(number - PATIENT_ROUNDS + 1, 0)
        # Nobody else may come to where some have to give up.
        kept = stays[:, None] & (np.arange(code.shape[1]) == taken[:, None])
        offers = replace(
            offers,
            open_to=offers.open_to & (kept | ~over[code]),
            discounted=offers.discounted.ending_by(view, np.where(over, _end(seen), 1.0)[code]),
        )
        taken = offers.taken()
    return offers.plan(taken)


def _end(seen: RehearsedMoves) -> FloatArray:
    """Return where the part ends that those who stay keep to; the whole window where no part of it is safe."""
    until = seen.safe_until
    return np.where(until > 0.0, until, 1.0)


def _codes(offers: DiscountOffers) -> IntArray:
    """Return numbers of case and group: people of one number leave for the same boundary in the same window."""
    group = offers.group[offers.view.users]
    return offers.view.candidates.case * (int(group.max()) + 1) + group[:, None]


def _rehearsed(offers: DiscountOffers, stage: Stage, taken: IntArray, number: int) -> RehearsedMoves:
    """Rehearse windows taken, on other draws than in the round before."""
    view, plan, advisor = offers.view, offers.plan(taken), offers.view.scenario.parameters.advisor
    draws = _draws(view)
    shares = plausible_shares(advisor.compliance_share, advisor.rehearsal.compliance_range_share, draws)
    code = _codes(offers)
    size = (int(code.max()) + 1, CELLS)
    here = code[np.arange(len(code)), taken]

    def counts(day: RehearsedDay) -> tuple[IntArray, IntArray]:
        moves = moved_and_missed(view.scenario, view.population, plan, view.own_departure_s, day.records)
        place = np.mod(day.records.departure_s[view.users] / view.window_s, 1.0)
        cell = here * CELLS + np.minimum((place * CELLS).astype(np.int64), CELLS - 1)
        moved, missed = (np.bincount(cell[who[view.users]], minlength=size[0] * size[1]) for who in moves)
        return moved.reshape(size), missed.reshape(size)

    first = number % SETS_OF_DRAWS * draws
    numbers = range(first, first + draws)
    found = stage.on_draws(plan, view.own_departure_s, zip(numbers, shares, strict=True), counts)
    return RehearsedMoves(*(np.sum(each, axis=0) for each in zip(*found, strict=True)))


def _draws(view: AdvisorView) -> int:
    """Return the number of draws in a round, by the number of people and not by the clock."""
    asked = view.scenario.parameters.advisor.rehearsal.draws
    people = max(len(view.population), 1)
    return int(np.clip(MOST_REHEARSED // people, FEWEST_DRAWS, MOST_DRAWS)) if asked is None else asked

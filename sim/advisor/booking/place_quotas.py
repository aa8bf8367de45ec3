"""Places of a plan, and the prices that let one answer after the other come out as the plan would have it.

A plan made for all at once puts so many people on the vehicles of each place (stop, way on from there, period). Of all
ways to give windows to people that use each place as the plan does, the plan is one. So whoever takes the least of
their own cost, the cost to others under the plan's traffic and the prices of the places, with prices at which places
are used as planned, costs all no more than the plan, as long as many ask. Prices are learned by letting people of the
plan choose one after the other (subgradient descent on the dual, as in Agrawal, Wang and Ye 2014, doi
10.1287/opre.2014.1289); people who ask later need not be those, only alike. What chance makes of the order of requests
is met by a term in proportion to how far bookings are ahead of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from sim.arrays import FloatArray, IntArray

PASSES: int = 3
BATCHES: int = 100
"""Parts in which the people of the plan choose; prices move between them (assumed)."""

FIRST_STEP_MIN = 20.0
"""How far a price moves over the first pass where a place is used twice as much as planned (assumed). With 60 and six
passes prices fitted the people of the plan and no others: on Mandl's network booking then cost 0.3 min of 18.9."""

PACE_MIN = 1.0
"""Price of a place that is ahead of the plan by the root of the people planned there, in minutes (assumed)."""

MOST_AHEAD = 9.0
"""Being further ahead counts no more; prices then only say that the place is taken (assumed)."""

LEAST_SCALE_SHARE = 0.01
"""Share of the room at a place below which the people planned there count as that many (assumed)."""


@dataclass(frozen=True)
class PlaceQuotas:
    """What a plan foresees at each place; arrays of shape (places,).

    Attributes
    ----------
    planned : ndarray of float
        People of the plan on the vehicles of each place.
    quota : ndarray of float
        People whom advice may put there: those of the plan, or more where there is room without them.
    price_min : ndarray of float
        Price in equivalent minutes at which places are used as planned; below 0 where people have to be drawn there.
    scale : ndarray of float
        People planned, and at least a few.
    people : float
        Requests that the plan expects.
    """

    planned: FloatArray
    quota: FloatArray
    price_min: FloatArray
    scale: FloatArray
    people: float

    @classmethod
    def of(
        cls, planned: FloatArray, load: FloatArray, room: FloatArray, people: float, kept_share: float
    ) -> PlaceQuotas:
        """Take what a plan uses; prices are 0.

        Parameters
        ----------
        planned : ndarray of float, shape (places,)
            Requests that the plan answers with each place.
        load, room : ndarray of float, shape (places,)
            Riders expected in all, those of the plan among them, and riders that vehicles are to have at most.
        people : float
            Requests that the plan expects.
        kept_share : float
            Share of them that come; more may be answered than there is room for where some do not.
        """
        free = (room - (load - planned * kept_share)) / kept_share
        quota = np.maximum(planned, np.maximum(free, 0.0))
        scale = np.maximum(planned, LEAST_SCALE_SHARE * room + 1.0)
        return cls(planned, quota, np.zeros(len(planned)), scale, people)

    def prices_min(self, booked: FloatArray, asked: float) -> FloatArray:
        """Return the price of each place after some requests, shape (places,).

        Parameters
        ----------
        booked : ndarray of float, shape (places,)
        asked : float
            Requests so far.
        """
        pace = min(asked / self.people, 1.0) if self.people > 0 else 1.0
        ahead = (booked - pace * self.planned) / np.sqrt(self.scale)
        return self.price_min + PACE_MIN * np.clip(ahead, -MOST_AHEAD, MOST_AHEAD)


@dataclass(frozen=True)
class Choices:
    """Windows that people may be answered.

    Attributes
    ----------
    own_min : ndarray of float, shape (people, candidates)
        What each window costs each of them; infinite where it is none.
    case : ndarray of int, shape (people, candidates)
        Row of the two below.
    others_min : ndarray of float, shape (cases,)
        What one more person costs all others.
    places : sparse array, shape (cases, places)
        Places taken, with the chance that it is this one.
    """

    own_min: FloatArray
    case: IntArray
    others_min: FloatArray
    places: scipy.sparse.csr_array

    def use(self, case: IntArray) -> FloatArray:
        """Return how many take each place of those who leave by some cases."""
        used: FloatArray = np.asarray(np.bincount(case, minlength=self.places.shape[0]) @ self.places, dtype=np.float64)
        return used


def learned_prices_min(choices: Choices, quotas: PlaceQuotas, order: IntArray) -> FloatArray:
    """Learn the prices at which people of a plan, who choose one after the other, use places as it does.

    Parameters
    ----------
    choices : Choices
        Of the people of the plan.
    quotas : PlaceQuotas
    order : ndarray of int, shape (people,)
        In which they choose.

    Returns
    -------
    ndarray of float, shape (places,)
    """
    price = quotas.price_min.copy()
    people = len(order)
    for number in range(PASSES if people else 0):
        step = FIRST_STEP_MIN / (number + 1)
        for batch in np.array_split(order, min(BATCHES, people)):
            total = choices.others_min + choices.places @ price
            case = choices.case[batch]
            best = (choices.own_min[batch] + total[case]).argmin(axis=1)
            used = choices.use(case[np.arange(len(batch)), best])
            # Prices may fall below 0, where people have to be drawn to a place: kept at 0 or above, some places would
            # stay emptier than planned (test_prices_make_people_use_places_as_planned).
            price += step * (used - quotas.planned * (len(batch) / people)) / quotas.scale
    return price


def answered(choices: Choices, quotas: PlaceQuotas, order: IntArray) -> tuple[IntArray, FloatArray]:
    """Answer people one after the other: the least of own cost, cost to others and prices where a place is left.

    Where no window has a place left it is the least of all, and the place is counted as load alone.

    Parameters
    ----------
    choices : Choices
        Of those who ask.
    quotas : PlaceQuotas
    order : ndarray of int, shape (people,)
        In which they ask.

    Returns
    -------
    column : ndarray of int, shape (people,)
        Of `choices.case`.
    placed : ndarray of float, shape (places,)
        Places given out, of the quota.
    """
    people = len(order)
    column = np.zeros(people, dtype=np.int64)
    booked, placed = np.zeros(len(quotas.planned)), np.zeros(len(quotas.planned))
    first, place_of, chance = choices.places.indptr, choices.places.indices, choices.places.data
    often = max(people // BATCHES, 1)
    total = choices.others_min
    for number, person in enumerate(order.tolist()):
        if number % often == 0:
            total = choices.others_min + choices.places @ quotas.prices_min(booked, number)
        case = choices.case[person]
        cost = choices.own_min[person] + total[case]
        by_cost = np.argsort(cost, kind="stable")
        found, has_place = int(by_cost[0]), False
        for choice in by_cost[: int(np.isfinite(cost).sum())].tolist():
            rows = slice(first[case[choice]], first[case[choice] + 1])
            # Every place on the way must be left, not only the first one, so that no quota is passed in whatever order
            # people ask (test_booking_quotas.py::test_quotas_are_never_exceeded).
            if (placed[place_of[rows]] + chance[rows] <= quotas.quota[place_of[rows]] + ROUNDING).all():
                found, has_place = choice, True
                break
        rows = slice(first[case[found]], first[case[found] + 1])
        booked[place_of[rows]] += chance[rows]
        if has_place:
            placed[place_of[rows]] += chance[rows]
        column[person] = found
    return column, placed


ROUNDING = 1e-9
"""Sums of chances that pass a quota by less do not pass it."""

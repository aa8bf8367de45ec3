"""Windows as they are offered to one person: the places there are, and what each costs given all that was booked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from sim.arrays import BoolArray, FloatArray
from sim.experiments.plan_followers import days_of, ends_of
from sim.experiments.usual_departure import HabitDeparture, moments_between
from sim.metrics.grouping import of_strategy
from sim.model.scenario import Scenario
from sim.population.windows import window_of
from sim.records.table import Table


@dataclass(frozen=True)
class AtMoments:
    """What leaving as usual costs at each moment of habit; arrays of shape (moments,), as of `WindowOffer`.

    Attributes
    ----------
    habit : HabitDeparture
    own_min, others_min : ndarray of float
    price_min : ndarray of float or None
    """

    habit: HabitDeparture
    own_min: FloatArray
    others_min: FloatArray
    price_min: FloatArray | None

    @property
    def weighed_cost_min(self) -> FloatArray:
        """What moments are compared with windows by."""
        return self.own_min if self.price_min is None else self.own_min + self.others_min + self.price_min


@dataclass(frozen=True)
class ByMoment:
    """What whoever does not say when they usually leave is told: at which moments to keep to it, and else where to go.

    Attributes
    ----------
    row : int
        Of the window for all others who can leave in it, as of `WindowOffer`; the best of those that somebody is to go
        to.
    keep_between_s : tuple of tuple of float
        From when to when whoever usually leaves then is to keep to it, seconds after midnight.
    places : mapping of int to float
        Places on vehicles that whoever does as told takes, with the chance that it is this one.
    moments : mapping of int to int
        How many of the moments of habit end up in each window.
    """

    row: int
    keep_between_s: tuple[tuple[float, float], ...]
    places: Mapping[int, float]
    moments: Mapping[int, int]

    @classmethod
    def of(
        cls,
        usual: WindowOffer,
        habit: HabitDeparture,
        kept: BoolArray,
        going: Sequence[WindowOffer],
        moments: Mapping[int, int],
    ) -> Self:
        """Sum up what is best at each moment.

        Parameters
        ----------
        usual : WindowOffer
            Leaving as usual.
        habit : HabitDeparture
            The same.
        kept : ndarray of bool, shape (moments,)
            At which it is best.
        going : sequence of WindowOffer
            The best window at each of the other moments.
        moments : mapping of int to int
            As of the attribute.
        """
        # Those who leave as usual anyhow keep their places, and take none by it.
        places = {} if usual.keeps_place else habit.places(kept)
        for offer in going:
            for place, share in offer.places.items():
                places[place] = places.get(place, 0.0) + share / len(kept)
        told = min(going, key=lambda one: one.weighed_cost_min)
        return cls(told.row, moments_between(habit.moments_s, kept), places, moments)


@dataclass(frozen=True)
class WindowOffer:
    """A window beside all others that fit a request.

    Attributes
    ----------
    row : int
        Of the window among those that fit.
    places : mapping of int to float
        Places on vehicles that it takes, with the chance that it is this one.
    left : int
        How many more may book it.
    keeps_place : bool
        Whether whoever asks is among those who leave then anyhow, and takes no other place by it.
    own_min, others_min : float
        What it costs whoever asks, and all others, given everything booked so far; equivalent minutes on board.
    price_min : float or None
        What the plan adds to it. None where there is no plan.
    put_back : bool
        Whether it comes after all others because one is late then on most days.
    by_habit : bool
        Whether it is leaving as usual at a moment that is not known, and `row` the window around it.
    moments : mapping of int to int, or None
        How many of the moments of habit lie in each window; None where it is not leaving by habit.
    at_moments : AtMoments or None
        Leaving as usual at each of these moments, where it is that.
    """

    row: int
    places: Mapping[int, float]
    left: int
    keeps_place: bool
    own_min: float
    others_min: float
    price_min: float | None
    put_back: bool
    by_habit: bool = False
    moments: Mapping[int, int] | None = None
    at_moments: AtMoments | None = None

    @property
    def has_place(self) -> bool:
        """Whether somebody finds a place then."""
        return self.left >= 1 or self.keeps_place

    @property
    def places_taken(self) -> Mapping[int, float]:
        """Return the places that a booking takes from those who ask later."""
        return {} if self.keeps_place else self.places

    @property
    def weighed_cost_min(self) -> float:
        """Return what windows are compared by: the cost for all at the prices of the plan, else the own cost.

        What one more rider costs others on days without advice holds for one, and not for all who ask: where everybody
        is led by it, they are worse off than without advice
        (test_without_a_plan_a_day_of_requests_does_no_harm).
        """
        return self.own_min if self.price_min is None else self.own_min + self.others_min + self.price_min

    @property
    def rank(self) -> tuple[bool, bool, float]:
        """Least first: a place left, on time on most days, the least cost.

        Nobody is on time by a vehicle that is full: with the first two the other way round, all who need to be on time
        were sent to the same full vehicles (test_without_a_plan_a_day_of_requests_does_no_harm).
        """
        return not self.has_place, self.put_back, self.weighed_cost_min


class UsualLeavers:
    """How many people of each pair of stops leave in each window on days without advice, one day like the other.

    Where a run holds no plan those who ask are among them: whoever goes on leaving as usual takes no place from
    anybody. More people than that with one question are others, who do.

    Parameters
    ----------
    scenario : Scenario
        The one that made the tables.
    tables : mapping of str to Table
        `journeys`.
    strategy : str
    """

    def __init__(self, scenario: Scenario, tables: Mapping[str, Table], strategy: str) -> None:
        journeys = of_strategy(tables["journeys"], strategy)
        window = window_of(journeys["departure_s"], scenario.parameters.advisor.window_s)
        told = zip(*(column.tolist() for column in (*ends_of(scenario, journeys), window)), strict=True)
        days = days_of(journeys)
        self._people: dict[tuple[int, ...], float] = {key: count / days for key, count in Counter(told).items()}

    def in_window(self, told: tuple[int, int, int]) -> float:
        """Return how many leave in a window on one day.

        Parameters
        ----------
        told : tuple of int
            Rows of the stops where the journey begins and ends, and number of the window.
        """
        return self._people.get(told, 0.0)

"""When people with a wish leave without advice: as those of a run did, and as wishes are derived where few travelled.

Whoever asks and does not say when they usually leave is supposed to do as these people do. The wish alone does not tell
it: people of one pair of stops go by ways of different length, flows may give a time to arrive by, and people who have
learned leave just before their vehicle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.pair_forecasts import PairForecasts
from sim.experiments.plan_followers import ends_of
from sim.metrics.grouping import of_strategy
from sim.model.no_advice import NO_ADVICE
from sim.model.scenario import Scenario
from sim.records.table import Table

MOMENTS: Final = 12
"""Moments that stand for all at which people with a wish leave (assumed)."""

NEAR_S: Final = 900.0
"""How far the wish of somebody may be from the one asked about for them to tell when people with that wish leave
(assumed)."""

MOST_PEOPLE: Final = 48
"""People who tell it, those with the nearest wishes (assumed): by the median of so many the middle is known to half a
minute where habits are 5 min apart."""

SAME_MOMENT_S: Final = 0.5
"""Whoever leaves this near to their habit has not changed it."""


@dataclass(frozen=True)
class DeparturesByWish:
    """People of a run, in the order of their pairs of stops; arrays of shape (people,).

    Attributes
    ----------
    pair : ndarray of int
        Row of the first stop times the number of stops, plus row of the last.
    wish_s, departure_s : ndarray of float
        When each would like to arrive, and leaves without advice, seconds after midnight.
    by_habit : ndarray of bool
        Whether they leave as by habit, and have not learned to leave at another time.
    stops : int
        Of the network.
    """

    pair: IntArray
    wish_s: FloatArray
    departure_s: FloatArray
    by_habit: BoolArray
    stops: int

    @classmethod
    def of(cls, scenario: Scenario, tables: Mapping[str, Table], strategy: str) -> Self:
        """Read them off the last day of a run without advice, or of those who did not follow where there is none.

        Parameters
        ----------
        scenario : Scenario
            The one that made the tables.
        tables : mapping of str to Table
            `journeys`.
        strategy : str
            Whose days are read where nothing else was run.
        """
        journeys = tables["journeys"]
        journeys = of_strategy(journeys, NO_ADVICE if NO_ADVICE in journeys.categories["strategy"] else strategy)
        journeys = journeys.where(journeys["day"] == journeys["day"].max(initial=0))
        journeys = journeys.where(np.isfinite(journeys["preferred_arrival_s"]))
        habit_s, stops = journeys["habitual_departure_s"], len(scenario.network.stop_id)
        # Whoever followed advice left where it sent them, which is not what they do by themselves.
        departure_s = np.where(journeys["complied"].astype(bool), habit_s, journeys["departure_s"])
        origin, destination = ends_of(scenario, journeys)
        pair = origin * stops + destination
        order = np.argsort(pair, kind="stable")
        by_habit = np.abs(departure_s - habit_s) < SAME_MOMENT_S
        return cls(pair[order], journeys["preferred_arrival_s"][order], departure_s[order], by_habit[order], stops)

    def usual_s(self, pair: PairForecasts, request: JourneyRequest) -> float | None:
        """Return when somebody usually leaves, seconds after midnight: as they say, else as people with their wish do.

        It is the moment before which half of these leave. None where no arrival is wished.

        Parameters
        ----------
        pair : PairForecasts
        request : JourneyRequest
        """
        if request.usual_s is not None or request.arrive_by_s is None:
            return request.usual_s
        return float(np.median(self._sample_s(pair, request.arrive_by_s)))

    def moments_s(self, pair: PairForecasts, request: JourneyRequest) -> FloatArray | None:
        """Return moments that stand for all at which people with a wish leave, as far as they are still to come.

        Each stands for as many of these people. None where whoever asks says when they usually leave, wishes no
        arrival, or all of them have left.

        Parameters
        ----------
        pair : PairForecasts
        request : JourneyRequest

        Returns
        -------
        ndarray of float, shape (MOMENTS,), or None
            Seconds after midnight, in order.
        """
        if request.usual_s is not None or request.arrive_by_s is None:
            return None
        sample_s = self._sample_s(pair, request.arrive_by_s)
        if request.asked_at_s is not None:
            sample_s = sample_s[sample_s >= request.asked_at_s]
        if not len(sample_s):
            return None
        moments_s: FloatArray = np.quantile(sample_s, (np.arange(MOMENTS) + 0.5) / MOMENTS, method="inverted_cdf")
        return moments_s

    def _sample_s(self, pair: PairForecasts, arrive_by_s: float) -> FloatArray:
        """Return when people with a wish leave: those of the run, filled up to `MOMENTS` by how wishes are derived.

        Of three people who happened to travel nobody can tell it (test_where_few_travel_wishes_tell_when_people_leave).
        """
        known_s = self._near_s(pair.ends, arrive_by_s)
        missing = MOMENTS - len(known_s)
        if missing <= 0:
            return known_s
        wishes = pair.compiled.scenario.parameters.population
        middle_s = arrive_by_s - pair.free_journey_s - wishes.preferred_arrival_slack_s
        # Habit lies evenly over the spread, on both sides of the middle (`sim.population.commuters`).
        spread = (np.arange(missing) + 0.5) / missing * 2.0 - 1.0
        return np.concatenate([known_s, np.maximum(middle_s + spread * wishes.preferred_arrival_spread_s, 0.0)])

    def _near_s(self, ends: tuple[int, int], arrive_by_s: float) -> FloatArray:
        """Return when the people of a pair leave whose wishes are the nearest to one.

        Whoever leaves by habit keeps the time between departure and wish; whoever has learned keeps the departure, as
        it is that of their vehicle (test_people_who_have_learned_tell_which_vehicle_they_meet).
        """
        code = ends[0] * self.stops + ends[1]
        rows = slice(*np.searchsorted(self.pair, [code, code + 1]).tolist())
        apart_s = arrive_by_s - self.wish_s[rows]
        far_s = np.abs(apart_s)
        # All who are as near as the last of them, as many have one wish where flows give it.
        most_s = (
            NEAR_S if len(far_s) <= MOST_PEOPLE else min(np.partition(far_s, MOST_PEOPLE - 1)[MOST_PEOPLE - 1], NEAR_S)
        )
        near = far_s <= most_s
        moved_s = np.where(self.by_habit[rows], apart_s, 0.0)
        found: FloatArray = np.maximum((self.departure_s[rows] + moved_s)[near], 0.0)
        return found

"""Forecasts for those who follow advice, made before the day, beside what then happened to them.

What somebody is told of a window is what one would have met who left at any time of it on days with the same advice,
followed vehicle by vehicle (`sim.experiments.window_statements` does the same for one question); whoever is named a
minute is told of that. An advisor that can rehearse knows the plan that it gives out today, and rehearses it on draws
that are no day; another one takes the days before, which had other plans. The day itself is never one of them, so that
it is one that the forecast has not seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.advisor import DayResult, ReplicationWorld
from sim.arrays import FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.model.outcome import Outcome
from sim.population.boardings import Boardings
from sim.population.crowding import standing_s
from sim.population.observation import VisitFacts, boardings_of, visit_facts
from sim.population.own_places import OwnPlaces
from sim.population.traced_journeys import fullest_met, traced_rides
from sim.records.day import DayRecords
from sim.records.day_facts import RowKey
from sim.records.forecast_table import ScoredForecasts

MOST_DAYS, LEAST_DAYS = 10, 4
"""Days that a forecast is made from at most, and rehearsals at least (assumed)."""

MOST_REHEARSED = 200_000
"""People simulated in all rehearsals for the forecasts of a day together, between fewest and most (assumed)."""

FIRST_DRAW = 1_000_000
"""No plan is made, improved or proved on draws from this number on: a plan that had seen them would be told too good
(tests/functional/test_left_behind_forecast.py)."""

GOLDEN_RATIO = (np.sqrt(5.0) - 1.0) / 2.0
"""Multiples of it, less their whole parts, are spread as evenly as can be over 0 to 1 (Weyl)."""

SeenDay = tuple[Boardings, VisitFacts, OwnPlaces]

MOST_SCORED = 1000
"""Followers of a day whose forecasts are scored (assumed): their chances are known to 2 or 3 points then."""


class DayScorer:
    """Remembers the days under a strategy, and scores forecasts made from them.

    Parameters
    ----------
    world : ReplicationWorld
    """

    def __init__(self, world: ReplicationWorld) -> None:
        self.world = world
        self.days: deque[SeenDay] = deque(maxlen=MOST_DAYS)

    def remember(self, result: DayResult) -> None:
        """Lay a day with advice to those that forecasts are made from; one without is of another world."""
        if not result.plan.advised.any():
            return
        ((_, boardings),) = result.observation.days
        compiled = self.world.compiled
        facts = visit_facts(compiled.scenario.service, result.records)
        self.days.append((boardings, facts, OwnPlaces.of(boardings, result.records)))

    def scored(self, result: DayResult, key: RowKey) -> ScoredForecasts | None:
        """Score the forecasts of a day; None where nobody followed, or there is nothing to make forecasts from.

        Parameters
        ----------
        result : DayResult
        key : RowKey
        """
        population = self.world.population
        who = np.flatnonzero(result.complied & population.is_first & population.journeys.rides)
        own_s = result.usual_departure_s
        rehearsals = 0 if own_s is None else self._rehearsals()
        number = rehearsals or len(self.days)
        if not len(who) or not number:
            return None
        who = who[np.unique(np.linspace(0, len(who) - 1, min(len(who), MOST_SCORED)).round().astype(np.int64))]
        days = self.days if own_s is None or not rehearsals else self._rehearsed(result, own_s, rehearsals)
        place, seat, on_time, minutes, load_factor = self._told(who, result, days)
        first, sat, was_on_time, took_min, met_load_factor = (column[who] for column in self._happened(result.records))
        return ScoredForecasts(
            key=key,
            commuter=who,
            days_seen=number,
            first_vehicle_share=place,
            seat_share=seat,
            on_time_share=on_time,
            door_to_door_min=minutes,
            load_factor=load_factor,
            took_first_vehicle=first,
            sat=sat,
            was_on_time=was_on_time,
            took_min=took_min,
            met_load_factor=met_load_factor,
        )

    def _rehearsals(self) -> int:
        """Return how many times the plan of a day is rehearsed, by the number of people; 0 where nothing is."""
        if self.world.compiled.scenario.parameters.advisor.rehearsal.draws == 0:
            return 0
        return int(np.clip(MOST_REHEARSED // max(len(self.world.population), 1), LEAST_DAYS, MOST_DAYS))

    def _rehearsed(self, result: DayResult, own_s: FloatArray, rehearsals: int) -> Iterator[SeenDay]:
        """Rehearse the plan of a day, on other draws for each day.

        The days before had other plans: people told the window that was best then meet all others who are told the
        same (`individual` on the Xiamen surge: 9 to 13 % fewer left behind told than were).
        """
        compiled = self.world.compiled
        first = FIRST_DRAW + result.day * MOST_DAYS
        # A plan is made for all shares of compliance that are plausible, but people are told of the expected one: with
        # few who follow many more are left behind than with many fewer are, and the mean was told too high
        # (test_forecasts_of_days_that_were_not_seen_hold).
        for number in range(rehearsals):
            # A stage remembers its draws, with everybody's chance in them; these are needed once.
            stage = replace(self.world.stage, draws={}, kept=[], _compliance={})
            records = stage.simulated(result.plan, own_s, first + number, result.expected_compliance_share)
            facts = visit_facts(compiled.scenario.service, records)
            boardings = boardings_of(compiled.points, facts)
            yield boardings, facts, OwnPlaces.of(boardings, records)

    def _told(self, who: IntArray, result: DayResult, days: Iterable[SeenDay]) -> tuple[FloatArray, ...]:
        """Return chances of a place in the first vehicle, of a seat and to be on time, minutes and load factors."""
        compiled = self.world.compiled
        service, forecaster = compiled.scenario.service, compiled.forecaster
        leave_s = _times_of_leaving(result.plan, who, len(forecaster.places_s))
        if compiled.scenario.parameters.advisor.placement == "even":
            # The app names the minute, and tells what that brings
            # (test_whoever_is_named_a_minute_is_told_what_it_brings).
            leave_s = result.records.departure_s[who][:, None]
        else:
            # Whoever leaves in the window by habit keeps their moment, and is told what it brings, not the window's
            # mean (test_forecasts_of_days_that_were_not_seen_hold).
            own_s = result.own_departure_s
            own_s = self.world.population.habitual_departure_s if own_s is None else own_s
            leave_s = np.where(result.plan.contains(own_s)[who][:, None], own_s[who][:, None], leave_s)
        option = np.repeat(self.world.population.journeys.option[who], leave_s.shape[1])
        wish_s = self.world.population.preferred_arrival_s[who][:, None]
        seen: list[tuple[FloatArray, ...]] = []
        for boardings, facts, own in days:
            # Everybody told is among the people of these days already, at a time of their own: to be told of another
            # one they must leave their place, and count neither twice nor nowhere
            # (test_people_are_told_of_themselves_neither_twice_nor_not_at_all).
            theirs = own.by_people(np.repeat(who, leave_s.shape[1]))
            vehicles = boardings, facts.arrival_s
            rides = traced_rides(compiled.options, forecaster.waiting, *vehicles, option, leave_s.ravel(), theirs)
            arrival_s = rides.arrival_s.reshape(leave_s.shape)
            columns = (
                rides.boards_first & (rides.first_visit >= 0),
                rides.sits(service, facts) & np.isfinite(rides.arrival_s),
                (arrival_s <= wish_s).ravel(),
                ((arrival_s - leave_s) / 60.0).ravel(),
                np.where(np.isfinite(rides.arrival_s), rides.fullest(service, facts)[0], np.nan),
            )
            seen.append(tuple(np.asarray(column, dtype=np.float64).reshape(leave_s.shape) for column in columns))
        by_column = [np.concatenate(column, axis=1) for column in zip(*seen, strict=True)]
        return tuple(_mean_known(column) for column in by_column)

    def _happened(self, records: DayRecords) -> tuple[NDArray[Any], ...]:
        """Return the same of the day itself, for all commuters."""
        service = self.world.compiled.scenario.service
        boarded = np.flatnonzero(records.ride_board_visit >= 0)
        commuters = len(records.departure_s)
        arrived = np.isfinite(records.arrival_s)
        rides = np.bincount(records.ride_commuter[boarded], minlength=commuters)
        stood_s = np.bincount(records.ride_commuter, standing_s(service, records), commuters)
        # Whoever is still on board at the end has no alighting; their journey did not end, and is left out below.
        ended = boarded[records.ride_alight_visit[boarded] >= 0]
        ends = records.ride_board_visit[ended], records.ride_alight_visit[ended]
        facts = visit_facts(service, records)
        highest, _ = fullest_met(service, facts, commuters, records.ride_commuter[ended], ends)
        # Whoever finds no vehicle to change to, or gives up waiting for one, has not found room wherever they boarded.
        in_vain = np.isin(records.outcome, [Outcome.GAVE_UP, Outcome.NO_SERVICE])
        first = (records.denied_boardings == 0) & (rides > 0) & ~in_vain
        sat = arrived & (stood_s <= 0.0)
        on_time = arrived & (records.arrival_s <= self.world.population.preferred_arrival_s)
        took_min = (records.arrival_s - records.departure_s) / 60.0
        return first, sat, on_time, took_min, np.where(arrived, highest, np.nan)


def _times_of_leaving(plan: AdvicePlan, who: IntArray, places: int) -> FloatArray:
    """Return times spread evenly over the part that is meant of each window, others for each person.

    At the same few times of each window all would meet or miss a vehicle that keeps its timetable.

    Parameters
    ----------
    plan : AdvicePlan
    who : ndarray of int, shape (people,)
    places : int

    Returns
    -------
    ndarray of float, shape (people, places)
    """
    begins = (np.arange(len(who)) * GOLDEN_RATIO % 1.0)[:, None]
    share = (np.arange(places) + begins) / places
    if plan.part is not None:
        first, last = plan.part[who].T[:, :, None]
        share = first + share * (last - first)
    times_s: FloatArray = plan.start_s()[who][:, None] + share * plan.window_s
    return times_s


def _mean_known(values: FloatArray) -> FloatArray:
    """Return means over days and places that leave out journeys that never end; NaN where none does."""
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: FloatArray = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return mean

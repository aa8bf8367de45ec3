"""The people of a rehearsal as an advisor knows them who does not see all traffic.

Users of the app tell it when they travel and what they wish, whatever the counters see. Of everybody else it knows how
many travel from where to where and about when, as for bookings: other people are drawn in their place.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.journeys import JourneyOptions
from sim.population.commuters import Population, Traits
from sim.population.route_choice import chosen_journeys
from sim.population.systematic_sampling import group_rows

PAIRS_APART_S = 1e6
"""Seconds that set habits between other stops apart; longer than any simulated day."""


def known_people(options: JourneyOptions, population: Population, knows: BoolArray, others: Population) -> Population:
    """Return the people who are known as they are, with others in the place of all who are not.

    Journeys back have the ways and wishes that they have in the replication. When they begin follows from the journey
    there, which is that of the others.

    Parameters
    ----------
    options : JourneyOptions
    population : Population
        Of the replication.
    knows : ndarray of bool, shape (commuters,)
        True for those who are known.
    others : Population
        In each row of a journey there, somebody else of the same flow; `population` itself where there are none.
    """
    if others is population:
        return population
    there = np.flatnonzero(population.is_first)
    unknown = there[~knows[there]]

    def mixed(own: FloatArray, other: FloatArray) -> FloatArray:
        column = own.copy()
        column[unknown] = other[unknown]
        return column

    option = population.journeys.option.copy()
    option[unknown] = others.journeys.option[unknown]
    preferred_arrival_s = mixed(population.preferred_arrival_s, others.preferred_arrival_s)
    named = [item.name for item in fields(Traits)]
    traits: dict[str, Any] = {
        name: mixed(getattr(population.traits, name), getattr(others.traits, name)) for name in named
    }
    chain = population.chain
    waits = np.isfinite(chain.not_before_s) & (chain.after >= 0)
    not_before_s = np.where(waits, preferred_arrival_s[np.maximum(chain.after, 0)], chain.not_before_s)
    return replace(
        population,
        habitual_departure_s=mixed(population.habitual_departure_s, others.habitual_departure_s),
        preferred_arrival_s=preferred_arrival_s,
        earliest_departure_s=mixed(population.earliest_departure_s, others.earliest_departure_s),
        latest_departure_s=mixed(population.latest_departure_s, others.latest_departure_s),
        journeys=chosen_journeys(options, option),
        traits=Traits(**traits),
        chain=replace(chain, not_before_s=not_before_s),
    )


def moved_as_users(population: Population, knows: BoolArray, own_departure_s: FloatArray) -> FloatArray:
    """Return when people leave without advice as far as users tell, shape (commuters,), seconds after midnight.

    Users leave when they say. Others are taken to have learned what users have: each leaves as much before or after
    habit as the user between the same stops with the nearest habit does, within what they accept; by habit where there
    is no such user, and where that user keeps to habit.

    Parameters
    ----------
    population : Population
        As `known_people` returns it.
    knows : ndarray of bool, shape (commuters,)
        True for users.
    own_departure_s : ndarray of float, shape (commuters,)
        When everybody leaves without advice; that of others is not looked at.
    """
    habit_s = population.habitual_departure_s
    users, others = np.flatnonzero(knows), np.flatnonzero(~knows & population.is_first)
    left_s = np.where(knows, own_departure_s, habit_s)
    if len(users):
        pair = group_rows(population.origin, population.destination)
        moved_s = own_departure_s[users] - habit_s[users]
        left_s[others] = _moved_as((pair[users], habit_s[users]), moved_s, population, others, pair[others])
    return left_s


def settled_as(population: Population, known: Population, settled_s: FloatArray) -> Population:
    """Return people who have come to when they leave as others of the same flows have, by the nearest habit.

    Parameters
    ----------
    population : Population
        By habit.
    known : Population
        By habit, with somebody of the same flow in each row of a journey there.
    settled_s : ndarray of float, shape (commuters,)
        When people leave who have settled, seconds after midnight.
    """
    there, habit_s = np.flatnonzero(population.is_first), known.habitual_departure_s
    pair = group_rows(population.origin, population.destination)[there]
    moved_s = settled_s[there] - habit_s[there]
    leaves_s = population.habitual_departure_s.copy()
    leaves_s[there] = _moved_as((pair, habit_s[there]), moved_s, population, there, pair)
    return replace(population, habitual_departure_s=leaves_s)


def _moved_as(
    seen: tuple[IntArray, FloatArray], moved_s: FloatArray, population: Population, who: IntArray, pair: IntArray
) -> FloatArray:
    """Return when some people leave who have moved as whoever was seen between the same stops with the nearest habit.

    Those seen have a pair of stops and a habit, and have moved by so many seconds; `pair` is that of `who`.
    """
    habit_s = population.habitual_departure_s[who]
    # One number by which those seen are in order of their stops, and of habit between the same stops.
    place = seen[0] * PAIRS_APART_S + seen[1]
    order = np.argsort(place, kind="stable")
    after = np.searchsorted(place[order], pair * PAIRS_APART_S + habit_s)
    near = order[np.stack([np.maximum(after - 1, 0), np.minimum(after, len(order) - 1)])]
    away_s = np.where(seen[0][near] == pair, np.abs(seen[1][near] - habit_s), np.inf)
    rows = np.arange(len(who))
    nearest = away_s.argmin(axis=0)
    by_s = np.where(np.isfinite(away_s[nearest, rows]), moved_s[near[nearest, rows]], 0.0)
    leaves_s = np.clip(habit_s + by_s, population.earliest_departure_s[who], population.latest_departure_s[who])
    return np.where(by_s != 0.0, leaves_s, habit_s)

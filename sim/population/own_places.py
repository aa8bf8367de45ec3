"""People of a day who are looked at as if they had left at another time: their own place in its queues is free then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.population.boardings import Boardings
from sim.population.observation import held_by_themselves
from sim.records.day import DayRecords


@dataclass(frozen=True)
class OwnPlaces:
    """Where people of a day stood in its queues.

    Attributes
    ----------
    held : Boardings
        Until when vehicles take people one of whom, ahead of them, is not there.
    arrival_s, clears_s : ndarray of float, shape (visits,)
        When each vehicle comes, and when the first one from it on that leaves nobody behind.
    visit : ndarray of int, shape (rides of a journey, people)
        Visit at which each of them boarded their first, second and further rides; -1 where they did not.
    joined_s : ndarray of float, shape (rides of a journey, people)
        When they had joined the queue.
    """

    held: Boardings
    arrival_s: FloatArray
    clears_s: FloatArray
    visit: IntArray
    joined_s: FloatArray

    @classmethod
    def of(cls, boardings: Boardings, records: DayRecords) -> OwnPlaces:
        """Take them from a day, and from what one more commuter meets on it."""
        boarded = np.flatnonzero(records.ride_board_visit >= 0)
        number, commuter = records.ride_number[boarded], records.ride_commuter[boarded]
        shape = (int(number.max(initial=-1)) + 1, len(records.departure_s))
        visit, joined_s = np.full(shape, -1, dtype=np.int64), np.full(shape, np.nan)
        visit[number, commuter] = records.ride_board_visit[boarded]
        joined_s[number, commuter] = records.ride_wait_from_s[boarded]
        clears_s = np.full(len(records.visit_arrival_s), -np.inf)
        np.maximum.at(clears_s, boardings.visit, _clears_s(boardings, records.visit_denied))
        held = held_by_themselves(boardings, records.first_left_s())
        return cls(held, records.visit_arrival_s, clears_s, visit, joined_s)

    def by_people(self, people: IntArray) -> OwnPlaces:
        """Return those of some people, who may be named more than once."""
        return replace(self, visit=self.visit[:, people], joined_s=self.joined_s[:, people])

    def leave_room(self, number: int, person: IntArray, joined_s: FloatArray, visit: IntArray) -> BoolArray:
        """Say whose own place was ahead of them in the queue: one person fewer stands before them than on the day.

        It was if they boarded this vehicle, having joined earlier than now, or one before it since which the queue has
        not been gone.

        Parameters
        ----------
        number : int
            Rides before this one.
        person : ndarray of int
            Their columns here.
        joined_s : ndarray of float
            When they would join now.
        visit : ndarray of int
            The vehicle that would take them then; -1 for none.
        """
        if number >= len(self.visit):
            return np.zeros(len(person), dtype=np.bool_)
        own, comes_s = self.visit[number, person], self.arrival_s[visit]
        there = (own >= 0) & (visit >= 0) & (self.joined_s[number, person] < joined_s)
        found: BoolArray = there & (self.arrival_s[own] <= comes_s) & (comes_s <= self.clears_s[own])
        return found


def _clears_s(day: Boardings, denied: IntArray) -> FloatArray:
    """Return when, from each vehicle of a group on, one comes that leaves nobody behind, shape (vehicles,).

    One that is just full counts: whoever is not there left a place in it to nobody, so that no later one has more room
    (test_people_are_told_of_themselves_neither_twice_nor_not_at_all).
    """
    vehicles = len(day.visit)
    place = np.where(denied[day.visit] == 0, np.arange(vehicles), vehicles)
    following = np.minimum.accumulate(place[::-1])[::-1]
    ends = np.repeat(day.ptr[1:], np.diff(day.ptr))
    comes_s = np.append(day.arrival_s, day.end_s)[following]
    return np.where(following < ends, comes_s, day.end_s)

"""When one more commuter would have arrived on a day that was seen, vehicle by vehicle.

Forecasts are means over periods. How much riders differ from each other is in no mean: it is found by riding along.
"""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import AS_PLANNED, JourneyOptions
from sim.population.boardings import Boardings
from sim.population.waits import WaitingSets, rows_of

MOST_RIDES = 100
"""Rides after which a journey by a strategy is given up; none has nearly as many."""


def traced_arrivals(
    options: JourneyOptions,
    waiting: WaitingSets,
    day: Boardings,
    visit_arrival_s: FloatArray,
    option: IntArray,
    leave_s: FloatArray,
) -> FloatArray:
    """Return when people arrive at their destination, seconds after midnight; NaN where no vehicle takes them there.

    Parameters
    ----------
    options : JourneyOptions
    waiting : WaitingSets
        Of the legs of these options.
    day : Boardings
    visit_arrival_s : ndarray of float, shape (visits,)
        When each vehicle came to each of its stops on the day.
    option : ndarray of int, shape (people,)
    leave_s : ndarray of float, shape (people,)
        Seconds after midnight.
    """
    legs = options.legs
    place, end = options.leg_ptr[option].copy(), options.leg_ptr[option + 1]
    leg_at, walk_at = np.append(options.leg, 0), np.append(options.walk_before_s, 0.0)
    arrival_s = np.where(place < end, np.nan, leave_s + options.egress_walk_s[option])
    person = np.flatnonzero(place < end)
    leg, time_s = leg_at[place[person]], leave_s[person] + walk_at[place[person]]
    for _ in range(MOST_RIDES):
        if not len(person):
            break
        row, visit = _boarded(waiting, day, visit_arrival_s, leg, time_s)
        alight = visit + legs.alight_sequence[row] - legs.board_sequence[row]
        time_s = np.where(visit >= 0, visit_arrival_s[alight], np.nan)
        place[person] += 1
        planned = legs.next_leg[row] == AS_PLANNED
        onward = np.where(planned, place[person] < end[person], legs.next_leg[row] >= 0)
        last_walk_s = np.where(planned, options.egress_walk_s[option[person]], legs.next_walk_s[row])
        done = ~onward
        arrival_s[person[done]] = time_s[done] + last_walk_s[done]
        rides = onward & np.isfinite(time_s)
        walk_s = np.where(planned, walk_at[place[person]], legs.next_walk_s[row])
        leg = np.where(planned, leg_at[place[person]], legs.next_leg[row])[rides]
        time_s, person = (time_s + walk_s)[rides], person[rides]
    return arrival_s


def _boarded(
    waiting: WaitingSets, day: Boardings, visit_arrival_s: FloatArray, leg: IntArray, joined_s: FloatArray
) -> tuple[IntArray, IntArray]:
    """Return the row of the leg by which each person boards, and the visit at which they do; -1 for none."""
    first, entry = rows_of(waiting.leg_ptr, leg)
    _, member = rows_of(waiting.member_ptr, waiting.of_leg[leg])
    of_person = np.repeat(np.arange(len(leg)), np.diff(first))
    visit = day.boarded_visit(waiting.member_point[member], joined_s[of_person])
    comes_s = np.where(visit >= 0, visit_arrival_s[visit], np.inf)
    at_once = np.flatnonzero(comes_s == np.minimum.reduceat(comes_s, first[:-1])[of_person])
    chosen = at_once[np.unique(of_person[at_once], return_index=True)[1]]
    return waiting.leg_row[entry[chosen]], visit[chosen]

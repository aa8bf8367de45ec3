"""Journeys at the hour of the day, by algorithms that share nothing with the search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.arrays import FloatArray

STEP_MIN = 0.02
"""Step of time of the expected minutes to go."""


@dataclass(frozen=True)
class TimedLine:
    """A line by the timetable.

    Attributes
    ----------
    stops : sequence of str
    minutes : sequence of float
        Running time between each stop and the next one.
    departures_min : sequence of float
        From the first stop.
    """

    stops: Sequence[str]
    minutes: Sequence[float]
    departures_min: Sequence[float]


def earliest_arrival_min(lines: Sequence[TimedLine], origin: str, destination: str, leave_min: float) -> float:
    """Return the earliest arrival by the timetable; infinite for none.

    Rides every trip from wherever it can be boarded, again and again until nothing comes sooner (label correcting).

    Parameters
    ----------
    lines : sequence of TimedLine
    origin, destination : str
    leave_min : float
    """
    reached = {origin: leave_min}
    better = True
    while better:
        better = False
        for line in lines:
            for start_min in line.departures_min:
                time, aboard = start_min, False
                for stop, minutes in zip(line.stops, [*line.minutes, 0.0], strict=True):
                    if aboard and time < reached.get(stop, np.inf):
                        reached[stop], better = time, True
                    aboard = aboard or reached.get(stop, np.inf) <= time
                    time += minutes
    return reached.get(destination, np.inf)


@dataclass(frozen=True)
class RandomLine:
    """A line whose vehicles come at random from a time on.

    Attributes
    ----------
    stops : str
        One letter for each; small ones are passed only.
    minutes : sequence of float
    headway_min : float
    begins_min : float
        At its first stop.
    """

    stops: str
    minutes: Sequence[float]
    headway_min: float
    begins_min: float


def expected_min(
    lines: Sequence[RandomLine], stops: str, goal: str, until_min: float, first_is_known: bool = False
) -> Mapping[str, FloatArray]:
    """Return the least expected minutes from each stop to a goal, by time of joining in steps of `STEP_MIN`.

    Backwards: in a step each line comes with the chance that its headway gives and is boarded where that is better
    than to wait on. What the first steps are solved from is the end, where all lines have run for long.

    Parameters
    ----------
    lines : sequence of RandomLine
    stops : str
        Stops, each before all that lie on the way to it.
    goal : str
    until_min : float
        Time up to which the answer is wanted.
    first_is_known : bool
        Whether a vehicle comes right when a line begins.
    """
    count = int(until_min / STEP_MIN) + 1
    times = np.arange(count, dtype=np.float64) * STEP_MIN
    found: dict[str, FloatArray] = {goal: np.zeros(count)}
    for stop in stops:
        coming = [line_onward(line, line.stops.index(stop), found, times) for line in lines if stop in line.stops[:-1]]
        to_go = np.empty(count)
        now = _settled([(rate[-1], onward[-1]) for rate, onward in coming])
        for place in range(count - 1, -1, -1):
            gain = sum(float(rate[place]) * max(now - float(onward[place]), 0.0) for rate, onward in coming)
            now += STEP_MIN * (1.0 - gain)
            for rate, onward in coming:
                if first_is_known and place and rate[place - 1] < rate[place]:
                    now = min(now, float(onward[place]))
            to_go[place] = now
        found[stop] = to_go
    return found


def line_onward(
    line: RandomLine, place: int, found: Mapping[str, FloatArray], times: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return the rate of a line at a stop and the least minutes to go from boarding on, by time in steps.

    Parameters
    ----------
    line : RandomLine
    place : int
        Position of the stop.
    found : mapping of str to ndarray of float
        Minutes to go from stops further on.
    times : ndarray of float
        In minutes.
    """
    reach = float(sum(line.minutes[:place]))
    rate = np.where(times >= line.begins_min + reach, 1.0 / line.headway_min, 0.0)
    best, ride = np.full(len(times), np.inf), 0.0
    for (_, stop), minutes in zip(pairwise(line.stops[place:]), line.minutes[place:], strict=True):
        ride += minutes
        if stop in found:
            later = np.minimum(np.arange(len(times)) + round(ride / STEP_MIN), len(times) - 1)
            best = np.minimum(best, ride + found[stop][later])
    return rate, best


def _settled(coming: Sequence[tuple[float, float]]) -> float:
    """Return the expected minutes where nothing changes any more: the least of (1 + sum f t) / sum f over sets."""
    frequency = weighted = 0.0
    least = np.inf
    for rate, onward in sorted(coming, key=lambda line: line[1]):
        if onward < least and rate > 0:
            frequency, weighted = frequency + rate, weighted + rate * onward
            least = (1.0 + weighted) / frequency
    return least

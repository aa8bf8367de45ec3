"""What leaving in a window costs, put together from what is met on the way: everything but being early or late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import FloatArray
from sim.compiled.loops import loops
from sim.model.journeys import JourneyOptions
from sim.model.parameters import PreferenceParameters
from sim.population.journey_tree import TimedCases


@dataclass(frozen=True)
class AtGoals:
    """What people have met who have come to a goal.

    Attributes
    ----------
    arrived_s, crowded_s, wait_s : ndarray of float, shape (goals of all levels + 1,)
        Time of arrival in seconds after midnight, time on board weighted by crowding and wait at all stands; the last
        row is for whoever only walks, and has no time of arrival.
    lost_share : ndarray of float, shape (first stands + 1,)
        Chance that no vehicle takes them where they wait first.
    """

    arrived_s: FloatArray
    crowded_s: FloatArray
    wait_s: FloatArray
    lost_share: FloatArray


@dataclass(frozen=True)
class CaseCosts:
    """Arrivals and costs of cases; arrays of shape (cases,).

    Attributes
    ----------
    arrival_s : ndarray of float
        Expected arrival when leaving in the middle of the window, seconds after midnight.
    travel_cost_min : ndarray of float
        Generalized cost without schedule delay.
    lost_share : ndarray of float
        Chance that no vehicle takes them at the first stop any more.
    """

    arrival_s: FloatArray
    travel_cost_min: FloatArray
    lost_share: FloatArray


def case_costs(
    preferences: PreferenceParameters, options: JourneyOptions, cases: TimedCases, window_s: float, met: AtGoals
) -> CaseCosts:
    """Return when cases arrive and what they cost, by what was met up to their last goals.

    The compiled loops do the same operation by operation, and give the same bits
    (tests/unit/test_population_case_costs.py).

    Parameters
    ----------
    preferences : PreferenceParameters
    options : JourneyOptions
    cases : TimedCases
    window_s : float
        Width of windows in seconds.
    met : AtGoals
    """
    library = loops()
    if library is None:
        return case_costs_by_numpy(preferences, options, cases, window_s, met)
    found = CaseCosts(*np.empty((3, len(cases.option))))
    library.peakshift_windows_travel(
        *(len(cases.option), len(met.arrived_s) - 1, cases.last_goal, cases.first_stand, cases.followed, cases.window),
        *(cases.walk_s, window_s, met.arrived_s, met.crowded_s, met.wait_s, met.lost_share),
        *(options.egress_walk_s, transfers_of(options), _fare_min(options)),
        *(preferences.in_vehicle_weight, preferences.wait_weight, preferences.walk_weight),
        *(preferences.transfer_penalty_s, preferences.unserved_penalty_s),
        *(found.arrival_s, found.travel_cost_min, found.lost_share),
    )
    return found


def case_costs_by_numpy(
    preferences: PreferenceParameters, options: JourneyOptions, cases: TimedCases, window_s: float, met: AtGoals
) -> CaseCosts:
    """Return what `case_costs` does; parameters as there."""
    goal, option = cases.last_goal, cases.followed
    start_s = (cases.window + 0.5) * window_s
    time_s = np.where(goal == len(met.arrived_s) - 1, start_s, met.arrived_s[goal])
    egress_s, lost_share = options.egress_walk_s[option], met.lost_share[cases.first_stand]
    cost_s = (
        preferences.in_vehicle_weight * met.crowded_s[goal]
        + preferences.wait_weight * met.wait_s[goal]
        + preferences.walk_weight * (cases.walk_s + egress_s)
        + preferences.transfer_penalty_s * transfers_of(options)[option]
    )
    travel_cost_min = (cost_s + preferences.unserved_penalty_s * lost_share) / 60.0 + _fare_min(options)[option]
    return CaseCosts(time_s + egress_s, travel_cost_min, lost_share)


def transfers_of(options: JourneyOptions) -> FloatArray:
    """Return the transfers of each option, shape (options,).

    Parameters
    ----------
    options : JourneyOptions
    """
    transfers: FloatArray = np.maximum(np.diff(options.leg_ptr) - 1, 0).astype(np.float64)
    return transfers


def _fare_min(options: JourneyOptions) -> FloatArray:
    """Return the fare of each option in minutes, shape (options,)."""
    return np.zeros(len(options.leg_ptr) - 1) if options.fare_min is None else options.fare_min

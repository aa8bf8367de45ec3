"""What a journey costs in money, by the departure window in which one leaves."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray
from sim.experiments.pair_forecasts import WindowCases
from sim.population.generalized_cost import discount_shares


def window_fares(cases: WindowCases) -> FloatArray | None:
    """Return the fare of each window, shape (windows,); None where the scenario has no fares.

    It is the mean over those who leave at any time of the window on any day observed: a discount that begins or ends
    within the window, or does so for some groups of people alone, counts by its part.

    Parameters
    ----------
    cases : WindowCases
    """
    full = cases.pair.compiled.options.fare
    if full is None:
        return None
    fare: FloatArray = full[cases.option] * (1.0 - _discount_shares(cases))
    return fare


def discounts_min(cases: WindowCases) -> FloatArray:
    """Return what discounts are worth in each window, in minutes, shape (windows,); 0 where money is worth no time.

    Parameters
    ----------
    cases : WindowCases
    """
    fare_min = cases.pair.compiled.options.fare_min
    if fare_min is None:
        return np.zeros(len(cases))
    worth: FloatArray = fare_min[cases.option] * _discount_shares(cases)
    return worth


def _discount_shares(cases: WindowCases) -> FloatArray:
    """Return the part of the fare that is let off in each window, mean over days, times of leaving and groups."""
    if not cases.pair.has_discounts:
        return np.zeros(len(cases))
    scenario = cases.pair.compiled.scenario
    groups = scenario.parameters.advisor.incentive.stagger_groups
    arrival_s = cases.column("place_arrival_s")
    shape = (groups, *arrival_s.shape)
    leaves_s, arrives_s = (np.broadcast_to(times_s, shape).ravel() for times_s in (cases.leave_s(), arrival_s))
    group = np.repeat(np.arange(groups), arrival_s.size)
    origin, destination = (np.full(len(group), int(stop)) for stop in cases.pair.compiled.options.pairs[0])
    share = discount_shares(scenario, (origin, destination), (leaves_s, arrives_s), group).reshape(shape)
    mean: FloatArray = share.mean(axis=(0, 1, 3))
    return mean

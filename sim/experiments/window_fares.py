"""What a journey costs in money, by the departure window in which one leaves."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.experiments.pair_forecasts import WindowCases
from sim.population.generalized_cost import discount_shares


def window_fares(cases: WindowCases, leave_s: FloatArray, arrival_s: FloatArray) -> FloatArray | None:
    """Return the fare of each window, shape (windows,); None where the scenario has no fares.

    It is the mean over those who leave at these times of the window on any day observed and get there: a discount that
    begins or ends within the window, or does so for some groups of people alone, counts by its part.

    Parameters
    ----------
    cases : WindowCases
    leave_s : ndarray of float, shape (windows, places)
        Seconds after midnight.
    arrival_s : ndarray of float, shape (days, windows, places)
        What riders met who left then; NaN where no vehicle took them there.
    """
    full = cases.pair.compiled.options.fare
    if full is None:
        return None
    fare: FloatArray = full[cases.option] * (1.0 - _discount_shares(cases, leave_s, arrival_s))
    return fare


def discounts_min(cases: WindowCases, usual_s: float | None = None) -> FloatArray:
    """Return what discounts are worth in each window, in minutes, shape (windows,); 0 where money is worth no time.

    Parameters
    ----------
    cases : WindowCases
    usual_s : float or None
        Moment that is kept in its window, seconds after midnight; None where none is.
    """
    rows = np.flatnonzero(np.isin(cases.windows, [] if usual_s is None else [usual_s // cases.pair.window_s]))
    fare_min = cases.pair.compiled.options.fare_min
    if fare_min is None or not cases.pair.has_discounts:
        return np.zeros(len(cases))
    worth = fare_min[cases.option] * _paid_discounts(cases, cases.leave_s(), cases.met.arrival_s)
    worth[rows] = discounts_at_min(cases, rows, np.full(len(rows), usual_s or 0.0))
    return worth


def discounts_at_min(cases: WindowCases, rows: IntArray, moments_s: FloatArray) -> FloatArray:
    """Return what discounts are worth to those who leave at moments of some windows, in minutes, shape (rows,).

    Parameters
    ----------
    cases : WindowCases
    rows : ndarray of int
        Windows of these moments.
    moments_s : ndarray of float, shape (rows,)
        Seconds after midnight.
    """
    fare_min = cases.pair.compiled.options.fare_min
    if fare_min is None or not cases.pair.has_discounts or not len(rows):
        return np.zeros(len(rows))
    leave_s = moments_s[:, None]
    worth: FloatArray = fare_min[cases.option[rows]] * _paid_discounts(
        cases, leave_s, cases.met_from(rows, leave_s).arrival_s
    )
    return worth


def _paid_discounts(cases: WindowCases, leave_s: FloatArray, arrival_s: FloatArray) -> FloatArray:
    """Return the part of the fare that is let off, mean over all who leave: whoever does not arrive pays none."""
    arrive_share = np.isfinite(arrival_s).mean(axis=(0, 2))
    found: FloatArray = _discount_shares(cases, leave_s, arrival_s) * arrive_share
    return found


def _discount_shares(cases: WindowCases, leave_s: FloatArray, arrival_s: FloatArray) -> FloatArray:
    """Return the part of the fare that is let off, mean over days, times of leaving and groups, shape (rows,).

    Of riders as they were followed, and not of arrivals by the means of periods: a discount ends at one moment, and a
    mean that lies beyond it takes it from people who all come before it
    (test_the_fare_that_is_said_is_what_the_run_charges).
    """
    if not cases.pair.has_discounts:
        return np.zeros(len(leave_s))
    scenario = cases.pair.compiled.scenario
    groups = scenario.parameters.advisor.incentive.stagger_groups
    shape = (groups, *arrival_s.shape)
    leaves_s, arrives_s = (np.broadcast_to(times_s, shape).ravel() for times_s in (leave_s, arrival_s))
    group = np.repeat(np.arange(groups), arrival_s.size)
    origin, destination = (np.full(len(group), int(stop)) for stop in cases.pair.compiled.options.pairs[0])
    share = discount_shares(scenario, (origin, destination), (leaves_s, arrives_s), group).reshape(shape)
    arrives = np.isfinite(arrival_s)
    total = np.where(arrives, share, 0.0).sum(axis=(0, 1, 3))
    mean: FloatArray = total / np.maximum(groups * arrives.sum(axis=(0, 2)), 1)
    return mean

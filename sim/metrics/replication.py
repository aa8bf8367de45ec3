"""Metrics of one replication of one strategy, from its tables; `sim.metrics.registry` defines them.

Means and shares run over all commuters of all kept days, counts and totals are divided by the number
of those days. A metric that nothing can be said about, for instance the mean wait where nobody
arrived, is NaN. Sums of products are summed and not taken as dot products, whose last digit depends on
how many threads the linear algebra library has.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.blocks import combine, day_blocks, next_arrival_s, ratio, stop_order, sum_by_group
from sim.metrics.course import course_metrics
from sim.metrics.energy import energy_metrics
from sim.metrics.fairness import change_metrics, gini
from sim.metrics.persons import leads_there
from sim.records.table import Table

_MIN = 60.0


def replication_metrics(tables: Mapping[str, Table], period_s: float) -> dict[str, float]:
    """Compute all metrics that one run on its own has.

    Parameters
    ----------
    tables : mapping of str to Table
        At least `journeys`, `legs` and `stop_visits`, of one strategy and one replication; `days` where known.
    period_s : float
        Length of an observation period in seconds.

    Returns
    -------
    dict of str to float
        By the names of the registry, without those that compare with `none`.
    """
    days = len(np.union1d(tables["journeys"]["day"], tables["stop_visits"]["day"]))
    return {
        **_journey_metrics(tables["journeys"], days),
        **_service_metrics(tables["stop_visits"], days),
        **energy_metrics(tables["stop_visits"], days),
        **_return_metrics(tables["journeys"], tables["legs"], days, period_s),
        "excess_wait_min": excess_wait_min(tables["stop_visits"]),
        "mean_wait_per_boarding_min": _mean(tables["legs"]["board_s"] - tables["legs"]["wait_from_s"]) / _MIN,
        "peak_to_mean_ratio": peak_to_mean_ratio(tables["legs"]["board_s"], period_s),
        **(course_metrics(tables["days"]) if "days" in tables else {}),
    }


def paired_commuter_metrics(journeys_none: Table, journeys_other: Table) -> dict[str, float]:
    """Compare the generalized cost of each commuter and day with that of the same under `none`.

    Parameters
    ----------
    journeys_none, journeys_other : Table
        The same replication under `none` and under another strategy, rows in any order.

    Returns
    -------
    dict of str to float
        Those of `sim.metrics.fairness.change_metrics`, over the commuter-days that both have; empty
        where there are none.
    """
    change_min, rows_none, rows_other = paired_cost_change_min(journeys_none, journeys_other)
    return change_metrics(change_min, journeys_none["departure_s"][rows_none], journeys_other.where(rows_other))


def paired_cost_change_min(journeys_none: Table, journeys_other: Table) -> tuple[FloatArray, IntArray, IntArray]:
    """Match commuter-days and take the change of generalized cost against `none`.

    Returns
    -------
    change_min : ndarray, shape (pairs,)
        Generalized cost under the other strategy less that under `none`, in minutes.
    rows_none, rows_other : ndarray, shape (pairs,)
        Rows of the two tables that were matched.
    """
    if np.array_equal(journeys_none["commuter_id"], journeys_other["commuter_id"]) and np.array_equal(
        journeys_none["day"], journeys_other["day"]
    ):
        rows_none = rows_other = np.arange(len(journeys_none), dtype=np.int64)
    else:
        persons = 1 + max(int(table["commuter_id"].max(initial=0)) for table in (journeys_none, journeys_other))
        none_key, other_key = (
            table["day"] * persons + table["commuter_id"] for table in (journeys_none, journeys_other)
        )
        _, rows_none, rows_other = np.intersect1d(none_key, other_key, return_indices=True)
    change_min = journeys_other["generalized_cost_min"][rows_other] - journeys_none["generalized_cost_min"][rows_none]
    return change_min, rows_none, rows_other


def peak_to_mean_ratio(times_s: FloatArray, period_s: float) -> float:
    """Return the highest count of a period over the mean of the periods from first to last used.

    Parameters
    ----------
    times_s : ndarray, shape (events,)
        Seconds after midnight; the same period of several days counts as one.
    period_s : float
        Length of a period in seconds.
    """
    if not len(times_s):
        return float("nan")
    period = np.floor_divide(times_s, period_s).astype(np.int64)
    counts = np.bincount(period - period.min())
    return float(counts.max() / counts.mean())


def excess_wait_min(stop_visits: Table) -> float:
    """Return actual less scheduled mean wait of passengers who come at random, in minutes.

    Mean wait at a stop is sum(h**2) / (2 sum(h)) over the headways h of a line and direction on one day
    (Osuna and Newell 1972), by departures for the actual and by scheduled arrivals for the scheduled
    one; the mean over stops and days is weighted by boardings.
    """
    blocks, order = day_blocks(stop_visits), stop_order(stop_visits)
    group = combine((blocks.row_blocks(), len(blocks.keys)), (order.place_of_visit, len(order.stops)))
    groups = len(blocks.keys) * len(order.stops)
    actual_s = _random_wait_s(group, stop_visits["departure_s"], groups)
    scheduled_s = _random_wait_s(group, stop_visits["scheduled_arrival_s"], groups)
    weight = sum_by_group(group, stop_visits["boardings"], groups)
    known = np.isfinite(actual_s) & np.isfinite(scheduled_s)
    return _over(float(((actual_s - scheduled_s)[known] * weight[known]).sum()), float(weight[known].sum())) / _MIN


def _random_wait_s(group: IntArray, times_s: FloatArray, groups: int) -> FloatArray:
    """Return sum(h**2) / (2 sum(h)) over the headways of each group in seconds, shape (groups,)."""
    known = np.isfinite(times_s)
    group, times_s = group[known], times_s[known]
    order = np.lexsort((times_s, group))
    group, times_s = group[order], times_s[order]
    same = group[1:] == group[:-1]
    headway_s = np.diff(times_s)[same]
    group = group[1:][same]
    return ratio(sum_by_group(group, headway_s**2, groups), 2.0 * sum_by_group(group, headway_s, groups))


def _journey_metrics(journeys: Table, days: int) -> dict[str, float]:
    arrived = journeys.equals("outcome", "arrived")
    preferred_s = journeys["preferred_arrival_s"]
    wait_s = journeys["wait_s"][arrived]
    cost_min = journeys["generalized_cost_min"]
    total_min = float(np.nansum(cost_min))
    bound_min = float(journeys["optimum_cost_min"][~np.isnan(cost_min)].sum())
    there = leads_there(journeys)
    shift_s = (journeys["departure_s"] - journeys["habitual_departure_s"])[there]
    fares_min = float(np.nansum(journeys["fare_min"]))
    return {
        "mean_wait_min": _mean(wait_s) / _MIN,
        "p95_wait_min": float(np.percentile(wait_s, 95)) / _MIN if len(wait_s) else float("nan"),
        "mean_in_vehicle_min": _mean(journeys["in_vehicle_s"][arrived]) / _MIN,
        "mean_journey_min": _mean((journeys["arrival_s"] - journeys["departure_s"])[arrived]) / _MIN,
        "mean_transfers": _mean(journeys["transfers"][arrived]),
        "denied_boardings": _over(float(journeys["denied_boardings"].sum()), days),
        "denied_share": _share(journeys["denied_boardings"] > 0),
        "mean_schedule_delay_early_min": _mean(journeys["schedule_delay_early_s"][arrived & there]) / _MIN,
        "mean_schedule_delay_late_min": _mean(journeys["schedule_delay_late_s"][arrived & there]) / _MIN,
        "on_time_share": _share((arrived & (journeys["arrival_s"] <= preferred_s))[there & ~np.isnan(preferred_s)]),
        "arrived_share": _share(arrived),
        "walked_share": _share(arrived & (journeys["in_vehicle_s"] == 0)),
        "mean_generalized_cost_min": _mean(cost_min),
        "total_generalized_cost_min": _over(total_min, days),
        "fare_revenue": _over(float(journeys["fare"].sum()), days),
        "discount_cost": _over(float(journeys["fare_discount"].sum()), days),
        "fare_cost_min": _over(fares_min, days),
        "gap_to_optimum_share": _over(total_min - fares_min - bound_min, total_min),
        "cost_gini_share": gini(cost_min),
        "mean_departure_shift_min": _mean(shift_s) / _MIN,
        "mean_absolute_departure_shift_min": _mean(np.abs(shift_s)) / _MIN,
        "advised_share": _share(journeys["advised"][there]),
        "complied_share": _share(journeys["complied"][journeys["advised"]]),
    }


def _return_metrics(journeys: Table, legs: Table, days: int, period_s: float) -> dict[str, float]:
    """Tell journeys there and back apart, where there are any back."""
    there = leads_there(journeys)
    if there.all():
        return {}
    cost_min, denied = np.nan_to_num(journeys["generalized_cost_min"]), journeys["denied_boardings"]
    # Journeys are sorted by day and commuter, and all commuters are there on every day.
    of_day = np.unique(journeys["commuter_id"])
    ride_there = there[np.searchsorted(of_day, legs["commuter_id"])]
    found = {}
    for name, mask, rides in (("outward", there, ride_there), ("return", ~there, ~ride_there)):
        found[f"{name}_cost_min"] = _over(float(cost_min[mask].sum()), days)
        found[f"{name}_denied_boardings"] = _over(float(denied[mask].sum()), days)
        found[f"{name}_peak_boardings"] = _over(_peak_count(legs["board_s"][rides], period_s), days)
    return found


def _peak_count(times_s: FloatArray, period_s: float) -> float:
    period = np.floor_divide(times_s, period_s).astype(np.int64)
    return float(np.bincount(period - period.min()).max()) if len(period) else 0.0


def _service_metrics(stop_visits: Table, days: int) -> dict[str, float]:
    load, capacity = stop_visits["departing_load"], stop_visits["capacity"]
    between_s = next_arrival_s(stop_visits) - stop_visits["departure_s"]
    between_s = np.where(np.isfinite(between_s), between_s, 0.0)
    standing_s = float((np.maximum(load - stop_visits["seats"], 0) * between_s).sum())
    riding_s = float((load * between_s).sum())
    return {
        "peak_load_factor": float((load / capacity).max()) if len(load) else float("nan"),
        "mean_load_factor": _over(riding_s, float((capacity * between_s).sum())),
        "standing_passenger_min": _over(standing_s / _MIN, days),
        "standing_share": _over(standing_s, riding_s),
    }


def _mean(values: NDArray[np.float64] | IntArray) -> float:
    """Return the mean of the values that are not NaN, NaN where there are none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _share(mask: BoolArray) -> float:
    return float(mask.mean()) if len(mask) else float("nan")


def _over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else float("nan")

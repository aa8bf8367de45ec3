"""A gravity model: trips between stops grow with what lies around both, and fall with the time between them.

T_ij = k w_i w_j exp(-t_ij / m) with the ride time t_ij, a mean m and the trips w that call at a
stop, k such that the total is met. Where the user gives origins and destinations by stop, both
ends are balanced: T_ij = a_i O_i b_j D_j exp(-t_ij / m) (Wilson 1967). Assumed weights are not
balanced, as on a line with one direction that would send everybody to the next stop. All of it
is synthetic: totals, weights and m are the user's or assumed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import scipy

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.errors import InputError, Problem
from sim.loading.columns import numbers, references, report_rows
from sim.loading.csv_tables import parse_table
from sim.loading.demand_making.balancing import fit
from sim.loading.demand_making.flows import MadeDemand
from sim.loading.demand_making.profiles import Profile
from sim.loading.problems import ProblemCollector, shown_path
from sim.model.network import Network
from sim.model.service import Service
from sim.model.ways import time_of

_MOST_STOPS: Final = 6000
_GAP_TOLD: Final = 0.5
"""Commuters from which a gap is told."""


SEATS_TAKEN: Final = 0.25
"""Share of the seats that is taken on average over the day, from which a total is suggested; assumed."""


@dataclass(frozen=True)
class GravityOptions:
    """What the model is told.

    Attributes
    ----------
    total : float
        Commuters of a day.
    mean_ride_s : float
        The larger, the farther people go.
    changes : int
        Most changes of line, 0 or 1; pairs that need more have no demand.
    weights : Path or None
        CSV file ``stop_id,origins,destinations``; by the trips that call where None.
    """

    total: float
    mean_ride_s: float
    changes: int
    weights: Path | None


def demand_of_gravity(wishes: GravityOptions, profile: Profile, network: Network, service: Service) -> MadeDemand:
    """Make demand of a stated total.

    Raises
    ------
    InputError
        When the weights are not usable, or no pair of stops can be reached.
    """
    where = network.name if wishes.weights is None else shown_path(wishes.weights)
    if len(network.stop_id) > _MOST_STOPS:
        message = f"the gravity model takes {_MOST_STOPS:,} stops at most; import fewer routes or a smaller box"
        raise InputError([Problem(network.name, 0, 0, "", message)])
    reach = _reach(network, service, wishes.changes)
    of_file = _weights(wishes, network, service)
    origins = np.where(reach.any(axis=1), of_file[0], 0.0)
    destinations = np.where(reach.any(axis=0), of_file[1], 0.0)
    if not origins.sum() > 0 or not destinations.sum() > 0:
        message = "no pair of stops with a weight is connected; nobody can travel"
        raise InputError([Problem(where, 0, 0, "", message)])
    ride_s = _ride_times(network, service, np.flatnonzero(origins > 0))
    usable = reach & np.isfinite(ride_s)
    seed = np.where(usable, np.exp(-np.where(usable, ride_s, 0.0) / wishes.mean_ride_s), 0.0)
    if wishes.weights is None:
        matrix, gap = seed * origins[:, None] * destinations[None, :], 0.0
    else:
        scale = wishes.total / origins.sum(), wishes.total / destinations.sum()
        fitted = fit(seed, origins * scale[0], destinations * scale[1])
        matrix, gap = fitted.matrix, fitted.column_gap
    weight = float(matrix.sum())
    if not weight > 0:
        message = "every ride takes so much longer than --mean-ride that nobody would travel; give a larger one"
        raise InputError([Problem(network.name, 0, 0, "", message)])
    matrix *= wishes.total / weight
    start, end = np.nonzero(matrix)
    people = whole_numbers(matrix[start, end])
    mean_min = float((people * ride_s[start, end]).sum() / people.sum() / 60.0) if people.sum() else 0.0
    weights = "trips that call (assumed)" if wishes.weights is None else f"the file {wishes.weights.name}"
    ridden = "with at most one change" if wishes.changes else "without a change"
    unmet = f"{gap:.3g} commuters at a destination that cannot be met" if gap >= _GAP_TOLD else "none"
    return MadeDemand(
        start[people > 0].astype(np.int64),
        end[people > 0].astype(np.int64),
        people[people > 0],
        start_s=None,
        end_s=None,
        profile=profile,
        how=f"gravity model on {wishes.total:,.0f} commuters a day, weights by {weights}, profile {profile.name}",
        kind="no traveller was observed",
        facts={
            "commuters": f"{people.sum():,.0f}",
            "pairs of stops": f"{int((people > 0).sum()):,} of {int(usable.sum()):,} {ridden}",
            "mean ride": f"{mean_min:.1f} min at free running time",
            "largest gap": unmet,
            **_weights_left_out(wishes, of_file, (origins, destinations)),
            "time of day": f"{profile.name}: {profile.source}",
        },
    )


def _weights_left_out(
    wishes: GravityOptions, of_file: tuple[FloatArray, FloatArray], used: tuple[FloatArray, FloatArray]
) -> dict[str, str]:
    """Say how much of the weights of a file is at stops that nobody can ride from, or to."""
    lost = [float((given - kept).sum()) for given, kept in zip(of_file, used, strict=True)]
    if wishes.weights is None or not any(lost):
        return {}
    told = (
        f"{lost[0]:,.6g} of origins where nobody can get on",
        f"{lost[1]:,.6g} of destinations where nobody gets out",
    )
    return {"weights left out": ", ".join(told)}


def suggested_total(service: Service, mean_ride_s: float) -> float:
    """Return a total of the day at which a quarter of the seats (assumed) is taken on average.

    Seats offered, times how long each runs, times a quarter, over the time that a ride takes.

    Parameters
    ----------
    service : Service
    mean_ride_s : float
    """
    first, last = service.visit_ptr[:-1], service.visit_ptr[1:] - 1
    running_s = service.scheduled_arrival_s[last] - service.scheduled_departure_s[first]
    total = SEATS_TAKEN * float((running_s * service.trip_seats).sum()) / mean_ride_s
    digits = 10.0 ** max(np.floor(np.log10(max(total, 1.0))) - 1.0, 0.0)
    return max(float(np.round(total / digits) * digits), 1.0)


def whole_numbers(amounts: FloatArray) -> FloatArray:
    """Round so that every partial sum is off by half at most, and the total by rounding alone."""
    steps = np.floor(np.concatenate([[0.0], np.cumsum(amounts)]) + 0.5)
    whole: FloatArray = np.diff(steps)
    return whole


def _weights(wishes: GravityOptions, network: Network, service: Service) -> tuple[FloatArray, FloatArray]:
    if wishes.weights is None:
        calls = np.bincount(service.visit_stop, minlength=len(network.stop_id)).astype(np.float64)
        return calls, calls
    collector = ProblemCollector()
    shown = shown_path(wishes.weights)
    table = parse_table(wishes.weights.read_bytes(), shown, collector)
    columns = ("stop_id", "origins", "destinations")
    if table is not None:
        for name in columns:
            if not table.has(name):
                collector.problem(shown, "this column is missing", line=1, key=name)
    if table is None or collector.problems:
        raise InputError(collector.problems)
    stop = references(table, "stop_id", network.stop_index, "stop of the network", collector)
    amounts = [numbers(table, name, collector, at_least=0, blank=0.0) for name in columns[1:]]
    if collector.problems:
        raise InputError(collector.problems)
    _, first, among = np.unique(stop, return_index=True, return_inverse=True)
    again = np.setdiff1d(np.arange(len(stop)), first)
    report_rows(
        table,
        again,
        "stop_id",
        lambda place: f"line {table.line[first[among[again[place]]]]} has this stop too",
        collector,
    )
    if collector.problems:
        raise InputError(collector.problems)
    count = len(network.stop_id)
    origins, destinations = (np.bincount(stop, weights=a, minlength=count).astype(np.float64) for a in amounts)
    return origins, destinations


def _reach(network: Network, service: Service, changes: int) -> BoolArray:
    """Tell which stops can be reached from which, with so many changes at a stop or along a transfer.

    Vehicles count where one may get in, and out (test_nobody_made_up_gets_out_where_vehicles_only_pick_up).
    """
    count = len(network.stop_id)
    direct = np.zeros((count, count), dtype=bool)
    for pattern in {replace(pattern.as_boarded(), line=0, links=(), pace=()) for pattern in service.patterns}:
        rows, boards, alights = np.array(pattern.stops, dtype=np.int64), pattern.boards(), pattern.alights()
        first, last = np.triu_indices(len(rows), k=1)
        rides = boards[first] & alights[last]
        direct[rows[first[rides]], rows[last[rides]]] = True
    np.fill_diagonal(direct, val=False)
    if changes == 0:
        return direct
    one = scipy.sparse.csr_array(direct.astype(np.float32))
    changed = one @ scipy.sparse.csr_array(_changes(network)) @ one
    reach: BoolArray = direct | (changed.toarray() > 0)
    np.fill_diagonal(reach, val=False)
    return reach


def _changes(network: Network) -> scipy.sparse.csr_array:
    """Return where people can change: at one stop, and along the feed's transfers."""
    count = len(network.stop_id)
    start, end = np.arange(count), np.arange(count)
    if network.foot is not None:
        possible = ~np.isinf(network.foot.transfer_s)
        start = np.concatenate([start, network.foot.transfer_from[possible]])
        end = np.concatenate([end, network.foot.transfer_to[possible]])
    return scipy.sparse.csr_array((np.ones(len(start), dtype=np.float32), (start, end)), shape=(count, count))


def _rides(network: Network, service: Service) -> tuple[IntArray, IntArray, FloatArray]:
    """Return from where to where vehicles run without a stop between, and their free running times in seconds."""
    rides = [
        (*pair, max(pattern.hop_pace(place) * time_of(pattern.links[place], network.link_running_time_s), 1.0))
        for pattern in service.patterns
        for place, pair in enumerate(pairwise(pattern.stops))
    ]
    start, end, seconds = np.array(rides, dtype=np.float64).reshape(-1, 3).T
    return start.astype(np.int64), end.astype(np.int64), seconds


def _ride_times(network: Network, service: Service, origins: IntArray) -> FloatArray:
    """Return the least time on board and by transfers in seconds; infinite where there is no way."""
    count = len(network.stop_id)
    start, end, seconds = _rides(network, service)
    if network.foot is not None:
        possible = np.isfinite(network.foot.transfer_s)
        start = np.concatenate([start, network.foot.transfer_from[possible]])
        end = np.concatenate([end, network.foot.transfer_to[possible]])
        seconds = np.concatenate([seconds, np.maximum(network.foot.transfer_s[possible], 1.0)])
    order = np.lexsort((seconds, end, start))
    first = order[np.unique(start[order] * count + end[order], return_index=True)[1]]
    graph = scipy.sparse.csr_array(
        (seconds[first], (start[first].astype(np.int32), end[first].astype(np.int32))), shape=(count, count)
    )
    times = np.full((count, count), np.inf)
    if len(origins):
        times[origins] = scipy.sparse.csgraph.dijkstra(graph, indices=origins)
    return times

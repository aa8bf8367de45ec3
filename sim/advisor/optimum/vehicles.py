"""When the vehicles of a day may be where, whatever people do: what a bound on total cost may count on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine import Draws, Plan, depends_on_loads
from sim.engine.dwell import dwell_rule
from sim.model.journeys import NO_FALLBACK, JourneyOptions
from sim.records.day import DayRecords


@dataclass(frozen=True)
class VehicleRuns:
    """Vehicles on a day; arrays by visit.

    Attributes
    ----------
    arrival_s, latest_s : ndarray of float, shape (visits,)
        Earliest and latest arrival possible, infinite where nothing bounds it; the same where people do not
        change them.
    to_next_s : ndarray of float, shape (visits,)
        From arrival to arrival at the next stop, or the least it can be; 0 at the last stop.
    runs : ndarray of bool, shape (trips,)
    fixed : bool
        Whether the times are those of the day, whoever gets on and off.
    """

    arrival_s: FloatArray
    latest_s: FloatArray
    to_next_s: FloatArray
    runs: BoolArray
    fixed: bool


def vehicle_runs(plan: Plan, draws: Draws, records: DayRecords) -> VehicleRuns:
    """Return when vehicles run on a day.

    Parameters
    ----------
    plan : Plan
    draws : Draws
        Chance of the day.
    records : DayRecords
        Of the day, under any strategy.
    """
    service = plan.service
    last = service.visit_ptr[1:] - 1
    runs = np.ones(len(last), dtype=np.bool_)
    runs[list(plan.operations.cancelled)] = False
    if people_leave_vehicles_alone(plan):
        arrival_s = records.visit_arrival_s
        to_next_s = np.nan_to_num(np.append(np.diff(arrival_s), 0.0))
        to_next_s[last] = 0.0
        return VehicleRuns(arrival_s, arrival_s, to_next_s, runs & np.isfinite(arrival_s[last]), True)
    first_s, latest_s, to_next_s = _extremes(plan, draws)
    return VehicleRuns(first_s, latest_s, to_next_s, runs, False)


def _extremes(plan: Plan, draws: Draws) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return earliest and latest arrivals and least running times, shape (visits,) each.

    A vehicle stands at most as long as it takes to fill and to empty it. Where something else than people
    may hold it up as well, nothing bounds its latest arrival.
    """
    service = plan.service
    visits = int(service.visit_ptr[-1])
    stand_s = _longest_dwells_s(plan)[service.trip_vehicle_type]
    first_s, latest_s, to_next_s = np.zeros(visits), np.full(visits, np.inf), np.zeros(visits)
    free = not plan.operations.needed and plan.parameters.overtaking
    alone = np.zeros(len(stand_s), dtype=np.bool_)
    alone[[block[0] for block in plan.block_trips if block]] = free
    trip, visit = np.arange(len(stand_s)), service.visit_ptr[:-1].copy()
    first_s[visit] = draws.dispatch_s
    latest_s[visit] = np.where(alone, draws.dispatch_s, np.inf)
    while len(trip):
        goes_on = visit < service.visit_ptr[trip + 1] - 1
        trip, visit = trip[goes_on], visit[goes_on]
        leaves_s = latest_s[visit] + stand_s[trip]
        least_s, most_s = _running_between(plan, draws, visit, first_s[visit], leaves_s)
        to_next_s[visit] = least_s
        first_s[visit + 1] = first_s[visit] + least_s
        latest_s[visit + 1] = leaves_s + most_s
        visit = visit + 1
    return first_s, latest_s, to_next_s


def _longest_dwells_s(plan: Plan) -> FloatArray:
    """Return how long a full vehicle of each type stands from which all get out and which all get on anew."""
    longest = [
        np.inf if kind.dwell_rule == "headway" else dwell_rule(kind)(kind.capacity, kind.capacity, True)
        for kind in plan.service.vehicle_types
    ]
    return np.array(longest, dtype=np.float64)


def _running_between(
    plan: Plan, draws: Draws, visit: IntArray, from_s: FloatArray, until_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return least and longest running time to the next stop of vehicles that leave between two times."""
    chosen = np.zeros(len(plan.visit_running_s), dtype=np.bool_)
    chosen[visit] = True
    back = np.empty(len(chosen), dtype=np.int64)
    back[np.sort(visit)] = np.arange(len(visit))
    usual = plan.visit_running_s[np.sort(visit)]
    least, most = usual.copy(), usual.copy()
    times = plan.running_times
    if times is not None:
        hop = times.visit_hop[np.sort(visit)]
        order = np.argsort(visit)
        steps = times.table_s.shape[1]
        start = np.clip(np.floor(from_s[order] / times.step_s), 0, steps - 1)
        end = np.clip(np.floor(until_s[order] / times.step_s), 0, steps - 1)
        for row in np.flatnonzero(hop >= 0).tolist():
            part = times.table_s[hop[row], int(start[row]) : int(end[row]) + 1]
            least[row], most[row] = part.min(), part.max()
    return draws.running_s(least, chosen)[back[visit]], draws.running_s(most, chosen)[back[visit]]


def people_leave_vehicles_alone(plan: Plan) -> bool:
    """Tell whether vehicles run the same whoever gets on and off.

    Holding to a schedule or a headway looks at vehicles alone; a rule that does not say so may look at anything.

    Parameters
    ----------
    plan : Plan
    """
    constant = plan.parameters.boarding_rule == "present_at_arrival" and all(
        kind.dwell_rule in ("constant", "headway") for kind in plan.service.vehicle_types
    )
    return (plan.parameters.no_dwell or constant) and not depends_on_loads(plan.operations.holding)


def people_stay_on_board(plan: Plan) -> bool:
    """Tell whether whoever has boarded rides to where he gets out, in the same vehicle.

    Parameters
    ----------
    plan : Plan
    """
    operations = plan.operations
    return not (operations.breakdowns or operations.closures or operations.closed_stops)


def takes_one_vehicle(plan: Plan, options: JourneyOptions) -> BoolArray:
    """Tell which options are a single ride in one trip that people do not reconsider, shape (options,).

    Parameters
    ----------
    plan : Plan
    options : JourneyOptions
    """
    single = np.flatnonzero(np.diff(options.leg_ptr) == 1)
    leg = options.leg[options.leg_ptr[single]]
    stops = np.array([len(pattern.stops) for pattern in plan.service.patterns], dtype=np.int64)
    beyond = options.legs.alight_sequence >= stops[options.legs.pattern]
    goes_on = np.add.reduceat(beyond, options.legs.set_ptr[:-1]) > 0 if len(beyond) else beyond
    stays = ~options.legs.is_strategy()[leg] & ~goes_on[leg]
    if plan.fallbacks:
        stays &= options.legs.fallback_leg[leg] == NO_FALLBACK
    found = np.zeros(len(options.leg_ptr) - 1, dtype=np.bool_)
    found[single[stays]] = True
    return found


@dataclass(frozen=True)
class Rides:
    """Rides in one vehicle from stop to stop that options offer.

    Attributes
    ----------
    option : ndarray of int, shape (rides,)
        Sorted; rides of an option by arrival where they end.
    board, alight : ndarray of int, shape (rides,)
        Visits.
    """

    option: IntArray
    board: IntArray
    alight: IntArray


def direct_rides(plan: Plan, options: JourneyOptions, wanted: IntArray, vehicles: VehicleRuns) -> Rides:
    """List the rides of options that need one vehicle.

    Parameters
    ----------
    plan : Plan
    options : JourneyOptions
    wanted : ndarray of int
        Options, rising, each of one leg.
    vehicles : VehicleRuns
    """
    service, legs = plan.service, options.legs
    starts_of = [
        service.visit_ptr[:-1][(service.trip_pattern == row) & vehicles.runs] for row in range(len(service.patterns))
    ]
    empty = np.zeros(0, dtype=np.int64)
    parts = [(empty, empty, empty)]
    for option in wanted.tolist():
        leg = int(options.leg[options.leg_ptr[option]])
        rows = range(int(legs.set_ptr[leg]), int(legs.set_ptr[leg + 1]))
        starts = [starts_of[int(legs.pattern[row])] for row in rows]
        board = np.concatenate([start + legs.board_sequence[row] for row, start in zip(rows, starts, strict=True)])
        alight = np.concatenate([start + legs.alight_sequence[row] for row, start in zip(rows, starts, strict=True)])
        order = np.argsort(vehicles.arrival_s[alight], kind="stable")
        parts.append((np.full(len(order), option, dtype=np.int64), board[order], alight[order]))
    option_of, board, alight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Rides(option_of, board, alight)

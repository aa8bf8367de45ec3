"""When the vehicles of a day may be where, whatever people do: what a bound on total cost may count on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.engine import DayVariates, EngineInput
from sim.engine.dwell import dwell_rule
from sim.engine.rules import BoardingRule, DwellKind
from sim.model.journeys import JourneyOptions, LegTable
from sim.model.service import Service
from sim.population.commuters import Population
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


def vehicle_runs(engine_input: EngineInput, variates: DayVariates, records: DayRecords) -> VehicleRuns:
    """Return when vehicles run on a day.

    Parameters
    ----------
    engine_input : EngineInput
    variates : DayVariates
        Chance of the day.
    records : DayRecords
        Of the day, under any strategy.
    """
    if people_leave_vehicles_alone(engine_input):
        arrival_s = known_arrival_s(records)
        to_next_s = hops_s(records.visit_arrival_s, engine_input.timetable.visit_ptr[1:] - 1)
        return VehicleRuns(arrival_s, arrival_s, to_next_s, ~engine_input.timetable.trip_cancelled, True)
    first_s, latest_s, to_next_s = _extremes(engine_input, variates)
    return VehicleRuns(first_s, latest_s, to_next_s, ~engine_input.timetable.trip_cancelled, False)


def known_arrival_s(records: DayRecords) -> FloatArray:
    """Return when vehicles came to each stop of a day, infinite where they had not come when it ended.

    Parameters
    ----------
    records : DayRecords
    """
    return np.where(np.isfinite(records.visit_arrival_s), records.visit_arrival_s, np.inf)


def hops_s(arrival_s: FloatArray, last: IntArray) -> FloatArray:
    """Return the time from each arrival to that at the next stop, 0 where there is none or it is not known.

    Parameters
    ----------
    arrival_s : ndarray of float, shape (visits,)
    last : ndarray of int, shape (trips,)
        Last visit of each trip.
    """
    found: FloatArray = np.nan_to_num(np.append(np.diff(arrival_s), 0.0))
    found[last] = 0.0
    return found


def _extremes(engine_input: EngineInput, variates: DayVariates) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return earliest and latest arrivals and least running times, shape (visits,) each.

    A vehicle stands at most as long as it takes to fill and to empty it. Where something else than people
    may hold it up as well, nothing bounds its latest arrival.
    """
    timetable = engine_input.timetable
    visits = len(timetable.visit_trip)
    stand_s = _longest_dwells_s(engine_input)[timetable.trip_vehicle_type]
    first_s, latest_s, to_next_s = np.zeros(visits), np.full(visits, np.inf), np.zeros(visits)
    alone = np.zeros(len(stand_s), dtype=np.bool_)
    begins = timetable.block_ptr[:-1][np.diff(timetable.block_ptr) > 0]
    alone[timetable.block_trip[begins]] = _only_people_hold_up(engine_input)
    trip, visit = np.arange(len(stand_s)), timetable.visit_ptr[:-1].copy()
    first_s[visit] = variates.dispatch_s
    latest_s[visit] = np.where(alone, variates.dispatch_s, np.inf)
    while len(trip):
        goes_on = visit < timetable.visit_ptr[trip + 1] - 1
        trip, visit = trip[goes_on], visit[goes_on]
        leaves_s = latest_s[visit] + stand_s[trip]
        least_s, most_s = _running_between(engine_input, variates, visit, first_s[visit], leaves_s)
        to_next_s[visit] = least_s
        first_s[visit + 1] = first_s[visit] + least_s
        latest_s[visit + 1] = leaves_s + most_s
        visit = visit + 1
    return first_s, latest_s, to_next_s


def _only_people_hold_up(engine_input: EngineInput) -> bool:
    """Tell whether nothing but passengers can hold up a vehicle."""
    rules, stops, positions = engine_input.rules, engine_input.stops, engine_input.positions
    hindered = (
        len(engine_input.breakdowns.visit),
        len(stops.closed_end_s),
        len(stops.spacing_s),
        len(positions.closure_end_s),
        len(positions.slowing_factor),
        (stops.berths >= 0).any(),
        (stops.minimum_headway_s > 0).any(),
        engine_input.timetable.trip_ends_early.any(),
    )
    return rules.overtaking and not rules.keeps_headways and not any(hindered)


def _longest_dwells_s(engine_input: EngineInput) -> FloatArray:
    """Return how long a full vehicle of each type stands from which all get out and which all get on anew."""
    types = engine_input.vehicle_types
    longest = [
        np.inf if kind == DwellKind.HEADWAY else dwell_rule(types, row)(full, full, True)
        for row, (kind, full) in enumerate(zip(types.dwell_rule.tolist(), types.capacity.tolist(), strict=True))
    ]
    return np.array(longest, dtype=np.float64)


def _running_between(
    engine_input: EngineInput, variates: DayVariates, visit: IntArray, from_s: FloatArray, until_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Return least and longest running time to the next stop of vehicles that leave between two times."""
    timetable, times = engine_input.timetable, engine_input.running_times
    chosen = np.zeros(len(timetable.visit_trip), dtype=np.bool_)
    chosen[visit] = True
    back = np.empty(len(chosen), dtype=np.int64)
    back[np.sort(visit)] = np.arange(len(visit))
    usual = timetable.visit_running_s[np.sort(visit)]
    least, most = usual.copy(), usual.copy()
    if times.table_s.size:
        hop = engine_input.positions.hop[timetable.visit_position[np.sort(visit)]]
        order = np.argsort(visit)
        steps = times.table_s.shape[1]
        start = np.clip(np.floor(from_s[order] / times.step_s), 0, steps - 1)
        end = np.clip(np.floor(until_s[order] / times.step_s), 0, steps - 1)
        for row in np.flatnonzero(hop >= 0).tolist():
            # All steps in which the vehicle may leave: between its earliest and its latest time.
            part = times.table_s[hop[row], int(start[row]) : int(end[row]) + 1]
            least[row], most[row] = part.min(), part.max()
    return variates.running_s(least, chosen)[back[visit]], variates.running_s(most, chosen)[back[visit]]


def people_leave_vehicles_alone(engine_input: EngineInput) -> bool:
    """Tell whether vehicles run the same whoever gets on and off.

    Holding to a schedule or a headway looks at vehicles alone; a rule that does not say so may look at anything.

    Parameters
    ----------
    engine_input : EngineInput
    """
    rules, kinds = engine_input.rules, engine_input.vehicle_types.dwell_rule
    constant = bool(np.isin(kinds, [DwellKind.CONSTANT, DwellKind.HEADWAY]).all())
    at_arrival = rules.boarding_rule == BoardingRule.PRESENT_AT_ARRIVAL or rules.no_dwell
    return constant and at_arrival and not engine_input.holding.depends_on_loads


def people_stay_on_board(engine_input: EngineInput) -> bool:
    """Tell whether whoever has boarded rides to where they get out, in the same vehicle.

    Parameters
    ----------
    engine_input : EngineInput
    """
    put_out = (
        len(engine_input.breakdowns.visit),
        len(engine_input.positions.closure_end_s),
        len(engine_input.stops.closed_end_s),
        (engine_input.positions.slowing_missed > 0).any(),
    )
    return not any(put_out)


def takes_one_vehicle(service: Service, options: JourneyOptions, reconsiders: bool) -> BoolArray:
    """Tell which options are a single ride in one trip that people do not reconsider, shape (options,).

    Parameters
    ----------
    service : Service
    options : JourneyOptions
    reconsiders : bool
        Whether people whom a full vehicle leaves behind look for another way.
    """
    single = np.flatnonzero(np.diff(options.leg_ptr) == 1)
    leg = options.leg[options.leg_ptr[single]]
    stops = np.array([len(pattern.stops) for pattern in service.patterns], dtype=np.int64)
    beyond = options.legs.alight_sequence >= stops[options.legs.pattern]
    goes_on = np.add.reduceat(beyond, options.legs.set_ptr[:-1]) > 0 if len(beyond) else beyond
    stays = ~options.legs.is_strategy()[leg] & ~goes_on[leg]
    if reconsiders:
        stays &= options.legs.waits_on()[leg]
    found = np.zeros(len(options.leg_ptr) - 1, dtype=np.bool_)
    found[single[stays]] = True
    return found


def ride_directly(
    engine_input: EngineInput, service: Service, options: JourneyOptions, population: Population
) -> BoolArray:
    """Tell who has a single ride in one vehicle and begins by choice, shape (commuters,).

    Parameters
    ----------
    engine_input : EngineInput
    service : Service
    options : JourneyOptions
    population : Population
    """
    option = population.journeys.option
    single = np.append(takes_one_vehicle(service, options, engine_input.rules.reconsiders), False)
    found: BoolArray = (option >= 0) & population.is_first & single[option]
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


def direct_rides(service: Service, options: JourneyOptions, wanted: IntArray, vehicles: VehicleRuns) -> Rides:
    """List the rides of options that need one vehicle.

    Parameters
    ----------
    service : Service
    options : JourneyOptions
    wanted : ndarray of int
        Options, rising, each of one leg.
    vehicles : VehicleRuns
    """
    legs = options.legs
    starts_of = [
        service.visit_ptr[:-1][(service.trip_pattern == row) & vehicles.runs] for row in range(len(service.patterns))
    ]
    empty = np.zeros(0, dtype=np.int64)
    parts = [(empty, empty, empty)]
    for option in wanted.tolist():
        leg = int(options.leg[options.leg_ptr[option]])
        rows = range(int(legs.set_ptr[leg]), int(legs.set_ptr[leg + 1]))
        starts = [_boarded(service, legs, row, starts_of[int(legs.pattern[row])]) for row in rows]
        board = np.concatenate([start + legs.board_sequence[row] for row, start in zip(rows, starts, strict=True)])
        alight = np.concatenate([start + legs.alight_sequence[row] for row, start in zip(rows, starts, strict=True)])
        # A vehicle that is under way when the day ends has taken people to the stops before: it is the ride beyond them
        # that is none, not the vehicle, or people pay less than the bound (test_who_gets_out_before_the_day_ends).
        order = np.argsort(vehicles.arrival_s[alight], kind="stable")
        order = order[np.isfinite(vehicles.arrival_s[alight[order]])]
        parts.append((np.full(len(order), option, dtype=np.int64), board[order], alight[order]))
    option_of, board, alight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Rides(option_of, board, alight)


def _boarded(service: Service, legs: LegTable, row: int, starts: IntArray) -> IntArray:
    """Return those first visits of trips whose vehicle is boarded where a row of a leg says when."""
    due_s = service.scheduled_departure_s[starts + legs.board_sequence[row]]
    found: IntArray = starts[(due_s >= legs.from_s[row]) & (due_s <= legs.until_s[row])]
    return found

"""Tables that are read from a simulated day: journeys, legs, stop visits, denied boardings, days.

Times are seconds after midnight of the service day as float64; replications and days count from 0.
A further column is one entry here, besides the array in what it reads (`sim.records.day_facts`).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sim.arrays import IntArray
from sim.model.outcome import Cause, Disruption, Outcome
from sim.records.column import Column, TableSchema, flag, real, text, whole
from sim.records.day_facts import BoardedRides, DayFacts, DeniedBoardings, RowKey, StopVisits
from sim.records.saving import SAVED
from sim.records.table import Table, assemble


class _RowFacts(Protocol):
    @property
    def key(self) -> RowKey: ...
    def __len__(self) -> int: ...


REPLICATION = "replication, from 0"
DAY = "simulated day, from 0"
STRATEGY = "advice strategy of the run"

KEY: tuple[Column[_RowFacts], ...] = (
    whole("replication", REPLICATION, lambda rows: _repeated(rows.key.replication, rows)),
    whole("day", DAY, lambda rows: _repeated(rows.key.day, rows)),
    text("strategy", STRATEGY, lambda rows: _repeated(0, rows), lambda rows: (rows.key.strategy,)),
)

JOURNEYS = TableSchema[DayFacts](
    "journeys",
    ("strategy", "replication", "day", "commuter_id"),
    (
        *KEY,
        whole("commuter_id", "commuter, the same person in all strategies and days", lambda day: np.arange(len(day))),
        text(
            "origin_stop_id",
            "stop where the journey starts",
            lambda day: day.commuters.origin,
            lambda day: day.network.stop_id,
        ),
        text(
            "destination_stop_id",
            "stop where the journey ends",
            lambda day: day.commuters.destination,
            lambda day: day.network.stop_id,
        ),
        real(
            "preferred_arrival_s",
            "s",
            "when the commuter wants to be there",
            lambda day: day.commuters.preferred_arrival_s,
        ),
        real(
            "habitual_departure_s",
            "s",
            "departure without advice or learning",
            lambda day: day.commuters.habitual_departure_s,
        ),
        real("departure_s", "s", "departure on this day", lambda day: day.records.departure_s),
        real("arrival_s", "s", "arrival; NaN where the journey did not end", lambda day: day.records.arrival_s),
        real("wait_s", "s", "waiting at stops until boarding or giving up, all legs", lambda day: day.records.wait_s),
        real("in_vehicle_s", "s", "time on board, all legs", lambda day: day.records.in_vehicle_s),
        real(
            "walk_s",
            "s",
            "access, transfer and egress walks, and time at stops left on foot after a full vehicle",
            lambda day: day.records.walk_s,
        ),
        whole("transfers", "legs by vehicle less one, at least 0", lambda day: day.records.transfers),
        whole(
            "denied_boardings",
            "vehicles that stopped and had no room, also where another one took them at once",
            lambda day: day.records.denied_boardings,
        ),
        real(
            "schedule_delay_early_s",
            "s",
            "arrival before the preferred time",
            lambda day: day.costs.schedule_delay_early_s,
        ),
        real(
            "schedule_delay_late_s",
            "s",
            "arrival after the preferred time",
            lambda day: day.costs.schedule_delay_late_s,
        ),
        real(
            "generalized_cost_min",
            "min",
            "all parts in equivalent minutes on board",
            lambda day: day.costs.generalized_cost_min,
        ),
        real(
            "fare",
            "currency",
            "fare paid, by people still on board for the way to the last stop reached; NaN where there are no fares",
            lambda day: day.fares.fare,
        ),
        real(
            "fare_discount",
            "currency",
            "let off by a discount; the full fare is both together; NaN where there are no fares",
            lambda day: day.fares.discount,
        ),
        real(
            "fare_min",
            "min",
            "fare paid as part of the generalized cost; 0 where money weighs nothing",
            lambda day: day.fares.fare_min,
        ),
        *SAVED,
        real(
            "least_cost_min",
            "min",
            "cost that nobody in this world can go below: best journey without waiting, crowding and schedule delay",
            lambda day: day.least_cost_min,
        ),
        real(
            "optimum_cost_min",
            "min",
            "part of the least total cost of the day; the sum over commuters is the system optimum, or a proven bound "
            "below it. NaN where it was not worked out",
            lambda day: day.optimum_cost_min,
        ),
        flag("advised", "received a window on this day", lambda day: day.plan.advised),
        flag("complied", "advised and left inside the window", lambda day: day.complied),
        real("window_start_s", "s", "recommended window; NaN where not advised", lambda day: day.plan.start_s()),
        real("window_end_s", "s", "end of the window, not part of it", lambda day: day.plan.end_s()),
        text(
            "outcome",
            "arrived, gave_up, still_travelling or no_service",
            lambda day: day.records.outcome,
            lambda _: Outcome.table_names(),
        ),
        text(
            "cause",
            "why not arrived; empty where arrived",
            lambda day: day.records.cause,
            lambda _: Cause.table_names(),
        ),
        text(
            "income_class",
            "class by income; empty where the scenario has none",
            lambda day: day.commuters.traits.income_class,
            lambda day: day.class_names("income"),
        ),
        text(
            "flexibility_class",
            "class by flexibility; empty where the scenario has none",
            lambda day: day.commuters.traits.flexibility_class,
            lambda day: day.class_names("flexibility"),
        ),
        text(
            "origin_zone",
            "zone of population.zones in which the journey begins; empty where its stop is in none",
            lambda day: day.origin_zone(),
            lambda day: day.zone_names(),
        ),
        whole(
            "outward_commuter_id",
            "on a journey back, commuter_id of the journey there of the same person; -1 on all others",
            lambda day: day.commuters.chain.after,
        ),
    ),
    "a commuter on a day",
)

LEGS = TableSchema[BoardedRides](
    "legs",
    ("strategy", "replication", "day", "commuter_id", "leg"),
    (
        *KEY,
        whole("commuter_id", "commuter", lambda rides: rides.day.records.ride_commuter[rides.rows]),
        whole(
            "leg",
            "ride of the journey, from 0; only rides that boarded",
            lambda rides: rides.day.records.ride_number[rides.rows],
        ),
        text(
            "trip_id",
            "trip ridden",
            lambda rides: rides.day.service.runs.of_visit[rides.board_visit],
            lambda rides: rides.day.service.trip_id,
        ),
        text(
            "board_stop_id",
            "stop of boarding",
            lambda rides: rides.day.service.visit_stop[rides.board_visit],
            lambda rides: rides.day.network.stop_id,
        ),
        text(
            "alight_stop_id",
            "stop of alighting; planned one where still on board",
            lambda rides: rides.alight_stop(),
            lambda rides: rides.day.network.stop_id,
        ),
        real("wait_from_s", "s", "joined the queue", lambda rides: rides.day.records.ride_wait_from_s[rides.rows]),
        real("board_s", "s", "boarded", lambda rides: rides.day.records.ride_board_s[rides.rows]),
        real(
            "alight_s",
            "s",
            "alighted; NaN where still on board, as at the end of the horizon",
            lambda rides: rides.day.records.ride_alight_s[rides.rows],
        ),
        real(
            "standing_s",
            "s",
            "stood between stops, all seats being taken by riders who had boarded before",
            lambda rides: rides.day.standing_s[rides.rows],
        ),
    ),
    "a ride of a commuter on a vehicle",
)

STOP_VISITS = TableSchema[StopVisits](
    "stop_visits",
    ("strategy", "replication", "day", "trip", "stop_sequence"),
    (
        *KEY,
        text(
            "trip_id",
            "trip",
            lambda visits: visits.day.service.runs.of_trip[visits.trip],
            lambda visits: visits.day.service.trip_id,
        ),
        text(
            "block_id",
            "vehicle block of the trip",
            lambda visits: visits.day.service.trip_block[visits.trip],
            lambda visits: visits.day.service.block_id,
        ),
        text(
            "line_id",
            "line",
            lambda visits: visits.of_pattern("line"),
            lambda visits: tuple(line.line_id for line in visits.day.service.lines),
        ),
        whole("direction_id", "direction, 0 or 1", lambda visits: visits.of_pattern("direction_id")),
        text(
            "stop_id",
            "stop",
            lambda visits: visits.day.service.visit_stop[visits.rows],
            lambda visits: visits.day.network.stop_id,
        ),
        whole("stop_sequence", "position in the trip, from 0", lambda visits: visits.sequence()),
        real(
            "scheduled_arrival_s",
            "s",
            "scheduled arrival",
            lambda visits: visits.day.service.scheduled_arrival_s[visits.came],
        ),
        real(
            "scheduled_departure_s",
            "s",
            "scheduled departure",
            lambda visits: visits.day.service.scheduled_departure_s[visits.rows],
        ),
        real("arrival_s", "s", "arrival", lambda visits: visits.day.records.visit_arrival_s[visits.came]),
        real(
            "departure_s",
            "s",
            "departure; the end of the horizon where the vehicle still stands then",
            lambda visits: visits.day.records.visit_departure_s[visits.rows],
        ),
        whole("boardings", "persons who boarded", lambda visits: visits.day.records.visit_boardings[visits.rows]),
        whole("alightings", "persons who alighted", lambda visits: visits.alightings()),
        whole(
            "denied_boardings",
            "persons who found no place",
            lambda visits: visits.day.records.visit_denied[visits.rows],
        ),
        whole(
            "departing_load", "persons on board at departure", lambda visits: visits.day.records.visit_load[visits.rows]
        ),
        whole("seats", "seats of the vehicle", lambda visits: visits.day.service.trip_seats[visits.trip]),
        whole("capacity", "capacity of the vehicle", lambda visits: visits.day.service.trip_capacity[visits.trip]),
        real(
            "holding_s",
            "s",
            "extra standing ordered by control; 0 where the vehicle still stands at the end of the horizon",
            lambda visits: visits.day.records.visit_holding_s[visits.rows],
        ),
        real(
            "berth_wait_s",
            "s",
            "waiting for a berth before the arrival, also behind a broken vehicle; part of the running time",
            lambda visits: visits.berth_wait_s(),
        ),
        real(
            "dwell_s",
            "s",
            "time at the stop without holding; waiting for a least headway or a closed road is part of it, and for "
            "people who come while it is held (during_dwell)",
            lambda visits: visits.dwell_s(),
        ),
        text(
            "disruption",
            "what hindered the vehicle here or on the way to the next stop: link_slow, detour, link_closed, "
            "behind_broken_vehicle, stop_closed, stop_missed (it was not there; the times are those of the next stop) "
            "or vehicle_broke_down; empty where nothing did",
            lambda visits: visits.disruption(),
            lambda _: Disruption.table_names(),
        ),
        real(
            "distance_m",
            "m",
            "way to the next stop of the trip; 0 where it goes no farther",
            lambda visits: visits.distance_m,
        ),
        real(
            "co2_g",
            "g",
            "CO2 on that way, and here where it goes by motion; NaN where the scenario works out none",
            lambda visits: visits.energy_use[1],
        ),
        real(
            "energy_kwh",
            "kWh",
            "energy from tank or grid likewise; NaN where none is worked out",
            lambda visits: visits.energy_use[0],
        ),
    ),
    "a vehicle at a stop that it left",
)

DENIED_BOARDINGS = TableSchema[DeniedBoardings](
    "denied_boardings",
    ("strategy", "replication", "day", "time_s", "commuter_id"),
    (
        *KEY,
        whole("commuter_id", "commuter left behind", lambda events: events.day.records.denied_commuter[events.rows]),
        text(
            "trip_id",
            "trip that had no room",
            lambda events: events.day.service.runs.of_visit[events.visit],
            lambda events: events.day.service.trip_id,
        ),
        text(
            "stop_id",
            "stop",
            lambda events: events.day.service.visit_stop[events.visit],
            lambda events: events.day.network.stop_id,
        ),
        real("time_s", "s", "when it happened", lambda events: events.day.records.denied_time_s[events.rows]),
    ),
    "a commuter whom a vehicle left behind for want of room",
)


def day_tables(day: DayFacts) -> dict[str, Table]:
    """Make all tables that one kept day is read into, by name."""
    return {
        JOURNEYS.name: assemble(JOURNEYS, day),
        LEGS.name: assemble(LEGS, BoardedRides.of(day)),
        STOP_VISITS.name: assemble(STOP_VISITS, StopVisits.of(day)),
        DENIED_BOARDINGS.name: assemble(DENIED_BOARDINGS, DeniedBoardings.of(day)),
    }


def _repeated(value: int, rows: _RowFacts) -> IntArray:
    return np.full(len(rows), value, dtype=np.int64)

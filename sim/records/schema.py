"""Declared columns of every table, in one place: name, type, unit, meaning.

Times are seconds after midnight of the service day as float64; replications and days count
from 0. Rows are in the order stated by `TableSchema.order`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["float64", "int64", "bool", "text"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
    kind : str
        float64, int64, bool or text; text columns are kept as codes into a list of names.
    unit : str
        s, min, share or empty.
    description : str
    """

    name: str
    kind: Kind
    unit: str
    description: str


@dataclass(frozen=True)
class TableSchema:
    """A table: its columns and the order of its rows."""

    name: str
    order: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """Return the column of that name.

        Raises
        ------
        KeyError
            When there is none.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(column.name for column in self.columns)


_KEY = (
    Column("replication", "int64", "", "replication, from 0"),
    Column("day", "int64", "", "simulated day, from 0"),
    Column("strategy", "text", "", "advice strategy of the run"),
)

JOURNEYS = TableSchema(
    "journeys",
    ("strategy", "replication", "day", "commuter_id"),
    (
        *_KEY,
        Column("commuter_id", "int64", "", "commuter, the same person in all strategies and days"),
        Column("origin_stop_id", "text", "", "stop where the journey starts"),
        Column("destination_stop_id", "text", "", "stop where the journey ends"),
        Column("preferred_arrival_s", "float64", "s", "when the commuter wants to be there"),
        Column("habitual_departure_s", "float64", "s", "departure without advice or learning"),
        Column("departure_s", "float64", "s", "departure on this day"),
        Column("arrival_s", "float64", "s", "arrival; NaN where the journey did not end"),
        Column("wait_s", "float64", "s", "waiting at stops until boarding or giving up, all legs"),
        Column("in_vehicle_s", "float64", "s", "time on board, all legs"),
        Column(
            "walk_s",
            "float64",
            "s",
            "access, transfer and egress walks, and time at stops left on foot after a full vehicle",
        ),
        Column("transfers", "int64", "", "legs by vehicle less one, at least 0"),
        Column("denied_boardings", "int64", "", "vehicles that stopped and had no room"),
        Column("schedule_delay_early_s", "float64", "s", "arrival before the preferred time"),
        Column("schedule_delay_late_s", "float64", "s", "arrival after the preferred time"),
        Column("generalized_cost_min", "float64", "min", "all parts in equivalent minutes on board"),
        Column("fare", "float64", "currency", "fare paid; NaN where the scenario has no fares"),
        Column("fare_discount", "float64", "currency", "let off by a discount; the full fare is both together"),
        Column("fare_min", "float64", "min", "fare paid as part of the generalized cost; 0 where money weighs nothing"),
        Column(
            "least_cost_min",
            "float64",
            "min",
            "cost that nobody in this world can go below: best journey without waiting, crowding and schedule delay",
        ),
        Column(
            "optimum_cost_min",
            "float64",
            "min",
            "part of the least total cost of the day; the sum over commuters is the system optimum, or a proven bound "
            "below it. NaN where it was not worked out",
        ),
        Column("advised", "bool", "", "received a window on this day"),
        Column("complied", "bool", "", "advised and left inside the window"),
        Column("window_start_s", "float64", "s", "recommended window; NaN where not advised"),
        Column("window_end_s", "float64", "s", "end of the window, not part of it"),
        Column("outcome", "text", "", "arrived, gave_up, still_travelling or no_service"),
        Column("cause", "text", "", "why not arrived; empty where arrived"),
        Column("income_class", "text", "", "class by income; empty where the scenario has none"),
        Column("flexibility_class", "text", "", "class by flexibility; empty where the scenario has none"),
        Column(
            "outward_commuter_id",
            "int64",
            "",
            "on a journey back, commuter_id of the journey there of the same person; -1 on all others",
        ),
    ),
)

LEGS = TableSchema(
    "legs",
    ("strategy", "replication", "day", "commuter_id", "leg"),
    (
        *_KEY,
        Column("commuter_id", "int64", "", "commuter"),
        Column("leg", "int64", "", "ride of the journey, from 0; only rides that boarded"),
        Column("trip_id", "text", "", "trip ridden"),
        Column("board_stop_id", "text", "", "stop of boarding"),
        Column("alight_stop_id", "text", "", "stop of alighting; planned one where still on board"),
        Column("wait_from_s", "float64", "s", "joined the queue"),
        Column("board_s", "float64", "s", "boarded"),
        Column("alight_s", "float64", "s", "alighted; NaN where still on board"),
        Column("standing_s", "float64", "s", "stood between stops, all seats being taken by who had boarded before"),
    ),
)

STOP_VISITS = TableSchema(
    "stop_visits",
    ("strategy", "replication", "day", "trip", "stop_sequence"),
    (
        *_KEY,
        Column("trip_id", "text", "", "trip"),
        Column("block_id", "text", "", "vehicle block of the trip"),
        Column("line_id", "text", "", "line"),
        Column("direction_id", "int64", "", "direction, 0 or 1"),
        Column("stop_id", "text", "", "stop"),
        Column("stop_sequence", "int64", "", "position in the trip, from 0"),
        Column("scheduled_arrival_s", "float64", "s", "scheduled arrival"),
        Column("arrival_s", "float64", "s", "arrival"),
        Column("departure_s", "float64", "s", "departure"),
        Column("boardings", "int64", "", "persons who boarded"),
        Column("alightings", "int64", "", "persons who alighted"),
        Column("denied_boardings", "int64", "", "persons who found no place"),
        Column("departing_load", "int64", "", "persons on board at departure"),
        Column("seats", "int64", "", "seats of the vehicle"),
        Column("capacity", "int64", "", "capacity of the vehicle"),
        Column("holding_s", "float64", "s", "extra standing ordered by control"),
        Column(
            "disruption",
            "text",
            "",
            "what hindered the vehicle here or on the way to the next stop: link_slow, link_closed, "
            "behind_broken_vehicle, stop_closed or vehicle_broke_down; empty where nothing did",
        ),
        Column("distance_m", "float64", "m", "way to the next stop of the trip; 0 where it goes no farther"),
        Column("co2_g", "float64", "g", "CO2 on that way; NaN where the scenario works out none"),
        Column("energy_kwh", "float64", "kWh", "energy from tank or grid on that way; NaN where none is worked out"),
    ),
)

DENIED_BOARDINGS = TableSchema(
    "denied_boardings",
    ("strategy", "replication", "day", "time_s", "commuter_id"),
    (
        *_KEY,
        Column("commuter_id", "int64", "", "commuter left behind"),
        Column("trip_id", "text", "", "trip that had no room"),
        Column("stop_id", "text", "", "stop"),
        Column("time_s", "float64", "s", "when it happened"),
    ),
)

PERIODS = TableSchema(
    "periods",
    ("strategy", "replication", "day", "line", "direction_id", "stop_sequence", "period_start_s"),
    (
        *_KEY,
        Column("line_id", "text", "", "line"),
        Column("direction_id", "int64", "", "direction, 0 or 1"),
        Column("stop_id", "text", "", "stop"),
        Column("period_start_s", "float64", "s", "start of the observation period of departures"),
        Column("vehicles", "int64", "", "vehicles that departed in the period"),
        Column("load", "float64", "", "mean departing load per vehicle"),
        Column("load_factor", "float64", "share", "sum of departing loads over sum of capacities"),
        Column("mean_wait_s", "float64", "s", "mean wait of those who boarded; NaN where nobody did"),
        Column("running_time_s", "float64", "s", "mean time to the next stop; NaN at the last stop"),
        Column("boardings", "int64", "", "persons who boarded"),
        Column("alightings", "int64", "", "persons who alighted"),
        Column("denied_boardings", "int64", "", "persons who found no place"),
    ),
)

DAYS = TableSchema(
    "days",
    ("strategy", "replication", "day"),
    (
        *_KEY,
        Column("departure_change_s", "float64", "s", "mean change of departure since the day before; NaN on the first"),
        Column(
            "relative_gap_share",
            "float64",
            "share",
            "what those who decide for themselves could have saved by other departure windows, over what they paid; "
            "NaN where all keep to their habit",
        ),
        Column("mean_generalized_cost_min", "float64", "min", "mean generalized cost of all commuters"),
    ),
)

_PARTS = ("direct_shift", "displaced_load", "back_fill")

ACCOUNT = TableSchema(
    "account",
    ("strategy", "replication", "day", "line", "direction_id", "stop", "period_start_s"),
    (
        *_KEY,
        Column("line_id", "text", "", "line"),
        Column("direction_id", "int64", "", "direction, 0 or 1"),
        Column("stop_id", "text", "", "stop"),
        Column("period_start_s", "float64", "s", "start of the observation period of departures"),
        Column("boardings_none", "int64", "", "persons who boarded without advice"),
        Column("boardings", "int64", "", "persons who boarded under the strategy"),
        *(Column(f"boardings_{part}", "int64", "", f"change of boardings by {part}") for part in _PARTS),
        Column("load_none", "int64", "", "departing loads of all vehicles of the period, summed, without advice"),
        Column("load", "int64", "", "the same under the strategy"),
        *(Column(f"load_{part}", "int64", "", f"change of load by {part}") for part in _PARTS),
        Column("capacity_none", "int64", "", "capacities of the vehicles of the period, summed, without advice"),
        Column("capacity", "int64", "", "the same under the strategy"),
    ),
)

FAIRNESS = TableSchema(
    "fairness",
    ("strategy", "replication", "kind", "group"),
    (
        Column("strategy", "text", "", "advice strategy of the run"),
        Column("replication", "int64", "", "replication, from 0"),
        Column("kind", "text", "", "what tells classes apart: advice, habit, ride, left behind, income, flexibility"),
        Column("group", "text", "", "class of commuters"),
        Column("commuter_days", "int64", "", "commuters of the class on all kept days"),
        Column("mean_cost_none_min", "float64", "min", "mean generalized cost without advice, there and back"),
        Column("mean_change_min", "float64", "min", "mean change of it against none"),
        Column("winners_share", "float64", "share", "of the class, who gain more than a minute"),
        Column("losers_share", "float64", "share", "of the class, who lose more than a minute"),
        Column("largest_loss_min", "float64", "min", "largest change of anybody of the class"),
        Column("loss_gini_share", "float64", "share", "Gini coefficient of losses within the class; NaN where none"),
    ),
)

TABLES = (JOURNEYS, LEGS, STOP_VISITS, DENIED_BOARDINGS, PERIODS)
"""What every run folder holds."""

COURSE_TABLES = (DAYS,)
"""What a run folder holds besides of all simulated days, the ones that are not kept included."""

COMPARISON_TABLES = (ACCOUNT, FAIRNESS)
"""What the folder of a comparison with `none` holds besides."""

"""The tables of a network folder: which columns they must have and may have.

GTFS names are those of the GTFS Schedule reference, GMNS names those of the General Modeling
Network Specification; the others are this project's own.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableSpec:
    """Columns of one table.

    Attributes
    ----------
    name : str
        Path in the network folder.
    required : tuple of str
    optional : tuple of str
        Columns that are read, or that the format knows and this program ignores.
    may_be_empty : bool
        Whether a header without rows is in order.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    may_be_empty: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """All columns that need no remark."""
        return self.required + self.optional


AGENCY = TableSpec(
    "gtfs/agency.txt",
    (),
    (
        "agency_id",
        "agency_name",
        "agency_url",
        "agency_timezone",
        "agency_lang",
        "agency_phone",
        "agency_fare_url",
        "agency_email",
        "cemv_support",
    ),
    may_be_empty=True,
)
STOPS = TableSpec(
    "gtfs/stops.txt",
    ("stop_id",),
    (
        "stop_code",
        "stop_name",
        "tts_stop_name",
        "stop_desc",
        "stop_lat",
        "stop_lon",
        "zone_id",
        "stop_url",
        "location_type",
        "parent_station",
        "stop_timezone",
        "wheelchair_boarding",
        "level_id",
        "platform_code",
        "stop_access",
    ),
)
ROUTES = TableSpec(
    "gtfs/routes.txt",
    ("route_id", "route_type"),
    (
        "agency_id",
        "route_short_name",
        "route_long_name",
        "route_desc",
        "route_url",
        "route_color",
        "route_text_color",
        "route_sort_order",
        "continuous_pickup",
        "continuous_drop_off",
        "network_id",
        "cemv_support",
    ),
)
TRIPS = TableSpec(
    "gtfs/trips.txt",
    ("route_id", "service_id", "trip_id"),
    (
        "trip_headsign",
        "trip_short_name",
        "direction_id",
        "block_id",
        "shape_id",
        "wheelchair_accessible",
        "bikes_allowed",
        "cars_allowed",
        "vehicle_type",
    ),
)
STOP_TIMES = TableSpec(
    "gtfs/stop_times.txt",
    ("trip_id", "arrival_time", "departure_time", "stop_id", "stop_sequence"),
    (
        "location_group_id",
        "location_id",
        "stop_headsign",
        "start_pickup_drop_off_window",
        "end_pickup_drop_off_window",
        "pickup_type",
        "drop_off_type",
        "continuous_pickup",
        "continuous_drop_off",
        "shape_dist_traveled",
        "timepoint",
        "pickup_booking_rule_id",
        "drop_off_booking_rule_id",
    ),
)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CALENDAR = TableSpec("gtfs/calendar.txt", ("service_id", *WEEKDAYS, "start_date", "end_date"), may_be_empty=True)
CALENDAR_DATES = TableSpec("gtfs/calendar_dates.txt", ("service_id", "date", "exception_type"), may_be_empty=True)
FREQUENCIES = TableSpec(
    "gtfs/frequencies.txt",
    ("trip_id", "start_time", "end_time", "headway_secs"),
    ("exact_times",),
    may_be_empty=True,
)
TRANSFERS = TableSpec(
    "gtfs/transfers.txt",
    ("from_stop_id", "to_stop_id"),
    ("transfer_type", "min_transfer_time", "from_route_id", "to_route_id", "from_trip_id", "to_trip_id"),
    may_be_empty=True,
)
FARE_ATTRIBUTES = TableSpec(
    "gtfs/fare_attributes.txt",
    ("fare_id", "price"),
    ("currency_type", "payment_method", "transfers", "agency_id", "transfer_duration"),
    may_be_empty=True,
)
FARE_RULES = TableSpec(
    "gtfs/fare_rules.txt",
    ("fare_id",),
    ("route_id", "origin_id", "destination_id", "contains_id"),
    may_be_empty=True,
)
_SIGNAL = ("signal_cycle_s", "signal_green_share", "signal_offset_s")
NODES = TableSpec(
    "gmns/node.csv",
    ("node_id", "x_coord", "y_coord"),
    ("name", "z_coord", "node_type", "ctrl_type", "zone_id", "parent_node_id", *_SIGNAL),
)
LINKS = TableSpec(
    "gmns/link.csv",
    ("link_id", "from_node_id", "to_node_id", "length"),
    (
        "free_speed",
        "lanes",
        "capacity",
        "allowed_uses",
        "name",
        "directed",
        "geometry_id",
        "geometry",
        "parent_link_id",
        "dir_flag",
        "grade",
        "facility_type",
        "bike_facility",
        "ped_facility",
        "parking",
        "toll",
        "jurisdiction",
        "row_width",
        *_SIGNAL,
    ),
)
VEHICLES = TableSpec(
    "vehicles.csv",
    ("vehicle_type", "seats", "capacity"),
    (
        "standing_area_m2",
        "doors",
        "dwell_rule",
        "dead_time_s",
        "boarding_s",
        "alighting_s",
        "boarding_channels",
        "alighting_channels",
        "standee_friction_s",
        "fare_payment",
        "alighting_door",
        "dwell_per_headway",
    ),
)
TRAFFIC = TableSpec(
    "traffic.csv",
    ("period_start", "period_end"),
    ("link_id", "link_class", "running_time_s", "speed_factor", "volume_per_h"),
)
FARES = TableSpec("fares.csv", ("route_ids", "from_m", "fare"), ("to_m", "currency"))
OD = TableSpec(
    "demand/od.csv",
    ("origin_stop_id", "destination_stop_id", "commuters"),
    ("period_start", "period_end", "profile"),
    may_be_empty=True,
)
PROFILE = TableSpec("demand/profile.csv", ("period_start", "period_end", "share"), ("profile",))

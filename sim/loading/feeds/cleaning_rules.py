"""What an import does with each thing that is odd in a feed: one stated rule per kind."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal["dropped", "repaired", "noted"]


@dataclass(frozen=True)
class Rule:
    """A rule of the import.

    Attributes
    ----------
    kind : str
        ``dropped`` (does not reach the network), ``repaired`` (does, but changed) or ``noted``
        (does as it is, or is no matter of ours).
    what : str
        What is counted.
    rule : str
        What is done, as a sentence.
    """

    kind: Kind
    what: str
    rule: str


def _dropped(what: str, rule: str) -> Rule:
    return Rule("dropped", what, rule)


def _repaired(what: str, rule: str) -> Rule:
    return Rule("repaired", what, rule)


def _noted(what: str, rule: str) -> Rule:
    return Rule("noted", what, rule)


RULES: Final = MappingProxyType(
    {
        # --- files
        "nested_folder": _repaired("folders", "the tables lie in a folder inside: the one nearest to the top is read"),
        "several_feeds": _noted("other feeds", "of several feeds inside, the first by name is read"),
        "byte_order_mark": _repaired("files", "a byte order mark is left out"),
        "latin_1": _repaired("files", "text that is not UTF-8 is read as Latin-1"),
        "utf_16": _repaired("files", "UTF-16 text is read as such"),
        "null_bytes": _repaired("zero bytes", "zero bytes are left out"),
        "windows_line_ends": _noted("files", "lines may end in CR LF"),
        "header_spaces": _repaired("column names", "spaces around the names of columns are left out"),
        "unknown_file": _noted("files", "files that this program does not know are not read"),
        "unused_file": _noted("files", "files of GTFS that the simulator has no use for are not read"),
        "unknown_column": _noted("columns", "columns that this program does not know are left out"),
        "empty_file": _noted("files", "an optional file without a row counts as missing"),
        "unusable_file": _dropped("files", "an optional file that cannot be read counts as missing"),
        "missing_column": _repaired("columns", "a missing column is filled in as its rule says"),
        "extra_cells": _repaired("rows", "values beyond the last column of the header are left out"),
        "short_rows": _noted("rows", "missing values at the end of a row are blank"),
        # --- agency.txt, routes.txt
        "several_agencies": _noted("agencies", "all agencies are read; a scenario may choose by network.agencies"),
        "several_time_zones": _noted(
            "time zones", "agencies of one feed have one time zone, says GTFS: all times are read as those of one"
        ),
        "agency_repeated": _dropped("agencies", "of agencies with the same id the first counts; without id, none does"),
        "route_repeated": _dropped("routes", "of routes with the same id the first counts; without id, none does"),
        "route_agency_unknown": _repaired("routes", "a route of an agency that is not in agency.txt has no agency"),
        "route_type_unreadable": _repaired("routes", "a route whose type is no number is taken as a bus"),
        "route_type_extended": _noted("routes", "extended route types are read by their hundreds, as 200 to 299 coach"),
        "route_without_trips": _dropped("routes", "routes without a usable trip are dropped"),
        "route_not_wanted": _dropped("routes", "routes that were not asked for are dropped"),
        # --- stops.txt
        "stop_repeated": _dropped("stops", "of stops with the same id the first counts; without id, none does"),
        "station": _dropped("stations", "stations are no stops, their platforms are (or --merge-stations)"),
        "entrance": _dropped("places", "entrances and generic nodes are no stops"),
        "boarding_area": _repaired("boarding areas", "a boarding area stands for its platform"),
        "station_with_visits": _repaired("stations", "a station at which trips call by its own id is taken as a stop"),
        "stations_merged": _repaired(
            "platforms",
            "as asked for, the platforms of a station become one stop, in the fare zone of the first that has one",
        ),
        "location_type_unreadable": _repaired("stops", "a place of unknown location_type is taken as a stop"),
        "position_of_station": _repaired("stops", "a stop without position takes that of its station"),
        "position_unusable": _dropped("stops", "a stop without a usable position is dropped where others have one"),
        "no_positions": _noted("stops", "no stop has a position: lengths follow from running times"),
        "stop_unused": _dropped("stops", "stops at which no trip calls are dropped"),
        "stop_outside": _dropped("stops", "stops outside of the box asked for are dropped"),
        # --- calendar.txt, calendar_dates.txt
        "weekday_unreadable": _repaired("values", "a weekday that is neither 0 nor 1 is taken as 0"),
        "calendar_row": _dropped("rows", "a row without service or with an unusable date is dropped"),
        "calendar_repeated": _dropped("rows", "of rows with the same service, the first counts"),
        "exception_row": _dropped("rows", "an exception without service or with an unusable date or type is dropped"),
        "calendar_dates_only": _noted("dates", "without calendar.txt, the days are those of calendar_dates.txt"),
        "date_not_wanted": _dropped("trips", "trips that do not run on the date asked for are dropped"),
        # --- trips.txt
        "trip_repeated": _dropped("trips", "of trips with the same id the first counts; without id, none does"),
        "trip_route_unknown": _dropped("trips", "trips of a route that is not in routes.txt are dropped"),
        "trip_not_wanted": _dropped("trips", "trips of routes that were not asked for are dropped"),
        "trip_never_runs": _dropped("trips", "trips whose service runs on no date are dropped"),
        "trip_without_times": _dropped("trips", "trips without stop times are dropped"),
        "trip_too_short": _dropped("trips", "trips with fewer than two usable stop times are dropped"),
        "trip_backwards": _dropped("trips", "trips whose times run backwards are dropped"),
        "direction_unreadable": _repaired("trips", "a direction that is neither 0 nor 1 counts as missing"),
        "direction_missing": _noted(
            "trips", "which direction a trip without one has follows from the order of its stops, route by route"
        ),
        "block_overlap": _repaired("trips", "a trip that starts before its block is free has its own vehicle"),
        # --- stop_times.txt
        "visit_trip_unknown": _dropped("stop times", "stop times of a trip that is not in trips.txt are dropped"),
        "visit_of_dropped_trip": _dropped("stop times", "stop times go with the trip they belong to"),
        "visit_stop_unknown": _dropped("stop times", "stop times at a place that is no stop of stops.txt are dropped"),
        "visit_sequence_unreadable": _dropped("stop times", "stop times whose stop_sequence is no number are dropped"),
        "visit_sequence_negative": _repaired(
            "stop times", "negative stop_sequence numbers order the stops like others"
        ),
        "visit_repeated": _dropped("stop times", "the second of two equal rows of a trip is dropped"),
        "visit_sequence_repeated": _repaired(
            "stop times", "where a stop_sequence comes twice, the order of the file counts"
        ),
        "visit_order_of_file": _repaired("stop times", "without stop_sequence, the order of the file counts"),
        "visit_outside": _dropped("stop times", "of each trip, the longest part inside of the box asked for is kept"),
        "time_unreadable": _repaired("times", "a time that cannot be read counts as blank"),
        "time_one_of_two": _repaired(
            "stop times", "where arrival or departure is blank, the other one counts for both"
        ),
        "time_blank_at_end": _dropped(
            "stop times", "stop times before the first or after the last time given are dropped"
        ),
        "time_by_distance": _repaired("stop times", "blank times are spread by distance between the times given"),
        "time_evenly": _repaired(
            "stop times", "blank times without a distance are spread evenly between the times given"
        ),
        "time_past_midnight": _noted("trips", "times past 24:00 belong to the service day on which the trip starts"),
        "time_wrapped": _repaired(
            "trips", "where times fall back by more than 12 hours (23:58, 00:02), a day is added"
        ),
        "time_unchanged": _noted(
            "stop times", "a vehicle that is due as it leaves the stop before is there at once, in no time"
        ),
        "time_departure_early": _repaired("stop times", "a departure before the arrival is set to the arrival"),
        "visit_same_stop": _repaired("stop times", "a stop that follows itself in a trip is one longer visit"),
        "visit_no_exchange": _noted("stop times", "vehicles stop there, but nobody may board, or nobody may alight"),
        "visit_on_request": _noted("stop times", "people board and alight where the feed wants them to ask first"),
        # --- frequencies.txt, transfers.txt, fare_attributes.txt, fare_rules.txt, shapes.txt
        "frequency_row": _dropped("rows", "rows with an unreadable time or headway, or of a dropped trip, are dropped"),
        "frequency_trips": _noted("trips", "a trip with frequencies runs by them and not at its own times"),
        "frequency_moved": _repaired(
            "rows",
            "where the first stops of a trip are left out, its frequencies count from the first one that is kept",
        ),
        "frequency_inexact": _noted("rows", "inexact frequencies too run at their headway from start_time on"),
        "transfer_row": _dropped("rows", "transfers at dropped places or with an unreadable time are dropped"),
        "transfer_of_trips": _dropped(
            "rows", "transfers of single lines or trips, and stays in the vehicle, are dropped"
        ),
        "transfer_of_stations": _repaired("rows", "a transfer at a station holds between all of its platforms"),
        "fare_row": _dropped(
            "rows", "fares without an id or a readable price, transfers or duration are dropped, and their rules"
        ),
        "fares_of_version_2": _noted(
            "files",
            "fares of GTFS version 2 are not read: write fares.csv, or give fares.kind flat or distance in scenarios",
        ),
        "several_currencies": _noted("currencies", "prices in several currencies are added up as if they were one"),
        "fare_of_dropped_route": _dropped("rows", "fare rules go with the route they name"),
        "shape_unusable": _dropped("points", "points of shapes with an unreadable position or number are dropped"),
        "no_shapes": _noted("links", "links without a shape are as long as the straight line between their stops"),
        "lengths_of_shapes": _noted("links", "the length of a link is measured along the shapes of its trips"),
        "lengths_of_streets": _noted("runs", "buses run the shortest way over the street graph from stop to stop"),
        "no_street": _noted("runs", "bus runs without a way over the street graph keep a link of their own"),
        "stops_matched": _noted("stops", "stops are matched to the nearest street for vehicles, and divide it"),
        "stops_off_streets": _noted("stops", "stops farther than 250 m from all streets are not matched"),
        "street_not_open": _dropped("streets", "streets planned, being built, given up or for racing are left out"),
        "street_without_length": _dropped("streets", "edges of a street graph without a length above 0 are left out"),
        "speed_of_class": _noted("links", "streets without a speed have the mean speed of their class"),
        "vehicle_assumed": _noted("trips", "the vehicle type follows from the route type; its figures are assumed"),
    }
)


FARES_OF_VERSION_2: Final = frozenset(
    {
        "timeframes.txt",
        "rider_categories.txt",
        "fare_media.txt",
        "fare_products.txt",
        "fare_leg_rules.txt",
        "fare_leg_join_rules.txt",
        "fare_transfer_rules.txt",
    }
)
"""Files of GTFS that tell of fares, and are not read."""

OF_GTFS: Final = frozenset(
    {
        "areas.txt",
        "stop_areas.txt",
        "networks.txt",
        "route_networks.txt",
        "pathways.txt",
        "levels.txt",
        "location_groups.txt",
        "location_group_stops.txt",
        "booking_rules.txt",
        "translations.txt",
        "feed_info.txt",
        "attributions.txt",
    }
)
"""Other files of GTFS that are not read."""

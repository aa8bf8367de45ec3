"""GTFS feeds of all sorts to tables without faults, with a report of what was dropped or repaired."""

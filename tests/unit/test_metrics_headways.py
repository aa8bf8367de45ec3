"""Headways along a line against the schedule, worked by hand."""

import numpy as np
import pytest

from sim.metrics.headways import headway_deviation_min
from sim.records.schema import STOP_VISITS
from sim.records.table import Table

STOPS = ("a", "b")


def visits(arrivals_min, strategy="none"):
    """Return visits of trips from rows of replication, stop, scheduled and actual arrival in minutes."""
    replication, stop, scheduled, actual = (np.array(column) for column in zip(*arrivals_min, strict=True))
    count = len(stop)
    columns = {
        column.name: np.zeros(count, dtype={"float64": float, "bool": bool}.get(column.kind, np.int64))
        for column in STOP_VISITS.columns
    }
    columns |= {
        "replication": replication,
        "stop_id": stop,
        "scheduled_arrival_s": 60.0 * scheduled,
        "arrival_s": 60.0 * actual,
    }
    names = {column.name: [""] for column in STOP_VISITS.columns if column.kind == "text"}
    return Table(STOP_VISITS, columns, names | {"stop_id": list(STOPS), "strategy": [strategy], "line_id": ["line"]})


def test_a_late_vehicle_changes_the_headways_before_and_behind_it():
    on_time = [(0, 0, 0.0, 0.0), (0, 0, 10.0, 10.0), (0, 0, 20.0, 20.0)]
    table = visits([*on_time, (0, 1, 5.0, 5.0), (0, 1, 15.0, 18.0), (0, 1, 25.0, 25.0)])
    assert headway_deviation_min(table, "none", "line", 0, STOPS) == pytest.approx([0.0, 3.0])


def test_replications_are_kept_apart_and_vehicles_may_change_their_order():
    table = visits([(0, 0, 0.0, 21.0), (0, 0, 10.0, 10.0), (1, 0, 0.0, 0.0), (1, 0, 10.0, 10.0)])
    # 11 instead of 10 min in one replication, 10 in the other
    assert headway_deviation_min(table, "none", "line", 0, ("a",)) == pytest.approx([np.sqrt(0.5)])


def test_a_stop_with_one_vehicle_has_no_headway():
    found = headway_deviation_min(visits([(0, 0, 0.0, 0.0)]), "none", "line", 0, STOPS)
    assert np.isnan(found).all()

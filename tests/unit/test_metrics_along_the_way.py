"""Where vehicles go next: loads from stop to stop, and stops in an order that no trip contradicts."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.made_up_line import empty_tables, table_from

from sim.metrics.link_loads import link_loads
from sim.metrics.travel_order import order_of_travel, stop_places
from sim.records.schema import STOP_VISITS


def visits(*trips, strategy="none"):
    """Make a table from trips, each (line, stops, first departure, load on leaving each stop)."""
    rows = {name: [] for name in ("strategy", "replication", "day", "trip_id", "line_id", "direction_id")}
    rows |= {
        name: [] for name in ("stop_id", "stop_sequence", "arrival_s", "departure_s", "departing_load", "capacity")
    }
    for number, (line, stops, start_s, loads) in enumerate(trips):
        for place, (stop, load) in enumerate(zip(stops, loads, strict=True)):
            time_s = start_s + 60.0 * place
            values = (strategy, 0, 0, f"t{number}", line, 0, stop, place + 1, time_s, time_s, load, 10)
            for name, value in zip(rows, values, strict=True):
                rows[name].append(value)
    return table_from(STOP_VISITS, rows)


def factors(loads, strategy="none"):
    return dict(zip(loads.stop_ids, loads.load_factor[strategy].tolist(), strict=True))


def test_loads_are_of_the_stop_that_a_vehicle_really_goes_to_next():
    """A branch and an express: a shortcut by the order of the line would put loads between stops nobody rides."""
    found = link_loads(
        visits(
            ("L", "abc", 3600.0, (4, 6, 0)),
            ("L", "abd", 3700.0, (8, 2, 0)),
            ("X", "ac", 3800.0, (10, 0)),
        )
    )
    assert factors(found) == {("a", "b"): 0.6, ("b", "c"): 0.6, ("b", "d"): 0.2, ("a", "c"): 1.0}


def test_the_hour_is_the_one_in_which_most_people_ride():
    found = link_loads(
        visits(("L", "ab", 6 * 3600.0, (3, 0)), ("L", "ab", 8.6 * 3600.0, (5, 0)), ("L", "ab", 9.2 * 3600.0, (9, 0)))
    )
    assert found.start_s <= 8.6 * 3600.0
    assert found.start_s + 3600.0 > 9.2 * 3600.0
    assert factors(found) == {("a", "b"): 0.7}


def test_a_link_without_a_vehicle_in_that_hour_has_no_load():
    found = link_loads(visits(("L", "ab", 3600.0, (9, 0)), ("L", "bc", 90000.0, (1, 0))))
    assert np.isnan(factors(found)["b", "c"])


def test_there_is_no_map_without_vehicles():
    assert link_loads(empty_tables()["stop_visits"]) is None
    assert link_loads(visits(("L", "a", 3600.0, (0,)))) is None


def ordered(table):
    names = table.categories["stop_id"]
    return [names[code] for code in stop_places(table).stops.tolist()]


def test_a_short_trip_does_not_move_its_first_stop_to_the_front():
    table = visits(("L", "abcdef", 3600.0, [0] * 6), ("L", "def", 3700.0, [0] * 3))
    assert ordered(table) == list("abcdef")


def test_branches_stay_together():
    table = visits(("L", "abcd", 3600.0, [0] * 4), ("L", "abxyz", 3700.0, [0] * 5))
    assert ordered(table) in (list("abcdxyz"), list("abxyzcd"))


@pytest.mark.parametrize("stops", ["abca", "abcab"])
def test_a_loop_has_each_stop_once(stops):
    assert sorted(ordered(visits(("L", stops, 3600.0, [0] * len(stops))))) == list("abc")


@given(st.permutations(range(8)), st.data())
def test_no_trip_contradicts_the_order(line, data):
    """Trips that each leave out some stops of one line, numbered from their own first stop."""
    trips = data.draw(st.lists(st.lists(st.booleans(), min_size=8, max_size=8), min_size=1, max_size=5))
    trips = [[stop for stop, served in zip(line, mask, strict=True) if served] for mask in trips]
    first_at: dict[int, int] = {}
    for trip in trips:
        for number, stop in enumerate(trip):
            first_at[stop] = min(number, first_at.get(stop, number))
    following = tuple({pair for trip in trips for pair in pairwise(trip)})
    order = order_of_travel(first_at, following)
    assert sorted(order) == sorted(first_at)
    for trip in trips:
        places = [order.index(stop) for stop in trip]
        assert places == sorted(places)

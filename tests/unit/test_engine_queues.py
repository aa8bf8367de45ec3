"""Queues against lists that are sorted anew each time."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st
from support.worlds import Rider, bus_line, for_riders, world

from sim.engine.queues import FOR_EVER, Queue, take, take_of_one

entries = st.lists(st.tuples(st.integers(0, 6).map(float), st.integers(0, 40)), max_size=14, unique_by=lambda e: e[1])


def queue_of(found):
    rows = sorted(found)
    return Queue(array("d", [time_s for time_s, _ in rows]), array("i", [ride for _, ride in rows]))


def waiting(queue):
    return list(zip(queue.times_s[queue.head :], queue.rides[queue.head :], strict=True))


@given(entries, st.data())
def test_a_queue_stays_in_order_of_joining_and_then_of_rides(found, data):
    known = data.draw(st.integers(0, len(found)))
    queue = queue_of(found[:known])
    for time_s, ride in found[known:]:
        queue.join(time_s, ride)
    assert waiting(queue) == sorted(found)


@given(entries, st.integers(0, 6), st.integers(0, 20), st.sampled_from([FOR_EVER, 0.0, 2.0]), st.integers(1, 3))
def test_those_board_who_came_first_across_queues(found, now, room, patience_s, number):
    parts = [found[row::number] for row in range(number)]
    queues = [queue_of(part) for part in parts]
    present = sorted(entry for entry in found if entry[0] <= now <= entry[0] + patience_s)
    boarded, left_behind = take(queues, float(now), room, patience_s)
    assert list(boarded) == [ride for _, ride in present[:room]]
    assert left_behind == (len(present) > room)
    still = sorted(entry for queue in queues for entry in waiting(queue))
    assert still == sorted(present[room:] + [entry for entry in found if entry[0] > now])
    assert all(queue.last_visit_s == now for queue in queues)


@given(entries, st.integers(0, 6), st.integers(0, 20))
def test_one_queue_of_patient_people_is_taken_alike(found, now, room):
    one, other = queue_of(found), queue_of(found)
    (boarded, left_behind), expected = take_of_one(one, float(now), room), take([other], float(now), room, FOR_EVER)
    assert (list(boarded), left_behind) == (list(expected[0]), expected[1])
    assert (one.head, one.last_visit_s) == (other.head, other.last_visit_s)


def test_a_second_visit_counts_those_that_are_still_there_alone():
    queue = queue_of([(0.0, ride) for ride in range(4)])
    assert (list(take([queue], 1.0, 2, FOR_EVER)[0]), waiting(queue)) == ([0, 1], [(0.0, 2), (0.0, 3)])
    boarded, left_behind = take([queue], 2.0, 2, FOR_EVER)
    assert (list(boarded), left_behind) == ([2, 3], False)


def test_those_put_out_get_legs_to_goals_of_their_vehicle_alone():
    """B is closed, so people may be out at C and F. On their line all are bound for C, on the other for E."""
    lines = [bus_line("L", "ABCF", [60, 60, 60], [600, 900]), bus_line("M", "DEF", [60, 60], [600, 900])]
    scenario = world(lines, disruptions={"closed_stops": [{"stop": "B", "start": 0, "end": 2000}]})
    legs = for_riders(scenario, [Rider(0, "A", "C"), Rider(0, "D", "E")]).engine_input.legs
    name = scenario.network.stop_id
    added = range(legs.planned, len(legs.goal))
    assert {(name[legs.board_stop[leg]], name[legs.goal[leg]]) for leg in added} == {("C", "C"), ("F", "C")}

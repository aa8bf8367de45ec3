"""Places on vehicles, counted for several ways at once."""

from __future__ import annotations

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

from sim.arrays import FloatArray
from sim.experiments.place_ledger import MOST_PLACES, PlaceGrid, PlaceLedger, PlaceTraffic
from sim.model.parameters import CrowdingParameters, PreferenceParameters

STRETCHES, POSITIONS, WIDTH_S, HEADWAY_S = 3, 2, 600.0, 300.0
PLACES = STRETCHES * POSITIONS
ROOM = 10.0

chances = st.lists(st.one_of(st.just(0.0), st.floats(0.01, 2.0)), min_size=PLACES, max_size=PLACES)


def ledger(load: FloatArray) -> PlaceLedger:
    """Return places on vehicles with some riders, which run for a minute to the next stop; nobody is planned there."""
    grid, every = PlaceGrid(np.zeros(0, dtype=np.int64), WIDTH_S, STRETCHES, POSITIONS), np.ones(PLACES)
    headway_s = np.full(POSITIONS, HEADWAY_S)
    traffic = PlaceTraffic(grid, load, ROOM * every, 0.0 * every, 60.0 * every, headway_s)
    preferences = PreferenceParameters(wait_weight=2.0, crowding=CrowdingParameters(kind="linear", slope=0.5))
    return PlaceLedger.of(traffic, 0.0 * every, preferences, 1.0)


@given(ways=st.lists(chances, max_size=5), booked=st.lists(chances, max_size=20), shows=st.floats(0.5, 1.0))
def test_places_left_of_several_ways_are_those_of_each(
    ways: list[list[float]], booked: list[list[float]], shows: float
) -> None:
    places = ledger(np.zeros(PLACES))
    for one in booked:
        places.take({place: share for place, share in enumerate(one) if share > 0}, has_place=True)
    several = scipy.sparse.csr_array(np.array(ways).reshape(len(ways), PLACES))
    each = [places.left({place: share for place, share in enumerate(one) if share > 0}, shows) for one in ways]
    assert places.left_each(several, shows) == each


@given(
    booked=st.integers(0, 20), came=st.integers(0, 12), gone=st.integers(0, 20), shows=st.sampled_from([0.25, 0.5, 1.0])
)
def test_whoever_came_counts_as_a_person(booked: int, came: int, gone: int, shows: float) -> None:
    """Those who came and those who are expected are never more than there is room for, if every place left is booked.

    Where whoever came counted as one of those who may not come, ten more could book on a vehicle that ten people had
    filled, once ten others had given their bookings back, with half of the bookings kept.
    """
    places, way = ledger(np.zeros(PLACES)), {0: 1.0}
    for _ in range(booked):
        places.take(way, has_place=True)
    came = min(came, booked)
    for _ in range(came):
        places.take(way, has_place=True, sign=-1)
        places.take(way, has_place=True, came=True)
    gone = min(gone, booked - came)
    for _ in range(gone):
        places.take(way, has_place=True, sign=-1)
    more = places.left(way, shows)
    expected = came + shows * (booked - came - gone + more)
    assert more == 0 or expected <= ROOM + 1e-9
    # And no place is kept empty: one more would be too many.
    assert expected + shows > ROOM - 1e-9
    assert places.foreseen(way, shows) == int(ROOM / shows)


def test_whoever_came_weighs_as_a_person_in_what_is_dearer() -> None:
    """Ten who came are as many as twenty of whom half come."""
    one = scipy.sparse.csr_array(np.eye(PLACES)[:1])
    came, expected = ledger(np.full(PLACES, ROOM)), ledger(np.full(PLACES, ROOM))
    for _ in range(10):
        came.take({0: 1.0}, has_place=False, came=True)
        expected.take({0: 2.0}, has_place=False)
    for mine, others in zip(came.more_min(one, 0.5), expected.more_min(one, 0.5), strict=True):
        assert mine == pytest.approx(others, abs=1e-12)
        assert mine[0] > 0.0


def test_a_way_on_foot_takes_no_place_and_gets_no_dearer() -> None:
    places = ledger(np.full(PLACES, ROOM))
    places.take({0: 1.0}, has_place=False)
    on_foot_and_by_bus = scipy.sparse.csr_array(np.array([np.zeros(PLACES), np.eye(PLACES)[0], np.zeros(PLACES)]))
    assert places.left_each(on_foot_and_by_bus, 1.0) == [MOST_PLACES, 0, MOST_PLACES]
    own_min, others_min = places.more_min(on_foot_and_by_bus, 1.0)
    assert own_min[[0, 2]].tolist() == others_min[[0, 2]].tolist() == [0.0, 0.0]
    assert own_min[1] > 0.0


def test_riders_beyond_the_room_wait_until_vehicles_have_carried_them_off() -> None:
    """Five riders too many for ten places that come every ten minutes: they wait for five, which count twice.

    A way of which one half goes by these vehicles waits half as long; of several stops the longest wait counts. A
    minute on board, at half a minute more for each full load, is a quarter dearer for each and for the others.
    """
    places = ledger(np.full(PLACES, ROOM))
    for _ in range(5):
        places.take({0: 1.0, 1: 1.0}, has_place=False)
    of_ways = [{0: 1.0}, {0: 0.5}, {0: 1.0, 1: 0.5}, {2: 1.0}]
    ways = scipy.sparse.csr_array([[way.get(place, 0.0) for place in range(PLACES)] for way in of_ways])
    waits_min, crowding_min = np.array([10.0, 5.0, 10.0, 0.0]), np.array([0.25, 0.125, 0.375, 0.0])
    own_min, others_min = places.more_min(ways, 1.0)
    assert own_min == pytest.approx(waits_min + crowding_min, abs=1e-12)
    assert others_min == pytest.approx(waits_min + crowding_min, abs=1e-12)

"""Which vehicle takes whoever joins a queue: the compiled loops give the bits of NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.compiled.loops import Loops, loops
from sim.population.boarding_groups import BoardingGroups
from sim.population.boarding_search import DayVisits, Turns
from sim.population.boardings import apart_s


def compiled() -> Loops:
    library = loops()
    if library is None:
        pytest.skip("the libraries were not compiled here, or are not wanted")
    return library


# Between the grid of the engine and beside it, at the ends, and equal ones.
times = st.sampled_from([0.0, 1.0, 59.5, 60.0, 60.0 + 2.0**-20, 1 / 3, 899.9, 900.0, 901.0, 1800.0])


@st.composite
def turns(draw: st.DrawFn) -> tuple[Turns, np.ndarray]:
    """Return groups of vehicles, some of them empty, and when each vehicle comes; some never took anybody."""
    sizes = draw(st.lists(st.integers(0, 4), min_size=1, max_size=6))
    rising = [sorted(draw(st.lists(times, min_size=size, max_size=size))) for size in sizes]
    arrival_s = np.array([time for group in rising for time in group])
    until_s = np.where(draw(st.lists(st.booleans(), min_size=len(arrival_s), max_size=len(arrival_s))), arrival_s, -1)
    ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    for start, end in zip(ptr[:-1].tolist(), ptr[1:].tolist(), strict=True):
        until_s[start:end] = np.maximum.accumulate(until_s[start:end])
    # Groups that lie far along the column round as they do in a city of many groups.
    skipped = draw(st.sampled_from([0, 100_000]))
    ptr = np.concatenate([np.zeros(skipped, dtype=np.int64), ptr])
    return Turns(ptr, until_s.astype(np.float64), apart_s(1800.0), 1800.0), arrival_s


@given(turns(), st.data())
def test_compiled_places_and_times_are_those_of_numpy(drawn: tuple[Turns, np.ndarray], data: st.DataObject) -> None:
    """For rows of times and one by one, rising or not."""
    found, arrival_s = drawn
    groups = len(found.ptr) - 1
    rows = data.draw(st.integers(0, 5))
    last = st.integers(max(groups - 6, 0), groups - 1)
    group = np.array(data.draw(st.lists(last, min_size=rows, max_size=rows)), dtype=np.int64)
    joined_s = np.array(data.draw(st.lists(times, min_size=3 * rows, max_size=3 * rows))).reshape(rows, 3)
    for asked in (
        (group[:, None], joined_s),
        (group, joined_s[:, 0]),
        (np.repeat(group, 3).reshape(rows, 3), joined_s),
    ):
        assert np.array_equal(found.places_by_numpy(*asked), found.places_by(compiled(), *asked))
        times_s = found.times_by_numpy(arrival_s, *asked)
        assert times_s.tobytes() == found.times_by(compiled(), arrival_s, *asked).tobytes()


@st.composite
def days(draw: st.DrawFn) -> tuple[DayVisits, BoardingGroups]:
    """Return visits of which some did not go on, and groups of them: each in that of its point and in any others."""
    visits, points = draw(st.integers(1, 9)), draw(st.integers(1, 3))
    of_point = draw(st.lists(st.integers(0, points - 1), min_size=visits, max_size=visits))
    group, visit = [np.array(of_point, dtype=np.int64)], [np.arange(visits)]
    others = draw(st.lists(st.lists(st.integers(0, visits - 1), unique=True), max_size=4))
    for number, members in enumerate(others):
        group.append(np.full(len(members), points + number))
        visit.append(np.array(sorted(members), dtype=np.int64))
    groups = BoardingGroups(
        np.zeros(points + len(others), dtype=np.int64),
        np.concatenate(group).astype(np.int64),
        np.concatenate(visit).astype(np.int64),
        np.zeros(0, dtype=np.int64),
    )

    def column(values: st.SearchStrategy) -> np.ndarray:
        return np.array(draw(st.lists(values, min_size=visits, max_size=visits)))

    runs, full, arrival_s = column(st.booleans()), column(st.booleans()), column(times)
    arrival_s[~runs] = np.nan
    takes_until_s = np.where(full, np.minimum(column(st.one_of(times, st.just(-np.inf))), arrival_s), arrival_s)
    return DayVisits(runs, arrival_s, takes_until_s, full, column(st.integers(0, visits))), groups


@given(days())
def test_compiled_turns_of_a_day_are_those_of_numpy(drawn: tuple[DayVisits, BoardingGroups]) -> None:
    """Vehicles at the same moment included, which come in the order of their blocks."""
    seen, groups = drawn
    asked = groups, apart_s(1800.0), 1800.0
    by_numpy, by_loops = seen.by_group_by_numpy(*asked), seen.by_group_by(compiled(), *asked)
    for column, mine in vars(by_numpy).items():
        assert mine.tobytes() == getattr(by_loops, column).tobytes(), column


def test_of_vehicles_in_the_same_instant_the_one_of_the_first_block_comes_first() -> None:
    """As the engine lets them act; they stood in the order of their trips, and blocks may have another one."""
    at_once = np.array([600.0, 600.0])
    seen = DayVisits(np.ones(2, dtype=bool), at_once, at_once, np.zeros(2, dtype=bool), np.array([1, 0]))
    groups = BoardingGroups(np.zeros(1, dtype=int), np.zeros(2, dtype=int), np.arange(2), np.zeros(0, dtype=int))
    asked = groups, apart_s(1800.0), 1800.0
    assert seen.by_group_by_numpy(*asked).visit.tolist() == [1, 0]
    assert seen.by_group_by(compiled(), *asked).visit.tolist() == [1, 0]

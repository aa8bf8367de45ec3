"""Users moved one by one, and their best answers: the compiled loops give the bits of Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.advisor.assignment.frank_wolfe import _Assignment, first_least
from sim.advisor.assignment.moves import move_in_python, move_one_by_one
from sim.compiled.loops import loops
from sim.population.timed_path import CellRows

compiled = pytest.mark.skipif(loops() is None, reason="the libraries were not compiled here, or are not wanted")

shares = st.sampled_from([0.0, 0.2, 1 / 3, 1.0])


@st.composite
def moves(draw: st.DrawFn) -> tuple[CellRows, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return ways over few departures, some over none, and people who want others, with little room."""
    ways, cells, movers = draw(st.integers(1, 5)), draw(st.integers(1, 6)), draw(st.integers(0, 8))
    ridden = draw(st.lists(st.lists(st.integers(0, cells - 1), max_size=4), min_size=ways, max_size=ways))
    ptr = np.concatenate([[0], np.cumsum([len(row) for row in ridden])]).astype(np.int64)
    cell = np.array([at for row in ridden for at in row], dtype=np.int64)
    share = np.array(draw(st.lists(shares, min_size=len(cell), max_size=len(cell))))
    of = draw(st.lists(st.integers(0, ways - 1), min_size=3 * movers, max_size=3 * movers))
    people = np.array(draw(st.lists(shares, min_size=3 * movers, max_size=3 * movers))).reshape(-1, 3)
    numbers = st.lists(st.floats(0, 3), min_size=cells, max_size=cells)
    way = np.array(of, dtype=np.int64).reshape(-1, 3)
    return CellRows(ptr, cell, share), way, people, np.array(draw(numbers)), np.array(draw(numbers))


@compiled
@given(moves())
def test_compiled_moves_are_those_of_python(drawn) -> None:
    """The users moved, and the loads that are left, to the bit."""
    ridden, ways, people, limit, load = drawn
    by_python, by_loops = load.copy(), load.copy()
    moved = move_in_python(ridden, ways, people, limit, by_python)
    assert moved.tolist() == move_one_by_one(ridden, ways, people, limit, by_loops).tolist()
    assert by_python.tobytes() == by_loops.tobytes()


def test_whoever_finds_no_room_stays_and_those_behind_find_what_is_left() -> None:
    """One place on the departure that three want: the first gets it, and leaves theirs to the last."""
    ridden = CellRows(np.arange(3), np.arange(2), np.ones(2))
    ways = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])
    load, limit = np.array([2.0, 1.0]), np.array([2.0, 2.0])
    moved = move_one_by_one(ridden, ways, np.ones((3, 3)), limit, load)
    assert moved.tolist() == [True, False, True]
    assert load.tolist() == [2.0, 1.0]


@compiled
@given(st.integers(1, 4), st.integers(1, 6), st.booleans(), st.data())
def test_compiled_best_answers_are_those_of_numpy(rows: int, users: int, all_go: bool, data: st.DataObject) -> None:
    """The first of equals, windows that are not open, and users of whom only some go along."""

    def drawn(values: st.SearchStrategy) -> np.ndarray:
        return np.array(data.draw(st.lists(values, min_size=rows * users, max_size=rows * users))).reshape(rows, users)

    assignment = _Assignment.__new__(_Assignment)
    assignment.rows = np.arange(users)
    assignment.goal, assignment.open_to = drawn(st.integers(0, 3)), drawn(st.booleans())
    costs = drawn(st.sampled_from([1.0, 1 / 3, 2.0, 1.0 + 2.0**-50]))
    assignment.own_min = np.where(assignment.open_to, costs, np.inf)
    assignment.all_go_along = all_go
    assignment.chance = np.ones((rows, users)) if all_go else drawn(shares)
    usual = data.draw(st.lists(st.integers(0, rows - 1), min_size=users, max_size=users))
    assignment.usual = np.array(usual, dtype=np.int64)
    assignment.open_to[assignment.usual, assignment.rows] = True
    assignment.own_min = np.where(assignment.open_to, costs, np.inf)
    price = np.array(data.draw(st.lists(st.sampled_from([0.0, 1 / 3, 1.0]), min_size=4, max_size=4)))
    assignment._price_min = lambda riders: price
    riders = np.zeros(0)
    assert assignment._best(riders).tolist() == first_least(assignment._total_min(riders)).tolist()

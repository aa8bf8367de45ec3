"""People moved one after the other, each where there is room as it is then; compiled where that can be."""

from __future__ import annotations

import itertools

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import loops
from sim.population.timed_path import CellRows


def move_one_by_one(
    ridden: CellRows, ways: IntArray, people: FloatArray, limit: FloatArray, load: FloatArray
) -> BoolArray:
    """Tell which users move: those for whom no vehicle departure on the new way would be loaded beyond its limit.

    The compiled loops do the same operation by operation, and give the same bits
    (tests/unit/test_advisor_moves.py).

    Parameters
    ----------
    ridden : CellRows
        Vehicle departures on each way.
    ways : ndarray of int, shape (movers, 3)
        As without advice, as advised so far, and as wanted.
    people : ndarray of float, shape (movers, 3)
        How many a user stands for, and how many of these go along with each of the other two when they are advised it;
        the others leave as without advice.
    limit : ndarray of float, shape (cells,)
    load : ndarray of float, shape (cells,)
        Is changed as people move.

    Returns
    -------
    ndarray of bool, shape (movers,)
    """
    library = loops()
    if library is None:
        return move_in_python(ridden, ways, people, limit, load)
    moved = np.empty(len(ways), dtype=np.bool_)
    arrays = (np.ascontiguousarray(ways), np.ascontiguousarray(people), ridden.ptr, ridden.cell, ridden.share)
    library.peakshift_windows_move(len(ways), *arrays, limit, load, moved)
    return moved


def move_in_python(
    ridden: CellRows, ways: IntArray, people: FloatArray, limit: FloatArray, load: FloatArray
) -> BoolArray:
    """Tell which users move, as `move_one_by_one` does; parameters as there."""
    rows = list(zip(ridden.cell.tolist(), ridden.share.tolist(), strict=True))
    cells = [rows[start:end] for start, end in itertools.pairwise(ridden.ptr.tolist())]
    loads, limits, moved = load.tolist(), limit.tolist(), np.zeros(len(ways), dtype=np.bool_)

    def ride(way: int, by: float) -> None:
        if by:
            for cell, share in cells[way]:
                loads[cell] += share * by

    def has_room(way: int, by: float) -> bool:
        for cell, share in cells[way]:  # noqa: SIM110 - a generator takes twice as long
            if loads[cell] + share * by > limits[cell]:
                return False
        return True

    for mover, ((home, old, new), (most, went, goes)) in enumerate(zip(ways.tolist(), people.tolist(), strict=True)):
        ride(old, -went)
        ride(home, went - most)
        moved[mover] = has_room(new, goes)
        way, now = (new, goes) if moved[mover] else (old, went)
        ride(way, now)
        ride(home, most - now)
    load[:] = loads
    return moved

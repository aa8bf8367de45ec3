"""The cheapest ride of each class: a compiled loop gives the bits of its twin, and the first of equals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.advisor.optimum.demand_classes import DemandClasses
from sim.advisor.optimum.vehicles import Rides
from sim.compiled.loops import loops

RIDES = 6


def demand_of(owner, ride, cost_min, otherwise_min):
    """Return classes that may take some rides of six on one vehicle."""
    number = np.arange(RIDES)
    return DemandClasses(
        of_person=np.zeros(0, dtype=np.int64),
        count=np.ones(len(otherwise_min)),
        rides=Rides(option=number, board=number, alight=number + 1),
        owner=np.array(owner, dtype=np.int64),
        ride=np.array(ride, dtype=np.int64),
        cost_min=np.array(cost_min, dtype=np.float64),
        otherwise_min=np.array(otherwise_min, dtype=np.float64),
    )


@st.composite
def demands(draw):
    """Draw classes, some without rides, whose costs are often the same."""
    minutes = st.one_of(st.sampled_from([0.0, 1.0, 2.5]), st.floats(0.0, 90.0))
    sizes = draw(st.lists(st.integers(0, 5), min_size=1, max_size=6))
    owner = np.repeat(np.arange(len(sizes)), sizes).tolist()
    ride = draw(st.lists(st.integers(0, RIDES - 1), min_size=len(owner), max_size=len(owner)))
    cost_min = draw(st.lists(minutes, min_size=len(owner), max_size=len(owner)))
    otherwise = draw(st.lists(minutes, min_size=len(sizes), max_size=len(sizes)))
    toll_min = draw(st.lists(minutes, min_size=RIDES, max_size=RIDES))
    return demand_of(owner, ride, cost_min, otherwise), np.array(toll_min)


@given(demands())
def test_the_cheapest_ride_of_each_class(drawn):
    """Would catch: a class that is given the rides of its neighbour where one between them has none."""
    demand, toll_min = drawn
    chosen, cost_min = demand.cheapest(toll_min)
    for own, otherwise_min in enumerate(demand.otherwise_min.tolist()):
        mine = np.flatnonzero(demand.owner == own)
        total = demand.cost_min[mine] + toll_min[demand.ride[mine]]
        best = int(np.argmin(total)) if len(total) and total.min() < otherwise_min else None
        assert cost_min[own] == (otherwise_min if best is None else total[best])
        assert chosen[own] == (-1 if best is None else demand.ride[mine[best]])


@given(demands())
def test_the_compiled_loop_gives_the_bits_of_numpy(drawn):
    if loops() is None:
        pytest.skip("the compiled loops are not here")
    demand, toll_min = drawn
    if len(demand.ride):
        for compiled, by_numpy in zip(demand._least(toll_min), demand._least_by_numpy(toll_min), strict=True):
            assert compiled.tobytes() == by_numpy.tobytes()


def test_rides_spread_over_each_class_leave_out_classes_without_any():
    """The last class has no ride: none of another class is taken for it, nor one beyond the end."""
    demand = demand_of([0, 0, 0, 0, 2, 2], [0, 1, 2, 3, 0, 1], np.zeros(6), np.zeros(4))
    chosen = demand.spread(1)
    assert np.bincount(demand.owner[chosen], minlength=4).tolist() == [1, 0, 1, 0]

"""Rounds of the bound that look at some of the people, in turn."""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

from sim.advisor import ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum import foresight
from sim.advisor.optimum.bound import DayForBound, Foresight, foresight_of
from sim.advisor.optimum.foresight import LEAST_PART, MOST_PARTS
from sim.advisor.optimum.search import FIRST_FRESH, first_view
from sim.arrays import FloatArray

PEOPLE = 4 * LEAST_PART


@cache
def queue_of_many(most_parts: int = MOST_PARTS) -> Foresight:
    """Return the bound on two draws of a line that has room for half of the people when they want to travel."""
    scenario = world(
        [bus_line("L", "ABC", [600, 600], range(3600, 14_400, 300))],
        [flow("A", "C", 3600, 7000, PEOPLE // 2), flow("B", "C", 3600, 7000, PEOPLE // 2)],
        {"bus": {**INSTANT_BUS, "seats": 20, "capacity": 80}},
        advisor={"penetration": 1, "compliance": 1, "window": 900},
        service={"running_time_noise": {"distribution": "lognormal", "cv": 0.1}},
    )
    view = first_view(ReplicationWorld.create(compile_scenario(scenario), 0))
    assert view is not None
    assert view.stage is not None
    draws = [(FIRST_FRESH, 1.0), (FIRST_FRESH + 1, 1.0)]
    nobody = view.plan(np.full(len(view.users), -1))
    days = view.stage.on_draws(nobody, view.own_departure_s, draws, partial(DayForBound.of, view.stage))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foresight, "MOST_PARTS", most_parts)
        found = foresight_of(view, view.stage, days, [np.zeros(PEOPLE)] * 2)
    assert found is not None
    return found


def some_prices() -> list[FloatArray]:
    found = queue_of_many()
    assert found.bound is not None
    rng = np.random.default_rng(1)
    return [one + rng.uniform(0.0, 20.0, len(one)) for one in found.bound.alone]


def test_everybody_is_looked_at_once_in_a_turn() -> None:
    bound = queue_of_many().bound
    assert bound is not None
    assert 1 < len(bound.in_turn) <= MOST_PARTS
    looked_at = np.concatenate([part.rows for part in bound.in_turn])
    assert np.array_equal(np.sort(looked_at), np.arange(PEOPLE))


def test_parts_say_on_average_what_all_people_say() -> None:
    """Bound, direction and windows: a part stands for all in its round, and a turn is as good as a whole round.

    Would catch loads that are not counted for those who are not looked at, and people who leave at other places in
    their windows than where all are looked at.
    """
    bound, price = queue_of_many().bound, some_prices()
    assert bound is not None
    whole, parts = bound.at(price), [bound.at(price, part) for part in bound.in_turn]
    assert np.mean([part.bound_min for part in parts]) == pytest.approx(whole.bound_min)
    for draw in range(2):
        assert np.mean([part.slope[draw] for part in parts], axis=0) == pytest.approx(whole.slope[draw])
    for part in parts:
        assert np.array_equal(part.chosen, whole.chosen[part.rows])
        assert part.parts_min == pytest.approx(whole.parts_min[part.rows])


def test_the_bound_is_what_all_people_pay_at_the_last_prices() -> None:
    """Not what some of them would: a guess from a lucky part would be above what is proven."""
    found = queue_of_many()
    assert found.bound is not None
    *_, last = found.bound.rounds_of(found.start, found.reached_min, 160)
    parts_min = found.bound.highest(found.start, found.reached_min, 160)
    assert len(parts_min) == PEOPLE
    assert np.array_equal(parts_min, found.bound.at(last.price).parts_min)
    assert parts_min.sum() <= found.reached_min


def test_a_search_that_goes_astray_leaves_the_bound_where_it_began() -> None:
    """From prices that are nearly the best, three rounds with long steps lead nowhere."""
    found = queue_of_many()
    assert found.bound is not None
    *_, good = found.bound.rounds_of(found.start, found.reached_min, 160)
    began_min = found.bound.at(good.price).bound_min
    *_, last = found.bound.rounds_of(good.price, 100.0 * found.reached_min, 3)
    assert found.bound.at(last.price).bound_min < began_min
    assert found.bound.highest(good.price, 100.0 * found.reached_min, 3).sum() == pytest.approx(began_min)


def test_rounds_with_some_people_find_what_rounds_with_all_do() -> None:
    """In as many rounds, with a quarter of the people in each: a bound that is no more than 1 % lower."""
    bounds_min = []
    for found in (queue_of_many(), queue_of_many(1)):
        assert found.bound is not None
        bounds_min.append(found.bound.highest(found.start, found.reached_min, 160).sum())
        assert bounds_min[-1] > 1.1 * found.bound.at(found.bound.alone).bound_min
    assert bounds_min[0] > 0.99 * bounds_min[1]

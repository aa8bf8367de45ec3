"""What windows cost at prices of room: averages in closed form, and the compiled loop against NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_worlds import random_worlds
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import ReplicationWorld, simulate_days, strategy_by_name
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum.bound import _as_they_ran, _have_plain_ways
from sim.advisor.optimum.capacity import VehicleCapacity
from sim.advisor.optimum.cheapest_windows import CheapestWindows
from sim.advisor.optimum.foresight import travellers_of
from sim.advisor.optimum.paid_by_leaving import PaidByLeaving, least_from_here, least_up_to
from sim.advisor.optimum.priced_queues import Draw, PricedQueues
from sim.advisor.optimum.ways import plain_options, way_rides, ways_of
from sim.advisor.optimum.window_costs import Columns, PricedWindows, WindowChoices
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.compiled.loops import loops
from sim.model.scenario import Scenario
from sim.population.generalized_cost import journey_costs
from sim.records.day import DayRecords
from sim.threads import Workers

PriceOf = Callable[[VehicleCapacity, FloatArray], FloatArray]


@given(st.lists(st.lists(st.integers(-5, 5), min_size=4, max_size=4), min_size=1, max_size=5))
def test_least_from_here_is_that_of_the_rest_of_the_row(rows: list[list[int]]) -> None:
    cost = np.array(rows, dtype=float)
    least, which = least_from_here(cost)
    for row in range(len(cost)):
        for column in range(4):
            assert least[row, column] == cost[row, column:].min()
            assert which[row, column] >= column
            assert cost[row, which[row, column]] == least[row, column]


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=6, unique=True),
    st.integers(0, 400),
    st.integers(1, 300),
    st.integers(0, 2**31),
)
def test_mean_over_a_window_is_that_of_all_its_moments(ends: list[int], start: int, width: int, seed: int) -> None:
    begins_s = np.array([[-100.0, *sorted(ends)]])
    level = np.random.default_rng(seed).uniform(0.0, 50.0, (1, len(ends)))
    steps = PaidByLeaving(begins_s, level, np.zeros(level.shape, dtype=np.int64), 0.03, np.array([7.0]), 60.0)
    moments = start + (np.arange(20_000) + 0.5) * width / 20_000
    cost = steps.at(moments[None, :])
    assert steps.mean(np.array([[float(start)]]), float(width))[0, 0] == pytest.approx(cost.mean(), abs=0.02)
    joined_s = float(moments[0]) + 7.0
    step = int((begins_s[0, 1:] < joined_s).sum())
    assert cost[0, 0] == pytest.approx(60.0 if step == len(ends) else level[0, step] - 0.03 * joined_s)


def prepared(scenario: Scenario, as_it_was: bool) -> PricedWindows | None:
    """Return what windows cost on one day without advice; None where nobody has ways that the bound knows."""
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    records = next(iter(simulate_days(people, strategy_by_name("none")))).records
    found = prepared_on(people, records, records.visit_denied > 0 if as_it_was else None)
    return None if found is None else found[1]


def prepared_on(
    people: ReplicationWorld, records: DayRecords, left_behind: BoolArray | None = None
) -> tuple[IntArray, PricedWindows] | None:
    """Return whom the bound knows on a day, and what windows of ten minutes about their own moment cost them.

    Where it is told who was left behind, everybody takes the first vehicle elsewhere.
    """
    compiled, population = people.compiled, people.population
    options, service, weights = compiled.options, compiled.scenario.service, compiled.scenario.parameters.preferences
    plain = np.flatnonzero(_have_plain_ways(compiled.engine_input, service, options, population))
    if not len(plain):
        return None
    vehicles = _as_they_ran(compiled.engine_input, records)
    ways = ways_of(options, np.unique(population.journeys.option[plain]))
    room = VehicleCapacity.of(service, vehicles, weights, len(plain))
    draw = Draw.of(way_rides(service, options.legs, ways, vehicles), room, left_behind)
    own_s = population.habitual_departure_s[plain]
    start_s = 600.0 * (own_s[:, None] // 600.0 + np.arange(-2, 3))
    follows = np.random.default_rng(len(plain)).uniform(0.0, 1.0, start_s.shape)
    choices = WindowChoices(own_s, start_s, 600.0, follows > 0.2, follows)
    give_up = compiled.scenario.parameters.behaviour.patience_s is not None
    travellers = travellers_of(plain, ways, population, options)
    return plain, PricedWindows([PricedQueues(draw, ways, weights, give_up)], travellers, choices)


@pytest.mark.skipif(loops() is None, reason="the libraries were not compiled here, or Python is preferred")
@settings(max_examples=25, deadline=None)
@given(
    random_worlds(), st.integers(0, 2**31), st.sampled_from([0.0, 1.0, 300.0]), st.booleans(), st.sampled_from([1, 3])
)
def test_the_compiled_loops_give_the_bits_of_numpy(
    scenario: Scenario, seed: int, highest_min: float, as_it_was: bool, threads: int
) -> None:
    """Prices from none to such that nobody can pay, so that some ride, some wait and some are not served.

    Two draws, of which the second has the vehicles of the first, other prices, other places in windows, and no vehicle
    that takes all: would catch draws that are taken for each other, and people or draws that no thread looks at.
    """
    first = prepared(scenario, as_it_was)
    if first is None:
        return
    (one,) = first.queues
    other = PricedQueues(Draw.of(one.draw.rides, one.draw.room), one.ways, one.preferences, one.give_up)
    costs, rng = PricedWindows([one, other], first.people, first.choices), np.random.default_rng(seed)
    prices = list(rng.uniform(0.0, highest_min, (2, len(one.draw.room.kind))))
    people, windows = first.choices.start_s.shape
    between = np.sort(rng.integers(0, windows + 1, (2, people)), axis=0)
    some = Columns(np.asarray(rng.integers(0, 2, people) > 0), *between)
    with Workers(threads) as workers:
        for columns in (Columns.every(people, windows), some):
            cost_min, cheapest = costs.costs(prices, workers, columns)
            assert np.array_equal(cost_min, costs.costs_by_numpy(prices, columns))
            assert np.array_equal(cheapest, cost_min.argmin(axis=1))
        chosen = rng.integers(0, cost_min.shape[1], len(cost_min))
        assert np.array_equal(costs.loads(prices, chosen, workers), costs.loads_by_numpy(prices, chosen))


@settings(max_examples=25, deadline=None)
@given(
    random_worlds(),
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 1.0, 30.0, 1e4]), st.integers(0, 2**31)), min_size=1, max_size=4),
    st.booleans(),
)
def test_what_is_cheapest_among_few_is_cheapest_of_all(
    scenario: Scenario, rounds: list[tuple[float, int]], as_it_was: bool
) -> None:
    """To the bit, at one set of prices after the other, which rise and fall.

    Would catch a window that is left out though it becomes the cheapest, and costs that hang on what else is looked at.
    """
    found = prepared(scenario, as_it_was)
    if found is None:
        return
    room = found.queues[0].draw.room
    few = CheapestWindows(found, [room.empty_price()])
    with Workers(1) as workers:
        for highest_min, seed in rounds:
            more = np.random.default_rng(seed).uniform(0.0, highest_min, len(room.kind))
            price = [room.empty_price() + more]
            cost_min, chosen = found.costs(price, workers)
            least_min, cheapest = few.at(price, workers)
            assert np.array_equal(cheapest, chosen)
            assert np.array_equal(least_min, cost_min.min(axis=1))


def test_few_windows_are_looked_at() -> None:
    """Where windows differ by more than prices do: all of them once, and then those that may be the cheapest."""
    found = prepared(changing(8100.0), True)
    assert found is not None
    alone, asked, costs = found.queues[0].draw.room.empty_price(), [], found.costs

    def noted(price: list[FloatArray], workers: Workers, columns: Columns | None = None) -> tuple[FloatArray, IntArray]:
        asked.append(columns)
        return costs(price, workers, columns)

    with Workers(1) as workers, pytest.MonkeyPatch.context() as patch:
        patch.setattr(PricedWindows, "costs", lambda _, *given: noted(*given))
        CheapestWindows(found, [alone]).at([alone + 0.001], workers)
    every, *few = asked
    assert every is None
    assert few
    assert all(some is not None and some.held(5).sum() < 0.5 * some.held(5).size for some in few)


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=5))
def test_columns_around_some_hold_these_and_all_between(rows: list[list[bool]]) -> None:
    found = np.array(rows)
    held = Columns.around(found).held(3)
    for wanted, has in zip(found.tolist(), held.tolist(), strict=True):
        places = [place for place in (1, 2, 3) if wanted[place]]
        between = range(min(places), max(places) + 1) if places else range(0)
        assert has == [wanted[0], *(place in between for place in (1, 2, 3))]


@given(
    st.lists(st.lists(st.integers(-5, 5), min_size=4, max_size=4), min_size=1, max_size=5),
    st.lists(st.booleans(), min_size=4, max_size=4),
)
def test_nobody_waits_beyond_a_ride_that_takes_all(rows: list[list[int]], last: list[bool]) -> None:
    """The least of each ride and those after it, up to the first that everybody takes, that one included."""
    cost, is_last = np.array(rows, dtype=float), np.array(last)
    least, which = least_up_to(cost, is_last)
    for column in range(4):
        end = next((place for place in range(column, 4) if is_last[place]), 3)
        assert np.array_equal(least[:, column], cost[:, column : end + 1].min(axis=1))
        assert ((which[:, column] >= column) & (which[:, column] <= end)).all()
        assert np.array_equal(cost[np.arange(len(cost)), which[:, column]], least[:, column])


@pytest.mark.parametrize("takes_all", [False, True])
def test_whoever_cannot_pay_rides_where_the_vehicle_takes_all(takes_all: bool) -> None:
    """However dear room is, people are not left behind by a vehicle that left nobody behind: they pay its price."""
    scenario = changing(8100.0)
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    records = next(iter(simulate_days(people, strategy_by_name("none")))).records
    assert not records.visit_denied.any()
    found = prepared_on(people, records, records.visit_denied > 0 if takes_all else None)
    assert found is not None
    with Workers(1) as workers:
        own_min = found[1].costs([np.full(len(records.visit_load), 1e6)], workers)[0][:, 0]
    assert (own_min >= 1e6).all() if takes_all else (own_min < 1e6).all()


def paid_and_bound(scenario: Scenario, price_of: PriceOf) -> tuple[FloatArray, FloatArray, float]:
    """Return what people paid on a day, what they pay by the bound who left when they did, and the worth of room."""
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    records = next(iter(simulate_days(people, strategy_by_name("none")))).records
    compiled, weights = people.compiled, scenario.parameters.preferences
    paid_min = journey_costs(compiled.scenario.service, weights, people.population, records).generalized_cost_min
    found = prepared_on(people, records)
    if found is None:
        return np.zeros(0), np.zeros(0), 0.0
    plain, costs = found
    room, least_min = costs.queues[0].draw.room, np.zeros(len(plain))
    price = price_of(room, records.visit_load.astype(np.float64))
    for option, rows in costs._members():
        leave_s = records.departure_s[plain][rows][:, None]
        least_min[rows] = costs.by_leaving(price, option, rows).at(leave_s)[:, 0]
    return paid_min[plain], least_min, float(room.least(price)[0].sum())


def alone(room: VehicleCapacity, load: FloatArray) -> FloatArray:
    return np.asarray(room.price(np.zeros(len(load))))


def marginal(room: VehicleCapacity, load: FloatArray) -> FloatArray:
    return room.price(load)


@pytest.mark.parametrize("routing", ["frequency", "strategy", "timetable"])
@settings(max_examples=20, deadline=None)
@given(st.data())
def test_no_day_costs_less_than_its_people_pay_at_any_prices(routing: str, data: st.DataObject) -> None:
    """The first step of the proof, exactly: people who left when they did, on the vehicles that they met.

    Would catch a ride, a wait, a walk or a transfer that the bound counts and people do not pay, and a way that they
    went and that it does not know.
    """
    scenario = data.draw(random_worlds(journeys={"routing": routing, "transfer_walk": 60}))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**31)))

    highest_min = data.draw(st.sampled_from([0.0, 1.0, 30.0]))

    def price_of(room: VehicleCapacity, load: FloatArray) -> FloatArray:
        return np.asarray(room.price(load) + highest_min * rng.uniform(0.0, 1.0, len(room.kind)))

    for prices in (price_of, alone):
        paid_min, least_min, worth_min = paid_and_bound(scenario, prices)
        assert least_min.sum() + worth_min <= paid_min.sum() + 1e-6


def changing(last_s: float, first: range = range(3600, 7300, 900), **more: Any) -> Scenario:
    """People who change from one line to another, whose last vehicle leaves then, with room for all.

    Whoever comes at 5100 s and walks for a minute is just in time for a vehicle.
    """
    lines = [
        bus_line("first", "AB", [600], first),
        bus_line("second", "BD", [900], [time for time in (4500, 5160, 6900, 8100) if time <= last_s]),
    ]
    preferences = {"crowding": {"kind": "none"}, "wait_weight": 2.0, "walk_weight": 3.0, "transfer_penalty": 240}
    return world(
        lines,
        [flow("A", "D", 3000, 7000, 40, preferred_arrival=7000)],
        {"bus": {**INSTANT_BUS, "capacity": 60}},
        preferences=preferences,
        journeys={"transfer_walk": 60},
        **more,
    )


def test_whoever_changes_with_room_for_all_pays_what_the_bound_says() -> None:
    """To the digit: ride, wait, walk, transfer and being early or late of each who arrives."""
    paid_min, least_min, worth_min = paid_and_bound(changing(8100.0), alone)
    assert worth_min == 0.0
    assert len(paid_min) == 40
    assert least_min == pytest.approx(paid_min)


@pytest.mark.parametrize("patience", [None, 600])
def test_whoever_misses_the_last_connection_has_waited_for_it_and_pays_the_penalty(patience: int | None) -> None:
    """Those who come too late to change pay no transfer. Of people who lose patience the bound counts no wait."""
    scenario = changing(5700.0, behaviour={"patience": patience})
    paid_min, least_min, _ = paid_and_bound(scenario, alone)
    stranded = paid_min >= scenario.parameters.preferences.unserved_penalty_s / 60.0
    assert 0 < stranded.sum() < 40
    assert least_min[~stranded] == pytest.approx(paid_min[~stranded])
    assert (least_min <= paid_min + 1e-9).all()
    if patience is None:
        assert (least_min[stranded] >= scenario.parameters.preferences.unserved_penalty_s / 60.0).all()


def test_whoever_finds_no_room_where_they_change_has_waited_for_the_last_vehicle() -> None:
    """With room on the second line that nobody can pay for: the first ride, the walk, all waits and the penalty.

    From leaving to the last vehicle at 8100 s they wait all the time but for ten minutes on board and one on foot.
    """
    scenario = changing(8100.0, range(3600, 10_000, 900))
    of_second = scenario.service.trip_pattern[scenario.service.visit_trip] == 1

    def dear_on_the_second(room: VehicleCapacity, load: FloatArray) -> FloatArray:
        return alone(room, load) + np.where(of_second, 1e9, 0.0)

    leave_s = ReplicationWorld.create(compile_scenario(scenario), 0).population.habitual_departure_s
    _, least_min, _ = paid_and_bound(scenario, dear_on_the_second)
    assert least_min == pytest.approx(120.0 + 10.0 + 3.0 + 2.0 * (8100.0 - leave_s - 660.0) / 60.0)


def test_a_vehicle_that_is_under_way_when_the_day_ends_takes_nobody_to_the_end() -> None:
    """Whoever is in it has waited until it came, and not for the vehicle after it that is faster."""
    scenario = world(
        [bus_line("slow", "AC", [220], range(3000, 4500, 300)), bus_line("fast", "AC", [100], range(3050, 4500, 300))],
        [flow("A", "C", 3000, 3500, 10)],
        horizon={"end": 4400},
    )
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    records = next(iter(simulate_days(people, strategy_by_name("none")))).records
    found = prepared_on(people, records)
    assert found is not None
    rides = found[1].queues[0].draw.rides
    assert rides.until_s.max() == 4250.0
    assert rides.gone_s.tolist() == [4200.0]


def test_a_line_is_boarded_in_its_hours_alone() -> None:
    """Where service differs by the hour, a leg names the vehicles that are boarded; others are no rides."""
    hour_s = 3600.0
    evening = np.arange(16 * hour_s, 20 * hour_s + 1, 300.0).tolist()
    all_day = np.arange(6 * hour_s, 23 * hour_s, 600.0).tolist()
    scenario = world(
        [bus_line("slow", "AxyB", [600, 900, 900], all_day), bus_line("express", "AB", [700], evening)],
        [flow("A", "B", 8 * hour_s, 9 * hour_s, 20), flow("A", "B", 17 * hour_s, 18 * hour_s, 20)],
        {"bus": {**INSTANT_BUS, "seats": 500, "capacity": 500}},
        preferences={"crowding": {"kind": "none"}},
    )
    paid_min, least_min, _ = paid_and_bound(scenario, alone)
    assert least_min == pytest.approx(paid_min)
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    records = next(iter(simulate_days(people, strategy_by_name("none")))).records
    found = prepared_on(people, records)
    assert found is not None
    rides, legs = found[1].queues[0].draw.rides, people.compiled.options.legs
    trip = people.compiled.scenario.service.visit_trip[rides.board]
    slow = rides.comes_s[np.isin(trip, np.flatnonzero(people.compiled.scenario.service.trip_pattern == 0))]
    assert np.isfinite(legs.until_s).any()
    assert not ((slow > 17 * hour_s) & (slow < 19 * hour_s)).any()


def test_whoever_stays_on_board_as_the_vehicle_goes_on_as_another_trip_has_no_plain_way() -> None:
    """From A to C one vehicle is boarded, and left at no stop of its trip; from A to B it is a ride like any other."""
    scenario = world(
        [bus_line("L", "AB", [600], [3600]), bus_line("M", "BC", [600], [4200])],
        [flow("A", "C", 3000, 3500, 10), flow("A", "B", 3000, 3500, 10)],
        service={"through_services": "blocks", "blocks": "chain"},
    )
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    service, options = people.compiled.scenario.service, people.compiled.options
    plain = plain_options(service, options, reconsiders=False)[people.population.journeys.option]
    to_b = people.population.destination == people.compiled.scenario.network.stop_index["B"]
    assert np.array_equal(plain, to_b)
    assert 0 < to_b.sum() < len(to_b)


def test_strategies_lead_through_the_queues_of_all_their_lines() -> None:
    """A shipped scenario whose service differs by the hour: people there board whichever of several lines comes first.

    They pay what the bound says but for what they cost others, for queues, and for a line that would have been better
    than the one that came first.
    """
    scenario = sim.load_scenario("olympic_surge", overrides={"replications": 1, "days": 1})
    paid_min, least_min, worth_min = paid_and_bound(scenario, marginal)
    assert len(paid_min) > 20_000
    assert 0.5 * paid_min.sum() < least_min.sum() + worth_min <= paid_min.sum() + 1e-6

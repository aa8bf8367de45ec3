"""Drawing the commuters: how many, when they leave by habit, when they want to be there, what they could accept."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from support.worlds import bus_line, flow, world

from sim.arrays import FloatArray
from sim.population.commuters import Population, draw_population
from sim.population.route_choice import logit_shares
from sim.randomness import Streams
from sim.routing import find_options

LINE = bus_line("L", "ABC", [60, 120], range(0, 40000, 600))


def drawn(flows: list[dict[str, Any]], replication: int = 0, seed: int = 1, **sections: Any) -> Population:
    scenario = world(sections.pop("lines", [LINE]), flows, **sections)
    return draw_population(scenario, find_options(scenario), Streams(seed, replication))


# --- even placement ---------------------------------------------------------------------------------------


def test_even_placement_puts_the_kth_at_k_less_a_half() -> None:
    population = drawn([flow("A", "B", 1000, 2000, 4, "even")])
    assert population.habitual_departure_s.tolist() == [1125, 1375, 1625, 1875]


@st.composite
def curves(draw: st.DrawFn) -> list[tuple[float, float, float]]:
    """Stretches (start, end, commuters) in order of time, some with gaps between them, some empty."""
    pieces, time_s = [], 0.0
    for _ in range(draw(st.integers(1, 6))):
        start_s = time_s + draw(st.sampled_from([0.0, 0.0, 250.0]))
        time_s = start_s + draw(st.sampled_from([100.0, 900.0, 3600.0]))
        pieces.append((start_s, time_s, draw(st.sampled_from([0.0, 0.2, 0.5, 1.0, 2.75, 7.0, 30.1]))))
    return pieces


@given(curves())
def test_even_placement_inverts_the_cumulative_curve(pieces: list[tuple[float, float, float]]) -> None:
    given_pieces = [{"start": start, "end": end, "commuters": commuters} for start, end, commuters in pieces]
    many = {"origin": "A", "destination": "B", "placement": "even", "pieces": given_pieces}
    population = drawn([many, flow("A", "C", 0, 100, 1)])
    mine = np.sort(population.habitual_departure_s[population.destination == 1])
    counts = np.array([commuters for _, _, commuters in pieces])
    total = counts.sum()
    assert len(mine) == np.floor(total + 0.5 + 1e-9)
    after = np.cumsum(counts)
    for number, departure_s in enumerate(mine):
        aim = number + 0.5
        piece = int(np.searchsorted(after, aim - 1e-7))
        start, end, commuters = pieces[piece]
        expected = start + (aim - (after[piece] - commuters)) / commuters * (end - start)
        assert departure_s == pytest.approx(min(expected, end), abs=1e-3)


def test_even_placement_is_the_same_in_every_replication() -> None:
    flows = [flow("A", "B", 1000, 2000, 7, "even")]
    assert drawn(flows, 0).habitual_departure_s.tolist() == drawn(flows, 5).habitual_departure_s.tolist()


# --- random and Poisson -----------------------------------------------------------------------------------


@given(st.integers(0, 40), st.integers(0, 50))
def test_random_placement_keeps_whole_counts(commuters: int, replication: int) -> None:
    population = drawn([flow("A", "B", 1000, 2000, commuters), flow("A", "C", 0, 100, 1)], replication)
    mine = population.habitual_departure_s[population.destination == 1]
    assert len(mine) == commuters
    assert ((mine >= 1000) & (mine < 2000)).all()


def test_random_placement_is_uniform_over_the_stretch() -> None:
    departure_s = drawn([flow("A", "B", 1000, 2000, 20_000)]).habitual_departure_s
    assert stats.kstest((departure_s - 1000) / 1000, "uniform").pvalue > 0.001


def counts(placement: str, commuters: float, replications: int) -> FloatArray:
    scenario = world([LINE], [flow("A", "B", 0, 1000, commuters, placement)])
    options = find_options(scenario)
    return np.array(
        [len(draw_population(scenario, options, Streams(1, number))) for number in range(replications)],
        dtype=np.float64,
    )


def test_fraction_of_a_commuter_travels_in_that_share_of_replications() -> None:
    seen = counts("random", 3.3, 1000)
    assert set(seen.tolist()) == {3.0, 4.0}
    assert (seen == 4).mean() == pytest.approx(0.3, abs=4 * np.sqrt(0.3 * 0.7 / 1000))


def test_poisson_counts_have_equal_mean_and_variance() -> None:
    seen = counts("poisson", 12.5, 1000)
    assert seen.mean() == pytest.approx(12.5, abs=4 * np.sqrt(12.5 / 1000))
    assert seen.var() == pytest.approx(12.5, rel=4 * np.sqrt(2 / 1000))


def test_poisson_arrivals_come_at_random() -> None:
    """Gaps between arrivals at a rate of 10 in 1000 s are exponential with a mean of 100 s."""
    departure_s = np.sort(drawn([flow("A", "B", 0, 500_000, 5000, "poisson")]).habitual_departure_s)
    assert stats.kstest(np.diff(departure_s), stats.expon(scale=100).cdf).pvalue > 0.001


def test_nobody_wants_to_travel() -> None:
    assert len(drawn([])) == 0
    assert len(drawn([flow("A", "B", 0, 100, 0)])) == 0


def test_flow_at_one_instant() -> None:
    for placement in ("even", "random"):
        assert drawn([flow("A", "B", 500, 500, 3, placement)]).habitual_departure_s.tolist() == [500, 500, 500]


# --- wishes -----------------------------------------------------------------------------------------------


def test_preferred_arrival_is_that_given() -> None:
    population = drawn([flow("A", "B", 0, 100, 5, preferred_arrival=1234)])
    assert population.preferred_arrival_s.tolist() == [1234] * 5


def test_preferred_arrival_is_derived_from_the_free_journey() -> None:
    """Leave + 60 s + 120 s of ride + 400 s of slack, give or take 200 s."""
    wishes = {"preferred_arrival_slack": 400, "preferred_arrival_spread": 200}
    population = drawn([flow("A", "C", 0, 1000, 5000)], population=wishes)
    beyond = population.preferred_arrival_s - population.habitual_departure_s - 580
    assert stats.kstest(beyond / 400 + 0.5, "uniform").pvalue > 0.001
    assert abs(beyond).max() <= 200
    none = drawn([flow("A", "C", 0, 1000, 50)], population={**wishes, "preferred_arrival_spread": 0})
    assert (none.preferred_arrival_s - none.habitual_departure_s).tolist() == pytest.approx([580] * 50, abs=1e-5)


def test_free_journey_counts_walks_and_all_rides() -> None:
    lines = [bus_line("L", "AB", [60], [0, 600]), bus_line("M", "BC", [120], [0, 600])]
    population = drawn(
        [flow("A", "C", 0, 100, 3)],
        lines=lines,
        journeys={"transfer_walk": 30},
        population={"preferred_arrival_slack": 0, "preferred_arrival_spread": 0},
    )
    assert (population.preferred_arrival_s - population.habitual_departure_s).tolist() == pytest.approx([210] * 3)


def test_flexibility_bounds_departures() -> None:
    wishes = {"earlier_flexibility": 700, "later_flexibility": 1100}
    population = drawn([flow("A", "B", 0, 5000, 200)], population=wishes)
    habit = population.habitual_departure_s
    assert population.earliest_departure_s.tolist() == np.maximum(habit - 700, 0).tolist()
    assert population.latest_departure_s.tolist() == (habit + 1100).tolist()


def test_nobody_is_asked_to_leave_before_the_horizon_starts() -> None:
    population = drawn([flow("A", "B", 3600, 5000, 200)], horizon={"start": 3600})
    assert population.earliest_departure_s.min() >= 3600


# --- numbers stay with people -----------------------------------------------------------------------------

some_flows = st.lists(
    st.tuples(
        st.sampled_from(["AB", "AC", "BC"]),
        st.sampled_from([0, 600, 1200]),
        st.sampled_from([1, 3, 2.5, 8]),
        st.sampled_from(["random", "poisson", "even"]),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda row: row[:2],
)


def as_flows(rows: list[tuple[str, int, float, str]]) -> list[dict[str, Any]]:
    return [
        flow(pair[0], pair[1], start, start + 500, commuters, placement) for pair, start, commuters, placement in rows
    ]


def people(population: Population, pair: str, start_s: int) -> list[tuple[float, float, int]]:
    origin, destination = ("ABC".index(letter) for letter in pair)
    departure = population.habitual_departure_s
    mine = (population.origin == origin) & (population.destination == destination)
    mine &= (departure >= start_s) & (departure < start_s + 500)
    columns = (departure[mine], population.preferred_arrival_s[mine], population.key[mine])
    return list(zip(*(column.tolist() for column in columns), strict=True))


@given(some_flows, some_flows, st.integers(0, 20))
def test_people_stay_the_same_when_flows_are_added(
    rows: list[tuple[str, int, float, str]], more: list[tuple[str, int, float, str]], replication: int
) -> None:
    known = {row[:2] for row in rows}
    added = [row for row in more if row[:2] not in known]
    alone = drawn(as_flows(rows), replication)
    together = drawn(as_flows(added[::2] + rows + added[1::2]), replication)
    for pair, start_s, _, _ in rows:
        assert people(together, pair, start_s) == people(alone, pair, start_s)


def test_people_stay_the_same_when_commuters_are_added_to_their_flow() -> None:
    few, many = (drawn([flow("A", "B", 0, 1000, number)]) for number in (10, 25))
    assert many.habitual_departure_s[:10].tolist() == few.habitual_departure_s.tolist()
    assert many.preferred_arrival_s[:10].tolist() == few.preferred_arrival_s.tolist()


def test_people_stay_the_same_when_stops_are_added() -> None:
    flows = [flow("A", "B", 0, 1000, 10), flow("A", "C", 0, 1000, 5, "poisson")]
    extra = bus_line("a_long_name", ["first", "another"], [30], [100, 200])
    alone, together = drawn(flows), drawn(flows, lines=[extra, LINE])
    assert together.origin.tolist() != alone.origin.tolist()
    assert together.key.tolist() == alone.key.tolist()
    assert together.habitual_departure_s.tolist() == alone.habitual_departure_s.tolist()


def test_replications_and_seeds_draw_other_people() -> None:
    flows = [flow("A", "B", 0, 1000, 50)]
    first = drawn(flows).habitual_departure_s
    for other in (drawn(flows, replication=1), drawn(flows, seed=2)):
        assert (first != other.habitual_departure_s).all()


def test_everybody_has_a_key_of_his_own() -> None:
    twice = flow("A", "B", 0, 1000, 500)
    population = drawn([twice, twice, flow("A", "C", 0, 1000, 500), flow("A", "B", 1000, 2000, 500)])
    assert len(np.unique(population.key)) == len(population) == 2000


# --- choice of journey ------------------------------------------------------------------------------------

TWO_WAYS = [
    bus_line("D", "AC", [1200], range(0, 6000, 600)),
    bus_line("L", "AB", [60], range(0, 6000, 600)),
    bus_line("M", "BC", [60], range(0, 6000, 600)),
]


def test_deterministic_choice_takes_the_cheapest_option() -> None:
    scenario = world(TWO_WAYS, [flow("A", "C", 0, 1000, 20)])
    options = find_options(scenario)
    assert len(options.cost_min) == 2
    population = draw_population(scenario, options, Streams(1, 0))
    assert set(population.journeys.option.tolist()) == {int(options.cost_min.argmin())}


@pytest.mark.parametrize("scale", [0.05, 0.5])
def test_logit_choice_has_the_shares_of_its_formula(scale: float) -> None:
    commuters = 5000
    scenario = world(TWO_WAYS, [flow("A", "C", 0, 1000, commuters)], journeys={"choice": "logit", "logit_scale": scale})
    options = find_options(scenario)
    population = draw_population(scenario, options, Streams(1, 0))
    weight = np.exp(-scale * (options.cost_min - options.cost_min.min()))
    expected = weight / weight.sum()
    seen = np.bincount(population.journeys.option, minlength=2) / commuters
    assert seen == pytest.approx(expected, abs=4 * np.sqrt(expected.prod() / commuters))


@given(st.lists(st.one_of(st.floats(0, 500), st.just(np.inf)), min_size=1, max_size=6), st.floats(0.01, 5))
def test_logit_shares_sum_to_one_and_fall_with_cost(costs: list[float], scale: float) -> None:
    shares = logit_shares(np.array(costs), scale)
    if not np.isfinite(costs).any():
        assert shares.tolist() == [0.0] * len(costs)
        return
    assert shares.sum() == pytest.approx(1)
    assert (shares[np.isinf(costs)] == 0).all()
    order = np.argsort(costs)
    assert all(before >= after for before, after in pairwise(shares[order].tolist()))


def test_who_has_no_journey_has_no_legs() -> None:
    population = drawn([flow("C", "A", 0, 1000, 5), flow("A", "C", 0, 1000, 5)])
    journeys = population.journeys
    legs = np.diff(journeys.leg_ptr)
    assert legs[population.origin == 2].tolist() == [0] * 5
    assert legs[population.origin == 0].tolist() == [1] * 5
    assert set(journeys.option[population.origin == 2].tolist()) == {-1}

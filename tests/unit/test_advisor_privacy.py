"""Counts with noise: the law, the bound on one commuter's part, the budget, and what is not given away."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from support.strategies import facts

import sim
from sim.advisor import strategy_by_name
from sim.advisor.loop import ReplicationWorld, compile_scenario, simulate_days
from sim.advisor.privacy import (
    BOARDED,
    JOINED,
    LOAD,
    Ledger,
    _Released,
    bounded_counts,
    gaussian_sigma,
    noise,
    observe_privately,
    vehicles_with_counters,
)
from sim.experiments.manifest_notes import advice_notes
from sim.model.parameters import AdvisorParameters, ForecastParameters
from sim.model.parameters.privacy import PrivacyParameters
from sim.population.met_waiting import table_of
from sim.population.variates import ChoiceVariates
from sim.randomness import Streams, entity_keys

SCENARIO = """\
name: private
replications: 2
days: 4
baselines: [habit]
network:
  lines:
    - id: A
      stops: [a, b, c, d]
      running_times: [4 min, 6 min, 3 min]
      vehicle: bus
      headway: {mean: 10 min, first: "06:00", trips: 30}
service:
  vehicles:
    bus: {seats: 15, capacity: 30}
demand:
  flows:
    - {origin: a, destination: d, pieces: [{start: "07:00", end: "09:00", commuters: 260}]}
    - {origin: b, destination: c, pieces: [{start: "07:00", end: "09:00", commuters: 120}]}
advisor: {penetration: 1, compliance: 1, strategy: coordinated}
"""


def seen_by(world):
    return world.compiled.scenario.service, world.compiled.points


CELLS = entity_keys(np.arange(105)).reshape(3, 5, 7)


def chance(day):
    return ChoiceVariates(Streams(1, 0), np.zeros(0, dtype=np.uint64), day)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("private") / "private.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def day(file):
    world = ReplicationWorld.create(compile_scenario(sim.load_scenario(file)), 0)
    return world, next(simulate_days(world, strategy_by_name("none")))


def counts_of(day, most=1000, without=None):
    world, result = day
    records = result.records
    if without is not None:
        hidden = np.where(records.ride_commuter == without, -1, records.ride_board_visit)
        records = replace(records, ride_board_visit=hidden)
    service = world.compiled.scenario.service
    every = np.ones(len(service.trip_id), dtype=np.bool_)
    return bounded_counts(service, world.compiled.points, records, every, most)


def test_unbounded_counts_are_what_is_observed(day):
    _, result = day
    counts, seen = counts_of(day), result.observation
    assert np.array_equal(counts[LOAD], seen.load)
    assert np.array_equal(counts[BOARDED], seen.boarded)
    assert np.array_equal(counts[JOINED], seen.joined)


def test_a_rider_put_out_where_they_boarded_is_on_board_of_no_departure(day):
    """The first vehicle of the day breaks down at its first stop: one boarded there and got no further."""
    world, result = day
    first = np.arange(len(result.records.ride_board_visit)) == 0

    def counts(board, alight):
        seen = {"ride_board_visit": board, "ride_alight_visit": alight}
        changed = {name: np.where(first, visit, getattr(result.records, name)) for name, visit in seen.items()}
        return counts_of((world, replace(result, records=replace(result.records, **changed))))

    waits, put_out = counts(-1, -1), counts(0, 0)
    assert np.array_equal(put_out[LOAD], waits[LOAD])
    assert put_out[BOARDED].sum() == waits[BOARDED].sum() + 1


@pytest.mark.parametrize("most", [1, 2, 4, 25])
def test_one_commuter_changes_no_more_than_the_bound(day, most):
    everybody = counts_of(day, most)
    changes = np.array([np.abs(everybody - counts_of(day, most, without=who)) for who in range(0, 380, 19)])
    assert changes.reshape(len(changes), -1).sum(axis=1).max() == min(most, 5)  # 3 departures, 1 boarding, 1 joining
    assert changes.max() <= 1.0


def test_discrete_laplace_has_its_law_and_meets_the_budget():
    privacy = PrivacyParameters(mechanism="discrete_laplace", epsilon=0.5, most_counts=4)
    drawn = noise(privacy, entity_keys(np.arange(200_000)), chance(0))
    assert np.array_equal(drawn, np.round(drawn))
    law = stats.dlaplace(0.5 / 4)
    assert drawn.std() == pytest.approx(law.std(), rel=0.02)
    assert abs(drawn.mean()) < 4 * law.std() / math.sqrt(len(drawn))
    # four counts that differ by one each: the chance of any outcome changes by exp(epsilon) at most
    steps = law.logpmf(np.arange(-50, 50)) - law.logpmf(np.arange(-49, 51))
    assert 4 * np.abs(steps).max() == pytest.approx(0.5)


def test_noise_is_drawn_anew_each_day_and_is_the_same_again():
    privacy = PrivacyParameters(mechanism="gaussian")
    first, again, other = (noise(privacy, CELLS, chance(day)) for day in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not noise(PrivacyParameters(), CELLS, chance(0)).any()


@pytest.mark.parametrize(("epsilon", "delta"), [(0.1, 1e-5), (1.0, 1e-6), (5.0, 1e-9)])
def test_gaussian_noise_is_exactly_enough(epsilon, delta):
    sigma = gaussian_sigma(epsilon, delta, 2.0)

    def spent(s):  # privacy loss of two normal laws 2 apart, by its definition as an integral
        loss = stats.norm(2.0**2 / (2 * s**2), 2.0 / s)
        x = np.linspace(epsilon, epsilon + 60 * 2.0 / s, 400_001)
        return np.trapezoid((1 - np.exp(epsilon - x)) * loss.pdf(x), x)

    assert spent(sigma) == pytest.approx(delta, rel=1e-3)
    assert spent(0.9 * sigma) > delta
    assert gaussian_sigma(epsilon, delta, 4.0) == pytest.approx(2 * sigma)


def test_the_budget_of_all_days_is_kept():
    ledger = Ledger(PrivacyParameters(mechanism="gaussian", epsilon=0.3, total_epsilon=1.0))
    assert [ledger.spend() for _ in range(5)] == [True, True, True, False, False]
    assert ledger.spent == pytest.approx(0.9)
    assert ledger.releases == 3
    free = Ledger(PrivacyParameters(epsilon=0.3, total_epsilon=1.0))
    assert all(free.spend() for _ in range(9))
    assert free.spent == 0.0
    exact = Ledger(PrivacyParameters(mechanism="gaussian", epsilon=0.1, total_epsilon=0.3))
    assert [exact.spend() for _ in range(4)] == [True, True, True, False]


def test_a_spent_budget_shows_no_further_day(file):
    overrides = ["advisor.forecast.privacy.mechanism=gaussian", "advisor.forecast.privacy.total_epsilon=2"]
    world = ReplicationWorld.create(compile_scenario(sim.load_scenario(file, overrides)), 0)
    seen = []

    class Looks:
        name = "looks"

        def advise(self, view):
            seen.append(view.observations)
            return strategy_by_name("none").advise(view)

    list(simulate_days(world, Looks()))
    last = seen[-1]
    assert not np.array_equal(last[0].load, last[1].load)
    assert last[1] is last[2]


def seen_of(day, **privacy):
    world, result = day
    parameters = ForecastParameters(privacy=PrivacyParameters(**privacy))
    compiled = world.compiled
    return observe_privately(
        compiled.scenario.service, compiled.points, result.records, parameters, world.lasting, world.choices_of(0)
    )


def test_without_noise_the_view_is_near_to_what_happened(day):
    seen, truth = seen_of(day, most_counts=1000), day[1].observation
    assert np.array_equal(seen.load, truth.load)
    assert np.array_equal(seen.capacity, truth.capacity)
    uncrowded = truth.queue_s == 0
    apart_s = np.abs(seen.wait_s - truth.wait_s)[uncrowded & (truth.lost_share == 0)]
    # counts by period cannot tell when in a period people came, so that a queue is known to some minutes
    assert apart_s.mean() < 10.0
    assert apart_s.max() < 180.0
    assert np.median(apart_s) < 0.5


def test_where_no_vehicle_leaves_noise_puts_nobody(day):
    seen = seen_of(day, mechanism="gaussian")
    nothing_leaves = seen.capacity == 0
    assert nothing_leaves.any()
    assert (seen.load[nothing_leaves] == 0).all()
    assert (seen.boarded[nothing_leaves] == 0).all()
    assert (seen.load[~nothing_leaves] > 0).any()


def test_a_queue_makes_people_wait_longer_and_leaves_some_behind():
    vehicles = SimpleNamespace(wait_s=lambda group, period: np.array([100.0, 200.0]))
    more_s = np.array([[0.0], [0.5]])
    released = _Released(vehicles, point=np.array([0, 1]), more_s=more_s, clears_s=2 * more_s)
    group, period = np.array([0, 1]), np.array([0, 0])
    assert released.wait_s(group, period).tolist() == [100.0, 200.5]
    assert released.denied_share(group, period).tolist() == [0.0, 1.0]
    assert released.queue_s(group, period).tolist() == [0.0, 1.0]


def test_nothing_but_counts_comes_from_people(day):
    """Two days with the same vehicles and the same noisy counts look the same, queues included."""
    world, result = day
    nobody = replace(
        result.records,
        ride_board_visit=np.full_like(result.records.ride_board_visit, -1),
        visit_denied=result.records.visit_denied + 7,
        visit_load=result.records.visit_load + 3,
    )
    quiet = replace(result.records, ride_board_visit=nobody.ride_board_visit)
    compiled, parameters = world.compiled, ForecastParameters(privacy=PrivacyParameters(mechanism="gaussian"))
    one, other = (
        observe_privately(
            compiled.scenario.service, compiled.points, records, parameters, world.lasting, world.choices_of(0)
        )
        for records in (nobody, quiet)
    )
    for name in ("load", "joined", "boarded", "wait_s", "denied_share", "queue_s", "lost_share"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    boards_s = [table_of(seen.met.board_s, *seen.load.shape) for seen in (one, other)]
    assert np.array_equal(*boards_s)


def test_small_cells_are_hidden(day):
    seen = seen_of(day, most_counts=1000, minimum_cell=10)
    assert ((seen.load == 0) | (seen.load >= 10)).all()
    assert (seen_of(day, most_counts=1000).load % 10 > 0).any()


def test_coverage_counts_in_some_vehicles_and_scales_up(day):
    world, result = day
    compiled = world.compiled
    half = ForecastParameters(coverage_share=0.5)
    counted = vehicles_with_counters(compiled.scenario.service, half, world.lasting)
    assert 0 < counted.sum() < len(counted)
    assert np.array_equal(counted, vehicles_with_counters(compiled.scenario.service, half, world.lasting))
    seen = observe_privately(
        compiled.scenario.service, compiled.points, result.records, half, world.lasting, world.choices_of(0)
    )
    truth = result.observation
    assert not np.array_equal(seen.load, truth.load)
    assert seen.load.sum() == pytest.approx(truth.load.sum(), rel=0.4)
    assert np.array_equal(seen.capacity, truth.capacity)


@pytest.mark.long
def test_noise_costs_and_open_data_does_not(file):
    noisy = ["advisor.forecast.privacy.mechanism=discrete_laplace", "advisor.forecast.privacy.epsilon=0.05"]
    names = ("none", "coordinated", "coordinated_open")
    private = sim.compare(sim.load_scenario(file, noisy), names)
    free = sim.compare(sim.load_scenario(file), ("none", "coordinated"))
    costs = {name: entry["mean_generalized_cost_min"]["mean"] for name, entry in private.summary["strategies"].items()}
    open_cost = free.summary["strategies"]["coordinated"]["mean_generalized_cost_min"]["mean"]
    assert costs["coordinated_open"] == pytest.approx(open_cost, rel=1e-12)
    assert costs["coordinated"] > costs["coordinated_open"]
    assert "What privacy costs" in private.report()
    assert any("discrete Laplace" in note for note in private.manifest["notes"])


def test_notes_name_what_is_hidden():
    forecast = ForecastParameters(
        coverage_share=0.3, privacy=PrivacyParameters(mechanism="gaussian", total_epsilon=4, minimum_cell=5)
    )
    text = " ".join(advice_notes(AdvisorParameters(forecast=forecast), facts("none", "coordinated")))
    for said in ("Gaussian (delta 1e-06)", "epsilon 1 ", "4 over all days", "below 5", "30 % of the vehicles"):
        assert said in text
    assert advice_notes(AdvisorParameters(forecast=forecast), facts("none")) == []

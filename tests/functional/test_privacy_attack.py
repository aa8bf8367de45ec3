"""An attack on the counts that the advisor sees: was one commuter among the people of a day?

The attacker knows everything but that: the counts with them and without them, and the law of the noise. By Neyman and
Pearson nobody can tell better than by the ratio of likelihoods, over all counts that the commuter enters and all days
that are released. From many releases of both data sets follows, with 99.9 % confidence, the least epsilon that the
release can have; it has to stay below the one stated.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from support.worlds import bus_line, flow, world

from sim.advisor import strategy_by_name
from sim.advisor.loop import ReplicationWorld, compile_scenario, simulate_days
from sim.advisor.privacy import Ledger, bounded_counts, noise
from sim.arrays import FloatArray
from sim.model.parameters.privacy import PrivacyParameters
from sim.population.variates import ChoiceVariates
from sim.randomness import Streams, entity_keys

RELEASES = 12_000
EPSILON = 1.0
ENTERS = 5
"""Counts that the commuter enters: three departures, one boarding, one joining."""


@pytest.fixture(scope="module")
def neighbours() -> tuple[FloatArray, FloatArray]:
    """Counts of a day with a commuter and without, where the two differ."""
    line = bus_line("A", "abcd", [240, 360, 180], range(21600, 36000, 600))
    scenario = world([line], [flow("a", "d", 25200, 32400, 60), flow("b", "c", 25200, 32400, 30)])
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    records = next(simulate_days(people, strategy_by_name("none"))).records
    every = np.ones(len(scenario.service.trip_id), dtype=np.bool_)
    hidden = np.where(records.ride_commuter == 0, -1, records.ride_board_visit)
    whole, without = (
        bounded_counts(scenario.service, people.compiled.points, day, every, ENTERS).ravel()
        for day in (records, replace(records, ride_board_visit=hidden))
    )
    apart = np.flatnonzero(whole != without)
    assert len(apart) == ENTERS
    assert np.abs(whole - without).sum() == ENTERS
    return whole[apart], without[apart]


def log_likelihood(privacy: PrivacyParameters, seen: FloatArray, counts: FloatArray) -> FloatArray:
    """Return the logarithm of the two-sided geometric law, but for a constant, summed over the counts."""
    found: FloatArray = -privacy.epsilon / privacy.most_counts * np.abs(seen - counts).sum(axis=-1)
    return found


def evidence(
    privacy: PrivacyParameters, true: FloatArray, neighbours: tuple[FloatArray, FloatArray], first: int, days: int
) -> FloatArray:
    """Return the logarithm of the ratio of likelihoods of many releases of one data set, over some days each."""
    keys = entity_keys(np.arange(len(true)))
    chances = [
        ChoiceVariates(Streams(5, 0), np.zeros(0, dtype=np.uint64), first + day) for day in range(RELEASES * days)
    ]
    seen = np.array([true + noise(privacy, keys, chance) for chance in chances]).reshape(RELEASES, days, -1)
    ratio = log_likelihood(privacy, seen, neighbours[0]) - log_likelihood(privacy, seen, neighbours[1])
    total: FloatArray = ratio.sum(axis=1)
    return total


def least_epsilon(whole: FloatArray, without: FloatArray) -> float:
    """Return the least epsilon that explains both histograms, with 99.9 % confidence (Clopper and Pearson 1934)."""
    thresholds = np.quantile(whole, np.linspace(0.02, 0.98, 25))
    found = 0.0
    for threshold in thresholds.tolist():
        for one, other in ((whole >= threshold, without >= threshold), (without < threshold, whole < threshold)):
            low = stats.binomtest(int(one.sum()), len(one)).proportion_ci(0.999).low
            high = stats.binomtest(int(other.sum()), len(other)).proportion_ci(0.999).high
            found = max(found, float(np.log(max(low, 1e-9) / high)))
    return found


def attacked(privacy: PrivacyParameters, neighbours: tuple[FloatArray, FloatArray], days: int = 1) -> float:
    """Attack so many days; every data set is released with chance of its own."""
    whole = evidence(privacy, neighbours[0], neighbours, 0, days)
    without = evidence(privacy, neighbours[1], neighbours, RELEASES * days, days)
    return least_epsilon(whole, without)


def test_an_attack_over_all_counts_stays_below_epsilon(neighbours: tuple[FloatArray, FloatArray]) -> None:
    """It finds most of it, so that noise of half the width would be found out."""
    privacy = PrivacyParameters(mechanism="discrete_laplace", epsilon=EPSILON, most_counts=ENTERS)
    found = attacked(privacy, neighbours)
    assert 0.5 * EPSILON < found <= EPSILON
    too_small = PrivacyParameters(mechanism="discrete_laplace", epsilon=2.0 * EPSILON, most_counts=ENTERS)
    assert attacked(too_small, neighbours) > EPSILON


def test_an_attack_on_noise_for_one_count_succeeds(neighbours: tuple[FloatArray, FloatArray]) -> None:
    """The commuter enters five counts: noise that hides one of them does not hide five."""
    privacy = PrivacyParameters(mechanism="discrete_laplace", epsilon=EPSILON, most_counts=1)
    assert attacked(privacy, neighbours) > 1.5 * EPSILON


def test_an_attack_over_all_days_stays_below_the_whole_budget(neighbours: tuple[FloatArray, FloatArray]) -> None:
    """Of five days only as many are released as the budget pays for; they give more away than one of them may."""
    privacy = PrivacyParameters(
        mechanism="discrete_laplace", epsilon=EPSILON, total_epsilon=2.0 * EPSILON, most_counts=ENTERS
    )
    ledger = Ledger(privacy)
    released = sum(ledger.spend() for _ in range(5))
    assert released == 2
    assert attacked(privacy, neighbours) < attacked(privacy, neighbours, released) <= 2.0 * EPSILON

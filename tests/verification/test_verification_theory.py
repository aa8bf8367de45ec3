"""Theory by itself: the printed tables, and a second way to each number where there is one."""

import itertools
import math

import numpy as np
import pytest
from support.spitzer import spitzer_mean_left

from sim.verification.families.crowded_services import SET_A
from sim.verification.theory import bulk_service, headway_waits, queues
from sim.verification.theory.headway_waits import TheoryHeadways
from sim.verification.theory.line_graph import Journey, best_journeys
from sim.verification.theory.services import Services

# Osuna and Newell 1972 for a mean headway of 10: mean and standard deviation of the wait, as printed in
# oracles/formulas.md section 3.1.
WAITS = [
    (TheoryHeadways("deterministic", 10.0, 0.0), 5.0, 2.886751),
    (TheoryHeadways("exponential", 10.0, 1.0), 10.0, 10.0),
    (TheoryHeadways("gamma", 10.0, 0.5), 6.25, 4.841229),
    (TheoryHeadways("gamma", 10.0, 0.3), 5.45, 3.629164),
    (TheoryHeadways("uniform", 10.0, 0.5 / math.sqrt(3.0)), 5.416667, 3.510896),
    (TheoryHeadways("two_point", 10.0, 0.8), 8.2, 5.485739),
    (TheoryHeadways("pairs", 10.0, 1.0), 10.0, 5.773503),
]

# Bailey 1954, oracles/formulas.md section 3.2: c, rho, E[L], P(L=0), E[W] at H = 10, P(denied first), P(bus full).
BAILEY = [
    (10, 0.80, 0.878622, 0.718698, 6.098278, 0.108204, 0.384717),
    (10, 0.90, 3.101238, 0.446500, 8.445821, 0.300295, 0.646861),
    (10, 0.95, 7.952288, 0.249154, 13.370830, 0.533020, 0.811641),
    (40, 0.80, 0.290291, 0.918023, 5.090716, 0.009072, 0.108635),
    (40, 0.90, 1.990254, 0.669333, 5.552848, 0.055270, 0.382477),
    (40, 0.95, 6.506230, 0.408122, 6.712166, 0.168230, 0.637489),
    (40, 0.98, 21.189788, 0.184162, 10.405558, 0.432273, 0.840731),
    (60, 0.90, 1.602574, 0.742036, 5.296773, 0.029677, 0.297384),
    (60, 0.95, 5.922248, 0.470274, 6.038991, 0.103660, 0.569947),
    (60, 0.98, 20.466195, 0.217453, 8.480645, 0.316856, 0.806215),
]


@pytest.mark.parametrize(("headways", "mean", "spread"), WAITS)
def test_waits_are_those_printed(headways, mean, spread):
    assert headway_waits.mean_wait(headways) == pytest.approx(mean, abs=1e-6)
    assert headway_waits.wait_sd(headways) == pytest.approx(spread, abs=1e-6)


@pytest.mark.parametrize("headways", [row[0] for row in WAITS])
def test_moments_of_headways_are_those_of_a_sample(headways):
    generator = np.random.default_rng(5)
    low, high = headways.ends
    sample = {
        "deterministic": lambda n: np.full(n, headways.mean),
        "exponential": lambda n: generator.exponential(headways.mean, n),
        "gamma": lambda n: generator.gamma(headways.cv**-2, headways.mean * headways.cv**2, n),
        "uniform": lambda n: generator.uniform(low, high, n),
        "two_point": lambda n: generator.choice([low, high], n),
        "pairs": lambda n: np.tile([low, high], n // 2),
    }[headways.kind](400_000)
    for order in (1, 2, 3):
        powers = sample**order
        error = powers.std() / math.sqrt(len(powers)) + 1e-9
        assert abs(powers.mean() - headways.moment(order)) < 4.5 * error


@pytest.mark.parametrize(("capacity", "rho", "left", "nobody", "wait", "denied", "full"), BAILEY)
def test_the_stop_of_bailey_is_as_printed(capacity, rho, left, nobody, wait, denied, full):
    arrivals = rho * capacity
    assert bulk_service.mean_left(arrivals, capacity) == pytest.approx(left, abs=1e-6)
    assert bulk_service.nobody_left_share(arrivals, capacity) == pytest.approx(nobody, abs=1e-6)
    assert 10.0 * bulk_service.mean_wait(arrivals, capacity) == pytest.approx(wait, abs=1e-6)
    assert bulk_service.denied_first_share(arrivals, capacity) == pytest.approx(denied, abs=1e-6)
    assert bulk_service.full_share(arrivals, capacity) == pytest.approx(full, abs=1e-6)


@pytest.mark.parametrize(("capacity", "arrivals"), [(1, 0.5), (1, 0.9), (3, 2.2), (10, 9.0), (25, 23.0), (60, 57.0)])
def test_roots_spitzer_and_the_stationary_law_agree(capacity, arrivals):
    left = bulk_service.mean_left(arrivals, capacity)
    assert spitzer_mean_left(arrivals, capacity) == pytest.approx(left, rel=1e-8)
    law = bulk_service.left_law(arrivals, capacity)
    assert law @ np.arange(len(law)) == pytest.approx(left, rel=1e-8)
    assert law[0] == pytest.approx(bulk_service.nobody_left_share(arrivals, capacity), rel=1e-9)


def test_one_place_is_the_m_d_1_queue():
    # Pollaczek and Khinchine: at departures of M/D/1 the mean queue is rho^2 / (2 (1 - rho)).
    assert bulk_service.mean_left(0.8, 1) == pytest.approx(1.6)
    assert bulk_service.full_share(0.8, 1) == pytest.approx(0.8)


@pytest.mark.parametrize(("capacity", "wait"), [(10, 29.222692), (40, 27.500657)])
def test_waits_for_random_vehicles_are_as_printed(capacity, wait):
    # oracles/formulas.md section 3.3, rho = 0.8, H = 10
    assert 10.0 * bulk_service.random_vehicles_mean_wait(0.8 * capacity, capacity) == pytest.approx(wait, abs=1e-6)


def test_one_place_and_random_vehicles_are_the_m_m_1_queue():
    # M/M/1 with mu = 1: the mean time in queue and service is 1 / (1 - rho), since the vehicle is the end of service
    assert bulk_service.random_vehicles_mean_wait(0.75, 1) == pytest.approx(4.0)


def test_the_variance_that_sizes_a_run_is_that_of_m_m_1():
    # Whitt 1989: the time average of the number in M/M/1 has the variance constant 2 rho (1 + rho) / (1 - rho)^4
    # per service time; here over the square of the mean rho / (1 - rho).
    rho = 0.5
    constant = 2 * rho * (1 + rho) / (1 - rho) ** 4 / (rho / (1 - rho)) ** 2
    assert bulk_service.random_vehicles_relative_variance(rho, 1) == pytest.approx(constant, rel=1e-6)


def test_the_variance_that_sizes_a_run_is_that_of_a_long_one():
    # oracles/formulas.md section 3.3: 60,000 vehicles with c = 10 and rho = 0.8 gave a standard error of 2.0 %.
    left = np.arange(bulk_service.states_needed(8.0, 10), dtype=np.float64)
    error = math.sqrt(bulk_service.relative_variance(8.0, 10, left) / 60_000)
    assert error == pytest.approx(0.020, abs=0.001)


def brute_force(routes, minutes, change_min, origin, most_changes=3):
    """Return the least (cost, changes) to each stop by trying every ride after every other."""
    best = {}

    def ride(stop, cost, changes):
        for route in routes:
            places = [place for place, name in enumerate(route) if name == stop]
            for board, alight in itertools.product(places, range(len(route))):
                if board == alight:
                    continue
                path = route[min(board, alight) : max(board, alight) + 1]
                total = cost + sum(minutes[link] for link in itertools.pairwise(path))
                end = route[alight]
                known = best.get(end)
                if known is None or (total, changes) < known:
                    best[end] = (total, changes)
                    if changes < most_changes:
                        ride(end, total + change_min, changes + 1)

    ride(origin, 0.0, 0)
    return best


@pytest.mark.parametrize("seed", range(12))
def test_journeys_are_those_of_trying_all(seed):
    generator = np.random.default_rng(seed)
    minutes = {}
    for start, end in itertools.combinations(range(7), 2):
        minutes[start, end] = minutes[end, start] = float(generator.integers(1, 12))
    routes = [generator.permutation(7)[:4].tolist() for _ in range(4)]
    change_min = float(generator.choice([0.0, 2.5, 5.0]))
    origin = routes[0][0]
    found = best_journeys(routes, minutes, change_min, origin)
    expected = brute_force(routes, minutes, change_min, origin)
    expected.pop(origin, None)
    found.pop(origin, None)
    assert {
        stop: (way.in_vehicle_min + change_min * way.changes, way.changes) for stop, way in found.items()
    } == expected


def test_a_tie_goes_to_fewer_changes():
    minutes = {(1, 2): 4.0, (2, 3): 4.0, (1, 4): 6.0, (4, 3): 7.0}
    minutes |= {(end, start): time for (start, end), time in minutes.items()}
    # by 1-2, 2-3: 8 minutes and a change of 5; by 1-4-3: 13 minutes
    assert best_journeys([[1, 2], [2, 3], [1, 4, 3]], minutes, 5.0, 1)[3] == Journey(13.0, 0)


@pytest.mark.parametrize(("squared_cv", "wait"), [(1.0, 4.0), (0.0, 2.0), (0.5, 3.0)])
def test_baselines_of_queues(squared_cv, wait):
    assert queues.mean_wait(1.0, 0.8, squared_cv) == pytest.approx(wait)


def test_logit_loads_of_five_services_as_printed():
    services = Services(np.array(SET_A["delta"]), 1000.0, 5.0 / 200)
    printed = [201.8210, 235.6264, 270.1563, 185.2484, 107.1479]
    assert services.logit_loads(1.0) == pytest.approx(printed, abs=5e-5)

"""The dials of the forecast: smoothing, staleness, bias, noise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.worlds import bus_line, flow, world

from sim.advisor import ReplicationWorld, simulate_days, strategy_by_name
from sim.advisor.forecast import forecast_traffic, observed_days
from sim.advisor.loop import compile_scenario
from sim.model.parameters import ForecastParameters
from sim.population.observation import Observation
from sim.population.service_points import service_points
from sim.population.variates import ChoiceVariates
from sim.randomness import Streams

LINE = bus_line("L", "ABCDEFGH", [60] * 7, range(0, 7200, 100))


def observed(days: int) -> tuple[Observation, ...]:
    """Observe days that differ, since running times vary."""
    scenario = world(
        [LINE],
        [flow("A", "H", 0, 6000, 400), flow("C", "F", 0, 6000, 200)],
        service={"running_time_noise": {"distribution": "lognormal", "cv": 0.4}},
        days=days,
        period=300,
    )
    replication = ReplicationWorld.create(compile_scenario(scenario), 0)
    return tuple(day.observation for day in simulate_days(replication, strategy_by_name("none")))


DAYS = observed(4)
POINTS = service_points(world([LINE]).service, list("ABCDEFGH"), 300)


def chance(replication: int, day: int) -> ChoiceVariates:
    return ChoiceVariates(Streams(1, replication), np.zeros(0, dtype=np.uint64), day)


def forecast(day: int = 4, known: int = 4, **dials: Any) -> Observation:
    return forecast_traffic(DAYS[:known], ForecastParameters(**dials), POINTS, chance(0, day))


def test_smoothing_over_one_day_is_yesterday() -> None:
    assert np.array_equal(forecast(smoothing_days=1).load, DAYS[3].load)
    assert np.array_equal(forecast(smoothing_days=1).wait_s, DAYS[3].wait_s)


@pytest.mark.parametrize("days", [2, 3])
def test_smoothing_is_the_mean_of_the_newest_days(days: int) -> None:
    for column in ("load", "capacity", "wait_s", "running_s", "denied_share"):
        expected = np.mean([getattr(day, column) for day in DAYS[4 - days :]], axis=0)
        assert getattr(forecast(smoothing_days=days), column) == pytest.approx(expected)


def test_staleness_hides_the_newest_days() -> None:
    assert np.array_equal(forecast(smoothing_days=1, staleness_days=2).load, DAYS[1].load)


def test_first_day_is_known_however_stale() -> None:
    assert np.array_equal(forecast(known=1, smoothing_days=3, staleness_days=9).load, DAYS[0].load)


@given(st.integers(1, 20), st.integers(1, 5), st.integers(0, 5))
def test_days_that_enter_are_the_newest_not_hidden(days: int, smoothing: int, staleness: int) -> None:
    entering = list(observed_days(days, ForecastParameters(smoothing_days=smoothing, staleness_days=staleness)))
    visible = [day for day in range(days) if day <= days - 1 - staleness] or [0]
    assert entering == visible[-smoothing:]


def test_bias_multiplies_loads_and_nothing_else() -> None:
    biased, plain = forecast(bias_share=0.25), forecast()
    assert biased.load == pytest.approx(1.25 * plain.load)
    assert np.array_equal(biased.capacity, plain.capacity)
    assert np.array_equal(biased.wait_s, plain.wait_s)
    assert forecast(bias_share=-0.9).load == pytest.approx(0.1 * plain.load)


def errors(day: int = 4, replication: int = 0, **dials: Any) -> Any:
    noisy = forecast_traffic(DAYS, ForecastParameters(**dials), POINTS, chance(replication, day))
    plain = forecast(smoothing_days=dials.get("smoothing_days", 3))
    loaded = plain.load > 0
    return noisy.load[loaded] / plain.load[loaded] - 1.0


def test_noise_has_mean_0_and_the_declared_deviation() -> None:
    drawn = np.concatenate([errors(day, noise_share=0.1) for day in range(10)])
    assert len(drawn) > 1000
    assert abs(drawn.mean()) < 4 * 0.1 / np.sqrt(len(drawn))
    assert drawn.std() == pytest.approx(0.1, rel=0.1)


def test_noise_differs_by_cell_day_and_replication() -> None:
    first = errors(noise_share=0.1)
    assert len(np.unique(first.round(12))) > 0.99 * len(first)
    assert (first != errors(day=5, noise_share=0.1)).all()
    assert (first != errors(replication=1, noise_share=0.1)).all()
    assert (first == errors(noise_share=0.1)).all()


def test_loads_are_never_negative() -> None:
    assert forecast(noise_share=3.0).load.min() == 0
    assert forecast(bias_share=-0.99, noise_share=1.0).load.min() >= 0

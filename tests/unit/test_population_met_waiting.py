"""What is met by those who wait: worked out where asked for, kept as tables, or looked for vehicle by vehicle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from support.random_worlds import random_worlds
from support.views import views

from sim.model.scenario import Scenario
from sim.population import met_waiting
from sim.population.met_waiting import MetWaiting, TabledWaiting, TablesOnDemand, kept, on_demand, table_of
from sim.population.observation import mean_observation
from sim.population.service_points import SAMPLES_PER_PERIOD


def columns(met: MetWaiting):
    return (met.board_s, met.first_s, met.wait_s, met.denied_share, met.queue_s, met.lost_share)


@settings(max_examples=15, deadline=None)
@given(random_worlds())
def test_tables_hold_what_is_worked_out(scenario: Scenario) -> None:
    """Of one day, and of the mean of two: to the bit, whether kept or not."""
    with pytest.MonkeyPatch.context() as patch:
        seen = [view.observations[-1] for view in views(scenario)[:2]]
        tabled = mean_observation(seen, [1.0, 2.0][: len(seen)]) if seen else None
        patch.setattr(met_waiting, "MOST_NUMBERS", 0)
        lazy = [view.observations[-1] for view in views(scenario)[:2]]
        mean = mean_observation(lazy, [1.0, 2.0][: len(lazy)]) if lazy else None
    for one, other in zip([*seen, tabled], [*lazy, mean], strict=True):
        if one is None or other is None:
            continue
        assert isinstance(one.met, TabledWaiting | TablesOnDemand)
        assert not isinstance(other.met, TabledWaiting | TablesOnDemand)
        for kept_column, column in zip(columns(one.met), columns(other.met), strict=True):
            sizes = one.groups, one.load.shape[1]
            assert np.array_equal(table_of(kept_column, *sizes), table_of(column, *sizes))


@settings(max_examples=15, deadline=None)
@given(random_worlds())
def test_days_are_met_as_one_looks_for_each_vehicle(scenario: Scenario) -> None:
    """The first vehicle that comes, the first that takes one more in time, the first that leaves nobody behind."""
    for view in views(scenario)[:1]:
        seen, points = view.observations[-1], view.forecaster.points
        ((_, day),) = seen.days
        for group in range(seen.groups):
            rows = range(int(day.ptr[group]), int(day.ptr[group + 1]))
            for period in range(points.periods):
                ask = np.array([group]), np.array([period])
                joined_s = points.instants()[period].tolist()
                # Where people board while a vehicle stands, one that came before them may still be there.
                comes = [next((row for row in rows if day.closes_s[row] >= it), None) for it in joined_s]
                takes = [next((row for row in rows if day.until_s[row] >= it), None) for it in joined_s]
                first_s, board_s = (
                    [
                        day.end_s if row is None else max(day.arrival_s[row], it)
                        for row, it in zip(met, joined_s, strict=True)
                    ]
                    for met in (comes, takes)
                )
                gives_up = [board - it > day.patience_s for board, it in zip(board_s, joined_s, strict=True)]
                board_s = [min(board, it + day.patience_s) for board, it in zip(board_s, joined_s, strict=True)]
                queue_s = [0.0 if row is None else max(day.clears_s[row] - day.arrival_s[row], 0.0) for row in comes]
                assert seen.met.first_s(*ask)[0].tolist() == first_s
                assert seen.met.board_s(*ask)[0].tolist() == board_s
                assert seen.met.queue_s(*ask)[0] == pytest.approx(np.mean(queue_s))
                lost = [row is None or gone for row, gone in zip(takes, gives_up, strict=True)]
                assert seen.met.lost_share(*ask)[0] == pytest.approx(np.mean(lost))
                denied = [
                    row is not None and one != row and row_s - it <= day.patience_s
                    for row, one, row_s, it in zip(comes, takes, first_s, joined_s, strict=True)
                ]
                assert seen.met.denied_share(*ask)[0] == pytest.approx(np.mean(denied))


def test_tables_are_kept_of_few_groups_only(monkeypatch: pytest.MonkeyPatch) -> None:
    met = TabledWaiting(
        *(np.zeros((2, 3, SAMPLES_PER_PERIOD)) for _ in range(2)), *(np.zeros((2, 3)) for _ in range(4))
    )
    sizes = 2, 3, SAMPLES_PER_PERIOD
    assert kept(met, *sizes) is not met
    assert on_demand(met, *sizes) is not met
    monkeypatch.setattr(met_waiting, "MOST_NUMBERS", 2 * 3 * SAMPLES_PER_PERIOD - 1)
    assert kept(met, *sizes) is met
    assert on_demand(met, *sizes) is met


def test_a_table_is_made_when_it_is_first_asked_for_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches tables of days of which nothing but the vehicles is looked at, or only a few columns."""
    made = []

    def counted(column, *sizes):
        made.append(column.__name__)
        return table_of(column, *sizes)

    monkeypatch.setattr(met_waiting, "table_of", counted)
    random, sizes = np.random.default_rng(1), (2, 3)
    shapes = [(*sizes, SAMPLES_PER_PERIOD)] * 2 + [sizes] * 4
    met = TabledWaiting(*(random.random(shape) for shape in shapes))
    lazy = on_demand(met, *sizes, SAMPLES_PER_PERIOD)
    assert not made
    group, period = np.array([1, 0, 1]), np.array([0, 2, 2])
    for _ in range(2):
        assert np.array_equal(lazy.wait_s(group, period), met.wait_s(group, period))
    assert made == ["wait_s"]
    for one, other in zip(columns(lazy), columns(met), strict=True):
        assert np.array_equal(one(group, period), other(group, period))
    assert sorted(made) == sorted(column.__name__ for column in columns(met))

"""Stretches of joined branches against branches followed one by one."""

from __future__ import annotations

from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.random_worlds import random_worlds
from support.views import views

from sim.compiled.loops import loops
from sim.model.scenario import Scenario
from sim.population.distinct_codes import DENSE, distinct_codes
from sim.population.observation import Observation
from sim.population.service_points import ServicePoints
from sim.population.stretches import Follower


def followed(
    observation: Observation, points: ServicePoints, rows: list[int], board_s: float
) -> tuple[list[int], float]:
    """Return the cells of a ride over service points, and when it ends."""
    cells, time_s = [], board_s
    for row in rows:
        period = min(max(int((time_s + 2.0**-20) // points.period_s), 0), points.periods - 1)
        served = np.flatnonzero(observation.capacity[row] > 0)
        if len(served):
            period = int(served[np.argmin(np.abs(served - period))])
        cells.append(row * points.periods + period)
        time_s += float(observation.running_s[row, period])
    return cells, time_s


@settings(max_examples=12, deadline=None)
@given(random_worlds())
def test_stretches_lead_through_the_cells_of_branches_followed_alone(scenario: Scenario) -> None:
    """The vehicle departures of every branch up to every end, and when people come to every goal."""
    for view in views(scenario)[:2]:
        forecast, points, seen = view.costs.forecast, view.forecaster.points, view.forecast
        arrived_s = np.zeros(0)
        path = forecast.path
        rides = np.diff(view.forecaster.options.leg_ptr)[path.cases.followed]
        parts = zip(path.cases.levels, path.stretches, path.share, forecast.met.stands, strict=True)
        for place, (level, stretches, share, stands) in enumerate(parts):
            start_s = arrived_s[level.parent] if len(arrived_s) else (level.window + 0.5) * view.window_s
            board_s = start_s + level.walk_s + stands.wait_s
            at_end_s = np.zeros(len(level.branch))
            for end, (branch, hops) in enumerate(zip(level.branch.tolist(), level.hops.tolist(), strict=True)):
                first = level.boards_at[branch]
                rows = view.forecaster.position_point[first : first + hops].tolist()
                cells, at_end_s[end] = followed(seen, points, rows, float(board_s[level.stand[branch]]))
                stretch, ridden = int(stretches.of_end[end]), []
                while stretch:
                    ridden.append(int(stretches.cell[stretch]))
                    stretch = int(stretches.before[stretch])
                assert ridden[::-1] == cells
            of_goal = np.repeat(np.arange(level.goals), np.diff(level.goal_ptr))
            arrived_s = np.bincount(of_goal, share * at_end_s[level.goal_end], level.goals)
            here = np.flatnonzero(rides[level.cases] == place + 1)
            cases = level.cases[here]
            egress_s = view.forecaster.options.egress_walk_s[path.cases.followed[cases]]
            assert forecast.arrival_s[cases] == pytest.approx(arrived_s[level.goal_of_case[here]] + egress_s)


@settings(max_examples=12, deadline=None)
@given(random_worlds())
def test_stretches_are_apart(scenario: Scenario) -> None:
    """No two stretches of a level are the same vehicle departure after the same stretch: else nothing were joined."""
    for view in views(scenario)[:1]:
        for stretches in view.costs.forecast.path.stretches:
            begun = stretches.before[1:] > 0
            pairs = np.stack([stretches.before[1:], stretches.cell[1:]], axis=1)[begun]
            assert len(np.unique(pairs, axis=0)) == len(pairs)
            assert (stretches.before[1:] < np.arange(1, len(stretches.before))).all()


@st.composite
def rides(draw: st.DrawFn) -> tuple[Follower, SimpleNamespace, np.ndarray]:
    """Return traffic at the stops of a line, a level of branches along it, and when people board at its stands.

    Some positions are boarded by more branches than there are periods, some by few; most stretches keep one.
    """
    periods, positions, hops = draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 5))
    period_s = draw(st.sampled_from([60.0, 900.0, 0.1]))
    cells = (positions + hops) * periods
    served = draw(st.lists(st.integers(0, periods - 1), min_size=cells, max_size=cells))
    # Whole periods, and a grain less.
    near_s = [float(np.nextafter(2 * period_s, towards)) for towards in (0.0, np.inf)]
    less_s = [3 * period_s - 2.0**-20, 3 * period_s - 2.0**-21]
    spans_s = st.sampled_from([0.0, 1 / 3, period_s, 2 * period_s, *near_s, *less_s])
    running_s = draw(st.lists(spans_s, min_size=cells, max_size=cells))
    follower = Follower.__new__(Follower)
    follower.points = SimpleNamespace(period_s=period_s, periods=periods)
    follower.position_point = np.arange(positions + hops)[::-1].copy()
    follower.served_period, follower.running_s = np.array(served), np.array(running_s)
    riding = sorted(draw(st.lists(st.integers(0, 12), min_size=hops, max_size=hops)), reverse=True)
    boards_at = draw(st.lists(st.integers(0, positions - 1), min_size=riding[0], max_size=riding[0]))
    time_s = draw(st.lists(spans_s, min_size=riding[0], max_size=riding[0]))
    # Whoever does not ride on alights.
    ends = [list(range(on, before)) for before, on in zip(riding, [*riding[1:], 0], strict=True)]
    level = SimpleNamespace(
        stand=np.arange(riding[0])[::-1].copy(),
        boards_at=np.array(boards_at, dtype=np.int64),
        riding=np.array(riding, dtype=np.int64),
        branch=np.array([branch for off in ends for branch in off], dtype=np.int64),
        end_ptr=np.cumsum([0, 0, *map(len, ends)]),
    )
    return follower, level, np.array(time_s, dtype=np.float64)


@given(rides(), st.randoms(use_true_random=False))
def test_compiled_stretches_are_those_of_numpy(drawn, random: Random) -> None:
    """The stretches to each stop, and what is summed along them, to the bit."""
    if loops() is None:
        pytest.skip("the libraries were not compiled here, or are not wanted")
    follower, level, board_s = drawn
    stretches, by_numpy = follower.stretches(level, board_s), follower.stretches_by_numpy(level, board_s)
    for column, values in vars(by_numpy).items():
        assert values.tobytes() == getattr(stretches, column).tobytes(), column
    ptr = stretches.hop_ptr
    cells = len(follower.running_s)
    # Hypothesis makes numbers of up to 1e308 of a normal law, whose sums are infinite; minutes are bounded.
    value = np.array([random.uniform(-1e6, 1e6) for _ in range(cells)])
    leaving = np.array([random.random() for _ in range(int(ptr[-1]))])
    assert stretches.sums(value).tobytes() == stretches.sums_by_numpy(value).tobytes()
    assert np.array_equal(stretches.highest(value), stretches.highest_by_numpy(value))
    assert stretches.riders(leaving, cells).tobytes() == stretches.riders_by_numpy(leaving, cells).tobytes()


def test_codes_are_told_apart_whether_dense_or_not() -> None:
    random = np.random.default_rng(0)
    for highest in (10, 100 * DENSE):
        codes = random.integers(0, highest, 50)
        found, place = distinct_codes(codes)
        assert found.tolist() == sorted(set(codes.tolist()))
        assert (found[place] == codes).all()
    found, place = distinct_codes(np.zeros(0, dtype=np.int64))
    assert not len(found)
    assert not len(place)

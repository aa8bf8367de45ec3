"""Daily demand spread over a profile, and demand written in a scenario."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_network import write_network

from sim.errors import NetworkError
from sim.loading.demand_files import spread_over_profile
from sim.loading.network_folder import load_network

shares = st.lists(st.integers(min_value=0, max_value=1000), min_size=1, max_size=24).filter(sum)


@given(st.lists(st.integers(min_value=0, max_value=5000), min_size=1, max_size=60), shares)
def test_whole_numbers_stay_whole_and_keep_their_sum(commuters, weights):
    share = np.array(weights) / sum(weights)
    row, period, counts = spread_over_profile(np.array(commuters, dtype=float), share)
    assert np.array_equal(counts, np.floor(counts))
    assert np.bincount(row, counts, minlength=len(commuters)).tolist() == commuters
    assert (counts > 0).all()
    assert not np.isin(period, np.flatnonzero(share == 0)).any()


@given(st.integers(min_value=0, max_value=5000), shares)
def test_each_count_is_less_than_one_away_from_its_share(commuters, weights):
    share = np.array(weights) / sum(weights)
    _, period, counts = spread_over_profile(np.array([float(commuters)]), share)
    got = np.bincount(period, counts, minlength=len(share))
    assert (np.abs(got - commuters * share) < 1 + 1e-9).all()


def test_many_small_rows_together_follow_the_profile():
    share = np.array([0.1, 0.2, 0.4, 0.3])
    _, period, counts = spread_over_profile(np.ones(1000), share)
    assert np.abs(np.bincount(period, counts) - 1000 * share).max() <= 3


def test_fractions_are_spread_as_fractions():
    row, period, counts = spread_over_profile(np.array([2.5]), np.array([0.4, 0.6]))
    assert (row.tolist(), period.tolist(), counts.tolist()) == ([0, 0], [0, 1], [1.0, 1.5])


def test_a_folder_with_a_profile_spreads_its_demand(tmp_path):
    folder = write_network(
        tmp_path,
        {
            "demand/od.csv": "origin_stop_id,destination_stop_id,commuters\nA,B,10\nA,C,7\n",
            "demand/profile.csv": "period_start,period_end,share\n06:00,07:00,0.3\n07:00,08:00,0.7\n",
        },
    )
    demand = load_network(folder).demand
    assert demand.commuters[demand.destination == 1].sum() == 10
    assert demand.commuters[demand.destination == 2].sum() == 7
    assert demand.commuters[demand.start_s == 21_600].sum() == pytest.approx(5.1, abs=1)
    assert set(demand.end_s.tolist()) == {25_200.0, 28_800.0}


def test_several_profiles_spread_their_own_rows(tmp_path):
    folder = write_network(
        tmp_path,
        {
            "demand/od.csv": (
                "origin_stop_id,destination_stop_id,profile,commuters\nA,C,late,4\nA,B,early,10\nA,C,early,2\n"
            ),
            "demand/profile.csv": (
                "profile,period_start,period_end,share\nearly,06:00,07:00,1\nlate,08:00,09:00,0.5\nlate,09:00,10:00,0.5\n"
            ),
        },
    )
    demand = load_network(folder).demand
    flows = zip(demand.destination.tolist(), demand.start_s.tolist(), demand.commuters.tolist(), strict=True)
    # The same pair of stops may come once in each profile.
    assert list(flows) == [(2, 28_800.0, 2.0), (2, 32_400.0, 2.0), (1, 21_600.0, 10.0), (2, 21_600.0, 2.0)]


@pytest.mark.parametrize(
    ("od", "profile", "told"),
    [
        ("A,B,lunch,1\n", "early,06:00,07:00,1\n", "there is no profile of demand/profile.csv 'lunch'"),
        ("A,B,early,1\nA,B,early,2\n", "early,06:00,07:00,1\n", "duplicate"),
        ("A,B,early,1\n", "early,06:00,07:00,1\nlate,08:00,09:00,0.9\n", "of profile 'late' sum to 0.9"),
    ],
)
def test_what_is_wrong_with_profiles_is_told(tmp_path, od, profile, told):
    folder = write_network(
        tmp_path,
        {
            "demand/od.csv": f"origin_stop_id,destination_stop_id,profile,commuters\n{od}",
            "demand/profile.csv": f"profile,period_start,period_end,share\n{profile}",
        },
    )
    with pytest.raises(NetworkError, match=told):
        load_network(folder)

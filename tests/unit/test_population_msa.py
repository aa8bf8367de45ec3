"""Successive averages: what people expect, how many change, and what they settle at."""

import numpy as np
import pytest

from sim.model.parameters import BehaviourParameters
from sim.population import successive_averages
from sim.population.successive_averages import change_shares, expected_costs


def behaviour(**given):
    return BehaviourParameters(**{"departure_choice": "msa", **given})


def test_costs_go_on_as_they_changed():
    today, before = np.array([[10.0, 12.0, np.inf, 8.0]]), np.array([[11.0, 12.0, 9.0, np.inf]])
    assert expected_costs(today, before, 4.0).tolist() == [[6.0, 12.0, np.inf, 8.0]]
    assert expected_costs(today, before, 0.0).tolist() == today.tolist()


@pytest.mark.parametrize("day", [3, 9, 99])
def test_as_many_change_as_if_a_falling_share_did(monkeypatch, day):
    monkeypatch.setattr(successive_averages, "SHARPNESS", 1e-6)
    cost = np.tile([10.0, 12.0, 13.0], (3, 1))
    now = np.array([0, 1, 2])
    both_ways = change_shares(cost, now, 11.0, behaviour(departure_choice="logit", reconsider="msa"), day)
    # At such a low scale all three are drawn alike; nobody is at the limit of changing for certain.
    assert both_ways.sum(axis=1).mean() == pytest.approx(1.0 / (day + 1.0), rel=1e-4)
    # Averaging people leave out the changes to what costs more, which are half of these.
    shares = change_shares(cost, now, 11.0, behaviour(), day)
    assert shares.sum(axis=1).mean() == pytest.approx(0.5 / (day + 1.0), rel=1e-4)
    assert not np.triu(shares).any(), "nobody takes a window that costs more than their own"


def test_who_has_more_at_stake_changes_more_likely(monkeypatch):
    monkeypatch.setattr(successive_averages, "SHARPNESS", 50.0)
    cost = np.tile([10.0, 11.0, 20.0], (2, 1))
    slightly, badly = change_shares(cost, np.array([1, 2]), 12.0, behaviour(), 4)
    assert slightly[1] == badly[2] == 0.0
    assert badly[0] / slightly[0] == pytest.approx(10.0)


def test_logit_shares_stay_as_they_are():
    """As many change from one window to another as back once people are spread by logit."""
    scale, cost = 0.8, np.array([10.0, 10.5, 11.0, 13.0])
    share = np.exp(-scale * cost) / np.exp(-scale * cost).sum()
    given = behaviour(departure_choice="logit", reconsider="msa", logit_scale=scale)
    away = change_shares(np.tile(cost, (4, 1)), np.arange(4), 10.5, given, 400)
    flow = share[:, None] * away
    assert flow == pytest.approx(flow.T)
    assert flow[0, 1] > 0.0


def test_choice_gets_sharper_with_days():
    cost, now = np.tile([10.0, 10.2, 14.0], (1, 1)), np.array([2])
    early, late = (change_shares(cost, now, 10.0, behaviour(), day)[0] for day in (2, 400))
    assert early[1] / early[0] > 0.9
    assert late[1] / late[0] < 0.2


def test_nobody_stays_where_no_vehicle_takes_him():
    shares = change_shares(np.array([[9.0, np.inf], [9.0, np.inf]]), np.array([1, -1]), 9.0, behaviour(), 30)
    assert shares == pytest.approx(np.array([[1.0, 0.0], [1.0, 0.0]]))


@pytest.mark.parametrize("cost", [[5.0, 5.0], [np.inf, np.inf], [0.0, 0.0]])
def test_nobody_moves_where_there_is_nothing_to_choose(cost):
    assert not change_shares(np.array([cost]), np.array([0]), 5.0, behaviour(), 3).any()

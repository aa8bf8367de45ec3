"""Random travel times: users of honest advice are late on a known share of days, and allow the time for that."""

import math

import pytest
from scipy import stats
from support.oracles import settings

from sim.verification import run_cases
from sim.verification.families.random_travel_times import CASES


@pytest.mark.parametrize("params", CASES[0].sets)
def test_the_late_share_of_those_who_follow(params):
    """Would catch: advice by the mean arrival, and windows chosen for the luck of the days that were seen."""
    (row,) = run_cases(["calibration.late_share"], settings(params))
    assert row["theory"] == pytest.approx(params["beta"] / (params["beta"] + params["gamma"]))
    assert row["simulation"] == pytest.approx(row["theory"], rel=0.05)
    assert row["half_width"] < 0.05 * row["theory"]
    assert row["verdict"] == "pass"


def test_other_parameters():
    params = {"mean": 22, "cv": 0.3, "law": "gamma", "beta": 0.5, "gamma": 1.5}
    (row,) = run_cases(["calibration.late_share"], settings(params))
    assert row["theory"] == pytest.approx(0.25)
    assert row["simulation"] == pytest.approx(0.25, abs=0.02)


@pytest.mark.parametrize("params", CASES[1].sets)
def test_the_head_start_of_those_who_follow(params):
    """Would catch: advice by the mean travel time, which would be 30 and 20 minutes."""
    (row,) = run_cases(["departure.lognormal_head_start"], settings(params))
    assert (row["verdict"], row["reason"]) == ("pass", "")
    log_sd = math.sqrt(math.log(1 + params["cv"] ** 2))
    normal = stats.norm.ppf(params["gamma"] / (params["beta"] + params["gamma"]))
    assert row["theory"] == pytest.approx(params["mean"] * math.exp(log_sd * normal - log_sd**2 / 2))
    assert row["simulation"] == pytest.approx(row["theory"], rel=0.02)

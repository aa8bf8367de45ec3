"""Random travel times: followers of honest advice are late on beta / (beta + gamma) of days."""

import pytest
from support.oracles import settings

from sim.verification import run_cases
from sim.verification.families.calibration import SETS


@pytest.mark.parametrize("params", SETS)
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

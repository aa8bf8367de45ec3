"""Timetabled services with crowding: every row of the oracles, other parameters, and what may not be asked."""

import json

import numpy as np
import pytest
from support.oracles import oracle_rows, settings

from sim.errors import InputError
from sim.verification import run_cases, services_world
from sim.verification.families.crowded_services import CASES, OPTIMUM

IDS = tuple(case.id for case in CASES)
ADVICE = ("crowding.so_best", "crowding.so_proportional", "crowding.naive_fixed_share", "crowding.naive_adaptive")


def groups(shared):
    """Return parameters and the rows that have them, so that one simulation answers many rows."""
    found = {}
    for row in oracle_rows(shared, IDS):
        found.setdefault(json.dumps(row["params"]), []).append(row)
    return list(found.values())


def agrees(simulated, row):
    wanted = np.atleast_1d(row["value"])
    tolerance = np.maximum(row["rel_tol"] * np.abs(wanted), row["abs_tol"])
    if row["kind"] == "mc":
        tolerance = np.maximum(tolerance, np.atleast_1d(simulated["half_width"]) * 1.5)
    assert np.allclose(simulated["theory"], row["value"], rtol=1e-9, atol=1e-9), row["id"]
    assert (np.abs(np.atleast_1d(simulated["simulation"]) - wanted) <= tolerance).all(), (row["id"], row["params"])
    assert simulated["verdict"] == "pass", simulated["reason"]


def test_every_row_of_the_oracles(shared):
    """Would catch: a load off by one rider, a crowding cost from the wrong load, advice that is not the best."""
    rows = groups(shared)
    assert sum(len(group) for group in rows) == 87
    for group in rows:
        simulated = run_cases([row["id"] for row in group], settings(group[0]["params"]))
        for answer, row in zip(simulated, group, strict=True):
            agrees(answer, row)


@pytest.mark.parametrize(
    "params",
    [
        {"delta": [0, 2], "N": 400, "s": 100, "lam": 2, "p": 0.3},
        {"delta": [3, 1.5, 0, 4.5], "N": 600, "s": 150, "lam": 3, "p": 0.2},
        {"delta": [1, 0, 2, 2.5], "N": 900, "s": 300, "lam": 6, "p": 0.04},
    ],
)
def test_other_parameters_of_the_same_form(params):
    for row in run_cases(ADVICE, settings(params)):
        assert row["verdict"] == "pass", row


def test_loads_that_are_no_whole_numbers_are_met_by_more_commuters():
    (row,) = run_cases(["crowding.n_ue"], settings({"delta": [1.3, 0.7, 0, 2.1], "N": 800, "s": 210, "lam": 4.7}))
    assert row["verdict"] == "pass"
    assert row["simulation"] == pytest.approx(row["theory"], rel=1e-6)


def test_rounding_to_commuters_is_allowed_for_and_stays_small(monkeypatch):
    """What a user gets is looked at without simulating their million; with a twentieth of it rounding is coarser."""
    params = {"delta": [12, 0.0, 14, 3], "N": 955, "s": 74, "lam": 10.905}
    assert services_world.rounding(services_world.world_of(OPTIMUM.loads, params)).rel_share < 2e-5
    monkeypatch.setattr(services_world, "MOST_COMMUTERS", services_world.MOST_COMMUTERS // 20)
    (row,) = run_cases(["crowding.mu_so"], settings(params))
    assert row["verdict"] == "pass"
    assert 0.0 < row["tolerance"] < 20 * 2e-5 * row["theory"]


def test_a_service_that_nobody_takes_shows_no_slope():
    params = {"delta": [11, 1, 7, 0.0], "N": 382, "s": 323, "lam": 9.3412}
    with pytest.raises(InputError, match="no riders in equilibrium"):
        run_cases(["crowding.naive_threshold"], settings(params))


@pytest.mark.parametrize("delta", [[0, 0], [1, 1, 1], [0, 0.12345]])
def test_services_that_cannot_be_laid_out_are_refused(delta):
    with pytest.raises(InputError):
        run_cases(["crowding.TC_e"], settings({"delta": delta}))

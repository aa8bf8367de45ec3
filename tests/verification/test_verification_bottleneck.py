"""The bottleneck beside its closed forms: Vickrey 1969; Arnott, de Palma and Lindsey 1990."""

import json
import os

import pytest
from support.oracles import assert_agrees, oracle_rows, settings

from sim.errors import InputError
from sim.verification import run_cases
from sim.verification.families.bottleneck import CASES, V1, V2
from sim.verification.theory.bottleneck import Bottleneck

IDS = tuple(case.id for case in CASES)
USUAL_SHARES = (None, 0.25)
THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"


def test_rows_of_the_oracles(shared):
    """Would catch: service that starts late, advice that fills the peak, a queue that is not first come first out."""
    found = {}
    for row in oracle_rows(shared, IDS):
        if THOROUGH or row["params"].get("p") in USUAL_SHARES:
            found.setdefault(json.dumps(row["params"]), []).append(row)
    assert len(found) >= 4
    for group in found.values():
        simulated = run_cases([row["id"] for row in group], settings(group[0]["params"]))
        for answer, row in zip(simulated, group, strict=True):
            assert row["kind"] == "fluid"
            assert_agrees(answer, row["value"], row["rel_tol"], 0.002 if row["id"][-2:] in ("tq", "tn", "q2") else 0.0)


def test_no_departure_is_cheaper_than_the_equilibrium():
    (row,) = run_cases(["bottleneck.least_deviation"], settings({**V2}))
    assert row["theory"] == pytest.approx(1.6)
    assert row["simulation"] >= row["theory"] - 0.005
    assert row["simulation"] <= row["theory"] + 0.005


@pytest.mark.parametrize(("width", "helps"), [(1.0, False), (1.4, True)])
def test_the_middle_of_a_window_decides_whether_it_helps(width, helps):
    params = {**V2, "p": 0.3, "open_after_tq": 0, "width": width}
    (row,) = run_cases(["bottleneck.habitual_window"], settings(params))
    assert row["verdict"] == "pass"
    assert (row["simulation"] < 6400.0) == helps


def test_one_instant_in_the_middle_of_the_peak_helps_and_then_harms():
    totals = [
        run_cases(["bottleneck.habitual_mid_peak"], settings({**V2, "p": share}))[0]["simulation"]
        for share in (0.4, 0.6)
    ]
    assert totals[0] == pytest.approx(5120.0, rel=0.005)
    assert totals[1] == pytest.approx(7372.5, rel=0.005)


def test_coordinated_advice_takes_the_saving_with_other_parameters():
    """At least 95 % of what theory says that can be saved."""
    params = {"N": 4200, "s": 1700, "alpha": 1.5, "beta": 0.7, "gamma": 2.9, "tstar": 8.3, "p": 0.6}
    (row,) = run_cases(["bottleneck.coordinated"], settings(params))
    world = Bottleneck(4200, 1700, 1.5, 0.7, 2.9, 8.3)
    assert row["theory"] == pytest.approx(world.optimum * (1 + 0.4**2))
    assert (world.equilibrium - row["simulation"]) >= 0.95 * (world.equilibrium - row["theory"])
    assert row["verdict"] == "pass"


def test_costs_at_which_nobody_queues_are_refused():
    with pytest.raises(InputError):
        run_cases(["bottleneck.TC_e"], settings({**V1, "beta": 1.5}))


def test_few_commuters_are_taken_several_times_over():
    """A queue of 95 of 1,000 commuters would be off by more than the tolerance."""
    (row,) = run_cases(["bottleneck.TC_e"], ["N=1000", "s=500", "beta=0.2"])
    assert (row["verdict"], row["reason"]) == ("pass", "")
    assert row["simulation"] == pytest.approx(380.952, rel=0.005)


@pytest.mark.parametrize(
    ("case", "params"),
    [
        # found with random parameters: rates near the time of being on time, a dear lateness, windows beyond the peak
        ("r1", {"N": 2309, "s": 2447, "alpha": 0.8103, "beta": 0.7941, "gamma": 2.6488, "tstar": 6.82}),
        ("r2", {"N": 7027, "s": 3546, "alpha": 0.7755, "beta": 0.3947, "gamma": 4.8694, "tstar": -4.17}),
        ("least_deviation", {"N": 9911, "s": 4130, "alpha": 0.879, "beta": 0.7171, "gamma": 3.6852, "tstar": 8.53}),
        (
            "habitual_window",
            {
                "N": 2617,
                "s": 2549,
                "alpha": 1.978,
                "beta": 0.5816,
                "gamma": 3.2951,
                "p": 0.092,
                "open_after_tq": 1,
                "width": 1.7635,
            },
        ),
    ],
)
def test_other_parameters(case, params):
    (row,) = run_cases([f"bottleneck.{case}"], settings(params))
    assert (row["verdict"], row["reason"]) == ("pass", "")


def test_a_window_without_service_is_refused():
    with pytest.raises(InputError, match=r"between -0\.6 and 10 h"):
        run_cases(["bottleneck.habitual_window"], ["open_after_tq=9.5"])

"""Mandl's network: simulated journeys beside an independent shortest path algorithm and published evaluations."""

import itertools

import pytest
from support.oracles import assert_agrees, oracle_rows, settings

from sim.errors import InputError
from sim.verification import run_cases
from sim.verification.families.mandl_routes import ROUTE_SETS

CASES = tuple(f"mandl.{name}" for name in ("ATT", "d0", "d1", "d2", "dun", "TRT", "mean_changes", "ivt"))

# ATT, d0, d1, d2, dun, TRT as printed in oracles/formulas.md section 7, in its digits.
PRINTED = {
    "Mandl 1980, 4 routes": (12.901734, 69.9422, 29.9294, 0.1285, 0, 82),
    "Mumford 2013, 4 routes": (10.572254, 90.4303, 9.5697, 0, 0, 149),
    "Mumford 2013, 6 routes": (10.272961, 95.3757, 4.5601, 0.0642, 0, 221),
    "Baaj & Mahmassani 1991, 7 routes (d only)": (12.520873, 80.9891, 19.0109, 0, 0, 106),
}


def named(routes, name="", tp=5.0):
    return {"routes": [list(route) for route in routes], "name": name, "tp": tp}


@pytest.mark.parametrize(("name", "routes"), ROUTE_SETS, ids=[name for name, _ in ROUTE_SETS])
def test_route_sets_of_the_oracles(shared, name, routes):
    """Would catch: a worse option taken, a change lost or counted twice, a commuter who does not arrive, a stop off."""
    params = named(routes, name)
    simulated = {row["case"]: row for row in run_cases(CASES, settings(params))}
    rows = oracle_rows(shared, CASES, params)
    assert len(rows) == len(CASES)
    for row in rows:
        assert row["kind"] == "exact"
        assert_agrees(simulated[row["id"]], row["value"], row["rel_tol"], row["abs_tol"])


def test_the_oracles_have_no_route_set_that_is_left_out(shared):
    rows = oracle_rows(shared, CASES)
    assert len(rows) == len(CASES) * len(ROUTE_SETS)


@pytest.mark.parametrize("name", PRINTED)
def test_route_sets_as_printed(name):
    rows = run_cases(CASES[:6], settings(named(dict(ROUTE_SETS)[name], name)))
    for row, value in zip(rows, PRINTED[name], strict=True):
        assert row["simulation"] == pytest.approx(value, abs=1e-4)


def test_routes_on_all_links_without_a_penalty_take_everybody_the_shortest_way():
    """Then ATT is the bound 10.005780 of oracles/formulas.md section 7; a detour of one commuter is 6e-5 minutes."""
    routes = [
        [1, 2, 3, 6, 8, 15, 7, 10, 11, 13, 14],
        [2, 4, 6, 15, 9],
        [2, 5, 4, 12, 11],
        [12, 4],
        [8, 10, 14],
        [10, 13],
    ]
    rows = {row["case"]: row for row in run_cases(CASES, settings(named(routes, tp=0)))}
    assert {row["verdict"] for row in rows.values()} == {"pass"}
    assert rows["mandl.ATT"]["simulation"] == pytest.approx(10.005780, abs=5e-7)
    assert rows["mandl.ivt"]["simulation"] == rows["mandl.ATT"]["simulation"]
    shares = [rows[f"mandl.{name}"]["simulation"] for name in ("d0", "d1", "d2", "dun")]
    assert sum(shares) == pytest.approx(100.0)


@pytest.mark.parametrize("tp", [0, 1.5, 20])
def test_the_penalty_of_a_change_with_other_parameters(tp):
    """A dearer change must not make anybody change more often: time on board grows and changes fall."""
    routes = dict(ROUTE_SETS)["Mumford 2013, 6 routes"]
    rows = {row["case"]: row for row in run_cases(CASES, settings(named(routes, tp=tp)))}
    assert {row["verdict"] for row in rows.values()} == {"pass"}
    usual = {row["case"]: row for row in run_cases(CASES, settings(named(routes)))}
    sign = 1 if tp > 5 else -1
    assert sign * (rows["mandl.ivt"]["simulation"] - usual["mandl.ivt"]["simulation"]) >= 0
    assert sign * (rows["mandl.mean_changes"]["simulation"] - usual["mandl.mean_changes"]["simulation"]) <= 0


CHAIN = [9, 15, 7, 10, 14, 13, 11, 12, 4, 5, 2, 1]


def test_a_chain_of_short_routes_takes_up_to_ten_changes():
    """Would catch: changes cut off at four, people of the longest chains left behind."""
    links = [list(link) for link in itertools.pairwise(CHAIN)]
    (row, *rest) = run_cases(CASES, settings(named([*links, [2, 3], [15, 6], [15, 8]])))
    assert [other["reason"] for other in (row, *rest)] == [""] * len(CASES)
    assert row["theory"] > 25.0
    with pytest.raises(InputError, match="takes 11 changes; at most 10"):
        run_cases(["mandl.ATT"], settings(named([*links, [2, 3], [3, 6], [15, 8]])))

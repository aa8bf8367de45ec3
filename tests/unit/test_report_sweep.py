"""What a sweep says in sentences, held against the numbers of its table."""

from __future__ import annotations

import numpy as np

from sim.metrics.sweep import curve_of
from sim.report.sweep_section import sweep_verdict, verdict_by_strategy

COST = "mean_generalized_cost_min"


def summary_of(differences, strategies=("coordinated",), fixed=({},)):
    """Return a sweep over two demands with these differences, shape (points, replications), under each strategy."""
    x = np.array([0.2, 0.4])
    points = [
        {"values": {"demand.scale": value}, "strategies": {name: {} for name in ("none", *strategies)}}
        for value in x.tolist()
    ]
    alike = {"along": "demand.scale", "metric": COST, "x": x.tolist()} | curve_of(x, np.array(differences), curves=2)
    curves = [{"strategy": name, "fixed": values, **alike} for values in fixed for name in strategies]
    return {"points": points, "curves": curves, "vary": {"demand.scale": x.tolist()}}


def said(differences):
    return " ".join(sweep_verdict(summary_of(differences)))


def test_an_interval_that_excludes_0_and_claims_nothing_is_explained():
    # -8.8 ± 7.5 in the table beside "makes no difference" reads as an error of the program.
    sentences = said([[-5.0, 4.0, 1.0, -2.0], [-8.0, -10.0, -3.0, -14.0]])
    assert "makes no difference" in sentences
    assert "Looked at alone, the interval at demand.scale = 0.4 excludes 0" in sentences


def test_intervals_that_hold_0_need_no_explanation():
    sentences = said([[-5.0, 4.0, 1.0, -2.0], [-8.0, 7.0, -3.0, 5.0]])
    assert "makes no difference" in sentences
    assert "Looked at alone" not in sentences


def test_where_nobody_travels_it_is_not_said_to_run_more_replications():
    """Without people there is no difference and no interval, however many replications were run."""
    nobody = [float("nan")] * 4
    doubt = "Nobody travels at demand.scale = 0.2, so that nothing can be compared there."
    assert said([nobody, [-8.0, 7.0, -3.0, 5.0]]) == doubt
    assert said([nobody, nobody]).startswith("Nobody travels at demand.scale = 0.2 and 0.4, so")
    told = said([[-5.0], [-8.0]])
    assert "One replication is one draw of chance" in told
    assert "Nobody" not in told


def test_what_is_said_of_one_strategy_stands_together_also_in_a_grid():
    names, grid = ("individual", "coordinated"), ({"advisor.penetration": 0.5}, {"advisor.penetration": 1})
    parts = verdict_by_strategy(summary_of([[-5.0, 4.0, 1.0], [-8.0, 7.0, -3.0]], names, grid))
    told = {name: sentences for name, sentences in parts if name}
    assert list(told) == list(names)
    for name, sentences in told.items():
        assert sum("makes no difference" in sentence for sentence in sentences) == 2
        assert all(name in sentence for sentence in sentences)
    assert all(sentences for _, sentences in parts)


def test_points_without_advice_are_named_while_they_are_few():
    summary = summary_of([[-5.0, 4.0, 1.0], [-8.0, 7.0, -3.0]])
    held, given = ({"coordinated": {"rehearsed": 4, "issued": days}} for days in (1, 4))
    summary["points"][0]["rehearsals"], summary["points"][1]["rehearsals"] = held, given
    said = "coordinated advised nobody on 3 of 4 simulated days with advice at demand.scale = 0.2: rehearsals did not"
    assert said in " ".join(sweep_verdict(summary))
    others = [{**summary["points"][0], "values": {"demand.scale": scale}} for scale in (1, 2, 3, 4, 5, 6)]
    told = " ".join(sweep_verdict({**summary, "points": [*summary["points"], *others]}))
    assert "on 21 of 28 simulated days with advice at demand.scale = 0.2, at" in told
    assert "at demand.scale = 5 and at 1 more point:" in told
    without = " ".join(sweep_verdict({**summary, "curves": [], "strategies": ["none", "coordinated"]}))
    assert "There is no curve of advice to read" in without
    assert said in without

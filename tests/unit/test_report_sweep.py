"""What a sweep says in sentences, held against the numbers of its table."""

from __future__ import annotations

import numpy as np

from sim.metrics.sweep import curve_of
from sim.report.sweep_section import sweep_verdict

COST = "mean_generalized_cost_min"


def said(differences):
    """Return the sentences of a sweep over two demands with these differences, shape (points, replications)."""
    x = np.array([0.2, 0.4])
    curve = {"strategy": "coordinated", "along": "demand.scale", "fixed": {}, "metric": COST, "x": x.tolist()}
    points = [
        {"values": {"demand.scale": value}, "strategies": {name: {} for name in ("none", "coordinated")}}
        for value in x.tolist()
    ]
    curves = [curve | curve_of(x, np.array(differences), curves=2)]
    return " ".join(sweep_verdict({"points": points, "curves": curves, "vary": {"demand.scale": x.tolist()}}))


def test_an_interval_that_excludes_0_and_claims_nothing_is_explained():
    # -8.8 ± 7.5 in the table beside "makes no difference" reads as an error of the program.
    sentences = said([[-5.0, 4.0, 1.0, -2.0], [-8.0, -10.0, -3.0, -14.0]])
    assert "makes no difference" in sentences
    assert "Looked at alone, the interval at demand.scale = 0.4 excludes 0" in sentences


def test_intervals_that_hold_0_need_no_explanation():
    sentences = said([[-5.0, 4.0, 1.0, -2.0], [-8.0, 7.0, -3.0, 5.0]])
    assert "makes no difference" in sentences
    assert "Looked at alone" not in sentences

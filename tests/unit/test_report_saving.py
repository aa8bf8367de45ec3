"""Sentences on the share of the possible saving, and on what happens where advice helps most or backfires."""

from __future__ import annotations

from typing import Any

import pytest
from support.made_up_line import metric

from sim.report.strategy_looks import StrategyLooks
from sim.report.sweep_section import sweep_verdict
from sim.report.verdict import saving_sentences, verdict

COST = "mean_generalized_cost_min"


def strategies(share: float | None) -> dict[str, dict[str, Any]]:
    taken = {} if share is None else {"saving_taken_share": metric(share, 0.02)}
    return {
        "none": {COST: metric(30.0, 1.0, 0.0, 0.0)},
        "coordinated": {COST: metric(28.0, 1.0, -2.0, 0.5), **taken},
    }


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("exact", "Of the saving that the system optimum would bring this is 80.0 ± 2.0 % with coordinated."),
        ("lower bound", "Of the possible saving this is at least 80.0 ± 2.0 % with coordinated: the system optimum"),
    ],
)
def test_share_of_the_possible_saving_says_what_it_is_measured_against(kind: str, words: str) -> None:
    sentences = verdict({"strategies": strategies(0.8), "optimum": {"kind": kind}})
    assert sentences[1].startswith(words)


def test_nothing_is_said_of_a_saving_that_is_not_known() -> None:
    assert saving_sentences(strategies(0.8), ["coordinated"], {}) == []
    assert saving_sentences(strategies(None), ["coordinated"], {"kind": "exact"}) == []


def test_a_sweep_says_what_happened_where_it_helps_most_and_where_it_backfires() -> None:
    def point(x: float, change: float, wait: float) -> dict[str, Any]:
        advised = {
            COST: metric(30 + change, 1.0, change, 0.1),
            "mean_wait_min": metric(5 + wait, 1.0, wait, 0.1),
            "saving_taken_share": metric(0.4, 0.1),
        }
        return {"values": {"p": x}, "strategies": {"none": strategies(None)["none"], "same_for_all": advised}}

    curve = {
        "strategy": "same_for_all",
        "along": "p",
        "fixed": {},
        "metric": COST,
        "x": [0.1, 0.2],
        "difference": [-1.0, 2.0],
        "half_width": [0.1, 0.1],
        "best_at": 0.1,
        "backfires_from": 0.2,
        "crosses_zero_at": 0.13,
        "rises_at": [0.2],
    }
    points = [point(0.1, -1.0, -0.5), point(0.2, 2.0, 3.0)]
    summary = {"curves": [curve], "points": points, "optimum": {"kind": "exact"}}
    looks = StrategyLooks({"same_for_all": {"sentence": "tells everybody on the same way the same window."}})
    text = " ".join(sweep_verdict(summary, looks))
    assert text.startswith("same_for_all tells everybody on the same way the same window")
    assert "What improves with same_for_all at p = 0.1: the mean wait falls by 0.50 min" in text
    assert "The price with same_for_all at p = 0.2: the mean wait rises by 3.00 min" in text
    assert "this is 40.0 ± 10.0 % with same_for_all at p = 0.1" in text
    assert text.count("Of the saving") == 1

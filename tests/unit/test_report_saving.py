"""What a saving consists of, as `summary.json`, the terminal and the report have it."""

from __future__ import annotations

import numpy as np
import pytest
from support.made_up_line import empty_tables, make_manifest

from sim.metrics.fairness import WITHIN
from sim.metrics.registry import METRICS, metrics_told
from sim.metrics.summary import summarise_values
from sim.report.html import render_report
from sim.report.saving_section import BEYOND_ALL, BEYOND_ALL_OF_CLASS, class_rows, saving_rows, saving_table
from sim.report.strategy_looks import UNSAID

COST = metrics_told("verdict")[0].name


def summary_of(saved_min: list[float]) -> dict[str, object]:
    """Summarise a strategy that saves so much in each replication, about 60 % of it by small shifts."""
    saved = np.array(saved_min)
    none = {metric.name: np.full(len(saved), 10.0) for metric in METRICS}
    own = {metric.name: np.full(len(saved), 10.0) for metric in METRICS}
    own[COST] = none[COST] - saved
    for part in metrics_told("parts"):
        own[part.name] = saved / len(metrics_told("parts"))
    for metric in metrics_told("within"):
        own[metric.name] = np.linspace(0.58, 0.62, len(saved)) if len(saved) > 1 else np.array([0.6])
    return {"strategies": summarise_values({"none": none, "individual": own})}


@pytest.mark.parametrize(
    ("saved_min", "shown"),
    [
        ([1.0, 1.2, 1.4], "60 ± 5"),
        ([1.25], "60"),
        ([0.1, 0.2, 1.4], None),
        ([-1.0, -1.2, -1.4], None),
        ([-1.25], None),
        ([0.0, 0.0, 0.0], None),
    ],
)
def test_no_share_of_a_saving_that_is_not_shown(saved_min, shown):
    """A share of what the interval cannot tell from nothing is noise over noise, as in 198 ± 75 %, in any table."""
    summary = summary_of(saved_min)
    _, rows = saving_rows(summary)
    cells = [cell for name, cell in rows if "shifts" in name]
    assert cells == ([] if shown is None else [shown] * len(metrics_told("within")))
    for metric in metrics_told("within"):
        known = summary["strategies"]["individual"][metric.name]["mean"] is not None
        assert known == (shown is not None)


def test_no_table_where_advice_changed_nothing():
    """Every cell was 0.00 ± 0.00, or 0.00 of one replication."""
    for saved_min in ([0.0, 0.0, 0.0], [0.0]):
        assert saving_rows(summary_of(saved_min)) == ([], [])
        assert saving_table(summary_of(saved_min), 80) == ""
    beside = summary_of([1.0, 1.2, 1.4])
    beside["strategies"]["same_for_all"] = summary_of([0.0, 0.0, 0.0])["strategies"]["individual"]
    assert len(saving_rows(beside)[0]) == 3


def test_a_strategy_that_saves_nothing_has_a_dash_beside_one_that_does():
    summary = summary_of([1.0, 1.2, 1.4])
    summary["strategies"]["same_for_all"] = summary_of([-1.0, -1.2, -1.4])["strategies"]["individual"]
    head, rows = saving_rows(summary)
    (five,) = [
        dict(zip(head[1:], cells, strict=True)) for name, *cells in rows if "5 min (%)" in name and "15" not in name
    ]
    assert five == {"individual": "60 ± 5", "same_for_all": "–"}


def test_no_table_by_class_where_advice_changed_nothing():
    """Where the best strategy advised nobody, every cell would be 0."""
    entry = {"group": "not advised", "mean_change_min": {"mean": 0.0, "half_width": 0.0}}
    for saved_min, rows in (([1.0, 1.2, 1.4], 1), ([0.0, 0.0, 0.0], 0)):
        summary = {**summary_of(saved_min), "classes": {"individual": [entry]}}
        assert len(class_rows(summary, UNSAID)[1]) == rows


@pytest.mark.parametrize(("share", "said"), [(1.15, True), (-0.2, True), (1.0, False), (0.6, False)])
def test_a_share_beyond_all_is_explained_on_the_terminal(share, said):
    """115 % of a saving stood there without a word."""
    summary = summary_of([1.0, 1.2, 1.4])
    for metric in metrics_told("within"):
        summary["strategies"]["individual"][metric.name]["mean"] = share
    table = saving_table(summary, 80)
    assert (BEYOND_ALL in " ".join(table.split())) == said
    assert max(map(len, table.splitlines())) <= 80


def class_entry(saved_min: float, within_min: float) -> dict[str, object]:
    """Return a class that saves so much, and so much by people with shifts up to any of the limits."""
    parts = {metric.name: {"mean": 0.2, "half_width": 0.1} for metric in metrics_told("parts")}
    within = {column: {"mean": within_min, "half_width": 0.1} for column in WITHIN}
    return {"group": "advised", "mean_change_min": {"mean": -saved_min, "half_width": 0.1}, **parts, **within}


@pytest.mark.parametrize("with_baselines", [False, True])
@pytest.mark.parametrize(
    ("share", "of_class", "said"),
    [
        (0.6, (1.2, 0.8), []),
        (1.15, (1.2, 0.8), [BEYOND_ALL]),
        (0.6, (1.2, 1.4), [BEYOND_ALL_OF_CLASS]),
        (0.6, (1.2, -0.1), [BEYOND_ALL_OF_CLASS]),
        (0.6, (-1.2, -0.4), []),
        (0.6, (-1.2, 0.1), [BEYOND_ALL_OF_CLASS]),
        (0.6, (-1.2, -1.4), [BEYOND_ALL_OF_CLASS]),
        (0.6, (1.2, 1.204), []),
        (-0.2, (1.2, 1.4), [BEYOND_ALL, BEYOND_ALL_OF_CLASS]),
    ],
)
def test_the_report_explains_such_shares_only_where_its_tables_show_one(with_baselines, share, of_class, said):
    """Every report explained shares above 100 %, most of them without one."""
    summary = {**summary_of([1.0, 1.2, 1.4]), "classes": {"individual": [class_entry(*of_class)]}}
    for metric in metrics_told("within"):
        summary["strategies"]["individual"][metric.name]["mean"] = share
    if with_baselines:
        summary["baselines"] = {"habit": {**summary, "label": "habit"}}
    page = render_report(make_manifest(("none", "individual"), replications=3), summary, empty_tables())
    assert page.count("What the saving consists of, by class") == 1
    assert [note for note in (BEYOND_ALL, BEYOND_ALL_OF_CLASS) if note in page] == said

"""What the report says of the way there and the way back, and of classes."""

from __future__ import annotations

import pytest
from support.made_up_line import make_manifest, make_summary, make_tables

from sim.metrics.account import account_table
from sim.metrics.fairness import class_summary, fairness_table
from sim.report.account_section import account_section
from sim.report.charts.chart import Dots, NothingToShowError
from sim.report.figures.classes import classes_chart
from sim.report.html import render_report
from sim.report.report_data import ReportData
from sim.report.return_section import return_sentences, way_rows
from sim.report.verdict import verdict


def metrics(there: float, back: float, half_width: float = 1.0) -> dict[str, dict[str, float]]:
    return {
        f"{name}_cost_min": {"mean": 500.0, "difference": difference, "difference_half_width": half_width}
        for name, difference in (("outward", there), ("return", back))
    }


@pytest.mark.parametrize(
    ("there", "back", "words"),
    [
        (-200.0, 50.0, "In the evening individual backfires"),
        (-200.0, 50.0, "costs 25 % of what it saves in the morning"),
        (-200.0, -50.0, "the way back gains too"),
        (-200.0, 0.5, "no harm on the way back can be shown"),
        (200.0, -50.0, "the way there becomes dearer"),
        (0.5, 50.0, "the way back becomes dearer"),
    ],
)
def test_what_the_evening_makes_of_the_morning(there: float, back: float, words: str) -> None:
    (sentence,) = return_sentences({"none": metrics(0, 0), "individual": metrics(there, back)})
    assert words in sentence


def test_nothing_is_said_where_nobody_goes_back() -> None:
    tables = make_tables(("none", "individual"), 2)
    summary = make_summary(tables)
    assert return_sentences(summary["strategies"]) == way_rows(summary["strategies"]) == []
    assert not any("way back" in sentence for sentence in verdict(summary))


def test_rows_of_both_ways() -> None:
    rows = way_rows({"none": metrics(0, 0), "individual": metrics(-200.0, 50.0)})
    assert [(row.strategy, row.way, row.change) for row in rows[2:]] == [
        ("individual", "there", "−200 ± 1"),
        ("individual", "back", "+50 ± 1"),
    ]
    assert rows[0].change == ""


def test_classes_are_drawn_and_listed() -> None:
    tables = make_tables(("none", "individual", "coordinated"), 2)
    fairness = fairness_table(tables)
    names = ("none", "individual", "coordinated")
    chart = classes_chart(ReportData(make_manifest(names), make_summary(tables), {**tables, "fairness": fairness}))
    left, right = chart.panels
    assert [entry.label for entry in chart.legend] == ["individual", "coordinated"]
    assert "followed the advice" in {name for _, name in left.y.names}
    shown = {round(float(x), 6) for mark in right.marks if isinstance(mark, Dots) for x in mark.x}
    expected = {round(100 * item["losers_share"]["mean"], 6) for item in class_summary(fairness)["individual"]}
    assert expected <= shown
    page = render_report(
        make_manifest(("none", "individual", "coordinated")), make_summary(tables), {**tables, "fairness": fairness}
    )
    assert "Gains and losses by class" in page
    with pytest.raises(NothingToShowError):
        classes_chart(ReportData(make_manifest(("none",)), {"strategies": {}}, make_tables(("none",), 2)))


def test_gains_by_advice_stand_once_where_a_scenario_has_no_classes_of_its_own() -> None:
    tables = make_tables(("none", "individual"), 2)
    tables["account"] = account_table(tables, 900.0)
    section = account_section(ReportData(make_manifest(("none", "individual")), make_summary(tables), tables))
    assert section is not None
    groups = {row.group for row in section.classes}
    assert "longer half of the rides" in groups
    assert not groups & {"followed the advice", "advised, did not follow", "not advised"}
    assert sum(float(row.commuters.split()[0]) for row in section.classes if "rides" in row.group) == pytest.approx(100)

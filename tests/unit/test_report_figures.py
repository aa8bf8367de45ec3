"""Figures: what they show, how they are drawn, and what they do where there is nothing."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from support.made_up_line import (
    FOUR_STRATEGIES,
    PERIOD_S,
    empty_tables,
    make_manifest,
    make_summary,
    make_tables,
    metric,
)

from sim.report.charts.axes import shorten, text_px, ticks_of
from sim.report.charts.chart import (
    PANEL_PX,
    Axis,
    Chart,
    Curve,
    Dots,
    HeatMap,
    Label,
    LegendEntry,
    NothingToShowError,
    Panel,
    Segments,
    Steps,
    Whiskers,
)
from sim.report.charts.colours import LEVELS, load_scale
from sim.report.charts.picture import chart_picture
from sim.report.charts.svg import chart_html
from sim.report.cost_changes import cost_changes
from sim.report.figure_list import exhibits
from sim.report.figures.cost_change import cost_change_chart
from sim.report.figures.differences import differences_chart
from sim.report.figures.journeys import arrivals_chart, departures_chart, waiting_chart
from sim.report.figures.loads import load_change_chart, load_chart
from sim.report.figures.network import stops_and_links_chart
from sim.report.figures.vehicles import vehicles_chart
from sim.report.plots import Plots
from sim.report.report_data import ReportData
from sim.report.strategy_looks import StrategyLooks
from sim.report.sweep_html import SweepPlots

LINE = ("L", 0)
LOOKS = StrategyLooks({"none": {"colour": "#8a8a8a"}, "coordinated": {"colour": "#009e73", "label": "Coordinated"}})


@pytest.fixture(scope="module")
def data():
    tables = make_tables(replications=2, commuters=500)
    return ReportData(make_manifest(), make_summary(tables), tables)


@pytest.fixture(scope="module")
def plots(data):
    return Plots(data.manifest, data.summary, data.tables)


def titles(chart):
    return [panel.title for panel in chart.panels]


def marks(chart, kind, panel=0):
    return [mark for mark in chart.panels[panel].marks if isinstance(mark, kind)]


def every_chart(data):
    found = {}
    for exhibit in exhibits(data):
        try:
            found[exhibit.key] = exhibit.build(data)
        except NothingToShowError:
            continue
    return found


def test_pictures_leave_the_settings_of_matplotlib_alone(plots):
    before = dict(mpl.rcParams)
    plots.load()._repr_png_()
    assert dict(mpl.rcParams) == before


def test_pictures_do_not_hang_on_the_users_settings(plots):
    usual = plots.departures()._repr_png_()
    with mpl.rc_context({"axes.grid": True, "font.size": 30.0, "lines.linewidth": 9.0}):
        assert plots.departures()._repr_png_() == usual


def test_a_report_is_made_without_matplotlib():
    program = (
        "import sys\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from support.made_up_line import make_tables, make_manifest, make_summary\n"
        "from sim.report.html import render_report\n"
        "tables = make_tables(['none'])\n"
        "assert '<svg' in render_report(make_manifest(['none']), make_summary(tables), tables)\n"
        "assert not {'matplotlib', 'networkx', 'PIL'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", program, Path(__file__).resolve().parents[1]], check=True)


def test_every_figure_is_drawn_both_ways(data, plots):
    charts = every_chart(data)
    assert len(charts) == 12
    for key, chart in charts.items():
        assert chart_html(chart, "alt").count("<svg viewBox") == len(chart.panels) + len(chart.legend)
        picture = getattr(plots, key.replace("-", "_"))()
        shown = [axes for axes in picture.axes if axes.get_visible() and axes.get_label() != "<colorbar>"]
        assert len(shown) == len(chart.panels)
        assert picture._repr_png_().startswith(b"\x89PNG")


def test_labels_beside_a_panel_lie_beside_it():
    """Catches a label that is longer than its panel is high and lies on the legend, as that of the account did."""
    marked = (Steps(np.arange(3.0), np.array([-90.0, 120.0]), "ink", 1.0),)
    panels = tuple(
        Panel(name, marked, Axis("Time of day"), Axis("Persons on board, change per day")) for name in ("one", "other")
    )
    figure = chart_picture(Chart("", panels, "half", 150.0, (LegendEntry("direct shift", "#0072b2"),)))
    figure.draw_without_rendering()
    for axes in figure.axes:
        written, panel = axes.yaxis.label.get_window_extent(), axes.get_window_extent()
        assert panel.y0 <= written.y0
        assert written.y1 <= panel.y1


def test_where_nobody_travels_no_change_of_cost_is_drawn(data):
    """Catches dots at 0 min, as if a change of nothing had been found."""
    strategies = {name: {"total_generalized_cost_min": metric(0.0, 0.0, 0.0, 0.0)} for name in ("none", "individual")}
    nobody = ReportData(make_manifest(("none", "individual")), {"strategies": strategies}, {})
    with pytest.raises(NothingToShowError, match="Nobody travels"):
        cost_change_chart(nobody)
    costs = {"mean_generalized_cost_min": metric(120.0, 0.0, 0.0, 0.0), "arrived_share": metric(0.0, 0.0, 0.0, 0.0)}
    stranded = dict.fromkeys(("none", "individual"), costs)
    with pytest.raises(NothingToShowError, match="Nothing is compared"):
        cost_change_chart(ReportData(make_manifest(("none", "individual")), {"strategies": stranded}, {}))


def test_every_strategy_has_its_own_colour_and_none_is_grey():
    colours = LOOKS.colours([*FOUR_STRATEGIES, "mine", "yours"])
    assert len(set(colours.values())) == 6
    red, green, blue = mpl.colors.to_rgb(colours["none"])
    assert red == green == blue
    assert LOOKS.colours(["coordinated", "none"])["coordinated"] == colours["coordinated"]
    assert len(set(LOOKS.colours([f"mine_{number}" for number in range(8)]).values())) == 8


def test_a_users_own_strategy_looks_as_it_says_like_any_other():
    facts = [{"name": "mine", "label": "Mine", "colour": "#123456", "sentence": "is mine."}, {"name": "plain"}]
    looks = StrategyLooks.of({"strategy_facts": facts})
    assert looks.colours(["mine"]) == {"mine": "#123456"}
    assert (looks.label("mine"), looks.label("plain"), looks.label("unheard")) == ("Mine", "plain", "unheard")
    assert (looks.sentences("mine"), looks.sentences("plain")) == (["Mine is mine."], [])
    tables = make_tables(("none", "mine"), replications=2, commuters=200)
    manifest = {**make_manifest(("none", "mine")), "strategy_facts": facts}
    chart = departures_chart(ReportData(manifest, make_summary(tables), tables))
    assert chart.legend[1] == LegendEntry("Mine", "#123456")


def test_heat_maps_share_one_scale_and_hold_the_loads(data):
    chart = load_chart(data, LINE)
    assert titles(chart) == list(FOUR_STRATEGIES)
    cells = [mark for place in range(4) for mark in marks(chart, HeatMap, place)]
    assert {mark.scale for mark in cells} == {chart.scale}
    periods = data.tables["periods"]
    chosen = periods.where(periods.equals("strategy", "none") & (periods["stop_id"] == 0))
    start_s = chosen["period_start_s"][0]
    here = chosen.where(chosen["period_start_s"] == start_s)
    expected = np.average(here["load_factor"], weights=here["vehicles"])
    column = round((start_s - data.load_profiles[0].period_starts_s[0]) / PERIOD_S)
    # In per cent, as the same load factor is among the metrics.
    assert cells[0].values[0, column] == pytest.approx(100.0 * expected)


def test_colours_run_from_the_low_to_the_high_end_and_nothing_has_none():
    scale = load_scale(50.0)
    levels = scale.levels(np.array([-100.0, 0.0, 50.0, 100.0, 200.0, np.nan]))
    assert levels.tolist() == [0, 0, LEVELS // 2, LEVELS - 1, LEVELS - 1, LEVELS]
    assert scale.palette().shape == (LEVELS, 4)


def test_the_change_of_load_is_that_against_none(data):
    chart = load_change_chart(data, LINE)
    assert titles(chart) == list(FOUR_STRATEGIES[1:])
    loads = data.loads_along(LINE)
    (cells,) = marks(chart, HeatMap, 1)
    np.testing.assert_allclose(cells.values, loads["individual"].load - loads["none"].load)


def test_departures_hold_every_commuter_once(data):
    for mark in marks(departures_chart(data), Steps):
        assert mark.values.sum() == pytest.approx(500)


def test_cost_changes_add_up_and_none_is_never_compared_with_itself(data):
    changes = data.cost_changes
    assert list(changes) == list(FOUR_STRATEGIES[1:])
    for change in changes.values():
        assert change.share.sum() == pytest.approx(1.0)
        assert len(change.bin_edges_min) == change.share.shape[1] + 1


def test_losers_of_the_figure_are_those_of_the_summary(data):
    change = data.cost_changes["same_for_all"]
    middle = change.share.shape[1] // 2
    losers = data.summary["strategies"]["same_for_all"]["losers_share"]["mean"]
    winners = data.summary["strategies"]["same_for_all"]["winners_share"]["mean"]
    assert change.share[:, middle + 1 :].sum() == pytest.approx(losers)
    assert change.share[:, :middle].sum() == pytest.approx(winners)


def test_who_complied_by_leaving_as_usual_has_not_moved():
    """Compliance of a fifth is told apart from advice to leave when somebody leaves anyway."""
    tables = make_tables(("none", "individual"), replications=1)
    journeys = tables["journeys"]
    own = journeys.equals("strategy", "individual")
    complied, advised = journeys["complied"][own], journeys["advised"][own]
    usual = np.flatnonzero(own)[np.flatnonzero(complied)[::2]]
    journeys["departure_s"][usual] = journeys["departure_s"][~own][np.flatnonzero(complied)[::2]]
    moved = journeys["departure_s"][own] != journeys["departure_s"][~own]
    parts = [complied & moved, complied & ~moved, advised & ~complied, ~advised]
    assert min(part.sum() for part in parts) > 0
    found = cost_changes(journeys, ["none", "individual"])["individual"].share.sum(axis=1)
    assert found == pytest.approx([part.mean() for part in parts])


def test_curves_of_strategies_are_shown_as_what_they_change(data):
    """Four curves on each other show one; what each of them changes shows which is which."""
    for build in (departures_chart, arrivals_chart, waiting_chart):
        chart = build(data)
        assert [("without advice" in title.lower()) for title in titles(chart)] == [True, False] * (
            len(chart.panels) // 2
        )
        for level, change in zip(chart.panels[::2], chart.panels[1::2], strict=True):
            curves, changes = (
                [mark for mark in panel.marks if isinstance(mark, Steps | Curve)] for panel in (level, change)
            )
            assert (len(curves), len(changes)) == (1, len(FOUR_STRATEGIES) - 1)
            assert np.isnan(change.y.low)
    departures = marks(departures_chart(data), Steps, 1)
    assert all(abs(float(mark.values.sum())) < 1e-9 for mark in departures)


def test_names_on_a_map_lie_within_it():
    rows = [{"stop_id": f"{k}", "name": f"A stop with a long name {k}", "x": k / 100.0, "y": 0.0} for k in range(12)]
    links = [{"from": a["stop_id"], "to": b["stop_id"]} for a, b in pairwise(rows)]
    chart = stops_and_links_chart(rows, links)
    (panel,) = chart.panels
    left, right = panel.x.low, panel.x.high
    named = marks(chart, Label)
    assert named
    for label in named:
        half = text_px(label.text, 11.5) / 2.0 / PANEL_PX["wide"] * (right - left)
        middle = label.x + label.side[0] * (half + 6.0 / PANEL_PX["wide"] * (right - left))
        assert left <= middle - half <= middle + half <= right


def test_numbers_of_the_first_picture_lie_across_from_their_dots(data):
    chart = cost_change_chart(data)
    (panel,) = chart.panels
    dots, labels = marks(chart, Dots), marks(chart, Label)
    assert len(dots) == len(labels) == len(FOUR_STRATEGIES) - 1
    for dot, label in zip(dots, labels, strict=True):
        (interval,) = [mark for mark in marks(chart, Whiskers) if mark.y[0] == dot.y[0]]
        assert label.side[0] == (-1 if dot.x[0] > 0.0 else 1)
        assert label.x == (min(0.0, interval.low[0]) if label.side[0] < 0 else max(0.0, interval.high[0]))
        room = label.x - panel.x.low if label.side[0] < 0 else panel.x.high - label.x
        assert room >= 0.36 * (panel.x.high - panel.x.low)


def test_days_are_counted_in_whole_numbers():
    ticks = ticks_of(Axis(least_step=1.0), 0.0, 3.0, 300.0, 11.5, is_across=True)
    assert [label for _, label in ticks] == ["0", "1", "2", "3"]


def test_waits_fall_from_everybody_to_nearly_nobody(data):
    waits_min, shares = data.wait_exceedance()
    assert waits_min[0] == 0.0
    for share in shares.values():
        assert share[0] > 0.9
        assert share[-1] < 0.02
        assert np.all(np.diff(share) <= 0.0)


def test_dots_are_hollow_without_an_interval():
    summary = {
        "none": {"mean_wait_min": metric(5.0, None, 0.0, 0.0)},
        "individual": {"mean_wait_min": metric(4.0, None, -1.0, None)},
        "coordinated": {"mean_wait_min": metric(4.0, 0.1, -1.0, 0.2)},
    }
    chart = differences_chart(ReportData({"strategies": list(summary)}, {"strategies": summary}, {}))
    assert [mark.look for mark in marks(chart, Dots)] == ["hollow", "full"]


def test_vehicles_of_one_day_are_drawn_around_the_peak(data):
    chart = vehicles_chart(data, LINE)
    assert chart.panels[0].x.high - chart.panels[0].x.low == pytest.approx(2.5 * 3600.0)
    assert titles(chart) == list(FOUR_STRATEGIES)
    (pieces,) = marks(chart, Segments)
    assert pieces.points[..., 0].min() >= chart.panels[0].x.low
    assert pieces.points[..., 0].max() <= chart.panels[0].x.high


def test_a_line_may_be_named_and_an_unknown_one_says_so(plots):
    assert len(plots.load(line_id="L", direction_id=0).axes) == 5
    with pytest.raises(NothingToShowError, match="line Q"):
        plots.load(line_id="Q")
    with pytest.raises(NothingToShowError):
        plots.vehicles(line_id="Q")


def test_a_figure_without_anything_to_show_is_a_sentence_where_no_line_was_named():
    """A notebook goes on: it ended in a traceback where its demand was set to 0."""
    names = ("none", "individual")
    plots = Plots(make_manifest(names), {"strategies": {name: {} for name in names}}, empty_tables())
    expected = {
        "winners": "Nobody travelled, so there is nobody whose costs could be compared.",
        "classes": "Nobody travelled, so there is nobody whose costs could be compared.",
        "departures": "No commuter travelled, so there are no departures and arrivals to show.",
        "load": "No vehicle ran, so there is no load to show.",
        "differences": "No metric has a difference against none to show.",
    }
    for name, sentence in expected.items():
        figure = getattr(plots, name)()
        assert [text.get_text() for text in figure.texts] == [sentence]
        assert figure._repr_png_().startswith(b"\x89PNG")
    assert SweepPlots({}, {"curves": []}).curve().texts[0].get_text().startswith("No key of this sweep")
    with pytest.raises(NothingToShowError, match="No curve runs along seed"):
        SweepPlots({}, {"curves": []}).curve("seed")


def test_empty_tables_raise_a_sentence_and_nothing_else():
    empty = ReportData(make_manifest(stops=0, links=[]), {"strategies": {}}, empty_tables())
    for exhibit in exhibits(empty):
        with pytest.raises(NothingToShowError, match=r"^[A-Z].*\.$"):
            exhibit.build(empty)


@pytest.mark.parametrize(
    "stops",
    [
        [("a", None, None)],
        [("a", 118.1, 24.5), ("b", 118.2, 24.5), ("c", 118.1, 24.6)],
        [("a", 0.0, 0.0), ("b", 0.0, 0.0)],
        [(str(number), None, None) for number in range(25)],
    ],
    ids=["one stop", "map", "two stops at one place", "line"],
)
def test_a_network_is_drawn_with_or_without_positions(stops):
    rows = [{"stop_id": stop, "name": f"Stop {stop}", "x": x, "y": y} for stop, x, y in stops]
    links = [{"from": a["stop_id"], "to": b["stop_id"]} for a, b in pairwise(rows)]
    chart = stops_and_links_chart(rows, links)
    assert len(marks(chart, Segments)[0].points) == len(links)
    assert len(marks(chart, Dots)[0].x) == len(stops)
    assert "nan" not in chart_html(chart, "alt")


def test_a_picture_of_a_network_counts_links_as_the_network_does_and_draws_both_ways_once():
    rows = [{"stop_id": stop, "name": stop, "x": x, "y": 24.5} for stop, x in (("a", 118.1), ("b", 118.2))]
    chart = stops_and_links_chart(rows, [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}])
    assert titles(chart) == ["2 stops, 2 links"]
    assert len(marks(chart, Segments)[0].points) == 1


def test_a_line_without_positions_lies_in_its_order():
    rows = [{"stop_id": stop, "name": stop, "x": None, "y": None} for stop in "cadb"]
    chart = stops_and_links_chart(rows, [{"from": a, "to": b} for a, b in pairwise("abcd")])
    (dots,) = marks(chart, Dots)
    x = dict(zip("cadb", dots.x.tolist(), strict=True))
    assert [x[stop] for stop in "abcd"] in ([0.0, 1.0, 2.0, 3.0], [3.0, 2.0, 1.0, 0.0])


def test_a_network_with_branches_and_islands_keeps_neighbours_close():
    rows = [{"stop_id": str(number), "name": "", "x": None, "y": None} for number in range(6)]
    links = [{"from": "0", "to": other} for other in ("1", "2", "3")] + [{"from": "4", "to": "nowhere"}]
    (dots,) = marks(stops_and_links_chart(rows, links), Dots)
    points = np.stack([dots.x, dots.y], axis=1)
    beside = np.linalg.norm(points[[1, 2, 3]] - points[0], axis=1)
    assert np.isfinite(points).all()
    assert beside.max() < np.linalg.norm(points[[4, 5]] - points[0], axis=1).min()


def test_names_of_stops_keep_clear_of_each_other():
    rows = [
        {"stop_id": str(n), "name": f"Stop number {n}", "x": 10.0 * (n % 20), "y": 10.0 * (n // 20)} for n in range(400)
    ]
    chart = stops_and_links_chart(rows, [])
    labels = marks(chart, Label)
    assert 0 < len(labels) < 400
    assert "names where there is room" in chart.caption


def test_a_large_network_without_positions_gets_a_sentence():
    rows = [{"stop_id": str(number), "name": "", "x": None, "y": 1.0} for number in range(601)]
    with pytest.raises(NothingToShowError, match="601 stops"):
        stops_and_links_chart(rows, [])


def test_pictures_are_the_same_bytes_twice(data, plots):
    assert plots.vehicles()._repr_png_() == plots.vehicles()._repr_png_()
    for chart, again in zip(every_chart(data).values(), every_chart(data).values(), strict=True):
        assert chart_html(chart, "a") == chart_html(again, "a")


def test_clock_ticks_are_round_times_past_midnight_too():
    ticks = ticks_of(Axis(is_clock=True), 22.4 * 3600.0, 26.2 * 3600.0, 250.0, 11.5, is_across=True)
    assert [label for _, label in ticks] == ["23:00", "24:00", "25:00", "26:00"]


@pytest.mark.parametrize("length_px", [60.0, 120.0, 300.0, 900.0])
@pytest.mark.parametrize(
    ("low", "high"), [(-240_000.0, -160_000.0), (0.0, 1.0), (-3.2, 0.004), (5.0, 6e6), (0.0, 1e-7)]
)
def test_labels_of_numbers_keep_clear_of_each_other(low, high, length_px):
    ticks = ticks_of(Axis(), low, high, length_px, 11.5, is_across=True)
    at = [(place - low) / (high - low) * length_px for place, _ in ticks]
    half = [text_px(label, 11.5) / 2.0 for _, label in ticks]
    assert all(later - half[n + 1] > earlier + half[n] for n, (earlier, later) in enumerate(pairwise(at)))
    assert all(-1e-6 <= place_px <= length_px + 1e-6 for place_px in at)


def test_named_rows_are_left_out_where_there_is_no_room():
    axis = Axis(names=tuple((float(row), f"Stop {row}") for row in range(50)))
    assert len(ticks_of(axis, 0.0, 49.0, 150.0, 11.5, is_across=False)) < 15
    assert len(ticks_of(axis, 0.0, 49.0, 900.0, 11.5, is_across=False)) == 50


def test_hostile_texts_are_escaped_in_a_chart():
    chart = Chart(
        "",
        (Panel("<b>", (Label(0.0, 0.0, "<i>", (1, 0)),), Axis("<u>"), Axis("<s>")),),
        legend=(LegendEntry("<p>", "ink"),),
    )
    text = chart_html(chart, '"><script>')
    assert not any(f"<{tag}>" in text for tag in ("b", "i", "u", "s", "script"))
    assert "&lt;i&gt;" in text


def test_long_names_are_cut():
    assert shorten("A  very\nlong name of a stop indeed", 12) == "A very long…"
    assert shorten("short") == "short"

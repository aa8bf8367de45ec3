"""Figures: what they draw, that they leave matplotlib alone, and what they do where there is nothing."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest

from sim.report.figures.network import network_figure
from sim.report.figures.outcomes import differences_figure
from sim.report.gallery import exhibits
from sim.report.material import Material, NothingToShowError
from sim.report.plots import Plots
from sim.report.strategy_looks import StrategyLooks
from sim.report.style import clock_axis, new_figure, shorten, to_inline_svg, to_png
from tests.support.made_up_line import (
    FOUR_STRATEGIES,
    PERIOD_S,
    empty_tables,
    make_manifest,
    make_summary,
    make_tables,
    metric,
)

LOOKS = StrategyLooks({"none": {"colour": "#8a8a8a"}, "coordinated": {"colour": "#009e73", "label": "Coordinated"}})


@pytest.fixture(scope="module")
def material():
    tables = make_tables(replications=2, commuters=500)
    return Material(make_manifest(), make_summary(tables), tables)


@pytest.fixture(scope="module")
def plots(material):
    return Plots(material.manifest, material.summary, material.tables)


def titles(figure):
    return [axes.get_title(loc="left") for axes in figure.axes if axes.get_title(loc="left")]


def test_figures_change_no_setting_of_matplotlib(plots):
    before = dict(mpl.rcParams)
    to_inline_svg(plots.load(), "alt", "x")
    assert dict(mpl.rcParams) == before


def test_figures_do_not_hang_on_the_users_settings(plots):
    usual = to_inline_svg(plots.departures(), "alt", "x")
    with mpl.rc_context({"axes.grid": True, "font.size": 30.0, "lines.linewidth": 9.0}):
        assert to_inline_svg(plots.departures(), "alt", "x") == usual


def test_pyplot_is_never_loaded():
    program = (
        "import sys\n"
        "from tests.support.made_up_line import make_tables, make_manifest, make_summary\n"
        "from sim.report.html import render_report\n"
        "assert 'matplotlib' not in sys.modules, 'loaded before a figure was asked for'\n"
        "tables = make_tables(['none'])\n"
        "render_report(make_manifest(['none']), make_summary(tables), tables)\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


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
    assert (looks.sentences("mine"), looks.sentences("plain")) == (["mine is mine."], [])


def test_heat_maps_share_one_scale_and_hold_the_loads(material, plots):
    figure = plots.load()
    assert titles(figure) == list(FOUR_STRATEGIES)
    meshes = [axes.collections[0] for axes in figure.axes[:4]]
    assert len({(mesh.norm.vmin, mesh.norm.vmax) for mesh in meshes}) == 1
    periods = material.tables["periods"]
    chosen = periods.where(periods.equals("strategy", "none") & (periods["stop_id"] == 0))
    start_s = chosen["period_start_s"][0]
    here = chosen.where(chosen["period_start_s"] == start_s)
    expected = np.average(here["load_factor"], weights=here["vehicles"])
    column = round((start_s - material.load_profiles[0].period_starts_s[0]) / PERIOD_S)
    shape = material.load_profiles[0].load_factor.shape
    assert np.ma.getdata(meshes[0].get_array()).reshape(shape)[0, column] == pytest.approx(expected)


def test_the_change_of_load_is_that_against_none(material, plots):
    figure = plots.load_change()
    assert titles(figure) == list(FOUR_STRATEGIES[1:])
    loads = material.loads_along("L", 0)
    expected = loads["individual"].load - loads["none"].load
    drawn = figure.axes[1].collections[0].get_array().reshape(expected.shape)
    np.testing.assert_allclose(np.ma.filled(drawn, np.nan), expected)


def test_departures_hold_every_commuter_once(plots):
    upper = plots.departures().axes[0]
    for patch in upper.patches:
        assert patch.get_data().values.sum() == pytest.approx(500)


def test_cost_changes_add_up_and_none_is_never_compared_with_itself(material):
    changes = material.cost_changes()
    assert list(changes) == list(FOUR_STRATEGIES[1:])
    for change in changes.values():
        assert change.share.sum() == pytest.approx(1.0)
        assert len(change.bin_edges_min) == change.share.shape[1] + 1


def test_losers_of_the_figure_are_those_of_the_summary(material):
    change = material.cost_changes()["same_for_all"]
    middle = change.share.shape[1] // 2
    losers = material.summary["strategies"]["same_for_all"]["losers_share"]["mean"]
    winners = material.summary["strategies"]["same_for_all"]["winners_share"]["mean"]
    assert change.share[:, middle + 1 :].sum() == pytest.approx(losers)
    assert change.share[:, :middle].sum() == pytest.approx(winners)


def test_waits_fall_from_everybody_to_nearly_nobody(material):
    waits_min, shares = material.wait_exceedance()
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
    axes = differences_figure(summary).axes[0]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [dot.get_markerfacecolor() == "none" for dot in dots] == [True, False]


def test_vehicles_of_one_day_are_drawn_around_the_peak(plots):
    figure = plots.vehicles()
    low_s, high_s = figure.axes[0].get_xlim()
    assert high_s - low_s == pytest.approx(2.5 * 3600.0)
    assert titles(figure) == list(FOUR_STRATEGIES)


def test_a_line_may_be_named_and_an_unknown_one_says_so(plots):
    assert titles(plots.load(line_id="L", direction_id=0)) == list(FOUR_STRATEGIES)
    with pytest.raises(NothingToShowError, match="line Q"):
        plots.load(line_id="Q")
    with pytest.raises(NothingToShowError):
        plots.vehicles(line_id="Q")


def test_empty_tables_raise_a_sentence_and_nothing_else():
    plots = Plots(make_manifest(stops=0, links=[]), {"strategies": {}}, empty_tables())
    for exhibit in exhibits(Material(make_manifest(), {"strategies": {}}, empty_tables())):
        with pytest.raises(NothingToShowError, match=r"^[A-Z].*\.$"):
            exhibit.build(plots)


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
    figure = network_figure(rows, links)
    assert to_png(figure, dpi=40).startswith(b"\x89PNG")
    assert len(figure.axes[0].collections[0].get_segments()) == len(links)


def test_a_picture_of_a_network_counts_links_as_the_network_does_and_draws_both_ways_once():
    rows = [{"stop_id": stop, "name": stop, "x": x, "y": 24.5} for stop, x in (("a", 118.1), ("b", 118.2))]
    figure = network_figure(rows, [{"from": "a", "to": "b"}, {"from": "b", "to": "a"}])
    assert titles(figure) == ["2 stops, 2 links"]
    assert len(figure.axes[0].collections[0].get_segments()) == 1


def test_a_network_with_branches_and_islands_is_drawn():
    rows = [{"stop_id": str(number), "name": "", "x": None, "y": None} for number in range(6)]
    links = [{"from": "0", "to": other} for other in ("1", "2", "3")] + [{"from": "4", "to": "nowhere"}]
    assert to_png(network_figure(rows, links), dpi=40).startswith(b"\x89PNG")


def test_a_large_network_without_positions_gets_a_sentence():
    rows = [{"stop_id": str(number), "name": "", "x": None, "y": 1.0} for number in range(601)]
    with pytest.raises(NothingToShowError, match="601 stops"):
        network_figure(rows, [])


def test_pictures_are_the_same_bytes_twice(plots):
    assert to_png(plots.vehicles()) == to_png(plots.vehicles())
    assert to_inline_svg(plots.winners(), "a", "p") == to_inline_svg(plots.winners(), "a", "p")


def test_clock_ticks_are_round_times_past_midnight_too():
    axes = new_figure(2.0).subplots()
    axes.set_xlim(22.4 * 3600.0, 26.2 * 3600.0)
    clock_axis(axes.xaxis, 22.4 * 3600.0, 26.2 * 3600.0, 5)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["23:00", "24:00", "25:00", "26:00"]


def test_long_names_are_cut():
    assert shorten("A  very\nlong name of a stop indeed", 12) == "A very long…"
    assert shorten("short") == "short"

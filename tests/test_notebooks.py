"""Notebooks show pictures: what a cell draws is what a reader sees. `make notebooks` runs them whole."""

from __future__ import annotations

import ast
import importlib
import json
from pathlib import Path

import pytest
from support.made_up_line import make_manifest, make_summary, make_tables

import sim
from sim.report.plots import Plots

NOTEBOOKS = sorted((Path(__file__).resolve().parent.parent / "notebooks").glob("*.ipynb"))


def cells(notebook):
    for number, cell in enumerate(json.loads(notebook.read_text(encoding="utf-8"))["cells"]):
        if cell["cell_type"] == "code":
            yield number, ast.parse("".join(cell["source"]))


def draws(tree):
    """Say whether a figure of a result is asked for: ``anything.plot.name(...)``."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Attribute)
        and node.func.value.attr == "plot"
        for node in ast.walk(tree)
    )


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_that_draws_ends_with_its_figure(notebook):
    hidden = [number for number, tree in cells(notebook) if draws(tree) and not isinstance(tree.body[-1], ast.Expr)]
    assert hidden == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_a_notebook_takes_from_the_package_is_there(notebook):
    """A module that was renamed is found here, without running the notebook."""
    taken = [
        (node.module, alias.name)
        for _, tree in cells(notebook)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).split(".")[0] == "sim"
        for alias in node.names
    ]
    assert taken
    assert [name for module, name in taken if not hasattr(importlib.import_module(module), name)] == []


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_figure_of_pyplot_is_shown_once(notebook):
    """Jupyter shows what pyplot opened at the end of a cell; a cell that ends with the figure shows it twice."""
    for number, tree in cells(notebook):
        calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        if "plt.subplots" in calls:
            assert "plt.show" in calls, number
            assert not (isinstance(tree.body[-1], ast.Expr) and isinstance(tree.body[-1].value, ast.Name)), number


def test_notebooks_draw_at_all():
    assert sum(draws(tree) for notebook in NOTEBOOKS for _, tree in cells(notebook)) >= 7


def test_a_figure_is_shown_as_a_picture_whether_or_not_pyplot_was_loaded():
    formatters = pytest.importorskip("IPython.core.formatters")
    tables = make_tables(("none", "individual"), replications=2, commuters=200)
    plots = Plots(make_manifest(("none", "individual")), make_summary(tables), tables)
    for figure in (plots.load(), plots.differences(), plots.network()):
        shown, _ = formatters.DisplayFormatter().format(figure)
        assert shown["image/png"].startswith(b"\x89PNG")


def test_what_is_said_of_the_late_bus_is_of_the_line_as_it_is_written_there(capsys, monkeypatch):
    """Fewer stops or buses were an error, and a bus 2 min late stood beside the theory of one that is 1 min late."""
    pyplot = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.setattr(pyplot, "show", lambda: None)
    notebook = next(path for path in NOTEBOOKS if path.stem == "02_bunching")
    names: dict[str, object] = {}
    for number, tree in list(cells(notebook))[:4]:
        text = ast.unparse(tree).replace("(20, 12, 6, 1)", "(10, 4, 6, 2)")
        assert number > 1 or "(10, 4, 6, 2)" in text
        exec(compile(text, f"cell {number}", "exec"), names)
    pyplot.close("all")
    told = capsys.readouterr().out
    assert "late by 2.00 min at stop 0, by 3.257789 min at stop 10\ntheory: 2 (1 + k)^10 = 3.257789\n" in told
    assert "furthest from theory: 0.000000 min" in told
    assert "at stop 10: 3.258 min without" in told


@pytest.fixture(scope="module")
def nobody():
    """A comparison to which nobody comes."""
    keys = {"demand.scale": 0, "days": 2, "baselines": ["habit"]}
    return sim.compare("two_lines_lesson", ["none", "same_for_all", "coordinated"], replications=2, overrides=keys)


def shown(notebook, numbers, names, *changed):
    """Run cells of a notebook by their numbers, with some text changed, and return what the last one shows."""
    source = dict(cells(next(path for path in NOTEBOOKS if path.stem == notebook)))
    value = None
    for number in numbers:
        text = ast.unparse(source[number])
        for old, new in changed:
            text = text.replace(old, new)
        tree = ast.parse(text)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"cell {number}", "exec"), names)
        value = None if last is None else eval(compile(ast.Expression(last.value), f"cell {number}", "eval"), names)
    return value


def test_notebooks_go_on_where_a_comparison_has_nobody(nobody, capsys):
    """What a researcher gets who sets demand.scale to 0: empty tables and sentences, no traceback."""
    table = shown("01_first_comparison", [11], {"result": nobody})
    assert list(table.columns) == ["same_for_all", "coordinated"]
    assert (table.loc["count"] == 0).all()
    shown("03_when_advice_backfires", [7, 9], {"result": nobody, "FAST": True})
    assert capsys.readouterr().out.splitlines() == [
        "cells: 0",
        "same_for_all has nothing to split: nobody travels",
        "coordinated has nothing to split: nobody travels",
    ]
    figure = shown("03_when_advice_backfires", [11], {"result": nobody})
    assert figure.texts[0].get_text().startswith("Nobody travelled")


def test_the_city_graph_goes_on_where_nobody_rides(capsys, monkeypatch):
    monkeypatch.setenv("SIM_FAST", "1")
    shown("05_city_graph", [1, 3, 4, 6], {}, ("{'days': 1,", "{'days': 1, 'demand.scale': 0,"))
    assert capsys.readouterr().out.splitlines()[-1].split() == ["new", "street", "nobody", "rides"]

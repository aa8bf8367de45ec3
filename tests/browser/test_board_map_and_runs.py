"""The board's map from far and near, with its names, and two runs beside each other."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.conftest import served
from browser.test_app_in_a_browser import board, taken, until
from support.served import LINE, write_comparison

import sim

STATIC = Path(__file__).resolve().parents[2] / "sim" / "app" / "static"
WORDS = json.loads((STATIC / "en.json").read_text(encoding="utf-8"))

CROWDED = """async () => {
    const { Scene, busiest, sceneSvg } = await import("/static/boardmap.js");
    const { Camera } = await import("/static/mapview.js");
    const rows = Array.from({ length: 500 }, (_, row) => row);
    // Most of the stops lie in a twentieth of the map, as those of a city's centre do.
    const spread = (by, row, place) => (row < 300 ? 4750 + place * 30 : (row * by) % 10000);
    const x = rows.map((row) => spread(7919, row, row % 16));
    const y = rows.map((row) => spread(6271, row, row >> 4));
    const stops = { id: rows.map(String), name: rows.map((row) => `Stop ${row}`), x, y };
    const network = { stops, nodes: { x: [], y: [] }, links: [], lines: [], width: 10000, height: 10000 };
    const loads = { first_period: 0, periods: 1, load_percent: rows.map(() => 50), boardings: rows };
    const direction = { line_id: "L", direction_id: 0, stop_ids: stops.id, ...loads };
    const scene = new Scene(network, { directions: [direction], period_s: 900 });
    const trip = (row) => [0, 0, 80, 30, 0, row, 0, 60, 40, row + 1, 60, 60, 0];
    scene.setTrips({ trips: rows.slice(0, -1).map(trip) });
    const seen = (camera) => {
        const drawn = sceneSvg(scene, 30, null, "a map", camera);
        document.body.append(drawn);
        const texts = [...drawn.querySelectorAll("text")];
        const boxes = texts.map((one) => one.getBBox());
        const side = Number(drawn.querySelector("rect").getAttribute("width"));
        const { width, height } = drawn.viewBox.baseVal;
        drawn.remove();
        const meet = (one, other, at, size, room) =>
            one[at] + room < other[at] + other[size] && other[at] + room < one[at] + one[size];
        const touch = boxes.flatMap((one, place) =>
            boxes
                .slice(place + 1)
                .filter((other) => meet(one, other, "x", "width", 0) && meet(one, other, "y", "height", 3)),
        ).length;
        const inside = boxes.filter(
            (one) => one.x >= 0 && one.y >= -3 && one.x + one.width <= width && one.y + one.height <= height + 3,
        );
        return { names: texts.map((one) => one.textContent), side, touch, inside: inside.length };
    };
    const [far, near] = [seen(new Camera()), seen(new Camera(16))];
    // Nobody boards but in the centre, where stop 0 to 299 are.
    direction.boardings = rows.map((row) => (row < 300 ? 1 : 0));
    const centre = new Camera();
    centre.frame(...busiest(new Scene(network, { directions: [direction], period_s: 900 })));
    const edges = { beyond: new Camera(0.1, 7, -3).text, most: new Camera(1e9).zoom };
    return { far, near, centre: [centre.zoom, centre.x, centre.y], ...edges };
}"""


def test_names_of_stops_stand_apart_and_there_are_more_of_them_nearby(visit):
    found = board(visit()).evaluate(CROWDED)
    far, near = found["far"], found["near"]
    for view in (far, near):
        assert len(view["names"]) == len(set(view["names"])) >= 10
        assert view["touch"] == 0
        assert view["inside"] == len(view["names"])
    # The two ends of the fullest stretch are spoken of below the map, so they are named; then the busiest.
    assert {"Stop 0", "Stop 1", "Stop 499", "Stop 498"} <= set(far["names"])
    # From near, stops of the centre are named that had no room before, and vehicles are larger.
    assert set(near["names"]) - set(far["names"])
    assert near["side"] > far["side"]
    assert found["beyond"] == "1.00,0.5000,0.5000"
    assert found["most"] == 40
    zoom, x, y = found["centre"]
    assert zoom > 10
    assert abs(x - 0.5) < 0.02
    assert abs(y - 0.5) < 0.02


def test_the_map_comes_closer_by_button_key_and_mouse_and_the_address_knows_it(visit):
    page = board(visit(viewport={"width": 1280, "height": 900}))
    assert page.is_disabled("#farther")
    whole = page.evaluate("document.querySelector('#maps canvas').toDataURL()")
    page.click("#closer")
    until(page, "location.search.includes('zoom=1.60')")
    assert page.evaluate("document.querySelector('#maps canvas').toDataURL()") != whole
    held = page.locator(".map-held").first
    held.focus()
    page.keyboard.press("+")
    until(page, "location.search.includes('zoom=2.56')")
    before = page.url
    page.keyboard.press("ArrowRight")
    assert page.url != before
    # Both maps show the same part.
    zoomed = page.url
    box = page.locator("#maps canvas").nth(1).bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 40)
    page.mouse.up()
    assert page.url != zoomed
    again = page.url
    page.reload()
    until(page, "[...document.querySelectorAll('#maps canvas')].some(one => Number(one.dataset.vehicles) > 0)")
    assert page.url == again
    assert not page.is_disabled("#farther")
    page.click("#whole")
    until(page, "!location.search.includes('zoom=')")
    assert page.is_disabled("#whole")


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a folder of two runs is served: a comparison, and one of the same line with fewer people."""
    folder = tmp_path_factory.mktemp("two_runs")
    root = write_comparison(folder).parent
    (folder / "emptier.yaml").write_text(LINE.replace("rate: 100 /h", "rate: 60 /h"), encoding="utf-8")
    sim.compare(folder / "emptier.yaml", ["none", "individual"]).write(root / "emptier")
    with served(root) as address:
        yield address


def test_two_runs_stand_beside_each_other(visit, two_runs):
    page = board(visit(two_runs), "run=served&a=none&with=emptier&b=none&s=27000")
    titles = page.locator("#maps figcaption > span:first-child").all_inner_texts()
    assert titles == ["served: No advice", "emptier: No advice"]
    assert page.locator("#other option").all_inner_texts() == ["No advice", "Individual"]
    heads = page.locator("#indicators > .tablebox th[scope=col]").all_inner_texts()
    assert heads[1:] == ["served: No advice", "emptier: No advice", "emptier: No advice against served: No advice"]
    assert page.is_visible("#apart")
    page.select_option("#show", "difference")
    until(page, "document.querySelectorAll('#maps figure').length === 1")
    page.select_option("#with", "")
    until(
        page,
        "document.getElementById('apart').hidden",
    )
    assert "with=" not in page.url
    assert page.locator("#other option").all_inner_texts() == [WORDS["nothing_beside"], "No advice", "Coordinated"]


def test_what_a_saving_consists_of_is_told_of_each_of_two_runs(visit, two_runs, tmp_path):
    page = board(visit(two_runs), "run=served&a=coordinated&with=emptier&b=individual&s=27000")
    figures = page.locator("#parts figure")
    until(page, "document.querySelectorAll('#parts figure').length === 2")
    titles = figures.locator("figcaption > span:first-child").all_inner_texts()
    assert titles == [WORDS["parts_of"].replace("{run}", run) for run in ("served", "emptier")]
    told = [figures.nth(place).locator("svg").first.get_attribute("aria-label") for place in (0, 1)]
    assert "Coordinated" in told[0]
    assert "Individual" in told[1]
    text = taken(page, page.locator("#parts .tablebox .exports button"), tmp_path / "parts.csv").decode("utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["indicator"] == "saved_by_relief_min"]
    assert {row["run"] for row in rows} == {"served", "emptier"}
    for row in rows:
        asked = page.evaluate("async at => (await fetch(at)).json()", f"/api/v1/runs/{row['run']}/indicators")
        (metric,) = (one for one in asked["metrics"] if one["name"] == row["indicator"])
        assert float(row["mean"]) == pytest.approx(metric["values"][row["strategy"]]["mean"], rel=1e-9, abs=1e-12)
    # Bars of both have one scale.
    marks = [figures.nth(place).locator("svg > text[text-anchor=middle]").all_inner_texts() for place in (0, 1)]
    assert marks[0] == marks[1]


def test_numbers_of_two_runs_are_those_of_each(visit, two_runs, tmp_path):
    page = board(visit(two_runs), "run=served&a=none&with=emptier&b=individual&s=27000")
    text = taken(page, page.locator("#indicators > .tablebox .exports button"), tmp_path / "both.csv").decode("utf-8")
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["indicator"] == "mean_generalized_cost_min"]
    told = {(row["run"], row["strategy"]): float(row["mean"]) for row in rows}
    # The board begins with people by habit, the first of the two kinds.
    for run, strategy in (("served", "none"), ("emptier", "individual")):
        asked = page.evaluate("async address => (await fetch(address)).json()", f"/api/v1/runs/{run}/indicators")
        (metric,) = (one for one in asked["metrics"] if one["name"] == "mean_generalized_cost_min")
        assert told[run, strategy] == pytest.approx(metric["values"][strategy]["mean"], rel=1e-9)
    cells = page.locator("#indicators > .tablebox tbody tr").first.locator("td").all_inner_texts()
    change = told["emptier", "individual"] - told["served", "none"]
    assert float(cells[2].split("\n")[0].replace("\u2212", "-").replace("+", "")) == pytest.approx(change, abs=0.06)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("show", ["load", "difference"])
def test_axe_finds_nothing_on_two_runs_and_on_a_map_from_near(visit, two_runs, language, scheme, show):
    from axe_playwright_python.sync_playwright import Axe

    visitor = visit(two_runs, viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    query = f"run=served&a=coordinated&with=emptier&b=individual&s=27000&zoom=2.56,0.5000,0.5000&show={show}"
    page = visitor.go(f"/board?{query}&lang={language}")
    until(page, "document.querySelectorAll('#parts figure').length === 2")
    for summary in page.locator("summary").all():
        if summary.is_visible():
            summary.click()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]][:3]) for one in found] == []


def test_runs_of_a_folder_are_listed_and_kept_apart(visit, two_runs):
    page = board(visit(two_runs), "run=served&s=27000")
    page.click("#runs summary")
    assert page.locator("#runs-table tbody th").all_inner_texts() == ["emptier", "served"]
    page.click("#runs-table a >> text=emptier >> nth=-1")
    until(page, "location.search.includes('with=emptier')")
    until(page, "document.querySelectorAll('#maps figure').length === 2")
    page.click("#runs summary")
    page.click("#runs-table tbody th a")
    until(page, "location.search.includes('run=emptier') && !location.search.includes('with=')")
    until(page, "document.querySelectorAll('#maps figure').length === 2")
    assert page.locator("#one option").all_inner_texts() == ["No advice", "Individual"]

"""Names that try to run, to break out of a table or to turn a line round, in every page that shows them."""

from __future__ import annotations

import csv
import json
import threading
from pathlib import Path

import pytest
import uvicorn
from browser.conftest import Visitor
from support.served import GENEROUS

import sim
from sim.api.serving import forecast_of
from sim.app import RunLibrary, ServeSettings, create_app, listen

SCRIPT = '=HYPERLINK("http://x.invalid")<script>owned = 1</script>'
IMAGE = "</title></script></style><img src=x onerror=owned=1>'\"&amp;`"
TURNED = "two\nlines\u202egnp.exe\x1b[2J"
LINE = "@<svg onload=owned=1>{{7*7}}"
VEHICLE = "-<b onmouseover=owned=1>bus</b>"
CLASSES = ("+<iframe src=javascript:owned=1>", "\t=1+1")
ZONE = "<style>*{display:none}</style>"
NAMES = (SCRIPT, IMAGE, TURNED, LINE, VEHICLE, *CLASSES, ZONE)

# Names are written as JSON, which YAML reads as it is.
SCENARIO = {
    "name": "hostile",
    "description": f"{SCRIPT} {IMAGE} \x1b[31m",
    "baselines": ["habit"],
    "replications": 2,
    "days": 3,
    "period": "15 min",
    "network": {
        "lines": [
            {
                "id": LINE,
                "stops": [SCRIPT, IMAGE, TURNED],
                "running_times": ["2 min", "3 min"],
                "vehicle": VEHICLE,
                "headway": {"mean": "10 min", "distribution": "gamma", "cv": 0.5, "first": "06:00", "trips": 30},
            }
        ]
    },
    "service": {"vehicles": {VEHICLE: {"seats": 10, "capacity": 20}}},
    "population": {
        "income_classes": [{"name": name, "share": 0.5} for name in CLASSES],
        "zones": [{"name": ZONE, "stops": [SCRIPT]}],
    },
    "demand": {
        "flows": [
            {
                "origin": SCRIPT,
                "destination": TURNED,
                "placement": "poisson",
                "pieces": [{"start": "06:00", "end": "10:00", "rate": "100 /h"}],
            }
        ]
    },
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run folder of a comparison in which everything that has a name has a hostile one."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "hostile.yaml").write_text(json.dumps(SCENARIO), encoding="utf-8")
    result = sim.compare(folder / "hostile.yaml", ["none", "coordinated"])
    result.write(folder / "hostile")
    notebook = f'<!doctype html><meta charset="utf-8"><title>cell</title>{result._repr_html_()}'
    (folder / "notebook.html").write_text(notebook, encoding="utf-8")
    return folder / "hostile"


def assert_harmless(page, *shown: str) -> None:
    """Make sure that names are to be read on a page, and did nothing to it."""
    assert page.evaluate("typeof owned") == "undefined"
    made = "img[src=x], iframe, [onload], [onerror], [onmouseover]"
    assert page.locator(made).count() == 0
    assert page.evaluate("getComputedStyle(document.body).display") != "none"
    text = page.evaluate("document.body.textContent")
    for name in shown:
        assert name in text


@pytest.mark.parametrize("file", ["hostile/report.html", "notebook.html"])
def test_a_report_and_a_cell_of_a_notebook_show_names_as_text(chromium, hostile, file):
    visitor = Visitor(chromium, (hostile.parent / file).as_uri())
    page = visitor.go("")
    for details in page.locator("details").all():
        details.evaluate("one => { one.open = true }")
    assert_harmless(page, *((SCRIPT, LINE, CLASSES[0], ZONE) if file.endswith("report.html") else ()))
    assert visitor.complaints == []
    assert visitor.asked == [visitor.base]
    visitor.context.close()


@pytest.fixture
def hostile_visitor(chromium, hostile):
    """Visit the app over that comparison; no page may complain or ask another host."""
    settings = ServeSettings(port=0)
    opened = listen(settings)
    app = create_app(RunLibrary(hostile), forecast_of, hosts=settings.hosts, limits=GENEROUS)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [opened]}, daemon=True)
    thread.start()
    visitor = Visitor(chromium, f"http://127.0.0.1:{opened.getsockname()[1]}")
    yield visitor
    visitor.context.close()
    server.should_exit = True
    thread.join(timeout=60)
    assert visitor.complaints == []
    assert visitor.outside() == []


def test_the_app_shows_names_as_text(hostile_visitor):
    page = hostile_visitor.go("/")
    page.fill("#from", "HYPER")
    page.wait_for_selector("#from-list:not([hidden])")
    assert_harmless(page, SCRIPT)
    page = hostile_visitor.go("/board?a=none&b=coordinated")
    page.wait_for_selector("#lines-table table")
    assert_harmless(page, LINE)


def test_tables_taken_from_the_board_hold_no_formula(hostile_visitor, tmp_path):
    page = hostile_visitor.go("/board?a=none&b=coordinated")
    page.wait_for_selector("figure")
    with page.expect_download() as waited:
        page.locator("figure").first.get_by_text("CSV", exact=True).click()
    waited.value.save_as(tmp_path / "figure.csv")
    with (tmp_path / "figure.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert f"'{SCRIPT}" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]

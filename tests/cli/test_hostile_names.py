"""Names that try to do something: in a terminal, a report, CSV and a notebook they are letters and nothing else."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.command import call
from support.small_network import FILES, write_network

import sim

NAMES = {
    "A": '<script>alert("A")</script>',
    "B": "</title><img src=x onerror=alert(1)>'\"&amp;",
    "C": '\x1b[2J\x1b]0;owned\x07=HYPERLINK("http://x")\u202egnp',
}
LINE = "<svg onload=alert(2)>=1+1{{7*7}}"

SCENARIO = """\
name: hostile
description: "<script>alert(3)</script> {{ 7 * 7 }} \\e[31m"
days: 1
replications: 2
network: {folder: net}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network whose stops and line have hostile names, and a scenario of it."""
    folder = tmp_path_factory.mktemp("hostile")
    stops = "stop_id,stop_name,stop_lat,stop_lon\n"
    stops += "".join(f'{stop},"{name.replace(chr(34), chr(34) * 2)}",,\n' for stop, name in NAMES.items())
    routes = FILES["gtfs/routes.txt"].replace(",7,3", f',"{LINE}",3')
    assert LINE in routes
    write_network(folder / "net", {"gtfs/stops.txt": stops, "gtfs/routes.txt": routes})
    (folder / "s.yaml").write_text(SCENARIO, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def result(place: Path) -> sim.ComparisonResult:
    return sim.compare(place / "s.yaml", ["none"])


class Seen(HTMLParser):
    """Collects the elements of a page with their attributes, and the text outside of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.inside: list[str] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.inside and self.inside[-1] == tag:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        (self.scripts if "script" in self.inside else self.text).append(data)


def assert_harmless(page: str) -> None:
    """Make sure that nothing of the names became an element, an attribute that runs, or code."""
    seen = Seen(page)
    assert not [(tag, attrs) for tag, attrs in seen.elements if any(name.startswith("on") for name in attrs)]
    images = [str(attrs.get("src")) for tag, attrs in seen.elements if tag == "img"]
    assert not [source for source in images if not source.startswith("data:image/png;base64,")]
    assert not [script for script in seen.scripts if "alert(" in script]
    assert not [attrs for _, attrs in seen.elements if str(attrs.get("href") or "").lower().startswith("javascript:")]
    assert "49" not in [text.strip() for text in seen.text]


def test_a_report_shows_names_as_text(result):
    page = result.report()
    assert_harmless(page)
    assert NAMES["A"] in "".join(Seen(page).text)


def test_a_notebook_shows_names_as_text(result):
    assert_harmless(result._repr_html_())
    assert "\x1b" not in repr(result)


@pytest.mark.parametrize(
    "command",
    [
        ["network", "info", "net"],
        ["network", "stops", "net"],
        ["network", "lines", "net"],
        ["validate", "net", "s.yaml"],
        ["run", "s.yaml", "--out", "out"],
        ["compare", "s.yaml", "--strategies", "none", "--out", "out2"],
        ["advise", "s.yaml", "--from", NAMES["C"], "--to", "B", "--arrive-by", "07:30"],
        ["network", "stops", "net", "\x1b[31mnot there"],
        ["run", "s.yaml", "--set", 'advisor.only_destinations=["\\e[31m"]'],
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_a_terminal_is_not_commanded(place, monkeypatch, command):
    monkeypatch.chdir(place)
    done = call(*command)
    for text in (done.stdout, done.stderr):
        assert not [letter for letter in text if letter in "\x1b\x07\u202e\x9b\x08"]


def test_tables_of_exports_hold_names_as_they_are(place, monkeypatch):
    monkeypatch.chdir(place)
    done = call("network", "export", "net", "--format", "gmns", "--out", "exported")
    assert done.exit_code == 0, done.stderr
    with Path("exported/node.csv").open(encoding="utf-8", newline="") as file:
        assert [row["name"] for row in csv.DictReader(file)] == list(NAMES.values())

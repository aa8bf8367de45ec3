"""The HTML report: one file, the same bytes, nothing from outside, nothing unescaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from support.made_up_line import FOUR_STRATEGIES, empty_tables, make_manifest, make_summary, make_tables

from sim.report.html import render_report, yaml_text
from sim.report.notebook import summary_html
from sim.report.strategy_looks import StrategyLooks, with_labels

HOSTILE = "<script>alert('x')</script> & $x^2$ \"y\""
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Reads a page and remembers elements, and whether tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.misplaced: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.misplaced.append(tag)

    def ids(self) -> list[str]:
        return [name for _, attributes in self.elements if (name := attributes.get("id"))]


@pytest.fixture(scope="module")
def tables():
    return make_tables(replications=3, commuters=400)


@pytest.fixture(scope="module")
def comparison(tables):
    return render_report(make_manifest(replications=3), make_summary(tables), tables)


def test_the_same_input_gives_the_same_bytes(tables, comparison):
    again = render_report(make_manifest(replications=3), make_summary(tables), tables)
    assert again.encode() == comparison.encode()


def test_other_input_gives_another_report(tables, comparison):
    assert render_report(make_manifest(replications=3, seed=2), make_summary(tables), tables) != comparison


def test_the_page_is_well_formed_and_its_identifiers_are_unique(comparison):
    page = Page(comparison)
    assert page.misplaced == []
    assert page.open == []
    assert len(page.ids()) == len(set(page.ids()))


def test_links_within_the_page_have_a_target(comparison):
    page = Page(comparison)
    names = {"href", "xlink:href"}
    links = {value for _, attributes in page.elements for name, value in attributes.items() if name in names}
    inner = {link[1:] for link in links if link and link.startswith("#")}
    inner |= set(re.findall(r"url\(#([^)]*)\)", comparison))
    assert inner
    assert inner <= set(page.ids())


def test_nothing_is_loaded_from_outside(comparison):
    words = re.sub(r"base64,[^\"]*", "", comparison)
    assert re.findall(r"https?:|//[a-z]|@import|@font-face|<link|<script|<iframe", words) == []
    sources = re.findall(r'(?:src|href)="([^"]*)"', comparison)
    assert [source for source in sources if not source.startswith(("data:image/png;base64,", "#"))] == []
    page = Page(comparison)
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []


def test_the_report_of_a_comparison_has_all_its_parts(comparison):
    page = Page(comparison)
    sections = {"answer", "findings", "map", "numbers", "figures", "lines", "people", "honesty", "method", "scenario"}
    exhibits = {"differences", "load", "load-change", "departures", "arrivals", "waiting", "winners", "classes"}
    assert sections | exhibits | {"load-map", "vehicles", "headways", "network"} <= set(page.ids())
    labels = [attributes.get("aria-label") for _, attributes in page.elements if attributes.get("role") == "img"]
    # Twelve exhibits, the picture of the first page, and the one line with its loads.
    assert len(labels) == 14
    assert all(labels)
    assert "prefers-color-scheme: dark" in comparison
    assert "@media print" in comparison
    assert "The link times are assumed." in comparison
    assert "ab" * 32 in comparison
    assert "window: 15 min" in comparison


def test_the_first_page_stands_by_itself_and_the_rest_is_folded(comparison):
    page = Page(comparison)
    folded = [
        attributes for tag, attributes in page.elements if tag == "details" and attributes.get("class") == "section"
    ]
    # Of the folded sections only the map is open.
    assert sum("open" in attributes for attributes in folded) == 1
    first = comparison.split('<section id="answer"')[1].split("</section>")[0]
    assert first.count("<svg viewBox") == 1
    assert "<table" not in first
    assert ".brief { break-after: page; }" in comparison


def test_the_first_sentence_says_of_what_people_it_holds(tables):
    people = [{"name": "habit", "label": "habit", "premise": "As long as people leave when they are <used> to"}]
    text = render_report({**make_manifest(replications=3), "baselines": people}, make_summary(tables), tables)
    first = text.split('<section id="answer"')[1].split("</p>")[0]
    assert '<span class="premise">As long as people leave when they are &lt;used&gt; to:</span> ' in first


def test_every_direction_of_a_line_can_be_opened_with_all_its_stops(comparison):
    lines = comparison.split('<div id="lines">')[1].split('class="section"')[0]
    assert lines.count('<details class="line">') == 1
    assert [f'<th scope="row">Stop s{stop}</th>' in lines for stop in range(6)] == [True] * 6
    assert "Line L, direction 0: Stop s0 to Stop s5" in lines
    # How full vehicles are is per cent here as in every figure; they leave the last stop empty.
    cells = re.findall(r"<td[^>]*>([^<]* at \d\d:\d\d|empty)", lines)
    assert {"empty"} < set(cells)
    assert all(re.fullmatch(r"\d+ % at \d\d:\d\d", cell) for cell in cells if cell != "empty")


def test_metrics_to_look_at_first_stand_apart_from_the_others(comparison):
    numbers = comparison.split('<div id="numbers">')[1].split("<h2")[0]
    first, others = numbers.split("<details>")[:2]
    assert "Mean wait (min)" in first
    assert "Mean wait (min)" not in others
    assert "Transfers" in others
    assert "Transfers" not in first


def test_pictures_take_their_inks_from_the_page(comparison):
    pictures = "".join(re.findall(r"<svg.*?</svg>", comparison, flags=re.DOTALL))
    assert 'class="rule"' in pictures
    assert ".chart .rule { fill: none; stroke: var(--ink)" in comparison
    assert "#1f2328" not in pictures
    assert "font-family" not in pictures


def test_strategies_go_by_their_labels_in_tables_figures_and_sentences(tables):
    facts = [{"name": "none", "label": "No advice"}, {"name": "coordinated", "label": "Spread <evenly>"}]
    names = ("none", "coordinated")
    two = make_tables(names, replications=3, commuters=200)
    text = render_report({**make_manifest(names, replications=3), "strategy_facts": facts}, make_summary(two), two)
    body = text.split('<div id="scenario">')[0]
    assert "with Spread &lt;evenly&gt;" in body
    assert '<th scope="col">No advice</th><th scope="col">Spread &lt;evenly&gt;</th>' in body
    assert 'data-label="Spread &lt;evenly&gt;"' in body
    assert ">coordinated<" not in body


def test_two_strategies_of_one_label_keep_their_names():
    looks = StrategyLooks.of({"strategy_facts": [{"name": name, "label": "Same"} for name in ("a", "b")]})
    assert list(with_labels({"strategies": {"none": 1, "a": 2, "b": 3}}, looks)["strategies"]) == ["none", "a", "b"]


def test_warnings_stand_whole_in_the_report(tables):
    manifest = {**make_manifest(replications=3), "warnings": ["more follow than ever did"]}
    assert "<b>To doubt:</b> more follow than ever did." in render_report(manifest, make_summary(tables), tables)


def test_the_report_of_a_run_compares_nothing():
    tables = make_tables(["none"])
    text = render_report(make_manifest(["none"]), make_summary(tables), tables)
    ids = set(Page(text).ids())
    assert {"load", "departures", "arrivals", "waiting", "vehicles", "network"} <= ids
    assert not {"differences", "load-change", "winners", "people"} & ids
    assert "against none" not in text


def test_hostile_names_are_escaped_everywhere(tables):
    manifest = make_manifest(replications=3, name=HOSTILE, notes=[HOSTILE], inputs={HOSTILE: HOSTILE})
    manifest["stops"] = [{**stop, "name": HOSTILE} for stop in manifest["stops"]]
    manifest["lines"][0]["name"] = HOSTILE
    manifest["scenario"] = {HOSTILE: [HOSTILE, {"key": HOSTILE}]}
    text = render_report(manifest, make_summary(tables), tables)
    assert "<script" not in text
    assert "&lt;script&gt;alert(" in text
    assert Page(text).misplaced == []


def test_a_strategy_with_a_hostile_name_is_escaped():
    names = ("none", HOSTILE)
    tables = make_tables(names)
    text = render_report(make_manifest(names), make_summary(tables), tables)
    assert "<script" not in text
    assert "<script" not in summary_html(make_manifest(names), make_summary(tables))


def test_names_in_other_scripts_stay_text(tables):
    manifest = make_manifest(replications=3)
    manifest["stops"][1]["name"] = "思明区政府站"
    assert "思明区政府站" in render_report(manifest, make_summary(tables), tables)


def test_empty_tables_get_sentences_instead_of_pictures():
    text = render_report(make_manifest(["none"], stops=0, links=[]), {"metrics": {}}, empty_tables())
    assert "<svg" not in text
    assert "No vehicle ran, so there is no load to show." in text
    assert "The network has no stops." in text
    assert "The summary holds no metric to show." in text


def test_one_stop_and_one_replication_are_enough(tables):
    manifest = make_manifest(("none", "coordinated"), replications=1, stops=1)
    one_stop = make_tables(("none", "coordinated"), replications=1, stops=1)
    text = render_report(manifest, make_summary(one_stop), one_stop)
    assert "at least two stops" in text
    assert Page(text).misplaced == []


def test_the_numbers_of_the_page_are_those_of_the_summary(tables, comparison):
    entry = make_summary(tables)["strategies"]["coordinated"]["mean_generalized_cost_min"]
    row = comparison[comparison.index("Mean generalized cost (min)</th>") :]
    row = row[: row.index("</tr>")]
    assert f"{entry['mean']:.2f} ± {entry['half_width']:.2f}" in row
    assert f"{entry['difference']:+.2f} ± {entry['difference_half_width']:.2f}".replace("-", "−") in row


def test_shared_values_are_written_out_in_the_scenario():
    shared = {"a": [1, 2]}
    assert yaml_text({"one": shared, "two": shared, "no": None}) == (
        "one:\n  a:\n  - 1\n  - 2\ntwo:\n  a:\n  - 1\n  - 2\nno:\n"
    )


def test_the_notebook_display_holds_verdict_and_strategies(tables):
    text = summary_html(make_manifest(), make_summary(tables))
    assert all(name in text for name in FOUR_STRATEGIES)
    assert text.count("<p>") >= 1
    assert Page(text).misplaced == []


@pytest.mark.parametrize(
    ("journeys", "said"),
    [
        ({"information": None, "routing": "frequency"}, "Commuters know how often vehicles come, and where"),
        ({"information": None, "routing": "timetable"}, "Commuters know the timetable."),
        ({"information": "frequencies", "routing": "timetable"}, "Commuters know how often vehicles come, and where"),
        ({"information": "real_time", "routing": "strategy"}, "at stops when vehicles will really leave."),
    ],
)
def test_the_first_page_says_what_people_know(tables, journeys, said):
    manifest = make_manifest(replications=3)
    scenario = {**manifest.get("scenario", {}), "journeys": journeys}
    page = render_report({**manifest, "scenario": scenario}, make_summary(tables), tables)
    assert said in page
    assert "Commuters know" not in render_report({**manifest, "scenario": {}}, make_summary(tables), tables)

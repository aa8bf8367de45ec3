"""What the board says besides the map: for whom, of what a saving consists, and what comes of it on paper."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from browser.conftest import PHONE

from sim.report.metric_words import decimals_for

STATIC = Path(__file__).resolve().parents[2] / "sim" / "app" / "static"
WORDS = json.loads((STATIC / "en.json").read_text(encoding="utf-8"))


def shown(visitor, query: str = "a=none&b=coordinated"):
    """Open the board and wait until all of it is there."""
    page = visitor.go(f"/board?{query}")
    page.wait_for_selector("#indicators table")
    return page


def test_the_board_is_of_the_people_one_chooses(visit):
    page = shown(visit())
    assert page.input_value("#people") == "habit"
    before = page.inner_text("#indicators table tbody tr:first-child")
    page.select_option("#people", "adapted")
    page.wait_for_url("**people=adapted**")
    page.wait_for_selector("#indicators table")
    assert page.input_value("#people") == "adapted"
    assert page.inner_text("#indicators table tbody tr:first-child") != before
    assert "run=served&" in page.url + "&"
    page.reload()
    page.wait_for_selector("#indicators table")
    assert page.input_value("#people") == "adapted"


def test_a_saving_is_told_by_its_parts(visit):
    page = shown(visit())
    figure = page.locator('#parts figure[data-name="parts"]')
    assert figure.count() == 1
    assert "coordinated" in figure.locator("svg").get_attribute("aria-label").lower()
    rows = page.locator("#parts table tbody tr")
    assert rows.count() == 5
    assert WORDS["metric_saved_by_relief_min"] in page.inner_text("#parts table")
    assert page.locator("#parts table td small").first.inner_text().startswith("±")


def test_the_board_says_load_factors_in_one_way(visit):
    """By line and among the indicators, in per cent; catches 100.0 % beside 1.00."""
    page = shown(visit())
    page.wait_for_selector("#lines-table table", state="attached")
    name = WORDS["metric_peak_load_factor"]
    assert WORDS["line_indicator_peak_load_factor"] == name
    by_line, overall = (
        page.locator(f"{table} tr", has=page.locator("summary", has_text=name)).first.locator("td").all_inner_texts()
        for table in ("#lines-table", "#indicators")
    )
    assert len(overall) == len(by_line) == 3
    for *values, change in (by_line, overall):
        assert all(re.match(r"\d+\.\d %", cell) for cell in values), values
        # A change of a share in per cent would be read as a share of the share.
        assert re.match(r"[+-]?\d+\.\d points", change.replace("\u2212", "-")), change


def test_a_value_and_its_interval_have_the_same_decimals(visit):
    """In each row of the board, changes included; catches 17,334 ± 3.28, and a sure change that looks like none."""
    page = shown(visit())
    page.wait_for_selector("#lines-table table", state="attached")
    rows = page.locator("#lines-table tbody tr, #indicators tbody tr").all()
    seen = 0
    for row in rows:
        numbers = [re.findall(r"\d[\d,]*(?:\.\d+)?", cell) for cell in row.locator("td").all_text_contents()]
        plain = [one for cell in numbers for one in cell if len(cell) == 2]
        if not plain or ":" in row.locator("td").first.inner_text():
            continue
        assert len({len(one.partition(".")[2]) for one in plain}) == 1, plain
        seen += 1
        for cell in row.locator("td.better, td.worse").all_text_contents():
            change, half_width = re.findall(r"\d[\d,]*(?:\.\d+)?", cell)
            assert float(change.replace(",", "")) > float(half_width.replace(",", "")), cell
    assert seen > 12


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_number_has_as_many_decimals_as_in_the_report(visit, language):
    """Small, large and hardly sure changes; six decimals stood on the board where the report has four."""
    page = shown(visit(), f"a=none&b=coordinated&lang={language}")
    name, percent = "mean_wait_min", "on_time_share"
    rows = [
        (metric, mean, difference, difference * share)
        for metric in (name, percent)
        for mean in (0.0, 0.004, 0.5, 25.0, 250.0, 2500.0)
        for difference in (2e-7, 3e-4, 0.4, 30.0)
        for share in (0.2, 0.99, 0.999999, 1.5)
    ]
    entries = [
        (metric, {"mean": mean, "difference": change, "difference_half_width": half})
        for metric, mean, change, half in rows
    ]
    here = page.evaluate(
        """async (rows) => {
            const { decimalsOf } = await import("/static/boardwords.js");
            return rows.map(([unit, entry]) => decimalsOf(unit, [entry], [entry]));
        }""",
        [("share" if metric == percent else "min", entry) for metric, entry in entries],
    )
    assert here == [decimals_for(metric, [entry]) for metric, entry in entries]
    assert set(here) == {0, 1, 2, 3, 4}


def test_the_board_in_chinese_defines_in_chinese_what_it_shows(visit):
    page = shown(visit(), "a=none&b=coordinated&lang=zh")
    page.wait_for_selector("#lines-table table", state="attached")
    definitions = page.locator("details.what > p").all_text_contents()
    assert len(definitions) > 40
    assert [text for text in definitions if not "\u4e00" <= text[0] <= "\u9fff"] == []
    assert page.locator("details.what > summary [lang=en]").count() == 0
    # What is left in English are authors with their year and titles of works.
    left = set(page.locator("details.what > p [lang=en]").all_text_contents())
    assert {text for text in left if not re.fullmatch(r"\([A-Z]\w+( \d{4}|, TCRP Report 165)\)", text)} == set()
    assert any("= sum(generalized_cost_min) / 天数" in text for text in definitions)
    heads = page.locator("details.what > summary").all_text_contents()
    assert [text for text in heads if "per day" in text or "(min" in text] == []


def test_the_board_in_chinese_says_in_chinese_what_is_assumed(visit):
    page = shown(visit(), "a=none&b=coordinated&lang=zh")
    said = page.locator("#notes li").all_text_contents()
    assert len(said) > 2
    assert len(set(said)) == len(said)
    assert [text for text in said if not any("\u4e00" <= letter <= "\u9fff" for letter in text)] == []


def test_ten_thousand_vehicles_have_the_colours_of_their_loads(visit):
    """So many are put into the picture point by point; the map below them stays, and so do the colours of the theme."""
    page = shown(visit(color_scheme="dark"))
    found = page.evaluate(
        """async () => {
            const { Scene, paint } = await import("/static/boardmap.js");
            const stops = { id: ["a", "b"], name: ["a", "b"], x: [0, 10000], y: [0, 5000] };
            const network = { stops, nodes: { x: [], y: [] }, links: [], lines: [], width: 10000, height: 5000 };
            const scene = new Scene(network, { directions: [], period_s: 900 });
            const trip = (load) => (_, n) => {
                const [from, to] = load < 40 ? [0, 1] : [1, 0];
                return [0, 0, 80, 30, 0, from, n / 1e6, 1e6, load, to, 1, 1, 0];
            };
            const canvas = document.createElement("canvas");
            canvas.style.cssText = "position:absolute;top:0;left:0;width:600px;height:300px";
            document.body.append(canvas);
            const colours = (load) => {
                scene.setTrips({ trips: Array.from({ length: 10000 }, trip(load)) });
                const drawn = paint(canvas, scene, 60, null);
                const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
                const seen = {};
                for (let at = 0; at < data.length; at += 4)
                    if (data[at + 3] === 255) {
                        const hex = (part) => data[at + part].toString(16).padStart(2, "0");
                        const name = `#${hex(0)}${hex(1)}${hex(2)}`;
                        seen[name] = (seen[name] ?? 0) + 1;
                    }
                return [drawn, seen];
            };
            const style = getComputedStyle(document.documentElement);
            const level = (number) => style.getPropertyValue(`--l${number}`).trim();
            return { empty: colours(0), full: colours(79), l0: level(0), l3: level(3) };
        }"""
    )
    for name, colour, other in (("empty", "l0", "l3"), ("full", "l3", "l0")):
        drawn, seen = found[name]
        assert drawn == 10_000
        assert seen.get(found[colour], 0) >= 4
        assert found[other] not in seen


def test_a_job_of_the_command_line_shows_how_far_it_is(visit):
    """The list is asked for again while something is under way, and what it ends in can then be chosen."""
    visitor = visit()
    answers = [[{"name": "next", "done": 3, "total": 8, "age_s": 600.0}], []]

    def listed(route) -> None:
        found = route.fetch().json()
        found["unfinished"] = answers.pop(0) if answers else []
        if not answers:
            found["runs"] += [{**found["runs"][0], "key": "next"}]
        route.fulfill(json=found)

    visitor.page.route("**/api/v1/runs", listed)
    page = shown(visitor)
    assert page.get_attribute("#unfinished progress", "value") == "3"
    told = page.inner_text("#unfinished li")
    assert "next: 3 of 8 days" in told
    assert "10 min" in told
    page.wait_for_selector("#unfinished", state="hidden")
    assert page.locator("#run option[value=next]").count() == 1


def test_the_first_load_is_small(visit):
    """What a phone and a desk load before they ask for a run: compressed bytes, by what the server sends."""
    for path, most in (("/?lang=zh", 150_000), ("/board?lang=zh", 500_000)):
        visitor = visit()
        sizes = []
        visitor.page.on("response", lambda response, sizes=sizes: sizes.append(response.request.sizes()))
        visitor.go(path)
        assert len(sizes) >= 5
        assert sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) < most


def test_a_commuter_is_told_how_good_such_forecasts_have_been(visit):
    """Of chances near certainty the one told most often stands in a sentence, and all of them in a table."""

    def point(told: float, was: float, journeys: int) -> dict[str, float]:
        return {"forecast_share": told, "happened_share": was, "half_width_share": 0.03, "journeys": journeys}

    events = [
        {"name": "on_time", "points": [point(0.3, 0.4, 900), point(0.88, 0.8, 10), point(0.95, 0.91, 400)]},
        {"name": "sit", "points": [point(0.5, 0.5, 7)]},
    ]
    scores = [
        {"strategy": name, "journeys": 1317, "days_seen": 2.0, "events": events} for name in ("none", "coordinated")
    ]
    for score in scores:
        score |= {"level_right_share": 0.76, "time_error_min": 1.24}
    visitor = visit()
    visitor.page.route("**/scores", lambda route: route.fulfill(json={"scores": scores}))
    page = visitor.go("/?from=a&to=c&mode=by&time=08:30&earlier=60&later=60")
    page.wait_for_selector("#scores:not([hidden])")
    told = page.locator("#scores-list li").all_inner_texts()
    assert told == [
        "“On time” was said with 95 % most often, and 91 % ± 3 of those 400 people were on time.",
        "How full it was at the fullest part of the way was told rightly to 76 %.",
        "The time from door to door was 1.2 min off on average.",
    ]
    page.click("#scores summary")
    assert page.locator("#scores-table tbody tr").count() == 4


LETTERS = """() => [...document.querySelectorAll(
    "#line-figures svg, #parts svg, #gains svg, #chart svg"
)].flatMap((drawn) => {
    const frame = drawn.getBoundingClientRect();
    return [...drawn.querySelectorAll("text")].map((text) => {
        const box = text.getBoundingClientRect();
        const size = parseFloat(getComputedStyle(text).fontSize) * frame.width / drawn.viewBox.baseVal.width;
        return [text.textContent, size, box.left - frame.left, frame.right - box.right];
    });
})"""


def test_letters_of_figures_can_be_read_on_a_phone(visit):
    """Catches a figure drawn for a desk and shrunk, whose letters are 3 pixels high, and labels that are cut off."""
    visitor = visit(viewport=PHONE)
    for path, wanted in (
        ("/board?a=none&b=coordinated", "#parts svg text"),
        ("/?from=a&to=c&mode=by&time=08:30&earlier=60&later=60", "#chart svg text"),
    ):
        page = visitor.go(path)
        page.wait_for_selector(wanted)
        letters = page.evaluate(LETTERS)
        assert len(letters) > 8
        assert [one for one in letters if one[1] < 8 or min(one[2:]) < -1] == []


def test_changes_of_indicators_are_within_the_page_of_a_phone(visit):
    page = shown(visit(viewport=PHONE))
    right = page.evaluate(
        "[...document.querySelectorAll('#indicators td:last-child')].map((cell) => cell.getBoundingClientRect().right)"
    )
    assert len(right) > 8
    assert max(right) <= PHONE["width"]


def test_no_change_is_told_without_a_sign(visit):
    """Catches the minus of a rounding error: -0.000 of departures an hour, which no advice can change."""
    page = shown(visit(), "a=none&b=coordinated&people=adapted")
    cells = page.locator("#lines-table td, #indicators td").all_text_contents()
    assert len(cells) > 30
    assert [text for text in cells if re.match(r"[-−+]0(?:\.0+)?(?: |±|$)", text)] == []


def test_the_legend_of_a_sweep_lies_above_its_plot(visit):
    """Catches a legend that lies on curves which begin high, and words that say more than the intervals."""
    page = visit().go("/about?lang=en")
    found = page.evaluate(
        """async () => {
            const { curveFigures } = await import("/static/boardfigures.js");
            const curve = (strategy, difference) => ({
                strategy, along: "advisor.penetration", fixed: {}, x: [0, 0.5, 1], difference,
                half_width: [1, 1, 1], backfires_from: null,
            });
            const [box] = curveFigures([curve("one", [40, 20, 0]), curve("other", [38, 1, 2])], (name) => name, []);
            document.body.append(box);
            const highest = (wanted) => [...box.querySelectorAll(wanted)].map((path) => path.getBBox().y);
            const data = "path[fill=none][stroke-width='2.5']:not(.legend-line)";
            return { legend: highest("path.legend-line"), data: highest(data), said: box.textContent };
        }"""
    )
    assert len(found["legend"]) == len(found["data"]) == 2
    assert max(found["legend"]) + 8.0 < min(found["data"])
    assert "Share of commuters who are advised (advisor.penetration)" in found["said"]
    assert "no harm beyond chance" in found["said"]


def test_one_of_something_has_no_plural(visit):
    """English alone: Chinese has one word for any number."""
    page = shown(visit())
    said = page.evaluate(
        """async () => {
            const { t } = await import("/static/common.js");
            return [["places_left", { n: "1" }], ["places_left", { n: "1,024" }], ["sure_days", { n: 1 }]]
                .map(([key, values]) => t(key, values));
        }"""
    )
    assert said == ["1 place left", "1,024 places left", "seen on 1 day"]
    facts = page.inner_text("#about-run")
    assert re.search(r"\d replication", facts)
    assert not re.search(r"[{|}]|\b1 (?:replications|days)", facts)


def test_a_class_in_which_all_gain_has_no_largest_loss(visit):
    """The least of the gains was shown as a loss below 0."""
    page = shown(visit())
    found = page.evaluate(
        """async () => {
            const { gainFigures } = await import("/static/boardfigures.js");
            const estimate = { mean: 1, half_width: null };
            const of = (group, largest) => ({
                kind: "advice", group, commuter_days: 5, mean_change_min: estimate, winners_share: estimate,
                losers_share: estimate, largest_loss_min: { largest },
            });
            const gains = {
                period_s: 900,
                strategies: { one: { by_stop: [], by_period: [] } },
            };
            const places = { id: [], name: [], x: [], y: [] };
            const network = { stops: places, nodes: places, links: [], width: 1, height: 1 };
            const classes = [of("a", -28.2), of("b", 3.5)];
            const boxes = gainFigures(network, gains, "one", "One", classes);
            const rows = [...boxes.at(-1).querySelectorAll("tbody tr")];
            return rows.map((row) => row.lastElementChild.textContent);
        }"""
    )
    assert found == [WORDS["nobody_loses"], "3.5"]

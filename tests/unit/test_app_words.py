"""The words of the pages: both languages have the same keys, each that is used is there, and none lies unused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

import sim
from sim.api.told_windows import Verdict
from sim.app.indicator_view import said_of
from sim.errors import UnknownNameError
from sim.loading.source_notes import notes_of
from sim.metrics.line_indicators import LINE_INDICATORS
from sim.metrics.registry import METRICS
from sim.model.advice import WidthChoice
from sim.model.notes import SENTENCES, words_of
from sim.records.folder import TABLES

SIM = Path(__file__).resolve().parents[2] / "sim"
STATIC = SIM / "app" / "static"
NETWORKS = SIM.parent / "networks"
ENGLISH, CHINESE = (json.loads((STATIC / f"{name}.json").read_text(encoding="utf-8")) for name in ("en", "zh"))
SOURCES = {file.name: file.read_text(encoding="utf-8") for file in STATIC.iterdir() if file.suffix in {".js", ".html"}}
BOARD = json.loads((STATIC / "board_zh.json").read_text(encoding="utf-8"))
MEASURED = {"metric": METRICS, "line_indicator": LINE_INDICATORS}
"""All that the board defines: the server has it in English, `board_zh.json` in Chinese."""

SOFTWARE_KEYS = re.compile(
    r"(?:key|level|load|sure|tag|language|error|kind|strategy|metric|group|better|line_indicator|people|scores|score_event)_"
)
"""Beginnings of keys that are put together from what the server says."""


def used_keys() -> set[str]:
    found = set()
    for source in SOURCES.values():
        found |= set(re.findall(r"data-t(?:-label|-title)?=\"(\w+)\"", source))
        found |= set(re.findall(r"data-title=\"(\w+)\"", source))
        found |= set(re.findall(r"\"([a-z]\w+)\"", source)) & ENGLISH.keys()
        found |= set(re.findall(r"\bt\(\"(\w+)\"", source))
    return found


def test_both_languages_have_the_same_keys():
    assert ENGLISH.keys() == CHINESE.keys()


def test_each_verdict_on_a_window_has_a_word():
    tags = {key for key in ENGLISH if key.startswith("tag_")}
    assert tags == {f"tag_{one}" for one in (*get_args(Verdict), "smallest")}


@pytest.mark.parametrize("words", [ENGLISH, CHINESE])
def test_whoever_is_told_to_leave_as_usual_at_some_moments_hears_that_only_taken_times_count(words):
    """The page does not know at which moment they leave, so that it cannot count them by itself."""
    assert f"“{words['take']}”" in words["verdict_stay_if"]


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_both_languages_put_the_same_values_into_a_sentence(key):
    # An English place may name the word behind its number twice: {n|place|places}.
    assert sorted(re.findall(r"\{(\w+)", ENGLISH[key])) == sorted(re.findall(r"\{(\w+)\}", CHINESE[key]))
    assert ENGLISH[key].strip()
    assert CHINESE[key].strip()


@pytest.mark.parametrize("kind", MEASURED)
def test_the_chinese_board_defines_each_number_that_it_shows_and_no_other(kind):
    names = [one.name for one in MEASURED[kind]]
    assert sorted(BOARD[kind]) == sorted(names)
    for name in names:
        own = BOARD[kind][name]
        assert re.match(r"[\u4e00-\u9fff]", own["what"]), name
        assert own["what"].endswith("。"), name
        # Its name stands in one place alone: among the words of the page where there is an English one besides.
        assert (f"{kind}_{name}" in CHINESE) != ("name" in own), name
        assert re.search(r"[\u4e00-\u9fff]", own.get("name", "。") + CHINESE.get(f"{kind}_{name}", "")), name


@pytest.mark.parametrize("kind", MEASURED)
def test_definitions_in_both_languages_have_the_same_limits(kind):
    for one in MEASURED[kind]:
        english, chinese = one.description, BOARD[kind][one.name]["what"]
        limits = set(re.findall(r"(\d+) (?:min\b|%)", english))
        assert limits == set(re.findall(r"(\d+) (?:分钟|%)", chinese)), one.name


COLUMNS = {column.name for schema in TABLES for column in schema.columns}
SAME_EVERYWHERE = COLUMNS | {one.name for one in METRICS} | {"sum", "max", "wait_weight", "departure_change_s"}
"""Names in formulas that stay as they are: of columns, keys and metrics, and functions that spreadsheets call so."""
AUTHORS = {"Hyndman", "Fan"}
SYMBOL = re.compile(r"[A-Za-z]\d?|(?:\w|sum|max)_\w|`\w+`")
"""A letter, perhaps with a digit or an index; a sum or a maximum over an index; the name of a table in quotes."""


def words_in(formula):
    """Return what is left of a formula in Latin letters beside names that stay and symbols."""
    said = re.findall(r"`\w+`|[A-Za-z]\w*", formula)
    return {one for one in said if one not in SAME_EVERYWHERE | AUTHORS and not SYMBOL.fullmatch(one)}


def values_in(formula):
    """Return the numbers of a formula, and the names that have several parts."""
    said = re.findall(r"[A-Za-z]\w*|\d+", formula)
    return {one for one in said if one.isdigit() or ("_" in one and one in SAME_EVERYWHERE)}


def test_the_chinese_board_has_each_formula_that_has_words():
    """Catches formulas half in English, and Chinese ones that are left behind where a formula changes."""
    for one in METRICS:
        own = BOARD["metric"][one.name].get("formula")
        assert bool(words_in(one.formula)) == (own is not None), one.name
        if own is not None:
            assert words_in(own) == set(), one.name
            assert re.search(r"[\u4e00-\u9fff]", own), one.name
            assert values_in(own) == values_in(one.formula), one.name


def test_the_chinese_board_has_each_source_that_has_words():
    """Names of authors and titles of works stay in their language; what is said about them does not."""
    sources = {one.source for group in MEASURED.values() for one in group}
    assert set(BOARD["source"]) == {source for source in sources if re.search(r"\b[a-z]{2,}", source)}
    for english, own in BOARD["source"].items():
        assert re.search(r"[\u4e00-\u9fff]", own), english
        # Numbers of reports and years are the same, and what stays in Latin letters stands in the English one too.
        assert re.findall(r"\d+", own) == re.findall(r"\d+", english)
        assert set(re.findall(r"[A-Za-z]+", own)) <= set(re.findall(r"[A-Za-z]+", english)), english
        assert set(re.findall(r"(?<![\w/.-])[a-z]{2,}(?![\w/.-])", own)) <= {"preferences", "energy"}, english


def test_the_chinese_board_has_a_word_for_each_unit():
    units = {one.unit for group in MEASURED.values() for one in group}
    assert units - {"", "share", "clock"} == set(BOARD["unit"])


def test_the_chinese_board_says_each_note_of_a_run_with_the_same_values():
    """Notes and warnings come as keys with values; catches an English sentence on the Chinese board."""
    assert list(BOARD["note"]) == list(SENTENCES)
    for key, sentence in SENTENCES.items():
        own = BOARD["note"][key]
        assert set(re.findall(r"\{(\w+)", sentence)) == set(re.findall(r"\{(\w+)\}", own)), key
        assert re.search(r"[\u4e00-\u9fff]", own), key


def in_chinese(words):
    """Put a note into words as `boardwords.js` does."""
    if isinstance(words, list):
        return "、".join(map(in_chinese, words))
    if not isinstance(words, dict):
        return BOARD["network"].get(words, str(words))
    values = words["values"]
    return re.sub(r"\{(\w+)\}", lambda place: in_chinese(values[place.group(1)]), BOARD["note"][words["key"]])


def test_edits_and_kinds_of_sources_are_told_in_chinese():
    """Every edit of the service, a detour by it and the kinds of `SOURCE.md`; catches a sentence without a key."""
    changes = [
        {"headway": {"line": "metro", "direction": 0, "every": "20 min", "start": "07:00", "end": "08:00"}},
        {"add_trips": {"line": "metro", "direction": 0, "departures": ["06:58:30"]}},
        {"cancel_trips": {"line": "bus", "direction": 0, "start": "08:00", "end": "08:30"}},
        {"retime_trips": {"line": "bus", "start": "07:00", "end": "07:30", "shift": "1 min"}},
        {"vehicle": {"line": "metro", "start": "09:00", "type": "bus"}},
        {"slow_street": {"from_stop": "M", "to_stop": "W", "speed_factor": 0.5, "start": "07:00"}},
        {"close_street": {"from_stop": "H", "to_stop": "B", "start": "05:00", "end": "05:30"}},
        {"close_street": {"from_stop": "B", "to_stop": "W"}},
    ]
    notes = sim.load_scenario("two_lines_lesson", overrides={"service.changes": changes}).network.notes
    assert len(notes) > len(changes)
    for said in notes:
        shown = in_chinese(words_of(said))
        assert re.search(r"[\u4e00-\u9fff]", shown), said
        # What is left in Latin letters are ids, names of files and types of vehicles.
        assert re.findall(r"[A-Za-z]{3,} [A-Za-z]{2,}", shown) == [], shown


def test_sources_of_the_networks_that_come_with_the_program_are_told_in_chinese():
    """Catches a line of `SOURCE.md` that was changed and its Chinese one was not, and one that is left over."""
    said = [one for file in NETWORKS.glob("*/SOURCE.md") for one in notes_of(file.read_text(encoding="utf-8"))]
    assert len(said) > 30
    for one in said:
        assert re.findall(r"[A-Za-z]{3,} [A-Za-z]{2,}", in_chinese(words_of(one))) == [], one
    assert set(BOARD["network"]) <= {text for one in said for text in one.values.values()}


def test_the_width_of_windows_is_told_in_chinese_throughout():
    """Catches costs by width that stand as `1 min 22.5` in a Chinese sentence."""
    said = WidthChoice(60.0, ((60.0, 22.5), (120.0, 23.04)), 0.71).note()
    assert "1 min 22.5 and 2 min 23.0 min" in said
    shown = in_chinese(json.loads(json.dumps(words_of(said))))
    assert "1 分钟时 22.5、2 分钟时 23.0" in shown
    assert not re.search(r"[A-Za-z]", shown)


def test_one_thing_has_one_name_on_the_chinese_board():
    """By line and among all indicators; catches two names for those left behind, and for what runs to the timetable."""
    for name in BOARD["line_indicator"].keys() & BOARD["metric"].keys():
        by_line = CHINESE[f"line_indicator_{name}"]
        overall = CHINESE.get(f"metric_{name}") or BOARD["metric"][name]["name"]
        assert by_line == overall, name


def test_errors_of_a_question_have_words_in_both_languages():
    """A code that has no words would show a Chinese reader the English sentence of the API."""
    errors = (
        UnknownNameError("text", "no_vehicle_then", first="06:00", last="09:00"),
        UnknownNameError("text", "nearest_time", first="06:00", last="06:01"),
    )
    for error in errors:
        for words in (ENGLISH, CHINESE):
            assert set(error.values) <= set(re.findall(r"\{(\w+)\}", words[f"error_{error.code}"]))
    code = re.compile(r"UnknownNameError\((?:[^()]|\([^()]*\))*?, \"(\w+)\"")
    raised = {found for file in SIM.rglob("*.py") for found in code.findall(file.read_text(encoding="utf-8"))}
    assert len(raised) >= 8
    assert {f"error_{one}" for one in raised} <= CHINESE.keys()


def test_what_a_run_says_comes_as_keys():
    """All that the program itself says of a run with every kind of rule has a key, and none is told twice."""
    keys = {
        "days": 2,
        "replications": 1,
        "advisor": {
            "strategy": "coordinated_fair",
            "penetration": 1.0,
            "compliance": 1.0,
            "forecast": {"privacy": {"mechanism": "discrete_laplace", "minimum_cell": 2}, "coverage": 0.5},
        },
    }
    manifest = sim.run("two_lines_lesson", overrides=keys).manifest
    said = [*said_of(manifest, "warnings"), *said_of(manifest, "notes")]
    assert len(said) > 3 + len(sim.load_scenario("two_lines_lesson").network.notes)
    for one in said:
        assert one["words"]["key"] in SENTENCES, one["text"]
    assert json.loads(json.dumps(said)) == said


def test_every_word_that_is_used_is_there():
    assert used_keys() - ENGLISH.keys() == set()


def test_no_word_lies_unused():
    assert {key for key in ENGLISH.keys() - used_keys() if not SOFTWARE_KEYS.match(key)} == set()


def test_nothing_on_the_pages_is_loaded_from_elsewhere_or_stands_inline():
    for name, source in SOURCES.items():
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//", source), name
        assert not re.search(r"fetch\(\s*[\"'`]https?:", source), name
        assert ".innerHTML" not in source, name
        assert "eval(" not in source, name
        if name.endswith(".html"):
            assert " style=" not in source, name
            assert not re.search(r"\son\w+=", source), name
            assert not re.search(r"<script(?![^>]* src=)", source), name


def test_the_first_load_is_small():
    from sim.app.pages import Pages

    sizes = {address: len(page.compressed or page.body) for address, page in Pages().documents.items()}
    first = (
        "/",
        "/static/commuter.js",
        "/static/common.js",
        "/static/style.css",
        "/static/zh.json",
        "/static/icon.svg",
    )
    assert sum(sizes[address] for address in first) < 40_000


def test_the_board_is_small():
    from sim.app.pages import Pages

    sizes = {address: len(page.compressed or page.body) for address, page in Pages().documents.items()}
    assert sum(sizes.values()) < 100_000

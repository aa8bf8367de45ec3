"""Pages call a strategy by its label everywhere; the terminal and CSV files call it by its name."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from string import Formatter

import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.app.indicator_view import said_of
from sim.model.notes import SENTENCES, Note, note, note_of, tell_words, with_names, words_of
from sim.report.strategy_looks import StrategyLooks

NAMES = ["none", "same_for_all", "coordinated_fair"]


def small(**more):
    advisor = {"penetration": 1, "compliance": 1, "window": 600, "rehearsal": {"draws": 2, "rounds": 2}}
    return world(
        [bus_line("L", "AB", [600], departures=[float(time_s) for time_s in range(0, 9000, 600)])],
        [flow("A", "B", 1000, 5000, 60)],
        **{"days": 2, "replications": 2, "advisor": advisor, **more},
    )


def read(page: str) -> str:
    """Return what one reads on a page, without the scenario, whose keys are names."""
    text = re.sub(r"<(script|style|pre)\b.*?</\1>", " ", page, flags=re.DOTALL)
    told = " ".join(re.findall(r'(?:alt|aria-label|title)="([^"]*)"', text))
    return html.unescape(f"{re.sub(r'<[^>]+>', ' ', text)} {told}")


def pages() -> dict[str, object]:
    scenario = small()
    compared = sim.compare(scenario, NAMES)
    swept = sim.sweep(scenario, {"advisor.compliance": [0.5, 1]}, strategies=NAMES)
    variants = sim.compare([scenario, small(name="other", period="10 min")], NAMES)
    return {"compared": compared, "swept": swept, "variants": variants}


@pytest.fixture(scope="module")
def results() -> dict[str, object]:
    return pages()


@pytest.mark.parametrize("which", ["compared", "swept", "variants"])
def test_a_report_calls_strategies_by_their_labels(results, which, tmp_path: Path):
    result = results[which]
    result.write(tmp_path / which)
    for page in ((tmp_path / which / "report.html").read_text(encoding="utf-8"), result._repr_html_()):
        shown = read(page)
        assert "Same for all" in shown
        assert not re.findall(r".{0,40}(?:same_for_all|coordinated_fair).{0,40}", shown)


def test_notes_of_a_run_are_told_by_labels_in_the_app(results):
    manifest = results["compared"].manifest
    assert any("With coordinated_fair nobody is advised" in text for text in manifest["notes"])
    told = [one["text"] for one in said_of(manifest, "notes")]
    assert any("With Coordinated, bounded regret nobody is advised" in text for text in told)
    assert not any("coordinated_fair" in text for text in told)


def test_strategies_that_share_a_label_go_by_their_names():
    facts = [{"name": name, "label": "Mine", "sentence": "moves people."} for name in ("first", "second")]
    looks = StrategyLooks.of({"strategy_facts": [*facts, {"name": "third", "label": "Third"}]})
    assert [looks.label(name) for name in ("first", "second", "third")] == ["first", "second", "Third"]
    assert looks.sentences("first") == ["first moves people."]


@pytest.mark.parametrize("key", sorted(SENTENCES))
def test_a_note_can_be_said_again_from_what_it_is_made_of(key: str):
    """Through JSON, as a manifest holds it."""
    parts = [(field, conversion) for _, field, _, conversion in Formatter().parse(SENTENCES[key]) if field]
    inner = {field: "text" if conversion else note("programmes") for field, conversion in parts}
    said = note(key, **{field: ["one", "two"] if field == "names" else value for field, value in inner.items()})
    again = note_of(json.loads(json.dumps(words_of(said))))
    assert isinstance(again, Note)
    assert (str(again), again.key) == (str(said), key)


def test_sentences_of_another_version_stay_as_they_are():
    manifest = {"notes": [note("turns_taken", names=["individual"]), "made by hand, with individual"], "warnings": []}
    tell_words(manifest)
    manifest["notes"][0] = str(manifest["notes"][0]).replace("nobody", "no one")
    assert with_names(manifest, "notes", {"individual": "Individual"}) == manifest["notes"]

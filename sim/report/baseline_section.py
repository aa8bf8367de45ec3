"""What a comparison says for each baseline: people by habit, and people who have settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.model.notes import held_back_notes
from sim.report.brief import brief
from sim.report.numbers import format_number, to_number
from sim.report.report_data import ReportData
from sim.report.saving_section import class_note, class_rows, saving_rows, shares_note
from sim.report.strategy_looks import StrategyLooks, with_labels
from sim.report.table_rows import MetricRow, metric_columns, metric_rows
from sim.report.verdict import verdict

LEAST_GAP_SHOWN: Final = 0.05
"""Per cent of the cost below which a gap is none: it would be written 0.0 or less."""


@dataclass(frozen=True)
class BaselineView:
    """The answer and the numbers for one baseline.

    Attributes
    ----------
    name, label : str
    premise : str
        Of what people the answer holds, as the beginning of a sentence.
    headline : str
        The answer in one sentence.
    sentences : list of str
    columns : list of str
    rows : list of MetricRow
    parts : tuple of (list of str, list of list of str)
        Head and rows of the table of what savings consist of.
    by_class : tuple of (list of str, list of list of str)
        The same by class of people, for the strategy that saves most.
    parts_note, class_note : str
        What shares beyond all mean in either table; empty where there are none.
    """

    name: str
    label: str
    premise: str
    headline: str
    sentences: list[str]
    columns: list[str]
    rows: list[MetricRow]
    parts: tuple[list[str], list[list[str]]]
    by_class: tuple[list[str], list[list[str]]]
    parts_note: str
    class_note: str


def baseline_labels(summary: Mapping[str, Any]) -> dict[str, str]:
    """Return the words for each baseline of a summary by name; empty where there is one alone."""
    return {name: str(facts.get("label") or name) for name, facts in summary.get("baselines", {}).items()}


def baseline_views(data: ReportData) -> list[BaselineView]:
    """Return the answer for each baseline; none where there is one alone, of which the rest of the report tells."""
    looks, views = StrategyLooks.of(data.manifest), []
    premises, rehearsals = _premises(data.manifest), _rehearsals(data.manifest)
    for name, label in baseline_labels(data.summary).items():
        own = {**data.summary["baselines"][name], "optimum": data.summary.get("optimum", {})}
        labelled = with_labels(own, looks)
        headline = brief(ReportData(data.manifest, own, data.tables)).headline
        held_back = held_back_notes({looks.label(key): facts for key, facts in rehearsals.get(name, {}).items()})
        sentences = [*settling_sentences(own), *verdict(labelled), *held_back]
        columns = [looks.label(column) for column in metric_columns(labelled)]
        premise = str(premises.get(name) or f"Against {label}")
        rows, parts, by_class = metric_rows(labelled), saving_rows(labelled), class_rows(own, looks)
        notes = shares_note(labelled), class_note(own)
        views.append(BaselineView(name, label, premise, headline, sentences, columns, rows, parts, by_class, *notes))
    return views


def sole_premise(manifest: Mapping[str, Any]) -> str:
    """Return of what people the answer holds where advice was given to one kind of people; empty where nobody says."""
    known = list(_premises(manifest).values())
    return str(known[0] or "") if len(known) == 1 else ""


def _premises(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {str(facts["name"]): facts.get("premise") for facts in manifest.get("baselines", ())}


def _rehearsals(manifest: Mapping[str, Any]) -> dict[str, Mapping[str, Mapping[str, int]]]:
    return {str(facts["name"]): facts.get("rehearsals", {}) for facts in manifest.get("baselines", ())}


def settling_sentences(summary: Mapping[str, Any]) -> list[str]:
    """Say how far people had settled by themselves before they got advice; nothing where they had not."""
    facts = summary.get("settling")
    if not facts:
        return []
    days, gap = to_number(facts["days"]), to_number(facts["relative_gap_share"]) * 100.0
    change_min = to_number(facts["departure_change_s"]) / 60.0
    # The gap is taken on a day that people did not know: what they pay on it may be less than what they expected.
    saved = "nothing more" if gap < LEAST_GAP_SHOWN else f"{format_number(gap, 1)} % of what they paid"
    return [
        f"They had learned for {format_number(days, 0)} days without advice and then left "
        f"{format_number(change_min, 1)} min earlier or later than by habit, on average. By what days alike had "
        f"told them they could have saved {saved}."
    ]

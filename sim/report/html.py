"""The report as one HTML file that needs nothing else: no other file, no network, no script."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from ruamel.yaml import YAML

from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN
from sim.metrics.summary import CALLED_CLEAR
from sim.records.table import Table
from sim.report.account_section import account_section
from sim.report.baseline_section import baseline_views, sole_premise
from sim.report.brief import brief, size_note
from sim.report.charts.chart import NothingToShowError
from sim.report.charts.svg import chart_html
from sim.report.figure_list import BRIEF_EXHIBIT, Exhibit, describe, exhibits
from sim.report.line_section import line_entries
from sim.report.numbers import format_number, join_words, to_number
from sim.report.outcome_section import cause_rows, hindrance_rows
from sim.report.report_data import ReportData
from sim.report.saving_section import class_note, class_rows, saving_rows, shares_note
from sim.report.strategy_looks import with_labels
from sim.report.table_rows import GroupRow, group_rows, metric_columns, metric_rows
from sim.report.verdict import verdict

_TEMPLATES = Path(__file__).resolve().parent / "templates"


@dataclass(frozen=True)
class ShownFigure:
    """A figure on the page: its picture, or a sentence that says why there is none."""

    key: str
    title: str
    caption: str
    picture: Markup
    instead: str


def render_report(manifest: Mapping[str, Any], summary: Mapping[str, Any], tables: Mapping[str, Table]) -> str:
    """Return the report of a run or of a comparison as the text of an HTML file.

    The same input gives the same text.

    Parameters
    ----------
    manifest, summary : mapping
        As in `manifest.json` and `summary.json`.
    tables : mapping of str to Table
        The five tables by name.
    """
    data = ReportData(manifest, summary, tables)
    shown, labelled = exhibits(data), with_labels(summary, data.looks)
    maps, figures, winners = (
        [_show(data, exhibit) for exhibit in shown if exhibit.section == section]
        for section in ("map", "figures", "people")
    )
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            name=str(manifest.get("name", "")),
            kind="Comparison" if "strategies" in summary else "Run",
            lead=_lead(data),
            description=str(_mapping(manifest.get("scenario")).get("description") or ""),
            created=str(manifest.get("created", "")),
            verdict=verdict(labelled),
            columns=[data.looks.label(column) for column in metric_columns(labelled)],
            rows=metric_rows(labelled),
            brief=brief(data),
            premise=sole_premise(manifest),
            picture=_show(data, BRIEF_EXHIBIT),
            sizes=size_note(),
            baselines=baseline_views(data),
            parts=saving_rows(labelled),
            parts_note=shares_note(summary),
            called_clear=CALLED_CLEAR,
            by_class=class_rows(summary, data.looks),
            class_note=class_note(summary),
            maps=maps,
            figures=figures,
            lines=line_entries(data),
            winners=winners,
            groups=_groups(data),
            account=account_section(data),
            causes=cause_rows(data),
            hindrances=hindrance_rows(data),
            threshold=f"{LOSS_THRESHOLD_MIN:g}",
            notes=data.looks.told(manifest, "notes"),
            warnings=data.looks.told(manifest, "warnings"),
            facts=_facts(manifest),
            versions=sorted(manifest.get("versions", {}).items()),
            inputs=sorted(manifest.get("inputs", {}).items()),
            scenario=yaml_text(manifest.get("scenario", {})),
        )
    )


def environment() -> Environment:
    """Return the templates' environment: everything escaped, nothing missing passes unseen."""
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def yaml_text(value: Any) -> str:
    """Write plain values as YAML."""
    writer = YAML()
    writer.default_flow_style = False
    writer.allow_unicode = True
    writer.width = 100
    buffer = io.StringIO()
    writer.dump(_plain(value), buffer)
    return buffer.getvalue()


def _plain(value: Any) -> Any:
    """Copy nested mappings and sequences, so that what is shared is written out and not referred to."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | float | str) or value is None else str(value)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _show(data: ReportData, exhibit: Exhibit) -> ShownFigure:
    try:
        chart = exhibit.build(data)
    except NothingToShowError as nothing:
        return ShownFigure(exhibit.key, exhibit.title, "", Markup(), str(nothing))
    picture = Markup(chart_html(chart, describe(data, exhibit, chart)))
    return ShownFigure(exhibit.key, exhibit.title, chart.caption, picture, "")


def _groups(data: ReportData) -> list[GroupRow]:
    try:
        return group_rows({data.looks.label(name): change for name, change in data.cost_changes.items()})
    except NothingToShowError:
        return []


_KNOWN: Final = {
    "frequencies": "Commuters know how often vehicles come, and where that is seldom the timetable.",
    "timetable": "Commuters know the timetable.",
    "real_time": "Commuters know the timetable, and at stops when vehicles will really leave.",
}


def _lead(data: ReportData) -> str:
    manifest = data.manifest
    replications, kept = manifest.get("replications", 1), manifest.get("days_kept", 1)
    draws = "1 replication" if replications == 1 else f"{replications} replications"
    days = "the last day" if kept == 1 else f"the last {kept} days"
    which = f"Strategies {join_words([data.looks.label(name) for name in data.strategies])} on the same draws"
    if len(data.strategies) == 1:
        which = f"Strategy {data.looks.label(data.strategies[0])}"
    known = f" {what_people_know(manifest)}".rstrip()
    return f"{which}; {draws} of {manifest.get('days', 1)} simulated days, of which {days} counted.{known}"


def what_people_know(manifest: Mapping[str, Any]) -> str:
    """Say what the commuters of a run know of vehicles, by its `journeys.information`; empty where it names none.

    Parameters
    ----------
    manifest : mapping
        As in `manifest.json`.
    """
    journeys = _mapping(_mapping(manifest.get("scenario")).get("journeys"))
    by_routing = "timetable" if journeys.get("routing") == "timetable" else "frequencies"
    return _KNOWN.get(str(journeys.get("information") or by_routing), "") if journeys else ""


def _facts(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    facts = [(label, manifest.get(key)) for label, key in (("Seed", "seed"), ("Replications", "replications"))]
    facts += [("Days simulated", manifest.get("days")), ("Days counted", manifest.get("days_kept"))]
    facts.append(("Made at", manifest.get("created")))
    duration_s = to_number(manifest.get("duration_s"))
    facts.append(("Computing time", f"{format_number(duration_s, 1)} s" if math.isfinite(duration_s) else None))
    return [(label, str(value)) for label, value in facts if value is not None]

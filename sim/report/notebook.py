"""Summaries as small HTML tables, for the display of results in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.report.html import environment
from sim.report.strategy_looks import StrategyLooks, with_labels
from sim.report.sweep_section import by_baseline, sweep_rows, sweep_verdict
from sim.report.table_rows import metric_columns, metric_rows
from sim.report.verdict import verdict


def summary_html(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """Return the verdict and the headline metrics of a run or a comparison as a piece of HTML."""
    template = environment().get_template("summary.html.j2")
    looks = StrategyLooks.of(manifest)
    labelled = with_labels(summary, looks)
    rows = [row for row in metric_rows(labelled) if row.headline]
    columns = [looks.label(column) for column in metric_columns(labelled)]
    return template.render(verdict=verdict(labelled), columns=columns, rows=rows)


def sweep_html(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """Return what a sweep shows and its table as a piece of HTML."""
    template = environment().get_template("sweep_summary.html.j2")
    looks = StrategyLooks.of(manifest)
    baselines = [
        {"label": label, "verdict": sweep_verdict(own, looks), "table": sweep_rows(own, looks)}
        for label, own in by_baseline(summary).items()
    ]
    return template.render(baselines=baselines, keys=len(summary["vary"]))

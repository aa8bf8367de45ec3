"""A summary as a small HTML table, for the display of results in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.report.html import environment
from sim.report.rows import metric_columns, metric_rows
from sim.report.verdict import verdict


def summary_html(summary: Mapping[str, Any]) -> str:
    """Return the verdict and the headline metrics of a run or a comparison as a piece of HTML."""
    template = environment().get_template("summary.html.j2")
    rows = [row for row in metric_rows(summary) if row.headline]
    return template.render(verdict=verdict(summary), columns=metric_columns(summary), rows=rows)

"""The report of a sweep as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sim.report.charts.chart import Chart, NothingToShowError
from sim.report.charts.svg import chart_html
from sim.report.figures.sweep import curves_chart
from sim.report.html import environment, yaml_text
from sim.report.numbers import join_words
from sim.report.strategy_looks import StrategyLooks
from sim.report.sweep_section import (
    LEGEND,
    PARTS_LEGEND,
    by_baseline,
    parts_rows,
    settled_sentences,
    sweep_rows,
    sweep_verdict,
    verdict_by_strategy,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class SweepPlots:
    """Figures of a sweep for a notebook: ``result.plot.curve()``.

    Parameters
    ----------
    manifest, summary : mapping
        As in `manifest.json` and `summary.json` of a sweep.
    """

    def __init__(self, manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
        self._manifest, self._summary = manifest, summary

    def curve(self, along: str | None = None) -> Figure:
        """Draw cost against none along a key.

        Where none is named it is the first one with two numbers; that there is none stands in place of the picture.

        Raises
        ------
        NothingToShowError
            When no curve runs along the key that was named.
        """
        from sim.report.charts.picture import chart_picture, picture_or_sentence

        if along is not None:
            return chart_picture(self._curve(along))
        return picture_or_sentence(self._curve)

    def _curve(self, along: str | None = None) -> Chart:
        keys = [str(curve["along"]) for curve in self._summary["curves"]]
        if along is None and not keys:
            raise NothingToShowError("No key of this sweep has two values that are numbers.")
        return curves_chart(self._summary["curves"], along or keys[0], StrategyLooks.of(self._manifest))


def render_sweep_report(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """Return the report of a sweep as the text of an HTML file; the same input gives the same text.

    Parameters
    ----------
    manifest, summary : mapping
        As in `manifest.json` and `summary.json` of a sweep.
    """
    looks = StrategyLooks.of(manifest)
    strategies = join_words([looks.label(str(name)) for name in summary["strategies"]])
    keys = join_words([f"{key} ({len(values)} values)" for key, values in summary["vary"].items()])
    lead = (
        f"Strategies {strategies} on the same draws at {len(summary['points'])} points: {keys}; "
        f"{manifest['replications']} replications of {manifest['days']} simulated days."
    )
    return (
        environment()
        .get_template("sweep.html.j2")
        .render(
            name=str(manifest["name"]),
            lead=lead,
            created=str(manifest.get("created", "")),
            baselines=[_baseline(label, own, looks) for label, own in by_baseline(summary).items()],
            legend=LEGEND,
            parts_legend=PARTS_LEGEND,
            keys=len(summary["vary"]),
            notes=looks.told(manifest, "notes"),
            scenario=yaml_text(manifest.get("scenario", {})),
        )
    )


def _baseline(label: str, summary: Mapping[str, Any], looks: StrategyLooks) -> dict[str, Any]:
    """Return what the page says of one baseline: its words, sentences, curves and tables."""
    return {
        "label": label,
        "settled": settled_sentences(summary),
        "verdict": verdict_by_strategy(summary, looks),
        "figures": _figures(summary, looks),
        "table": sweep_rows(summary, looks),
        "parts": parts_rows(summary, looks),
    }


def _figures(summary: Mapping[str, Any], looks: StrategyLooks) -> list[tuple[str, str, Markup]]:
    """Return key, caption and picture of each curve."""
    shown = []
    for along in dict.fromkeys(str(curve["along"]) for curve in summary["curves"]):
        chart = curves_chart(summary["curves"], along, looks)
        alt = f"Mean generalized cost against none along {along}. {' '.join(sweep_verdict(summary, looks))}"
        shown.append((along, chart.caption, Markup(chart_html(chart, alt))))
    return shown

"""The report of variants as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sim.metrics.paired_changes import LOSS_THRESHOLD_MIN
from sim.report.charts.chart import NothingToShowError
from sim.report.charts.svg import chart_html
from sim.report.figures.variant_changes import variants_chart
from sim.report.html import environment, yaml_text
from sim.report.metric_words import ordered_strategies
from sim.report.numbers import join_words
from sim.report.strategy_looks import StrategyLooks
from sim.report.variants_section import change_lines, gain_rows, place_rows, variant_blocks, variants_verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class VariantsPlots:
    """Figures of variants for a notebook: ``result.plot.changes()``.

    Parameters
    ----------
    manifest, summary : mapping
        As in `manifest.json` and `summary.json` of a comparison of variants.
    """

    def __init__(self, manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> None:
        self._manifest, self._summary = manifest, summary

    def changes(self) -> Figure:
        """Draw the change of headline metrics against the base with their intervals, or that none changes."""
        from sim.report.charts.picture import picture_or_sentence

        return picture_or_sentence(lambda: variants_chart(self._summary, StrategyLooks.of(self._manifest)))


def render_variants_report(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """Return the report of variants as the text of an HTML file; the same input gives the same text.

    Parameters
    ----------
    manifest, summary : mapping
        As in `manifest.json` and `summary.json` of a comparison of variants.
    """
    looks = StrategyLooks.of(manifest)
    strategies = ordered_strategies(summary["strategies"])
    names = {str(stop["stop_id"]): str(stop["name"]) for stop in manifest.get("stops", ())}
    count = len(summary["variants"]) - 1
    lead = (
        f"{summary['base']} and {count} variant{'s' if count > 1 else ''} under "
        f"{join_words([looks.label(name) for name in strategies])}; {manifest['replications']} replications of "
        f"{manifest['days']} simulated days, with the same people and the same luck where they are the same."
    )
    return (
        environment()
        .get_template("variants.html.j2")
        .render(
            name=str(manifest["name"]),
            lead=lead,
            created=str(manifest.get("created", "")),
            warnings=looks.told(manifest, "warnings"),
            verdict=variants_verdict(summary, looks),
            changes=change_lines(manifest),
            pairing=manifest["pairing"],
            base=summary["base"],
            strategies=[looks.label(name) for name in strategies],
            blocks=variant_blocks(summary),
            gains=gain_rows(summary, looks),
            places=place_rows(summary, names),
            threshold=f"{LOSS_THRESHOLD_MIN:g}",
            figure=_figure(summary, looks),
            notes=looks.told(manifest, "notes"),
            further=[(item["name"], note) for item in manifest["variants"] for note in looks.told(item, "notes")],
            scenario=yaml_text(manifest.get("scenario", {})),
        )
    )


def variants_html(manifest: Mapping[str, Any], summary: Mapping[str, Any]) -> str:
    """Return what variants show and their headline metrics as a piece of HTML, for a notebook."""
    looks = StrategyLooks.of(manifest)
    return (
        environment()
        .get_template("variants_summary.html.j2")
        .render(
            verdict=variants_verdict(summary, looks),
            strategies=[looks.label(name) for name in ordered_strategies(summary["strategies"])],
            blocks=[block for block in variant_blocks(summary) if block.headline],
            base=summary["base"],
        )
    )


def _figure(summary: Mapping[str, Any], looks: StrategyLooks) -> tuple[str, Markup] | None:
    """Return caption and picture; None where nothing changes."""
    try:
        chart = variants_chart(summary, looks)
    except NothingToShowError:
        return None
    alt = f"Change of headline metrics against {summary['base']}. {' '.join(variants_verdict(summary, looks))}"
    return chart.caption, Markup(chart_html(chart, alt))

"""What is measured, as a board tells it: each number with its interval, definition and change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.app.run_library import ServedRun
from sim.metrics.forecast_scores import forecast_scores
from sim.metrics.gains_by_place import gains_by_place
from sim.metrics.line_indicators import LINE_INDICATORS, line_indicators
from sim.metrics.metric import BASELINE, Metric
from sim.metrics.registry import METRICS, metrics_told
from sim.model.notes import with_names


def facts_document(run: ServedRun) -> dict[str, Any]:
    """Return what a run says of itself: strategies with label and colour, what is assumed, what to doubt."""
    manifest = run.manifest
    return {
        "key": run.key,
        "name": str(manifest.get("name", run.key)),
        "kind": run.kind,
        "created": str(manifest.get("created", "")),
        "description": str((manifest.get("scenario") or {}).get("description") or ""),
        "replications": manifest.get("replications"),
        "days": manifest.get("days"),
        "days_kept": manifest.get("days_kept"),
        "has_tables": run.has_tables,
        "people": run.people,
        "baselines": [
            {
                "key": run.key_of(str(facts["name"])),
                "name": str(facts["name"]),
                "label": str(facts["label"]),
                "sentence": str(facts["sentence"]),
            }
            for facts in run.baselines
        ],
        "strategies": [
            {
                "name": str(facts["name"]),
                "label": str(facts.get("label") or facts["name"]),
                "colour": str(facts.get("colour") or ""),
                "sentence": str(facts.get("sentence") or ""),
            }
            for facts in manifest.get("strategy_facts", ())
        ],
        "notes": said_of(manifest, "notes"),
        "warnings": said_of(manifest, "warnings"),
    }


def said_of(manifest: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return sentences with what they are made of; runs of before know the sentences alone.

    Strategies go by their labels in the sentences, and by their names in what these are made of.

    Parameters
    ----------
    manifest : mapping
    name : str
        `notes` or `warnings`.
    """
    labels = {str(one["name"]): str(one.get("label") or one["name"]) for one in manifest.get("strategy_facts", ())}
    texts = with_names(manifest, name, labels)
    words = manifest.get(f"{name}_words")
    if not isinstance(words, list) or len(words) != len(texts):
        words = [None] * len(texts)
    return [{"text": text, "words": word} for text, word in zip(texts, words, strict=True)]


def indicator_document(run: ServedRun) -> dict[str, Any]:
    """Return all metrics of a run, by the entries of the registry."""
    values = _by_strategy(run)
    return {
        "metrics": [
            {**_definition(metric), "values": own}
            for metric in METRICS
            if (own := {name: dict(found[metric.name]) for name, found in values.items() if metric.name in found})
        ],
        "classes": dict(run.summary.get("classes") or {}),
        "parts": [metric.name for metric in metrics_told("parts")],
    }


def _by_strategy(run: ServedRun) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the metrics of each strategy; those of a run stand under its one strategy, those of a sweep in curves."""
    found = run.summary.get("strategies")
    if found is not None:
        return dict(found) if isinstance(found, Mapping) else {}
    name = run.strategies[0] if run.strategies else BASELINE
    return {name: dict(run.summary.get("metrics") or {})}


def _definition(metric: Metric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "label": metric.title or metric.label,
        "unit": metric.unit,
        "better": metric.better,
        "headline": metric.headline,
        "population": metric.population,
        "description": metric.description,
        "formula": metric.formula,
        "source": metric.source,
    }


def line_document(run: ServedRun) -> dict[str, Any]:
    """Return the indicators of all lines and directions, by their entries."""
    return {
        "indicators": [
            {
                "name": one.name,
                "label": one.label,
                "unit": one.unit,
                "better": one.better,
                "description": one.description,
                "source": one.source,
            }
            for one in LINE_INDICATORS
        ],
        "lines": line_indicators(run.table("stop_visits"), run.table("legs")),
    }


def gain_document(run: ServedRun) -> dict[str, Any]:
    """Return who gains and who loses by place and by time, in a comparison with `none`."""
    period_s = float(run.manifest["scenario"]["period"])
    return {"period_s": period_s, "strategies": gains_by_place(run.table("journeys"), period_s)}


def reliability_document(run: ServedRun) -> dict[str, Any]:
    """Return how good forecasts were for those who followed advice, on days that the forecasts had not seen.

    Returns
    -------
    dict
        `scores`, one for each strategy that advised, see `sim.metrics.forecast_scores`; none where nobody was scored.
    """
    return {"scores": [score.as_dict() for score in forecast_scores(run.tables())]}


def curve_document(run: ServedRun) -> dict[str, Any]:
    """Return the curves of a sweep: the change of cost along each key, and where advice begins to do harm."""
    return {"vary": dict(run.summary.get("vary") or {}), "curves": list(run.summary.get("curves") or [])}

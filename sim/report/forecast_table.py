"""Scores of forecasts as text for a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from sim.metrics.forecast_scores import ForecastScores
from sim.report.numbers import format_number
from sim.report.text_grid import fitted_grid


def forecast_table(scores: Sequence[ForecastScores], width: int = 100) -> str:
    """Return the scores of forecasts, a row for each strategy and event, with a diagram of reliability in figures.

    Parameters
    ----------
    scores : sequence of ForecastScores
    width : int
        Characters that a line may have.
    """
    head = ["advice", "forecast of", "journeys", "chance told", "happened", "Brier", "of the mean"]
    rows = [
        [
            entry.strategy,
            event.label,
            str(event.journeys),
            _percent(event.forecast_share),
            _percent(event.happened_share),
            format_number(event.brier, 3),
            format_number(event.brier_of_mean, 3),
        ]
        for entry in scores
        for event in entry.events
    ]
    blocks = [fitted_grid(head, rows, width, left=(0, 1))]
    blocks += [_reliability(entry, width) for entry in scores]
    blocks += [textwrap.fill(_sentence(entry), width) for entry in scores]
    return "\n\n".join([*blocks, textwrap.fill(_APART, width)])


_APART = (
    "± half width of the 95 % interval for so many journeys that have nothing to do with each other. Riders of one "
    "vehicle have, and so have the journeys of one person on several days: more is then chance."
)


def _reliability(entry: ForecastScores, width: int) -> str:
    """Return how often it happened where about the same chance was told."""
    head = [entry.strategy, "told", "happened", "±", "journeys"]
    rows = [
        [
            event.label,
            _percent(point.forecast_share),
            _percent(point.happened_share),
            _percent(point.half_width_share),
            str(point.journeys),
        ]
        for event in entry.events
        for point in event.points
    ]
    return fitted_grid(head, rows, width)


def _sentence(entry: ForecastScores) -> str:
    behind = entry.left_behind_error_share
    left = "nobody was left behind" if math.isnan(behind) else f"left behind {_percent(behind, True)} off"
    days = format_number(entry.days_seen, 0)
    seen = "1 day that was not one of these" if days == "1" else f"{days} days that were not these"
    return (
        f"{entry.strategy}: journey times {format_number(entry.time_error_min, 1)} min off on average "
        f"(bias {format_number(entry.time_bias_min, 1, sign=True)}), crowding level as told in "
        f"{_percent(entry.level_right_share)} of journeys, {left}; forecasts from {seen}."
    )


def _percent(share: float, sign: bool = False) -> str:
    return "–" if math.isnan(share) else f"{format_number(100.0 * share, 1, sign=sign)} %"

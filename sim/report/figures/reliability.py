"""How often it happened where about the same chance was forecast to those who followed advice."""

from __future__ import annotations

import numpy as np

from sim.metrics.forecast_scores import EVENTS, ForecastScores, forecast_scores
from sim.report.charts.chart import MUTED, Axis, Chart, Curve, Dots, Mark, NothingToShowError, Panel
from sim.report.numbers import format_number
from sim.report.report_data import ReportData


def reliability_chart(data: ReportData) -> Chart:
    """Show reliability diagrams of the chances forecast, a panel per event and a line per strategy.

    Parameters
    ----------
    data : ReportData

    Raises
    ------
    NothingToShowError
        When no forecast was made.
    """
    by_strategy = data.in_order({scores.strategy: scores for scores in forecast_scores(data.tables)})
    if not by_strategy:
        raise NothingToShowError("Nobody followed advice on a day before which others had it, so nothing was forecast.")
    panels = []
    for place, event in enumerate(EVENTS):
        marks: list[Mark] = [Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), MUTED, 1.0)]
        for strategy, scores in by_strategy.items():
            points = scores.events[place].points
            told = np.array([point.forecast_share for point in points])
            happened = np.array([point.happened_share for point in points])
            marks += [Curve(told, happened, data.colours[strategy]), Dots(told, happened, data.colours[strategy])]
        axes = Axis("Chance forecast", 0.0, 1.0), Axis("Share in which it happened", 0.0, 1.0, has_grid=True)
        panels.append(Panel(event.label.capitalize(), tuple(marks), *axes))
    sentences = [_told(data.looks.label(name), scores) for name, scores in by_strategy.items()]
    caption = (
        "Forecasts for those who followed, made from other days under the same advice. Points on the grey line are "
        f"chances that hold. {' '.join(sentences)}"
    )
    return Chart(caption, tuple(panels), "third", 170.0, data.legend(by_strategy))


def _told(label: str, scores: ForecastScores) -> str:
    """Say in a sentence how good the forecasts under a strategy were."""
    briers = ", ".join(f"{event.label} {format_number(event.brier, 3)}" for event in scores.events)
    return (
        f"{label}: Brier scores {briers}; journey times {format_number(scores.time_error_min, 1)} min off on average, "
        f"crowding level as told in {format_number(100.0 * scores.level_right_share, 0)} % of journeys."
    )

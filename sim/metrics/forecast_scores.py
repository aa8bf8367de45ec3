"""How good forecasts were for those who followed them: reliability, Brier score, errors of time and of crowding.

The report, the terminal, the app and `sim.forecast_scores` show what this module says of table `forecasts`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from sim.arrays import BoolArray, FloatArray
from sim.metrics.grouping import of_strategy, split_by_run
from sim.model.fullness import occupancy_word
from sim.records.table import Table


@dataclass(frozen=True)
class Event:
    """What a chance is forecast of.

    Attributes
    ----------
    name : str
        In JSON.
    label : str
        In tables and figures.
    told, happened : str
        Columns of `forecasts`.
    """

    name: str
    label: str
    told: str
    happened: str


EVENTS: Final = (
    Event("board", "place in the first vehicle", "first_vehicle_share", "took_first_vehicle"),
    Event("sit", "seat all the way", "seat_share", "sat"),
    Event("on_time", "on time", "on_time_share", "was_on_time"),
)
"""What chances are forecast of, in the order of tables."""

BINS: Final = 10
"""Classes of chances in a reliability diagram (Broecker and Smith 2007, Weather and Forecasting 22:651)."""


@dataclass(frozen=True)
class ReliabilityPoint:
    """Forecasts of about the same chance, and how often it happened.

    Attributes
    ----------
    forecast_share : float
        Mean chance forecast.
    happened_share : float
    half_width_share : float
        Half width of the 95 % interval of it for so many journeys that have nothing to do with each other.
    journeys : int
    """

    forecast_share: float
    happened_share: float
    half_width_share: float
    journeys: int


@dataclass(frozen=True)
class ScoredEvent:
    """How good the forecast chances of one event were.

    Attributes
    ----------
    name, label : str
        Of the event.
    journeys : int
    forecast_share, happened_share : float
        Mean chance forecast, and share of journeys in which it happened.
    brier : float
        Brier score: mean squared difference of chance and outcome, 0 at best (Brier 1950).
    brier_of_mean : float
        That of whoever always says the share that happened.
    points : tuple of ReliabilityPoint
        Reliability diagram, empty classes left out.
    """

    name: str
    label: str
    journeys: int
    forecast_share: float
    happened_share: float
    brier: float
    brier_of_mean: float
    points: tuple[ReliabilityPoint, ...]

    @property
    def skill_share(self) -> float:
        """Part of the Brier score of the mean that forecasts take away; NaN where everything happened alike."""
        return 1.0 - self.brier / self.brier_of_mean if self.brier_of_mean > 0 else math.nan


@dataclass(frozen=True)
class ForecastScores:
    """Scores of the forecasts under a strategy.

    Attributes
    ----------
    strategy : str
    journeys : int
    days_seen : float
        Days that forecasts were made from, on average.
    events : tuple of ScoredEvent
    left_behind_error_share : float
        Forecast number of people left behind over the number that were, less 1; NaN where nobody was.
    time_bias_min, time_error_min : float
        Mean of forecast journey time less what it took, and mean absolute difference.
    load_factor_bias, load_factor_error : float
        The same of the load factor at the fullest part of the way.
    level_right_share : float
        Share of journeys whose crowding level was the one forecast: the GTFS-Realtime word of the load factor for a
        vehicle with as many seats as standing places, whatever the vehicle.
    """

    strategy: str
    journeys: int
    days_seen: float
    events: tuple[ScoredEvent, ...]
    left_behind_error_share: float
    time_bias_min: float
    time_error_min: float
    load_factor_bias: float
    load_factor_error: float
    level_right_share: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)


def forecast_scores(tables: Mapping[str, Table]) -> list[ForecastScores]:
    """Score the forecasts of a run by strategy; empty where nobody followed advice whose days were known before.

    Parameters
    ----------
    tables : mapping of str to Table
        `forecasts` where there is one.

    Returns
    -------
    list of ForecastScores
        One for each strategy whose advice was followed.

    Examples
    --------
    >>> import sim
    >>> result = sim.run("two_lines_lesson", strategy="individual", replications=1, overrides={"days": 3})
    >>> [(scores.strategy, scores.journeys) for scores in sim.forecast_scores(result.tables)]
    [('individual', 1000)]
    """
    if "forecasts" not in tables:
        return []
    table = tables["forecasts"]
    strategies = dict.fromkeys(strategy for strategy, _ in split_by_run(table))
    return [_scores_of(name, of_strategy(table, name)) for name in strategies]


def scored_event(event: Event, chance: FloatArray, happened: BoolArray) -> ScoredEvent:
    """Score forecast chances of an event.

    Parameters
    ----------
    event : Event
    chance : ndarray of float, shape (journeys,)
    happened : ndarray of bool, shape (journeys,)
    """
    share = float(happened.mean()) if len(happened) else math.nan
    return ScoredEvent(
        name=event.name,
        label=event.label,
        journeys=len(chance),
        forecast_share=float(chance.mean()) if len(chance) else math.nan,
        happened_share=share,
        brier=brier(chance, happened),
        brier_of_mean=share * (1.0 - share),
        points=reliability(chance, happened),
    )


def brier(chance: FloatArray, happened: BoolArray) -> float:
    """Return the mean squared difference of chances and outcomes; NaN where there is none (Brier 1950).

    Parameters
    ----------
    chance : ndarray of float, shape (journeys,)
    happened : ndarray of bool, shape (journeys,)
    """
    return float(np.mean((chance - happened) ** 2)) if len(chance) else math.nan


def reliability(chance: FloatArray, happened: BoolArray, bins: int = BINS) -> tuple[ReliabilityPoint, ...]:
    """Return how often it happened where about the same chance was forecast.

    Parameters
    ----------
    chance : ndarray of float, shape (journeys,)
    happened : ndarray of bool, shape (journeys,)
    bins : int
        Classes of equal width from 0 to 1.
    """
    row = np.clip((chance * bins).astype(np.int64), 0, bins - 1)
    count = np.bincount(row, minlength=bins)
    told, were = np.bincount(row, chance, bins), np.bincount(row, happened.astype(np.float64), bins)
    points = []
    for place in np.flatnonzero(count).tolist():
        number, share = int(count[place]), float(were[place] / count[place])
        points.append(ReliabilityPoint(float(told[place] / number), share, _half_width(share, number), number))
    return tuple(points)


def _half_width(share: float, number: int) -> float:
    """Return half of the 95 % interval of a share after Agresti and Coull 1998, which is sound near 0 and 1."""
    middle = (share * number + 2.0) / (number + 4.0)
    return 1.96 * math.sqrt(middle * (1.0 - middle) / (number + 4.0))


def _scores_of(strategy: str, table: Table) -> ForecastScores:
    events = tuple(scored_event(event, table[event.told], table[event.happened].astype(bool)) for event in EVENTS)
    left = 1.0 - table["took_first_vehicle"].mean()
    took = np.isfinite(table["took_min"]) & np.isfinite(table["door_to_door_min"])
    late_min = (table["door_to_door_min"] - table["took_min"])[took]
    fuller = (table["load_factor"] - table["met_load_factor"])[took]
    words = [
        [occupancy_word(float(value)) for value in table[name][took]] for name in ("load_factor", "met_load_factor")
    ]
    right = [told == met for told, met in zip(*words, strict=True)]
    return ForecastScores(
        strategy=strategy,
        journeys=len(table),
        days_seen=float(table["days_seen"].mean()),
        events=events,
        left_behind_error_share=(1.0 - events[0].forecast_share) / left - 1.0 if left > 0 else math.nan,
        time_bias_min=_mean(late_min),
        time_error_min=_mean(np.abs(late_min)),
        load_factor_bias=_mean(fuller),
        load_factor_error=_mean(np.abs(fuller)),
        level_right_share=_mean(np.array(right, dtype=np.float64)),
    )


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else math.nan

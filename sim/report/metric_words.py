"""What metrics are called, how numbers are written, and what an interval allows one to say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from sim.metrics.metric import BASELINE
from sim.metrics.registry import METRICS, metric_named, metrics_told
from sim.report.numbers import format_interval, format_number, to_number

Reading = Literal["lower", "higher", "same", "undecided", "one draw", "no reference"]
"""What a difference against `none` shows.

lower, higher: the interval excludes 0, and would if it were wider for how many differences are looked at.
same: exactly 0 in every replication. undecided: the interval contains 0, or would then. one draw: there is no
interval. no reference: there is no difference to read.
"""


NOBODY_LOSES: Final = "nobody loses"

FALSE_CLAIMS_SHARE: Final = 0.05
"""Chance at most that of all strategies and metrics that a verdict looks at together one is claimed that is none."""


@dataclass(frozen=True)
class MetricWords:
    """How a metric is presented.

    Attributes
    ----------
    label : str
        Name in the first column of a table.
    phrase : str
        Name within a sentence.
    better : int
        -1 where lower is better, 1 where higher is better, 0 where neither.
    percent : bool
        Whether it is shown in per cent.
    description : str
        Definition in one sentence; empty where there is none.
    """

    label: str
    phrase: str
    better: int
    percent: bool = False
    description: str = ""


_SIGNS: Final = {"lower": -1, "higher": 1, "neither": 0}

HEADLINE_METRICS = tuple(
    metric.name for metric in sorted(METRICS, key=lambda metric: metric.headline or 0) if metric.headline is not None
)
"""The metrics shown first, in this order, where a summary has them."""

NOT_AGAINST_BASELINE = frozenset(metric.name for metric in METRICS if metric.paired)
"""Metrics that are a comparison with `none` by themselves, so that a second difference says nothing."""


def metric_words(name: str) -> MetricWords:
    """Return how a metric is presented; one that is not in the registry goes by its own name."""
    known = metric_named(name)
    if known is None:
        plain = name.replace("_", " ")
        return MetricWords(_capital(plain), f"the {plain}", 0)
    return MetricWords(
        known.title or _capital(known.label),
        known.phrase or f"the {known.label}",
        _SIGNS[known.better],
        percent=known.unit == "share",
        description=known.description,
    )


def metric_unit(name: str, entry: Mapping[str, Any]) -> str:
    """Return the unit a metric is shown in: per cent for shares, else the summary's own, or nothing."""
    if metric_words(name).percent:
        return "%"
    unit = str(entry.get("unit") or "")
    return "" if unit in {"share", "1", "count", "persons"} else unit


def metric_title(name: str, entry: Mapping[str, Any]) -> str:
    """Return label and unit, as in ``Mean wait (min)``."""
    unit = metric_unit(name, entry)
    return metric_words(name).label + (f" ({unit})" if unit else "")


def shown(name: str, value: Any) -> float:
    """Return a metric's value in the unit shown; NaN where there is none."""
    number = to_number(value)
    return number * 100.0 if metric_words(name).percent else number


def read_difference(entry: Mapping[str, Any]) -> Reading:
    """Say what a metric's difference against `none` shows, never more than its interval allows."""
    difference = to_number(entry.get("difference"))
    half_width = to_number(entry.get("difference_half_width"))
    if math.isnan(difference):
        return "no reference"
    if math.isnan(half_width):
        return "one draw"
    if difference == 0.0 and half_width == 0.0:
        return "same"
    if not is_clear_alone(entry) or to_number(entry.get("adjusted_p_value")) > FALSE_CLAIMS_SHARE:
        return "undecided"
    return "lower" if difference < 0 else "higher"


def is_clear_alone(entry: Mapping[str, Any]) -> bool:
    """Tell whether the interval of a difference excludes 0, as if nothing else had been looked at."""
    difference, half_width = (to_number(entry.get(key)) for key in ("difference", "difference_half_width"))
    return abs(difference) > half_width * (1.0 + 1e-9)


def level(entry: Mapping[str, Any]) -> float:
    """Return what a summary tells of a metric: the mean over replications, or the largest value where it is that."""
    return to_number(entry.get("largest", entry.get("mean")))


def level_text(name: str, entry: Mapping[str, Any], decimals: int) -> str:
    """Write what a summary tells of a metric, with the half-width of its interval where it has one.

    Parameters
    ----------
    name : str
        Of the metric.
    entry : mapping
        Of a strategy.
    decimals : int
    """
    known, value = metric_named(name), shown(name, level(entry))
    if known is not None and known.statistic == "largest":
        return largest_loss_text(value, decimals)
    return format_interval(value, shown(name, entry.get("half_width")), decimals)


def largest_loss_text(value_min: float, decimals: int, sign: bool = False, unit: str = "") -> str:
    """Write the largest loss of anybody; below 0 it is the least gain, and nobody loses.

    Parameters
    ----------
    value_min : float
        Minutes; NaN where nobody is known to have lost or gained.
    decimals : int
    sign : bool
        Whether a loss is written with a plus sign.
    unit : str
        What follows the number.
    """
    return NOBODY_LOSES if value_min < 0.0 else f"{format_number(value_min, decimals, sign=sign)}{unit}"


def judge(name: str, entry: Mapping[str, Any]) -> Literal["better", "worse", ""]:
    """Say whether a metric is better or worse than under `none`; empty unless the interval excludes 0."""
    sign = {"lower": -1, "higher": 1}.get(read_difference(entry), 0) * metric_words(name).better
    return "better" if sign > 0 else "worse" if sign < 0 else ""


def decimals_for(name: str, entries: Iterable[Mapping[str, Any]]) -> int:
    """Choose decimals for a metric: the same in a row, and enough that a clear difference looks clear."""
    entries = list(entries)
    largest = max((abs(shown(name, level(entry))) for entry in entries), default=0.0)
    decimals = 1 if metric_words(name).percent or largest >= 100 else 2
    decimals = 0 if largest >= 1000 else decimals
    for entry in entries:
        if read_difference(entry) in {"lower", "higher"}:
            difference = abs(shown(name, entry.get("difference")))
            half_width = shown(name, entry.get("difference_half_width"))
            while decimals < 4 and round(difference, decimals) <= round(half_width, decimals):
                decimals += 1
    return decimals


def nobody_arrives(strategies: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether under no strategy anybody arrives: all cost the same then, what such a journey is counted at.

    Parameters
    ----------
    strategies : iterable of mapping
        Metrics of each strategy, as in a summary.
    """
    (arrived,) = metrics_told("arrived")
    means = [to_number(metrics.get(arrived.name, {}).get("mean")) for metrics in strategies]
    return bool(means) and all(mean == 0.0 for mean in means)


def ordered_strategies(names: Iterable[str]) -> list[str]:
    """Put `none` first and leave the others in their order."""
    names = list(names)
    return [name for name in names if name == BASELINE] + [name for name in names if name != BASELINE]


def has_something_to_say(name: str, entries: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether any entry of a metric has a value, other than 0 where that says that there is nothing of the kind."""
    known = metric_named(name)
    values = [level(entry) for entry in entries]
    silent_at_zero = known is not None and known.silent_at_zero
    return any(not math.isnan(value) and not (silent_at_zero and value == 0.0) for value in values)


def ordered_metrics(names: Iterable[str]) -> list[str]:
    """Put the headline metrics first and leave the others in their order."""
    names = list(dict.fromkeys(names))
    first = [name for name in HEADLINE_METRICS if name in names]
    return first + [name for name in names if name not in HEADLINE_METRICS]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""What a metric is: name, words, unit, sentence, and how it is computed, in one entry.

Entries stand in `travel_metrics`, `cost_metrics`, `advice_metrics` and `service_metrics`;
`sim.metrics.registry` puts them together. Nothing else holds a list of names of metrics.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from sim.metrics.replication_facts import ReplicationFacts
from sim.model.no_advice import NO_ADVICE

BASELINE: Final = NO_ADVICE
"""Strategy that all differences are taken against."""

Better = Literal["lower", "higher", "neither"]

Telling = Literal[
    "verdict",
    "consequence",
    "run",
    "sweep",
    "differences",
    "variants",
    "supply",
    "losers",
    "winners",
    "arrived",
    "saving",
    "possible",
    "parts",
    "within",
    "ways",
    "total",
    "direct_shift",
    "back_fill",
]
"""Where a report speaks of metrics: what advice is judged by (the first that was measured), what it brings and costs
besides, what is said of a run, the columns of a sweep, what comes first in the figures of differences and of variants,
what variants cost to run, who loses, who gains, who arrives, how much of the possible saving is taken, how large that
is, what a saving consists of and how far people shift for it, the way there and the way back, and the parts of the
account."""

ARRIVED = "journeys that arrived"
JOURNEYS = "all journeys, whatever their outcome"
THERE = "journeys that do not lead back, whatever their outcome"
PERSONS = "persons and days, whatever their outcome, journeys there and back together"
RIDES = "rides that boarded"
VISITS = "vehicles between stops"
REPLICATION = "the replication"
"""Populations: what a mean, share or sum runs over."""

OWN = "this program"
"""Source of definitions that are nobody else's."""

Statistic = Literal["mean", "largest"]
"""What a summary tells of the values of several replications: their mean with its interval, or the largest of them."""


@dataclass(frozen=True)
class Metric:
    """One number of a replication of a strategy.

    Attributes
    ----------
    name : str
        Key in `summary.json`.
    label : str
        Words for tables and figures.
    unit : str
        min, share, per day, persons... as printed. Counts and totals are per day; a share is 0-1, and
        shown in per cent.
    better : str
        lower, higher or neither.
    population : str
        What it runs over: persons, journeys, rides or vehicles.
    description : str
        The formula in words, as sentences.
    formula : str
        The same in symbols: names of columns, n for the size of the population, days for the kept days.
    source : str
        Where the definition comes from.
    compute : callable
        Takes the facts of the replication and returns the value; NaN where nothing can be said.
    paired : bool
        Whether it compares people with themselves under `none`, so that it is NaN without that run, and a
        second difference against `none` says nothing.
    headline : int or None
        Place among the metrics shown first; None for the others.
    title : str
        Label in tables of a report where it is not `label`.
    phrase : str
        Name within a sentence where it is not "the" and `label`.
    silent_at_zero : bool
        Whether 0 everywhere means that the scenario has nothing of the kind, so that it is not shown.
    told : tuple of (str, int)
        Where a report speaks of it, and its place there among others.
    head : str
        Of its column in the tables of a sweep.
    statistic : str
        mean or largest: what is told of several replications.
    of_saving : bool
        Whether it is a share of what all save, which is nothing to speak of where no saving is shown.
    """

    name: str
    label: str
    unit: str
    better: Better
    population: str
    description: str
    compute: Callable[[ReplicationFacts], float]
    formula: str = field(kw_only=True)
    source: str = field(kw_only=True)
    paired: bool = False
    headline: int | None = None
    title: str = ""
    phrase: str = ""
    silent_at_zero: bool = False
    told: tuple[tuple[Telling, int], ...] = ()
    head: str = ""
    statistic: Statistic = "mean"
    of_saving: bool = False

    def place(self, telling: Telling) -> int | None:
        """Return its place where a report speaks of metrics; None where it is not told there."""
        return dict(self.told).get(telling)

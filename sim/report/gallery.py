"""The figures of a report by name, each with title, caption and the words for those who do not see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.metric import BASELINE
from sim.report.material import Material, NothingToShowError
from sim.report.plots import Plots
from sim.report.words import format_number, join_words
from sim.units import format_clock_short

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Exhibit:
    """One figure of the report.

    Attributes
    ----------
    key : str
        Its name, also the anchor on the page.
    title : str
    caption : str
        One sentence that says how to read it.
    build : callable
        Makes the figure; raises `NothingToShowError` with a sentence where the tables hold nothing for it.
    """

    key: str
    title: str
    caption: str
    build: Callable[[Plots], Figure]


def exhibits(material: Material) -> tuple[Exhibit, ...]:
    """Return the figures that suit the run, in the order of the report."""
    compares = BASELINE in material.strategies and len(material.strategies) > 1
    left_out = frozenset() if compares else _ONLY_COMPARED
    if not any(len(course.day) > 1 for course in material.courses.values()):
        left_out |= _ONLY_OVER_DAYS
    return tuple(exhibit for exhibit in _all_exhibits(material) if exhibit.key not in left_out)


_ONLY_OVER_DAYS = frozenset({"settling"})
_ONLY_COMPARED = frozenset({"differences", "load-change", "account", "winners", "classes"})


def _all_exhibits(material: Material) -> tuple[Exhibit, ...]:
    place, day = _direction_words(material), _day_words(material)
    return (
        Exhibit(
            "differences",
            "What the advice changes",
            "Each dot is a strategy's difference against none, the line its 95 % interval; a line that crosses 0 "
            "shows no difference, and a hollow dot has no interval.",
            Plots.differences,
        ),
        Exhibit(
            "load",
            "Load by stop and time of day",
            f"Mean load factor (persons over capacity) of vehicles that leave each stop, {place}: the darker red, the "
            "fuller; blank where no vehicle ran.",
            Plots.load,
        ),
        Exhibit(
            "load-change",
            "Change of the load",
            f"Persons per vehicle more (red) or fewer (blue) than without advice, {place}.",
            Plots.load_change,
        ),
        Exhibit(
            "account",
            "Where the change of the load comes from",
            f"Persons on board of vehicles that leave one stop, the one where most changes {place}, against no advice: "
            "moved by advice (direct shift), moved by others who moved (displaced load), or come by their own choice "
            "(back-fill); the line is their sum.",
            Plots.account,
        ),
        *_journey_exhibits(),
        *_vehicle_exhibits(place, day),
        Exhibit(
            "settling",
            "From day to day",
            "How people settle over all simulated days, mean over replications: what they pay, what those who decide "
            "for themselves could still save by leaving in other windows (relative gap), and how much departures "
            "change. Lines that level out have settled; waves are people who run after one another.",
            Plots.settling,
        ),
        Exhibit(
            "network",
            "Network",
            "Stops and the links between them.",
            Plots.network,
        ),
    )


def _vehicle_exhibits(place: str, day: str) -> tuple[Exhibit, ...]:
    return (
        Exhibit(
            "vehicles",
            "Time-distance diagram of the vehicles",
            f"Each line is a vehicle on its way {place}, {day}; lines that meet are bunched vehicles, dark "
            "red ones are full; stops are drawn at equal distances.",
            Plots.vehicles,
        ),
        Exhibit(
            "headways",
            "Headways along the line",
            "How far headways between vehicles are off schedule at each stop (root mean square over all days and "
            f"replications), {place}: a rising line is bunching that grows from stop to stop, a flat or falling one a "
            "disturbance that dies out.",
            Plots.headways,
        ),
    )


def _journey_exhibits() -> tuple[Exhibit, ...]:
    return (
        Exhibit(
            "departures",
            "Departures and arrivals",
            "Commuters who leave and who arrive in each period, mean over replications; a lower and broader hill "
            "is a spread peak.",
            Plots.departures,
        ),
        Exhibit(
            "arrivals",
            "Arrivals against preferred arrival",
            "Left of the line commuters are early, right of it late; the outermost steps also hold all that lies "
            "beyond them.",
            Plots.arrivals,
        ),
        Exhibit(
            "waiting",
            "Waiting",
            "Left the mean wait of those who leave in each period, right the share of commuters who wait longer "
            "than the time below.",
            Plots.waiting,
        ),
        Exhibit(
            "winners",
            "Winners and losers",
            "Each commuter's cost compared with the same commuter's on the same day without advice; the middle "
            "is left blank and counted in words, the outermost bars hold all that lies beyond them.",
            Plots.winners,
        ),
        Exhibit(
            "classes",
            "Gains and losses by class",
            "Each dot is a class of commuters under a strategy, the line its 95 % interval: left how much their cost "
            "changes on average, right how many of them lose more than a minute.",
            Plots.classes,
        ),
    )


def describe(material: Material, exhibit: Exhibit) -> str:
    """Return what the figure shows, for those who do not see it."""
    strategies = join_words(material.strategies)
    text = f"{exhibit.title}, for {strategies}. {exhibit.caption}"
    if exhibit.key == "load":
        line_id, direction_id = material.busiest_direction()
        parts = []
        for strategy, profile in material.loads_along(line_id, direction_id).items():
            stop, period = divmod(int(_nan_to_zero(profile.load_factor).argmax()), len(profile.period_starts_s))
            name = material.stop_names.get(profile.stop_ids[stop], profile.stop_ids[stop])
            highest = format_number(float(_nan_to_zero(profile.load_factor).max()), 2)
            start = format_clock_short(float(profile.period_starts_s[period]))
            parts.append(f"{strategy}: highest {highest} at {name} from {start}")
        text += f" {'; '.join(parts)}."
    return text


def _direction_words(material: Material) -> str:
    try:
        line_id, direction_id = material.busiest_direction()
    except NothingToShowError:
        return "on the busiest line"
    name = material.line_names.get(line_id, line_id)
    line = name if name.lower().startswith("line") else f"line {name}"
    return f"on {line}, direction {direction_id}, the one with most boardings"


def _day_words(material: Material) -> str:
    visits = material.tables["stop_visits"]
    if not len(visits):
        return "on one day"
    replication = int(visits["replication"].min())
    return f"in replication {replication} on day {int(visits['day'].min())}, around the peak"


def _nan_to_zero(values: FloatArray) -> FloatArray:
    return np.nan_to_num(values, nan=0.0)

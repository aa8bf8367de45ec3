"""Lines that do not run all day: first arrivals by the timetable, best choices by frequencies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Param, Params, Tables, is_number, number, whole_number
from sim.verification.families.common_lines import FOUR_LINES, NO_DWELL, ROOMY_BUS
from sim.verification.scenarios import flow, headways, line, mean_of, scenario
from sim.verification.theory import hours
from sim.verification.verdict import LEAST_BATCHES, Tolerance

STOPS = "ABCDEFG"
LINES = 8
QUESTIONS = 200
DAY_MIN = 600
PLAIN: Final = {"wait_weight": 1.0, "in_vehicle_weight": 1.0, "walk_weight": 1.0, "transfer_penalty": 0.0}

COPIES = 60
"""Networks side by side in a replication, so that fewer replications do."""

AROUND_MIN = 45.0
"""People leave from so long before a line begins to so long after."""


@dataclass(frozen=True)
class KnownTimetable:
    """Lines with irregular departures, some for a few hours only, and people who leave one by one.

    Attributes
    ----------
    seed : int
    lines : tuple of TimedLine
    questions : tuple of (str, str, int)
        Origin, destination and time of leaving in minutes of those for whom there is a journey.
    """

    seed: int
    lines: tuple[hours.TimedLine, ...]
    questions: tuple[tuple[str, str, int], ...]

    @classmethod
    def of(cls, params: Params) -> KnownTimetable:
        """Draw a feed."""
        seed = int(params["feed"])
        random = np.random.default_rng(seed)
        minutes = random.integers(2, 15, (len(STOPS), len(STOPS)))
        lines = []
        for _ in range(LINES):
            places = random.permutation(len(STOPS))[: random.integers(2, 6)].tolist()
            first, last = np.sort(random.integers(0, DAY_MIN, 2)).tolist()
            gaps = random.integers(3, 45, 200)
            starts = first + np.concatenate([[0], np.cumsum(gaps)])
            lines.append(
                hours.TimedLine(
                    [STOPS[place] for place in places],
                    [float(minutes[pair]) for pair in pairwise(places)],
                    [float(start) for start in starts[starts <= last].tolist()],
                )
            )
        drawn = {
            (STOPS[start], STOPS[goal], int(random.integers(0, DAY_MIN)))
            for start, goal in random.integers(0, len(STOPS), (QUESTIONS, 2)).tolist()
            if start != goal
        }
        asked = [ask for ask in sorted(drawn) if np.isfinite(hours.earliest_arrival_min(lines, *ask))]
        return cls(seed, tuple(lines), tuple(asked))

    def earliest_min(self) -> FloatArray:
        """Return the earliest arrival for each question."""
        return np.array([hours.earliest_arrival_min(self.lines, *ask) for ask in self.questions])

    def answer(self) -> FloatArray:
        """Return the mean of the earliest arrivals, and that nobody comes later."""
        return np.array([self.earliest_min().mean(), 0.0])

    def scenario(self) -> ScenarioParameters:
        """Return a scenario with a commuter for each question, and vehicles that are punctual and have room."""
        made = [
            line(
                f"L{row}",
                item.stops,
                [60.0 * it for it in item.minutes],
                departures=[60.0 * it for it in item.departures_min],
            )
            for row, item in enumerate(self.lines)
        ]
        asked = [flow(start, goal, 60.0 * leave, 60.0 * leave, commuters=1) for start, goal, leave in self.questions]
        return scenario(
            f"verify-known-timetable-{self.seed}",
            made,
            asked,
            ROOMY_BUS,
            NO_DWELL,
            description="Irregular lines on a random network; people know the timetable.",
            journeys={"routing": "timetable", "max_transfers": 6, "departure_period": 60.0},
            preferences=PLAIN,
            period=3600.0,
        )

    def measured(self, tables: Tables) -> FloatArray:
        """Return the mean arrival, and the most minutes after the earliest one; NaN where somebody has not arrived."""
        journeys = tables["journeys"]
        found = np.full(len(self.questions), np.nan)
        for row, (start, goal, leave) in enumerate(self.questions):
            mine = journeys.equals("origin_stop_id", start) & journeys.equals("destination_stop_id", goal)
            mine &= journeys["departure_s"] == 60.0 * leave
            found[row] = journeys["arrival_s"][mine][0] / 60.0
        return np.array([found.mean(), np.abs(found - self.earliest_min()).max()])


def _begins(params: Params) -> Params:
    return {**params, "headways": [float(headway) for headway in params["headways"]], "begins": float(params["begins"])}


def _lines(params: Params) -> list[hours.RandomLine]:
    """Return the four lines; the second one begins late."""
    return [
        hours.RandomLine(stops, [float(it) for it in minutes], headway, params["begins"] if name == "L2" else 0.0)
        for (name, stops, minutes), headway in zip(FOUR_LINES, params["headways"], strict=True)
    ]


def _expected_min(params: Params) -> float:
    begins = params["begins"]
    to_go = hours.expected_min(_lines(params), "YXA", "B", begins + AROUND_MIN + 240.0)["A"]
    first, last = (round((begins + side * AROUND_MIN) / hours.STEP_MIN) for side in (-1.0, 1.0))
    return float(to_go[first:last].mean())


def _random_lines(params: Params) -> ScenarioParameters:
    begins, made, asked = params["begins"], [], []
    until = begins + AROUND_MIN + 10.0 * max(params["headways"]) + 120.0
    for copy in range(COPIES):
        for row, item in enumerate(_lines(params)):
            needed = (until - item.begins_min) / item.headway_min
            trips = math.ceil(needed + 8.0 * math.sqrt(needed) + 20.0)
            law = headways(60.0 * item.headway_min, trips, 60.0 * item.begins_min, distribution="exponential")
            stops = [f"{stop}{copy}" for stop in item.stops]
            made.append(line(f"L{row}-{copy}", stops, [60.0 * it for it in item.minutes], **law))
        start, end = 60.0 * (begins - AROUND_MIN), 60.0 * (begins + AROUND_MIN)
        asked.append(flow(f"A{copy}", f"B{copy}", start, end, rate=0.5 / 60.0, placement="poisson"))
    return scenario(
        "verify-line-begins",
        made,
        asked,
        ROOMY_BUS,
        NO_DWELL,
        description="Four lines with vehicles at random, one of which begins late; people know frequencies and hours.",
        journeys={"routing": "strategy", "headway_wait_share": 1.0},
        preferences=PLAIN,
        period=3600.0,
        replications=LEAST_BATCHES + 5,
    )


def _mean_min(tables: Tables, _: Params) -> float:
    journeys = tables["journeys"]
    return mean_of((journeys["arrival_s"] - journeys["departure_s"]) / 60.0)


FOUR_HEADWAYS = Param(
    "headways",
    "four mean headways as in [6, 6, 15, 3], in minutes",
    lambda value: (
        isinstance(value, list | tuple) and len(value) == 4 and all(is_number(it) and 0 < it < 1e3 for it in value)
    ),
)

CASES: tuple[Case[Any], ...] = (
    Case(
        id="hours.earliest_arrival",
        quantity="mean arrival in minutes after midnight of people who know an irregular timetable, and the most "
        "that anybody is later than need be",
        formula="earliest arrival over all trips, boarded wherever they can be",
        source="label-correcting search over the trips of the day",
        params=(whole_number("feed", 0),),
        sets=tuple({"feed": feed} for feed in range(4)),
        usual=2,
        world=KnownTimetable.of,
        theory=KnownTimetable.answer,
        scenario=KnownTimetable.scenario,
        measure=lambda tables, feed: feed.measured(tables),
        tolerance=Tolerance("exact", 0.0, abs=1e-6),
    ),
    Case(
        id="hours.line_begins",
        quantity="mean minutes from A to B around the time at which the second of four lines begins",
        formula="v(t) = v(t + dt) + dt - sum f dt max(v(t + dt) - t_line, 0), backwards in time at Y, then X, then A",
        source="time-dependent optimal strategies after Spiess and Florian 1989, TR-B 23:83-102, step by step",
        params=(FOUR_HEADWAYS, number("begins", "minutes", least=AROUND_MIN, most=600.0)),
        sets=({"headways": [20, 6, 15, 3], "begins": 90},),
        world=_begins,
        theory=_expected_min,
        scenario=_random_lines,
        measure=_mean_min,
        tolerance=Tolerance("mc", 0.01),
    ),
)

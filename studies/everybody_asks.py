"""What comes of it if everybody asks: ``python -m studies.everybody_asks [CASE ...]`` writes `docs/everybody-asks.md`.

With names of cases, or ``all``, people ask in each of them first, which takes from half a minute to an hour a case, so
that of the largest one nobody asks about a run in which nobody was advised;
what was found is kept in `studies/everybody_asks_found.json`. Without any it writes the page from what is kept.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

import sim
from sim.advisor.loop import ReplicationWorld, compile_scenario
from sim.advisor.optimum.search import FIRST_FRESH, first_view
from sim.advisor.rehearsal.improvement import Improvement
from sim.advisor.strategies.booked import Booked
from sim.advisor.strategies.coordinated import Coordinated
from sim.advisor.strategy import Strategy
from sim.api import RunResult
from sim.api.serving import forecast_of
from sim.app import JourneyQuestion, RunLibrary
from sim.arrays import IntArray
from sim.metrics.statistics import estimate
from sim.model.scenario import Scenario
from sim.records.pages import write_page
from sim.report.numbers import format_interval, format_number, to_number
from studies.kept_cases import kept_in, measure_cases

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "everybody-asks.md"
FOUND_FILE: Final = Path(__file__).with_name("everybody_asks_found.json")

EVERYBODY: Final[Mapping[str, Any]] = {
    "advisor.penetration": 1,
    "advisor.compliance": 1,
    "advisor.booking.kept": 1,
    "replications": 1,
    "baselines": ["habit"],
    "days": 2,
}
"""Everybody has the app, follows and keeps what they booked; the second day is the one with advice."""

FIRST_ASKING: Final = 1
"""First replication whose people ask; the advisor knows the days of the people of replication 0."""

FRESH: Final = 4
"""Draws on which days are simulated that come of it."""

NOBODY, JOINT, BOOKED = "no advice", "plan for them", "strategy booked"
ADVISOR, APP = "sim.Advisor", "app"


@dataclass(frozen=True)
class AskingCase:
    """A scenario in which everybody asks.

    Attributes
    ----------
    label : str
        In the table.
    scenario : str
    overrides : mapping
        Besides `EVERYBODY`.
    draws : int
        Of people who ask.
    plans : tuple of bool
        Whether it is asked about a run whose plan was followed, and about one in which nobody was advised.
    """

    label: str
    scenario: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    draws: int = 1
    plans: tuple[bool, ...] = (True, False)


def _case(
    label: str, scenario: str, draws: int, plans: tuple[bool, ...] = (True, False), **overrides: Any
) -> AskingCase:
    keys = {key.replace("__", "."): value for key, value in overrides.items()}
    return AskingCase(label, scenario, keys, draws, plans)


CASES: Final[Mapping[str, AskingCase]] = {
    "two-lines": _case("two lines (lesson)", "two_lines_lesson", 3),
    "two-lines-2-min": _case("two lines, windows of 2 min", "two_lines_lesson", 1, advisor__window="2 min"),
    "bottleneck": _case("bottleneck (lesson)", "bottleneck_lesson", 3),
    "commute-day": _case("commute day", "commute_day", 2),
    "mandl": _case("Mandl, 0.3 times the demand", "mandl", 1, demand__scale=0.3),
    "jingjinji": _case("Jing-Jin-Ji, 0.3 times the demand", "jingjinji_regional", 1, demand__scale=0.3),
    "xiamen-4": _case("Xiamen, 4 times the demand", "xiamen_brt2_surge", 1, (True,), advisor__window="15 min"),
}
"""All of them, in the order of the table."""

_HEAD: Final = """# What comes of it if everybody asks

`python -m studies.everybody_asks` writes this page; `python -m studies.everybody_asks all` measures anew.

A plan is made for all at once. Those who ask come one after the other, and the advisor knows nobody before: it has the
days of a run, on which other people of the same demand travelled. Here all people ask, in an order drawn at random, do
what they are told first, and the day that comes of it is simulated on four draws that no plan was made with. Costs are
minutes of generalized cost per commuter, with 95 % intervals over draws of people where there are several.

- **plan for them**: what the strategy `coordinated` tells these very people, all at once;
- **strategy booked**: a plan for people alike, handed on to those who ask in rehearsals of its own;
- **sim.Advisor**: each books the window that `sim.Advisor` leads with; `peakshift advise --book` does the same;
- **app**: each takes the time that the app tells first. Whoever is told to leave as usual is counted there, as the page
  does by itself. The smallest shift that saves at least half of what the best one would comes first there;
- **stayers not counted**: what came of it if nobody were counted who leaves as usual, as in a program that asks the app
  and books only for those who move;
- **usual not said**: people do not say when they usually leave, and leave then where they are told to leave as usual.
  They are supposed to leave as people of the run do without advice who have nearly the same wish. Where it depends on
  the moment they are told at which to keep to it. Some are told a time at which they cannot leave, and take the first
  of the others at which they can.

All say how far they can move.
"""

_WITH_PLAN: Final = """
## Asked about a run whose plan was followed

"""

_WITHOUT: Final = """
## Asked about a run in which nobody was advised

Of Xiamen's people nobody asks here: all their questions in all ways would take over an hour.

"""

_KEPT: Final = """
## What is kept of the saving of a plan for all

"""


@dataclass(frozen=True)
class Asker:
    """What somebody who asks knows of themselves, whether they say it or not.

    Attributes
    ----------
    usual_s : float
        When they usually leave, seconds after midnight.
    column_of : mapping of float to int
        Windows in which they can leave, by when these start: the columns of candidates.
    """

    usual_s: float
    column_of: Mapping[float, int]

    def keeps(self, between_s: Iterable[Sequence[float]]) -> bool:
        """Tell whether they usually leave in one of some stretches of time."""
        return any(first_s <= self.usual_s < last_s for first_s, last_s in between_s)


Requests = Callable[[JourneyQuestion, Asker], float | None]
"""Answers a question with the start of the window in which somebody leaves; None where they leave as usual."""


class DayOfRequests:
    """People who are not those of the advisor's days, and what comes of the windows in which they leave.

    They are drawn from the same demand, and the days are simulated on draws that no plan was made with.

    Parameters
    ----------
    scenario : Scenario
        In which everybody has the app and follows.
    people : int
        The replication whose people they are.

    Raises
    ------
    ValueError
        When nobody can be advised there.
    """

    def __init__(self, scenario: Scenario, people: int = FIRST_ASKING) -> None:
        view = first_view(ReplicationWorld.create(compile_scenario(scenario), people))
        if view is None or view.stage is None:
            raise ValueError("nobody can be advised here")
        self.view = view
        self._tried_on = Improvement(view, view.stage, range(FIRST_FRESH, FIRST_FRESH + FRESH))

    def cost_min(self, told: IntArray) -> float:
        """Return what all pay in the mean if they leave as told, in minutes of generalized cost.

        Parameters
        ----------
        told : ndarray of int, shape (users,)
            Candidate column of each; -1 for leaving as usual.
        """
        return self._tried_on.tried(told).mean_min

    def cost_without_min(self) -> float:
        """Return what all pay without advice."""
        return self.cost_min(np.full(len(self.view.users), -1, dtype=np.int64))

    def cost_planned_min(self, strategy: Strategy) -> float:
        """Return what all pay under a plan that a strategy makes for them.

        Parameters
        ----------
        strategy : Strategy
        """
        view = self.view
        window = strategy.advise(view).window[view.users]
        return self.cost_min(np.where(window < 0, -1, window - view.candidates.window[:, 0]))

    def cost_asked_min(self, requests: Requests, *, says_usual: bool = True) -> float:
        """Return what all pay if they ask one after the other, in an order drawn at random.

        Parameters
        ----------
        requests : callable
        says_usual : bool
            Whether people say when they usually leave.
        """
        view, people = self.view, self.view.population
        stops = view.scenario.network.stop_id
        told = np.full(len(view.users), -1, dtype=np.int64)
        for row in np.random.default_rng(1).permutation(len(view.users)).tolist():
            one = int(view.users[row])
            question = JourneyQuestion(
                stops[people.origin[one]],
                stops[people.destination[one]],
                arrive_by_s=float(people.preferred_arrival_s[one]),
                leave_after_s=None,
                earlier_s=float(people.traits.earlier_s[one]),
                later_s=float(people.traits.later_s[one]),
                usual_s=float(people.habitual_departure_s[one]) if says_usual else None,
            )
            asker = Asker(float(people.habitual_departure_s[one]), self._columns_by_start(row))
            start_s = requests(question, asker)
            told[row] = -1 if start_s is None else asker.column_of[start_s]
        return self.cost_min(told)

    def _columns_by_start(self, row: int) -> dict[float, int]:
        """Return the columns of the windows in which a user can leave, by when these start."""
        candidates = self.view.candidates
        open_to = np.flatnonzero(candidates.acceptable[row])
        starts_s = candidates.window[row, open_to] * self.view.window_s
        return dict(zip(starts_s.tolist(), open_to.tolist(), strict=True))


def booked(days: RunResult) -> Requests:
    """Return what books whatever `sim.Advisor` says, also where it is to leave as usual.

    Parameters
    ----------
    days : RunResult
        What it knows.
    """
    advisor = sim.Advisor(days)

    def ask(question: JourneyQuestion, asker: Asker) -> float | None:
        ends = question.origin, question.destination
        request = sim.JourneyRequest(
            *ends,
            arrive_by_s=question.arrive_by_s,
            earlier_s=question.earlier_s,
            later_s=question.later_s,
            usual_s=question.usual_s,
        )
        answer = advisor.book(request)
        start_s = answer.window.window_start_s if answer.else_start_s is None else answer.else_start_s
        stays = answer.usual is not None and answer.usual.advised and answer.else_start_s is None
        if stays or asker.keeps(answer.keep_between_s):
            return None
        if start_s in asker.column_of:
            return start_s
        others = [one.window_start_s for one in answer.other_windows]
        other_s = next((one_s for one_s in others if one_s in asker.column_of), None)
        if other_s is not None:
            advisor.cancel(str(answer.booking_id))
            advisor.book(request, other_s)
        return other_s

    return ask


def followed_in_the_app(days: RunResult, folder: Path, *, stayers_count: bool = True) -> Requests:
    """Return what takes the time that the app tells first.

    Parameters
    ----------
    days : RunResult
        What it knows.
    folder : Path
        Where they are written.
    stayers_count : bool
        Whether people who are told to leave as usual are counted there, as the page does by itself.
    """
    days.write(folder)
    run = RunLibrary(folder.parent).named(folder.name)
    assert run is not None
    answers = forecast_of(run)

    def ask(question: JourneyQuestion, asker: Asker) -> float | None:
        answer = answers.answer(question)
        windows = [window for window in answer["windows"] if window["within"]]
        usual = next((one for one in windows if one["usual"] and not one["useful"]), None)
        goes = [one for one in windows if one["useful"] or one["window_start_s"] == answer["else_start_s"]]
        first = next((one for one in goes if one["window_start_s"] in asker.column_of), None)
        if asker.keeps(answer["keep_between_s"]) or first is None:
            if usual is not None and stayers_count:
                # As the page does: leaving as usual is told with the window in its middle.
                answers.book(question, usual["window_start_s"], as_usual=True)
            return None
        answers.book(question, first["window_start_s"])
        return float(first["window_start_s"])

    return ask


@dataclass(frozen=True)
class WayToAsk:
    """One way in which everybody asks.

    Attributes
    ----------
    asked : str
        `ADVISOR` or `APP`.
    says_usual : bool
        Whether people say when they usually leave.
    stayers_count : bool
        Whether people are counted who are told to leave as usual.
    with_plan : bool
        Whether the run that is asked about holds a plan that was followed, or nobody was advised in it.
    """

    asked: str
    says_usual: bool
    stayers_count: bool
    with_plan: bool

    @property
    def heading(self) -> str:
        """Of its column."""
        usual = "" if self.says_usual else ", usual not said"
        return f"{self.asked}{usual}{'' if self.stayers_count else ', stayers not counted'}"

    @property
    def name(self) -> str:
        """In what is kept."""
        return f"{self.heading}, {'plan' if self.with_plan else 'no plan'}"


_ASKED: Final = (
    (ADVISOR, True, True),
    (ADVISOR, False, True),
    (APP, True, True),
    (APP, False, True),
    (APP, True, False),
)
WAYS: Final = tuple(WayToAsk(*asked, with_plan) for with_plan in (True, False) for asked in _ASKED)
"""All of them, in the order of the table."""


def measured(case: AskingCase) -> dict[str, Any]:
    """Let everybody of a case ask in each way there is, and return what it costs them.

    Parameters
    ----------
    case : AskingCase

    Returns
    -------
    dict
        `people`; `on`, the date; `costs_min` by way to ask and for `NOBODY`, `JOINT` and `BOOKED`, one for each draw of
        people.
    """
    scenario = sim.load_scenario(case.scenario, {**EVERYBODY, **case.overrides})
    runs = {True: sim.run(scenario, strategy="coordinated"), False: sim.run(scenario, strategy="none")}
    costs, people = defaultdict[str, list[float]](list), 0
    for number in range(case.draws):
        day = DayOfRequests(runs[True].scenario, FIRST_ASKING + number)
        people = len(day.view.users)
        costs[NOBODY].append(day.cost_without_min())
        costs[JOINT].append(day.cost_planned_min(Coordinated()))
        costs[BOOKED].append(day.cost_planned_min(Booked()))
        for way in (one for one in WAYS if one.with_plan in case.plans):
            costs[way.name].append(_asked_min(day, way, runs[way.with_plan]))
    return {
        "people": people,
        "on": datetime.now(tz=UTC).date().isoformat(),
        "costs_min": {name: [round(cost_min, 3) for cost_min in each] for name, each in costs.items()},
    }


def _asked_min(day: DayOfRequests, way: WayToAsk, days: RunResult) -> float:
    with tempfile.TemporaryDirectory() as scratch:
        if way.asked == ADVISOR:
            requests = booked(days)
        else:
            requests = followed_in_the_app(days, Path(scratch) / "run", stayers_count=way.stayers_count)
        return day.cost_asked_min(requests, says_usual=way.says_usual)


def page(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page from what is kept."""
    known = [(case.label, found[name]) for name, case in CASES.items() if name in found]
    missing = [case.label for name, case in CASES.items() if name not in found]
    text = _HEAD
    for with_plan, words in ((True, _WITH_PLAN), (False, _WITHOUT)):
        columns = [(NOBODY, NOBODY), *(((JOINT, JOINT), (BOOKED, BOOKED)) if with_plan else ())]
        columns += [(way.heading, way.name) for way in WAYS if way.with_plan == with_plan]
        head = ["scenario", "people", *(heading for heading, _ in columns)]
        rows = [
            [label, _people(entry), *(_cost(entry, name) for _, name in columns)]
            for label, entry in known
            if all(name in entry["costs_min"] for _, name in columns)
        ]
        text += words + _table(head, rows)
    head = ["scenario", *(heading for heading, _ in _COMPARED)]
    text += _KEPT + _table(head, [[label, *(_kept(entry, name) for _, name in _COMPARED)] for label, entry in known])
    return text + (f"\nNot measured yet: {'; '.join(missing)}.\n" if missing else "")


_COMPARED: Final = ((BOOKED, BOOKED), *((way.heading, way.name) for way in WAYS if way.with_plan))


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, ["---"] * len(head), *rows))


def _people(entry: Mapping[str, Any]) -> str:
    draws = len(entry["costs_min"][NOBODY])
    return f"{entry['people']:,}" + (f", {draws} draws" if draws > 1 else "")


def _cost(entry: Mapping[str, Any], name: str) -> str:
    found = estimate(np.array(entry["costs_min"][name]))
    return format_interval(found.mean, to_number(found.half_width), 1)


def _kept(entry: Mapping[str, Any], name: str) -> str:
    """Return how much of what a plan saves is kept, in the mean of draws; a dash where it saves less than 1 %."""
    none_min, joint_min, asked_min = (np.array(entry["costs_min"][one]) for one in (NOBODY, JOINT, name))
    if np.mean(none_min - joint_min) < LEAST_SAVED_SHARE * np.mean(none_min):
        return "–"
    share = (none_min - asked_min).sum() / (none_min - joint_min).sum()
    return f"{format_number(100.0 * share, 0)} %"


LEAST_SAVED_SHARE: Final = 0.01
"""Where a plan saves less than this part of what people pay, nothing is said of what is kept of it."""


def main(arguments: Sequence[str]) -> int:
    """Measure the cases named, write the page, and return an exit code."""
    if not measure_cases(arguments, CASES, lambda name: iter([(name, measured(CASES[name]))]), FOUND_FILE):
        return 2
    write_page(PAGE, page(kept_in(FOUND_FILE)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

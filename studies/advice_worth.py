"""What advice is worth: ``python -m studies.advice_worth [CASE ...]`` writes `docs/what-advice-is-worth.md`.

With names of cases it searches for the best plan in each of them first, for people who leave by habit and for people
who have settled by themselves, which takes from minutes to hours, and keeps what it found in
`studies/advice_worth_found.json`; ``all`` stands for every case. Without any it writes the page from what is kept.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sim.advisor.baselines import BASELINES
from sim.advisor.optimum.search import NOBODY, WITH_FORESIGHT, SearchSize
from sim.api import optimum
from sim.experiments.optimum import BOUND, HINDSIGHT, SAME_VEHICLES
from sim.records.pages import write_page
from sim.report.numbers import format_interval, format_number, to_number
from studies.kept_cases import kept_in, measure_cases

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "what-advice-is-worth.md"
SEARCH: Final = 3
"""Kept with what was found: since 3 windows are priced with queues as they were, for coordinated advice as well."""

FOUND_FILE: Final = Path(__file__).with_name("advice_worth_found.json")

EVERYBODY: Final = {"advisor.penetration": 1, "advisor.compliance": 1}
"""Everybody is advised and follows: what advice could be worth at most, and what the bracket is narrow for."""

SIZE: Final = SearchSize(rounds=10, draws=3, fresh=4, hindsight_rounds=4)
"""Of the search: more finds little more, and takes longer."""


@dataclass(frozen=True)
class WorthCase:
    """A scenario in which advice is measured.

    Attributes
    ----------
    name : str
        On the command line, and in what is kept.
    label : str
        In the table.
    scenario : str
    overrides : mapping
        Besides `EVERYBODY`.
    replications : int
    """

    name: str
    label: str
    scenario: str
    overrides: Mapping[str, Any] = field(default_factory=dict)
    replications: int = 1


def _xiamen(multiple: int) -> WorthCase:
    overrides = {"demand.scale": multiple, "advisor.window": "15 min"}
    return WorthCase(f"xiamen-{multiple}", f"Xiamen, {multiple} times the demand", "xiamen_brt2_surge", overrides)


def _xiamen_auto(multiple: int) -> WorthCase:
    label = f"Xiamen, {multiple} times the demand, windows as wide as the advisor chooses"
    return WorthCase(f"xiamen-{multiple}-auto", label, "xiamen_brt2_surge", {"demand.scale": multiple}, replications=4)


CASES: Final = {
    case.name: case
    for case in (
        WorthCase("two-lines", "two lines (lesson)", "two_lines_lesson"),
        WorthCase("bottleneck", "bottleneck (lesson)", "bottleneck_lesson", {"days": 2, "days_kept": 1}),
        *(_xiamen(multiple) for multiple in (1, 4, 6, 8)),
        *(_xiamen_auto(multiple) for multiple in (1, 4, 6, 8)),
        WorthCase("event", "after two events", "olympic_surge"),
        WorthCase(
            "beijing",
            "Beijing, a fiftieth",
            "beijing_early_bird",
            {"demand.scale": 0.02, "service.capacity_scale": 0.02},
        ),
    )
}
"""All of them, in the order of the table."""

_HEAD = """\
# What advice is worth

Written by `python -m studies.advice_worth`; do not edit. `python -m studies.advice_worth all` measures anew.

Everybody is advised and follows, so that this is what advice can be worth at most; with the shares that the scenarios
have, a tenth of all follow, and the saving is smaller. Costs are minutes of generalized cost per commuter, means over
draws of running times and dispatch on which no plan was made, with 95 % intervals over draws of people; with one draw
there is no interval, and tenths of a minute are chance. Two kinds of people are given the same advice: those who leave
by habit, and those who have settled by themselves, day by day, without advice.

- **window**: width of departure windows in minutes; **draws**: of people, times those of the day for each;
- **individual**: the best window for each alone, by the one day that the advisor has seen ([what more days
  change](off-their-time.md#information-or-coordination)); **coordinated**: the plan of the strategy of that name;
- **best found**: a search by simulation with foresight only, from four starts (nobody advised, the two above, the
  windows of people who have settled), whose best plan is then mixed with what people choose at the prices of the bound;
- **taken**: what coordinated advice saves, over what the best plan found saves; – where nothing saves more than 1 %;
- **bound**: no plan goes below it, proven (below); **same vehicles**: no plan of windows would go below it if
  vehicles ran as they did under the best plan;
- **bracket**: how far the best plan found is above the higher of the two;
- **a fiftieth**: of Beijing's people, in trains with a fiftieth of the places. The fewer stand for all, the less evenly
  they fill trains.

| case | people | window | draws | none | individual | coordinated | best found | hindsight | \
bound | same vehicles | taken | bracket |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""

_OLDER = """
Measured before coordinated advice mixed its plans with what people choose at prices of room, and took more draws for
narrow windows, so that its plan and the best one may be dearer and bounds lower than they need be: {}.
"""

_PARTS_HEAD = """
## What the saving consists of

Minutes per commuter that coordinated advice saves: by meeting a vehicle better within the headway, by arriving nearer
to the wish, by avoiding congestion that stays as it is, and by less congestion for all. Only the last is less
pressure on the system.

| case | people | meeting a vehicle | wish | avoiding | less congestion | all together |
|---|---|---|---|---|---|---|
"""

_FOOT = """
## Why nothing goes below the bounds

**Bound.** People are dealt out to the vehicles of the day so that their total cost is least. All know when vehicles
come and wait for none that comes within their flexibility; vehicles run at the least time that the day allows; nobody
gets more room than there is, and whoever gets none waits until the last vehicle has gone, and pays the penalty. Every
plan is one way of dealing people out, so that it costs no less. The least total is bounded by putting a price on the
room of each vehicle from stop to stop: for any prices, the cheapest ride of each at these prices, plus for each stop
the least over n of (what n riders cost each other less n times the price), lies below every total (Lagrangian
duality, Everett 1963). It is what `gap_to_optimum_share` is measured against.

**Same vehicles.** A plan of windows cannot know when in the window somebody leaves, nor how vehicles will run on the
day. Write c(i, w, u, d) for the cheapest way of person i who was told window w, leaves at place u of it and meets
the vehicles of draw d, all waits and changes included, at prices p(d) of room: at each stop they may take any vehicle
of the lines that they would board there. Take one plan x that gives window x(i) to each.

1. On draw d, with places u, queues that are first come, first served, deal out vehicles to people in one way that
   respects room. So the total cost on d is at least the sum over i of c(i, x(i), u(i), d) plus the sum over stops of
   the least over n of (crowding of n less n p(d)): for each stop, what its riders cost each other, less what they pay
   for room, is at least that least, and the payments cancel.
2. Prices do not depend on places, and places are drawn evenly from windows, so that the mean over places of the first
   sum is the sum over i of the mean of c over the window x(i). That mean is worked out exactly: between two vehicles
   c falls in a straight line.
3. A plan is the same for all draws, so that the mean over draws is at least the sum over i of the least over w of the
   mean over draws and places of c(i, w, u, d). That is the bound. Whoever does not follow, or leaves in the window
   anyway, leaves at their own moment, which is taken as known.
4. For a plan that has not seen the draws, the mean of the bound over draws is not above the least cost that any plan
   has in the mean, since choosing windows after seeing some draws can only be cheaper on these (Mak, Morton and Wood
   1999).

People who know real times, who may look for another way after a full vehicle, who stay on board of a vehicle that goes
on as another trip, and those on their way back count with the least cost of a journey without waits. Where boarding
takes time, vehicles would run otherwise under another plan: then this bound is for dealing people out anew on the
vehicles as they ran, and no proof for all plans. In Beijing and after the events they run the same whoever boards, so
that it is proven there. The prices are found by a search (`sim.advisor.optimum.foresight`), whose end may lie below the
best ones: then the bound is lower than it need be, never too high.

**Why the bracket is wide where vehicles are full for hours.** Both bounds may keep room for people at later stops with
short rides, of whom one place serves several. Queues give it to whoever stands at an earlier stop, and a plan can keep
these away for no longer than their flexibility. So a part of the bracket is out of reach of any plan. A linear program
cannot say how large that part is: that vehicles leave full where somebody stays behind is not convex, and its tightest
convex form for each vehicle and group, on the morning of Xiamen at 8 times the demand, raises the least cost from
112.45 to 112.50 min.
"""


def measured(
    case: WorthCase, baseline: str, size: SearchSize = SIZE, replications: int | None = None
) -> dict[str, Any]:
    """Search for the best plan of a case for one kind of people, and return what the page needs of it.

    Parameters
    ----------
    case : WorthCase
    baseline : str
    size : SearchSize
    replications : int or None
        Instead of those of the case.
    """
    found = optimum(
        case.scenario,
        baseline=baseline,
        size=size,
        replications=replications or case.replications,
        overrides={**EVERYBODY, **case.overrides},
    )
    width_s = found.manifest["scenario"]["advisor"]["window"]
    return {
        **found.summary,
        "costs_min": {name: _finite(entry) for name, entry in found.summary["costs_min"].items()},
        "saved_min": _finite(found.summary["saved_min"]),
        "on": datetime.now(tz=UTC).date().isoformat(),
        "search": SEARCH,
        "fresh": size.fresh,
        "replications": found.manifest["replications"],
        "window_min": width_s / 60.0,
    }


def _finite(entry: Mapping[str, float]) -> dict[str, float | None]:
    return {part: value if math.isfinite(value) else None for part, value in entry.items()}


def page(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page from what is kept."""
    rows = [
        (case, baseline, found.get(f"{case.name}/{baseline.name}")) for case in CASES.values() for baseline in BASELINES
    ]
    known = [(case, baseline, entry) for case, baseline, entry in rows if entry is not None]
    lines = [_row(case.label, baseline.label, entry) for case, baseline, entry in known]
    parts = [_parts_row(case.label, baseline.label, entry) for case, baseline, entry in known]
    missing = [f"{case.label} ({baseline.label})" for case, baseline, entry in rows if entry is None]
    said = f"\nNot measured yet: {'; '.join(missing)}.\n" if missing else ""
    older = [f"{case.label} ({baseline.label})" for case, baseline, entry in known if entry.get("search") != SEARCH]
    if older:
        said += _OLDER.format("; ".join(older))
    if not known:
        return _HEAD.split("\n| case", maxsplit=1)[0] + said + _FOOT
    return _HEAD + "".join(lines) + said + _PARTS_HEAD + "".join(parts) + _FOOT


def _row(label: str, people: str, entry: Mapping[str, Any]) -> str:
    costs = [_cost(entry, name) for name in (*WITH_FORESIGHT, HINDSIGHT, BOUND, SAME_VEHICLES)]
    shares = [_taken(entry), _share(_bracket(entry))]
    made = [f"{entry['window_min']:g}", f"{entry['replications']} × {entry['fresh']}"]
    return f"| {' | '.join([label, people, *made, *costs, *shares])} |\n"


def _taken(entry: Mapping[str, Any]) -> str:
    costs = {name: value["mean"] for name, value in entry["costs_min"].items()}
    best = min(costs[name] for name in WITH_FORESIGHT)
    return "–" if costs[NOBODY] - best < 0.01 * costs[NOBODY] else _share(entry["taken_of_best_found_share"])


def _bracket(entry: Mapping[str, Any]) -> float | None:
    """Return how far the best plan is above the higher bound, as a share of it; None where there is none."""
    costs = {name: value["mean"] for name, value in entry["costs_min"].items()}
    low = max((costs[name] for name in (BOUND, SAME_VEHICLES) if costs[name] is not None), default=0.0)
    return min(costs[name] for name in WITH_FORESIGHT) / low - 1.0 if low > 0.0 else None


def _cost(entry: Mapping[str, Any], name: str) -> str:
    """Return a cost, with its interval where it is one of plans: the bounds hold for what was drawn."""
    found = entry["costs_min"][name]
    half_width = found["half_width"] if name in WITH_FORESIGHT else None
    return format_interval(to_number(found["mean"]), to_number(half_width), 1)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{100.0 * share:.0f} %"


def _parts_row(label: str, people: str, entry: Mapping[str, Any]) -> str:
    parts, saved = entry["parts_min"], entry["saved_min"]
    shown = [
        format_number(parts[name], 2, sign=True) for name in ("timing_min", "wish_min", "avoided_min", "relieved_min")
    ]
    shown.append(format_interval(saved["mean"], to_number(saved["half_width"]), 2, sign=True))
    return f"| {' | '.join([label, people, *shown])} |\n"


def found_in() -> dict[str, Any]:
    """Return what is kept."""
    return kept_in(FOUND_FILE)


def _measured_case(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what was found of a case for each kind of people."""
    for baseline in BASELINES:
        yield f"{name}/{baseline.name}", measured(CASES[name], baseline.name)


def main(arguments: Sequence[str]) -> int:
    """Measure the cases named, write the page, and return an exit code."""
    if not measure_cases(arguments, CASES, _measured_case, FOUND_FILE):
        return 2
    write_page(PAGE, page(found_in()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Advice where trips leave off their time: ``python -m studies.off_time [CASE ...]`` writes `docs/off-their-time.md`.

With names of cases, or ``all``, plans are made and tried in each of them first, which takes from seconds to half an
hour a case; what was found is kept in `studies/off_time_found.json`. Without any it writes the page from what is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

import sim
from sim.advisor import AdvisorView, ReplicationWorld, strategy_by_name
from sim.advisor.baselines import BASELINES, Baseline
from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import compile_scenario, with_chosen_width
from sim.advisor.optimum.search import FIRST_FRESH, first_view
from sim.arrays import BoolArray, FloatArray
from sim.metrics.statistics import estimate
from sim.model.advice import AdvicePlan
from sim.records.pages import write_page
from sim.report.numbers import format_interval, format_number
from studies.kept_cases import kept_in, measure_cases

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "off-their-time.md"
FOUND_FILE: Final = Path(__file__).with_name("off_time_found.json")

NOISES_MIN: Final = (0.0, 2.0, 5.0)
"""Standard deviations of when trips leave their first stop."""

STRATEGIES: Final = ("none", "individual", "coordinated")
SEEN_DAYS: Final = 8
"""Days that individual advice has seen where it is to know as much of chance as coordinated advice."""
INFORMED: Final = f"individual, {SEEN_DAYS} days"
ALONE: Final = ("individual", INFORMED)
EVERYBODY: Final = {
    "advisor.penetration": 1,
    "advisor.compliance": 1,
    "advisor.first_day": 1,
    "days": SEEN_DAYS + 1,
    "days_kept": 1,
}
"""Everybody is advised and follows on the second day, whatever the scenario has."""
FRESH: Final = 32
"""Days that plans are tried on."""
FEW: Final = 10
"""One person in so many follows where the others do as without advice."""

SHIPPED: Final = ("two_lines_lesson", "bunching_lesson", "commute_day", "mandl", "olympic_surge", "jingjinji_regional")

CASES: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    **{f"xiamen-{scale}": ("xiamen_brt2_surge", {"demand.scale": scale}) for scale in (1, 4, 6, 8)},
    **{name: (name, {}) for name in SHIPPED},
    "beijing-fiftieth": ("beijing_early_bird", {"demand.scale": 0.02, "service.capacity_scale": 0.02}),
}
"""Scenario and changes to it by case."""

_HEAD: Final = f"""# Advice where trips leave off their time

`python -m studies.off_time` writes this page; `python -m studies.off_time all` measures anew.

A plan is made for vehicles that nobody can foresee. Here trips leave their first stop off their time by normal
noise of 0, 2 and 5 min (`service.dispatch_noise`, standard deviation), besides what the scenario has of chance.
Everybody is advised and follows, in windows as wide as the scenario says or the advisor chooses. Costs are
minutes of generalized cost per commuter, means over {FRESH} days that no plan was made or proved with, for one
draw of people; intervals are those of these days (95 %). The advisor has seen one day, whose luck individual
advice takes for the rule where trips leave off their time; what it comes to after more days says
[a second table](#information-or-coordination). Where rehearsals show no gain against no advice, coordinated advice
tells nobody anything: both cost the same then.

"""

_TABLE: Final = """
| case | off by, min | people | window, min | none | individual | coordinated | less none | less individual |
|---|---|---|---|---|---|---|---|---|
"""

_HEAD_INFORMATION: Final = f"""
## Information or coordination?

Coordinated advice rehearses its plan on draws from the laws of chance. Individual advice in the table above knows one
day alone, so part of the lead of coordinated advice is that it knows more. Here individual advice goes by the mean of
{SEEN_DAYS} days without advice (`advisor.first_day` and `advisor.forecast.smoothing_days` {SEEN_DAYS}); coordinated
advice and the days that plans are tried on are the same as above. The days seen are one draw, whose chance is not in
the intervals.

Where days differ, more than half of the lead is information, as a rule, and most of the harm that individual advice
does to adapted commuters comes from knowing a single day. After {SEEN_DAYS} days it does next to none to a tenth who
follow alone. What is left of the lead is coordination, which keeps people out of each other's way: little in Xiamen at
up to 4 times its demand and in Mandl's network, and much where many want the same vehicles, as after two events and on
trains to Beijing. On two lines people of habit who know more choose the same vehicles, and the lead grows.

- **all follow**: what people pay more than without advice where all follow individual advice, by days seen;
- **a tenth follows**: the same for every tenth person, where nobody else follows: what herding takes is left out, and
  what is above 0 is advice that is wrong about the vehicles;
- **less individual**: what people pay less under coordinated advice than under individual advice after {SEEN_DAYS}
  days, which is the part of the lead that is coordination;
- **information**: the other part, as a share of the lead after one day. It is below 0 where people who know more are
  sent to the same vehicles, and – where chance may be all of the lead.

"""

_TABLE_INFORMATION: Final = f"""
| case | off by, min | people | all follow, 1 day | all follow, {SEEN_DAYS} days | a tenth follows, 1 day | a tenth \
follows, {SEEN_DAYS} days | less individual, {SEEN_DAYS} days | information |
|---|---|---|---|---|---|---|---|---|
"""


def noise_of(minutes: float) -> dict[str, str]:
    """Return the dispatch noise that lets trips leave so many minutes off their time (standard deviation)."""
    return {"distribution": "normal", "sigma": f"{minutes:g} min"} if minutes else {}


def compiled_off_time(scenario: str, overrides: Mapping[str, Any], noise_min: float) -> CompiledScenario:
    """Return a scenario in which trips leave off their time and everybody is advised and follows.

    Parameters
    ----------
    scenario : str
    overrides : mapping
        Changes to it.
    noise_min : float
    """
    keys = {**overrides, **EVERYBODY, "service.dispatch_noise": noise_of(noise_min)}
    return compile_scenario(with_chosen_width(sim.load_scenario(scenario, keys)))


def plans_for(
    compiled: CompiledScenario, baseline: Baseline, strategies: Sequence[str] = STRATEGIES
) -> tuple[AdvisorView, dict[str, AdvicePlan]]:
    """Return what the advisor of a baseline sees after one day, and the plans made from it.

    Parameters
    ----------
    compiled : CompiledScenario
        As `compiled_off_time` returns it.
    baseline : Baseline
    strategies : sequence of str
        Those whose plans are wanted.

    Returns
    -------
    view : AdvisorView
    plans : dict of str to AdvicePlan
        By strategy, and that of `INFORMED`.
    """
    world = ReplicationWorld.create(compiled, 0)
    if baseline.settle is not None:
        world, _ = baseline.settle(world)
    view = view_after(world, 1)
    plans = {name: strategy_by_name(name).advise(view) for name in strategies}
    return view, {**plans, INFORMED: strategy_by_name("individual").advise(view_after(world, SEEN_DAYS))}


def view_after(world: ReplicationWorld, days: int) -> AdvisorView:
    """Return what the advisor sees who goes by the mean of so many days without advice.

    Parameters
    ----------
    world : ReplicationWorld
    days : int
        At most `SEEN_DAYS`.
    """
    scenario = world.compiled.scenario
    forecast = scenario.parameters.advisor.forecast.model_copy(update={"smoothing_days": days})
    view = first_view(world.under(scenario.with_advisor(first_day=days, forecast=forecast)))
    assert view is not None
    return view


def _paid_by(view: AdvisorView, plan: AdvicePlan, fresh: int, rows: BoolArray | slice = slice(None)) -> FloatArray:
    """Return what people of some rows pay under a plan, mean of each fresh day."""
    assert view.stage is not None
    draws = [(draw, 1.0) for draw in range(FIRST_FRESH, FIRST_FRESH + fresh)]
    read = view.stage.on_draws(plan, view.own_departure_s, draws, lambda day: float(day.cost_min[rows].mean()))
    return np.array(read)


def paid_min(view: AdvisorView, plans: Mapping[str, AdvicePlan], fresh: int) -> dict[str, FloatArray]:
    """Return what people pay on fresh days under each plan, in minutes.

    Parameters
    ----------
    view : AdvisorView
    plans : mapping of str to AdvicePlan
        As `plans_for` returns both.
    fresh : int
        Days.

    Returns
    -------
    dict of str to ndarray of float, shape (fresh,)
        Mean generalized cost of all commuters by plan.
    """
    return {name: _paid_by(view, plan, fresh) for name, plan in plans.items()}


def few_of(view: AdvisorView) -> BoolArray:
    """Tell the rows of every tenth person who can be advised, with their journeys back, shape (commuters,)."""
    chain = view.population.chain
    able = np.zeros(len(view.population), dtype=np.bool_)
    able[view.users] = True
    able &= chain.is_first
    few = able & (np.cumsum(able) % FEW == 0)
    with_journeys_back: BoolArray = few | (~chain.is_first & few[chain.after])
    return with_journeys_back


def few_pay_more_min(view: AdvisorView, plans: Mapping[str, AdvicePlan], fresh: int) -> dict[str, FloatArray]:
    """Return what few people pay more on fresh days than without advice, where they alone follow, in minutes.

    By kind of individual advice, the mean of those who were advised; otherwise as of `paid_min`.
    """
    few = few_of(view)
    unadvised = _paid_by(view, plans["none"], fresh, few)
    more = {}
    for name in ALONE:
        plan = plans[name]
        only = replace(plan, window=np.where(few, plan.window, -1))
        more[name] = _paid_by(view, only, fresh, few) - unadvised
    return more


def measured(compiled: CompiledScenario, fresh: int = FRESH) -> dict[str, Any]:
    """Return how wide windows are, and what people of each baseline pay on fresh days under each plan.

    Parameters
    ----------
    compiled : CompiledScenario
        As `compiled_off_time` returns it.
    fresh : int
        Days that plans are tried on.
    """
    entry: dict[str, Any] = {"window_min": compiled.scenario.parameters.advisor.window_s / 60.0, "people": {}}
    for baseline in BASELINES:
        view, plans = plans_for(compiled, baseline)
        paid, few = paid_min(view, plans, fresh), few_pay_more_min(view, plans, fresh)
        entry["people"][baseline.name] = {
            "cost_min": {name: round(float(cost.mean()), 3) for name, cost in paid.items()},
            "less_min": {other: _interval(paid["coordinated"] - paid[other]) for other in ("none", *ALONE)},
            "more_min": {name: _interval(paid[name] - paid["none"]) for name in ALONE},
            "few_more_min": {name: _interval(more) for name, more in few.items()},
        }
    return entry


def _interval(difference: FloatArray) -> list[float]:
    found = estimate(difference)
    return [round(found.mean, 3), round(found.half_width, 3)]


def page(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page from what is kept."""
    rows, looked_at, above = [], 0, []
    for name, noise_min, baseline, entry in _kept_rows(found):
        own = entry["people"][baseline.name]
        cells = [name, f"{noise_min:g}", baseline.label, f"{entry['window_min']:g}"]
        cells += [format_number(own["cost_min"][strategy], 1) for strategy in STRATEGIES]
        for other in STRATEGIES[:2]:
            looked_at += 1
            cells.append(_marked(own["less_min"][other]))
            if _costs_more(own["less_min"][other]):
                above.append(f"{name} by {noise_min:g} min, {baseline.label}, {other}")
        rows.append(f"| {' | '.join(cells)} |\n")
    told = (
        f"Of {looked_at} differences {len(above) or 'none'} lie above 0 by more than their interval{_listed(above)}.\n"
    )
    left = _not_measured(found)
    return _HEAD + told + _TABLE + "".join(rows) + left + _section_on_information(found)


def _section_on_information(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return what individual advice comes to with more days seen, and how much of the lead is gone then."""
    rows, above, known, keys = [], [], [], set()
    for name, noise_min, baseline, entry in _kept_rows(found):
        own = entry["people"][baseline.name]
        if INFORMED not in own["cost_min"]:
            continue
        known.append((noise_min, baseline, own))
        keys.add(_key(name, noise_min))
        cells = [name, f"{noise_min:g}", baseline.label]
        cells += [_marked(own[kind][plan]) for kind in ("more_min", "few_more_min") for plan in ALONE]
        cells += [_marked(own["less_min"][INFORMED]), _share_text(_information_share(own))]
        if _costs_more(own["less_min"][INFORMED]):
            above.append(f"{name} by {noise_min:g} min, {baseline.label}")
        rows.append(f"| {' | '.join(cells)} |\n")
    told = f"Of {len(rows)} differences between coordinated and individual advice after {SEEN_DAYS} days "
    told += f"{len(above) or 'none'} lie above 0 by more than their interval{_listed(above)}.\n\n"
    told += "Where trips leave off their time:\n\n"
    for baseline in BASELINES:
        told += _told_of([own for noise_min, whose, own in known if noise_min and whose is baseline], baseline)
    left = _not_measured(keys)
    return _HEAD_INFORMATION + told + _TABLE_INFORMATION + "".join(rows) + left


def _told_of(people: Sequence[Mapping[str, Any]], baseline: Baseline) -> str:
    """Return a line of a list on how often individual advice does harm, and on the part of the lead."""
    if not people:
        return ""
    all_1, all_8, few_1, few_8 = (
        sum(_costs_more(own[kind][plan]) for own in people) for kind in ("more_min", "few_more_min") for plan in ALONE
    )
    shares = [share for own in people if not np.isnan(share := _information_share(own))]
    middle = _share_text(float(np.median(shares))) if shares else "–"
    return (
        f"- {baseline.label}, {len(people)} rows: where all follow, individual advice costs more than none in {all_1} "
        f"after one day and in {all_8} after {SEEN_DAYS};\n  where a tenth follows, in {few_1} and {few_8}; the median "
        f"of **information** is {middle}.\n"
    )


def _information_share(own: Mapping[str, Any]) -> float:
    """Return the part of the lead after one day that more days take away; NaN where chance may be all of the lead."""
    after_1, after_8, coordinated = (own["cost_min"][plan] for plan in (*ALONE, "coordinated"))
    mean, half = own["less_min"]["individual"]
    return (after_1 - after_8) / (after_1 - coordinated) if mean < -half else float("nan")


def _share_text(share: float) -> str:
    return "–" if np.isnan(share) else f"{format_number(100.0 * share, 0)} %"


def _costs_more(interval: Sequence[float]) -> bool:
    mean, half = interval
    return mean > half


def _marked(interval: Sequence[float]) -> str:
    """Write a difference, with a cross where it is above 0 by more than its interval."""
    mean, half = interval
    return format_interval(mean, half, 2, sign=True) + (" ✗" if _costs_more(interval) else "")


def _listed(above: Sequence[str]) -> str:
    return f": {'; '.join(above)}" if above else ""


def _not_measured(keys: Container[str]) -> str:
    missing = [name for name in CASES if any(_key(name, noise) not in keys for noise in NOISES_MIN)]
    return f"\nNot measured yet: {', '.join(missing)}.\n" if missing else ""


def _kept_rows(
    found: Mapping[str, Mapping[str, Any]],
) -> Iterator[tuple[str, float, Baseline, Mapping[str, Any]]]:
    """Yield case, noise, people and what is kept of them, in the order of tables."""
    for name in CASES:
        for noise_min in NOISES_MIN:
            entry = found.get(_key(name, noise_min))
            if entry is not None:
                yield from ((name, noise_min, baseline, entry) for baseline in BASELINES)


def _key(name: str, noise_min: float) -> str:
    return f"{name} {noise_min:g}"


def found_in() -> dict[str, Any]:
    """Return what is kept."""
    return kept_in(FOUND_FILE)


def _of_case(name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for noise_min in NOISES_MIN:
        yield _key(name, noise_min), measured(compiled_off_time(*CASES[name], noise_min))


def main(arguments: Sequence[str]) -> int:
    """Measure the cases named, write the page, and return an exit code."""
    if not measure_cases(arguments, CASES, _of_case, FOUND_FILE):
        return 2
    write_page(PAGE, page(found_in()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

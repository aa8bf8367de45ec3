"""Advice where trips leave off their time: ``python -m studies.off_time [CASE ...]`` writes `docs/off-their-time.md`.

With names of cases, or ``all``, plans are made and tried in each of them first, which takes from seconds to half an
hour a case; what was found is kept in `studies/off_time_found.json`. Without any it writes the page from what is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

import sim
from sim.advisor import ReplicationWorld, strategy_by_name
from sim.advisor.baselines import BASELINES, Baseline
from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import compile_scenario, with_chosen_width
from sim.advisor.optimum.search import FIRST_FRESH, first_view
from sim.arrays import FloatArray
from sim.metrics.statistics import paired_difference
from sim.records.pages import write_page
from sim.report.numbers import format_interval, format_number
from studies.kept_cases import kept_in, measure_cases

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "off-their-time.md"
FOUND_FILE: Final = Path(__file__).with_name("off_time_found.json")

NOISES_MIN: Final = (0.0, 2.0, 5.0)
"""Standard deviations of when trips leave their first stop."""

STRATEGIES: Final = ("none", "individual", "coordinated")
EVERYBODY: Final = {
    "advisor.penetration": 1,
    "advisor.compliance": 1,
    "advisor.first_day": 1,
    "days": 2,
    "days_kept": 1,
}
"""Everybody is advised and follows on the second day, whatever the scenario has."""
FRESH: Final = 32
"""Days that plans are tried on."""

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
advice takes for the rule where trips leave off their time; after more days it does less harm. Where rehearsals
show no gain against no advice, coordinated advice tells nobody anything: both cost the same then.

"""

_TABLE: Final = """
| case | off by, min | people | window, min | none | individual | coordinated | less none | less individual |
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


def paid_min(compiled: CompiledScenario, baseline: Baseline, fresh: int) -> dict[str, FloatArray]:
    """Return what people of a baseline pay on fresh days under each plan, in minutes.

    Parameters
    ----------
    compiled : CompiledScenario
    baseline : Baseline
    fresh : int
        Days.

    Returns
    -------
    dict of str to ndarray of float, shape (fresh,)
        Mean generalized cost of all commuters by strategy.
    """
    world = ReplicationWorld.create(compiled, 0)
    if baseline.settle is not None:
        world, _ = baseline.settle(world)
    view = first_view(world)
    assert view is not None
    stage, own_s = view.stage, view.own_departure_s
    assert stage is not None
    draws = [(draw, 1.0) for draw in range(FIRST_FRESH, FIRST_FRESH + fresh)]
    plans = {name: strategy_by_name(name).advise(view) for name in STRATEGIES}
    return {
        name: np.array(stage.on_draws(plan, own_s, draws, lambda day: day.mean_min)) for name, plan in plans.items()
    }


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
        paid = paid_min(compiled, baseline, fresh)
        less = {other: paired_difference(paid["coordinated"], paid[other]) for other in STRATEGIES[:2]}
        entry["people"][baseline.name] = {
            "cost_min": {name: round(float(cost.mean()), 3) for name, cost in paid.items()},
            "less_min": {other: [round(one.mean, 3), round(one.half_width, 3)] for other, one in less.items()},
        }
    return entry


def page(found: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the page from what is kept."""
    rows, looked_at, above = [], 0, []
    for name in CASES:
        for noise_min in NOISES_MIN:
            entry = found.get(_key(name, noise_min))
            if entry is None:
                continue
            for baseline in BASELINES:
                own = entry["people"][baseline.name]
                cells = [name, f"{noise_min:g}", baseline.label, f"{entry['window_min']:g}"]
                cells += [format_number(own["cost_min"][strategy], 1) for strategy in STRATEGIES]
                for other, (mean, half) in own["less_min"].items():
                    looked_at += 1
                    worse = mean > half
                    cells.append(format_interval(mean, half, 2, sign=True) + (" ✗" if worse else ""))
                    if worse:
                        above.append(f"{name} by {noise_min:g} min, {baseline.label}, {other}")
                rows.append(f"| {' | '.join(cells)} |\n")
    missing = [name for name in CASES if any(_key(name, noise) not in found for noise in NOISES_MIN)]
    listed = f": {'; '.join(above)}" if above else ""
    told = f"Of {looked_at} differences {len(above) or 'none'} lie above 0 by more than their interval{listed}.\n"
    left = f"\nNot measured yet: {', '.join(missing)}.\n" if missing else ""
    return _HEAD + told + _TABLE + "".join(rows) + left


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

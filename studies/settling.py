"""How far people settle: ``python -m studies.settling [CASE ...]`` writes `docs/how-far-people-settle.md`.

With names of cases, or ``all``, people settle in each of them first, which takes up to minutes a case; what was found
is kept in `studies/settling_found.json`. Without any it writes the page from what is kept.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import sim
from sim.advisor import ReplicationWorld
from sim.advisor.baselines import LEAST_GAP_SHARE, MEASURED_ON, MOST_ADAPTING_DAYS, baseline_by_name
from sim.advisor.loop import compile_scenario
from sim.population.minutes import MOST_ASKED
from sim.records.pages import write_page
from studies.kept_cases import kept_in, measure_cases

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "how-far-people-settle.md"
FOUND_FILE: Final = Path(__file__).with_name("settling_found.json")

SHIPPED: Final = (
    "two_lines_lesson",
    "bottleneck_lesson",
    "bunching_lesson",
    "commute_day",
    "mandl",
    "olympic_surge",
    "jingjinji_regional",
    "beijing_early_bird",
)

CASES: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    **{f"xiamen-{scale}": ("xiamen_brt2_surge", {"demand.scale": scale}) for scale in (1, 4, 6, 8)},
    **{name: (name, {}) for name in SHIPPED},
}
"""Scenario and changes to it by case."""

_HEAD: Final = f"""# How far people settle

`python -m studies.settling` writes this page; `python -m studies.settling all` measures anew.

Adapted people learn day by day, without advice, for at most {MOST_ADAPTING_DAYS} days, and end earlier where the gap
is at most {100.0 * LEAST_GAP_SHARE:g} %. The gap is what they could still save by leaving in another minute, over what
they pay: by the minute that was cheapest on half of {2 * MEASURED_ON} days of which nobody learned, paid for on the
other half. Below 0 the minute that promised more was the worse one: all that is left is chance. One draw of people,
of whom {MOST_ASKED} at most are asked, so that a per cent is chance where few pay much. How they settle, and why some
gap is left, stands in docs/design-notes.md.

| case | people | days | gap, % | change of departure, min |
|---|---|---|---|---|
"""


def measured(scenario: str, overrides: Mapping[str, Any]) -> dict[str, float]:
    """Let the people of a scenario settle, and return how far they came.

    Parameters
    ----------
    scenario : str
    overrides : mapping
        Changes to it.
    """
    world = ReplicationWorld.create(compile_scenario(sim.load_scenario(scenario, overrides)), 0)
    settle = baseline_by_name("adapted").settle
    assert settle is not None
    _, how = settle(world)
    return {
        "people": len(world.population.key),
        "days": how.days,
        "gap_share": round(how.relative_gap_share, 4),
        "change_min": round(how.departure_change_s / 60.0, 1),
    }


def page(found: Mapping[str, Mapping[str, float]]) -> str:
    """Return the page from what is kept."""
    known = [(name, found[name]) for name in CASES if name in found]
    rows = [
        f"| {name} | {entry['people']:,.0f} | {entry['days']:g} | {100.0 * entry['gap_share']:.1f} | "
        f"{entry['change_min']:.1f} |\n".replace("| -", "| −")
        for name, entry in known
    ]
    missing = [name for name in CASES if name not in found]
    return _HEAD + "".join(rows) + (f"\nNot measured yet: {', '.join(missing)}.\n" if missing else "")


def found_in() -> dict[str, dict[str, float]]:
    """Return what is kept."""
    return kept_in(FOUND_FILE)


def main(arguments: Sequence[str]) -> int:
    """Measure the cases named, write the page, and return an exit code."""
    if not measure_cases(arguments, CASES, lambda name: iter([(name, measured(*CASES[name]))]), FOUND_FILE):
        return 2
    write_page(PAGE, page(found_in()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

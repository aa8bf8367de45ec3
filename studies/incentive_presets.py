"""Write docs/incentive-presets.md: real programmes, measured and simulated, side by side.

``python -m studies.incentive_presets`` simulates every preset of the strategy `incentive` on
the observed day of Xiamen BRT line 2 and writes the page anew; ``--out -`` prints it instead.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.advisor import strategy_by_name
from sim.advisor.strategies.incentive import Incentive
from sim.experiments.replications import run_replications
from sim.loading.scenario import load_scenario
from sim.locations import scenarios_dir
from sim.metrics.grouping import split_by_run
from sim.metrics.statistics import Estimate, estimate
from sim.model.parameters.incentive import PRESETS, IncentiveParameters, Programme
from sim.records.table import Table
from studies.programme_courses import busiest_hour_s, section

SCENARIO = "xiamen_brt2.yaml"
RESPONSE = 0.2
"""Of those who would gain, the share that reacts, before anything is fitted (assumed)."""
SETTINGS = ("advisor.penetration=1", "advisor.window=15 min", "replications=5")
PAGE = Path("docs") / "incentive-presets.md"

_HEAD = """\
# Fare incentives: measured and simulated

Written by `python -m studies.incentive_presets`; do not edit.

The strategy `incentive` with the hours and shares of real programmes, simulated on `{scenario}` (the observed
day of Xiamen BRT line 2) with {settings},
beside what was measured where the programme ran.

**Read it as a comparison of kinds, not as a validation.** The city, its hours and its fares differ, the rules are
simplified to hours and shares at all stops, and the response share is an input: everybody knows the programme
(penetration 1) and {compliance:.0%} of those who would gain by it react (assumed), so that every simulated share is
in proportion to that. What the simulation adds is who would gain at all: the discount, in minutes at the value of
time, has to outweigh the cost of another time; the full fare is worth {worth:.0f} min on board here (assumed).
Entries marked "confirm before quoting" are not confirmed.

| programme | measured there | of the morning, moved | of those with a discount, moved | mean shift (min) | left the \
peak | fares let off |
|---|---|---|---|---|---|---|
"""

_FITTED = """
What is fitted, and what is predicted: the response is the one input for which no programme gives a figure, and one
measured figure of each serves to find it. All else in its row is what the simulation says then. Where the figure is not
reached though everybody who would gain reacts, the programme is not explained by what is modelled here.

| programme | fitted to | response | of the morning, moved | of those with a discount, moved | mean shift (min) | left \
the peak | left its middle | bought the pass | measured, and not fitted |
|---|---|---|---|---|---|---|---|---|---|
"""

_FOOT = """
- moved: commuters who leave at another time than without the programme, as a share of those who leave before 10:00
  without it (what Singapore counted, about), and of those who get a discount (what Melbourne counted).
- mean shift: of those who moved, earlier negative.
- left the peak: fall of departures in the hours that the programme is to relieve, as a share of them: 7:30 to 8:30 in
  the Netherlands, 6:30 to 9:00 in the paid trial, 7:30 to 9:00 in Tokyo, elsewhere the busiest hour before noon; its
  middle is half an hour.
- bought the pass: whoever moves for it, and of those who leave outside the peak anyway the share that reacts. Fares let
  off are those of all who travel at these hours; only those with a pass would have them.
- fares let off: part of all fares that the discounts let off, those who travelled then anyway included.
- ± is the half width of the 95 % interval over replications.

Fewer move here than moved in Singapore or Hong Kong. Most commuters of this line want to arrive after 8:00, so that a
discount that ends at 7:00 or 7:45 asks for more than half an hour, which a whole fare outweighs for few and a quarter
of one for nobody; people who can choose the hour at which they start are not modelled apart from those who cannot.

What was not fitted comes out for Tokyo, where hardly anybody shifted, and does not for the Netherlands: most left about
8:00 there, and fewest do here, as it is farthest to a discount from the middle of the peak.

Beijing's programme on the network that it was made for, at its own stations:
[beijing-early-bird.md](beijing-early-bird.md).
"""

_SOURCES = """
## Rules and sources

| programme | rule | source of the rule | source of the measured figure |
|---|---|---|---|
"""

_MORNING_ENDS_S = 10 * 3600.0


@dataclass(frozen=True)
class Shift:
    """What a programme moves, as shares of commuters; means over replications.

    Attributes
    ----------
    moved : Estimate
        Of those who leave before 10:00 without the programme.
    users_moved : Estimate
        Of those who get a discount.
    peak_hour : Estimate
        Fall of departures in the peak, as a share of them; the busiest hour of the morning where none is given.
    peak_middle : Estimate
        The same of the half hour in the middle of it.
    bought : Estimate
        Of those who leave before 10:00 without the programme, those who buy a pass if there is no discount without one:
        all who move for it, and of those who have it without moving the share that reacts.
    let_off : Estimate
        Of all fares of the day.
    shift_min : Estimate
        Of those who moved, earlier negative.
    """

    moved: Estimate
    users_moved: Estimate
    shift_min: Estimate
    peak_hour: Estimate
    let_off: Estimate
    peak_middle: Estimate
    bought: Estimate


def simulate_preset(name: str, response: float = RESPONSE) -> Shift:
    """Simulate a preset and measure what it moves.

    Parameters
    ----------
    name : str
        Of a programme in `sim.model.parameters.incentive.PRESETS`.
    response : float
        Of those who would gain, the share that reacts.
    """
    keys = [*SETTINGS, f"advisor.compliance={response}", f"advisor.incentive.preset={name}"]
    scenario = load_scenario(scenarios_dir() / SCENARIO, keys)
    tables = run_replications(scenario, [strategy_by_name("none"), Incentive()])
    runs = split_by_run(tables["journeys"])
    rows = [
        _measure(runs["none", number], runs["incentive", number], PRESETS[name], response)
        for number in range(scenario.parameters.replications)
    ]
    return Shift(*(estimate(column) for column in np.array(rows).T))


def _measure(none: Table, own: Table, programme: Programme, response: float) -> tuple[float, ...]:
    shift_min = (own["departure_s"] - none["departure_s"]) / 60.0
    moved = shift_min != 0
    start_s, end_s = programme.peak_start_s, programme.peak_end_s
    if start_s is None or end_s is None:
        start_s = busiest_hour_s(none["departure_s"])
        end_s = start_s + 3600.0
    middle_s = (start_s + end_s) / 2.0
    at_s = own["departure_s"] if programme.applies_at == "entry" else own["arrival_s"]
    let_off = np.zeros(len(own))
    for discount in programme.discounts:
        inside = (at_s >= discount.start_s) & (at_s < discount.end_s)
        let_off = np.maximum(let_off, np.where(inside, discount.discount_share, 0.0))
    mean_shift = float(shift_min[moved].mean()) if moved.any() else float("nan")
    morning, users = none["departure_s"] < _MORNING_ENDS_S, let_off > 0
    return (
        float(moved.sum() / morning.sum()),
        float((moved & users).sum() / max(users.sum(), 1)),
        mean_shift,
        _fall(none, own, start_s, end_s),
        float(let_off.mean()),
        _fall(none, own, middle_s - 900.0, middle_s + 900.0),
        float(((morning & moved).sum() + response * (morning & users & ~moved).sum()) / morning.sum()),
    )


def _fall(none: Table, own: Table, start_s: float, end_s: float) -> float:
    """Return by how much departures between two times fall, as a share of them."""
    before, after = (
        int(((table["departure_s"] >= start_s) & (table["departure_s"] < end_s)).sum()) for table in (none, own)
    )
    return 1.0 - after / before


def fitted_response(programme: Programme, shift: Shift, response: float) -> float:
    """Return the share of those who would gain that has to react for the measured figure to come out.

    Those who move are in proportion to it, and so are those who leave the peak and those who buy a pass. The number of
    those who have a discount without moving is not, so that of those with a discount the odds of having moved are in
    proportion. Above 1 no share will do.

    Parameters
    ----------
    programme : Programme
        Fitted to something.
    shift : Shift
        Simulated.
    response : float
        With which it was simulated.
    """
    measured = programme.fitted_share
    found: Estimate = getattr(shift, programme.fitted_to)
    if found.mean <= 0.0:
        return float("inf")
    if programme.fitted_to == "users_moved":
        return response * (measured / (1.0 - measured)) * (1.0 - found.mean) / found.mean
    return response * measured / found.mean


_FITTED_TO = {
    "moved": "{share} of the morning, moved",
    "users_moved": "{share} of those with a discount, moved",
    "peak_hour": "{share} left the peak",
    "bought": "{share} of the morning, bought the pass",
    "nothing": "nothing that was measured",
}


def _fitted_row(name: str, programme: Programme, shift: Shift) -> str:
    """Return a row of what comes out with the fitted response."""
    fitted_to = _FITTED_TO[programme.fitted_to].format(share=f"{programme.fitted_share:.1%}".replace(".0%", "%"))
    head = f"{programme.city} (`{name}`)", fitted_to.replace("%", " %")
    if programme.fitted_to == "nothing":
        return f"| {' | '.join([*head, *'–' * 8])} |\n"
    response = fitted_response(programme, shift, RESPONSE)
    said = f"{response:.2f}" if response <= 1.0 else "1 (not reached)"
    fitted = simulate_preset(name, min(response, 1.0))
    cells = (
        said,
        _interval(fitted.moved, 100.0, " %"),
        _interval(fitted.users_moved, 100.0, " %"),
        _interval(fitted.shift_min, 1.0, ""),
        _interval(fitted.peak_hour, 100.0, " %"),
        _interval(fitted.peak_middle, 100.0, " %"),
        _interval(fitted.bought, 100.0, " %") if programme.fitted_to == "bought" else "–",
        programme.predicted or "–",
    )
    return f"| {' | '.join([*head, *cells])} |\n"


def page() -> str:
    """Return the page as Markdown."""
    incentive = IncentiveParameters()
    text = _HEAD.format(
        scenario=SCENARIO,
        settings=", ".join(f"`{item}`" for item in (*SETTINGS, f"advisor.compliance={RESPONSE:g}")),
        compliance=RESPONSE,
        worth=60.0 * incentive.fare / incentive.value_of_time,
    )
    shifts = {name: simulate_preset(name) for name in PRESETS}
    for name, programme in PRESETS.items():
        shift = shifts[name]
        cells = (
            f"{programme.city} (`{name}`)",
            programme.measured,
            _interval(shift.moved, 100.0, " %"),
            _interval(shift.users_moved, 100.0, " %"),
            _interval(shift.shift_min, 1.0, ""),
            _interval(shift.peak_hour, 100.0, " %"),
            _interval(shift.let_off, 100.0, " %"),
        )
        text += f"| {' | '.join(cells)} |\n"
    text += _FITTED + "".join(_fitted_row(name, programme, shifts[name]) for name, programme in PRESETS.items())
    text += _FOOT + section() + _SOURCES
    for programme in PRESETS.values():
        text += f"| {programme.city} | {programme.rule} | {programme.rule_source} | {programme.source} |\n"
    return text


def _interval(value: Estimate, factor: float, unit: str) -> str:
    if np.isnan(value.mean):
        return "nobody moved"
    return f"{value.mean * factor:.1f} ± {value.half_width * factor:.1f}{unit}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line, simulate, write the page."""
    parser = argparse.ArgumentParser(description="Real fare programmes, measured and simulated, side by side.")
    parser.add_argument("--out", default=str(PAGE), help="file to write, - for the terminal (default: %(default)s)")
    out = parser.parse_args(arguments).out
    text = page()
    if out == "-":
        sys.stdout.write(text)
        return
    Path(out).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

"""What real programmes did in the course of time, and entry by booking: measured and simulated, side by side.

The section of docs/incentive-presets.md on programmes that end, on people who go back, and on booked entry;
`studies.incentive_presets` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.advisor import strategy_by_name
from sim.advisor.strategies.incentive import Incentive
from sim.experiments.replications import run_replications
from sim.loading.scenario import load_scenario
from sim.locations import scenarios_dir
from sim.metrics.grouping import split_by_run
from sim.metrics.statistics import Estimate, estimate
from sim.model.parameters.incentive import PRESETS
from sim.records.table import Table

SCENARIO = "xiamen_brt2.yaml"
CROWDED = "xiamen_brt2_surge.yaml"
OFFERED = ("advisor.penetration=1", "advisor.window=15 min")
BOOKED_ENTRY = ("advisor.window=10 min", "advisor.penetration=0.2")
"""Beijing's booked entry: its slots, and who booked on the first day of all who entered."""
KEPT = 0.75
"""Of all bookings of the first year, those that were kept."""
FOLLOW = 0.5
"""Of those who book, the share that comes because of it, before anything is fitted (assumed)."""
WENT_BACK = 0.375
"""Of the first who moved for the early bird discount of Hong Kong's MTR (35 to 40 %)."""


@dataclass(frozen=True)
class Course:
    """How a programme does on its first day and on a later one, as shares of what was there without it.

    Attributes
    ----------
    left_first, left_later : Estimate
        Departures that left the peak.
    moved_first, moved_later : Estimate
        Commuters who leave at another time, of all who leave before 10:00.
    """

    left_first: Estimate
    left_later: Estimate
    moved_first: Estimate
    moved_later: Estimate


def course(preset: str, keys: tuple[str, ...], later: int, replications: int = 5) -> Course:
    """Simulate a preset and compare its first day with a later one.

    Parameters
    ----------
    preset : str
        Of a programme in `sim.model.parameters.incentive.PRESETS`.
    keys : tuple of str
        What is changed in the scenario besides.
    later : int
        The later day, which is the last; the first with the programme is 1.
    replications : int
    """
    days = (f"days={later + 1}", f"days_kept={later}", f"replications={replications}")
    scenario = load_scenario(scenarios_dir() / SCENARIO, [*OFFERED, *days, f"advisor.incentive.preset={preset}", *keys])
    runs = split_by_run(run_replications(scenario, [strategy_by_name("none"), Incentive()])["journeys"])
    programme, rows = PRESETS[preset], []
    for number in range(replications):
        none, own = runs["none", number], runs["incentive", number]
        start_s, end_s = programme.peak_start_s, programme.peak_end_s
        if start_s is None or end_s is None:
            start_s = busiest_hour_s(none["departure_s"][none["day"] == 1])
            end_s = start_s + 3600.0
        on_days = [(none.where(none["day"] == day), own.where(own["day"] == day)) for day in (1, later)]
        left = [1.0 - _inside(after, start_s, end_s) / _inside(before, start_s, end_s) for before, after in on_days]
        moved = [
            float((after["departure_s"] != before["departure_s"]).sum() / (before["departure_s"] < 36000.0).sum())
            for before, after in on_days
        ]
        rows.append((*left, *moved))
    return Course(*(estimate(column) for column in np.array(rows).T))


def busiest_hour_s(departure_s: np.ndarray) -> float:
    """Return the start of the busiest hour before noon, on a grid of 15 minutes."""
    starts_s = np.arange(0.0, 11.25 * 3600.0, 900.0)
    counts = [int(((departure_s >= start) & (departure_s < start + 3600.0)).sum()) for start in starts_s.tolist()]
    return float(starts_s[int(np.argmax(counts))])


def _inside(table: Table, start_s: float, end_s: float) -> int:
    return int(((table["departure_s"] >= start_s) & (table["departure_s"] < end_s)).sum())


@dataclass(frozen=True)
class BookedEntry:
    """What booking does, means over replications.

    Attributes
    ----------
    kept : Estimate
        Of all bookings.
    wait_saved_min, cost_saved_min : Estimate
        Per commuter who kept their booking, against the same commuter on the same day without bookings.
    others_saved_min : Estimate
        Generalized cost of all others.
    """

    kept: Estimate
    wait_saved_min: Estimate
    cost_saved_min: Estimate
    others_saved_min: Estimate


def booked_entry(follow: float, replications: int = 5) -> BookedEntry:
    """Simulate Beijing's rule of booking on a crowded line.

    Parameters
    ----------
    follow : float
        Of those who book, the share that comes because of it.
    replications : int
    """
    keys = [*BOOKED_ENTRY, f"advisor.compliance={follow}", f"replications={replications}"]
    scenario = load_scenario(scenarios_dir() / CROWDED, keys)
    strategies = [strategy_by_name("none"), strategy_by_name("booked")]
    runs = split_by_run(run_replications(scenario, strategies)["journeys"])
    rows = []
    for number in range(replications):
        none, own = runs["none", number], runs["booked", number]
        came = own["complied"]
        wait_min = (none["wait_s"] - own["wait_s"]) / 60.0
        cost_min = none["generalized_cost_min"] - own["generalized_cost_min"]
        kept = float(came.sum() / own["advised"].sum())
        rows.append((kept, float(wait_min[came].mean()), float(cost_min[came].mean()), float(cost_min[~came].mean())))
    return BookedEntry(*(estimate(column) for column in np.array(rows).T))


def follow_for_kept(found: BookedEntry, follow: float) -> float:
    """Return the share that has to come because of the booking for as many bookings to be kept as in Beijing.

    Whoever does not heed a booking may still enter in its slot by habit. Of these a share a keeps it, so that
    kept = follow + (1 - follow) a.

    Parameters
    ----------
    found : BookedEntry
        Simulated.
    follow : float
        With which it was simulated.
    """
    by_habit = (found.kept.mean - follow) / (1.0 - follow)
    return max((KEPT - by_habit) / (1.0 - by_habit), 0.0)


_TEXT = """
## In the course of time

A trial that ends is `advisor.last_day`, people who go back to their habit are `advisor.lapsing`. On `{scenario}` as
above, {trial_share} of those who would gain react in the paid trial and all of them in Hong Kong, as fitted.

| programme | fitted to | departures that left the peak, first day | later day | moved, first day | later day | \
measured, and not fitted |
|---|---|---|---|---|---|---|
| Netherlands, paid trial, the day after it ended | 22 % left the peak while paid ({trial_reached}) | \
{trial_left_first} | {trial_left_later} | {trial_moved_first} | {trial_moved_later} | -3 % directly after it, \
elsewhere -10 % |
| Hong Kong, if nobody goes back, day {later} | – | {stay_left_first} | {stay_left_later} | {stay_moved_first} \
| {stay_moved_later} | – |
| Hong Kong, going back, day {later} | 37.5 % of those who moved go back | {back_left_first} | \
{back_left_later} | {back_moved_first} | {back_moved_later} | – |

- The trial: its effect while paid is fitted; that nothing of it remains is what the model predicts, as people by
  habit are back the day after. What remained of it in the Netherlands, 3 % by one report and 10 % by another, is
  out of reach: nobody forms a new habit here. Fewer leave the peak than did there, even if all who would gain
  react: from the middle of a peak of two and a half hours nobody gets out of it within the hour that people are
  flexible here.
- Going back: the share is an input (35 to 40 % of the first who moved, within two years; Ma, Koutsopoulos, Liu and
  Basu 2020); predicted is what remains of the effect. Here it takes a day for half of them to go back (assumed), so
  that the later day shows nearly all of it. The later day differs from the first also where nobody goes back: whether
  people would gain by moving is then read off the traffic of more days.

## Booked entry

Beijing, from March 2020: entry to stations of the subway from 6:30 to 9:30 by booking a slot of 10 minutes the day
before; the code opens the gate 10 minutes before and after the slot as well (China Daily, 5 March 2020). On the
first day some 20 % of all who entered had booked (Beijing Daily, 7 March 2020). In the first year 1.17 of 1.55
million bookings were kept, 75 %, and people with a booking saved 3 to 5 minutes of queueing at the entry (Beijing
Transport Institute, as reported; confirm before quoting).

The strategy `booked` on `{crowded}` with {booked_keys} and `advisor.compliance={follow:.2f}`:

| | fitted to | simulated | measured, and not fitted |
|---|---|---|---|
| bookings kept | 75 % | {kept} | – |
| wait saved by those who came (min) | – | {wait} | 3 to 5 at the entry |
| generalized cost saved by those who came (min) | – | {cost} | – |
| generalized cost saved by all others (min) | – | {others} | – |

The share that comes because of a booking is fitted; of the others who booked some enter in their slot by habit. Not
modelled: the 10 minutes on either side of the slot, within which the gate opens as well, and the queue before the
gate; the waits here are those for a vehicle with room.
"""

LATER = 8


def section() -> str:
    """Return the section of the page as Markdown."""
    response = min(1.0, _trial_response())
    trial = course("netherlands_trial", (f"advisor.compliance={response}", "advisor.last_day=2"), later=3)
    stay = course("hong_kong", ("advisor.compliance=1",), LATER)
    lapsing = (f"advisor.lapsing={WENT_BACK}", "advisor.lapsing_days=1")
    back = course("hong_kong", ("advisor.compliance=1", *lapsing), LATER)
    follow = follow_for_kept(booked_entry(FOLLOW), FOLLOW)
    booked = booked_entry(follow)
    cells = {
        f"{name}_{what}": _percent(getattr(found, what))
        for name, found in (("trial", trial), ("stay", stay), ("back", back))
        for what in ("left_first", "left_later", "moved_first", "moved_later")
    }
    return _TEXT.format(
        scenario=SCENARIO,
        crowded=CROWDED,
        later=LATER,
        trial_share="all" if response == 1.0 else f"{response:.0%}".replace("%", " %"),
        trial_reached="not reached" if response == 1.0 else "reached",
        booked_keys=", ".join(f"`{key}`" for key in BOOKED_ENTRY),
        follow=follow,
        kept=_percent(booked.kept),
        wait=_minutes(booked.wait_saved_min),
        cost=_minutes(booked.cost_saved_min),
        others=_minutes(booked.others_saved_min),
        **cells,
    )


def _trial_response() -> float:
    """Return the share of those who would gain that has to react for the trial's effect, above 1 where none will do."""
    whole = course("netherlands_trial", ("advisor.compliance=1",), later=1)
    return PRESETS["netherlands_trial"].fitted_share / whole.left_first.mean


def _percent(value: Estimate) -> str:
    return f"{100.0 * value.mean:.1f} ± {100.0 * value.half_width:.1f} %"


def _minutes(value: Estimate) -> str:
    return f"{value.mean:.2f} ± {value.half_width:.2f}"

"""Write docs/validation.md: Xiamen BRT line 2 simulated with the observed dispatches and demand, and observed.

``python -m studies.xiamen_validation --data ../shared/data`` needs the original data for what rests on the
minute of each boarding; everything else comes from the committed network. With ``--counts-out FILE`` the boardings
by minute are written as `peakshift calibrate` reads them, and no page.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.experiments.calibration import (
    LEAST_BOARDINGS,
    Fit,
    LineDirection,
    SimulatedDays,
    busy_stops,
    calibrate,
    groups,
    line_direction,
    nearest_gap_min,
    observed_counts,
    simulate_line,
)
from sim.loading.observations import Observations
from sim.model.scenario import Scenario
from studies.xiamen_record import (
    HOURS,
    Rides,
    counts_csv,
    link_time_s,
    load_record,
    observed_rides,
    read_boarding_minutes,
    simulated_rides,
)

PAGE = Path("docs") / "validation.md"
REPLICATIONS = 5
CHANCE_SHIFT_MIN = (6, 31)
"""Boardings moved by so many minutes, either way, show what chance alone would fit."""

_HEAD = """\
# Against reality: one day on Xiamen BRT line 2

Written by `python -m studies.xiamen_validation --data ../shared/data`; do not edit. `scenarios/xiamen_brt2.yaml`
with `days=1` and no advice: the 124 observed dispatches, the 4,346 observed boardings by stop, destination and
quarter hour, and the observed minutes by link and quarter hour, {replications} simulated days. What is observed,
derived and assumed in the data: `networks/xiamen_brt2/SOURCE.md`.

**In short.** The day is an input, so most of what agrees agrees by construction, boardings by hour and persons on
board among it: people are put into the queue where they were seen to board, so that a simulation without any wait
would score perfectly. What could have failed and did not: on the first half of the line boardings lie much nearer
to simulated buses than chance. What does not match: boardings fall into more separate minutes than simulated buses
pass at, and on the second half of the line they are hardly nearer to buses than chance. Nobody can know from these
data who waited how long, or whether anybody was left behind.

## How each number is made

Observed: boardings by stop, hour and link are counts of `networks/xiamen_brt2/demand/od.csv`, in which a person is on
every link between their two stops; persons on board at :30 and rides follow each boarding over the link times of
`traffic.csv`, from a moment that is spread evenly over its quarter hour; trips are link times cumulated from each
dispatch; minutes, groups and gaps come from the column `BOARD_MINUTE` of the original record. Simulated: the same
counts of the tables `legs` (`board_s`, `alight_s`) and `stop_visits` (`arrival_s`, `departure_s`), a mean over the
simulated days. "In another cell" is half of the sum of absolute differences, as a share of the observed boardings.

## What matches by construction

Demand, dispatches and link times go in; these figures show what is lost or bent on the way. The few boardings that
are missing are people that the simulation puts behind the last bus of their stop, somewhere in the quarter hour in
which they were seen.

| quantity | observed | simulated | difference |
|---|---|---|---|
"""

_HARDLY = """
## What hardly could have differed

**This is no evidence that waits are right.** People are put into the queue in the quarter hour in which they were
seen to board; the wait moves their boarding on, so that zero waits would give the first two rows exactly, and each
row shows how far simulated waits take the boardings away from the record. On board (observed) is an estimate by a
model of the same inputs: boardings spread evenly over their quarter hour, carried over the observed link times. And
nobody is left behind on this day, so that nothing here tests what happens when vehicles are full.

| quantity | observed | simulated | difference |
|---|---|---|---|
"""

_HOURS = """
| hour | boardings, observed | simulated | on board at :30, observed | simulated | trip, observed | simulated (min) |
|---|---|---|---|---|---|---|
"""

_TRIP = """
- Trip: from the first to the last stop, of dispatches in the hour; observed as the link times cumulated. The
  simulated trip is longer by the time of boarding and alighting, which the observed link times partly contain already
  (SOURCE.md, "Link times include the stops").
"""

_NOT = """
## What does not match

| at the {stops} stops with {least} boardings or more, but the first | observed | simulated |
|---|---|---|
"""

_WHY = """
- Minutes and groups: people boarded in more separate minutes than the simulated buses pass at. Buses that stand for
  more than a minute, cards that are read at the gate before the bus is there, or minutes that were edited when the
  data were prepared would all do that. The data cannot tell them apart.
- Nearest bus: chance is the same boardings, each stop's moved by a random 6 to 30 minutes. The first half of the line
  is above chance, the second half hardly: link times by quarter hour do not say when a bus came.

## Calibration

`peakshift calibrate` simulates a line for each pair of running time noise (coefficient of variation of a lognormal
factor by trip and link) and time at stops beside that of passengers. Error: root mean square of the relative errors of
the first two columns, by stop. Gap: from an observed boarding to the nearest simulated bus. The same table on the
terminal:

```
python -m studies.xiamen_validation --data ../shared/data --counts-out runs/xiamen_counts.csv
peakshift calibrate scenarios/xiamen_brt2.yaml --counts runs/xiamen_counts.csv
```

"""

_VERDICT = """
**Read with care.** Time at stops: the gap is least with none, which is what the scenario has; the observed link times
contain the stops. Noise: the first two columns ask for ever more of it and still fall short, which says that they
measure something else as well (see above), while the gap hardly changes. So these data do not calibrate the noise.
The scenario keeps cv 0.1 (assumed), and a result that changes between 0 and 0.3 should not be trusted; to see whether
it does: `--set service.running_time_noise.cv=0.3`.

## What nobody can know from these data

- Waits: when people came to the stop is not recorded (the column for it is synthetic and partly after the boarding).
- Denied boardings: a record of boardings does not show people that could not board or gave up. With 90 places
  (assumed) nobody is left behind in the simulation; the real vehicles' places are unknown.
- Loads of single buses: no record says which bus a boarding belongs to, and the 124 dispatches may be fewer buses.
- Day to day variation: there is one day.
- The advice: nobody was advised, so nothing here says whether people would follow.

## Other data

[Loads of Athens and matrices of BART](validation-networks.md): a network with changes, and days held out.
"""


def _row(name: str, observed: float, simulated: float, digits: int = 0) -> str:
    change = (simulated / observed - 1.0) * 100.0
    return f"| {name} | {observed:,.{digits}f} | {simulated:,.{digits}f} | {change:+.1f} % |\n"


def _moved(observed: FloatArray, simulated: FloatArray) -> float:
    """Return the share of the observed count that lies in another cell when simulated."""
    return float(np.abs(observed - simulated).sum() / 2.0 / observed.sum())


def by_construction(observed: Rides, simulated: Rides) -> str:
    """Return the rows of what goes in as it comes out."""
    seen, got = observed.by_stop_and_hour().sum(axis=1), simulated.by_stop_and_hour().sum(axis=1)
    along, ridden = observed.along_the_line(), simulated.along_the_line()
    text = _row("boardings in the day", seen.sum(), got.sum())
    text += f"| boardings by stop | 36 stops | | {_moved(seen, got):.2%} at another stop |\n"
    peak = int(along.argmax())
    text += _row(f"persons of the day from stop {peak} to {peak + 1}, the fullest link", along[peak], ridden[peak])
    worst = float(np.abs(ridden / along - 1.0).max())
    return text + f"| load along the line | 35 links | | at most {worst:.2%} on any link |\n"


def hardly_different(observed: Rides, simulated: Rides) -> str:
    """Return the rows of what the simulation has to find."""
    seen, got = observed.by_stop_and_hour(), simulated.by_stop_and_hour()
    persons = np.array([(observed.on_board_at(t), simulated.on_board_at(t)) for t in (HOURS + 0.5) * 3600.0])
    other = _moved(seen.sum(axis=0), got.sum(axis=0))
    text = f"| boardings by hour | {len(HOURS)} hours | | {other:.1%} in another hour |\n"
    text += f"| boardings by stop and hour | {seen.size} cells | | {_moved(seen, got):.1%} in another cell |\n"
    busiest = int(persons[:, 0].argmax())
    text += _row(f"on board at {HOURS[busiest]}:30, the fullest half past", *persons[busiest])
    ride, rode = (float((part.alight_s - part.board_s).mean()) / 60.0 for part in (observed, simulated))
    return text + _row("mean ride (min)", ride, rode, 1)


def by_hour(scenario: Scenario, observed: Rides, days: SimulatedDays) -> str:
    """Return the rows of the table over the day."""
    seen, got = (part.by_stop_and_hour().sum(axis=0) for part in (observed, simulated_rides(scenario, days)))
    visits = days.visits
    starts = np.flatnonzero(visits["stop_sequence"] == 0)
    first_s = visits["departure_s"][starts]
    # Visits of a trip follow each other in the table, 36 of them.
    took_by_vehicle_s = visits["arrival_s"][starts + 35] - first_s
    dispatch_s = np.unique(scenario.service.scheduled_departure_s[scenario.service.visit_ptr[:-1]])
    text = ""
    simulated = simulated_rides(scenario, days)
    for place, hour in enumerate(HOURS.tolist()):
        middle = (hour + 0.5) * 3600.0
        took_s = _observed_trip_s(scenario, dispatch_s[(dispatch_s // 3600) == hour])
        simulated_s = took_by_vehicle_s[first_s // 3600 == hour]
        text += (
            f"| {hour} | {seen[place]:.0f} | {got[place]:.0f} | {observed.on_board_at(middle):.0f} | "
            f"{simulated.on_board_at(middle):.0f} | {_minutes(took_s)} | {_minutes(simulated_s)} |\n"
        )
    return text


def _observed_trip_s(scenario: Scenario, dispatch_s: FloatArray) -> FloatArray:
    time_s = dispatch_s.copy()
    for stop in range(35):
        time_s += link_time_s(scenario, stop, time_s)
    took: FloatArray = time_s - dispatch_s
    return took


def _minutes(times_s: FloatArray) -> str:
    return f"{times_s.mean() / 60.0:.1f}" if len(times_s) else "–"


def without_match(observed: Mapping[str, IntArray], line: LineDirection, days: SimulatedDays) -> str:
    """Return the rows of what the minutes of boardings say."""
    seen_here = Observations(observed)
    stops = busy_stops(seen_here, line)
    minutes, grouped = observed_counts(seen_here, line)
    replications = np.unique(days.visits["replication"]).tolist()
    seen = [[day[stop] for stop in stops] for day in map(days.boarding_minutes, replications)]
    text = f"| separate minutes with boardings | {minutes} | {np.mean([sum(map(len, day)) for day in seen]):.0f} |\n"
    text += f"| groups of consecutive minutes | {grouped} | {np.mean([sum(map(groups, day)) for day in seen]):.0f} |\n"
    for name, half in (("1 to 17", line.stops[1:18]), ("18 to 34", line.stops[18:35])):
        near, by_chance = _near_share(observed, days, half, replications)
        text += f"| boardings within 1 min of a bus, stops {name} | {near:.0%} | by chance {by_chance:.0%} |\n"
    return text


def _near_share(
    observed: Mapping[str, IntArray], days: SimulatedDays, stops: Sequence[str], replications: Sequence[int]
) -> tuple[float, float]:
    rng = np.random.default_rng(1)
    near, by_chance = [], []
    for replication in replications:
        departures_s = days.departures_s(replication)
        for stop in stops:
            moved = observed[stop] + rng.integers(*CHANCE_SHIFT_MIN) * rng.choice((-1, 1))
            near.append(nearest_gap_min(observed[stop], departures_s[stop]) <= 1)
            by_chance.append(nearest_gap_min(moved, departures_s[stop]) <= 1)
    return float(np.concatenate(near).mean()), float(np.concatenate(by_chance).mean())


def fits_table(fits: Sequence[Fit], observed: Observations, line: LineDirection) -> str:
    """Return the fits as a Markdown table, the least error marked."""
    minutes, grouped = observed_counts(observed, line)
    best = min(fits, key=lambda one: one.error)
    lines = [
        "| noise (cv) | time at stops (s) | minutes with boardings | groups of minutes | error | mean gap (min) |",
        "|---|---|---|---|---|---|",
        f"| observed | | {minutes} | {grouped} | | |",
    ]
    for one in fits:
        mark = "**" if one is best else ""
        lines.append(
            f"| {one.cv:g} | {one.dead_time_s:g} | {one.minutes:.0f} | {one.groups:.0f} | "
            f"{mark}{one.error:.3f}{mark} | {one.gap_min:.2f} |"
        )
    return "\n".join(lines) + "\n"


def page(data: Path, replications: int = REPLICATIONS) -> str:
    """Return the page as Markdown.

    Parameters
    ----------
    data : Path
        Folder that holds ``xiamen_brt2``.
    replications : int
        Simulated days.
    """
    scenario = load_record([f"replications={replications}"])
    line = line_direction(scenario, None, None)
    observed, days = observed_rides(scenario), simulate_line(scenario, line)
    simulated = simulated_rides(scenario, days)
    minutes = read_boarding_minutes(data, line.stops)
    counts = Observations(minutes)
    fits = calibrate(scenario, line, counts)
    return (
        _HEAD.format(replications=replications)
        + by_construction(observed, simulated)
        + _HARDLY
        + hardly_different(observed, simulated)
        + _HOURS
        + by_hour(scenario, observed, days)
        + _TRIP
        + _NOT.format(stops=len(busy_stops(counts, line)), least=LEAST_BOARDINGS)
        + without_match(minutes, line, days)
        + _WHY
        + fits_table(fits, counts, line)
        + _VERDICT
    )


def main() -> None:
    """Read the command line and write the page, or the counts."""
    parser = argparse.ArgumentParser(description="Write docs/validation.md.")
    parser.add_argument("--data", type=Path, default=Path("..") / "shared" / "data")
    parser.add_argument("--counts-out", type=Path, metavar="FILE", help="write boardings by minute there, and no page")
    given = parser.parse_args()
    if given.counts_out is None:
        PAGE.write_text(page(given.data), encoding="utf-8")
        return
    stops = line_direction(load_record(), None, None).stops
    given.counts_out.parent.mkdir(parents=True, exist_ok=True)
    given.counts_out.write_text(counts_csv(read_boarding_minutes(given.data, stops)), encoding="utf-8")


if __name__ == "__main__":
    main()

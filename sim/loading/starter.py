"""A commented scenario to begin with, for a network that somebody has just made."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Final

import numpy as np

from sim.loading.network_folder import LoadedNetwork
from sim.locations import networks_dir
from sim.units import format_clock_short

_HOUR_S: Final = 3600.0
_REST: Final = """\
# ImportOptions are derived: departure + ride at free running time + slack, spread evenly over +/- spread.
population:
  preferred_arrival_slack: 10 min     # assumed
  preferred_arrival_spread: 5 min     # assumed
  earlier_flexibility: 60 min         # assumed: nobody leaves more than this before or after the habit
  later_flexibility: 60 min           # assumed

service:
  boarding_rule: present_at_arrival
  running_time_noise:                 # a timetable has no noise; assumed
    distribution: lognormal
    cv: 0.1

journeys:
  max_transfers: 1

behaviour:
  departure_choice: habitual          # without advice people leave as always

advisor:
  strategy: none      # none, same_for_all, individual or coordinated; `compare` runs all four
  penetration: 0.5    # share of commuters who receive advice; assumed
  compliance: 0.2     # share of those who follow it; assumed
  window: 15 min      # width of the recommended departure windows; assumed
"""
"""What is the same for every network."""


def starter_scenario(loaded: LoadedNetwork, network: Path, scenario: Path) -> str:
    """Return the text of a scenario that runs on a network.

    Parameters
    ----------
    loaded : LoadedNetwork
    network : Path
        Where the network lies.
    scenario : Path
        Where the scenario will lie; the network is named from there.
    """
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", scenario.stem) or "mine"
    service = loaded.service
    first, last = service.scheduled_departure_s.min(), service.scheduled_arrival_s.max()
    commuters = float(loaded.demand.commuters.sum())
    notes = "".join(f"#   {note}\n" for note in loaded.network.notes)
    people = f"{commuters:,.0f} commuters" if len(loaded.demand) else "no demand of its own"
    return f"""\
# A first scenario for the network {loaded.network.name}: {len(loaded.network.stop_id):,} stops, \
{len(service.lines):,} lines, {len(service.trip_id):,} trips
# from {format_clock_short(float(first))} to {format_clock_short(float(last))}, {people}.
{"# What is not observed in it:" + chr(10) + notes if notes else ""}#
#   peakshift validate {scenario}
#   peakshift run      {scenario}
#   peakshift compare  {scenario}
#
# Try another value without editing:  --set advisor.penetration=0.3
# Every key, with its unit, bounds, default and source: docs/scenario-reference.md

name: {_quoted(name)}
description: {_quoted(f"First look at {loaded.network.name}.")}

seed: 1
replications: 3       # repetitions with other random numbers; take 10 or more for results you show
days: 6               # day 0 is by habit; advice is given from day 1 on
period: 15 min        # observation period of tables and forecasts

network:
  folder: {_quoted(_folder(network, scenario))}
  # date: "2026-03-04"          the first date with the most trips, unless you name one
  # lines_used: [...]           only these lines, by id
{_demand(loaded)}
{_REST}"""


def _folder(network: Path, scenario: Path) -> str:
    """Name a network as a scenario finds it: by name where it is shipped, else by the way to it."""
    place = network.resolve()
    if place.parent == networks_dir().resolve():
        return place.name
    return Path(os.path.relpath(place, scenario.resolve().parent)).as_posix()


def _demand(loaded: LoadedNetwork) -> str:
    if len(loaded.demand):
        return """
demand:
  scale: 1.0          # 1.0 is the demand of the network; vehicles keep their size whatever the scale
"""
    start, end, begin = _example_flow(loaded)
    names = [loaded.network.stop_name[row] for row in (start, end)]
    ids = [_quoted(loaded.network.stop_id[row]) for row in (start, end)]
    pieces = f'[{{start: "{format_clock_short(begin)}", end: "{format_clock_short(begin + _HOUR_S)}", commuters: 100}}]'
    return f"""
# The network has no demand: `peakshift demand` makes one of a table, of counts or of a total. Until then
# 100 commuters, an assumed number, ride from {json.dumps(names[0])} to {json.dumps(names[1])}.
demand:
  flows:
    - origin: {ids[0]}
      destination: {ids[1]}
      pieces: {pieces}
"""


def _example_flow(loaded: LoadedNetwork) -> tuple[int, int, float]:
    """Return the ends of the stop pattern with the most trips, and the hour in which most of these start."""
    service = loaded.service
    pattern = int(np.bincount(service.trip_pattern).argmax())
    stops = service.patterns[pattern].stops
    starts_s = service.scheduled_departure_s[service.visit_ptr[:-1]][service.trip_pattern == pattern]
    hour = int(np.bincount((starts_s // _HOUR_S).astype(np.int64)).argmax())
    # A line that ends where it starts still leads to the stop before that.
    last = next(stop for stop in reversed(stops) if stop != stops[0])
    return stops[0], last, hour * _HOUR_S


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

"""A commented scenario to begin with, for a network that somebody has just made."""

from __future__ import annotations

import json
import re
from pathlib import Path
from shlex import quote
from typing import Final

from sim.loading.demand_making.gravity import SEATS_TAKEN, suggested_total
from sim.loading.network_folder import LoadedNetwork
from sim.loading.network_places import way_to_network
from sim.loading.starter_changes import example_variants
from sim.locations import networks_dir
from sim.units import format_clock_short

_MEAN_RIDE_S: Final = 900.0
_REST: Final = """\
# Preferred arrivals are derived: departure + ride at free running time + slack, spread evenly over +/- spread.
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
  max_transfers: 2

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
    said = quote(str(scenario))
    return f"""\
# A first scenario for the network {loaded.network.name}: {len(loaded.network.stop_id):,} stops, \
{len(service.lines):,} lines, {len(service.trip_id):,} trips
# from {format_clock_short(float(first))} to {format_clock_short(float(last))}, {people}.
{"# What is not observed in it:" + chr(10) + notes if notes else ""}#
#   peakshift validate {said}
#   peakshift run      {said}
#   peakshift compare  {said}
#
# Try another value without editing:  --set advisor.penetration=0.3
# Every key, with its unit, bounds, default and source: docs/scenario-reference.md

name: {_quoted(name)}
description: {_quoted(f"First look at {loaded.network.name}.")}

seed: 1
replications: 3       # repetitions with other random numbers; take 10 or more for results you show
days: 6               # day 0 is by habit; advice is given from day 1 on
period: 15 min        # observation period of tables and forecasts

# Advice is measured against people by habit and against people who have found their best times by themselves. The
# second simulates up to 60 more days a replication; for a quick first look, leave it out:
# baselines: [habit]

network:
  folder: {_quoted(_folder(network, scenario))}
  # date: "{loaded.date}"          the first date with the most trips, unless you name another one
  # lines_used: [...]           only these lines, by id
{_demand(loaded)}
{_REST}
{example_variants(loaded)}"""


def _folder(network: Path, scenario: Path) -> str:
    """Name a network as a scenario finds it: by name where it is shipped, else by the way to it."""
    place = network.resolve()
    if place.parent == networks_dir().resolve():
        return place.name
    return way_to_network(place, scenario.resolve().parent)


def _demand(loaded: LoadedNetwork) -> str:
    if len(loaded.demand):
        return """
demand:
  scale: 1.0          # 1.0 is the demand of the network; vehicles keep their size whatever the scale
"""
    total = suggested_total(loaded.service, _MEAN_RIDE_S)
    return f"""
# The network has no demand. Until `peakshift demand` makes one of counts or of a table, this one is SYNTHETIC: nobody
# observed it. The total is suggested from the seats offered: at it {SEATS_TAKEN:.0%} of them (assumed) are taken on
# average over the day. Trips between two stops grow with the trips that call there and fall with the time between.
demand:
  gravity:
    total: {total:.0f}
    mean_ride: {_MEAN_RIDE_S / 60.0:g} min    # assumed
    profile: two_peaks   # assumed; cut to the hours with service
"""


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)

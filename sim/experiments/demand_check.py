"""Demand held against service before anything is simulated: by the timetable, who cannot get where they want."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.metrics.long_waits import LONG_WAIT_S
from sim.metrics.unserved import NO_JOURNEY_SHARE, TOLD_SHARE
from sim.model.last_departures import last_departures
from sim.model.scenario import Scenario
from sim.routing.walks import Walks, find_walks

_MOST_RIDES: Final = 6
"""Vehicles of a journey that are tried where fewer do not lead there."""


@dataclass(frozen=True)
class _RidingFlows:
    """Flows whose people cannot walk all the way, and the stops of their ends."""

    origin: IntArray
    goal: IntArray
    destination: IntArray
    start_s: FloatArray
    end_s: FloatArray
    commuters: FloatArray


def demand_remarks(scenario: Scenario) -> list[str]:
    """Say it where more than a few per cent of the commuters have no journey, no vehicle any more, or none for long.

    Waits are those for the first vehicle at the stop of origin, whatever its line, and so the least that is possible.

    Parameters
    ----------
    scenario : Scenario
    """
    total = float(scenario.demand.commuters.sum())
    if not total > 0 or not scenario.service.trip_id:
        return []
    walks = find_walks(scenario.network, scenario.parameters.journeys)
    flows = _flows(scenario, walks)
    if not len(flows.goal):  # all can walk all the way
        return []
    journeys = scenario.parameters.journeys
    rides = _MOST_RIDES if journeys.routing == "strategy" else journeys.max_transfers + 1
    last_s = _last_s(scenario, walks, flows, rides)
    if last_s is None:
        return ["demand was not held against the timetable, since the network is too large for that; a run tells"]
    nowhere = np.isneginf(last_s)
    after = np.clip((flows.end_s - last_s) / np.maximum(flows.end_s - flows.start_s, 1.0), 0.0, 1.0)
    words = f"have no journey of at most {rides} {'vehicle' if rides == 1 else 'vehicles'}"
    remarks = _about(scenario, flows, np.where(nowhere, 1.0, 0.0), total, words, NO_JOURNEY_SHARE)
    if remarks and rides < _MOST_RIDES:
        remarks[0] += _with_more_rides(scenario, walks, flows, nowhere)
    remarks += _about(
        scenario, flows, np.where(nowhere, 0.0, after), total, "leave after the last vehicle that gets them there"
    )
    words = f"leave more than {LONG_WAIT_S / 60.0:g} min (assumed) before any vehicle of their stop"
    return remarks + _about(scenario, flows, _waits_long(scenario, flows).astype(np.float64), total, words)


def _flows(scenario: Scenario, walks: Walks) -> _RidingFlows:
    demand, stops = scenario.demand, len(scenario.network.stop_id)
    on_foot = walks.all_the_way(scenario.parameters.journeys)
    walked = np.array([start * stops + goal for start, goal in on_foot], dtype=np.int64)
    rides = (demand.commuters > 0) & ~np.isin(demand.origin * stops + demand.destination, walked)
    destination = demand.destination[rides]
    columns = (demand.start_s[rides], demand.end_s[rides], demand.commuters[rides])
    return _RidingFlows(demand.origin[rides], np.unique(destination), destination, *columns)


def _last_s(scenario: Scenario, walks: Walks, flows: _RidingFlows, rides: int) -> FloatArray | None:
    """Return when each flow has to leave at the latest; minus infinity where it has no journey."""
    stops = len(scenario.network.stop_id)
    goal = np.searchsorted(flows.goal, flows.destination)
    ends = np.zeros((stops, len(flows.goal)), dtype=np.bool_)
    table = walks.ends
    row = np.searchsorted(flows.goal, table.goal)
    known = flows.goal[np.minimum(row, len(flows.goal) - 1)] == table.goal
    ends[table.start[known], row[known]] = True
    transfers = walks.transfers
    changes = zip(transfers.start.tolist(), transfers.goal.tolist(), transfers.walk_s.tolist(), strict=True)
    wanted = np.zeros(ends.shape, dtype=np.bool_)
    wanted[flows.origin, goal] = True
    by_stop = last_departures(scenario.service, changes, ends, rides, wanted)
    if by_stop is None:
        return None
    last_s = by_stop.copy()
    for start, first, walk_s in zip(table.start.tolist(), table.goal.tolist(), table.walk_s.tolist(), strict=True):
        np.maximum(last_s[start], by_stop[first] - walk_s, out=last_s[start])
    found: FloatArray = last_s[flows.origin, goal]
    return found


def _with_more_rides(scenario: Scenario, walks: Walks, flows: _RidingFlows, nowhere: BoolArray) -> str:
    """Say how many of those without a journey more changes of vehicle would help."""
    columns = (flows.start_s[nowhere], flows.end_s[nowhere], flows.commuters[nowhere])
    some = _RidingFlows(
        flows.origin[nowhere], np.unique(flows.destination[nowhere]), flows.destination[nowhere], *columns
    )
    more = _last_s(scenario, walks, some, _MOST_RIDES)
    if more is None:
        return ""
    helped = np.isfinite(more)
    share = float(some.commuters[helped].sum() / some.commuters.sum())
    others = "" if helped.all() else ", others at most with a longer walk (journeys.longest_walk)"
    return f"; {100.0 * share:.0f} % of them have one with more changes (journeys.max_transfers){others}"


def _waits_long(scenario: Scenario, flows: _RidingFlows) -> BoolArray:
    service = scenario.service
    boards = service.visit_boards.copy()
    boards[service.runs.ends] = False
    stop, time_s = service.visit_stop[boards], service.scheduled_departure_s[boards]
    order = np.lexsort((time_s, stop))
    stop, time_s = stop[order], time_s[order]
    middle_s = (flows.start_s + flows.end_s) / 2.0
    long = np.zeros(len(middle_s), dtype=np.bool_)
    for origin in np.unique(flows.origin).tolist():
        first, end = np.searchsorted(stop, [origin, origin + 1])
        mine = np.flatnonzero(flows.origin == origin)
        following = np.searchsorted(time_s[first:end], middle_s[mine])
        later = following < end - first
        waits_s = time_s[first:end][following[later]] - middle_s[mine[later]]
        long[mine[later]] = waits_s > LONG_WAIT_S
    return long


def _about(
    scenario: Scenario, flows: _RidingFlows, share: FloatArray, total: float, words: str, told: float = TOLD_SHARE
) -> list[str]:
    """Return the remark, with the stop of most of them, where they are more than a few per cent."""
    people = flows.commuters * share
    part = float(people.sum()) / total
    if part <= told:
        return []
    by_stop = np.bincount(flows.origin, weights=people)
    row = int(by_stop.argmax())
    name, stop_id = scenario.network.stop_name[row], scenario.network.stop_id[row]
    most = "all of them" if np.count_nonzero(by_stop) == 1 else "most of them"
    return [
        f"{100.0 * part:.1f} % of the commuters (told above {100.0 * told:.0f} %, assumed) {words}, {most} from "
        f"{name if name == stop_id else f'{name} ({stop_id})'}"
    ]

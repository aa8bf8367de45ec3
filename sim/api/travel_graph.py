"""A run as a graph of travel times: what people waited and how long vehicles took, for NetworkX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from sim.api.results import RunResult
from sim.arrays import FloatArray
from sim.errors import InputError, Problem
from sim.model.outcome import PASSING
from sim.model.scenario import Scenario
from sim.population.crowding import crowding_multiplier
from sim.records.table import Table
from sim.routing.walks import find_walks
from sim.units import parse_clock

if TYPE_CHECKING:
    import networkx as nx

_PASSED: Final = tuple(disruption.table_name for disruption in PASSING)
_Place = tuple[str, int, str]
"""Line, direction and stop."""


def travel_time_graph(
    result: RunResult, start: str | float, end: str | float, strategy: str | None = None
) -> nx.DiGraph[str]:
    """Return what travelling took between two times of a run, as a graph for isochrones, reachability and betweenness.

    A node for each stop, and one for each line, direction and stop, on which people are on board there. Edges have a
    ``kind``, ``time_s`` (by the clock) and ``cost_s`` (in seconds of sitting on board):

    - ``wait``, from a stop on board: the mean wait that people experienced there for the line; where nobody boarded,
      that of people who come at random, sum(h^2) / (2 sum(h)) over the headways (Osuna and Newell 1972), or half of the
      time asked about where there are fewer than two vehicles.
    - ``ride``, on board to the next stop served: the mean time of vehicles from arrival to arrival; its cost is
      multiplied by crowding at their load.
    - ``alight``, from on board to the stop: nothing.
    - ``walk``, from stop to stop.

    Waits and walks cost as much as `preferences` says.

    Parameters
    ----------
    result : RunResult
    start, end : str or float
        Clock times, or seconds after midnight. Vehicles count that leave between them, and people who board.
    strategy : str, optional
        Of a comparison; needed where there are several.

    Returns
    -------
    networkx.DiGraph
        With the attributes above; nodes of stops are named by their ids.

    Raises
    ------
    InputError
        Where the times are in the wrong order, or the strategy was not run.

    Examples
    --------
    >>> import networkx as nx
    >>> import sim
    >>> graph = travel_time_graph(sim.run("two_lines_lesson", overrides={"days": 1}), "07:00", "10:00")
    >>> sorted(node for node, kind in graph.nodes(data="kind") if kind == "stop")
    ['B', 'H', 'M', 'W']
    >>> nx.has_path(graph, "H", "W")
    True
    """
    import networkx as nx

    start_s, end_s = (parse_clock(time) if isinstance(time, str) else float(time) for time in (start, end))
    if end_s <= start_s:
        raise InputError([Problem("", 0, 0, "end", f"must be after start, found {start!r} to {end!r}")])
    visits, legs = (_of_strategy(result.tables[name], strategy) for name in ("stop_visits", "legs"))
    visits = visits.where(~np.isin(visits.text("disruption"), _PASSED))
    graph: nx.DiGraph[str] = nx.DiGraph(name=result.scenario.name)
    _add_stops(graph, result.scenario)
    _add_vehicles(graph, result.scenario, visits, legs, (start_s, end_s))
    return graph


def _add_vehicles(
    graph: nx.DiGraph[str], scenario: Scenario, visits: Table, legs: Table, span: tuple[float, float]
) -> None:
    """Add waits, rides and what leads from on board to the stop."""
    start_s, end_s = span
    weight = scenario.parameters.preferences.wait_weight
    waits = _waits_s(visits, legs, span)
    for (one, other), (time_s, cost_s) in _rides_s(visits, scenario, span).items():
        for line, direction, stop in (one, other):
            node = _node((line, direction, stop))
            graph.add_node(node, kind="on_board", line_id=line, direction_id=direction, stop_id=stop)
            graph.add_edge(node, stop, kind="alight", time_s=0.0, cost_s=0.0)
        graph.add_edge(_node(one), _node(other), kind="ride", time_s=time_s, cost_s=cost_s)
        wait_s = waits.get(one, (end_s - start_s) / 2.0)
        graph.add_edge(one[2], _node(one), kind="wait", time_s=wait_s, cost_s=wait_s * weight)


def _add_stops(graph: nx.DiGraph[str], scenario: Scenario) -> None:
    """Add the stops and the walks between them."""
    network, weight = scenario.network, scenario.parameters.preferences.walk_weight
    for row, stop in enumerate(network.stop_id):
        x, y = float(network.stop_x[row]), float(network.stop_y[row])
        graph.add_node(stop, kind="stop", name=network.stop_name[row], x=x, y=y)
    walks = find_walks(network, scenario.parameters.journeys).ends
    for first, last, walk_s in zip(walks.start.tolist(), walks.goal.tolist(), walks.walk_s.tolist(), strict=True):
        if first != last:
            ends = network.stop_id[first], network.stop_id[last]
            graph.add_edge(*ends, kind="walk", time_s=walk_s, cost_s=walk_s * weight)


def _of_strategy(table: Table, strategy: str | None) -> Table:
    names = table.text("strategy")
    known = sorted(set(names.tolist()))
    if (strategy is None and len(known) > 1) or (strategy is not None and known and strategy not in known):
        message = f"must be one of those that were run: {', '.join(known)}; found {strategy!r}"
        raise InputError([Problem("", 0, 0, "strategy", message)])
    return table if strategy is None else table.where(names == strategy)


def _node(place: _Place) -> str:
    """Return the name of a node on board."""
    line, direction, stop = place
    return f"{line}/{direction} at {stop}"


def _places(visits: Table) -> list[_Place]:
    columns = (visits.text("line_id"), visits["direction_id"].tolist(), visits.text("stop_id"))
    return list(zip(*columns, strict=True))


def _rides_s(
    visits: Table, scenario: Scenario, span: tuple[float, float]
) -> dict[tuple[_Place, _Place], tuple[float, float]]:
    """Return the mean time and cost of rides to the next stop served, in seconds."""
    trips = np.unique(visits.text("trip_id").astype(str), return_inverse=True)[1]
    order = np.lexsort((visits["stop_sequence"], trips, visits["day"], visits["replication"]))
    runs = np.stack([visits["replication"], visits["day"], trips])[:, order]
    arrival_s, departure_s = visits["arrival_s"][order], visits["departure_s"][order]
    load = visits["departing_load"][order] / np.maximum(visits["capacity"][order], 1)
    follows = (runs[:, 1:] == runs[:, :-1]).all(axis=0) & np.isfinite(arrival_s[1:])
    follows &= (departure_s[:-1] >= span[0]) & (departure_s[:-1] < span[1])
    places = _places(visits)
    found: dict[tuple[_Place, _Place], tuple[float, float, int]] = {}
    multiplier = crowding_multiplier(scenario.parameters.preferences.crowding, load)
    for row in np.flatnonzero(follows).tolist():
        pair = (places[order[row]], places[order[row + 1]])
        time_s = float(arrival_s[row + 1] - arrival_s[row])
        sums = found.get(pair, (0.0, 0.0, 0))
        found[pair] = (sums[0] + time_s, sums[1] + time_s * float(multiplier[row]), sums[2] + 1)
    return {pair: (time_s / count, cost_s / count) for pair, (time_s, cost_s, count) in found.items()}


def _waits_s(visits: Table, legs: Table, span: tuple[float, float]) -> dict[_Place, float]:
    """Return the mean wait in seconds by line, direction and stop: experienced, or by headways where nobody boarded."""
    departures: dict[tuple[_Place, int, int], list[float]] = {}
    trip_line = {}
    runs = zip(visits["replication"].tolist(), visits["day"].tolist(), visits["departure_s"].tolist(), strict=True)
    for place, trip, (replication, day, time_s) in zip(_places(visits), visits.text("trip_id"), runs, strict=True):
        trip_line[trip] = place[:2]
        if span[0] <= time_s < span[1]:
            departures.setdefault((place, replication, day), []).append(time_s)
    gaps: dict[_Place, list[FloatArray]] = {}
    for (place, _, _), times_s in departures.items():
        gaps.setdefault(place, []).append(np.diff(np.sort(times_s)))
    waits = {}
    for place, parts in gaps.items():
        headways_s = np.concatenate(parts)
        if headways_s.sum() > 0:
            waits[place] = float((headways_s**2).sum() / (2.0 * headways_s.sum()))
    experienced: dict[_Place, list[float]] = {}
    boarded = (legs["board_s"] >= span[0]) & (legs["board_s"] < span[1])
    columns = (legs.text("trip_id"), legs.text("board_stop_id"), legs["board_s"] - legs["wait_from_s"])
    for trip, stop, wait_s in zip(*(column[boarded] for column in columns), strict=True):
        if trip in trip_line:
            experienced.setdefault((*trip_line[trip], stop), []).append(float(wait_s))
    return {**waits, **{place: float(np.mean(values)) for place, values in experienced.items()}}

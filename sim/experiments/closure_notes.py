"""What closed links do to lines: for the manifest, the report and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.model.detours import Hindrance, find_hindrances
from sim.model.notes import note
from sim.model.scenario import Scenario
from sim.units import format_clock_short


def closure_facts(scenario: Scenario) -> list[dict[str, Any]]:
    """Return where vehicles go round closed links, and where they wait, by line, direction, stop and time.

    Parameters
    ----------
    scenario : Scenario
    """
    network, service = scenario.network, scenario.service
    found = find_hindrances(network, service, scenario.parameters.disruptions.links)
    facts = [_facts(scenario, item) for item in found if item.factor is None or item.goes_round]
    distinct = {tuple(map(str, fact.values())): fact for fact in facts}
    return [distinct[key] for key in distinct]


def _facts(scenario: Scenario, item: Hindrance) -> dict[str, Any]:
    network, pattern = scenario.network, scenario.service.patterns[item.pattern]
    missed = pattern.stops[item.place + 1 : item.place + 1 + max(item.missed, 0)]
    reached = item.place + 1 + max(item.missed, 0)
    nodes = [network.nodes[int(network.link_to[link])] for link in item.links]
    return {
        "line_id": scenario.service.lines[pattern.line].line_id,
        "direction_id": pattern.direction_id,
        "from": network.stop_id[pattern.stops[item.place]],
        "to": network.stop_id[pattern.stops[reached]],
        "start_s": item.start_s,
        "end_s": item.end_s,
        "kind": "waits" if item.factor is None else "goes_round",
        "by": nodes[:-1],
        "missed_stops": [network.stop_id[stop] for stop in missed],
        "running_time_factor": item.factor,
    }


def closure_notes(facts: Sequence[dict[str, Any]]) -> list[str]:
    """Say where vehicles go round.

    Parameters
    ----------
    facts : sequence of dict
        As `closure_facts` returns them.
    """
    return [
        note("goes_round", **_where(fact), by=", ".join(map(str, fact["by"])), end=str(fact["to"]))
        if fact["by"]
        else note("goes_round_next", **_where(fact), end=str(fact["to"]))
        for fact in facts
        if fact["kind"] == "goes_round"
    ]


def closure_warnings(facts: Sequence[dict[str, Any]]) -> list[str]:
    """Say which stops are missed, and where vehicles wait.

    Parameters
    ----------
    facts : sequence of dict
        As `closure_facts` returns them.
    """
    missed = [
        note("stops_missed", **_where(fact), stops=", ".join(map(str, fact["missed_stops"])))
        for fact in facts
        if fact["missed_stops"]
    ]
    waiting = [note("waits_before", **_where(fact), end=str(fact["to"])) for fact in facts if fact["kind"] == "waits"]
    return [*missed, *waiting]


def _where(fact: dict[str, Any]) -> dict[str, str]:
    """Return which vehicles are meant, and when."""
    return {
        "line": str(fact["line_id"]),
        "direction": str(fact["direction_id"]),
        "start": str(fact["from"]),
        "first": format_clock_short(fact["start_s"]),
        "last": format_clock_short(fact["end_s"]),
    }

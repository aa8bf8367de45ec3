"""What closed links do to lines: for the manifest, the report and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sim.model.detours import Hindrance, find_hindrances
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
        f"{_vehicles(fact)} go round {_by(fact)} to {fact['to']} {_span(fact)}."
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
        f"{_vehicles(fact)} miss {', '.join(map(str, fact['missed_stops']))} {_span(fact)}: no open way leads there"
        for fact in facts
        if fact["missed_stops"]
    ]
    waiting = [
        f"{_vehicles(fact)} wait before the closed link to {fact['to']} {_span(fact)}"
        for fact in facts
        if fact["kind"] == "waits"
    ]
    return [*missed, *waiting]


def _by(fact: dict[str, Any]) -> str:
    return f"by {', '.join(map(str, fact['by']))}" if fact["by"] else "by another link"


def _vehicles(fact: dict[str, Any]) -> str:
    return f"vehicles of line {fact['line_id']}, direction {fact['direction_id']}, that leave {fact['from']}"


def _span(fact: dict[str, Any]) -> str:
    return f"from {format_clock_short(fact['start_s'])} to {format_clock_short(fact['end_s'])}"

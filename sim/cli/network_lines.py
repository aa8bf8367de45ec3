"""``peakshift network lines``: the lines of a network, or those of a name."""

from __future__ import annotations

from typing import Any

import click

from sim.cli.completion import complete_scenarios_and_networks
from sim.cli.options import json_option
from sim.cli.output import counted, echo, print_json, print_listing, text_of
from sim.errors import UnknownNameError


@click.command(short_help="List lines, or find them by name or id.")
@click.argument("network", metavar="NETWORK|SCENARIO", shell_complete=complete_scenarios_and_networks)
@click.argument("text", nargs=-1)
@json_option
def lines(network: str, text: tuple[str, ...], as_json: bool) -> None:
    """List the lines of NETWORK, or those with all words of TEXT in their names or id.

    A TEXT that is an id lists that line alone. TEXT may be in any case and without diacritics. NETWORK is a folder, a
    GTFS feed, the name of a network that comes with peakshift, or a scenario file, whose changes of the service count.
    With --json the stops of each direction are told as well.
    """
    from sim.cli.network_listing import hours, line_facts, network_and_service
    from sim.loading.hints import did_you_mean
    from sim.loading.name_search import holds

    known, service = network_and_service(network)
    sought = text_of(text)
    every = line_facts(known, service)
    facts = [fact for fact in every if fact["line_id"] == sought] or [
        fact for fact in every if holds((fact["line_id"], fact["name"], fact["long_name"]), sought)
    ]
    if not facts:
        names = [name for line in service.lines for name in (line.line_id, *line.names)]
        raise UnknownNameError(
            f"no line of {known.name} has {sought!r} in its names or id{did_you_mean(sought, names)}"
        )
    if as_json:
        print_json(facts)
        return
    rows = [
        [fact["line_id"], fact["label"], fact["mode"], f"{fact['trips']:,}", *hours(fact), _ways(fact)]
        for fact in facts
    ]
    print_listing(["id", "name", "mode", "trips", "first", "last", "stops, by direction"], rows, left=(0, 1, 2, 6))
    echo(f"\n{counted(len(facts), 'line')} of {len(service.lines):,}")


def _ways(fact: dict[str, Any]) -> str:
    """Name where each direction leads, by the stops that most of its trips serve."""
    return "; ".join(
        f"{way['direction_id']}: {way['stop_names'][0]} → {way['stop_names'][-1]} ({len(way['stops'])} stops)"
        for way in fact["directions"]
    )

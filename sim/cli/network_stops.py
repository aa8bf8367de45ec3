"""``peakshift network stops``: the stops of a network, or those of a name."""

from __future__ import annotations

import click

from sim.cli.completion import complete_scenarios_and_networks
from sim.cli.options import json_option
from sim.cli.output import counted, echo, print_json, print_listing, text_of
from sim.errors import UnknownNameError


@click.command(short_help="List stops, or find them by name or id.")
@click.argument("network", metavar="NETWORK|SCENARIO", shell_complete=complete_scenarios_and_networks)
@click.argument("text", nargs=-1)
@json_option
def stops(network: str, text: tuple[str, ...], as_json: bool) -> None:
    """List the stops of NETWORK, or those with all words of TEXT in their name or id.

    A TEXT that is an id lists that stop alone. TEXT may be in any case and without diacritics. NETWORK is a folder, a
    GTFS feed, the name of a network that comes with peakshift, or a scenario file, whose changes of the service count.
    Ids and names can both be written in scenarios; a name only where one stop alone has it.
    """
    from sim.cli.network_listing import hours, network_and_service, stop_facts
    from sim.loading.hints import did_you_mean
    from sim.loading.name_search import holds

    known, service = network_and_service(network)
    sought = text_of(text)
    every = stop_facts(known, service)
    facts = [fact for fact in every if fact["stop_id"] == sought] or [
        fact for fact in every if holds((fact["stop_id"], fact["name"]), sought)
    ]
    if not facts:
        hint = did_you_mean(sought, [*known.stop_id, *known.stop_name])
        raise UnknownNameError(f"no stop of {known.name} has {sought!r} in its name or id{hint}")
    if as_json:
        print_json(facts)
        return
    rows = [
        [fact["stop_id"], fact["name"], f"{fact['departures']:,}", *hours(fact), ", ".join(fact["line_names"])]
        for fact in facts
    ]
    print_listing(["id", "name", "departures", "first", "last", "lines"], rows, left=(0, 1, 5))
    echo(f"\n{counted(len(facts), 'stop')} of {len(known.stop_id):,}")

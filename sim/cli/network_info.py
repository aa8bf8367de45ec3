"""``peakshift network info``: counts, span of service, busiest hours and a picture."""

from __future__ import annotations

import click

from sim.cli.completion import complete_networks
from sim.cli.options import json_option
from sim.cli.output import echo, print_facts, print_json, save_picture
from sim.loading.shipped import find_network

_PICTURES = (".png", ".svg", ".pdf")


def picture_name(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Return the name of a file for a picture; only some kinds can be drawn."""
    if value is not None and not value.lower().endswith(_PICTURES):
        raise click.BadParameter(f"{value!r} ends in none of {', '.join(_PICTURES)}")
    return value


@click.command(short_help="Show what a network holds.")
@click.argument("folder", metavar="FOLDER|ZIP", shell_complete=complete_networks)
@click.option(
    "--picture",
    callback=picture_name,
    metavar="FILE",
    help="Draw stops and links into this file too: .png, .svg or .pdf.",
)
@json_option
def info(folder: str, picture: str | None, as_json: bool) -> None:
    """Show what a network folder, GTFS folder or GTFS zip holds.

    FOLDER may be the name of a network that comes with peakshift. A GTFS feed is read for the
    first date with the most trips. Remarks go to stderr.
    """
    from sim.cli.network_facts import facts_in_words, network_facts, stops_and_links
    from sim.loading.network_folder import load_network

    loaded = load_network(find_network(folder))
    facts = network_facts(loaded)
    for mention in facts["mentions"]:
        echo(mention, err=True)
    if picture is not None:
        from sim.report.figures.network import stops_and_links_chart

        save_picture(stops_and_links_chart(*stops_and_links(loaded)), picture)
        facts["picture"] = picture
    if as_json:
        print_json(facts)
        return
    print_facts(facts_in_words(facts) | ({"picture": picture} if picture else {}))

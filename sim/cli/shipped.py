"""``peakshift scenarios`` and ``peakshift network list``: what comes with peakshift."""

from __future__ import annotations

import click

from sim.cli.options import json_option
from sim.cli.output import echo, print_facts, print_json


@click.command(short_help="List the scenarios that come with peakshift.")
@json_option
def scenarios(as_json: bool) -> None:
    """List the scenarios that come with peakshift, each with what it is.

    Commands take them by name, from any folder.
    """
    from sim.loading.shipped_list import described_scenarios

    found = described_scenarios()
    if as_json:
        print_json(found)
        return
    print_facts(found)
    echo("\nnext  peakshift compare two_lines_lesson")


@click.command(name="list", short_help="List the networks that come with peakshift.")
@json_option
def networks(as_json: bool) -> None:
    """List the networks that come with peakshift, each with the title of its SOURCE.md."""
    from sim.loading.shipped_list import described_networks

    found = described_networks()
    if as_json:
        print_json(found)
        return
    print_facts(found)
    echo("\nnext  peakshift network info mandl")

"""``peakshift network``: commands about networks."""

from __future__ import annotations

from typing import Final

import click

from sim.cli.lazy import LazyGroup

COMMANDS: Final = {"info": "sim.cli.network_info:info"}


@click.group(cls=LazyGroup, places=COMMANDS, short_help="Look at a network folder or GTFS zip.")
def network() -> None:
    """Look at a network folder or GTFS zip."""

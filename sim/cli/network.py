"""``peakshift network``: commands about networks."""

from __future__ import annotations

from typing import Final

import click

from sim.cli.lazy import LazyGroup

COMMANDS: Final = {
    "import": "sim.cli.network_import:import_",
    "info": "sim.cli.network_info:info",
    "stops": "sim.cli.network_stops:stops",
    "lines": "sim.cli.network_lines:lines",
    "list": "sim.cli.shipped:networks",
    "fit": "sim.cli.network_fit:fit",
    "export": "sim.cli.network_export:export",
}


@click.group(
    cls=LazyGroup, commands_at=COMMANDS, short_help="Import, look at, compare with counts and export networks."
)
def network() -> None:
    """Import, look at, compare with counts and export networks."""

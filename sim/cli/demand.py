"""``peakshift demand``: demand for a network that has none."""

from __future__ import annotations

from typing import Final

import click

from sim.cli.lazy import LazyGroup

COMMANDS: Final = {
    "od": "sim.cli.demand_make:od",
    "counts": "sim.cli.demand_make:counts",
    "gravity": "sim.cli.demand_make:gravity",
    "profiles": "sim.cli.demand_make:profiles",
}


@click.group(cls=LazyGroup, commands_at=COMMANDS, short_help="Make demand for a network that has none.")
def demand() -> None:
    """Make demand for a network that has none, always labelled as synthetic."""

"""``peakshift init``: a commented scenario to begin with."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from sim.cli.output import echo
from sim.errors import InputError, Problem
from sim.loading.shipped import find_network


@click.command(short_help="Write a commented scenario for a network.")
@click.argument("network", metavar="NETWORK")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Scenario file.  [default: NETWORK.yaml]")
def init(network: str, out: Path | None) -> None:
    """Write a commented scenario that runs on NETWORK, a network folder or GTFS feed.

    NETWORK may be the name of a network that comes with peakshift. Nothing that exists is replaced.
    """
    from sim.loading.network_folder import load_network
    from sim.loading.starter import starter_scenario

    place = find_network(network)
    file = out if out is not None else Path(f"{place.resolve().stem}.yaml")
    if file.exists():
        raise InputError([Problem(str(file), 0, 0, "", "is there already; say another file with --out")])
    text = starter_scenario(load_network(place), place, file)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    echo(f"scenario  {file}\nnext      peakshift compare {quote(str(file))}")

"""``peakshift network export``: a network in the format of another program."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import click

from sim.cli.options import json_option
from sim.cli.output import echo, print_json
from sim.loading.shipped import find_network


@click.command(short_help="Write a network for another program.")
@click.argument("folder", metavar="FOLDER|ZIP")
@click.option(
    "--format",
    "form",
    type=click.Choice(["geojson", "gtfs", "gmns", "graphml", "sumo"]),
    required=True,
    help="geojson: stops and links; gtfs: the service as a zip; gmns: nodes and links; graphml: the same, as OSMnx has "
    "it; sumo: XML for netconvert.",
)
@click.option("--out", metavar="PATH", required=True, help="File (geojson, gtfs, graphml) or folder (gmns, sumo).")
@click.option("--date", metavar="YYYY-MM-DD", help="Service date.  [default: first date with the most trips]")
@json_option
def export(folder: str, form: str, out: str, date: str | None, as_json: bool) -> None:
    """Write a network folder or GTFS feed in the format of another program.

    FOLDER may be the name of a network that comes with peakshift. GTFS keeps all dates; the other
    formats hold what runs on the service date.
    """
    from sim.loading.exports import EXPORTS
    from sim.loading.network_folder import load_network

    source = find_network(folder)
    files = EXPORTS[form](load_network(source, date=date), source, Path(out))
    if as_json:
        print_json({"network": str(source), "format": form, "files": [str(file) for file in files]})
        return
    for file in files:
        echo(f"written  {file}")
    if form == "sumo":
        name = files[0].name.removesuffix(".nod.xml")
        echo(f"next     cd {quote(out)} && netconvert -c {name}.netccfg && sumo -c {name}.sumocfg")

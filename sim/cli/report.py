"""``peakshift report``: write the report of a run anew."""

from __future__ import annotations

import click

from sim.cli.options import json_option
from sim.cli.output import print_json


@click.command(short_help="Write the report of a run anew.")
@click.argument("run", metavar="RUN")
@json_option
def report(run: str, as_json: bool) -> None:
    """Write report.html of the run folder RUN anew, from its tables alone."""
    from sim.records.folder import read_run_folder, replace_report
    from sim.report.html import render_report

    folder = read_run_folder(run)
    page = replace_report(folder.path, render_report(folder.manifest, folder.summary, folder.tables()))
    if as_json:
        print_json({"run_folder": str(folder.path), "report": str(page)})
    else:
        click.echo(f"report  {page}")

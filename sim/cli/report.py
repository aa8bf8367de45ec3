"""``peakshift report``: write the report of a run anew."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli.completion import complete_runs
from sim.cli.options import json_option
from sim.cli.output import echo, print_json


@click.command(short_help="Write the report of a run anew.")
@click.argument("run", metavar="RUN", shell_complete=complete_runs)
@json_option
def report(run: str, as_json: bool) -> None:
    """Write report.html of the run folder RUN anew, from its tables alone.

    RUN may be the folder of a comparison of variants too.
    """
    from sim.records.folder import read_run_folder, replace_report
    from sim.records.variants_folder import is_variants_folder, read_variants_folder
    from sim.report.html import render_report

    if is_variants_folder(Path(run)):
        from sim.report.variants_html import render_variants_report

        page = replace_report(run, render_variants_report(*read_variants_folder(Path(run))))
        _tell(Path(run), page, as_json)
        return
    folder = read_run_folder(run)
    page = replace_report(folder.path, render_report(folder.manifest, folder.summary, folder.tables()))
    _tell(folder.path, page, as_json)


def _tell(folder: Path, page: Path, as_json: bool) -> None:
    if as_json:
        print_json({"run_folder": str(folder), "report": str(page)})
    else:
        echo(f"report  {page}")

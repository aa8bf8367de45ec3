"""``peakshift network import``: a GTFS feed to a network folder."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

import click

from sim.cli.options import json_option
from sim.cli.output import echo, print_facts, print_json, print_sentences
from sim.loading.shipped import refuse_address

if TYPE_CHECKING:
    from sim.loading.feeds.import_options import Box
    from sim.loading.feeds.import_report import ImportReport
    from sim.loading.feeds.planners_work import Work


def _box(_context: click.Context, _option: click.Parameter, value: str | None) -> Box | None:
    from sim.loading.feeds.import_options import read_box

    if value is None:
        return None
    try:
        return read_box(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _names(_context: click.Context, _option: click.Parameter, value: str | None) -> tuple[str, ...]:
    names = tuple(filter(None, (name.strip() for name in (value or "").split(","))))
    if value is not None and not names:
        raise click.BadParameter("no route is named; leave the option out for all of them")
    return names


@click.command("import", short_help="Make a network folder of a GTFS feed.")
@click.argument("feed", metavar="FEED")
@click.option(
    "--out", metavar="DIR", help="Network folder to write; an older import there is replaced, but for your own work."
)
@click.option("--date", metavar="YYYY-MM-DD", help="Only what runs on this date.  [default: all dates]")
@click.option("--routes", callback=_names, metavar="A,B,...", help="Only these routes, by id or short name.")
@click.option("--bbox", callback=_box, metavar="W,S,E,N", help="Only stops in this box, in degrees.")
@click.option("--merge-stations", is_flag=True, help="Make one stop of all platforms of a station.")
@click.option(
    "--streets", metavar="FILE|DIR", help="OSMnx GraphML or GeoJSON file or GMNS folder over which buses run."
)
@click.option(
    "--keep", "work", flag_value="keep", help="Keep what you have added to an older import there, or changed."
)
@click.option(
    "--replace", "work", flag_value="replace", help="Drop what you have added to an older import, or changed."
)
@json_option
def import_(  # noqa: PLR0913 - options by name
    feed: str,
    *,
    out: str | None,
    date: str | None,
    routes: tuple[str, ...],
    bbox: Box | None,
    merge_stations: bool,
    streets: str | None,
    work: Work | None,
    as_json: bool,
) -> None:
    """Make a network folder of FEED, a GTFS zip or a folder of GTFS tables.

    Whatever is odd in the feed is dropped or repaired by stated rules, counted and named: printed
    here and written into import_report.json of the folder. Without --out the folder is
    networks/NAME after the feed. Files that you have added to an older import in its place, such as
    demand, or changed, such as vehicles.csv, are never replaced unasked: say --keep or --replace.
    """
    from sim.loading.feeds.import_options import ImportOptions
    from sim.loading.feeds.importing import import_network

    refuse_address(feed)
    source = Path(feed)
    folder = Path(out) if out is not None else Path("networks") / source.resolve().stem
    wishes = ImportOptions(date=date, routes=routes, box=bbox, merge_stations=merge_stations)
    graph = None if streets is None else Path(streets)
    report = import_network(source, folder, wishes, streets=graph, work=work or "ask")
    if as_json:
        print_json({"network": str(folder), **report.as_dict()})
        return
    _show(report, folder)


def _show(report: ImportReport, folder: Path) -> None:
    counts = {
        name.replace("_", " "): f"{report.before.get(name, 0):,} in the feed, {count:,} in the network"
        for name, count in report.after.items()
    }
    print_facts({**counts, "dates": f"{report.first_date} to {report.last_date}"})
    for kind in ("dropped", "repaired", "noted"):
        entries = report.of_kind(kind)
        if entries:
            echo(f"\n{kind}")
            print_sentences([f"- {entry}" for entry in entries])
    if report.kept:
        echo("\nkept")
        print_sentences([f"- {name}" for name in report.kept])
    echo(f"\nnetwork  {folder}\nreport   {folder / 'import_report.json'}")
    echo(f"next     peakshift network info {quote(str(folder))}")

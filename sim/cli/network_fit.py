"""``peakshift network fit``: a run beside counts at stops and stations."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli.completion import complete_runs
from sim.cli.network_info import picture_name
from sim.cli.options import duration_s, json_option
from sim.cli.output import counted, echo, print_facts, print_json, print_listing, save_picture

if TYPE_CHECKING:
    from sim.api.count_fit import CountFit

_SHOWN = 12


@click.command(short_help="Set a run beside counts at stops and stations.")
@click.argument("run", metavar="RUN", shell_complete=complete_runs)
@click.argument("counts", metavar="COUNTS.csv", type=click.Path(path_type=Path))
@click.option("--strategy", metavar="NAME", help="Rows of this strategy of a comparison; none where not given.")
@click.option(
    "--access",
    callback=duration_s,
    metavar="TIME",
    default="0 s",
    help="From gate to platform at every station, as in '90 s'.",
)
@click.option(
    "--egress", callback=duration_s, metavar="TIME", default="0 s", help="From platform to gate at every station."
)
@click.option(
    "--stations",
    metavar="FILE.csv",
    type=click.Path(path_type=Path),
    help="The same by station: columns stop_id, access_s, egress_s.",
)
@click.option("--table", metavar="FILE.csv", type=click.Path(path_type=Path), help="Write every count into this file.")
@click.option("--picture", callback=picture_name, metavar="FILE", help="Draw into this file: .png, .svg or .pdf.")
@json_option
def fit(  # noqa: PLR0913 - one for each option
    run: str,
    counts: Path,
    *,
    strategy: str | None,
    access: float,
    egress: float,
    stations: Path | None,
    table: Path | None,
    picture: str | None,
    as_json: bool,
) -> None:
    """Set what RUN simulates beside what COUNTS.csv says was counted, by stop, direction and period.

    Columns of COUNTS.csv: counts (gate_entry, joining, boarding, alighting, load or gate_exit: what was counted),
    stop_id, start and end (clock times), persons; and, if wanted, line_id and direction_id where vehicles were
    counted. Simulated is the average day over all replications and kept days, with a 95 % interval; GEH below 5 is
    the usual mark of an hourly flow that agrees.
    """
    from sim.api.count_fit import fit_counts

    found = fit_counts(run, counts, strategy=strategy, access_s=access, egress_s=egress, stations=stations)
    if table is not None:
        table.write_text(found.csv(), encoding="utf-8")
    if picture is not None:
        save_picture(found.chart(), picture)
    if as_json:
        print_json(found.facts())
        return
    _print(found)
    written = {what: str(path) for what, path in (("table", table), ("picture", picture)) if path is not None}
    if written:
        print_facts(written)


def _print(found: CountFit) -> None:
    facts = found.facts()
    rows = [
        [
            one["counts"],
            f"{one['rows']:,}",
            f"{one['observed']:,.0f}",
            f"{one['simulated']:,.0f}",
            f"{one['mean_absolute_difference']:,.1f}",
            f"{100 * one['geh_below_5_share']:.0f} %",
        ]
        for one in facts["kinds"]
    ]
    print_listing(["counted", "rows", "observed", "simulated", "mean |difference|", "GEH < 5"], rows, left=(0,))
    worst = found.worst(_SHOWN)
    echo(f"\nthe largest differences, {len(worst)} of {len(facts['rows'])}:")
    print_listing(
        ["counted", "stop", "line", "dir.", "from", "until", "observed", "simulated", "GEH"], worst, left=(0, 1, 2)
    )
    mean, median = facts["system_min"]["mean"], facts["system_min"]["median"]
    if mean is not None:
        echo(f"\ntime from gate to gate: mean {mean:.1f} min, median {median:.1f} min")
    echo(f"{counted(facts['days'], 'simulated day')} of strategy {facts['strategy']}")

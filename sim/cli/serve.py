"""``peakshift serve``: the app for commuters and planners, on this machine unless told otherwise."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from sim.cli.completion import complete_runs_and_scenarios
from sim.cli.options import SimulationSettings, Whole, jobs_option
from sim.cli.run_folders import RUNS
from sim.errors import SimError
from sim.loading.shipped import RUN_OR_SCENARIO, find_scenario

if TYPE_CHECKING:
    from sim.app import JourneyForecast, ServedRun

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")


def _token(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Read a token that is long enough and can stand in a cookie."""
    if value is not None and not _TOKEN.fullmatch(value):
        raise click.BadParameter("a token has 16 to 128 letters, digits, - and _")
    return value


@click.command(short_help="Serve the app: when to travel, and a board for planners.")
@click.argument("source", metavar="RUN|SCENARIO", shell_complete=complete_runs_and_scenarios)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at; others need --token.")
@click.option("--port", type=Whole(0, 65535), default=8750, show_default=True, help="0 takes any free one.")
@click.option(
    "--token",
    callback=_token,
    envvar="PEAKSHIFT_TOKEN",
    metavar="TEXT",
    help="What callers must show, 16 letters or more; also read from PEAKSHIFT_TOKEN.",
)
@jobs_option
def serve(source: str, host: str, port: int, token: str | None, jobs: int | Literal["auto"]) -> None:
    """Serve pages and a JSON API about RUN until Ctrl-C.

    RUN is the folder of a run, a comparison, a sweep or a comparison of variants, or a folder that holds several of
    them, as runs/. A SCENARIO is compared first, unless its run folder is there already.
    """
    try:
        from sim.app import RunLibrary, ServeSettings, create_app, listen, serve_forever
    except ModuleNotFoundError as error:
        raise SimError(f"{error.name} is missing: pip install 'peakshift[web]' brings what the app needs") from None

    settings = ServeSettings(host, port, token)
    place = Path(source) if Path(source).is_dir() else _compared(source, jobs)
    library = RunLibrary(place)
    opened = listen(settings)
    app = create_app(library, _forecast_of, token=token, hosts=settings.hosts)
    where = f"http://{f'[{host}]' if ':' in host else host}:{opened.getsockname()[1]}"
    shown = f"?token={token}" if token else ""
    click.echo(f"{place}: {len(library.runs())} to look at; Ctrl-C ends")
    click.echo(f"commuters  {where}/{shown}\nplanners   {where}/board{shown}\nprograms   {where}/api{shown}")
    with suppress(KeyboardInterrupt):
        serve_forever(app, opened)
    click.echo("ended", err=True)


def _forecast_of(run: ServedRun) -> JourneyForecast:
    """Load what forecasts are made with when the first commuter asks: the pages need none of it, and come sooner."""
    from sim.api.serving import forecast_of

    return forecast_of(run)


def _compared(source: str, jobs: int | Literal["auto"]) -> Path:
    """Return the run folder of a scenario, made by `compare` where it is not there."""
    from sim.cli.compare import compare
    from sim.cli.simulation import load
    from sim.records.folder import read_run_folder

    path = find_scenario(source, RUN_OR_SCENARIO)
    loaded = load(path, SimulationSettings(None, jobs, (), as_json=False))
    folder = RUNS / loaded.name
    if folder.is_dir():
        found = read_run_folder(folder).manifest.get("scenario")
        if found == loaded.parameters.model_dump(mode="json", by_alias=True):
            return folder
    compare.main([source, "--jobs", str(jobs)], standalone_mode=False)
    return folder if folder.is_dir() else RUNS / f"{loaded.name}-variants"

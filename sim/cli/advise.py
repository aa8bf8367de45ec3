"""``peakshift advise``: departure windows for one journey, and places held in them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from sim.cli.completion import complete_runs_and_scenarios
from sim.cli.options import Within, duration_s, json_option
from sim.cli.output import echo, print_facts, print_json, progress_bar, text_width
from sim.errors import SimError
from sim.loading.shipped import RUN_OR_SCENARIO, find_scenario
from sim.model.no_advice import NO_ADVICE

if TYPE_CHECKING:
    from sim.api.advisor import Advisor
    from sim.experiments.journey_request import JourneyRequest
    from sim.experiments.window_options import WindowOption
    from sim.model.scenario import Scenario
    from sim.records.table import Table

    _Found: TypeAlias = tuple[Scenario, list[WindowOption], Mapping[str, Any]]

MOST_SHOWN = 10
"""Windows that are listed unless all are asked for."""


def _clock_time(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    """Read a time of day as seconds after midnight of the service day."""
    from sim.units import parse_clock

    if value is None:
        return None
    try:
        return parse_clock(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


@dataclass(frozen=True)
class _AskedJourney:
    """What was asked for; times in seconds."""

    origin: str
    destination: str
    arrive_by_s: float | None
    leave_after_s: float | None
    earlier_s: float | None
    later_s: float | None
    on_time_share: float
    usual_s: float | None
    asked_at_s: float | None


@click.command(short_help="Recommend when to leave for a journey, and hold a place.")
@click.argument("source", metavar="SCENARIO|RUN", shell_complete=complete_runs_and_scenarios)
@click.option("--from", "origin", metavar="STOP", help="Stop of departure, by id or name.")
@click.option("--to", "destination", metavar="STOP", help="Stop of arrival, by id or name.")
@click.option("--arrive-by", callback=_clock_time, metavar="HH:MM", help="Preferred arrival.")
@click.option(
    "--leave-after", callback=_clock_time, metavar="HH:MM", help="Instead: from when one would like to leave."
)
@click.option(
    "--usual",
    callback=_clock_time,
    metavar="HH:MM",
    help="When one usually leaves: that moment is kept where nothing is better.",
)
@click.option(
    "--asked-at",
    callback=_clock_time,
    metavar="HH:MM",
    help="What time it is: windows that have begun are left out. Unless said, the day is still to come.",
)
@click.option(
    "--earlier",
    callback=duration_s,
    metavar="DURATION",
    help="How much earlier one could leave than usual, or than the scheduled journey needs, as '30 min'; else as the "
    "scenario has it.",
)
@click.option("--later", callback=duration_s, metavar="DURATION", help="How much later than that.")
@click.option(
    "--on-time",
    type=Within(0, 100),
    default=0.0,
    metavar="PERCENT",
    help="Only windows from which one is on time in so many of a hundred cases, as 90.",
)
@click.option(
    "--all",
    "every",
    is_flag=True,
    help="List every window; otherwise the best for each vehicle, and the 10 best of these.",
)
@click.option("--book", is_flag=True, help="Hold a place in the window that costs all the least; prints its number.")
@click.option(
    "--score",
    "scores",
    is_flag=True,
    help="Instead: how good forecasts were for those who followed advice, on days that they had not seen.",
)
@click.option("--cancel", metavar="NUMBER", help="Give a booking back.")
@click.option(
    "--bookings",
    metavar="FILE",
    help="File of bookings; NAME.bookings.sqlite beside the run folder, or here, unless said.",
)
@json_option
def advise(
    source: str,
    as_json: bool,
    every: bool,
    book: bool,
    scores: bool,
    cancel: str | None,
    bookings: str | None,
    **asked: Any,
) -> None:
    """Recommend departure windows for a journey, best first; windows that are late on most days come last.

    Whoever is late on most days by leaving as usual, as --usual says, finds them among the others.

    A run folder is read as it is: what was observed in it without advice, where it holds that.
    A scenario is simulated without advice first.

    With --book each request is counted, and the next one with the same question may get another window: the days under
    advice are read then, or simulated under coordinated, and places are given out until none is left. Without --usual
    people are supposed to leave as those of the run do without advice who wish to arrive around then, each at a moment
    of their own; where the advice depends on it they are told at which moments to keep to it. Where few travelled it is
    as the scenario derives wishes: the journey at free running times and population.preferred_arrival_slack before
    --arrive-by, up to population.preferred_arrival_spread earlier or later.
    """
    if scores:
        if every or book or cancel or bookings or any(asked.values()):
            raise click.UsageError("'--score' goes with '--json' alone.")
        _print_scores(source, as_json)
        return
    on_time_share = asked.pop("on_time") / 100.0
    times = {
        f"{name}_s": asked.pop(name) for name in ("arrive_by", "leave_after", "earlier", "later", "usual", "asked_at")
    }
    if cancel is not None:
        _cancel(source, cancel, bookings, as_json)
        return
    _require_journey(asked, times, on_time_share)
    journey = _AskedJourney(**asked, **times, on_time_share=on_time_share)
    if book:
        _book(source, journey, bookings, as_json)
    else:
        _show(source, journey, as_json, every)


def _require_journey(asked: Mapping[str, Any], times: Mapping[str, Any], on_time_share: float) -> None:
    """Refuse options that are no question about a journey."""
    from sim.experiments.journey_request import MOST_LATE_S

    missing = [f"--{name}" for name, value in (("from", asked["origin"]), ("to", asked["destination"])) if not value]
    if missing:
        raise click.UsageError(f"Missing option '{missing[0]}'.")
    if (times["arrive_by_s"] is None) == (times["leave_after_s"] is None):
        raise click.UsageError("Give one of '--arrive-by' and '--leave-after'.")
    if on_time_share > 0 and times["arrive_by_s"] is None:
        raise click.UsageError("'--on-time' needs '--arrive-by'.")
    if times["usual_s"] is not None and times["arrive_by_s"] is None:
        raise click.UsageError("'--usual' needs '--arrive-by'.")
    if times["usual_s"] is not None and times["usual_s"] > times["arrive_by_s"] + MOST_LATE_S:
        raise click.UsageError(f"'--usual' is more than {MOST_LATE_S / 3600:.0f} h after '--arrive-by'.")


def _show(source: str, journey: _AskedJourney, as_json: bool, every: bool) -> None:
    from sim.experiments.manifest_notes import width_note_of
    from sim.report.advice_words import best_for_each_vehicle, in_names
    from sim.report.terminal import advice_table

    found = _from_run(Path(source), journey) if Path(source).is_dir() else _from_scenario(source, journey)
    scenario, windows, manifest = found
    options = [window.as_dict() for window in windows]
    if as_json:
        print_json(options)
    else:
        shown = options if every else best_for_each_vehicle(options)[:MOST_SHOWN]
        named = in_names(shown, _checked(scenario, journey)[0], *_names(scenario))
        echo(advice_table(named, text_width(), scenario.parameters.fares.currency))
        if len(shown) < len(options):
            left_out = f"{len(options) - len(shown)} of {len(options)} windows are not shown: dearer ones, or for a "
            echo("\n" + fill(f"{left_out}vehicle that is listed. --all shows them.", text_width()))
        if width_note_of(manifest):
            echo("\n" + fill(width_note_of(manifest), text_width()))


def _book(source: str, journey: _AskedJourney, bookings: str | None, as_json: bool) -> None:
    from sim.report.advice_words import answer_facts

    with _advisor(source, bookings, journey) as advisor:
        answer = advisor.book(_request(_checked(advisor.scenario, journey), journey)).as_dict()
        names = _names(advisor.scenario)
        currency = advisor.scenario.parameters.fares.currency
    if as_json:
        print_json(answer)
    else:
        print_facts(answer_facts(answer, *names, currency))


def _names(scenario: Scenario) -> tuple[dict[str, str], dict[str, str]]:
    """Return what stops and lines are called, by id."""
    stops = dict(zip(scenario.network.stop_id, scenario.network.stop_name, strict=True))
    return stops, {line.line_id: line.name or line.label or line.line_id for line in scenario.service.lines}


def _print_scores(source: str, as_json: bool) -> None:
    from sim import api
    from sim.api.reading import read_run
    from sim.experiments.manifest_notes import compliance_notes
    from sim.metrics.forecast_scores import forecast_scores
    from sim.report.forecast_table import forecast_table

    if Path(source).is_dir():
        result = read_run(source)
    else:
        scenario = api.load_scenario(find_scenario(source, RUN_OR_SCENARIO))
        with progress_bar("simulating") as progress:
            result = api.run(scenario, strategy="coordinated", progress=progress)
    found = forecast_scores(result.tables)
    if not found:
        raise SimError(
            f"--score: {source} holds no forecast to score: nobody followed advice on a kept day before which "
            "others had advice too; simulate more days, or compare with a strategy that advises"
        )
    if as_json:
        print_json([entry.as_dict() for entry in found])
    else:
        echo(forecast_table(found, text_width()))
        # Forecasts are made for those who are expected to follow, so that a wrong expectation shows in their scores.
        for said in compliance_notes(result.tables["days"], result.scenario.parameters.advisor):
            echo("\n" + fill(said, text_width()))


def _cancel(source: str, number: str, bookings: str | None, as_json: bool) -> None:
    from sim.records.bookings import BookingFile

    place = _booking_file(source, bookings)
    if not place.is_file():
        raise SimError(f"--cancel: {place} is missing, so nothing was booked there")
    # What a booking is for stands in the file: neither the run nor the network is needed to give it back.
    with closing(BookingFile(place)) as file, file.change():
        if file.take(number) is None:
            raise SimError("--cancel: no booking of that number is held; it never was, or has been given back")
    if as_json:
        print_json({"cancelled": number})
    else:
        echo("The booking was given back.")


def _advisor(source: str, bookings: str | None, journey: _AskedJourney) -> Advisor:
    from sim import api
    from sim.api.reading import read_run

    place = _booking_file(source, bookings)
    if Path(source).is_dir():
        result = read_run(source)
        _checked(result.scenario, journey)
        return api.Advisor(result, state=place)
    scenario = api.load_scenario(find_scenario(source, RUN_OR_SCENARIO))
    _checked(scenario, journey)
    with progress_bar("simulating") as progress:
        return api.Advisor(api.run(scenario, strategy="coordinated", progress=progress), state=place)


def _booking_file(source: str, bookings: str | None) -> Path:
    """Return where bookings are kept: as said, else beside the run folder or, of a scenario, in this folder."""
    if bookings is not None:
        return Path(bookings)
    path = Path(source)
    if path.is_dir():
        return path.resolve().with_name(f"{path.resolve().name}.bookings.sqlite")
    return Path(f"{path.name.removesuffix('.yaml')}.bookings.sqlite")


def _from_scenario(source: str, journey: _AskedJourney) -> _Found:
    from sim import api

    scenario = api.load_scenario(find_scenario(source, RUN_OR_SCENARIO))
    ends = _checked(scenario, journey)
    with progress_bar("simulating") as progress:
        result = api.run(scenario, strategy=NO_ADVICE, progress=progress)
    # Where the advisor chooses the width of windows, it must be that of the run, and not one chosen for this journey
    # (test_the_width_that_the_advisor_chose_is_told_with_its_reason).
    scenario, manifest = result.scenario, result.manifest
    return scenario, _windows(scenario, (result.tables, manifest), ends, journey), manifest


def _from_run(path: Path, journey: _AskedJourney) -> _Found:
    from sim.loading.from_manifest import scenario_from_manifest
    from sim.records.folder import read_run_folder

    run = read_run_folder(path)
    scenario = scenario_from_manifest(run.manifest, path / "manifest.json")
    ends = _checked(scenario, journey)
    return scenario, _windows(scenario, (run.tables(), run.manifest), ends, journey), run.manifest


def _windows(
    scenario: Scenario,
    seen: tuple[Mapping[str, Table], Mapping[str, Any]],
    ends: tuple[str, str],
    journey: _AskedJourney,
) -> list[WindowOption]:
    """State the windows by the tables and the manifest of a run."""
    from sim.experiments.advice import advise_from_tables, discounting_strategies

    tables, manifest = seen
    return advise_from_tables(scenario, tables, _request(ends, journey), discounting_strategies(manifest))


def _request(ends: tuple[str, str], journey: _AskedJourney) -> JourneyRequest:
    from sim.experiments.journey_request import JourneyRequest

    return JourneyRequest(
        *ends,
        arrive_by_s=journey.arrive_by_s,
        leave_after_s=journey.leave_after_s,
        earlier_s=journey.earlier_s,
        later_s=journey.later_s,
        on_time_share=journey.on_time_share,
        usual_s=journey.usual_s,
        asked_at_s=journey.asked_at_s,
    )


def _checked(scenario: Scenario, journey: _AskedJourney) -> tuple[str, str]:
    """Return the ids of the stops, after making sure that vehicles run around the time wished."""
    from sim.loading.stop_search import find_stop
    from sim.units import format_clock_short

    service, wishes = scenario.service, scenario.parameters.population
    first_s, last_s = float(service.scheduled_departure_s.min()), float(service.scheduled_arrival_s.max())
    if journey.leave_after_s is None:
        earlier_s = wishes.earlier_flexibility_s if journey.earlier_s is None else journey.earlier_s
        option, time_s, around_s = "--arrive-by", journey.arrive_by_s or 0.0, (first_s, last_s + earlier_s)
    else:
        # Whoever could leave before the first vehicle may wait at home for it.
        later_s = wishes.later_flexibility_s if journey.later_s is None else journey.later_s
        option, time_s, around_s = "--leave-after", journey.leave_after_s, (first_s - later_s, last_s)
    if not around_s[0] <= time_s <= around_s[1]:
        span = f"{format_clock_short(first_s)} to {format_clock_short(last_s)}"
        raise SimError(f"{option}: no vehicle runs around {format_clock_short(time_s)}, only {span}")
    network = scenario.network
    ends = find_stop(network, journey.origin, "--from"), find_stop(network, journey.destination, "--to")
    if ends[0] == ends[1]:
        raise SimError(f"--from and --to are the same stop, {ends[0]}")
    return ends

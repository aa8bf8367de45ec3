"""``peakshift compare``: several strategies on the same draws, and several scenarios beside each other."""

from __future__ import annotations

from typing import Any

import click

from sim.advisor.defaults import DEFAULT_STRATEGIES
from sim.cli.completion import complete_scenarios, complete_strategies
from sim.cli.options import SimulationSettings, simulation_options
from sim.cli.output import counted, echo, print_json, print_sentences, text_width
from sim.cli.run_folders import run_folder, say_where
from sim.errors import UnknownNameError
from sim.loading.shipped import find_scenario


@click.command(short_help="Simulate scenarios under several strategies on the same draws.")
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True, shell_complete=complete_scenarios)
@click.option(
    "--strategies",
    shell_complete=complete_strategies,
    metavar="NAME,NAME,...",
    default=None,
    show_default=f"{','.join(DEFAULT_STRATEGIES)}, and that of the scenario where it names another one",
    help="What to compare; differences are taken against none.",
)
@simulation_options
def compare(scenarios: tuple[str, ...], strategies: str | None, settings: SimulationSettings) -> None:
    """Simulate SCENARIO under several strategies on the same draws and write a run folder.

    Several scenarios, and the variants that a scenario declares under `variants`, are set beside the first one under
    each strategy, with the same people and the same luck where they are the same; a folder holds a report of all and
    the run folder of each.

    Advice is given to people who leave by habit, and to people who have settled by themselves, as `baselines` of the
    scenario says; tables, summary and report have both.

    Finished replications are kept beside it until it is written: called again after an interruption, the command
    goes on from them.

    SCENARIO is a scenario file, or the name of one that comes with peakshift.
    """
    from sim.loading.scenario_source import declared_variants

    if len(scenarios) > 1 or declared_variants(find_scenario(scenarios[0])):
        from sim.cli.compare_variants import compare_variants

        compare_variants(scenarios, None if strategies is None else named_strategies(strategies), settings)
        return
    _compare_strategies(scenarios[0], strategies, settings)


def _compare_strategies(scenario: str, strategies: str | None, settings: SimulationSettings) -> None:
    from sim import api
    from sim.cli.simulation import finish, load, simulating
    from sim.model.notes import held_back_notes
    from sim.report.baseline_section import baseline_labels, settling_sentences
    from sim.report.saving_section import saving_table
    from sim.report.terminal import comparison_table, verdict

    names = list(DEFAULT_STRATEGIES) if strategies is None else named_strategies(strategies)
    path = find_scenario(scenario)
    loaded = load(path, settings)
    own = loaded.parameters.advisor.strategy
    if strategies is None and own not in names:
        names.append(own)
    _check_advice_is_given(loaded, names)
    folder = run_folder(settings.out, loaded.name, "comparison", path)
    with simulating(folder) as progress:
        result = api.compare(loaded, names, jobs=settings.jobs, progress=progress, folder=folder)
    finish(result, path, folder)
    if settings.as_json:
        print_json({**result.summary, "run_folder": str(folder)})
        return
    repetitions = counted(result.manifest["replications"], "replication")
    echo(f"{loaded.name}: {repetitions}, {counted(len(names), 'strategy', 'strategies')}\n")
    several = list(baseline_labels(result.summary).items()) or [("", "")]
    for name, label in several:
        # Of these people alone: where one baseline has nothing to say of a thing, another may.
        shown = result.against(name) if name else result
        summary = shown.summary
        if label:
            echo(f"against {label}\n")
        # What the signs mean stands below the last table, for all of them.
        echo(comparison_table(summary, text_width(), has_legend=name == several[-1][0]))
        echo()
        print_sentences(
            [*settling_sentences(summary), *verdict(summary), *held_back_notes(shown.manifest["rehearsals"])]
        )
        if parts := saving_table(summary, text_width()):
            echo(f"\n{parts}")
        echo()
    say_where(folder)


def named_strategies(text: str) -> list[str]:
    """Read the option --strategies, and make sure of every name before anything is simulated."""
    from sim.advisor.registry import built_in_strategies, strategy_names
    from sim.loading.hints import did_you_mean

    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in built_in_strategies():
            hint = did_you_mean(name, strategy_names())
            there = ", ".join(strategy_names())
            raise UnknownNameError(f"--strategies: {name!r} is not a strategy{hint}; there are {there}")
    return names


def _check_advice_is_given(scenario: Any, names: list[str]) -> None:
    """Refuse a comparison whose days end before the first advice: all strategies would be one."""
    from sim.advisor.registry import gives_advice
    from sim.errors import Problem, ScenarioError

    parameters = scenario.parameters
    first_day = parameters.advisor.first_day
    if first_day >= parameters.days and any(map(gives_advice, names)):
        message = f"advice would start on day {first_day}, but the last day is {parameters.days - 1}"
        raise ScenarioError([Problem(scenario.name, 0, 0, "advisor.first_day", message)])

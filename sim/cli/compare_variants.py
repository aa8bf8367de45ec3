"""``peakshift compare`` of several scenarios, or of a scenario that declares variants."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.options import SimulationSettings
from sim.cli.output import counted, echo, print_json, print_sentences, text_width
from sim.cli.run_folders import RUNS, check_writable, say_where
from sim.cli.simulation import simulating, warn
from sim.loading.shipped import find_scenario

if TYPE_CHECKING:
    from sim.api import VariantsResult


def compare_variants(scenarios: tuple[str, ...], strategies: list[str] | None, settings: SimulationSettings) -> None:
    """Simulate scenarios and their variants, write their folder, and print what they show."""
    from sim.api.arguments import Changes, check_arguments
    from sim.api.variant_results import compared_variants, named_scenarios

    paths = [find_scenario(text) for text in scenarios]
    variants = named_scenarios(paths, Changes.of(settings.overrides), "declared")
    own = list(dict.fromkeys(item.scenario.parameters.advisor.strategy for item in variants))
    folder = RUNS / f"{variants[0].name}-variants" if settings.out is None else Path(settings.out)
    from sim.records.variants_folder import check_variants_folder

    check_variants_folder(folder)
    check_writable(folder)
    with simulating(folder) as progress:
        result = compared_variants(
            variants,
            strategies if strategies is not None else _default(own),
            check_arguments(settings.jobs, None),
            progress,
            None,
            folder,
        )
        result.write(folder)
    warn(result.manifest)
    if settings.as_json:
        print_json({**result.summary, "pairing": result.manifest["pairing"], "folder": str(folder)})
        return
    _print_result(result, folder)


def _default(own: list[str]) -> list[str] | None:
    """Return the strategies that are compared unless some are named: the built-in ones and those of the scenarios."""
    from sim.advisor.defaults import DEFAULT_STRATEGIES

    further = [name for name in own if name not in DEFAULT_STRATEGIES]
    return [*DEFAULT_STRATEGIES, *further] if further else None


def _print_result(result: VariantsResult, folder: Path) -> None:
    from sim.records.variants_folder import SCENARIOS
    from sim.report.variants_section import change_lines, variants_verdict
    from sim.report.variants_terminal import variants_table

    repetitions = counted(result.manifest["replications"], "replication")
    strategies = counted(len(result.summary["strategies"]), "strategy", "strategies")
    echo(f"{result.manifest['name']}: {counted(len(result.variants), 'variant')}, {strategies}, {repetitions}\n")
    print_sentences([f"{name}: {change}" for name, change in change_lines(result.manifest)])
    echo()
    echo(variants_table(result.summary, text_width()))
    echo()
    print_sentences(variants_verdict(result.summary))
    echo()
    print_sentences(result.manifest["pairing"])
    say_where(folder)
    if (folder / SCENARIOS).is_dir():
        echo(f"scenarios   {folder / SCENARIOS}")

"""What a shell may complete: scenarios, networks, strategies, keys and cases, by name.

Nothing heavy is loaded before somebody asks: a shell waits for the answer at every tab.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import click
from click.shell_completion import CompletionItem

Completed = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def _named(names: Callable[[], Iterable[str]], *, files: bool = False) -> Completed:
    """Offer names that begin like what is there, and files beside them."""

    def complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        found = [CompletionItem(name) for name in names() if name.startswith(incomplete)]
        return [*found, CompletionItem(incomplete, type="file")] if files else found

    return complete


def _scenarios() -> list[str]:
    from sim.loading.shipped import shipped_scenarios

    return shipped_scenarios()


def _networks() -> list[str]:
    from sim.loading.shipped import shipped_networks

    return shipped_networks()


def _runs() -> list[str]:
    from sim.cli.run_folders import RUNS

    return sorted(str(path.parent) for path in Path(RUNS).glob("*/manifest.json"))


def _cases() -> Iterable[str]:
    from sim import verification

    return verification.case_quantities()


def complete_strategies(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer strategies for the last of a list joined by commas."""
    from sim.advisor import strategy_names

    *before, begun = incomplete.split(",")
    return [
        CompletionItem(",".join([*before, name]))
        for name in strategy_names()
        if name.startswith(begun) and name not in before
    ]


def complete_keys(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Offer the keys of scenario files, up to the equals sign."""
    from sim.loading.scenario_keys import all_keys

    return [
        CompletionItem(f"{key.path}=", help=(key.field.description or "").split(". ")[0])
        for key in all_keys()
        if key.path.startswith(incomplete) and key.section is None and "[]" not in key.path
    ]


complete_scenarios = _named(_scenarios, files=True)
complete_networks = _named(_networks, files=True)
complete_scenarios_and_networks = _named(lambda: [*_scenarios(), *_networks()], files=True)
complete_runs = _named(_runs, files=True)
complete_runs_and_scenarios = _named(lambda: [*_runs(), *_scenarios()], files=True)
complete_cases = _named(_cases)

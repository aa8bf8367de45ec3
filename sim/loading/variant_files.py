"""Scenarios to be set beside each other: the variants that a file declares, and those that a caller hands over."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sim.errors import InputError, Problem, ScenarioError
from sim.loading.declared_variants import KEY, DeclaredVariant, taken_out
from sim.loading.overrides import plain_value
from sim.loading.problems import shown_path
from sim.loading.scenario import Check, load_with_mentions
from sim.loading.scenario_source import OVERRIDE_FILE, declared_variants
from sim.loading.yaml_source import parse_yaml
from sim.model.scenario import Scenario


@dataclass(frozen=True)
class NamedScenario:
    """A scenario among others.

    Attributes
    ----------
    name : str
    scenario : Scenario
    file : Path or None
        Where it comes from.
    changes : mapping of str to Any
        What it changes of the file, by key path; empty for the scenario as written.
    """

    name: str
    scenario: Scenario
    file: Path | None = None
    changes: Mapping[str, Any] | None = None


def variants_of_file(
    path: Path,
    overrides: Sequence[str] = (),
    checks: Sequence[Check] = (),
    variants: Mapping[str, Mapping[str, Any]] | None = None,
) -> list[NamedScenario]:
    """Read a scenario file and its variants; the scenario as written comes first, called as it calls itself.

    Parameters
    ----------
    path : Path
    overrides : sequence of str
        Texts ``key.path=value``, laid over the variants too; none of a key that a variant changes.
    checks : sequence of callable
        As of `sim.loading.scenario.load_scenario`.
    variants : mapping of str to mapping, optional
        Names with values by key path, in place of those that the file declares.

    Raises
    ------
    ScenarioError
        With every problem of the file, or, where it has none, of the variants.
    """
    declared = declared_variants(path) if variants is None else _handed_over(variants)
    problems = _changed_twice(declared, overrides)
    if problems:
        raise ScenarioError(problems)
    base = load_with_mentions(path, overrides, checks)[0]
    found = [NamedScenario(base.name, base, path)]
    for variant in declared:
        if variant.name == base.name:
            message = "is the name of the scenario itself; call the variant otherwise"
            problems.append(variant.node.place.problem(f"{KEY}.{variant.name}", message))
        try:
            scenario = load_with_mentions(path, overrides, checks, variant)[0]
        except ScenarioError as error:
            problems += [_of_variant(problem, variant, path) for problem in error.problems]
            continue
        named = scenario.parameters.model_copy(update={"name": f"{base.name}-{variant.name}"})
        found.append(NamedScenario(variant.name, replace(scenario, parameters=named), path, variant.changes()))
    if problems:
        raise ScenarioError(problems)
    return found


def _changed_twice(declared: Sequence[DeclaredVariant], overrides: Sequence[str]) -> list[Problem]:
    """Return a problem for each override of what a variant changes, or of a part or the whole of it.

    Laid over the variant it would leave nothing of the change, and the report would set the base beside itself.
    """
    problems = []
    for key in dict.fromkeys(text.partition("=")[0].strip() for text in overrides):
        path = key.split(".")
        names = [variant.name for variant in declared if any(_overlap(path, own) for own in variant.changes())]
        if names:
            whose = f"variant {names[0]}" if len(names) == 1 else f"variants {', '.join(names)}"
            message = f"is changed by {whose}; set here it would hold for all alike: leave it out, or change the file"
            problems.append(Problem(OVERRIDE_FILE, 0, 0, key, message))
    return problems


def _overlap(path: list[str], own: str) -> bool:
    both = list(zip(path, own.split("."), strict=False))
    return all(one == other for one, other in both)


def _handed_over(variants: Mapping[str, Mapping[str, Any]]) -> tuple[DeclaredVariant, ...]:
    """Read variants of a caller as if they stood in a file."""
    if not isinstance(variants, Mapping) or not all(isinstance(changes, Mapping) for changes in variants.values()):
        message = "must be names with values by key path, as in {'more_room': {'service.capacity_scale': 1.2}}"
        raise InputError([Problem("arguments", 0, 0, KEY, f"{message}; found {variants!r}")])
    text = json.dumps({KEY: plain_value({name: dict(changes) for name, changes in variants.items()}, "arguments", KEY)})
    root, problems = parse_yaml(text, "arguments")
    if root is None or problems:
        raise InputError(problems)
    _, declared, problems = taken_out(root)
    if problems:
        raise InputError([replace(problem, line=0, column=0) for problem in problems])
    return declared


def _of_variant(problem: Problem, variant: DeclaredVariant, path: Path) -> Problem:
    """Name a problem by the variant that has it."""
    if problem.file not in (shown_path(path), variant.node.place.file):
        return problem
    key = ".".join(part for part in (KEY, variant.name, problem.key) if part)
    if problem.file == shown_path(path):
        return replace(problem, key=key)
    return replace(problem, key=key, line=0, column=0)

"""Parameters as the user changes them: ``key=value`` texts over the defaults of a case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sim.errors import InputError, Problem, UnknownNameError
from sim.loading.hints import did_you_mean
from sim.loading.yaml_source import parse_yaml, to_data
from sim.verification.case import Case, Params, RefusedError

PLACE = "--set"


def parameter_sets(case: Case[Any], overrides: Sequence[str]) -> tuple[Params, ...]:
    """Return the parameter sets to run: all defaults, or the first one with overrides laid over it.

    Parameters
    ----------
    case : Case
    overrides : sequence of str
        Texts ``key=value``, the value as in YAML 1.2.

    Raises
    ------
    UnknownNameError
        When the case has no such parameter.
    InputError
        When a value is not accepted.
    """
    if not overrides:
        return case.sets
    given = dict(_read(case, override) for override in overrides)
    labels = {param.name: "" for param in case.params if param.label}
    params = {**case.sets[0], **labels, **given}
    problems = [
        Problem(PLACE, 0, 0, param.name, f"{params[param.name]!r} is not accepted; {case.id} takes {param.accepted}")
        for param in case.params
        if param.name in params and not param.accepts(params[param.name])
    ]
    if not problems:
        try:
            case.world(params)
        except RefusedError as refusal:
            problems = [Problem(PLACE, 0, 0, case.id, str(refusal))]
    if problems:
        raise InputError(problems)
    return (params,)


def find_case(name: str, cases: Iterable[Case[Any]]) -> Case[Any]:
    """Return the case of a name.

    Raises
    ------
    UnknownNameError
        When there is none.
    """
    by_id = {case.id: case for case in cases}
    if name not in by_id:
        raise UnknownNameError(
            f"there is no case {name!r}{did_you_mean(name, by_id)}; `peakshift verify --list` names all {len(by_id)}"
        )
    return by_id[name]


def _read(case: Case[Any], override: str) -> tuple[str, Any]:
    name, equals, text = override.partition("=")
    name = name.strip()
    known = ", ".join(param.name for param in case.params)
    if not equals or not name:
        problem = Problem(PLACE, 0, 0, override, f"write key=value; keys of {case.id} are {known}")
        raise InputError([problem])
    if case.param(name) is None:
        hint = did_you_mean(name, (param.name for param in case.params))
        raise UnknownNameError(f"{PLACE}: {case.id} has no parameter {name!r}{hint}; it has {known}")
    node, problems = parse_yaml(text, f"{PLACE} {name}")
    if problems:
        raise InputError(problems)
    return name, None if node is None else to_data(node)

"""Whether scenarios can be set beside each other, and what of them is the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sim.advisor import Strategy
from sim.engine import HoldingRule
from sim.errors import Problem, ScenarioError
from sim.experiments.pieces import run_key
from sim.loading.problems import shown_path
from sim.loading.variant_base import with_people_of
from sim.loading.variant_files import NamedScenario


def with_people_of_base(variants: Sequence[NamedScenario]) -> list[NamedScenario]:
    """Return the variants with the people of the first one, as far as they have them.

    They want to arrive when they do there, or in the scenario that it is itself a variant of.
    """
    first = variants[0].scenario
    base = first.wishes_of or first
    others = (replace(item, scenario=with_people_of(base, item.scenario)) for item in variants[1:])
    return [variants[0], *others]


def check_variants(
    variants: Sequence[NamedScenario], strategies: Sequence[Strategy], holding: HoldingRule | None
) -> None:
    """Refuse variants that nothing could be learnt from.

    Raises
    ------
    ScenarioError
        When there is only one, two have one name, their replications differ in number, or one is the same as the first.
    """
    base = variants[0]
    problems = [] if len(variants) > 1 else [_problem(base, "variants", "there is only one scenario, and no variant")]
    for place, item in enumerate(variants[1:], start=1):
        other = next((known for known in variants[:place] if known.name == item.name), None)
        if other is not None:
            message = f"is {item.name}, as in {_where(other)}; give each scenario a name of its own"
            problems.append(_problem(item, "name", message))
        count, wanted = (each.scenario.parameters.replications for each in (item, base))
        if count != wanted:
            message = f"is {count}, but {wanted} in {base.name}; variants are paired replication by replication"
            problems.append(_problem(item, "replications", message))
    if not problems:
        key = run_key(base.scenario, strategies, holding)
        problems = [
            _problem(item, "", f"is the same as {base.name}: nothing that it changes is simulated; leave it out")
            for item in variants[1:]
            if run_key(replace(item.scenario, wishes_of=None), strategies, holding) == key
        ]
    if problems:
        raise ScenarioError(problems)


def pairing_notes(variants: Sequence[NamedScenario], people: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Say what variants have in common with the first of them, and what they do not.

    Parameters
    ----------
    variants : sequence of NamedScenario
    people : mapping of str to mapping
        By variant `here`, `base` and `both`: commuters of a replication in it, in the base and in both.
    """
    base = variants[0]
    notes = [
        f"Commuters of {base.name} who travel in a variant too have the same luck there and want to arrive at the same "
        "time; trips of the same id have the same luck."
    ]
    for item in variants[1:]:
        notes += _notes_of(base, item, people[item.name])
    return notes


def _notes_of(base: NamedScenario, item: NamedScenario, people: Mapping[str, float]) -> list[str]:
    here, there = item.scenario, base.scenario
    notes = []
    if here.parameters.seed != there.parameters.seed:
        notes.append(
            f"{item.name} has another seed than {base.name}, so that luck differs and intervals are as wide as for "
            "independent runs."
        )
    if not people["here"] == people["base"] == people["both"]:
        notes.append(
            f"{item.name} changes the demand: of its {people['here']:,.0f} commuters {people['both']:,.0f} also travel "
            f"in {base.name}, which has {people['base']:,.0f}. Metrics are of all travellers of each; gains and losses "
            "are of those in both."
        )
    own, known = set(here.service.trip_id), set(there.service.trip_id)
    if own != known:
        notes.append(
            f"{item.name} runs {len(own):,} trips, of which {len(own & known):,} also run in {base.name}, which has "
            f"{len(known):,}."
        )
    notes += [
        f"{item.name} has {getattr(here.parameters, key)} for {key}, {base.name} {getattr(there.parameters, key)}."
        for key in ("days", "days_kept")
        if getattr(here.parameters, key) != getattr(there.parameters, key)
    ]
    return notes


def _problem(item: NamedScenario, key: str, message: str) -> Problem:
    if item.changes is not None:
        key = ".".join(part for part in ("variants", item.name, key) if part)
    return Problem(_where(item), 0, 0, key, message)


def _where(item: NamedScenario) -> str:
    return item.name if item.file is None else shown_path(item.file)


def none_has_advice(variants: Sequence[NamedScenario]) -> bool:
    """Tell whether no scenario reaches its first day with advice, so that all strategies are one."""
    return not any(map(_has_advice, variants))


def check_advice_in_variants(variants: Sequence[NamedScenario]) -> None:
    """Refuse scenarios whose days end before the first advice.

    Raises
    ------
    ScenarioError
        Naming them.
    """
    problems = []
    for item in variants:
        parameters = item.scenario.parameters
        if not _has_advice(item):
            message = f"advice would start on day {parameters.advisor.first_day}, but the last day is "
            problems.append(_problem(item, "advisor.first_day", f"{message}{parameters.days - 1}"))
    if problems:
        raise ScenarioError(problems)


def _has_advice(item: NamedScenario) -> bool:
    return item.scenario.parameters.advisor.first_day < item.scenario.parameters.days

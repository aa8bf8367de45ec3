"""What a caller may ask for besides the scenario, the strategies among it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from sim.advisor import Strategy, strategy_by_name, strategy_names
from sim.advisor.checks import require, strategy_problems
from sim.advisor.registry import built_in_strategies
from sim.api.checks import borrowed_name, require_holding_rule
from sim.engine import HoldingRule
from sim.errors import InputError, Problem, UnknownNameError
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.workers import Progress
from sim.loading.hints import did_you_mean
from sim.loading.overrides import override_texts, plain_value, with_values
from sim.loading.scenario import load_scenario, scenario_of_mapping
from sim.loading.shipped import find_scenario
from sim.model.scenario import Scenario
from sim.records.folder import check_replaceable
from sim.records.variants_folder import check_variants_folder
from sim.threads import usable_cores

Jobs = int | Literal["auto"]
"""Processes; auto takes one per processor."""

AnyScenario = Scenario | Path | str | Mapping[str, Any]
"""A loaded scenario, a scenario file, the name of one that comes with peakshift, or the keys of a file as a mapping."""

Overrides = Sequence[str] | Mapping[str, Any]
"""Values by key path of a scenario file, or texts ``key.path=value``."""


@dataclass(frozen=True)
class Changes:
    """What is to be different from what the scenario says.

    Attributes
    ----------
    overrides : list of str
        Texts ``key.path=value``, laid over a scenario file.
    counts : dict of str to int
        `seed`, `replications` and `days_kept`, those that were given.
    """

    overrides: list[str]
    counts: dict[str, int]

    @classmethod
    def of(
        cls,
        overrides: Overrides,
        seed: int | None = None,
        replications: int | None = None,
        days_kept: int | None = None,
    ) -> Changes:
        """Take them as `sim.run`, `sim.compare` and `sim.sweep` do."""
        counts = {"seed": seed, "replications": replications, "days_kept": days_kept}
        return cls(override_texts(overrides), {name: value for name, value in counts.items() if value is not None})

    def texts(self) -> list[str]:
        """Return all of them as texts ``key=value``."""
        return [*self.overrides, *(f"{name}={value}" for name, value in self.counts.items())]

    def loaded(self, scenario: AnyScenario) -> Scenario:
        """Return the scenario with the changes.

        Parameters
        ----------
        scenario : Scenario, Path, str or mapping
            Loaded, a file, the name of one that comes with peakshift, or the keys of one.

        Raises
        ------
        InputError
            When there is no such file, or something in it or in the changes cannot be used.
        UnknownNameError
            When overrides are to be laid over a loaded scenario.
        """
        if isinstance(scenario, Mapping):
            return self.counted(scenario_of_mapping(scenario, self.overrides))
        if not isinstance(scenario, Scenario):
            # Counts are told apart from overrides, so that a mistake in one is named as the argument that it is.
            return self.counted(load_scenario(find_scenario(str(scenario)), self.overrides))
        if scenario.has_changed_graph():
            message = "was changed, which changes nothing by itself; run scenario.with_graph(graph)"
            raise InputError([Problem("", 0, 0, "scenario.network.graph", message)])
        if self.overrides:
            raise UnknownNameError("overrides are laid over a scenario file; give its path instead of a Scenario")
        return self.counted(scenario)

    def counted(self, scenario: Scenario) -> Scenario:
        """Return a loaded scenario with another seed and other counts."""
        if not self.counts:
            return scenario
        return replace(scenario, parameters=with_values(scenario.parameters, self.counts, place="arguments"))


def number_of_processes(jobs: Jobs) -> int:
    """Return how many processes are meant.

    Raises
    ------
    InputError
        When it is neither a whole number from 1 nor auto; joblib's negative numbers are not taken.
    """
    if jobs == "auto":
        return usable_cores()
    if isinstance(jobs, bool) or not isinstance(jobs, int):
        raise _refused("jobs", f"must be a whole number or 'auto', found {jobs!r}")
    if jobs < 1:
        raise _refused("jobs", f"must be at least 1, found {jobs}")
    return jobs


def check_arguments(jobs: Jobs, holding: HoldingRule | None, progress: Progress | None = None) -> int:
    """Return the number of processes, after making sure that what controls vehicles, and is told of progress, can.

    Raises
    ------
    InputError
        When there is no such number of processes, or progress cannot be told.
    StrategyError
        When something handed over is no holding rule.
    """
    require_holding_rule(holding)
    if progress is not None and not callable(progress):
        raise _refused("progress", f"must be a function of what is finished and the total, found {progress!r}")
    return number_of_processes(jobs)


def folder_for(folder: Path | str | None, kind: str) -> Path | None:
    """Return the folder that a result is to be written to, before hours of work go into it.

    Parameters
    ----------
    folder : Path, str or None
    kind : str
        ``run``, ``comparison`` or ``variants``.

    Raises
    ------
    InputError
        When it is no path.
    RunFolderError
        When something else is there.
    """
    if folder is None:
        return None
    if not isinstance(folder, str | os.PathLike):
        raise _refused("folder", f"must be a path, found {folder!r}")
    path = Path(folder)
    if kind == "variants":
        check_variants_folder(path)
    else:
        check_replaceable(path, kind)
    return path


def values_to_vary(vary: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the values of each key that varies as a list, whatever holds them.

    Raises
    ------
    InputError
        When there is no key with its values, or a value is nothing that a scenario file can hold.
    """
    if not isinstance(vary, Mapping):
        raise _refused("vary", f"write values by key path, as in {{'advisor.penetration': [0, 0.5]}}; found {vary!r}")
    found = {}
    for key, values in vary.items():
        listed = None if isinstance(values, str | bytes | Mapping) else _listed(values)
        if listed is None:
            raise InputError([Problem("vary", 0, 0, str(key), f"must be a list of values, found {values!r}")])
        found[str(key)] = [plain_value(value, "vary", str(key)) for value in listed]
    return found


def listed_strategies(wanted: Any) -> list[Strategy | str]:
    """Return strategies as a list.

    Raises
    ------
    InputError
        When they are none, such as the name of one alone.
    """
    listed = None if isinstance(wanted, str | bytes | Mapping) else _listed(wanted)
    if listed is None:
        raise _refused("strategies", f"must be a list, as in ['none', 'coordinated']; found {wanted!r}")
    return listed


def a_request(request: Any) -> JourneyRequest:
    """Return a request of an advisor, after making sure that it is one.

    Raises
    ------
    InputError
        When it is something else, such as the name of a stop.
    """
    if not isinstance(request, JourneyRequest):
        message = f"make it by advisor.request('Home', 'Work', arrive_by='08:30'); found {request!r}"
        raise _refused("request", message)
    return request


def _listed(values: Any) -> list[Any] | None:
    try:
        return list(values)
    except TypeError:
        return None


def _refused(name: str, message: str) -> InputError:
    return InputError([Problem("arguments", 0, 0, name, message)])


def chosen_strategies(wanted: Sequence[Strategy | str]) -> list[Strategy]:
    """Return the strategies, the built-in ones looked up by name.

    Raises
    ------
    UnknownNameError
        When there is no such strategy, none at all, or one is named twice.
    StrategyError
        When something handed over is no strategy.
    """
    wanted = listed_strategies(wanted)
    for item in wanted:
        if not isinstance(item, str):
            require("strategies", strategy_problems(item) or borrowed_name(item))
        elif item not in built_in_strategies():
            there = strategy_names()
            hint = did_you_mean(item, there)
            raise UnknownNameError(f"strategies: {item!r} is not a strategy{hint}; there are {', '.join(there)}")
    chosen = [strategy_by_name(item) if isinstance(item, str) else item for item in wanted]
    names = [strategy.name for strategy in chosen]
    if not names:
        raise UnknownNameError(f"no strategy is named; there are {', '.join(strategy_names())}")
    for name in names:
        if names.count(name) > 1:
            raise UnknownNameError(f"strategy {name} is named twice")
    return chosen

"""The best plan that a search finds, and bounds below all plans, for notebooks and the command line."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.advisor import StrategyFacts, strategy_by_name
from sim.advisor.loop import with_chosen_width
from sim.advisor.optimum.search import COORDINATED, SearchSize
from sim.advisor.privacy import sees_everything
from sim.api.arguments import AnyScenario, Changes, Overrides
from sim.api.progress import shown
from sim.errors import UnknownNameError
from sim.experiments.manifest import build_manifest
from sim.experiments.optimum import OptimumFound, answer, find_optimum
from sim.experiments.workers import Progress
from sim.model.scenario import Scenario
from sim.records.optimum_folder import write_optimum_folder


@dataclass(frozen=True)
class OptimumResult:
    """What a search for the best plan found.

    Attributes
    ----------
    manifest : dict
        What was run.
    summary : dict
        Costs with intervals, what coordinated advice takes of what is possible, and the answer in words.
    found : OptimumFound
        All of it, draw by draw.
    """

    manifest: dict[str, Any]
    summary: dict[str, Any]
    found: OptimumFound

    def __repr__(self) -> str:
        """Return the answer."""
        return f"<OptimumResult {self.manifest['name']}: {self.summary['answer']}>"

    @property
    def table(self) -> Any:
        """Table of plans as a pandas data frame."""
        return self.found.table().to_pandas()

    def write(self, folder: Path | str) -> Path:
        """Write the folder, replacing an older search there, and return it.

        Raises
        ------
        RunFolderError
            When the path holds something else, or the disk refuses.
        """
        write_optimum_folder(folder, self.manifest, self.summary, self.found.table())
        return Path(folder)


def optimum(
    scenario: AnyScenario,
    *,
    baseline: str = "habit",
    size: SearchSize | None = None,
    seed: int | None = None,
    replications: int | None = None,
    overrides: Overrides = (),
    progress: Progress | None = None,
) -> OptimumResult:
    """Search for the best plan of windows by simulating plans, and bound what any plan could reach.

    The search knows what the advisor may know. It starts from nobody advised, from the best window of each alone, from
    the plan of coordinated advice and from where people settle by themselves, and is tried on draws of running times,
    dispatch and compliance that no plan was made with.

    Parameters
    ----------
    scenario : Scenario, Path, str or mapping
        As of `sim.run`. Who is advised and who follows is as it says.
    baseline : str
        habit or adapted: the people that advice is given to.
    size : SearchSize or None
        How much work the search may do.
    seed, replications, overrides, progress
        As of `sim.run`.

    Returns
    -------
    OptimumResult

    Raises
    ------
    ScenarioError
        When the scenario cannot be used.
    UnknownNameError
        When there is no such baseline, nobody can be advised or follows, or the advisor sees counts of real days, few
        or noisy ones, and does not know everybody.

    Examples
    --------
    >>> from sim.advisor.optimum.search import SearchSize
    >>> few = SearchSize(rounds=2, draws=2, fresh=2, hindsight_rounds=0)
    >>> found = optimum("two_lines_lesson", size=few, replications=1)
    >>> found.summary["costs_min"]["best found"]["mean"] <= found.summary["costs_min"]["none"]["mean"]
    True
    """
    begun = time.monotonic()
    loaded = with_chosen_width(Changes.of(overrides, seed, replications).loaded(scenario))
    if loaded.parameters.advisor.compliance_share == 0.0:
        message = "nobody follows advice (advisor.compliance is 0), so that all plans are one"
        raise UnknownNameError(f"{loaded.name}: {message}")
    with shown(progress) as told:
        found = find_optimum(loaded, SearchSize() if size is None else size, baseline, told)
    if found is None:
        raise UnknownNameError(f"{loaded.name}: {_why_none(loaded)}, so that no plan can be searched for")
    facts = [StrategyFacts.of(strategy_by_name(COORDINATED))]
    manifest = build_manifest(loaded, "optimum", facts, time.monotonic() - begun)
    summary = found.summary()
    return OptimumResult(manifest, {**summary, "answer": answer(summary)}, found)


def _why_none(scenario: Scenario) -> str:
    """Say why no plan was searched for: plans are only tried by an advisor that knows all people."""
    hidden = []
    if scenario.counted is not None:
        hidden.append("counts of real days (advisor.forecast.counts)")
    if not sees_everything(scenario.parameters.advisor.forecast):
        hidden.append("few or noisy counts (advisor.forecast.coverage, advisor.forecast.privacy)")
    if hidden:
        return f"the advisor sees {' and '.join(hidden)} and does not know everybody who travels"
    return "nobody can be advised another window"

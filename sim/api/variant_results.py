"""Comparisons of variants: another supply or demand, with the same people and the same luck."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim.advisor import DEFAULT_STRATEGIES, Strategy
from sim.api.arguments import AnyScenario, Changes, chosen_strategies
from sim.api.results import ComparisonResult, counted
from sim.api.simulating import compared
from sim.engine import HoldingRule
from sim.errors import InputError, Problem
from sim.experiments.refusals import refusals
from sim.experiments.variant_pairs import (
    check_advice_in_variants,
    check_variants,
    none_has_advice,
    pairing_notes,
    with_people_of_base,
)
from sim.experiments.workers import Progress
from sim.loading.shipped import find_scenario
from sim.loading.variant_files import NamedScenario, variants_of_file
from sim.metrics.metric import BASELINE
from sim.metrics.variant_outcomes import VariantOutcome, variants_summary
from sim.model.notes import note, tell_words
from sim.model.scenario import Scenario
from sim.population.commuters import options_of_commuters
from sim.records.stored_tables import StoredTables
from sim.records.variants_folder import KIND, SCENARIOS, VariantsFolder

if TYPE_CHECKING:
    import pandas

    from sim.report.variants_html import VariantsPlots

Variants = Mapping[str, Mapping[str, Any]] | Literal["declared"]
"""Variants of one scenario file: by name values by key path, or those that the file declares."""


@dataclass(frozen=True, repr=False)
class VariantsResult:
    """Several variants under several strategies.

    Attributes
    ----------
    manifest, summary : dict
        As in `manifest.json` and `summary.json` of the folder.
    variants : mapping of str to ComparisonResult
        The tables of each, the base first.
    folder : VariantsFolder or None
        Where finished replications are kept until the folder is written.
    """

    manifest: dict[str, Any]
    summary: dict[str, Any]
    variants: Mapping[str, ComparisonResult]
    folder: VariantsFolder | None = None

    @cached_property
    def table(self) -> pandas.DataFrame:
        """All numbers as a pandas data frame: a row per variant, strategy and metric."""
        import pandas

        from sim.report.variants_section import variants_csv

        return pandas.read_csv(io.StringIO(variants_csv(self.summary)), keep_default_na=False, na_values=[""])

    @cached_property
    def plot(self) -> VariantsPlots:
        """Figures of the variants: ``result.plot.changes()``."""
        from sim.report.variants_html import VariantsPlots

        return VariantsPlots(self.manifest, self.summary)

    def report(self) -> str:
        """Return the report as one self-contained HTML text."""
        from sim.report.variants_html import render_variants_report

        return render_variants_report(self.manifest, self.summary)

    def write(self, folder: Path | str) -> Path:
        """Write the folder, whole or not at all, and return its path.

        Raises
        ------
        RunFolderError
            When the folder holds something else, or cannot be written.
        """
        from sim.report.variants_section import variants_csv

        place = VariantsFolder.at(Path(folder)) if self.folder is None else self.folder
        report = self.report()
        for name, result in self.variants.items():
            result.write(place.of_variant(name))
        texts = (self.manifest, self.summary, variants_csv(self.summary), report)
        place.write(list(self.variants), texts, self.scenario_files(place.target / SCENARIOS))
        for name, result in self.variants.items():
            if isinstance(result.tables, StoredTables):
                result.tables.moved_to(place.target / KIND / name / "tables")
        return Path(folder)

    def scenario_files(self, place: Path) -> dict[str, str]:
        """Return by variant the text of a scenario file with which `peakshift run` and `compare` give its tables again.

        Scenarios on a changed street graph are in no file; variants of one have none either.

        Parameters
        ----------
        place : Path
            Folder of the files, from which paths in them count.
        """
        from sim.loading.scenario_dump import dump_given

        base = next(iter(self.variants))
        first = self.variants[base].scenario
        people = f"{base}.yaml"
        if first.parameters.variant_of is not None and first.folder is not None:
            people = Path(os.path.relpath(first.folder / first.parameters.variant_of, place)).as_posix()
        found: dict[str, str] = {}
        for name, result in self.variants.items():
            scenario = result.scenario
            if scenario.graph_changes or scenario.folder is None or (name != base and base not in found):
                continue
            keys: dict[str, Any] = {"baselines": scenario.parameters.baselines[:1]}
            if scenario.wishes_of is not None:
                keys["variant_of"] = people
            strategies = ",".join(self.summary["strategies"])
            command = f"peakshift compare {name}.yaml --strategies {strategies}"
            said = f"# Variant {name} of a comparison. Its tables again, from this folder:\n#\n#   {command}\n\n"
            found[name] = said + dump_given(scenario, place, **keys)
        return found

    def __repr__(self) -> str:
        names = ", ".join(self.variants)
        strategies = ", ".join(self.summary["strategies"])
        return f"<VariantsResult {names}: {strategies}; {counted(self.manifest['replications'])}>"

    def _repr_html_(self) -> str:
        from sim.report.variants_html import variants_html

        return variants_html(self.manifest, self.summary)


def named_scenarios(
    scenarios: Sequence[AnyScenario], changes: Changes, variants: Variants | None
) -> list[NamedScenario]:
    """Read scenarios that are to be set beside each other, the base first.

    Parameters
    ----------
    scenarios : sequence of Scenario, Path, str or mapping
    changes : Changes
        The same for all of them.
    variants : mapping, "declared" or None
        Of the one scenario file; those that files declare, or none.

    Raises
    ------
    InputError
        When a scenario or variant cannot be used.
    """
    if isinstance(variants, Mapping) and (len(scenarios) > 1 or isinstance(scenarios[0], Scenario | Mapping)):
        message = "are laid over a scenario file; give the path of one, and no further scenarios"
        raise InputError([Problem("arguments", 0, 0, "variants", message)])
    found = []
    for item in scenarios:
        if isinstance(item, Scenario | Mapping):
            loaded = changes.loaded(item)
            found.append(NamedScenario(loaded.name, loaded))
            continue
        own = None if variants == "declared" else variants or {}
        base, *others = variants_of_file(find_scenario(str(item)), changes.texts(), (refusals,), own)
        if len(scenarios) > 1:
            others = [replace(other, name=f"{base.name}.{other.name}") for other in others]
        found += [base, *others]
    return found


def compared_variants(
    variants: Sequence[NamedScenario],
    strategies: Sequence[Strategy | str] | None,
    processes: int,
    progress: Progress | None,
    holding: HoldingRule | None,
    folder: Path | None,
) -> VariantsResult:
    """Simulate several scenarios under several strategies, with the people and the luck of the first one.

    Parameters
    ----------
    variants : sequence of NamedScenario
        The base first.
    strategies : sequence of Strategy or str, or None
        None stands for the built-in ones, or `none` alone where no scenario has a day with advice.
    processes, progress, holding
        As of `sim.run`.
    folder : Path or None
        Folder that the result will be written to; finished replications are kept beside it meanwhile.

    Raises
    ------
    ScenarioError
        When nothing could be learnt from them, such as two that are the same.
    """
    if strategies is None:
        strategies = (BASELINE,) if none_has_advice(variants) else DEFAULT_STRATEGIES
    chosen = chosen_strategies(strategies)
    check_variants(variants, chosen, holding)
    if {strategy.name for strategy in chosen} != {BASELINE}:
        check_advice_in_variants(variants)
    started = time.perf_counter()
    place = None if folder is None else VariantsFolder.at(folder)
    days = [len(chosen) * item.scenario.parameters.days * item.scenario.parameters.replications for item in variants]
    usual = cache(partial(options_of_commuters, variants[0].scenario))
    results, outcomes = {}, []
    for number, item in enumerate(with_people_of_base(variants)):
        told = None if progress is None else _part_of(progress, sum(days[:number]), sum(days))
        kept = None if place is None else place.of_variant(item.name)
        result, values = compared(
            item.scenario,
            chosen,
            processes,
            told,
            holding,
            kept,
            usual if item.scenario.wishes_of else None,
            item.scenario.parameters.baselines[:1],
        )
        results[item.name] = _with_file(result, item)
        outcomes.append(
            VariantOutcome(item.name, values, result.tables["journeys"], result.summary.get("unserved", {}))
        )
    summary = variants_summary(outcomes)
    manifest = _manifest(variants, results, summary, time.perf_counter() - started)
    return VariantsResult(manifest, summary, results, place)


def _part_of(progress: Progress, before: int, total: int) -> Progress:
    return lambda finished, _: progress(before + finished, total)


def _with_file(result: ComparisonResult, item: NamedScenario) -> ComparisonResult:
    """Note where the scenario file lies: paths in it count from there."""
    if item.file is None:
        return result
    return replace(result, manifest={**result.manifest, "scenario_file": str(item.file.resolve())})


def _manifest(
    variants: Sequence[NamedScenario],
    results: Mapping[str, ComparisonResult],
    summary: Mapping[str, Any],
    duration_s: float,
) -> dict[str, Any]:
    """Return the manifest of all: that of the base, with what the others change, share and warn of."""
    base = results[variants[0].name].manifest
    people = {name: entry["people"] for name, entry in summary["variants"].items()}
    warnings = dict.fromkeys(
        warning if name == variants[0].name else note("of_variant", variant=name, said=warning)
        for name, result in results.items()
        for warning in result.manifest["warnings"]
        if name == variants[0].name or warning not in base["warnings"]
    )
    manifest = {
        **base,
        "kind": KIND,
        "duration_s": round(duration_s, 3),
        "warnings": list(warnings),
        "pairing": pairing_notes(variants, people),
        "variants": [
            {
                "name": item.name,
                "description": item.scenario.parameters.description,
                "file": "" if item.file is None else item.file.name,
                "changes": dict(item.changes or {}),
                "notes": [said for said in results[item.name].manifest["notes"] if said not in base["notes"]],
            }
            for item in variants
        ],
    }
    for said in (manifest, *manifest["variants"]):
        tell_words(said)
    return manifest

"""The scenario of a finished run, from its manifest and the network it ran on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import Problem, RunFolderError, ScenarioError
from sim.loading.removed_keys import without_removed_keys
from sim.loading.scenario import build_scenario, find_network
from sim.locations import scenarios_dir
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario


def scenario_from_manifest(manifest: Mapping[str, Any], file: Path) -> Scenario:
    """Build the scenario of a run again.

    A network folder is looked for from where the scenario file lay (`scenario_file` and `scenario_folder`
    of the manifest), from the current folder and among those that come with peakshift.

    Parameters
    ----------
    manifest : mapping
        As in a run folder.
    file : Path
        Where the manifest is, for messages.

    Raises
    ------
    ScenarioError
        When the manifest's scenario is none, or its network is not to be found.
    RunFolderError
        When the network is not the one the run was made with, or its graph was changed.
    """
    if manifest.get("graph_changes"):
        raise RunFolderError(f"{file}: the run was made on a changed street graph, which no scenario file holds")
    try:
        given = without_removed_keys(manifest.get("scenario") or {})
        parameters = ScenarioParameters.model_validate(given, by_alias=True, by_name=False)
    except ValidationError as error:
        raise ScenarioError(_problems(error, str(file))) from None
    scenario = build_scenario(parameters, _base_dir(manifest, parameters.network.folder))
    known = dict(manifest.get("inputs") or {})
    changed = [name for name, digest in scenario.input_hashes if known.get(name, digest) != digest]
    if changed:
        raise RunFolderError(
            f"{file}: inputs: {changed[0]} is not the file the run was made with; run the scenario again"
        )
    return scenario


def _base_dir(manifest: Mapping[str, Any], network_folder: str | None) -> Path:
    """Return the first folder from which the network is found."""
    places = list(_places(manifest))
    if network_folder is None:
        return places[0]
    return next((place for place in places if find_network(network_folder, place) is not None), places[0])


def _places(manifest: Mapping[str, Any]) -> Iterator[Path]:
    if isinstance(manifest.get("scenario_file"), str):
        yield Path(manifest["scenario_file"]).parent
    # A run in Python knows no file, only from where its paths count
    # (test_a_run_of_python_is_read_again_from_any_folder).
    if isinstance(manifest.get("scenario_folder"), str):
        yield Path(manifest["scenario_folder"])
    yield Path.cwd()
    yield scenarios_dir()


def _problems(error: ValidationError, file: str) -> list[Problem]:
    return [
        Problem(file, 0, 0, ".".join(str(part) for part in ("scenario", *item["loc"])), str(item["msg"]))
        for item in error.errors()
    ]

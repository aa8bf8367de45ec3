"""The scenario of a case as a file that anybody can run again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sim.advisor.baselines import baseline_by_name
from sim.loading.scenario_dump import dump_parameters
from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params
from sim.verification.catalogue import CASES
from sim.verification.settings import find_case, parameter_sets


def write_scenario(case: str, overrides: Sequence[str], path: Path | str) -> None:
    """Write the scenario that a case runs, with what it shows and how to get the number back.

    A case about a difference runs two; the other one is written beside it, with `-reference`
    behind the name.

    Parameters
    ----------
    case : str
    overrides : sequence of str
        As in `run_cases`; without any, the first default parameters are written.
    path : Path or str
        Scenario file to write.

    Raises
    ------
    UnknownNameError
        When there is no such case, or it has no such parameter.
    InputError
        When a value is not accepted.
    """
    found = find_case(case, CASES)
    params = parameter_sets(found, overrides)[0]
    file, world = Path(path), found.world(params)
    _write(file, _header(found, params, world, file), found.scenario(world))
    if found.reference is not None:
        beside = _beside(file)
        words = f"The other scenario of {file.name}, which says what to do with both"
        _write(beside, iter([words]), found.reference(world))


def _write(path: Path, lines: Iterator[str], scenario: ScenarioParameters) -> None:
    header = "".join(f"# {line}".rstrip() + "\n" for line in lines)
    path.write_text(f"{header}\n{dump_parameters(scenario)}", encoding="utf-8")


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}-reference{path.suffix}")


def _header(case: Case[Any], params: Params, world: Any, path: Path) -> Iterator[str]:
    theory = case.theory(world)
    yield f"Verification case {case.id}: {case.quantity}"
    yield f"params   {json.dumps(dict(params))}"
    yield f"theory   {case.formula}"
    yield f"         = {theory if isinstance(theory, float) else theory.tolist()}"
    yield f"source   {case.source}"
    yield ""
    yield "To get the number from tables of your own, run this and have the run folder measured:"
    files = [path] if case.reference is None else [path, _beside(path)]
    # `run` knows people by habit alone; others are simulated by `compare`.
    habit = baseline_by_name(case.scenario(world).baselines[0]).settle is None
    command, strategies = ("run", "") if habit else ("compare", " --strategies none")
    for file in files:
        yield f"  peakshift {command} {file.name}{strategies} --out runs/{file.stem}"
    settings = "".join(f" --set {shlex.quote(f'{name}={json.dumps(value)}')}" for name, value in params.items())
    folders = "".join(f" --run runs/{file.stem}" for file in files)
    yield f"  peakshift verify {case.id}{settings}{folders}"

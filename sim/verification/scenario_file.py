"""The scenario of a case as a file that anybody can run again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.loading.scenario_dump import dump_parameters
from sim.model.parameters import ScenarioParameters
from sim.verification.case import REFERENCE, Case, Params
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
    file = Path(path)
    _write(file, _header(found, params, file), found.scenario(params))
    if found.reference is not None:
        beside = _beside(file)
        words = f"The other scenario of {file.name}, which says what to do with both"
        _write(beside, iter([words]), found.reference(params))


def _write(path: Path, lines: Iterator[str], scenario: ScenarioParameters) -> None:
    header = "".join(f"# {line}".rstrip() + "\n" for line in lines)
    path.write_text(f"{header}\n{dump_parameters(scenario)}", encoding="utf-8")


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.stem}-reference{path.suffix}")


def _header(case: Case, params: Params, path: Path) -> Iterator[str]:
    theory = case.theory(params)
    yield f"Verification case {case.id}: {case.quantity}"
    yield f"params   {json.dumps(dict(params))}"
    yield f"theory   {case.formula}"
    yield f"         = {theory if isinstance(theory, float) else theory.tolist()}"
    yield f"source   {case.source}"
    yield ""
    if case.reference is None:
        yield "To get the number from the tables, run the file and ask DuckDB inside the run folder:"
        yield f"  peakshift run {path.name}"
        yield f"  {case.recompute(params)}"
        return
    folder, other = f"runs/{path.stem}", f"runs/{_beside(path).stem}"
    yield f"To get the number from the tables, run both files and ask DuckDB inside {folder}:"
    yield f"  peakshift run {path.name} --out {folder}"
    yield f"  peakshift run {_beside(path).name} --out {other}"
    yield f"  {case.recompute(params).replace(REFERENCE, f'../{_beside(path).stem}')}"

"""The scenario of a case as a file that anybody can run again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.loading.scenario import dump_parameters
from sim.verification.case import Case, Params
from sim.verification.catalogue import CASES
from sim.verification.settings import find_case, parameter_sets


def write_scenario(case: str, overrides: Sequence[str], path: Path | str) -> None:
    """Write the scenario that a case runs, with what it shows and how to get the number back.

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
    header = "".join(f"# {line}".rstrip() + "\n" for line in _header(found, params, Path(path)))
    Path(path).write_text(f"{header}\n{dump_parameters(found.scenario(params))}", encoding="utf-8")


def _header(case: Case, params: Params, path: Path) -> Iterator[str]:
    theory = case.theory(params)
    yield f"Verification case {case.id}: {case.quantity}"
    yield f"params   {json.dumps(dict(params))}"
    yield f"theory   {case.formula}"
    yield f"         = {theory if isinstance(theory, float) else theory.tolist()}"
    yield f"source   {case.source}"
    yield ""
    yield "To get the number from the tables, run the file and ask DuckDB inside the run folder:"
    yield f"  peakshift run {path.name}"
    yield f"  {case.recompute(params)}"

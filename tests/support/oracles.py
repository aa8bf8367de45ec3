"""Rows of ../shared/oracles/expected.json and how to hold a simulation against them.

Nothing here is taken from `sim.verification`: the rule of the verdict is written down a second time.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from scipy import stats

Row = dict[str, Any]


def oracle_rows(shared: Path, cases: Sequence[str], params: Mapping[str, Any] | None = None) -> list[Row]:
    """Return the rows of some cases, all or those of one parameter set."""
    return [row for row in all_rows(shared) if row["id"] in cases and (params is None or row["params"] == params)]


def all_rows(shared: Path) -> list[Row]:
    """Return all rows."""
    rows: list[Row] = json.loads((shared / "oracles" / "expected.json").read_text(encoding="utf-8"))
    return rows


def settings(params: Mapping[str, Any]) -> list[str]:
    """Write parameters as a user would after --set."""
    return [f"{key}={json.dumps(value)}" for key, value in params.items()]


def assert_agrees(row: Row, value: float, rel_tol: float, abs_tol: float = 0.0, replications: int = 0) -> None:
    """Hold theory and simulation of a row of `run_cases` against a value.

    Parameters
    ----------
    replications : int
        Of a Monte Carlo row, at least; 0 for arithmetic. The half width is that of 95 %.
    """
    assert math.isclose(row["theory"], value, rel_tol=max(rel_tol * 1e-3, 1e-7), abs_tol=1e-9), "theory"
    tolerance = max(rel_tol * abs(value), abs_tol)
    if replications:
        error = row["half_width"] / stats.t.ppf(0.975, replications - 1)
        assert error <= 0.02 * abs(value), "run too short"
        tolerance = max(tolerance, 3.0 * error)
    assert abs(row["simulation"] - value) <= tolerance, (row["simulation"], value, tolerance)
    assert (row["verdict"], row["reason"]) == ("pass", "")

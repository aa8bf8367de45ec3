"""One small comparison whose numbers are stored: a guard against change that nobody meant.

It does not say that the numbers are right. Where a change is meant, run the command that small.json names
(``python tests/golden/regenerate.py``), look at the difference, and say in the commit what made it.
"""

from __future__ import annotations

import json
import math

from golden.regenerate import COMMAND, STORED, golden


def test_numbers_are_those_stored() -> None:
    stored, found = json.loads(STORED.read_text(encoding="utf-8")), golden()
    changed = []
    for strategy, metrics in stored["strategies"].items():
        for name, value in metrics.items():
            new = found["strategies"].get(strategy, {}).get(name, "no such metric")
            if not _same(value, new):
                changed.append(f"{strategy}: {name} was {value}, is {new}")
    for name, rows in stored["rows"].items():
        if found["rows"].get(name) != rows:
            changed.append(f"table {name} had {rows} rows, has {found['rows'].get(name)}")
    assert not changed, "\n".join([f"if this is meant, run {COMMAND}:", *changed])


def test_stored_run_has_a_bit_of_everything() -> None:
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert stored["command"] == COMMAND
    assert set(stored["strategies"]) == {"none", "same_for_all", "individual", "coordinated"}
    none = stored["strategies"]["none"]
    assert none["denied_boardings"] > 5
    assert none["mean_transfers"] > 0
    assert 0.8 < none["arrived_share"] < 1
    costs = [metrics["mean_generalized_cost_min"] for metrics in stored["strategies"].values()]
    assert len(set(costs)) == 4


def _same(old: float | None, new: float | str | None) -> bool:
    if old is None or new is None or isinstance(new, str):
        return old is new
    return math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-9)

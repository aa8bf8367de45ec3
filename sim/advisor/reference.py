"""Writes docs/strategies.md from the registry of strategies: ``python -m sim.advisor.reference``."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.advisor.registry import built_in_strategies
from sim.advisor.strategy import StrategyFacts
from sim.records.pages import write_page

_HEAD = """\
# Strategies

Every name that `advisor.strategy` and `--strategies` take. This page is generated: edit the entries in
`sim/advisor/strategies/` and `sim/advisor/variants.py`, and run `make docs`.

| name | in reports | what it does |
|---|---|---|
"""


def reference_text() -> str:
    """Return the page."""
    return _HEAD + "\n".join(_row(StrategyFacts.of(strategy)) for strategy in built_in_strategies().values()) + "\n"


def _row(facts: StrategyFacts) -> str:
    what = facts.sentence or "advises nobody"
    return f"| `{facts.name}` | {facts.label} | {what.strip().rstrip('.')}. |"


def main(folder: Path = Path("docs")) -> int:
    """Write the page, and return an exit code."""
    return write_page(folder / "strategies.md", reference_text())


if __name__ == "__main__":
    sys.exit(main())

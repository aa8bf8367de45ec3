"""Writes docs/strategies.md from the registry of strategies: ``python -m sim.advisor.reference``."""

from __future__ import annotations

import sys
from pathlib import Path

from sim.advisor.registry import built_in_strategies
from sim.advisor.strategy import StrategyFacts

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
    try:
        (folder / "strategies.md").write_text(reference_text(), encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"{folder / 'strategies.md'}: cannot be written: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

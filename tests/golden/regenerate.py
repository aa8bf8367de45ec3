"""Write small.json anew: ``python tests/golden/regenerate.py`` from the project's root.

Do so only where a change of results is meant, and say in the commit what changed them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import sim

FOLDER = Path(__file__).resolve().parent
SCENARIO = FOLDER / "small.yaml"
STORED = FOLDER / "small.json"
COMMAND = "python tests/golden/regenerate.py"


def golden() -> dict[str, Any]:
    """Run the scenario and return what is stored of it."""
    result = sim.compare(SCENARIO)
    return {
        "command": COMMAND,
        "rows": {name: len(table) for name, table in result.tables.items()},
        "strategies": {
            strategy: {name: entry.get("largest", entry["mean"]) for name, entry in metrics.items()}
            for strategy, metrics in result.summary["strategies"].items()
        },
    }


if __name__ == "__main__":
    STORED.write_text(json.dumps(golden(), indent=1) + "\n", encoding="utf-8")

"""Cases that a study measures by name, and what it keeps of them, so that its page can be written without measuring."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Measured = Callable[[str], Iterator[tuple[str, Mapping[str, Any]]]]
"""Given the name of a case; yields under which name something is kept, and what."""


def kept_in(path: Path) -> dict[str, Any]:
    """Return what is kept in a file; nothing where there is none."""
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def measure_cases(arguments: Sequence[str], cases: Iterable[str], measured: Measured, path: Path) -> bool:
    """Measure the cases named, and keep each at once; False where there is no case of a name, as is then said.

    Parameters
    ----------
    arguments : sequence of str
        Names of cases; ``all`` stands for every one.
    cases : iterable of str
        Those that there are.
    measured : callable
    path : Path
        File in which it is kept.
    """
    names = list(cases)
    unknown = [name for name in arguments if name not in names and name != "all"]
    if unknown:
        sys.stderr.write(f"no case {unknown[0]!r}; there are {', '.join(names)} and all\n")
        return False
    found = kept_in(path)
    for name in names if "all" in arguments else arguments:
        for key, entry in measured(name):
            found[key] = entry
            text = json.dumps(dict(sorted(found.items())), indent=1, ensure_ascii=False)
            path.write_text(text + "\n", encoding="utf-8")
    return True

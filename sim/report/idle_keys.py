"""Keys of a sweep along which nothing changes, so that nobody takes equal points for a finding."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from sim.report.numbers import join_words

_MEASURED: Final = ("mean", "half_width", "largest")


def idle_sentences(summary: Mapping[str, Any]) -> list[str]:
    """Name the keys whose values make no difference to any metric of any strategy; none is no sentence.

    A scenario may not use what was varied: `demand.scale` is one where all commuters come from flows.

    Parameters
    ----------
    summary : mapping
        Of a sweep.
    """
    idle = [key for key, values in summary["vary"].items() if len(values) > 1 and _is_idle(summary["points"], key)]
    if not idle:
        return []
    change = "changes" if len(idle) == 1 else "change"
    return [f"{join_words(idle)} {change} nothing here: every metric is the same at all values."]


def _is_idle(points: list[Mapping[str, Any]], key: str) -> bool:
    alike = defaultdict[str, set[str]](set)
    for point in points:
        measured = {
            strategy: {name: [entry.get(part) for part in _MEASURED] for name, entry in metrics.items()}
            for strategy, metrics in point["strategies"].items()
        }
        if not any(measured.values()):
            return False
        others = {name: value for name, value in point["values"].items() if name != key}
        alike[json.dumps(others, sort_keys=True)].add(json.dumps(measured, sort_keys=True))
    return all(len(found) == 1 for found in alike.values())

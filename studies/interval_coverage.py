"""How often the intervals over replications hold: the page docs/interval-coverage.md.

``python -m studies.interval_coverage`` writes it. Values are drawn from laws of known mean and rising skewness, and the
intervals of `sim.metrics.statistics` are taken of them; beside them stands Student's t alone.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from sim.arrays import FloatArray
from sim.metrics.statistics import CONFIDENCE, estimate, t_quantile
from sim.records.pages import write_page

SAMPLES = 8_000
REPLICATIONS = (3, 5, 10, 20)
SEED = 1978

Law = tuple[str, float, float, Callable[[np.random.Generator, tuple[int, int]], FloatArray]]
"""Name, skewness, mean, and how values are drawn."""

LAWS: tuple[Law, ...] = (
    ("normal", 0.0, 0.0, lambda random, shape: random.normal(size=shape)),
    ("gamma of shape 4", 1.0, 4.0, lambda random, shape: random.gamma(4.0, size=shape)),
    ("lognormal of sigma 0.5", 1.75, math.exp(0.125), lambda random, shape: random.lognormal(0.0, 0.5, shape)),
    ("exponential", 2.0, 1.0, lambda random, shape: random.exponential(size=shape)),
)

_HEAD = f"""# How often intervals hold

<!-- Written by `python -m studies.interval_coverage`. -->

Shares of {SAMPLES:,} intervals at {100 * CONFIDENCE:g} % that hold the true mean, by the law of the values and the
number of replications: of Student's t, and of the interval that peakshift gives (`sim/metrics/statistics.py`); then how
much wider that is at the median. Metrics are sums over many people, most of them less skewed than the lower rows; a
few, such as waits on days that break down, are not. A share of {100 * CONFIDENCE:g} % is off by chance by
{100 * 1.96 * math.sqrt(CONFIDENCE * (1 - CONFIDENCE) / SAMPLES):.1f} points at most, 19 times in 20.

| law | skewness | replications | Student's t | given | wider by |
|---|---|---|---|---|---|
"""

_TAIL = """
With five replications the interval given holds about as often as it says up to a skewness of 1.75, falls short of it
by 2 to 3 percentage points for exponential values, and holds more often for values that are not skewed, where it could
be narrower. It is no help against what replications do not vary: the scenario itself.
"""


def coverage(law: Law, replications: int) -> tuple[float, float, float]:
    """Return the share of Student's intervals that hold, of those given, and the median ratio of their widths.

    Parameters
    ----------
    law : tuple
        One of `LAWS`.
    replications : int
        Values of each interval, at least 2.
    """
    _, _, mean, draw = law
    values = draw(np.random.default_rng(SEED), (SAMPLES, replications))
    away = np.abs(values.mean(axis=1) - mean)
    student = t_quantile(replications) * values.std(axis=1, ddof=1) / math.sqrt(replications)
    given = np.array([estimate(row).half_width for row in values])
    return float((away <= student).mean()), float((away <= given).mean()), float(np.median(given / student))


def reference_text() -> str:
    """Return the page."""
    rows = []
    for law in LAWS:
        for replications in REPLICATIONS:
            student, given, wider = coverage(law, replications)
            cells = (law[0], f"{law[1]:g}", str(replications), f"{100 * student:.1f} %", f"{100 * given:.1f} %")
            rows.append(f"| {' | '.join(cells)} | {100 * (wider - 1):.0f} % |")
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


def main(folder: Path = Path("docs")) -> int:
    """Write the page, and return an exit code."""
    return write_page(folder / "interval-coverage.md", reference_text())


if __name__ == "__main__":
    sys.exit(main())

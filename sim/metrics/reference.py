"""The page docs/metrics.md: every metric with formula, population and unit, written from the entries.

``python -m sim.metrics.reference`` writes it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import fill

from sim.metrics.metric import Metric
from sim.metrics.registry import METRICS
from sim.metrics.statistics import CONFIDENCE
from sim.metrics.summary import CALLED_CLEAR, CORRECTED_FAMILIES
from sim.records.pages import write_page

_CORRECTED = ", ".join(f"`{metric.name}`" for family in CORRECTED_FAMILIES for metric in family)

_BETTER = fill(
    f"- **Better** says which way is better; a difference is called better or worse {CALLED_CLEAR}. The metrics that "
    f"sentences speak of have `adjusted_p_value` in `summary.json`: {_CORRECTED}.",
    width=118,
    subsequent_indent="  ",
    break_on_hyphens=False,
)

_HEAD = f"""# Metrics

<!-- Written by `make docs` from the entries in sim/metrics; change those. -->

Each metric is a number of one replication of one strategy: means and shares run over all kept days, counts and totals
are divided by the number of kept days. `summary.json` holds the mean over replications with the half width of its
{100 * CONFIDENCE:g} % interval, and in a comparison the difference against `none`, paired by replication. The
interval is Student's t, made wider where the values are skewed (Johnson 1978, to the first order);
[interval-coverage.md](interval-coverage.md) shows how often it holds. Metrics that are the largest of something over
all replications have `largest` instead of a mean, and no interval. A number that cannot be said is null.

- **Over** is the population: those that count. n in a formula is its size. A journey there and the journey back of the
  same person are two journeys; where it says persons, the two are taken together. Means of journeys that arrived leave
  out all others; costs count everybody, those who do not arrive with the penalty for it.
- **Formula** uses the columns of [tables.md](tables.md); `#(...)` counts. Sums and maxima run over the population,
  `days` is the number of kept days, and the time to the next stop is that of the vehicle.
- **Source** says where the definition comes from; sources are to be confirmed before quoting.
{_BETTER}
- **Paired** metrics compare people with themselves under `none` on the same draws. They are null where `none` was not
  run. They are differences already: `difference` in `summary.json` is the metric itself, 0 for `none`.
- **Bold** metrics are shown first.

| metric | name | unit | over | better | paired | definition | formula | source |
|---|---|---|---|---|---|---|---|---|
"""


def reference_text() -> str:
    """Return the page."""
    return _HEAD + "\n".join(_row(metric) for metric in METRICS) + "\n"


def _row(metric: Metric) -> str:
    name = f"`{metric.name}`"
    cells = (
        f"**{name}**" if metric.headline is not None else name,
        metric.label,
        metric.unit,
        metric.population,
        "" if metric.better == "neither" else metric.better,
        "yes" if metric.paired else "",
        metric.description,
        metric.formula.replace("|", "\\|"),
        metric.source,
    )
    return f"| {' | '.join(cells)} |"


def main(folder: Path = Path("docs")) -> int:
    """Write the page, and return an exit code."""
    return write_page(folder / "metrics.md", reference_text())


if __name__ == "__main__":
    sys.exit(main())

"""What a saving consists of, as the terminal and the report print it."""

from __future__ import annotations

import pytest

from sim.metrics.registry import metrics_told
from sim.report.saving_section import saving_rows

COST = metrics_told("verdict")[0].name


def of_one_strategy(difference: float, half_width: float | None) -> dict[str, object]:
    """Return a summary in which a strategy saves so much, 60 % of it by small shifts."""
    parts = {part.name: {"mean": 0.25, "half_width": 0.1} for part in metrics_told("parts")}
    within = {metric.name: {"mean": 0.6, "half_width": 0.05} for metric in metrics_told("within")}
    cost = {"mean": 10.0, "difference": difference, "difference_half_width": half_width}
    return {"strategies": {"none": {}, "individual": {COST: cost, **parts, **within}}}


@pytest.mark.parametrize(
    ("difference", "half_width", "shown"),
    [(-1.25, 0.5, "60 ± 5"), (-1.25, None, "60 ± 5"), (-1.25, 1.5, "–"), (1.25, 0.5, "–"), (1.25, None, "–")],
)
def test_shares_of_a_saving_stand_where_there_is_one(difference, half_width, shown):
    """A share of what the interval cannot tell from nothing would be noise over noise, as in 125 ± 75 %."""
    _, rows = saving_rows(of_one_strategy(difference, half_width))
    cells = [cell for name, cell in rows if "shifts" in name]
    assert len(cells) == len(metrics_told("within"))
    assert set(cells) == {shown}

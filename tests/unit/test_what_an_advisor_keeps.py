"""Forecasts that `sim.Advisor` keeps of what it was asked: no more of them than there is memory for."""

from __future__ import annotations

import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.api import RunResult
from sim.api import advisor as module


@pytest.fixture(scope="module")
def result() -> RunResult:
    line = bus_line("L", "ABCD", [300, 300, 300], range(3600, 9001, 600))
    return sim.run(world([line], [flow("A", "D", 4000, 8000, 30)], replications=2), strategy="none")


def told(advisor: sim.Advisor) -> list[tuple[float, float]]:
    found = []
    for origin, destination in ("AB", "BC", "CD", "AD", "AB"):
        answer = advisor.ask(advisor.request(origin, destination, arrive_by=7200))
        found.append((answer.window.window_start_s, answer.window.generalized_cost_min))
    return found


def test_few_forecasts_are_kept_of_many_days_and_answers_are_the_same(
    result: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a service that keeps 256 pairs of stops whatever they take: 10 MB a day each on Jing-Jin-Ji."""
    advisor = sim.Advisor(result)
    answers = told(advisor)
    assert len(advisor._pairs) == 4
    (pair, *_) = advisor._pairs.values()
    cells = pair.compiled.points.points * pair.compiled.points.periods * len(pair.days)
    assert len(pair.days) == 2
    for most_cells, kept in ((2 * cells, 2), (1, 1)):
        monkeypatch.setattr(module, "MOST_CELLS", most_cells)
        other = sim.Advisor(result)
        assert told(other) == answers
        assert [len(known) for known in (other._pairs, other._cases, other._stated)] == [kept, kept, kept]

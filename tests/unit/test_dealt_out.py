"""The linear program of many-to-many travel, by hand, and what the simulator makes of its world."""

from __future__ import annotations

import pytest

from sim.verification.families.many_pairs import PAIRS, ManyPairs
from sim.verification.families.reserved_entry import ReservedEntry
from sim.verification.theory.dealt_out import PlainLine, PlainPair, PlainWeights, least_total_min

WEIGHTS = PlainWeights(wait=2.0, early=0.5, late=2.0, change=5.0)


def test_who_finds_no_place_on_time_is_early() -> None:
    """Vehicles arrive at 10, 20 and 30 with 2 places each; 5 people wish to arrive at 20."""
    line = PlainLine(("A", "B"), (5.0,), (5.0, 15.0, 25.0))
    found = least_total_min([line], [PlainPair("A", "B", 5, 20.0)], 2, WEIGHTS)
    # Two are on time, two 10 min early, one 10 min late; all ride for 5 min.
    assert found == pytest.approx(5 * 5 + 2 * 0.5 * 10 + 1 * 2.0 * 10)


def test_a_change_costs_the_wait_and_counts_in_both_vehicles() -> None:
    lines = [PlainLine(("A", "B"), (5.0,), (0.0, 10.0)), PlainLine(("B", "C"), (5.0,), (8.0, 18.0))]
    found = least_total_min(lines, [PlainPair("A", "C", 2, 23.0)], 1, WEIGHTS)
    # One vehicle each: the first arrives at 13, the second at 23; both wait 3 min and change.
    assert found == pytest.approx(2 * (10 + 2 * 3 + 5) + 0.5 * 10)


@pytest.mark.parametrize(("comes", "wait"), [(10.0, 1.0), (11.0, 2.0), (11.5, 2.5)])
def test_windows_of_two_minutes_cost_a_wait(comes: float, wait: float) -> None:
    """For a vehicle at 10 the window from 8 to 10 has a mean wait of 1 min, for one at 11 that window has 2."""
    assert PlainWeights(2.0, 0.5, 2.0, 5.0, window=2.0).first_wait(comes) == pytest.approx(2.0 * wait)


def test_the_world_has_too_few_places_for_all_and_every_pair_has_a_way() -> None:
    small = ManyPairs.of({"people": 1200})
    assert small.each * len(PAIRS) == 1200
    alone = ManyPairs(1200)
    roomy = least_total_min(alone.lines, [PlainPair(*ends, alone.each, 540.0) for ends in PAIRS], 1200, WEIGHTS)
    assert small.least_min > 1.2 * roomy


@pytest.mark.parametrize(("side", "slope"), [("before", 1.0), ("after", 4.0)])
def test_reserved_entry_before_the_wish_saves_more(side: str, slope: float) -> None:
    params = {"N": 4000, "s": 2000.0, "alpha": 2.0, "beta": 1.0, "gamma": 4.0, "tstar": 9.0, "booked": 0.2}
    world = ReservedEntry.of({**params, "side": side})
    # 800 have 0.4 h of slots; the others pay 0.8 x 2 h each.
    assert world.total() == pytest.approx(3200 * 1.6 + 800 * slope * 0.4 / 2)
    # Those who pass first and last join when they pass, as there is no queue then.
    assert world.joins(world.theory.opens) == pytest.approx(world.theory.opens)
    end = world.theory.opens + world.theory.length
    assert world.joins(end) == pytest.approx(end)

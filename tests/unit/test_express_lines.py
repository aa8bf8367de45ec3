"""Expresses and skip-stop lines written in a scenario file."""

from __future__ import annotations

import pytest
from pydantic import ValidationError
from support.worlds import INSTANT_BUS, Rider, bus_line, run_day, world

from sim.errors import ScenarioError

LOCAL = bus_line("local", "ABCD", [120, 120, 120], [600])
EXPRESS = bus_line("express", "ABCD", [60, 60, 60], [600], passes=["B", "C"])


def test_an_express_takes_its_own_time_over_the_links_of_the_local():
    day = run_day(world([LOCAL, EXPRESS], days=1), [Rider(500, "A", "D"), Rider(500, "A", "C")])
    assert [call.stop for call in day.calls("express-0001")] == ["A", "D"]
    assert day.times("express-0001") == [(600.0, 600.0), (780.0, 780.0)]
    assert [arrival for arrival, _ in day.times("local-0001")] == [600.0, 720.0, 840.0, 960.0]
    assert day.rider(1).trips == ["local-0001"]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_fast_line_may_stop_everywhere_too(order):
    """The order in which lines stand in the file decides nothing."""
    lines = [LOCAL, bus_line("fast", "ABC", [60, 90], [660])]
    day = run_day(world([lines[row] for row in order], days=1), [Rider(500, "A", "C")])
    assert [arrival for arrival, _ in day.times("fast-0001")] == [660.0, 720.0, 810.0]
    assert [arrival for arrival, _ in day.times("local-0001")] == [600.0, 720.0, 840.0, 960.0]


def test_a_slow_link_slows_the_line_that_runs_past_its_stops():
    """A third of its way takes twice as long."""
    slow = {"links": [{"from_stop": "B", "to_stop": "C", "start": 0, "end": 3600, "speed_factor": 0.5}]}
    day = run_day(world([LOCAL, EXPRESS], days=1, disruptions=slow), [Rider(500, "A", "D")])
    assert day.times("express-0001")[1][0] == 600 + 180 * 4 / 3
    assert day.times("local-0001")[2][0] == 600 + 120 + 240


def test_traffic_keeps_the_times_of_each_line_where_no_car_is():
    traffic = {"delay": "bpr", "step": 300}
    scenario = world([LOCAL, EXPRESS], days=1, traffic=traffic)
    day = run_day(scenario, [Rider(500, "A", "D")])
    assert day.times("express-0001")[1][0] == pytest.approx(780.0, abs=1e-3)
    assert day.times("local-0001")[3][0] == pytest.approx(960.0, abs=1e-3)


def test_skip_stop_lines_share_a_street():
    """Odd and even stops: people from B to C have to change where both stop."""
    odd = bus_line("odd", "ABCDE", [60] * 4, [600], passes=["B", "D"])
    even = bus_line("even", "ABCDE", [60] * 4, [600], passes=["C"])
    scenario = world([odd, even], days=1)
    day = run_day(scenario, [Rider(500, "A", "C"), Rider(500, "B", "D")])
    assert [day.rider(n).trips for n in range(2)] == [["odd-0001"], ["even-0001"]]
    assert len(scenario.network.link_id) == 4


def test_the_way_past_stops_is_as_long_as_the_links():
    scenario = world([LOCAL, {**EXPRESS, "lengths": [1000, 2000, 3000]}], days=1)
    (links,) = scenario.service.patterns[1].links
    assert scenario.network.link_length_m[list(links)].tolist() == [1000.0, 2000.0, 3000.0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({**EXPRESS, "passes": ["A"]}, "passes must name stops between the first and the last: B, C"),
        ({**EXPRESS, "passes": ["X"]}, "passes must name stops between the first and the last: B, C"),
    ],
)
def test_only_stops_on_the_way_are_passed(line, message):
    with pytest.raises(ValidationError, match=message):
        world([LOCAL, line])


def test_a_link_has_one_length_and_is_not_crossed_in_no_time_by_some():
    one, other = {**LOCAL, "lengths": [500, 500, 500]}, {**EXPRESS, "lengths": [500, 600, 500]}
    with pytest.raises(ScenarioError, match="600 m, but line 'local' has 500 m between these stops"):
        world([one, other])
    with pytest.raises(ScenarioError, match="must be 0 s from 'A' to 'B'"):
        world([LOCAL, {**EXPRESS, "running_times": [0, 60, 60]}])


def test_nobody_travels_to_a_stop_that_all_lines_pass():
    with pytest.raises(ScenarioError, match="B"):
        world(
            [EXPRESS],
            [{"origin": "A", "destination": "B", "pieces": [{"start": 0, "end": 60, "commuters": 1}]}],
            {"bus": INSTANT_BUS},
        )

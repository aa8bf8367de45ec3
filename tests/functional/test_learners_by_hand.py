"""What people who learn, and the advisor, take windows to cost: set against one line to the minute with room for all.

Nobody meets anybody there, so that what leaving at a moment costs follows from the timetable, as the documentation
says it: the first bus that is not missed, the ride, and how early or late one is.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.model.scenario import Scenario

MINUTE_S = 60.0
RIDE_S = 10 * MINUTE_S
DEPARTURES_S = [minute * MINUTE_S for minute in (8, 41, 71, 118, 125.5, 133, 167)]
RARE_S = [minute * MINUTE_S for minute in (2, 122.9, 242)]
UNSERVED_MIN = 120.0
FLEXIBLE_S = 3600.0


def one_line(departures_s: list[float], window_s: float, period_s: float, first_s: float, last_s: float) -> Scenario:
    return world(
        [bus_line("L", "AB", [RIDE_S], departures=departures_s)],
        [flow("A", "B", first_s, last_s, 40, "even")],
        {"bus": {**INSTANT_BUS, "capacity": 1000}},
        days=1,
        period=period_s,
        behaviour={"departure_choice": "best_reply"},
        preferences={"crowding": {"kind": "none"}},
        population={"earlier_flexibility": FLEXIBLE_S, "later_flexibility": FLEXIBLE_S},
        advisor={"window": window_s},
    )


def cost_min(departures_s: list[float], leaves_s: float, wish_s: float) -> float:
    """Return what leaving at a moment costs by the documented weights; infinite after the last bus."""
    bus = bisect_left(departures_s, leaves_s)
    if bus == len(departures_s):
        return np.inf
    arrives_s = departures_s[bus] + RIDE_S
    delay_s = 0.61 * max(wish_s - arrives_s, 0.0) + 2.4 * max(arrives_s - wish_s, 0.0)
    return (RIDE_S + 1.7 * (departures_s[bus] - leaves_s) + delay_s) / 60.0


def gap_by_hand(departures_s: list[float], scenario: Scenario) -> float:
    """Return what all could save by the cheapest window within their flexibility, over what they pay."""
    people = ReplicationWorld.create(compile_scenario(scenario), 0)
    window_s, place = scenario.parameters.advisor.window_s, people.lasting.place_in_window
    paid_min = least_min = 0.0
    habits = zip(people.population.habitual_departure_s, people.population.preferred_arrival_s, place, strict=True)
    for leaves_s, wish_s, own in habits:
        now_min = cost_min(departures_s, leaves_s, wish_s)
        if np.isinf(now_min):
            now_min = UNSERVED_MIN
        first = np.ceil((leaves_s - FLEXIBLE_S) / window_s)
        numbers = np.arange(max(first, 0.0), np.floor((leaves_s + FLEXIBLE_S) / window_s))
        others = [number for number in numbers if number != leaves_s // window_s]
        paid_min += now_min
        least_min += min([now_min, *(cost_min(departures_s, (number + own) * window_s, wish_s) for number in others)])
    return (paid_min - least_min) / paid_min


@pytest.mark.parametrize("hours", [(600.0, 6000.0), (6600.0, 9900.0), (9600.0, 10500.0)])
@pytest.mark.parametrize(("window_s", "period_s"), [(60.0, 1800.0), (300.0, 1800.0), (420.0, 300.0), (3600.0, 900.0)])
def test_the_gap_is_that_of_moments_of_ones_own(hours: tuple[float, float], window_s: float, period_s: float) -> None:
    """Around the last bus as well, however wide windows and periods are.

    Would catch chances of missing it that are those of others in the period, or in the window: whoever caught it was
    charged for others who did not, in windows of 5 min and periods of 30 half as much again. And whoever has missed it
    was taken to wait for hours besides.
    """
    scenario = one_line(DEPARTURES_S, window_s, period_s, *hours)
    told = sim.run(scenario).tables["days"]["relative_gap_share"]
    assert told == pytest.approx([gap_by_hand(DEPARTURES_S, scenario)], abs=1e-9)


def test_whoever_leaves_before_all_places_of_a_window_may_meet_an_earlier_vehicle() -> None:
    """A bus in the first tenth of a window, and none after it until the next two windows are over.

    Would catch windows left out for the next one by their five places alone, to which that bus is gone already.
    """
    scenario = one_line(RARE_S, 1800.0, 900.0, 9600.0, 10500.0)
    told = sim.run(scenario).tables["days"]["relative_gap_share"]
    assert told == pytest.approx([gap_by_hand(RARE_S, scenario)], abs=1e-9)


def test_nobody_is_sent_away_from_the_last_bus_which_they_meet() -> None:
    """At A a minute before it leaves, and in time: people were taken to miss it, as others of the same half hour do."""
    last_s = DEPARTURES_S[-1]
    scenario = world(
        [bus_line("L", "AB", [RIDE_S], departures=DEPARTURES_S)],
        [flow("A", "B", last_s - 60.0, last_s - 60.0, 20, preferred_arrival=last_s + RIDE_S)],
        {"bus": {**INSTANT_BUS, "capacity": 1000}},
        period=1800,
        preferences={"crowding": {"kind": "none"}},
        advisor={"window": 60, "penetration": 1, "compliance": 1},
    )
    journeys = sim.compare(scenario, ["none", "individual"]).tables["journeys"]
    assert (journeys["departure_s"] == last_s - 60.0).all()


def test_as_many_move_to_each_window_as_gain_by_it() -> None:
    """Forty people alike, a bus at the end of each window of 10 min: half move at first, by what each window gains.

    Would catch somebody who is picked for two windows and moves to one: 17 moved.
    """
    habit_s, wish_s, window_s, people = 5700.0, 4980.0, 600.0, 40
    scenario = world(
        [bus_line("L", "AB", [RIDE_S], departures=np.arange(1, 20) * window_s)],
        [flow("A", "B", habit_s, habit_s, people, preferred_arrival=wish_s)],
        {"bus": {**INSTANT_BUS, "capacity": 1000}},
        days_kept=2,
        behaviour={"departure_choice": "re_equilibrating"},
        preferences={"crowding": {"kind": "none"}, "wait_weight": 0},
        population={"earlier_flexibility": FLEXIBLE_S, "later_flexibility": FLEXIBLE_S},
        advisor={"window": window_s},
    )
    journeys = sim.run(scenario).tables["journeys"]
    leaves_s = journeys["departure_s"][journeys["day"] == 1]
    arrives_s = (np.arange(9) + 1) * window_s + RIDE_S
    delay_min = (0.61 * np.maximum(wish_s - arrives_s, 0.0) + 2.4 * np.maximum(arrives_s - wish_s, 0.0)) / 60.0
    late_min = 2.4 * (6000.0 + RIDE_S - wish_s) / 60.0
    gain_min = np.maximum(late_min - delay_min, 0.0) * (np.arange(9) * window_s >= habit_s - FLEXIBLE_S)
    moved = np.bincount((leaves_s // window_s).astype(np.int64), minlength=10)
    assert moved[9] == people // 2
    assert np.abs(moved[:9] - people / 2 * gain_min / gain_min.sum()).max() < 1.0

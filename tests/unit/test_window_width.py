"""How wide windows are where the scenario leaves it to the advisor: by what vehicles did on days not used to choose."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim
from sim.advisor.loop import compile_scenario, with_chosen_width
from sim.advisor.window_width import NEXT_TO_NOTHING_SHARE, WIDTHS_S
from sim.errors import ScenarioError
from sim.experiments.advice_remarks import advice_remarks
from sim.loading.scenario_dump import dump_parameters

ROOMY = {"bus": {"seats": 400, "capacity": 400, "dwell_rule": "constant", "dead_time": 0}}


def every(headway_min: float, noise_min: float = 0.0, **sections):
    """A line with room for all, by its headway and by how far the vehicles of a day are from the timetable."""
    starts = np.arange(5 * 3600, 11 * 3600, headway_min * 60)
    noise = {"distribution": "normal", "sigma": 60 * noise_min} if noise_min else {"distribution": "none"}
    return world(
        [bus_line("L", "DAB", [1200, 600], departures=starts.tolist())],
        [flow("A", "B", 7 * 3600, 8 * 3600, 200)],
        vehicles=ROOMY,
        service={"running_time_noise": noise},
        **{"advisor": {"window": "auto", "penetration": 1, "compliance": 1}, **sections},
    )


def chosen_s(scenario) -> float:
    return with_chosen_width(scenario).parameters.advisor.window_s


def test_windows_are_narrow_where_vehicles_are_regular_and_wide_where_they_are_not():
    regular, irregular = chosen_s(every(10)), chosen_s(every(10, 8))
    assert regular <= 120
    assert irregular >= 300


def test_the_widest_is_taken_that_costs_next_to_nothing_more_and_the_reason_says_so():
    choice = with_chosen_width(every(10, 2)).width_choice
    assert [width_s for width_s, _ in choice.tried] == list(WIDTHS_S)
    least = min(cost for _, cost in choice.tried)
    fits = [width_s for width_s, cost in choice.tried if cost <= least * (1 + NEXT_TO_NOTHING_SHARE)]
    assert choice.window_s == max(fits)
    # From six days; at A they are as far from the timetable as one link makes them, at B as two do.
    assert 1.5 < choice.spread_min < 3.5
    result = sim.compare(every(10, 2), ["none", "individual"])
    assert [note for note in result.manifest["notes"] if f"windows are {choice.window_s / 60:g} min wide" in note]
    check_invariants(result.tables)


def test_all_replications_have_the_chosen_width_and_a_run_of_that_width_is_the_same():
    scenario = every(10, 2, replications=2, days=3)
    auto = sim.compare(scenario, ["none", "individual"])
    width_s = chosen_s(scenario)
    given = sim.compare(
        every(10, 2, replications=2, days=3, advisor={"window": width_s, "penetration": 1, "compliance": 1}),
        ["none", "individual"],
    )
    columns = ["departure_s", "arrival_s", "window_start_s", "window_end_s"]
    assert auto.journeys[columns].equals(given.journeys[columns])
    advised = auto.journeys.dropna(subset=["window_start_s"])
    assert set(advised.window_end_s - advised.window_start_s) == {width_s}
    # What is written says the width, so that a run can be repeated from it.
    assert auto.manifest["scenario"]["advisor"]["window"] == width_s


def test_who_is_advised_and_who_follows_does_not_change_the_width():
    few = every(10, 2, advisor={"window": "auto", "penetration": 0.1, "compliance": 0.2})
    assert chosen_s(few) == chosen_s(every(10, 2))
    assert compile_scenario(few).scenario.parameters.advisor.window_s == chosen_s(few)


def test_each_point_of_a_sweep_has_a_width_of_its_own():
    own = {"advisor.window": ["auto", f"{chosen_s(every(10)):g} s", "15 min"]}
    points = sim.sweep(every(10), own, ["individual"]).summary["points"]
    auto, same, wide = (point["strategies"]["individual"]["mean_generalized_cost_min"] for point in points)
    assert auto == same
    assert auto != wide


def test_nobody_to_advise_is_no_reason_to_stop():
    nobody = world([bus_line("L", "AB", [600], departures=[20000.0])], advisor={"window": "auto"})
    assert chosen_s(nobody) == max(WIDTHS_S)


def test_people_are_out_of_reach_of_auto_only_where_they_are_of_the_narrowest():
    wishes = {"earlier_flexibility": 120, "later_flexibility": 0}
    assert not advice_remarks(every(10, population=wishes))
    assert advice_remarks(every(10, population={**wishes, "earlier_flexibility": 60}))


def test_vehicles_that_never_leave_before_the_end_say_nothing_of_their_spread():
    """Two stops on, where the day ends before the vehicles do, there is no spread, and it was warned about it."""
    whole, cut = (with_chosen_width(every(10, 2, **more)).width_choice for more in ({}, {"horizon": {"end": 8 * 3600}}))
    assert 1.0 < cut.spread_min < 3.5
    assert whole.spread_min == pytest.approx(cut.spread_min, abs=1.0)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("aut", "must be a duration or 'auto', found 'aut' (did you mean 'auto'?)"),
        (0, "must be more than 0, found 0"),
        ("15", "'15' is not a duration; write for example 90 s, 6 min or 1.5 h"),
    ],
)
def test_a_width_that_is_none_is_one_line(value, said):
    keys = {"name": "w", "network": {"folder": "two_lines"}, "advisor": {"window": value}}
    with pytest.raises(ScenarioError) as refused:
        sim.run(keys)
    (problem,) = refused.value.problems
    assert (problem.key, problem.message) == ("advisor.window", said)


def test_auto_is_written_as_it_was_read():
    assert "window: auto" in dump_parameters(every(10).parameters)

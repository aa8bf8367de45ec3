"""The steps of the search by the hour: the compiled ones give the bits of those in NumPy."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.worlds import bus_line, world

from sim.compiled.loops import loops
from sim.routing import hourly_nodes
from sim.routing.hourly_nodes import NodeFinder
from sim.routing.profile_search import ProfileSearch
from sim.routing.profile_steps import CompiledSteps, ProfileSteps, Room, profile_steps
from sim.routing.service_levels import trip_levels
from sim.routing.waiting_by_frequency import NEVER_S, exponential
from sim.routing.walks import find_walks


@st.composite
def searches(draw):
    """Return the search of a small city: lines by frequency or by time, by turns or together, with ties and gaps."""
    lines = []
    for row in range(draw(st.integers(1, 6))):
        stops = draw(st.permutations("ABCDEF"))[: row % 4 + 2]
        named = [place for stop in stops for place in (stop, f"{stop}{row}")][:-1]
        gaps = draw(st.lists(st.sampled_from([0, 60, 300, 301, 420, 900, 7200]), min_size=1, max_size=12))
        starts = np.cumsum([draw(st.integers(0, 3600)), *gaps]).tolist()
        minutes = draw(st.lists(st.integers(1, 9), min_size=len(stops) - 1, max_size=len(stops) - 1))
        lines.append(bus_line(f"L{row}", named, [30 * it for it in minutes for _ in range(2)], starts))
    return lines, draw(st.sampled_from([0.1, 0.5, 1.0])), draw(st.sampled_from([0.0, 600.0, 1800.0]))


def search_of(drawn):
    lines, share, known_above_s = drawn
    journeys = {"headway_wait_share": share}
    scenario = world(lines, [], journeys=journeys, preferences={"wait_weight": 1.7, "in_vehicle_weight": 1.1})
    parameters = scenario.parameters
    return ProfileSearch(
        scenario.service,
        trip_levels(scenario.service, known_above_s),
        find_walks(scenario.network, parameters.journeys),
        parameters.journeys,
        parameters.preferences,
        len(scenario.network.stop_id),
    )


@given(searches())
@example(([bus_line("L0", ["A", "A0", "B"], [120, 120], [600])], 1.0, 600.0))
def test_compiled_steps_give_the_bits_of_numpy(drawn) -> None:
    library = loops()
    if library is None:
        pytest.skip("the libraries were not compiled here, or are not wanted")
    search = search_of(drawn)
    steps = search._steps
    given_to = steps.service, steps.departures, steps.patterns, steps.edges, steps.preferences
    found = []
    for made in (ProfileSteps(*given_to), CompiledSteps(library, *given_to)):
        search._steps = made
        found.append(search.to(np.arange(search.stops), 5))
    assert len(found[0]) == len(found[1])
    for in_numpy, compiled in zip(*found, strict=True):
        for name, values in vars(in_numpy).items():
            other = getattr(compiled, name)
            assert values.dtype == other.dtype
            assert np.array_equal(np.ascontiguousarray(values).view(np.uint8), other.view(np.uint8)), name


@given(searches(), st.booleans())
def test_compiled_nodes_are_those_of_numpy(drawn, every_vehicle) -> None:
    """The same stretches of departures in the same order, also of vehicles that nobody boards by what they know."""
    if loops() is None:
        pytest.skip("the libraries were not compiled here, or are not wanted")
    search = search_of(drawn)
    goals = np.arange(search.stops)
    ways_on = search.to(goals, 5)
    begins = [ways.boards for ways in ways_on]
    begins = [np.logical_or.reduceat(np.vstack([it, it[:1]]), search.departures.stop_ptr[:-1]) for it in begins]
    begins = [it & (np.diff(search.departures.stop_ptr) > 0)[:, None] for it in begins]
    finder = NodeFinder(search, every_vehicle)
    found = []
    for library in (loops, lambda: None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(hourly_nodes, "loops", library)
            found.append(finder.nodes(ways_on, goals, begins))
    for name, values in vars(found[0]).items():
        other = vars(found[1])[name]
        pairs = zip(values, other, strict=True) if name == "number" else [(values, other)]
        assert all(one.dtype == another.dtype and np.array_equal(one, another) for one, another in pairs), name


@given(searches(), st.data())
def test_memory_taken_again_changes_no_way(drawn, data) -> None:
    """Destinations one batch after the other in the same memory, a wider batch first, as in fresh memory each."""
    search, room = search_of(drawn), Room()
    batches = [np.arange(search.stops), *(np.arange(search.stops)[data.draw(st.integers(0, 3)) :: 2] for _ in range(2))]
    for goals in batches:
        for again, fresh in zip(search.to(goals, 4, room), search.to(goals, 4), strict=True):
            for name, values in vars(fresh).items():
                assert np.array_equal(getattr(again, name), values), name


def test_times_in_whole_seconds_may_be_integers() -> None:
    """As in a service that somebody builds in Python."""
    lines = [bus_line("L0", ["A", "A0", "B"], [120, 120], [600 * it for it in range(9)])]
    search = search_of((lines, 0.5, 1800.0))
    service, steps = search.service, search._steps
    whole = replace(
        service,
        scheduled_arrival_s=service.scheduled_arrival_s.astype(np.int64),
        scheduled_departure_s=service.scheduled_departure_s.astype(np.int64),
    )
    departures = replace(steps.departures, due_s=steps.departures.due_s.astype(np.int64))
    expected = search.to(np.arange(search.stops), 2)
    search._steps = profile_steps(whole, departures, steps.patterns, steps.edges, steps.preferences)
    for one, other in zip(search.to(np.arange(search.stops), 2), expected, strict=True):
        assert np.array_equal(one.before_s, other.before_s)


def test_the_drawn_searches_change_wait_by_frequency_and_by_time() -> None:
    """The comparison above would say nothing where no way needs what it compares."""
    lines = [
        bus_line("L0", ["A", "A0", "B"], [120, 120], [600 * it for it in range(20)]),
        bus_line("L1", ["B", "B1", "C"], [120, 120], [3000, 9000]),
    ]
    search = search_of((lines, 1.0, 1800.0))
    plans = search.to(np.arange(search.stops), 3)
    assert (search.departures.rate_per_s > 0).any()
    assert (search.departures.rate_per_s == 0).any()
    assert (plans[1].change >= 0).any()
    assert (plans[1].before_s < NEVER_S / 2).any()
    assert all((more.before_s <= fewer.before_s).all() for fewer, more in pairwise(plans))


def test_a_single_vehicle_expected_by_frequency_makes_waits_uncertain() -> None:
    """The first of two vehicles has no gap before it, and stop B is where both end."""
    search = search_of(([bus_line("L0", ["A", "A0", "B"], [120, 120], [600, 900])], 1.0, 600.0))
    assert (search.departures.rate_per_s > 0).tolist() == [False, True, False, True]
    assert search._steps.by_frequency.tolist() == [True, True, False]


def test_the_first_vehicle_of_a_stop_is_boarded_whatever_leaves_the_stop_before() -> None:
    """Departures of B follow those of A in the tables, the last of which is in C after a minute."""
    lines = [bus_line("L0", ["A", "C"], [60], [600, 3600]), bus_line("L1", ["B", "C"], [1800], [900, 7200])]
    search = search_of((lines, 1.0, 0.0))
    (plan, *_) = search.to(np.arange(search.stops), 1)
    goal = 1  # stops are numbered as lines name them: A, C, B
    assert search.departures.due_s.tolist() == [600, 3600, 900, 7200]
    assert plan.boards[:, goal].all()


def test_the_exponential_is_that_of_the_library_to_some_units_of_the_last_place() -> None:
    exponent = -np.concatenate([[0.0], np.geomspace(1e-9, 690.0, 20_001)])
    expected = np.array([math.exp(value) for value in exponent.tolist()])
    assert np.allclose(exponential(exponent), expected, rtol=2e-15, atol=0.0)
    assert exponential(np.array([-701.0, -1e12])).tolist() == [0.0, 0.0]

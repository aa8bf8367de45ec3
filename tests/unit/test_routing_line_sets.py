"""Sets of lines as numbers, against sets as Python has them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.worlds import bus_line, world

from sim.routing.hourly_lines import TimedEdges
from sim.routing.line_sets import LineSets
from sim.routing.profile_search import ProfileSearch
from sim.routing.service_levels import trip_levels
from sim.routing.walks import find_walks

SETS = st.lists(st.frozensets(st.integers(0, 6), min_size=1, max_size=4), min_size=1, max_size=12)


@given(SETS, st.data())
def test_two_sets_have_a_line_in_common(sets, data):
    numbered, number = LineSets.of(sets)
    assert [set(numbered.members[[n]].indices.tolist()) for n in number.tolist()] == [set(mine) for mine in sets]
    places = st.integers(-1, len(sets) - 1)
    ridden = np.array(data.draw(st.lists(st.tuples(places, places), min_size=1, max_size=4)))
    onward = np.array(data.draw(st.lists(st.tuples(places, places), min_size=1, max_size=8)))
    start = np.array(data.draw(st.lists(st.integers(0, len(ridden) - 1), min_size=len(onward), max_size=len(onward))))

    def numbers(place):
        return np.where(place < 0, np.uint64(0), number[place])

    found = numbered.have_common(numbers(ridden), start, numbers(onward))
    for (edge, label), common in np.ndenumerate(found):
        before, after = ridden[start[edge], label], onward[edge, label]
        assert common == (before >= 0 <= after and bool(sets[before] & sets[after]))


def drawn_edges(seed):
    """Return the rides of a few lines that share stops, with uneven headways, and some of which end early."""
    random = np.random.default_rng(seed)
    lines = []
    for row in range(5):
        stops = "".join(sorted(random.permutation(list("ABCDE"))[: random.integers(2, 6)]))
        starts = 6 * 3600 + np.cumsum(random.integers(120, 1500, random.integers(3, 20)))
        places = [place for stop in stops for place in (stop, f"{stop}{row}")][:-1]
        took_s = random.integers(60, 600, len(places) - 1)
        lines.append(bus_line(f"L{row}", places, took_s.tolist(), starts.tolist()))
    scenario = world(lines, [])
    journeys, preferences = scenario.parameters.journeys, scenario.parameters.preferences
    walks = find_walks(scenario.network, journeys)
    levels = trip_levels(scenario.service, journeys.known_above_s)
    return TimedEdges(
        ProfileSearch(scenario.service, levels, walks, journeys, preferences, len(scenario.network.stop_id))
    )


@pytest.mark.parametrize("seed", range(4))
def test_lines_that_are_attractive_at_each_hour(seed):
    """A line is attractive from the first to the last of its vehicles boarded without one between that is not."""
    edges = drawn_edges(seed)
    rows, several = edges.rows, 0
    for first, end in zip(edges.ptr[:-1].tolist(), edges.ptr[1:].tolist(), strict=True):
        sets = [set() for _ in range(first, end)]
        runs = {}
        for row in range(first, end):
            ride = (rows.pattern[row], rows.board[row], rows.alight[row])
            if not rows.boards[row]:
                runs.pop(ride, None)
                continue
            for between in range(runs.get(ride, row), row + 1):
                sets[between - first].add(int(rows.pattern[row]))
            runs[ride] = row
        for row, mine in enumerate(sets, first):
            expected = mine or {int(rows.pattern[edges.taken[row]])}
            assert set(edges.sets.members[[int(edges.lines[row])]].indices.tolist()) == expected
            several += len(expected) > 1
    assert several > 10

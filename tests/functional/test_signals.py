"""Traffic signals: delay by formula, progression, priority and cars in front, in both engines and on the graph."""

from __future__ import annotations

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import bus_line, flow, world

import sim
from sim.errors import NetworkError
from sim.model.signals import Signal, queue_terms

BUS = {"seats": 20, "capacity": 60, "dead_time": 0, "boarding": 0, "alighting": 0}
CYCLE_S, RUN_S, RED_S = 90, 300.0, 54.0
SIGNAL = {"cycle": "90 s", "green_share": 0.4}


def lost_s(control, departures=range(25200, 25200 + CYCLE_S), engine="auto", stops="AB", **traffic):
    """Return what each vehicle loses on the way from the first stop to the last one, in seconds."""
    line = bus_line("L", stops, [RUN_S] * (len(stops) - 1), [float(at) for at in departures])
    scenario = world(
        [line],
        [flow("A", "B", 25000.0, 25100.0, 1)],
        {"bus": BUS},
        days=1,
        replications=1,
        engine=engine,
        traffic={**traffic, "signals": control},
    )
    result = sim.run(scenario)
    check_invariants(result.tables)
    visits = result.tables["stop_visits"]
    order = np.argsort(visits["scheduled_arrival_s"], kind="stable")
    sequence = visits["stop_sequence"][order]
    ends = [visits[name][order][sequence == at] for name, at in (("departure_s", 0), ("arrival_s", len(stops) - 1))]
    return np.sort(ends[1]) - np.sort(ends[0]) - RUN_S * (len(stops) - 1)


@pytest.mark.parametrize("engine", ["simpy", "auto"])
def test_vehicles_wait_for_what_is_left_of_red(engine):
    # Green begins at midnight and whenever 90 s divides the time: 25500 s, the first arrival, is 30 s after one.
    lost = lost_s({"at": [{"links": ["A>B"], **SIGNAL}]}, engine=engine)
    phase_s = (25500 + np.arange(CYCLE_S)) % CYCLE_S
    np.testing.assert_array_equal(lost, np.where(phase_s < 36, 0.0, 90.0 - phase_s))


def test_at_random_times_the_mean_is_red_squared_over_twice_the_cycle():
    # A departure each half second of the cycle; the mean over a grid of d seconds is r (r + d) / (2 C).
    departures = 25200 + 0.5 * np.arange(2 * CYCLE_S)
    lost = lost_s({"at": [{"node": "B", **SIGNAL}]}, departures)
    assert lost.mean() == pytest.approx(RED_S * (RED_S + 0.5) / (2 * CYCLE_S), abs=1e-6)
    assert Signal.of(90.0, 0.4, 0.0).mean_delay_s() == pytest.approx(RED_S**2 / (2 * CYCLE_S))


@pytest.mark.parametrize(
    ("priority", "extension", "early"), [("extension", 10, 0), ("early_green", 0, 10), ("both", 10, 10)]
)
def test_priority_keeps_green_and_cuts_red(priority, extension, early):
    control = {"at": [{"node": "B", **SIGNAL}], "priority": priority}
    lost = lost_s(control)
    since_red = (25500 + np.arange(CYCLE_S) - 36) % CYCLE_S
    np.testing.assert_array_equal(lost, np.where(since_red < extension, 0.0, np.maximum(54.0 - early - since_red, 0.0)))
    mean_s = Signal.of(90.0, 0.4, 0.0).mean_delay_s(1.0, extension, early)
    assert mean_s == pytest.approx((54.0 - extension - early) ** 2 / (2 * CYCLE_S))
    np.testing.assert_array_equal(lost_s({**control, "lines": []}), lost_s({**control, "priority": "none"}))


@pytest.mark.parametrize("engine", ["simpy", "auto"])
def test_cars_in_front_give_the_terms_of_webster(engine):
    # 380 cars an hour of 760: x = 0.5, y = 0.2. A vehicle waits for red and for the queue in front of it.
    traffic = {
        "classes": {"road": {"capacity": "2000 /h"}},
        "volumes": [{"link_class": "road", "start": "0:00", "end": "12:00", "volume": "380 /h"}],
    }
    departures = 25200 + 0.5 * np.arange(2 * CYCLE_S)
    lost = lost_s({"at": [{"node": "B", **SIGNAL}]}, departures, engine, **traffic)
    volume_per_s = 380 / 3600
    random_s = 0.5**2 / (2 * volume_per_s * 0.5)
    uniform_s = CYCLE_S * 0.6**2 / (2 * (1 - 0.2))
    assert lost.min() == pytest.approx(random_s, abs=1e-5)
    assert lost.mean() == pytest.approx(uniform_s + random_s, rel=0.01)
    free_share, random = queue_terms(Signal.of(90.0, 0.4, 0.0), np.array([0.0, volume_per_s, 9.0]), 1900 / 3600)
    np.testing.assert_allclose(free_share, [1.0, 0.8, 1 - 0.38], rtol=1e-6)
    assert random[1] == pytest.approx(random_s, rel=1e-6)
    # Above capacity the random term is that of 95 %.
    assert random[2] == pytest.approx(0.95 / (2 * (760 / 3600) * 0.05), rel=1e-6)


def test_offsets_along_a_line_make_a_green_wave():
    stops, cycle = "ABCD", 90
    wave = [{"node": stop, **SIGNAL, "offset": 300 * number % cycle} for number, stop in enumerate("BCD", start=1)]
    start = [25200 + 10]
    assert lost_s({"at": wave}, start, stops=stops)[0] == 0.0
    assert lost_s({"at": [{**item, "offset": 0} for item in wave]}, start, stops=stops)[0] > 0.0


def test_a_signal_of_the_graph_follows_with_graph_and_its_absence_changes_nothing():
    line = bus_line("L", "AB", [RUN_S], [25200.0 + 36 + 60])
    scenario = world([line], [flow("A", "B", 25000.0, 25100.0, 1)], {"bus": BUS}, days=1, replications=1)
    graph = scenario.network.graph
    graph.edges["A", "B"].update(signal_cycle_s=90.0, signal_green_share=0.4)
    changed = scenario.with_graph(graph)
    assert changed.graph_changes == (
        "the link from 'A' to 'B' has a signal of 90 s, 40% green, offset 0 s in place of no signal",
    )
    arrivals = [sim.run(item).tables["stop_visits"]["arrival_s"].max() for item in (scenario, changed)]
    assert arrivals[1] - arrivals[0] == 90.0 - (25200 + 96 + 300) % 90
    graph = changed.network.graph
    del graph.edges["A", "B"]["signal_cycle_s"]
    back = changed.with_graph(graph)
    assert sim.run(back).tables["stop_visits"]["arrival_s"].max() == arrivals[0]
    graph = scenario.network.graph
    graph.edges["A", "B"]["signal_cycle_s"] = 90.0
    with pytest.raises(NetworkError, match="signal_green_share up to 1"):
        scenario.with_graph(graph)


def test_a_signal_on_a_way_round_costs_its_mean():
    lines = [bus_line("L", "AB", [RUN_S], [25200.0]), bus_line("side", "AXB", [200.0, 200.0], [20000.0])]
    closed = {"links": [{"from_stop": "A", "to_stop": "B", "start": "6:00", "end": "8:00", "speed_factor": 0}]}
    scenario = world(
        lines,
        [flow("A", "B", 25000.0, 25100.0, 1)],
        {"bus": BUS},
        days=1,
        replications=1,
        disruptions=closed,
        traffic={"signals": {"at": [{"links": ["A>X"], **SIGNAL}]}},
    )
    visits = sim.run(scenario).tables["stop_visits"]
    mine = (visits.text("line_id") == "L") & (visits.text("stop_id") == "B")
    assert visits["arrival_s"][mine][0] == pytest.approx(25200 + 400 + RED_S**2 / (2 * CYCLE_S), abs=1e-5)

"""A scenario without commuters is one of empty vehicles: run, compare and their reports hold, and claim nothing."""

from __future__ import annotations

from support.worlds import bus_line, flow, world

import sim

NOBODY = "Nobody travels here, so nothing can be said about what advice changes."


def empty_world(**keys):
    lines = [bus_line("L", "AB", [600], departures=[float(time_s) for time_s in range(25200, 32400, 600)])]
    return world(lines, [flow("A", "B", 25200, 32400, 0)], **keys)


def test_a_comparison_without_commuters_is_reported():
    result = sim.compare(empty_world(), ["none", "coordinated"], replications=2)
    # The account of loads has no row then, which once ended the report in a traceback.
    report = result.report()
    assert NOBODY in report
    assert len(result.journeys) == 0
    assert (result.stop_visits["departing_load"] == 0).all()


def test_a_run_without_commuters_is_reported_and_shows_no_fares():
    result = sim.run(empty_world())
    assert "Vehicle-kilometres" in result.report()
    assert not result.metrics.loc[["fare_revenue", "discount_cost"], "mean"].notna().any()


def test_places_are_booked_where_nobody_travels_yet():
    # Vehicles alone were observed: the first to ask finds all places left, and the server did not answer at all.
    result = sim.compare(empty_world(), ["none", "coordinated"], replications=1)
    answer = sim.Advisor(result).book(sim.JourneyRequest("A", "B", arrive_by_s=30000.0))
    assert answer.has_place
    assert answer.window.load_factor == 0.0

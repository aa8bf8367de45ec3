"""Made-up demand keeps to the hours with service, and the last departures are those of an exhaustive search."""

from __future__ import annotations

import numpy as np
import pytest
from support.small_feed import FEED, more, write_feed

from sim.errors import ScenarioError
from sim.loading.demand_making.gravity import suggested_total
from sim.loading.demand_making.profiles import find_profile
from sim.loading.demand_making.service_hours import cut_to_service
from sim.loading.network_folder import load_network
from sim.loading.scenario import load_scenario
from sim.model.last_departures import last_departures

GRAVITY = (
    "name: made\nseed: 1\nnetwork: {{folder: feed}}\n"
    "demand: {{scale: 2, gravity: {{total: 300, profile: flat{more}}}}}\n"
)


def latest(service, origin: int, goal: int, rides: int) -> float:
    """Return the last departure by trying every trip from every stop, without any order."""

    def reaches(stop: int, from_s: float, left: int) -> bool:
        if stop == goal:
            return True
        return left > 0 and any(
            reaches(int(service.visit_stop[later]), service.scheduled_arrival_s[later], left - 1)
            for first, end in zip(service.visit_ptr[:-1], service.visit_ptr[1:], strict=True)
            for at in range(first, end)
            if service.visit_stop[at] == stop and service.scheduled_departure_s[at] >= from_s
            for later in range(at + 1, end)
        )

    found = [
        service.scheduled_departure_s[at]
        for first, end in zip(service.visit_ptr[:-1], service.visit_ptr[1:], strict=True)
        for at in range(first, end)
        if service.visit_stop[at] == origin
        and any(
            reaches(int(service.visit_stop[later]), service.scheduled_arrival_s[later], rides - 1)
            for later in range(at + 1, end)
        )
    ]
    return max(found, default=-np.inf)


@pytest.mark.parametrize("seed", range(6))
def test_last_departures_are_those_of_an_exhaustive_search(tmp_path, seed):
    draw = np.random.default_rng(seed)
    rows, trips = [], []
    for trip in range(6):
        stops, time = draw.permutation(list("ABCDE"))[: draw.integers(2, 5)], 7 * 60 + int(draw.integers(0, 90))
        trips.append(f"R,week,t{trip},0\n")
        for place, stop in enumerate(stops):
            clock = f"{time // 60:02d}:{time % 60:02d}:00"
            rows.append(f"t{trip},{clock},{clock},{stop},{place}\n")
            time += int(draw.integers(1, 20))
    changes = {
        "stop_times.txt": FEED["stop_times.txt"].splitlines(keepends=True)[0] + "".join(rows),
        "trips.txt": FEED["trips.txt"].splitlines(keepends=True)[0] + "".join(trips),
        **more("stops.txt", "D,Delta,1.04,10\nE,Eps,1.05,10\n"),
    }
    loaded = load_network(write_feed(tmp_path / "feed", changes))
    service, stops = loaded.service, len(loaded.network.stop_id)
    stay = [(stop, stop, 0.0) for stop in range(stops)]
    for rides in (1, 2, 3):
        found = last_departures(service, stay, np.eye(stops, dtype=np.bool_), rides)
        assert found is not None
        for origin in range(stops):
            for goal in set(range(stops)) - {origin}:
                assert found[origin, goal] == latest(service, origin, goal, rides)


def test_nobody_made_up_leaves_without_a_vehicle(tmp_path):
    loaded = load_network(write_feed(tmp_path / "feed"))
    flat = find_profile("flat")
    from_a, to_c = np.array([0, 1]), np.array([2, 2])
    served = cut_to_service(flat, loaded.network, loaded.service, from_a, to_c, np.array([160.0, 0.0]), rides=1)
    # Vehicles leave A at 7:00 and 8:00, so that the hours from 6 and from 7 have service and 14 of 16 have none.
    profile = served.profiles[served.of_flow[0]]
    assert profile.start_s.tolist() == [6 * 3600, 7 * 3600]
    assert profile.share.tolist() == [0.5, 0.5]
    assert served.moved == pytest.approx(140)


def test_a_scenario_asks_for_a_synthetic_demand(tmp_path):
    write_feed(tmp_path / "feed")
    file = tmp_path / "made.yaml"
    file.write_text(GRAVITY.format(more=""), encoding="utf-8")
    scenario = load_scenario(file)
    assert scenario.demand.commuters.sum() == 600
    assert scenario.demand.end_s.max() == 8 * 3600
    assert any("synthetic, 600 commuters" in note for note in scenario.network.notes)
    file.write_text(GRAVITY.format(more=", mean_ride: 0.01 s"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"demand\.gravity.*nobody would travel"):
        load_scenario(file)


def test_the_suggested_total_takes_a_quarter_of_the_seats(tmp_path):
    service = load_network(write_feed(tmp_path / "feed")).service
    seats = float(service.trip_seats[0])
    # Two trips of 10 min: 20 min of each seat, a quarter of which is taken by rides of 5 min.
    assert suggested_total(service, 300.0) == pytest.approx(np.round(0.25 * 20 * seats / 5))

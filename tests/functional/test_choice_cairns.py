"""Journey options on the feed of Cairns: a sample of origins against plain searches; everything is reached."""

from dataclasses import replace

import numpy as np
import pytest
from support.invariants import check_invariants
from support.plain_routing import cheapest_by_transfers as plain_by_transfers
from support.plain_routing import earliest_by_transfers

import sim
from sim.loading.network_folder import load_network
from sim.metrics.long_waits import Reach
from sim.model.demand import Demand
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario
from sim.routing import find_options
from sim.routing.direct_legs import direct_legs
from sim.routing.frequency_options import cheapest_by_transfers
from sim.routing.patterns import pattern_offers
from sim.routing.walks import find_walks

ORIGINS = (3, 120, 301)


@pytest.fixture(scope="module")
def cairns(request):
    return load_network(request.getfixturevalue("shared_data") / "gtfs" / "cairns_gtfs.zip")


def one_each(pairs, start_s, end_s):
    """Return a demand of one person for each pair of stops."""
    return Demand(
        origin=pairs[:, 0],
        destination=pairs[:, 1],
        start_s=start_s,
        end_s=end_s,
        commuters=np.ones(len(pairs)),
        placement=np.zeros(len(pairs), dtype=np.int64),
        series=np.arange(len(pairs)),
        preferred_arrival_s=np.full(len(pairs), np.nan),
    )


def scenario_of(loaded, preferences=None, **journeys):
    stops = len(loaded.network.stop_id)
    pairs = np.array([(origin, goal) for origin in ORIGINS for goal in range(stops) if goal != origin])
    demand = one_each(pairs, np.full(len(pairs), 28800.0), np.full(len(pairs), 29700.0))
    # The plain searches know rides only.
    journeys = {"choice": "logit", "longest_walk": 400, "walk_all_the_way": False, **journeys}
    document = {
        "name": "cairns",
        "network": {"folder": "cairns"},
        "journeys": journeys,
        "preferences": preferences or {},
    }
    return Scenario(ScenarioParameters.model_validate(document), loaded.network, loaded.service, demand)


def walk_tables(scenario, weight, penalty_s):
    walks = find_walks(scenario.network, scenario.parameters.journeys)
    return [
        {
            (start, goal): more + weight * walk
            for start, goal, walk in zip(table.start.tolist(), table.goal.tolist(), table.walk_s.tolist(), strict=True)
        }
        for table, more in ((walks.ends, 0.0), (walks.transfers, penalty_s))
    ]


def falling(values):
    """Return the values that are less than all before them by more than rounding."""
    kept = []
    for value in values:
        if np.isfinite(value) and (not kept or value < kept[-1] - 1e-6):
            kept.append(value)
    return kept


def test_cheapest_journeys_where_service_were_the_same_all_day(cairns):
    scenario = scenario_of(cairns)
    parameters = scenario.parameters
    weights = parameters.preferences
    offers = pattern_offers(cairns.network, cairns.service)
    direct = direct_legs(offers, parameters.journeys, weights)
    walks = find_walks(scenario.network, parameters.journeys)
    options = cheapest_by_transfers(scenario, direct, offers, walks, scenario.demand.pairs())
    legs = dict(zip(zip(direct.start.tolist(), direct.goal.tolist(), strict=True), direct.cost_s.tolist(), strict=True))
    ends, changes = walk_tables(scenario, weights.walk_weight, weights.transfer_penalty_s)
    for origin in ORIGINS:
        plain = plain_by_transfers(legs, ends, changes, origin, parameters.journeys.max_transfers)
        for row in np.flatnonzero(options.pairs[:, 0] == origin).tolist():
            goal = int(options.pairs[row, 1])
            found = options.cost_min[options.option_ptr[row] : options.option_ptr[row + 1]] * 60.0
            assert found == pytest.approx(falling([by_round.get(goal, np.inf) for by_round in plain]))
    assert (np.diff(options.option_ptr) > 0).mean() > 0.99


def test_first_arrivals_by_the_timetable(cairns):
    """Where all minutes count alike the cheapest journey is the one that arrives first."""
    alike = {"wait_weight": 1, "in_vehicle_weight": 1, "walk_weight": 1, "transfer_penalty": 0}
    scenario = scenario_of(cairns, alike, routing="timetable", departure_period=900)
    options = find_options(scenario)
    ends, changes = walk_tables(scenario, 1.0, 0.0)
    for origin in ORIGINS:
        plain = earliest_by_transfers(cairns.service, ends, changes, origin, 28800.0 + 450.0, 2)
        for row in np.flatnonzero(options.pairs[:, 0] == origin).tolist():
            goal = int(options.pairs[row, 1])
            expected = falling([by_round.get(goal, np.inf) for by_round in plain])
            mine = slice(int(options.option_ptr[row]), int(options.option_ptr[row + 1]))
            assert (29250.0 + 60.0 * options.cost_min[mine]).tolist() == pytest.approx(expected)


@pytest.mark.parametrize("routing", ["frequency", "timetable"])
def test_nobody_loses_more_than_the_longest_headway_in_reach(cairns, routing):
    """Punctual vehicles with room, people at any hour of the day, against the first arrival that hindsight could find.

    The headway in reach is the longest time between two departures within the hour before and after joining, of
    vehicles that go where a ride of theirs went. Catches sets of lines of another hour, by which people arrived 2 to 11
    hours later.
    """
    instant = {"dwell_rule": "constant", "dead_time_s": 0.0, "boarding_s": 0.0, "alighting_s": 0.0, "capacity": 500}
    kinds = tuple(replace(kind, standee_friction_s=0.0, **instant) for kind in cairns.service.vehicle_types)
    service = replace(cairns.service, vehicle_types=kinds)
    random = np.random.default_rng(1)
    pairs = random.integers(0, len(cairns.network.stop_id), (300, 2))
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    leave_s = random.uniform(6.5 * 3600, 20 * 3600, len(pairs)).round()
    order = np.lexsort((leave_s, pairs[:, 1], pairs[:, 0]))
    alike = {"wait_weight": 1, "in_vehicle_weight": 1, "walk_weight": 1, "transfer_penalty": 0}
    # Half a minute between vehicles, so that nobody depends on which of two comes first in the same instant.
    exact = {"departure_period": 60, "transfer_walk": 30, "choice": "deterministic"}
    scenario = scenario_of(cairns, alike, routing=routing, **exact)
    parameters = scenario.parameters.model_copy(update={"days": 1, "replications": 1})
    demand = one_each(pairs[order], leave_s[order], leave_s[order] + 1.0)
    scenario = replace(scenario, parameters=parameters, service=service, demand=demand)
    tables = sim.run(scenario).tables
    check_invariants(tables)
    journeys, legs = tables["journeys"], tables["legs"]
    reach = Reach(tables["stop_visits"])
    longest_s = np.zeros(len(journeys))
    for row, (board, alight) in enumerate(zip(legs.text("board_stop_id"), legs.text("alight_stop_id"), strict=True)):
        around_s = legs["wait_from_s"][row] + np.array([-3600.0, 0.0, 3600.0])
        headways_s = np.nan_to_num(reach.headways_s(board, alight, around_s), posinf=0.0)
        person = int(legs["commuter_id"][row])
        longest_s[person] = max(longest_s[person], headways_s.max())
    ends, changes = walk_tables(scenario, 1.0, 0.0)
    index = scenario.network.stop_index
    ways = zip(journeys.text("origin_stop_id"), journeys.text("destination_stop_id"), strict=True)
    arrived = journeys.equals("outcome", "arrived")
    for row, (origin, goal) in enumerate(ways):
        leaves_s = float(journeys["departure_s"][row])
        plain = earliest_by_transfers(service, ends, changes, index[origin], leaves_s, 2)
        earliest_s = min(by_round.get(index[goal], np.inf) for by_round in plain)
        assert arrived[row] == np.isfinite(earliest_s)
        if arrived[row]:
            assert journeys["arrival_s"][row] >= earliest_s - 1e-3
            assert journeys["arrival_s"][row] <= earliest_s + longest_s[row] + 1e-3
    assert arrived.mean() > 0.95

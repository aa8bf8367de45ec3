"""Journey options on the feed of Cairns: a sample of origins against plain searches; everything is reached."""

import numpy as np
import pytest
from support.plain_routing import cheapest_by_transfers, earliest_by_transfers

from sim.loading.network_folder import load_network
from sim.model.demand import Demand
from sim.model.parameters import ScenarioParameters
from sim.model.scenario import Scenario
from sim.routing import find_options
from sim.routing.direct_legs import direct_legs
from sim.routing.patterns import pattern_offers
from sim.routing.walks import find_walks

ORIGINS = (3, 120, 301)


@pytest.fixture(scope="module")
def cairns(request):
    return load_network(request.getfixturevalue("shared_data") / "gtfs" / "cairns_gtfs.zip")


def scenario_of(loaded, **journeys):
    stops = len(loaded.network.stop_id)
    pairs = np.array([(origin, goal) for origin in ORIGINS for goal in range(stops) if goal != origin])
    count = len(pairs)
    demand = Demand(
        origin=pairs[:, 0],
        destination=pairs[:, 1],
        start_s=np.full(count, 28800.0),
        end_s=np.full(count, 29700.0),
        commuters=np.ones(count),
        placement=np.zeros(count, dtype=np.int64),
        series=np.arange(count),
        preferred_arrival_s=np.full(count, np.nan),
    )
    # The plain searches know rides only.
    journeys = {"choice": "logit", "longest_walk": 400, "walk_all_the_way": False, **journeys}
    document = {"name": "cairns", "network": {"folder": "cairns"}, "journeys": journeys}
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


def test_cheapest_journeys_by_frequency(cairns):
    scenario = scenario_of(cairns)
    parameters = scenario.parameters
    weights = parameters.preferences
    options = find_options(scenario)
    offers = pattern_offers(cairns.network, cairns.service)
    direct = direct_legs(offers, parameters.journeys, weights)
    legs = dict(zip(zip(direct.start.tolist(), direct.goal.tolist(), strict=True), direct.cost_s.tolist(), strict=True))
    ends, changes = walk_tables(scenario, weights.walk_weight, weights.transfer_penalty_s)
    for origin in ORIGINS:
        plain = cheapest_by_transfers(legs, ends, changes, origin, parameters.journeys.max_transfers)
        for row in np.flatnonzero(options.pairs[:, 0] == origin).tolist():
            goal = int(options.pairs[row, 1])
            found = options.cost_min[options.option_ptr[row] : options.option_ptr[row + 1]] * 60.0
            assert found == pytest.approx(falling([by_round.get(goal, np.inf) for by_round in plain]))
    assert (np.diff(options.option_ptr) > 0).mean() > 0.99


def test_first_arrivals_by_the_timetable(cairns):
    scenario = scenario_of(cairns, routing="timetable", departure_period=900)
    options = find_options(scenario)
    ends, changes = walk_tables(scenario, 1.0, 0.0)
    weights = scenario.parameters.preferences
    legs = options.legs
    for origin in ORIGINS:
        plain = earliest_by_transfers(cairns.service, ends, changes, origin, 28800.0 + 450.0, 2)
        for row in np.flatnonzero(options.pairs[:, 0] == origin).tolist():
            goal = int(options.pairs[row, 1])
            expected = falling([by_round.get(goal, np.inf) for by_round in plain])
            mine = range(int(options.option_ptr[row]), int(options.option_ptr[row + 1]))
            assert len(mine) == len(expected)
            for option, arrival_s in zip(mine, expected, strict=True):
                rows = slice(int(options.leg_ptr[option]), int(options.leg_ptr[option + 1]))
                walk_s = options.walk_before_s[rows].sum() + options.egress_walk_s[option]
                transfers = rows.stop - rows.start - 1
                # Waiting costs more than riding, so the cost lies between all wait and all ride.
                moving_s = arrival_s - 29250.0 - walk_s
                fixed_s = weights.walk_weight * walk_s + weights.transfer_penalty_s * transfers
                cost_s = 60.0 * options.cost_min[option] - fixed_s
                assert moving_s - 1e-6 <= cost_s <= weights.wait_weight * moving_s + 1e-6
                assert (legs.board_stop[options.leg[rows]] >= 0).all()

"""People who are there already are told what they would meet at another time, and count neither twice nor nowhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from support.observed import Observed
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.engine import Departures, simulate
from sim.model.scenario import Scenario
from sim.population.crowding import standing_s
from sim.population.observation import visit_facts
from sim.population.own_places import OwnPlaces
from sim.population.traced_journeys import traced_rides

FIRST_S, LAST_S = 7 * 3600.0, 8 * 3600.0


def small_buses(lines: list[dict[str, Any]], share: float = 1.0, **sections: Any) -> Scenario:
    """About as many people in an hour as small buses take of them."""
    asked = {"AC": 34, "BC": 9, "AB": 5}
    flows = [flow(pair[0], pair[1], FIRST_S, LAST_S, share * number) for pair, number in asked.items()]
    vehicles = {"bus": {**INSTANT_BUS, "seats": 3, "capacity": 6}}
    return world(lines, flows, vehicles, days=2, days_kept=1, **sections)


def every_ten_min(name: str = "L", stops: str = "ABC", begins_s: float = FIRST_S) -> dict[str, Any]:
    return bus_line(name, stops, [300.0] * (len(stops) - 1), np.arange(begins_s, 12 * 3600.0, 600.0))


@pytest.mark.parametrize(
    ("lines", "share"),
    [([every_ten_min()], 1.4), ([every_ten_min(), every_ten_min("M", "AC", FIRST_S + 240.0)], 2.4)],
    ids=["one line", "two lines"],
)
def test_people_are_told_of_themselves_neither_twice_nor_not_at_all(lines: list[dict[str, Any]], share: float) -> None:
    """Each is moved to many times in turn, and the day is lived again: they meet what is told of them, all of it.

    Would fail if people were one more behind their own place, as whoever asks is, or always had one person fewer before
    them: of n who are told of the same vehicle with c places, c / (n + 1) were told that they get in, or (c + 1) /
    (n + 1), and c / n do. Of seats fewer were told than there are.
    """
    day = Observed.of(small_buses(lines, share))
    compiled, records, population = day.world.compiled, day.result.records, day.world.population
    ((_, boardings),) = day.result.observation.days
    service, facts = compiled.scenario.service, visit_facts(compiled.scenario.service, records)
    own, journeys = OwnPlaces.of(boardings, records), population.journeys
    people = np.arange(len(population))
    assert (records.denied_boardings > 0).sum() > 10
    moved_up, seats_off = 0, 0
    for leave_s in np.arange(FIRST_S + 30.5, LAST_S, 205.0):
        told = traced_rides(
            compiled.options,
            compiled.forecaster.waiting,
            boardings,
            records.visit_arrival_s,
            journeys.option,
            np.full(len(people), leave_s),
            own,
        )
        sits = told.sits(service, facts)
        moved_up += int(told.moves_up.sum())
        for who in people:
            departure_s = np.where(people == who, leave_s, records.departure_s)
            lived = simulate(compiled.engine_input, Departures(departure_s, journeys), day.world.variates_of(0))
            assert told.arrival_s[who] == lived.arrival_s[who]
            assert told.boards_first[who] == (lived.denied_boardings[who] == 0)
            stood_s = np.bincount(lived.ride_commuter, standing_s(service, lived), len(people))
            seats_off += int(sits[who] != (stood_s[who] == 0.0))
    assert moved_up > 100
    # The one who got in earlier in their stead may have stood in another queue, and leaves no seat free here.
    assert seats_off <= (0 if len(lines) == 1 else 10)


@pytest.mark.parametrize("strategy", ["individual", "same_for_all"])
def test_as_many_of_few_in_small_buses_board_and_sit_as_were_told(strategy: str) -> None:
    """Would fail if followers were told with one more or one fewer before them than there are: 7 points of seats."""
    advisor = {"window": 600.0, "penetration": 1, "compliance": 1}
    found = [
        sim.run(small_buses([every_ten_min()], advisor=advisor, seed=seed), strategy=strategy, replications=20)
        for seed in (1, 2)
    ]
    assert sum(len(result.tables["forecasts"]) for result in found) > 1500
    for share, met in (("first_vehicle_share", "took_first_vehicle"), ("seat_share", "sat")):
        columns = [np.concatenate([result.tables["forecasts"][name] for result in found]) for name in (share, met)]
        told, happened = (float(column.mean()) for column in columns)
        assert told == pytest.approx(happened, abs=0.015)

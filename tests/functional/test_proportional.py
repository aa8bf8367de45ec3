"""The people that users of `proportional` stand for: those whom advice could move, and nobody else.

Buses have 20 places and leave every ten minutes from 0:20. 120 people want to be there at 1:50, so that they fill six
buses, the last of them at 1:40.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.model.scenario import Scenario

MINUTE_S = 60.0
BUSES_S = [minute * MINUTE_S for minute in range(20, 200, 10)]
RIDE_S = 10 * MINUTE_S
SIX_BUSES = dict.fromkeys(range(50, 110, 10), 20)


def people(origin: str, destination: str, number: int, wish_min: float) -> dict[str, Any]:
    return flow(origin, destination, 3600.0, 7200.0, number, "even", preferred_arrival=wish_min * MINUTE_S)


def advised_by_proportional(
    lines: list[dict[str, Any]],
    flows: list[dict[str, Any]],
    places: int = 20,
    back: float = 0.0,
    days: int = 2,
    **advisor: Any,
) -> Scenario:
    bus = {**INSTANT_BUS, "capacity": places}
    told = {"strategy": "proportional", "penetration": 1.0, "compliance": 1.0, "window": RIDE_S, **advisor}
    return world(
        lines,
        preferences={"crowding": {"kind": "none"}},
        vehicles={"bus": bus},
        period=RIDE_S,
        days=days,
        advisor=told,
        demand={"flows": flows, "return_leg": {"share": back, "stay": "510 min"}},
    )


def windows_told(scenario: Scenario) -> Counter[float]:
    """Return how many people are told each window, by its start in minutes."""
    journeys = sim.run(scenario).tables["journeys"]
    return Counter((journeys["window_start_s"][journeys["advised"]] / MINUTE_S).tolist())


@pytest.mark.parametrize("back", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_proportional_spreads_as_many_as_can_be_advised(share: float, back: float) -> None:
    """Journeys back follow from those there, and nobody is advised on them.

    Would catch users who stand for journeys back too: each then stood for two people, who were spread over twelve
    buses, and paid 48 min where they pay 37 min without advice and 33 min in six.
    """
    lines = [
        bus_line("L", "AB", [RIDE_S], departures=BUSES_S),
        bus_line("R", "BA", [RIDE_S], departures=[minute * MINUTE_S for minute in range(500, 900, 10)]),
    ]
    scenario = advised_by_proportional(lines, [people("A", "B", 120, 110)], back=back, penetration=share)
    assert windows_told(scenario) == {start: number * share for start, number in SIX_BUSES.items()}


def test_whoever_is_not_reached_is_not_stood_for() -> None:
    """People of another line are not reached by advice to B alone.

    Would catch users who stand for them too: those to B were spread over twelve buses.
    """
    lines = [bus_line(name, stops, [RIDE_S], departures=BUSES_S) for name, stops in (("L", "AB"), ("M", "CD"))]
    flows = [people("A", "B", 120, 110), people("C", "D", 120, 110)]
    assert windows_told(advised_by_proportional(lines, flows, only_destinations=["B"])) == SIX_BUSES


@pytest.mark.parametrize(("share", "days"), [(1.0, 2), (0.5, 2), (1.0, 4)])
def test_places_of_people_who_are_not_reached_are_not_given_out(share: float, days: int) -> None:
    """Of 14 places in a bus ten are of people to B, who are not reached: four are left from 1:00 on, all before.

    Would catch that the traffic of people who are not reached is taken away: those to C were all told to come for buses
    that are full.
    """
    lines = [bus_line("L", "ABC", [RIDE_S, 5 * MINUTE_S], departures=BUSES_S)]
    flows = [people("A", "B", 60, 90), people("A", "C", 60, 110)]
    scenario = advised_by_proportional(lines, flows, 14, days=days, only_destinations=["C"], penetration=share)
    told = windows_told(scenario)
    room = {start: 14.0 if start < 50 else 4.0 for start in np.arange(0.0, 200.0, 10.0)}
    assert sum(told.values()) == 60 * share
    assert all(number <= room[start] * share for start, number in told.items())

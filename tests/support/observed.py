"""A simulated day that can be lived again with one more commuter, to see what an observation of it is worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.advisor import DayResult, ReplicationWorld, simulate_days, strategy_by_name
from sim.advisor.loop import compile_scenario
from sim.engine import Departures, simulate
from sim.model.scenario import Scenario
from sim.population.route_choice import chosen_journeys


@dataclass(frozen=True)
class Lived:
    """What one more commuter met."""

    wait_s: float
    in_vehicle_s: float
    arrival_s: float
    transfers: int
    denied: int
    boarded: bool


@dataclass
class Observed:
    """A day without advice, and the means to live it again with one more commuter."""

    world: ReplicationWorld
    result: DayResult

    @classmethod
    def of(cls, scenario: Scenario) -> Observed:
        replication = ReplicationWorld.create(compile_scenario(scenario), 0)
        return cls(replication, next(iter(simulate_days(replication, strategy_by_name("none")))))

    def point(self, line: str, stop: str) -> int:
        """Return the row of a stop of a line that has one pattern."""
        compiled = self.world.compiled
        for number, pattern in enumerate(compiled.scenario.service.patterns):
            if compiled.scenario.service.lines[pattern.line].line_id == line:
                place = pattern.stops.index(compiled.scenario.network.stop_index[stop])
                return int(compiled.points.pattern_points[number][place])
        raise KeyError(line)

    def with_one_more(self, option: int, departure_s: float) -> Lived:
        """Return the day of a commuter added behind all others."""
        compiled, population = self.world.compiled, self.world.population
        options = np.append(population.journeys.option, option)
        leave_s = np.append(population.habitual_departure_s, departure_s)
        departures = Departures(leave_s, chosen_journeys(compiled.options, options))
        records = simulate(compiled.engine_input, departures, self.world.variates_of(0))
        ride = int(np.flatnonzero(records.ride_commuter == len(population))[0])
        return Lived(
            wait_s=float(records.wait_s[-1]),
            in_vehicle_s=float(records.in_vehicle_s[-1]),
            arrival_s=float(records.arrival_s[-1]),
            transfers=int(records.transfers[-1]),
            denied=int(records.denied_boardings[-1]),
            boarded=bool(records.ride_board_visit[ride] >= 0),
        )

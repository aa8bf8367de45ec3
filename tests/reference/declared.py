"""What a scenario declares of vehicles, stops and roads, asked one question at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sim.model.scenario import Scenario
from sim.model.service import VehicleType

TICKS = 2**20


def ticks(seconds: float) -> int:
    """Return whole ticks of the clock, halves to the even one."""
    return round(seconds * TICKS)


class Declared:
    """A scenario, and the factor that chance puts on each running time; times in ticks.

    Parameters
    ----------
    scenario : Scenario
    factors : iterable of float
        By visit, on the running time to the next one.
    """

    def __init__(self, scenario: Scenario, factors: Iterable[float]) -> None:
        self.scenario, self.service, self.rules = scenario, scenario.service, scenario.parameters.service
        self.factors = list(factors)
        self.stop_ids = scenario.network.stop_id
        self.patterns = [self.service.patterns[row] for row in self.service.trip_pattern]
        self.first = [int(row) for row in self.service.visit_ptr]
        network = scenario.network
        rows = zip(network.link_from.tolist(), network.link_to.tolist(), network.link_running_time_s, strict=True)
        self.times = {(self.stop_ids[start], self.stop_ids[end]): float(time) for start, end, time in rows}

    def scheduled(self, trip: int) -> int:
        """Return the scheduled departure of a trip from its first stop."""
        return ticks(float(self.service.scheduled_departure_s[self.first[trip]]))

    def ways(self, stop: int, goal: int) -> dict[tuple[int, int], int]:
        """Return where one can board at a stop, and get out at the goal: at the first chance after boarding."""
        found = {}
        for number, pattern in enumerate(self.service.patterns):
            for board, at in enumerate(pattern.stops[:-1]):
                ahead = [
                    place
                    for place in range(board + 1, len(pattern.stops))
                    if pattern.stops[place] == goal and place not in pattern.no_alighting
                ]
                if at == stop and ahead and board not in pattern.no_boarding:
                    found[number, board] = ahead[0]
        return found

    def room(self, stop: int) -> tuple[int | None, int]:
        """Return berths and the least time between departures of a stop."""
        room = self.rules.stops.get(self.stop_ids[stop], self.rules.all_stops)
        return room.berths, ticks(room.minimum_headway_s)

    def groups(self, trip: int) -> list[int]:
        """Return which of the declared minimum headways a trip keeps."""
        line = self.service.lines[self.patterns[trip].line]
        wanted = enumerate(self.rules.minimum_headways)
        return [number for number, item in wanted if line.mode in item.modes or line.line_id in item.lines]

    def kind(self, trip: int) -> VehicleType:
        """Return the vehicle type of a trip."""
        return self.service.vehicle_types[int(self.service.trip_vehicle_type[trip])]

    def step(self, trip: int) -> int:
        """Return the time from one person getting out to the next."""
        kind = self.kind(trip)
        if self.rules.no_dwell or kind.dwell_rule == "constant":
            return 0
        return ticks(kind.alighting_s / kind.alighting_channels)

    def running(self, trip: int, place: int, now: int) -> int:
        """Return the running time to the next stop of a vehicle that leaves now."""
        row = self.first[trip] + place
        scheduled = float(self.service.scheduled_arrival_s[row + 1] - self.service.scheduled_departure_s[row])
        running = ticks(ticks(scheduled) / TICKS * float(self.factors[row]))
        round_it = self.way_round(trip, place, now)
        if round_it is not None:
            way, usual = round_it[1], self.times[self.hop(trip, place)]
            return ticks(running / TICKS * (way / usual)) if usual > 0 else running + ticks(way)
        for item in self.links(trip, place):
            if item.speed_factor > 0 and ticks(item.start_s) <= now < ticks(item.end_s):
                running = ticks(running / TICKS * (1.0 + (1.0 / item.speed_factor - 1.0)))
        return running + self.red_left(trip, place, now + running)

    def red_left(self, trip: int, place: int, now: int) -> int:
        """Return how long the signal at the end of a link still keeps a vehicle that comes now; no cars there."""
        control, (start, end) = self.scenario.parameters.traffic.signals, self.hop(trip, place)
        here = [item for item in control.at if item.node == end or f"{start}>{end}" in (item.links or ())]
        if not here:
            return 0
        last = here[-1]
        cycle = ticks(last.cycle_s)
        green = ticks(cycle / TICKS * last.green_share)
        since_green = (now - ticks(last.offset_s)) % cycle
        line = self.service.lines[self.patterns[trip].line].line_id
        favoured = control.priority != "none" and (control.lines is None or line in control.lines)
        limit = ticks(10.0) if favoured else 0
        kept = limit if control.priority in ("extension", "both") else 0
        cut = limit if control.priority in ("early_green", "both") else 0
        if since_green < green + kept:
            return 0
        return max(cycle - cut - since_green, 0)

    def hop(self, trip: int, place: int) -> tuple[str, str]:
        """Return the stops at both ends of the link to the next stop."""
        stops = self.patterns[trip].stops
        return self.stop_ids[stops[place]], self.stop_ids[stops[place + 1]]

    def holding_now(self, now: int) -> list[Any]:
        """Return what is declared of links at a time."""
        return [item for item in self.disruptions("links") if ticks(item.start_s) <= now < ticks(item.end_s)]

    def way_round(self, trip: int, place: int, now: int) -> tuple[int, float] | None:
        """Return stops missed and the time of the way round for a vehicle that leaves now; None where none is taken."""
        items = self.holding_now(now)
        shut = {(item.from_stop, item.to_stop): item for item in items if item.speed_factor == 0}
        here = self.hop(trip, place)
        if here not in shut or shut[here].detour is False:
            return None
        times = {pair: time for pair, time in self.times.items() if pair not in shut}
        for item in items:
            if item.speed_factor > 0 and (item.from_stop, item.to_stop) in times:
                times[item.from_stop, item.to_stop] *= 1.0 / item.speed_factor
        best = {here[0]: 0.0}
        for _ in self.stop_ids:  # Bellman and Ford
            for (start, end), time in times.items():
                if start in best:
                    best[end] = min(best.get(end, float("inf")), best[start] + time)
        for reached in range(place + 1, len(self.patterns[trip].stops)):
            stop = self.stop_ids[self.patterns[trip].stops[reached]]
            if stop != here[0] and stop in best:
                return reached - place - 1, best[stop]
        return None

    def lets_out(self, trip: int, place: int) -> bool:
        """Tell whether people may get out at a stop of a trip."""
        return place not in self.patterns[trip].no_alighting

    def disruptions(self, kind: str) -> Iterable[Any]:
        """Return the disruptions of a kind."""
        return getattr(self.scenario.parameters.disruptions, kind)

    def links(self, trip: int, place: int) -> list[Any]:
        """Return what is declared of the link to the next stop."""
        ends = self.hop(trip, place)
        return [item for item in self.disruptions("links") if (item.from_stop, item.to_stop) == ends]

    def road_opens(self, trip: int, place: int, time: int) -> int:
        """Return the first time from one on at which the link to the next stop is open."""
        edges = sorted(ticks(edge) for item in self.disruptions("links") for edge in (item.start_s, item.end_s))
        while any(item.speed_factor == 0 and item in self.holding_now(time) for item in self.links(trip, place)):
            if self.way_round(trip, place, time) is not None:
                break
            time = next(edge for edge in edges if edge > time)
        return time

    def is_controlled(self, trip: int, place: int) -> bool:
        """Tell whether the holding rule is asked at a stop of a trip."""
        holding, stops = self.rules.holding, self.patterns[trip].stops
        if holding.rule == "none" or place == len(stops) - 1:
            return False
        if holding.control_stops is None:
            return place > 0
        return self.stop_ids[stops[place]] in holding.control_stops

    def point(self, trip: int, place: int) -> tuple[int, int, int, int]:
        """Return line, direction, stop and how often the trip has been there before."""
        pattern = self.patterns[trip]
        return (
            pattern.line,
            pattern.direction_id,
            pattern.stops[place],
            pattern.stops[:place].count(pattern.stops[place]),
        )

    def at_point(self, trip: int, place: int) -> list[tuple[float, int, int]]:
        """Return scheduled departure, row and trip of all trips that go on from the point, in order."""
        point = self.point(trip, place)
        found = []
        for other, pattern in enumerate(self.patterns):
            for at in range(len(pattern.stops) - 1):
                if self.point(other, at) == point:
                    row = self.first[other] + at
                    found.append((float(self.service.scheduled_departure_s[row]), row, other))
        return sorted(found)

    def planned_headway(self, trip: int, place: int) -> float | None:
        """Return the scheduled headway in seconds to the trip before, of the first to the one behind."""
        order = self.at_point(trip, place)
        mine = [row for _, row, _ in order].index(self.first[trip] + place)
        if mine > 0:
            return order[mine][0] - order[mine - 1][0]
        return order[1][0] - order[0][0] if len(order) > 1 else None

"""A second simulator, written for clarity alone: people and vehicles are objects, time is whole ticks.

It shares no code with the engines of `sim.engine`: it reads the scenario as declared, not as compiled,
keeps every person in a plain list at the stop, and looks through that list whenever doors open. It is
slow, and it knows no reconsidering after a full vehicle, no through services and no traffic. What it
knows it does by the rules that the scenario reference states.

A vehicle is a generator of what it waits for: a time, or its turn at a stop. Of all vehicles that may go
on, the one with the earliest time goes first, and of those with one time the one of the lowest block.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

from reference.declared import TICKS, Declared, ticks
from reference.outlook import Boards, Outlook, Wish
from sim.model.journeys import AS_PLANNED, AT_GOAL, ChosenJourneys, LegTable
from sim.model.scenario import Scenario

Turn = str
Waits = Generator["int | Turn", None, None]
WaitsFor = Generator["int | Turn", None, int]


@dataclass
class Person:
    """A commuter: what they plan, and what they still have before them."""

    number: int
    departure: int
    walks: list[int]
    egress: int
    rides: list[Ride] = field(default_factory=list)
    arrival: int | None = None


@dataclass
class Ride:
    """One ride of a person, planned or taken up after having been put out."""

    number: int
    person: Person
    stop: int
    goal: int
    boards: Boards
    leg: int | None = None
    fulfilled: Wish | None = None
    waits_from: int | None = None
    boarded: tuple[int, int, int] | None = None
    alighted: tuple[int, int, int] | None = None
    refused: list[tuple[int, int, int]] = field(default_factory=list)


@dataclass
class Visit:
    """A vehicle at a stop, as it was."""

    arrival: int | None = None
    departure: int | None = None
    boardings: int = 0
    alightings: int = 0
    load: int = 0
    holding: int = 0
    berth_wait: int = 0


class Vehicle:
    """The vehicle of a block, and the trip that it runs."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.on_board: list[tuple[Ride, int]] = []
        self.carried_past: list[Ride] = []
        self.headway: int | None = None
        self.stood = 0
        self.late: tuple[int, int, int] | None = None
        self.boardings = self.alightings = 0


@dataclass
class Doors:
    """Open doors: of a vehicle at a stop of its trip, since when, and when people were let in last."""

    vehicle: Vehicle
    trip: int
    place: int
    looked: int
    opened: int = 0

    def __post_init__(self) -> None:
        """Note when they opened, which is when people are let in first."""
        self.opened = self.looked


def _by_joining(ride: Ride) -> tuple[int, int]:
    return ride.waits_from or 0, ride.number


class Simulator:
    """One day of a scenario.

    Parameters
    ----------
    scenario : Scenario
    legs : LegTable
        Legs that journeys name.
    journeys : ChosenJourneys
    departures_s, dispatch_s, factors : iterable of float
        When commuters leave, when trips are due at their first stop, and the factor on the running time
        from each visit to the next.
    """

    def __init__(
        self,
        scenario: Scenario,
        legs: LegTable,
        journeys: ChosenJourneys,
        departures_s: Iterable[float],
        dispatch_s: Iterable[float],
        factors: Iterable[float],
    ) -> None:
        self.declared = Declared(scenario, factors)
        self.scenario, self.service, self.rules = scenario, scenario.service, scenario.parameters.service
        known = legs.known_vehicles
        self.legs = legs = legs if known is None else known.legs
        self.outlook = None if known is None else Outlook(self.declared, self.legs, self._boards)
        self.strategies = {
            (int(legs.board_stop[leg]), int(legs.alight_stop[leg])): leg
            for leg in range(len(legs))
            if any(wish.then is not None for wish in self._boards(leg))
        }
        self.dispatch = [ticks(second) for second in dispatch_s]
        self.stop_ids = self.declared.stop_ids
        self.patterns = self.declared.patterns
        self.first = self.declared.first
        self.visits = [Visit() for _ in range(self.first[-1])]
        self.waiting: dict[int, list[Ride]] = defaultdict(list)
        self.open_doors: dict[int, list[Doors]] = defaultdict(list)
        self.looked: dict[tuple[int, Boards, int | None], int] = {}
        self.rides: list[Ride] = []
        self.people = [
            Person(number, ticks(leaves), [], ticks(float(journeys.egress_walk_s[number])))
            for number, leaves in enumerate(departures_s)
        ]
        for person in self.people:
            for row in range(int(journeys.leg_ptr[person.number]), int(journeys.leg_ptr[person.number + 1])):
                leg = int(journeys.leg[row])
                boards = self._boards(leg)
                stop, goal = int(legs.board_stop[leg]), int(legs.alight_stop[leg])
                ride = Ride(len(self.rides), person, stop, goal, boards, self._known(leg))
                person.walks.append(ticks(float(journeys.walk_before_s[row])))
                person.rides.append(ride)
                self.rides.append(ride)
            if person.rides:
                self._join(person.rides[0], person.departure + person.walks[0])
            elif journeys.option[person.number] >= 0:
                person.arrival = person.departure + person.egress
        self.now = 0
        self.agenda: list[tuple[int, int, Waits]] = []
        self.asleep: dict[Turn, Waits] = {}
        self.berths_taken: dict[int, int] = defaultdict(int)
        self.blocked: dict[int, int] = defaultdict(int)
        self.line_up: dict[int, list[int]] = defaultdict(list)
        self.lanes: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.last_departure: dict[object, int] = {}
        self.last_arrival: dict[object, int] = {}
        self.seen: dict[object, int] = {}
        self.left: dict[int, tuple[int, int]] = {}

    # --- the clock ---------------------------------------------------------------------------------------

    def run(self) -> Simulator:
        """Run until nothing is left to do, or until the horizon."""
        end = self.scenario.parameters.horizon.end_s
        cancelled = set(self.scenario.parameters.disruptions.cancelled_trips)
        for block in range(len(self.service.block_id)):
            trips = [
                trip
                for trip in range(len(self.service.trip_id))
                if int(self.service.trip_block[trip]) == block and self.service.trip_id[trip] not in cancelled
            ]
            trips.sort(key=lambda trip: (self.declared.scheduled(trip), trip))
            self._go_on(0, block, self._block(Vehicle(block), trips))
        while self.agenda:
            time, block, vehicle = heapq.heappop(self.agenda)
            if end is not None and time >= ticks(end):
                self._cut_off(ticks(end))
                break
            self.now = time
            self._advance(block, vehicle)
        else:
            if end is not None:
                self._cut_off(ticks(end))
        return self

    def _cut_off(self, end: int) -> None:
        """Take back what would happen later, and count the people on board of vehicles that stand at a stop."""
        boarded = [ride.boarded for ride in self.rides if ride.boarded is not None]
        for ride in self.rides:
            if ride.alighted is not None and ride.alighted[2] > end:
                self._visit(*ride.alighted[:2]).alightings -= 1
                ride.alighted = ride.person.arrival = None
        for trip in range(len(self.patterns)):
            for place in range(len(self.patterns[trip].stops)):
                visit = self._visit(trip, place)
                if visit.arrival is None or (visit.departure is not None and visit.departure <= end):
                    continue
                before = self._visit(trip, place - 1).load if place else 0
                visit.boardings = sum(at[:2] == (trip, place) for at in boarded)
                visit.load = before + visit.boardings - visit.alightings
                visit.departure, visit.holding = end, 0

    def _go_on(self, time: int, block: int, vehicle: Waits) -> None:
        heapq.heappush(self.agenda, (time, block, vehicle))

    def _advance(self, block: int, vehicle: Waits) -> None:
        wanted = next(vehicle, None)
        if isinstance(wanted, int):
            self._go_on(wanted, block, vehicle)
        elif wanted is not None:
            self.asleep[f"{wanted} {block}"] = vehicle

    def _wake(self, turn: Turn, block: int) -> None:
        self._go_on(self.now, block, self.asleep.pop(f"{turn} {block}"))

    def outcome(self, person: Person) -> str:
        """Return how the day ended for a person."""
        horizon, patience = self.scenario.parameters.horizon.end_s, self.scenario.parameters.behaviour.patience_s
        end = None if horizon is None else ticks(horizon)
        if person.arrival is not None:
            return "arrived" if end is None or person.arrival <= end else "still_travelling"
        if not person.rides:
            return "no_service"
        ride = next(ride for ride in person.rides if ride.alighted is None)
        until = end if end is not None else self.looked.get((ride.stop, ride.boards, ride.leg), -1)
        waits = ride.boarded is None and ride.waits_from is not None and patience is not None
        if waits and ride.waits_from + ticks(patience) <= until:
            return "gave_up"
        return "no_service" if end is None else "still_travelling"

    # --- a block and its trips -----------------------------------------------------------------------------

    def _block(self, vehicle: Vehicle, trips: list[int]) -> Waits:
        ready = 0
        for trip in trips:
            yield max(self.dispatch[trip], ready)
            end = yield from self._trip(vehicle, trip)
            ready = end + ticks(self.rules.layover_s)

    def _trip(self, vehicle: Vehicle, trip: int) -> WaitsFor:
        stops = self.patterns[trip].stops
        broken = next(
            (b for b in self.declared.disruptions("breakdowns") if b.trip == self.service.trip_id[trip]), None
        )
        missed = 0
        for place in range(len(stops) - 1):
            if missed:
                missed -= 1
                continue
            yield from self._come(vehicle, trip, place)
            if broken is not None and self._breaks(broken, trip, place):
                ends = yield from self._break_down(vehicle, trip, place, broken)
                if ends:
                    return self.now
                broken = None
            elif self._is_closed(stops[place]):
                self._pass_by(vehicle, trip, place)
                yield self.declared.road_opens(trip, place, self.now)
            else:
                yield from self._serve(vehicle, trip, place)
            yield from self._wait_for_the_road(vehicle, trip, place)
            missed, there = self._leave(vehicle, trip, place)
            for passed in range(place + 1, place + 1 + missed):
                self._miss(vehicle, trip, passed, there)
            yield there
        last = len(stops) - 1
        yield from self._come(vehicle, trip, last)
        self._alight(vehicle, trip, last)
        arrival, out = self.now, self.now + vehicle.alightings * self.declared.step(trip)
        out = self._put_out_carried(vehicle, trip, last, out)
        end = max(arrival + self._dwell(vehicle, trip), out)
        self._visit(trip, last).departure = end
        yield end
        self._give_up_berth(stops[last])
        return end

    def _serve(self, vehicle: Vehicle, trip: int, place: int) -> Waits:
        arrival = self.now
        self._alight(vehicle, trip, place)
        out = arrival + vehicle.alightings * self.declared.step(trip)
        if vehicle.carried_past and self.declared.lets_out(trip, place):
            out = self._put_out_carried(vehicle, trip, place, out)
        self._board(vehicle, trip, place, arrival)
        ready = max(out, arrival + self._dwell(vehicle, trip))
        yield from self._stand(vehicle, trip, place, (arrival, out, ready))

    def _stand(self, vehicle: Vehicle, trip: int, place: int, times: tuple[int, int, int]) -> Waits:
        arrival, out, ready = times
        open_doors = self.rules.boarding_rule == "during_dwell"
        if open_doors:
            ready = yield from self._keep_doors_open(vehicle, trip, place, arrival, ready)
        else:
            self._close_doors(vehicle, trip, place)
        departure = ready
        if self.declared.is_controlled(trip, place):
            limits = self.rules.holding
            if not limits.allow_negative:
                yield ready
            departure = max(ready + self._holding(vehicle, trip, place, ready), out, self.now)
            self._visit(trip, place).holding = departure - ready
        departure = self.declared.road_opens(trip, place, departure)
        if self.declared.is_controlled(trip, place):
            held = "held", self.declared.point(trip, place)
            self.seen[held] = max(departure, self.seen.get(held, departure))
        if open_doors:
            if departure > ready:
                departure = yield from self._keep_doors_open(vehicle, trip, place, arrival, departure)
            yield from self._wait_in_lane(vehicle, trip, place)
            if not self.rules.overtaking:
                departure = yield from self._keep_doors_open(vehicle, trip, place, arrival, self.now)
            self._close_doors(vehicle, trip, place)
        yield departure

    def _keep_doors_open(self, vehicle: Vehicle, trip: int, place: int, arrival: int, until: int) -> WaitsFor:
        while True:
            yield until
            self._board(vehicle, trip, place, until)
            done = self._all_in(vehicle, trip, arrival)
            if done <= until:
                return until
            until = done

    def _miss(self, vehicle: Vehicle, trip: int, place: int, time: int) -> None:
        """Take people past a stop to which no open way leads."""
        visit = self._visit(trip, place)
        visit.arrival = visit.departure = time
        vehicle.carried_past += [ride for ride, out in vehicle.on_board if out == place]
        vehicle.on_board = [(ride, out) for ride, out in vehicle.on_board if out != place]
        visit.load = len(vehicle.on_board) + len(vehicle.carried_past)

    def _leave(self, vehicle: Vehicle, trip: int, place: int) -> tuple[int, int]:
        """Leave, and return how many stops are missed and when the vehicle is at the one after them."""
        stops, now = self.patterns[trip].stops, self.now
        way = (stops[place], stops[place + 1])
        self.last_departure["stop", stops[place]] = now
        for group in self.declared.groups(trip):
            self.last_departure[group, way] = now
        self._visit(trip, place).departure = now
        there = now + self.declared.running(trip, place, now)
        round_it = self.declared.way_round(trip, place, now)
        missed = 0 if round_it is None else round_it[0]
        if not self.rules.overtaking:
            if not missed:
                there = max(there, self.last_arrival.get(way, -1) + 1)
                self.last_arrival[way] = there
            lane = self.lanes[way]
            lane.remove(vehicle.block)
            if lane and f"lane {way} {lane[0]}" in self.asleep:
                self._wake(f"lane {way}", lane[0])
        self._give_up_berth(stops[place])
        self.seen["departure", self.declared.point(trip, place)] = now
        self.left[trip] = (place, now)
        return missed, there

    # --- people --------------------------------------------------------------------------------------------

    def _join(self, ride: Ride, time: int) -> None:
        ride.waits_from = time
        self.waiting[ride.stop].append(ride)

    def _present(self, trip: int, place: int, time: int, awake_at: int) -> list[Ride]:
        """Return who has come by a time, wants this vehicle and had not left at another time, first come first."""
        patience = self.scenario.parameters.behaviour.patience_s
        there = []
        for ride in self.waiting[self.patterns[trip].stops[place]]:
            has_come = ride.waits_from is not None and ride.waits_from <= time
            has_left = has_come and patience is not None and ride.waits_from + ticks(patience) < awake_at
            if self._wish(ride, trip, place) is not None and has_come and not has_left:
                there.append(ride)
        return sorted(there, key=lambda ride: (ride.waits_from, ride.number))

    def _board(self, vehicle: Vehicle, trip: int, place: int, time: int) -> None:
        """Offer whoever has come by a time to the vehicles with open doors, the first of them first."""
        stop = self.patterns[trip].stops[place]
        doors = self.open_doors[stop]
        mine = Doors(vehicle, trip, place, time)
        late = any(other.vehicle is vehicle for other in doors)
        if not late:
            doors.append(mine)
            if self.outlook is not None:
                self.outlook.judge(trip, place, self.now, self.visits)
        wanting = [self._present(one.trip, one.place, time, one.looked) for one in doors]
        for ride in sorted({ride.number: ride for rides in wanting for ride in rides}.values(), key=_by_joining):
            for one, rides in zip(doors, wanting, strict=True):
                at = one.trip, one.place
                if ride not in rides:
                    continue
                if self._load(one.vehicle) < self.declared.kind(one.trip).capacity:
                    self._let_in(one, ride, late or one is not mine)
                    break
                if at not in [refused[:2] for refused in ride.refused]:
                    ride.refused.append((*at, max(ride.waits_from or 0, self._visit(*at).arrival or 0)))
        for one in doors:
            one.looked = time
            for ride in self.rides:
                if ride.stop == stop and self._wish(ride, one.trip, one.place) is not None:
                    self.looked[stop, ride.boards, ride.leg] = time

    def _wish(self, ride: Ride, trip: int, place: int) -> Wish | None:
        """Return the wish that a trip at a place fulfils; None for those who do not want it."""
        if self.outlook is not None and ride.leg is not None and ride.leg not in self.outlook.best_on[trip, place]:
            return None
        at, due = (
            (int(self.service.trip_pattern[trip]), place),
            self.service.scheduled_departure_s[self.first[trip] + place],
        )
        wishes = [
            wish for wish in ride.boards if (wish.pattern, wish.place) == at and wish.due_from <= due <= wish.due_until
        ]
        return max(wishes, key=lambda wish: wish.due_from, default=None)

    def _known(self, leg: int | None) -> int | None:
        return None if self.outlook is None else leg

    def _boards(self, leg: int) -> Boards:
        """Return what is boarded on a leg; of several wishes for the same vehicles the last one counts."""
        legs, found = self.legs, {}
        for row in range(int(legs.set_ptr[leg]), int(legs.set_ptr[leg + 1])):
            follows, walk = int(legs.next_leg[row]), ticks(float(legs.next_walk_s[row]))
            wish = Wish(
                int(legs.pattern[row]),
                int(legs.board_sequence[row]),
                float(legs.from_s[row]),
                float(legs.until_s[row]),
                int(legs.alight_sequence[row]),
                None if follows == AS_PLANNED else (follows, walk),
            )
            found[wish.pattern, wish.place, wish.due_from] = wish
        return frozenset(found.values())

    def _load(self, vehicle: Vehicle) -> int:
        return len(vehicle.on_board) + len(vehicle.carried_past)

    def _let_in(self, doors: Doors, ride: Ride, late: bool) -> None:
        vehicle, trip, place = doors.vehicle, doors.trip, doors.place
        joined = ride.waits_from or 0
        self.waiting[self.patterns[trip].stops[place]].remove(ride)
        ride.boarded = (trip, place, max(joined, doors.opened))
        if late and joined > self._all_in(vehicle, trip, doors.opened):
            vehicle.late = (joined, vehicle.boardings, vehicle.stood)
        if self._load(vehicle) > self.declared.kind(trip).seats:
            vehicle.stood += 1
        vehicle.boardings += 1
        ride.fulfilled = self._wish(ride, trip, place)
        assert ride.fulfilled is not None
        vehicle.on_board.append((ride, ride.fulfilled.out))

    def _all_in(self, vehicle: Vehicle, trip: int, opened: int) -> int:
        """Return when all who have come are in: one after the other, whether together or with pauses."""
        kind = self.declared.kind(trip)
        if vehicle.late is None or self.rules.no_dwell or kind.dwell_rule == "constant":
            return opened + self._dwell(vehicle, trip)
        since, boardings, stood = vehicle.late
        slow, quick = vehicle.stood - stood, vehicle.boardings - boardings - (vehicle.stood - stood)
        seconds = quick * (kind.boarding_s / kind.boarding_channels)
        return since + ticks(seconds + slow * ((kind.boarding_s + kind.standee_friction_s) / kind.boarding_channels))

    def _close_doors(self, vehicle: Vehicle, trip: int, place: int) -> None:
        stop, visit = self.patterns[trip].stops[place], self._visit(trip, place)
        self.open_doors[stop] = [one for one in self.open_doors[stop] if one.vehicle is not vehicle]
        visit.boardings = vehicle.boardings
        visit.load = self._load(vehicle)

    def _alight(self, vehicle: Vehicle, trip: int, place: int) -> None:
        visit = self._visit(trip, place)
        visit.arrival = self.now
        self._note_headway(vehicle, trip, place)
        leaving = [ride for ride, out in vehicle.on_board if out == place]
        vehicle.on_board = [(ride, out) for ride, out in vehicle.on_board if out != place]
        vehicle.boardings, vehicle.stood, vehicle.late, vehicle.alightings = 0, 0, None, len(leaving)
        visit.alightings = len(leaving)
        for number, ride in enumerate(leaving, start=1):
            time = self.now + number * self.declared.step(trip)
            ride.alighted = (trip, place, time)
            self._journey_goes_on(ride, time)

    def _journey_goes_on(self, ride: Ride, time: int) -> None:
        """Walk to the next stop, or to where the journey ends."""
        person = ride.person
        done = person.rides.index(ride) + 1
        if done < len(person.rides):
            self._join(person.rides[done], time + person.walks[done])
        elif ride.fulfilled is None or ride.fulfilled.then is None:
            person.arrival = time + person.egress
        else:
            leg, walk = ride.fulfilled.then
            if leg == AT_GOAL:
                person.arrival = time + walk
            else:
                stop, goal = int(self.legs.board_stop[leg]), int(self.legs.alight_stop[leg])
                onward = Ride(len(self.rides), person, stop, goal, self._boards(leg), self._known(leg))
                self.rides.append(onward)
                person.rides.append(onward)
                self._join(onward, time + walk)

    def _put_out(self, vehicle: Vehicle, trip: int, place: int, rides: list[Ride], time: int) -> int:
        """Let people out where they did not want to; they wait there for what goes to their goal."""
        stop, visit = self.patterns[trip].stops[place], self._visit(trip, place)
        for ride in rides:
            time += self.declared.step(trip)
            ride.alighted = (trip, place, time)
            known = self.strategies.get((stop, ride.goal))
            boards = self._boards(known) if known is not None else self._ways(stop, ride.goal)
            again = Ride(len(self.rides), ride.person, stop, ride.goal, boards, self._known(known))
            self.rides.append(again)
            ride.person.rides[ride.person.rides.index(ride)] = again
            self._join(again, time)
        visit.alightings += len(rides)
        vehicle.alightings += len(rides)
        visit.load = len(vehicle.on_board)
        return time

    def _ways(self, stop: int, goal: int) -> Boards:
        always = float("inf")
        ways = self.declared.ways(stop, goal).items()
        return frozenset(Wish(pattern, place, -always, always, out) for (pattern, place), out in ways)

    def _put_out_carried(self, vehicle: Vehicle, trip: int, place: int, time: int) -> int:
        rides, vehicle.carried_past = vehicle.carried_past, []
        return self._put_out(vehicle, trip, place, rides, time)

    # --- what vehicles wait for ------------------------------------------------------------------------------

    def _come(self, vehicle: Vehicle, trip: int, place: int) -> Waits:
        came = self.now
        yield from self._enter(vehicle, trip, place)
        self._visit(trip, place).berth_wait = self.now - came

    def _enter(self, vehicle: Vehicle, trip: int, place: int) -> Waits:
        stops = self.patterns[trip].stops
        if not self.rules.overtaking and place + 1 < len(stops):
            self.lanes[stops[place], stops[place + 1]].append(vehicle.block)
        yield from self._take_berth(vehicle, stops[place])

    def _take_berth(self, vehicle: Vehicle, stop: int) -> Waits:
        if self.line_up[stop] or not self._has_room(stop):
            self.line_up[stop].append(vehicle.block)
            yield f"berth {stop}"
        else:
            self.berths_taken[stop] += 1

    def _has_room(self, stop: int) -> bool:
        berths, _ = self.declared.room(stop)
        return not self.blocked[stop] and (berths is None or self.berths_taken[stop] < berths)

    def _give_up_berth(self, stop: int) -> None:
        self.berths_taken[stop] -= 1
        self._admit(stop)

    def _admit(self, stop: int) -> None:
        while self.line_up[stop] and self._has_room(stop):
            self.berths_taken[stop] += 1
            self._wake(f"berth {stop}", self.line_up[stop].pop(0))

    def _wait_in_lane(self, vehicle: Vehicle, trip: int, place: int) -> Waits:
        way = self.patterns[trip].stops[place], self.patterns[trip].stops[place + 1]
        if not self.rules.overtaking and self.lanes[way][0] != vehicle.block:
            yield f"lane {way}"

    def _wait_for_the_road(self, vehicle: Vehicle, trip: int, place: int) -> Waits:
        yield from self._wait_in_lane(vehicle, trip, place)
        while self.now < (earliest := self._earliest_departure(trip, place)):
            yield earliest

    def _earliest_departure(self, trip: int, place: int) -> int:
        stops = self.patterns[trip].stops
        stop, way = stops[place], (stops[place], stops[place + 1])
        times = [0]
        if ("stop", stop) in self.last_departure:
            times.append(self.last_departure["stop", stop] + self.declared.room(stop)[1])
        times += [
            self.last_departure[group, way] + ticks(self.rules.minimum_headways[group].headway_s)
            for group in self.declared.groups(trip)
            if (group, way) in self.last_departure
        ]
        return max(times)

    def _visit(self, trip: int, place: int) -> Visit:
        return self.visits[self.first[trip] + place]

    def _dwell(self, vehicle: Vehicle, trip: int) -> int:
        kind, on, off = self.declared.kind(trip), vehicle.boardings, vehicle.alightings
        if self.rules.no_dwell:
            return 0
        if kind.dwell_rule == "constant":
            return ticks(kind.dead_time_s)
        slow = kind.boarding_s + kind.standee_friction_s
        boarding = (on - vehicle.stood) * (kind.boarding_s / kind.boarding_channels)
        boarding += vehicle.stood * (slow / kind.boarding_channels)
        alighting = off * (kind.alighting_s / kind.alighting_channels)
        if kind.dwell_rule == "sum":
            return max(ticks(kind.dead_time_s + boarding + alighting), off * self.declared.step(trip))
        return max(ticks(kind.dead_time_s + max(boarding, alighting)), off * self.declared.step(trip))

    # --- disruptions -----------------------------------------------------------------------------------------

    def _is_closed(self, stop: int) -> bool:
        return any(
            item.stop == self.stop_ids[stop] and ticks(item.start_s) <= self.now < ticks(item.end_s)
            for item in self.declared.disruptions("closed_stops")
        )

    def _pass_by(self, vehicle: Vehicle, trip: int, place: int) -> None:
        visit = self._visit(trip, place)
        visit.arrival = self.now
        visit.load = len(vehicle.on_board) + len(vehicle.carried_past)
        self._note_headway(vehicle, trip, place)
        vehicle.carried_past += [ride for ride, out in vehicle.on_board if out == place]
        vehicle.on_board = [(ride, out) for ride, out in vehicle.on_board if out != place]

    def _breaks(self, broken: Any, trip: int, place: int) -> bool:
        if broken.stop is not None:
            return self.stop_ids[self.patterns[trip].stops[place]] == broken.stop
        return self.now >= ticks(broken.after_s)

    def _break_down(self, vehicle: Vehicle, trip: int, place: int, broken: Any) -> Generator[int | Turn, None, bool]:
        stop, arrival = self.patterns[trip].stops[place], self.now
        blocks = broken.blocks if broken.blocks is not None else not self.rules.overtaking
        if self.outlook is not None and broken.then == "end":
            self.outlook.gone.add(trip)
        self._alight(vehicle, trip, place)
        others = [ride for ride, _ in sorted(vehicle.on_board, key=lambda pair: pair[1])]
        vehicle.carried_past += others
        vehicle.on_board = []
        out = self._put_out_carried(vehicle, trip, place, arrival + vehicle.alightings * self.declared.step(trip))
        if blocks:
            self.blocked[stop] += 1
        else:
            self._step_aside(vehicle, trip, place)
        yield max(arrival + ticks(broken.duration_s), out)
        if blocks:
            self.blocked[stop] -= 1
            self._admit(stop)
        if broken.then == "end":
            if blocks:
                self._step_aside(vehicle, trip, place)
            self._visit(trip, place).departure = self.now
            return True
        if not blocks:
            yield from self._enter(vehicle, trip, place)
        again = self.now
        vehicle.boardings = vehicle.stood = vehicle.alightings = 0
        vehicle.late = None
        self._board(vehicle, trip, place, again)
        yield from self._stand(vehicle, trip, place, (again, again, again + self._dwell(vehicle, trip)))
        return False

    def _step_aside(self, vehicle: Vehicle, trip: int, place: int) -> None:
        """Leave lane and berth without going on."""
        stops = self.patterns[trip].stops
        if not self.rules.overtaking:
            way = stops[place], stops[place + 1]
            self.lanes[way].remove(vehicle.block)
            if self.lanes[way] and f"lane {way} {self.lanes[way][0]}" in self.asleep:
                self._wake(f"lane {way}", self.lanes[way][0])
        self._give_up_berth(stops[place])

    # --- control ---------------------------------------------------------------------------------------------

    def _note_headway(self, vehicle: Vehicle, trip: int, place: int) -> None:
        point = "arrival", self.declared.point(trip, place)
        vehicle.headway = self.now - self.seen[point] if point in self.seen else None
        self.seen[point] = self.now

    def _holding(self, vehicle: Vehicle, trip: int, place: int, ready: int) -> int:
        rule, row = self.rules.holding, self.first[trip] + place
        seconds = 0.0
        if rule.rule == "schedule":
            seconds = max(0.0, float(self.service.scheduled_departure_s[row]) - ready / TICKS)
        elif rule.rule == "forward_headway":
            seconds = rule.slack_s
            planned = rule.headway_s if rule.headway_s is not None else self.declared.planned_headway(trip, place)
            if planned is not None and vehicle.headway is not None:
                seconds += (rule.alpha + rule.marginal_dwell) * (planned - vehicle.headway / TICKS)
        elif rule.rule == "headway_threshold":
            wanted = rule.headway_s if rule.headway_s is not None else self.declared.planned_headway(trip, place)
            ahead = self._leaves_ahead(trip, place)
            if wanted is not None and ahead is not None:
                seconds = max(0.0, wanted - (ready - ahead) / TICKS)
        elif rule.rule == "even_headway":
            behind, ahead = self._next_arrival(trip, place), self._leaves_ahead(trip, place)
            if behind is not None and ahead is not None:
                seconds = max(0.0, ((behind - ready / TICKS) - (ready - ahead) / TICKS) / 2.0)
        if not rule.allow_negative:
            seconds = max(seconds, 0.0)
        return ticks(seconds if rule.most_s is None else min(seconds, rule.most_s))

    def _leaves_ahead(self, trip: int, place: int) -> int | None:
        """Return when the vehicle in front leaves: the last that has left, or one that is still held."""
        point = self.declared.point(trip, place)
        times = [self.seen[key, point] for key in ("departure", "held") if (key, point) in self.seen]
        return max(times, default=None)

    def _next_arrival(self, trip: int, place: int) -> float | None:
        """Return when the trip behind is expected, from where it left last or from its dispatch."""
        order, cancelled = self.declared.at_point(trip, place), self.scenario.parameters.disruptions.cancelled_trips
        mine = [row for _, row, _ in order].index(self.first[trip] + place)
        behind = [(row, other) for _, row, other in order[mine + 1 :] if self.service.trip_id[other] not in cancelled]
        if not behind:
            return None
        row, other = behind[0]
        at, time = self.left.get(other, (0, self.dispatch[other]))
        last = self.first[other] + at
        if other in self.left and last >= row:
            return None
        return (
            time / TICKS
            + float(self.service.scheduled_arrival_s[row])
            - float(self.service.scheduled_departure_s[last])
        )

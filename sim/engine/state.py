"""The state of one simulated day: plain lists, since single items are read and written most."""

from __future__ import annotations

from dataclasses import dataclass, field

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Return:
    """The journey back of a commuter who is still on his way there.

    Attributes
    ----------
    commuter, ride : int
        Row of the journey back and its first ride; -1 for a ride where no journey leads back.
    egress_s : float
        Walk at the end of the journey there.
    not_before_s, stay_s : float
        How long the stay is, and when it begins at the earliest, in seconds.
    """

    commuter: int
    ride: int
    egress_s: float
    not_before_s: float
    stay_s: float


@dataclass(slots=True)
class DayState:
    """What has happened so far; columns as in `sim.records.day.DayRecords`.

    Attributes
    ----------
    ride_leg, ride_queue : list of int
        Leg and queue of each ride.
    ride_walk_s : list of float
        Walk before each ride in seconds.
    ride_following : list of int
        Ride that follows when this one ends at its goal; -1 where the journey ends.
    root : list of int
        Ride of the journeys that each ride beyond them continues.
    put_out : list of bool
        For each ride beyond those of the journeys whether it continues one that ended too early.
    left_s : dict of int to float
        When people left a queue who did not board, by ride; seconds after midnight.
    last_walk_s : dict of int to float
        Walk to the destination that was decided on the way, by the last ride.
    put_out_by : dict of int to int
        Why a ride had to be continued that ended too early, by the ride that continues it;
        values of `sim.model.outcome.Cause`.
    broken : list of int
        Visits at which trips ended too early.
    visit_disruption : dict of int to int
        What hindered vehicles, by visit; values of `sim.model.outcome.Disruption`.
    returns : dict of int to Return
        Journeys back by the last ride of the journey there.
    return_departure_s : dict of int to float
        When those have left, or will leave, who arrived and go back, by row of the journey back.
    """

    ride_leg: list[int]
    ride_queue: list[int]
    ride_walk_s: list[float]
    ride_following: list[int]
    ride_wait_from_s: list[float]
    ride_board_s: list[float]
    ride_alight_s: list[float]
    ride_board_visit: list[int]
    ride_alight_visit: list[int]
    visit_arrival_s: list[float]
    visit_departure_s: list[float]
    visit_boardings: list[int]
    visit_alightings: list[int]
    visit_denied: list[int]
    visit_load: list[int]
    visit_holding_s: list[float]
    denied_ride: list[int] = field(default_factory=list)
    denied_visit: list[int] = field(default_factory=list)
    denied_time_s: list[float] = field(default_factory=list)
    root: list[int] = field(default_factory=list)
    put_out: list[bool] = field(default_factory=list)
    left_s: dict[int, float] = field(default_factory=dict)
    last_walk_s: dict[int, float] = field(default_factory=dict)
    put_out_by: dict[int, int] = field(default_factory=dict)
    broken: list[int] = field(default_factory=list)
    visit_disruption: dict[int, int] = field(default_factory=dict)
    returns: dict[int, Return] = field(default_factory=dict)
    return_departure_s: dict[int, float] = field(default_factory=dict)

    def hinder(self, visit: int, by: int) -> None:
        """Note what hindered a vehicle at a visit; of several things the highest counts."""
        self.visit_disruption[visit] = max(by, self.visit_disruption.get(visit, by))

    def continue_ride(
        self, ride: int, leg: int, queue: int, time_s: float, walk_s: float = 0.0, put_out: bool = True
    ) -> int:
        """Add a ride that waits from a time on and goes on where another ended; return its row."""
        rides = len(self.ride_leg)
        journeys = rides - len(self.root)
        self.put_out.append(put_out)
        self.root.append(ride if ride < journeys else self.root[ride - journeys])
        self.ride_leg.append(leg)
        self.ride_queue.append(queue)
        self.ride_walk_s.append(walk_s)
        self.ride_following.append(self.ride_following[ride])
        self.ride_wait_from_s.append(time_s)
        self.ride_board_s.append(NAN)
        self.ride_alight_s.append(NAN)
        self.ride_board_visit.append(-1)
        self.ride_alight_visit.append(-1)
        return rides

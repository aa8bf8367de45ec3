"""Edits of the service that a planner makes by name: another headway, trips added or cancelled, a new line."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from sim.model.parameters.fields import (
    ASSUMED,
    FARTHEST_M,
    NOT_A_NUMBER,
    Clock,
    Duration,
    LineName,
    Name,
    Parameters,
    Speed,
    StopName,
    key,
)
from sim.model.service import Mode


class HoursParameters(Parameters):
    """Hours of the service day."""

    start_s: Clock = key(0.0, "From this time on.", NOT_A_NUMBER, ge=0)
    end_s: Clock | None = key(
        None, "Until this time, past 24:00 after midnight; to the end of the day where missing.", NOT_A_NUMBER, ge=0
    )

    @model_validator(mode="after")
    def _check_hours(self) -> Self:
        if self.end_s is not None and self.end_s <= self.start_s:
            raise ValueError("end must be after start; hours after midnight go on past 24:00, as in 25:30")
        return self


class HeadwayChangeParameters(HoursParameters):
    """Another headway of a line for some hours.

    Trips that leave their first stop within the hours give way to others at even headways, each like the trip of its
    direction nearest in time; a trip that leaves at one of the new times stays as it is. The new times are in step with
    the first trip of the direction within the hours; without a start they begin with it, and without an end
    none is later than the last that is there. For example
    `- headway: {line: "1", start: "07:00", end: "09:00", every: 5 min}`.
    """

    line: LineName = key(..., "Line.", NOT_A_NUMBER)
    direction: int | None = key(None, "Direction, 0 or 1; both where missing.", NOT_A_NUMBER, ge=0, le=1)
    every_s: Duration = key(..., "Time between two departures from the first stop.", NOT_A_NUMBER, ge=1)
    vehicle: Name | None = key(None, "Vehicle type of these trips; as now where missing.", NOT_A_NUMBER)


class AddedTripsParameters(Parameters):
    """More trips, each like the trip of its direction nearest in time.

    For example `- add_trips: {line: "1", direction: 0, departures: ["07:10", "07:30"]}`.
    """

    line: LineName = key(..., "Line.", NOT_A_NUMBER)
    direction: int = key(0, "Direction, 0 or 1.", NOT_A_NUMBER, ge=0, le=1)
    departures: tuple[Clock, ...] = key(..., "Departures from the first stop.", NOT_A_NUMBER, min_length=1)
    vehicle: Name | None = key(None, "Vehicle type; that of the trip nearest in time where missing.", NOT_A_NUMBER)


class TripChoiceParameters(HoursParameters):
    """Which trips: by id, or all of a line that leave their first stop within some hours."""

    trips: tuple[Name, ...] = key(
        (), "Trips by id; that of a trip with frequencies stands for all its repetitions.", NOT_A_NUMBER
    )
    line: LineName | None = key(None, "All trips of this line within the hours, instead of trips.", NOT_A_NUMBER)
    direction: int | None = key(None, "Direction, 0 or 1; both where missing.", NOT_A_NUMBER, ge=0, le=1)

    @model_validator(mode="after")
    def _check_choice(self) -> Self:
        if bool(self.trips) == (self.line is not None):
            raise ValueError("give either trips or line")
        if self.trips and (self.direction is not None or self.start_s or self.end_s is not None):
            raise ValueError("direction, start and end go with line, not with trips")
        return self


class CancelledTripsParameters(TripChoiceParameters):
    """Trips that do not run.

    For example `- cancel_trips: {line: "1", start: "22:00"}`, or `- cancel_trips: {trips: [trip_17]}`.
    """


class RetimedTripsParameters(TripChoiceParameters):
    """Trips at other times, or with other running times.

    Vehicles stay those of the trips: one that is not back in time leaves late. For example
    `- retime_trips: {line: "1", start: "07:00", end: "09:00", shift: 5 min}`.
    """

    shift_s: Duration = key(0.0, "How much later they run; earlier where negative.", NOT_A_NUMBER)
    running_factor: float = key(
        1.0, "Multiple of the time from stop to stop, for a lane or a signal of its own.", NOT_A_NUMBER, gt=0, le=10
    )

    @model_validator(mode="after")
    def _check_anything(self) -> Self:
        if self.shift_s == 0 and self.running_factor == 1:
            raise ValueError("changes nothing; give shift or running_factor")
        return self


class VehicleChangeParameters(TripChoiceParameters):
    """Another vehicle type.

    For example `- vehicle: {line: "1", start: "07:00", end: "09:00", type: articulated}`.
    """

    type: Name = key(..., "Vehicle type of the network or of service.vehicles.", NOT_A_NUMBER)


class MovedStopParameters(Parameters):
    """A stop somewhere else.

    Links, walks and running times to and from it grow or shrink with the distance. For example
    `- move_stop: {stop: "Main Street", x: 118.09, y: 24.48}`.
    """

    stop: StopName = key(..., "Stop.", NOT_A_NUMBER)
    x: float = key(
        ...,
        "New position to the east: degrees of longitude, or metres, as the network has.",
        NOT_A_NUMBER,
        ge=-FARTHEST_M,
        le=FARTHEST_M,
    )
    y: float = key(
        ..., "New position to the north: degrees of latitude, or metres.", NOT_A_NUMBER, ge=-FARTHEST_M, le=FARTHEST_M
    )


class StreetParameters(HoursParameters):
    """A street that is closed.

    All day, where no hours are given: vehicles go round by the shortest way, stops that no way leads to are missed,
    and the timetable follows; the report names them. For some hours: as a link of `disruptions.links`. For example
    `- close_street: {from_stop: "A", to_stop: "B", start: "07:00", end: "10:00"}`.
    """

    from_stop: StopName = key(..., "Stop, or other node of the streets, where the link starts.", NOT_A_NUMBER)
    to_stop: StopName = key(..., "Stop or node where the link ends.", NOT_A_NUMBER)
    both_ways: bool = key(True, "Whether the link the other way, where there is one, is meant too.", NOT_A_NUMBER)


class SlowStreetParameters(StreetParameters):
    """A street on which vehicles are slower.

    All day, where no hours are given: the timetable follows. For some hours: as a link of `disruptions.links`, and the
    timetable stays. For example `- slow_street: {from_stop: "A", to_stop: "B", speed_factor: 0.5}`.
    """

    speed_factor: float = key(..., "Speed as a share of the usual one.", NOT_A_NUMBER, gt=0, lt=1)


class NewLineParameters(HoursParameters):
    """A new line along given stops, over the links of the network by the shortest way.

    For example `- new_line: {id: X1, stops: [A, D, F], vehicle: bus, start: "06:00", end: "22:00", every: 10 min}`.
    """

    id: Name = key(..., "Name of the line in tables.", NOT_A_NUMBER)
    stops: tuple[StopName, ...] = key(..., "Stops in order.", NOT_A_NUMBER, min_length=2)
    vehicle: Name = key(..., "Vehicle type of the network or of service.vehicles.", NOT_A_NUMBER)
    every_s: Duration | None = key(
        None, "Time between two departures from the first stop, from start until end.", NOT_A_NUMBER, ge=1
    )
    departures: tuple[Clock, ...] = key((), "Departures from the first stop, instead of every.", NOT_A_NUMBER)
    both_directions: bool = key(
        True, "Whether trips run the other way too, at the same times, as direction 1.", NOT_A_NUMBER
    )
    mode: Mode = key("bus", "What runs on it.", ASSUMED)
    straight_speed_m_per_s: Speed | None = key(
        None,
        "Speed on a straight link, 1.3 times as long as the distance, that is laid where no links of the network "
        "lead from a stop to the next; where missing that is an error.",
        "detour of 1.3: assumed",
        gt=0,
    )

    @model_validator(mode="after")
    def _check_departures(self) -> Self:
        if (self.every_s is None) == (not self.departures):
            raise ValueError("give either every, with start and end, or departures")
        if self.every_s is not None and self.end_s is None:
            raise ValueError("every needs an end")
        return self


class ServiceChangeParameters(Parameters):
    """One edit of the service, of one kind.

    Edits are made in their order, each on what the edits before it have left. Two that contradict each other are an
    error. They serve `variants` above all, but may stand in any scenario.
    """

    headway: HeadwayChangeParameters | None = key(None, "Another headway for some hours.", NOT_A_NUMBER)
    add_trips: AddedTripsParameters | None = key(None, "More trips.", NOT_A_NUMBER)
    cancel_trips: CancelledTripsParameters | None = key(None, "Trips that do not run.", NOT_A_NUMBER)
    retime_trips: RetimedTripsParameters | None = key(None, "Trips at other times.", NOT_A_NUMBER)
    vehicle: VehicleChangeParameters | None = key(None, "Another vehicle type.", NOT_A_NUMBER)
    move_stop: MovedStopParameters | None = key(None, "A stop somewhere else.", NOT_A_NUMBER)
    close_street: StreetParameters | None = key(None, "A street that is closed.", NOT_A_NUMBER)
    slow_street: SlowStreetParameters | None = key(None, "A street on which vehicles are slower.", NOT_A_NUMBER)
    new_line: NewLineParameters | None = key(None, "A new line.", NOT_A_NUMBER)

    @model_validator(mode="after")
    def _check_one(self) -> Self:
        if len(self.named()) != 1:
            raise ValueError(f"give one of {', '.join(type(self).model_fields)} for each item of the list")
        return self

    def named(self) -> list[tuple[str, Parameters]]:
        """Return the kinds that are given, with their sections."""
        return [(name, value) for name in type(self).model_fields if (value := getattr(self, name)) is not None]

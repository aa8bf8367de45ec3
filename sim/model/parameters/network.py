"""Which network a scenario runs on: a folder, or a small one written in the file."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import ASSUMED, NOT_A_NUMBER, Clock, Duration, Length, LineName, Name, Parameters, key


class StopParameters(Parameters):
    """A stop of a network written in the scenario file."""

    id: Name = key(..., "Name of the stop in tables.", NOT_A_NUMBER)
    x_m: Length | None = key(None, "Position to the east.", NOT_A_NUMBER)
    y_m: Length | None = key(None, "Position to the north.", NOT_A_NUMBER)


class HeadwayParameters(Parameters):
    """Trips of a line by a law of headways, drawn anew each replication and day.

    The timetable that people, punctuality and scheduled times of tables go by has a trip at each mean headway.
    """

    mean_s: Duration = key(..., "Mean time between two departures.", NOT_A_NUMBER, gt=0)
    distribution: Literal["deterministic", "exponential", "gamma", "uniform", "two_point"] = key(
        "deterministic",
        "Law of the time between departures; uniform and two_point spread by `cv` around the mean.",
        ASSUMED,
        specialist=True,
    )
    cv: float = key(
        0.0,
        "Coefficient of variation of gamma, uniform and two_point headways.",
        ASSUMED,
        specialist=True,
        ge=0,
        le=100,
    )
    first_s: Clock = key(..., "Start of service: the first vehicle leaves one headway later.", NOT_A_NUMBER, ge=0)
    trips: int = key(..., "Number of trips.", NOT_A_NUMBER, ge=1, le=100_000)

    @model_validator(mode="after")
    def _check_spread(self) -> Self:
        bound = {"uniform": 3.0**-0.5, "two_point": 1.0}.get(self.distribution)
        if bound is not None and self.cv > bound + 1e-12:
            raise ValueError(
                f"cv = {self.cv} gives {self.distribution} headways below 0; at most {bound:.6f} is accepted"
            )
        if self.distribution == "gamma" and self.cv == 0:
            raise ValueError("gamma headways need a cv greater than 0")
        if self.distribution in ("deterministic", "exponential") and self.cv:
            raise ValueError(f"cv has no effect with distribution {self.distribution}; leave it out")
        return self


class LineParameters(Parameters):
    """A line of a network written in the scenario file: one direction, one stop pattern."""

    id: Name = key(..., "Name of the line in tables.", NOT_A_NUMBER)
    stops: tuple[Name, ...] = key(..., "Stops in order.", NOT_A_NUMBER, min_length=2)
    passes: tuple[Name, ...] = key(
        (),
        "Stops of these that its vehicles run past without stopping, as an express or a skip-stop line does; all but "
        "the first and the last. What happens on the links between them happens to it too.",
        NOT_A_NUMBER,
    )
    running_times_s: tuple[Duration, ...] = key(
        ...,
        "Running time from each of the stops to the next, one fewer than stops. Lines may take different times over "
        "the same link; the free running time of the link is the shortest of them.",
        NOT_A_NUMBER,
    )
    lengths_m: tuple[Length, ...] | None = key(
        None, "Length of each link; running time at 30 km/h where missing.", ASSUMED
    )
    vehicle: Name = key(..., "Vehicle type, a key of `service.vehicles`.", NOT_A_NUMBER)
    departures: tuple[Clock, ...] | None = key(None, "Departure times at the first stop.", NOT_A_NUMBER)
    headway: HeadwayParameters | None = key(None, "Law of headways instead of departure times.", NOT_A_NUMBER)

    @model_validator(mode="after")
    def _check_shape(self) -> Self:
        if len(self.running_times_s) != len(self.stops) - 1:
            raise ValueError(
                f"{len(self.stops)} stops need {len(self.stops) - 1} running_times, not {len(self.running_times_s)}"
            )
        if any(time < 0 for time in self.running_times_s):
            raise ValueError("running_times must not be negative")
        passed = sorted(set(self.passes) - set(self.stops[1:-1]))
        if passed or {self.stops[0], self.stops[-1]} & set(self.passes):
            between = ", ".join(self.stops[1:-1]) or "there is none"
            raise ValueError(f"passes must name stops between the first and the last: {between}")
        if self.lengths_m is not None and len(self.lengths_m) != len(self.running_times_s):
            raise ValueError(f"lengths must have {len(self.running_times_s)} values, not {len(self.lengths_m)}")
        if (self.departures is None) == (self.headway is None):
            raise ValueError("give either departures or headway")
        if self.departures is not None and list(self.departures) != sorted(self.departures):
            raise ValueError("departures must be in order of time")
        return self


class NetworkParameters(Parameters):
    """The network: a folder by name or path, or stops and lines written here."""

    folder: Name | None = key(
        None,
        "Network folder or GTFS zip: a name under networks/, or a path relative to the scenario file.",
        NOT_A_NUMBER,
    )
    agencies: tuple[Name, ...] | None = key(None, "Use only lines of these agencies.", NOT_A_NUMBER)
    lines_used: tuple[LineName, ...] | None = key(None, "Use only these lines.", NOT_A_NUMBER)
    date: str | None = key(None, "Service date YYYY-MM-DD; the first date with most trips where missing.", NOT_A_NUMBER)
    stops: tuple[StopParameters, ...] = key((), "Stops, needed only to give positions.", NOT_A_NUMBER)
    lines: tuple[LineParameters, ...] = key((), "Lines written in the file.", NOT_A_NUMBER)

    @model_validator(mode="after")
    def _check_one_kind(self) -> Self:
        if (self.folder is None) == (not self.lines):
            raise ValueError("give either a folder or lines")
        ids = [line.id for line in self.lines]
        if len(set(ids)) != len(ids):
            raise ValueError("two lines have the same id")
        return self

"""Road traffic that vehicles share: delay by volume on links, speed by accumulation in an area."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import (
    ASSUMED,
    MOST_PEOPLE,
    NOT_A_NUMBER,
    Clock,
    Duration,
    Length,
    LineName,
    Name,
    Parameters,
    Rate,
    key,
)

BPR = "Bureau of Public Roads 1964, Traffic Assignment Manual"
AKCELIK = "Akcelik 1991, Australian Road Research 21(3):49-59; the value is assumed"


class LinkClassParameters(Parameters):
    """Links that share capacity and volumes."""

    links: tuple[Name, ...] | None = key(
        None,
        "Link ids (FROM>TO for lines in the scenario file); all links of no other class where missing.",
        NOT_A_NUMBER,
    )
    capacity_per_s: Rate = key(..., "Capacity in cars per time.", NOT_A_NUMBER, gt=0)


class VolumeParameters(Parameters):
    """Background traffic on the links of a class in a stretch of time."""

    link_class: Name = key(..., "Class of links.", NOT_A_NUMBER)
    start_s: Clock = key(..., "Start of the stretch.", NOT_A_NUMBER, ge=0)
    end_s: Clock = key(..., "End of the stretch.", NOT_A_NUMBER, ge=0)
    volume_per_s: Rate = key(..., "Cars per time on each link.", NOT_A_NUMBER, ge=0)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError("end must be after start")
        return self


class SpeedFactorParameters(Parameters):
    """Speed on links in a stretch of time, as a share of the usual one."""

    links: tuple[Name, ...] | None = key(None, "Link ids; all links where missing.", NOT_A_NUMBER)
    start_s: Clock = key(..., "Start of the stretch.", NOT_A_NUMBER, ge=0)
    end_s: Clock = key(..., "End of the stretch.", NOT_A_NUMBER, ge=0)
    factor: float = key(
        ..., "Speed as a share of the usual one; running times are divided by it.", NOT_A_NUMBER, ge=0.01, le=100
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError("end must be after start")
        return self


class InflowParameters(Parameters):
    """Cars that start to drive in the area in a stretch of time."""

    start_s: Clock = key(..., "Start of the stretch.", NOT_A_NUMBER, ge=0)
    end_s: Clock = key(..., "End of the stretch.", NOT_A_NUMBER, ge=0)
    inflow_per_s: Rate = key(..., "Cars per time.", NOT_A_NUMBER, ge=0)

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError("end must be after start")
        return self


class AreaParameters(Parameters):
    """An area as a reservoir of cars: speed falls with their number (Greenshields 1935)."""

    links: tuple[Name, ...] | None = key(None, "Link ids of the area; all links where missing.", NOT_A_NUMBER)
    free_speed_km_h: float = key(..., "Speed of cars in the empty area, km/h.", NOT_A_NUMBER, gt=0, le=1000)
    jam_cars: float = key(..., "Cars in the area at which nothing moves.", NOT_A_NUMBER, gt=0, le=MOST_PEOPLE)
    trip_length_m: Length = key(..., "Mean distance that a car drives in the area.", NOT_A_NUMBER, gt=0)
    inflow: tuple[InflowParameters, ...] = key(
        (), "Cars that start over time; none outside, and none are there at midnight.", NOT_A_NUMBER
    )


class SignalParameters(Parameters):
    """A traffic signal at the end of links."""

    links: tuple[Name, ...] | None = key(None, "Link ids; or give node.", NOT_A_NUMBER)
    node: Name | None = key(None, "Stop or other node: all links that end there; or give links.", NOT_A_NUMBER)
    cycle_s: Duration = key(..., "From one green to the next one.", NOT_A_NUMBER, gt=0)
    green_share: float = key(..., "Green over cycle; 1 for no signal.", NOT_A_NUMBER, gt=0, le=1)
    offset_s: Duration = key(
        0.0, "Time after midnight at which a green begins; aligned along a line it makes a wave.", ASSUMED
    )

    @model_validator(mode="after")
    def _check_place(self) -> Self:
        if (self.links is None) == (self.node is None):
            raise ValueError("give either links or node")
        return self


class SignalControlParameters(Parameters):
    """Traffic signals: vehicles wait for green, and behind cars where volumes are known.

    Signals of the network are columns of `gmns/link.csv` and `gmns/node.csv`.
    """

    at: tuple[SignalParameters, ...] = key((), "Signals; they go before those of the network.", NOT_A_NUMBER)
    priority: Literal["none", "extension", "early_green", "both"] = key(
        "none",
        "What signals do for a vehicle: keep green for one that comes within 10 s after its end; begin green so much "
        "earlier for one that waits; or both. What it costs others is not counted.",
        ASSUMED,
    )
    lines: tuple[LineName, ...] | None = key(None, "Lines with priority; all where missing.", NOT_A_NUMBER)
    saturation_per_s: Rate = key(
        1900.0 / 3600.0, "Cars per lane that a green lets through.", "Highway Capacity Manual 2000: 1900 an hour", gt=0
    )


class TrafficParameters(Parameters):
    """Road traffic; running times at free flow are those of the links, or of the schedule where they have none."""

    delay: Literal["none", "bpr", "conical", "akcelik"] = key(
        "none",
        "Running time over that at free flow, x = volume / capacity. bpr: 1 + bpr_alpha x^bpr_beta; conical: the "
        "volume-delay function of Spiess 1990. akcelik: seconds added on each link, T/4 [(x - 1) + sqrt((x - 1)^2 + "
        "8 J x / (capacity T))] with T = akcelik_period and J = akcelik_delay (Akcelik 1991).",
        ASSUMED,
    )
    bpr_alpha: float = key(0.15, "Delay at capacity as a share of the free time.", BPR, ge=0, le=1000)
    bpr_beta: float = key(4.0, "How sharply delay sets in.", BPR, gt=0, le=100)
    akcelik_period_s: Duration = key(3600.0, "How long a volume above capacity has queued up.", AKCELIK, gt=0)
    akcelik_delay: float = key(0.4, "J, how much chance delays before capacity; no unit.", AKCELIK, ge=0, le=1000)
    classes: dict[str, LinkClassParameters] = key({}, "Classes of links by name.", NOT_A_NUMBER)
    volumes: tuple[VolumeParameters, ...] = key(
        (),
        "Background traffic; none outside of it. For the links of a class it goes before volume_per_h of the network's "
        "traffic.csv, which else holds where delay is not none; capacities are those of the class, or else of "
        "gmns/link.csv.",
        NOT_A_NUMBER,
    )
    speed_factors: tuple[SpeedFactorParameters, ...] = key(
        (),
        "Factors by period on the speed of vehicles that enter links, besides volumes and the area; several at once "
        "are multiplied. Those of the network are in its traffic.csv.",
        NOT_A_NUMBER,
    )
    bus_equivalents: float = key(
        2.0, "Cars that a bus counts for: scheduled buses are added to volumes and to the area.", ASSUMED, ge=0, le=1000
    )
    signals: SignalControlParameters = key(
        SignalControlParameters,
        "Traffic signals. Their delay comes on top of the running time, that of `delay` and of the timetable too.",
        NOT_A_NUMBER,
    )
    area: AreaParameters | None = key(None, "An area with a reservoir of cars.", NOT_A_NUMBER)
    step_s: Duration = key(60.0, "Width of the time steps in which running times change.", ASSUMED, ge=1, le=3600)

    @model_validator(mode="after")
    def _check_volumes(self) -> Self:
        for volume in self.volumes:
            if volume.link_class not in self.classes:
                known = ", ".join(self.classes) or "none"
                raise ValueError(f"volumes name the class {volume.link_class!r}; classes are {known}")
        by_class: dict[str, float] = {}
        for volume in sorted(self.volumes, key=lambda item: (item.link_class, item.start_s)):
            if volume.start_s < by_class.get(volume.link_class, 0.0):
                raise ValueError(f"volumes of class {volume.link_class!r} overlap")
            by_class[volume.link_class] = volume.end_s
        if sum(item.links is None for item in self.classes.values()) > 1:
            raise ValueError("only one class may leave out its links")
        return self

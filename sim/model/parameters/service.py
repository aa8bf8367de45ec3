"""How vehicles run: types, dwell, boarding rule, running time noise, control."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Self

from pydantic import model_validator

from sim.model.holding import declared_holding_rules, holding_rule_texts
from sim.model.parameters.changes import ServiceChangeParameters
from sim.model.parameters.dwell import (
    DOOR_TEXT,
    EXHIBIT,
    PAYMENT_TEXT,
    STANDEE_FRICTION_S,
    AlightingDoor,
    DwellParameters,
    FarePayment,
)
from sim.model.parameters.energy import EnergyParameters
from sim.model.parameters.fields import (
    ASSUMED,
    NOT_A_NUMBER,
    Duration,
    LineName,
    Parameters,
    Speed,
    StopName,
    key,
)
from sim.model.service import DwellRuleName, Mode

BY_PASSENGER: Final = ("sum", "max")
"""Dwell rules that go by times per boarding and alighting."""
DAGANZO = "Daganzo 2009, TR-B 43:913-921; the value is assumed"


class VehicleParameters(Parameters):
    """A vehicle type: room and dwell rule."""

    seats: int = key(..., "Seats.", NOT_A_NUMBER, ge=0, le=10_000_000)
    capacity: int = key(..., "Seats plus standing places; nobody boards beyond it.", NOT_A_NUMBER, ge=1, le=10_000_000)
    standing_area_m2: float | None = key(
        None,
        "Floor for those who stand, in square metres; where missing so large that 4 persons stand on each when full.",
        "4 persons per m2: assumed",
        specialist=True,
        gt=0,
        le=10_000,
    )
    doors: int = key(
        1, "Doors, for information; channels below count for the dwell.", ASSUMED, specialist=True, ge=1, le=100
    )
    dwell_rule: DwellRuleName = key(
        "sum",
        "constant: the dead time; sum: dead time + boarding + alighting; max: dead time + the longer of both; "
        "dueker: 5.136 s + 3.481 b - 0.040 b^2 + 1.701 a - 0.031 a^2 with b boardings (43.5 at most, where their part "
        "is greatest) and a alightings (27.4 at most), but not less than 0.8505 s for each alighting, whatever the "
        "times below (Dueker et al. 2004, coefficients unverified); "
        "headway: dead time + dwell_per_headway x headway, passengers as a fluid.",
        ASSUMED,
    )
    dead_time_s: Duration = key(
        3.5, "Doors opening and closing, at every stop, the last one of a trip too.", "TCRP Report 100", ge=0
    )
    boarding_s: Duration = key(2.0, "Time per boarding and channel (prepaid).", EXHIBIT, ge=0)
    alighting_s: Duration = key(1.75, "Time per alighting and channel (rear door).", EXHIBIT, ge=0)
    fare_payment: FarePayment | None = key(
        None, f"In place of boarding: {PAYMENT_TEXT}.", NOT_A_NUMBER, specialist=True
    )
    alighting_door: AlightingDoor | None = key(
        None, f"In place of alighting: {DOOR_TEXT}.", NOT_A_NUMBER, specialist=True
    )
    boarding_channels: int = key(1, "Persons who can board side by side.", ASSUMED, ge=1, le=100)
    alighting_channels: int = key(1, "Persons who can alight side by side.", ASSUMED, specialist=True, ge=1, le=100)
    standee_friction_s: Duration | None = key(
        None,
        "Added to the boarding of everybody who finds more persons on board than seats; where missing "
        f"{STANDEE_FRICTION_S} s with a fare_payment, else 0 s.",
        EXHIBIT,
        specialist=True,
        ge=0,
    )
    dwell_per_headway: float = key(
        0.0,
        "Dwell per unit of headway under the rule headway: rate of arrivals times boarding time. The headway is that "
        "of arrivals under present_at_arrival and that of departures, the dwell included, under during_dwell (0 while "
        "the vehicle before still stands). It is that of a line and direction, without trips that end at the stop; "
        "before the first it is that of the schedule. Where a trip ends it stands for its dead time.",
        ASSUMED,
        specialist=True,
        ge=0,
        lt=1,
    )

    @model_validator(mode="after")
    def _check_room(self) -> Self:
        if self.seats > self.capacity:
            raise ValueError(f"{self.seats} seats are more than the capacity of {self.capacity}")
        if self.dwell_rule not in BY_PASSENGER and (self.fare_payment or self.alighting_door):
            raise ValueError(f"fare_payment and alighting_door have no effect with the dwell rule {self.dwell_rule}")
        return self


class NoiseParameters(Parameters):
    """What chance does to each running time; the mean stays, unless normal noise is cut off at a running time of 0."""

    distribution: Literal["none", "lognormal", "gamma", "normal"] = key(
        "none",
        "lognormal and gamma: a factor on the running time with a cv; normal: seconds added with a standard "
        "deviation sigma, running times never below 0.",
        ASSUMED,
    )
    cv: float = key(0.0, "Coefficient of variation of the factor.", ASSUMED, ge=0, le=3)
    sigma_s: Duration = key(0.0, "Standard deviation of what is added to each link (normal).", ASSUMED, ge=0)
    correlation: float = key(
        0.0,
        "Correlation between any two draws of a day: the share of the variance that the whole day has in common.",
        ASSUMED,
        specialist=True,
        ge=0,
        le=1,
    )

    @model_validator(mode="after")
    def _check_spread(self) -> Self:
        if self.distribution in ("lognormal", "gamma") and self.cv == 0:
            raise ValueError(f"{self.distribution} noise needs a cv greater than 0")
        if self.distribution == "normal" and self.sigma_s == 0:
            raise ValueError("normal noise needs a sigma greater than 0")
        if self.distribution not in ("lognormal", "gamma") and self.cv:
            raise ValueError(f"cv has no effect with distribution {self.distribution}; leave it out")
        if self.distribution != "normal" and self.sigma_s:
            raise ValueError(f"sigma has no effect with distribution {self.distribution}; leave it out")
        return self


class DispatchNoiseParameters(Parameters):
    """What chance does to when trips leave their first stop."""

    distribution: Literal["none", "normal", "exponential"] = key(
        "none",
        "normal: trips leave as often before their time as after it, but not before the day begins; exponential: "
        "they leave late only, by sigma on average.",
        ASSUMED,
    )
    sigma_s: Duration = key(
        0.0,
        "Standard deviation of how far from its time a trip leaves. One whose vehicle is not there yet waits for it.",
        ASSUMED,
        ge=0,
    )

    @model_validator(mode="after")
    def _check_spread(self) -> Self:
        if self.distribution != "none" and self.sigma_s == 0:
            raise ValueError(f"{self.distribution} noise needs a sigma greater than 0")
        if self.distribution == "none" and self.sigma_s:
            raise ValueError("sigma has no effect with distribution none; leave it out, or say which distribution")
        return self


class StopLostTimeParameters(Parameters):
    """What stopping costs besides the dwell, where running times are those at constant speed."""

    speed_m_per_s: Speed = key(..., "Speed between stops, the same on all links.", NOT_A_NUMBER, gt=0)
    acceleration_m_s2: float = key(1.0, "Acceleration when leaving a stop, m/s2.", ASSUMED, gt=0, le=100)
    deceleration_m_s2: float = key(1.2, "Deceleration when coming to a stop, m/s2.", ASSUMED, gt=0, le=100)


if TYPE_CHECKING:
    HoldingRuleName = str
else:
    HoldingRuleName = Literal[tuple(declared_holding_rules())]


class HoldingParameters(Parameters):
    """Control: how long a vehicle that is ready to leave a stop is held back.

    Headways are those of a line and direction at a stop, all its stop patterns together, without trips that end there.
    The rule is asked when the dwell is over. The vehicle in front is the last that has left by then, or will leave of
    those that are held. The one behind is the next of the timetable that runs: it is expected as long after it left its
    last stop as scheduled, and when it is due where it has not set out. The headway of the schedule is that to the trip
    before, for the first one that to the trip behind. Without a vehicle in front nobody is held, but for slack
    (forward_headway) or the schedule; even_headway needs one behind too.
    """

    rule: HoldingRuleName = key("none", holding_rule_texts(), ASSUMED)
    control_stops: tuple[StopName, ...] | None = key(
        None,
        "Stops with control; all but the first of a trip where missing. Nothing is held at its last stop.",
        NOT_A_NUMBER,
    )
    alpha: float = key(0.2, "Share of a deviation that each control stop takes out.", DAGANZO, ge=0, le=1)
    slack_s: Duration = key(0.0, "Holding of a vehicle at the planned headway (forward_headway).", ASSUMED, ge=0)
    marginal_dwell: float = key(
        0.0,
        "Dwell that a unit of headway adds: rate of arrivals times boarding time (forward_headway).",
        ASSUMED,
        ge=0,
        le=100,
    )
    headway_s: Duration | None = key(
        None,
        "Headway that forward_headway and headway_threshold aim at; that of the schedule where missing.",
        NOT_A_NUMBER,
        gt=0,
    )
    most_s: Duration | None = key(
        None, "Longest holding at a stop; without bound where missing.", ASSUMED, specialist=True, ge=0
    )
    allow_negative: bool = key(
        False,
        "Whether control may cut the dwell short, down to what people need to get out, instead of only prolonging it: "
        "of the rules here forward_headway does, with boarding_rule present_at_arrival. It is asked on arrival then.",
        ASSUMED,
        specialist=True,
    )


class StopServiceParameters(Parameters):
    """Room for vehicles at a stop."""

    berths: int | None = key(
        None, "Vehicles that can stand at the stop at a time; as many as come where missing.", ASSUMED, ge=1, le=10_000
    )
    minimum_headway_s: Duration = key(
        0.0,
        "Least time between two departures from the stop, whatever leaves it and wherever it goes; for signals of a "
        "railway see minimum_headways.",
        ASSUMED,
        ge=0,
    )


class MinimumHeadwayParameters(Parameters):
    """Least time between vehicles of some modes or lines that go the same way."""

    modes: tuple[Mode, ...] = key(
        (), "Modes by route type of the feed; lines of a scenario file are of the mode bus.", NOT_A_NUMBER
    )
    lines: tuple[LineName, ...] = key((), "Lines, whatever their mode.", NOT_A_NUMBER)
    headway_s: Duration = key(
        ...,
        "Least time between two departures of these vehicles from a stop to the same next stop, as signals keep it.",
        NOT_A_NUMBER,
        gt=0,
    )

    @model_validator(mode="after")
    def _check_any(self) -> Self:
        if not self.modes and not self.lines:
            raise ValueError("give modes or lines")
        return self


class ServiceParameters(Parameters):
    """How vehicles run and are boarded."""

    vehicles: dict[str, VehicleParameters] = key(
        {}, "Vehicle types by name; they replace those of the network folder.", NOT_A_NUMBER
    )
    changes: tuple[ServiceChangeParameters, ...] = key(
        (), "Edits of lines, trips, stops and streets, made in this order.", NOT_A_NUMBER
    )
    dwell: DwellParameters = key(
        DwellParameters, "How fares are paid and people get out, for all vehicle types.", NOT_A_NUMBER, specialist=True
    )
    energy: EnergyParameters = key(EnergyParameters, "What vehicles run on, for CO2.", ASSUMED)
    boarding_rule: Literal["present_at_arrival", "during_dwell"] = key(
        "present_at_arrival",
        "present_at_arrival: only those waiting when the vehicle arrives board; during_dwell: those who come "
        "while it stands board too, also while it is held. They board one after the other, each with the time of "
        "their boarding, and the vehicle does not leave before they are in. Of several vehicles with open doors the "
        "first that came is boarded, if it has room. Commuters who find none are denied, whatever they board "
        "afterwards.",
        ASSUMED,
    )
    capacity_scale: float = key(
        1.0,
        "Multiple of seats, capacities and standing areas of all vehicles. Give it the value of demand.scale where a "
        "sample of the commuters stands for all of them, so that vehicles are as full as with all; times per boarding "
        "and alighting are divided by it. Nothing is scaled by itself.",
        ASSUMED,
        ge=0.001,
        le=1000,
    )
    no_dwell: bool = key(False, "Set every dwell to 0.", NOT_A_NUMBER)
    overtaking: bool = key(
        True, "Whether vehicles may pass each other on a link or at a stop.", ASSUMED, specialist=True
    )
    running_time_noise: NoiseParameters = key(
        NoiseParameters, "Random factor per trip and link, drawn anew each day.", ASSUMED
    )
    dispatch_noise: DispatchNoiseParameters = key(
        DispatchNoiseParameters,
        "How far from their time trips leave their first stop, drawn anew for each trip and day. It is added to "
        "headways that are drawn at random as well.",
        ASSUMED,
    )
    stop_lost_time: StopLostTimeParameters | None = key(
        None,
        "Adds speed / 2 x (1 / acceleration + 1 / deceleration) to each run from stop to stop: a vehicle speeds up at "
        "its start and brakes at its end, at every stop of the trip (closed ones too), with stops far enough apart to "
        "reach the speed. For running times at constant speed; those of timetables and observed ones hold it already. "
        "It is part of the running time, also for running_time_noise and slow links; the timetable stays.",
        NOT_A_NUMBER,
        specialist=True,
    )
    layover_s: Duration = key(0.0, "Least time between two trips of a block.", ASSUMED, ge=0)
    holding: HoldingParameters = key(HoldingParameters, "Control of headways or of the schedule.", NOT_A_NUMBER)
    all_stops: StopServiceParameters = key(
        StopServiceParameters, "Room at every stop that is not named in stops.", NOT_A_NUMBER, specialist=True
    )
    stops: dict[StopName, StopServiceParameters] = key(
        {},
        "Room at single stops by name, with the keys of all_stops and in place of it.",
        NOT_A_NUMBER,
        specialist=True,
        keys_listed_elsewhere=True,
    )
    minimum_headways: tuple[MinimumHeadwayParameters, ...] = key(
        (), "Least headways by mode or line, besides those of stops.", NOT_A_NUMBER, specialist=True
    )
    through_services: Literal["apart", "loops", "blocks"] = key(
        "apart",
        "Whether passengers stay on board from a trip to the next of its block that starts where it ends. apart: all "
        "get out at the last stop; loops: they stay where line and direction go on, as laps of a ring do; blocks: they "
        "stay whatever follows. They stay for scheduled stays of up to 10 min. Staying is no transfer, and a ride "
        "leads over one such stop at most; tables name the trips of a vehicle after the first of them. Fares of the "
        "network by lines count such a ride as one on each of its lines.",
        ASSUMED,
        specialist=True,
    )
    blocks: Literal["as_given", "independent", "chain"] = key(
        "as_given",
        "as_given: trips without a block in the data run independently; independent: all trips do; chain: a trip "
        "without a block is run by the vehicle of its type that has waited longest at its first stop for at least "
        "the layover, else by a new one.",
        ASSUMED,
        specialist=True,
    )

"""How vehicles run: types, dwell, boarding rule, running time noise."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import ASSUMED, NOT_A_NUMBER, Duration, Parameters, key

TCQSM = "TCRP Report 165 Exhibit 6-4 (to be confirmed)"


class VehicleParameters(Parameters):
    """A vehicle type: room and dwell rule."""

    seats: int = key(..., "Seats.", NOT_A_NUMBER, ge=0)
    capacity: int = key(..., "Seats plus standing places; nobody boards beyond it.", NOT_A_NUMBER, ge=1)
    doors: int = key(1, "Doors, for information; channels below count for the dwell.", ASSUMED, ge=1)
    dwell_rule: Literal["constant", "sum", "max"] = key(
        "sum",
        "constant: the dead time; sum: dead time + boarding + alighting; max: dead time + the longer of both.",
        ASSUMED,
    )
    dead_time_s: Duration = key(3.5, "Doors opening and closing, at every stop.", "TCRP Report 100", ge=0)
    boarding_s: Duration = key(2.0, "Time per boarding and channel (prepaid).", TCQSM, ge=0)
    alighting_s: Duration = key(1.75, "Time per alighting and channel (rear door).", TCQSM, ge=0)
    boarding_channels: int = key(1, "Persons who can board side by side.", ASSUMED, ge=1)
    alighting_channels: int = key(1, "Persons who can alight side by side.", ASSUMED, ge=1)
    standee_friction_s: Duration = key(
        0.0, "Added per boarding while anybody stands; 0.5 s in TCRP Report 165.", ASSUMED, ge=0
    )

    @model_validator(mode="after")
    def _check_room(self) -> Self:
        if self.seats > self.capacity:
            raise ValueError(f"{self.seats} seats are more than the capacity of {self.capacity}")
        return self


class NoiseParameters(Parameters):
    """Random factor on each running time, of mean 1."""

    distribution: Literal["none", "lognormal", "gamma"] = key("none", "Law of the factor.", ASSUMED)
    cv: float = key(0.0, "Coefficient of variation of the factor.", ASSUMED, ge=0, le=3)

    @model_validator(mode="after")
    def _check_spread(self) -> Self:
        if self.distribution != "none" and self.cv == 0:
            raise ValueError(f"{self.distribution} noise needs a cv greater than 0")
        return self


class ServiceParameters(Parameters):
    """How vehicles run and are boarded."""

    vehicles: dict[str, VehicleParameters] = key(
        {}, "Vehicle types by name; they replace those of the network folder.", NOT_A_NUMBER
    )
    boarding_rule: Literal["present_at_arrival", "during_dwell"] = key(
        "present_at_arrival",
        "present_at_arrival: only those waiting when the vehicle arrives board; during_dwell: those who come "
        "while it stands board too.",
        ASSUMED,
    )
    unlimited_capacity: bool = key(
        False, "Count every capacity as 1,000,000 places, so that everybody boards.", NOT_A_NUMBER
    )
    no_dwell: bool = key(False, "Set every dwell to 0.", NOT_A_NUMBER)
    overtaking: bool = key(True, "Whether vehicles may pass each other on a link or at a stop.", ASSUMED)
    use_traffic: bool = key(
        True, "Use running times by link and period (traffic.csv) where the network has them.", NOT_A_NUMBER
    )
    running_time_noise: NoiseParameters = key(
        NoiseParameters(), "Random factor per trip and link, drawn anew each day.", ASSUMED
    )
    layover_s: Duration = key(0.0, "Least time between two trips of a block.", ASSUMED, ge=0)

"""Demand: flows between stops, and the wishes of the people in them."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import (
    ASSUMED,
    MOST_PEOPLE,
    NOT_A_NUMBER,
    Clock,
    Duration,
    Name,
    Parameters,
    Rate,
    StopName,
    key,
)

SHARE_TOLERANCE = 1e-6


class PieceParameters(Parameters):
    """A stretch of time with a constant rate of departures."""

    start_s: Clock = key(..., "Start of the stretch.", NOT_A_NUMBER, ge=0)
    end_s: Clock = key(..., "End of the stretch.", NOT_A_NUMBER, ge=0)
    rate_per_s: Rate | None = key(None, "Commuters per time.", NOT_A_NUMBER, ge=0)
    commuters: float | None = key(
        None, "Commuters in the stretch, instead of a rate.", NOT_A_NUMBER, ge=0, le=MOST_PEOPLE
    )

    @model_validator(mode="after")
    def _check_piece(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError("end is before start")
        if (self.rate_per_s is None) == (self.commuters is None):
            raise ValueError("give either rate or commuters")
        return self


class FlowParameters(Parameters):
    """Commuters between two stops, added to those of the network folder."""

    origin: StopName = key(..., "Stop where the journey starts.", NOT_A_NUMBER)
    destination: StopName = key(..., "Stop where the journey ends.", NOT_A_NUMBER)
    pieces: tuple[PieceParameters, ...] = key(..., "Habitual departures over time.", NOT_A_NUMBER, min_length=1)
    placement: Literal["even", "random", "poisson"] = key(
        "random",
        "even: the k-th commuter leaves where the cumulative count passes k - 1/2, and nobody where it comes to less; "
        "random: the count is kept, a fraction of a commuter and times are drawn; poisson: the count is drawn as well.",
        ASSUMED,
    )
    preferred_arrival_s: Clock | None = key(
        None, "Preferred arrival of all; derived per commuter where missing.", NOT_A_NUMBER
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        for before, after in zip(self.pieces, self.pieces[1:], strict=False):
            if after.start_s < before.end_s:
                raise ValueError("pieces overlap or are not in order of time")
        if self.origin == self.destination:
            raise ValueError("origin and destination are the same stop")
        return self


class ReturnLegParameters(Parameters):
    """Journeys back, linked with the journeys there of the same day.

    Commuters go back after their stay, so that whatever moves the morning moves the evening.
    """

    share: float = key(
        0.0,
        "Share of commuters, drawn, whose journey back is simulated too; it leads from the destination to the origin.",
        ASSUMED,
        ge=0,
        le=1,
    )
    stay_s: Duration = key(30600.0, "Mean stay at the destination.", "assumed: 8 h of work and a break", ge=0)
    stay_spread_s: Duration = key(
        1800.0, "Half-width of the uniform spread of the stay from commuter to commuter.", ASSUMED, ge=0
    )
    stay_begins: Literal["arrival", "preferred_arrival"] = key(
        "arrival",
        "arrival: people that come earlier leave earlier (flexible hours); preferred_arrival: people that come early "
        "wait until their preferred arrival, and people that come late leave as much later (fixed hours).",
        ASSUMED,
    )
    outward_before_s: Clock = key(
        43200.0,
        "Only commuters that leave by habit before this go back; later journeys are taken for single ones.",
        ASSUMED,
        specialist=True,
    )

    @model_validator(mode="after")
    def _check_stay(self) -> Self:
        if self.stay_spread_s > self.stay_s:
            raise ValueError("stay_spread is longer than stay, so that some would leave before they come")
        return self


class GravityParameters(Parameters):
    """A synthetic demand: trips between stops grow with the trips that call at both and fall with the time between."""

    total: float = key(..., "Commuters of a day.", NOT_A_NUMBER, gt=0, le=MOST_PEOPLE)
    mean_ride_s: Duration = key(900.0, "The longer, the farther people go.", ASSUMED, gt=0)
    changes: int = key(1, "Most changes of line; pairs of stops that need more have no demand.", ASSUMED, ge=0, le=1)
    profile: Literal["two_peaks", "flat", "xiamen_brt2"] = key(
        "two_peaks",
        "How they spread over the day, cut to the hours with service; `peakshift demand profiles` lists the shares.",
        ASSUMED,
    )


class DemandParameters(Parameters):
    """How many commuters travel between which stops and when."""

    scale: float = key(
        1.0,
        "Multiple of the network folder's demand, or of gravity; 0 for neither. Numbers of flows are taken as they "
        "are.",
        ASSUMED,
        ge=0,
        le=10_000,
    )
    gravity: GravityParameters | None = key(
        None,
        "A made-up demand in place of that of the network folder, as `peakshift demand gravity` makes it; reports call "
        "it synthetic.",
        NOT_A_NUMBER,
    )
    flows: tuple[FlowParameters, ...] = key((), "Further flows.", NOT_A_NUMBER)
    before_last_vehicle: bool = key(
        False,
        "Whether people know the last vehicle that takes them there by the timetable: those of a period in which it "
        "leaves are spread over the part before it, as they must have been where they were counted boarding. Where a "
        "period begins after it they leave as given. Walks to a further stop are not considered.",
        ASSUMED,
    )
    return_leg: ReturnLegParameters = key(ReturnLegParameters, "Journeys back of the same day.", ASSUMED)


class ClassParameters(Parameters):
    """What a class of commuters has that sets it apart; factors multiply those of the other kind of class."""

    name: Name = key(..., "Name in tables.", NOT_A_NUMBER)
    share: float = key(..., "Share of all commuters, who are drawn into it; shares sum to 1.", NOT_A_NUMBER, ge=0, le=1)
    early_penalty_factor: float = key(1.0, "Multiple of preferences.early_penalty.", ASSUMED, ge=0, le=1000)
    late_penalty_factor: float = key(
        1.0, "Multiple of preferences.late_penalty and preferences.late_fixed_penalty.", ASSUMED, ge=0, le=1000
    )
    penetration_factor: float = key(
        1.0,
        "How much more often than others somebody of the class has the app.",
        ASSUMED,
        specialist=True,
        ge=0,
        le=1000,
    )
    compliance_factor: float = key(
        1.0, "How much more often than others somebody of the class follows advice.", ASSUMED, ge=0, le=1000
    )


class IncomeClassParameters(ClassParameters):
    """Commuters of like income."""

    value_of_time_factor: float = key(
        1.0,
        "Multiple of fares.value_of_time, and of advisor.incentive.value_of_time: to people who earn little a fare, "
        "or a discount, is worth more minutes.",
        ASSUMED,
        gt=0,
        le=1000,
    )


class FlexibilityClassParameters(ClassParameters):
    """Commuters who can move their departure equally far."""

    earlier_flexibility_s: Duration | None = key(
        None, "How much earlier than by habit one could leave; as for all where missing.", ASSUMED, ge=0
    )
    later_flexibility_s: Duration | None = key(
        None, "How much later than by habit one could leave; as for all where missing.", ASSUMED, ge=0
    )


class ZoneParameters(Parameters):
    """A group of stops."""

    name: Name = key(..., "Name in tables and reports.", NOT_A_NUMBER)
    stops: tuple[StopName, ...] = key(..., "Its stops.", NOT_A_NUMBER, min_length=1)


class PopulationParameters(Parameters):
    """Wishes of the commuters that the demand files do not hold."""

    preferred_arrival_spread_s: Duration = key(
        300.0,
        "Half-width of the uniform spread around departure + journey at free running time, from which the "
        "preferred arrival is derived.",
        ASSUMED,
        ge=0,
    )
    preferred_arrival_slack_s: Duration = key(
        300.0, "Added to the journey at free running time when the preferred arrival is derived.", ASSUMED
    )
    earlier_flexibility_s: Duration = key(
        3600.0,
        "How much earlier than by habit a commuter could leave. A departure window counts if all of it is within.",
        ASSUMED,
        ge=0,
    )
    later_flexibility_s: Duration = key(3600.0, "How much later than by habit a commuter could leave.", ASSUMED, ge=0)
    income_classes: tuple[IncomeClassParameters, ...] = key(
        (), "Classes by income, drawn independently of those by flexibility; none where empty.", NOT_A_NUMBER
    )
    flexibility_classes: tuple[FlexibilityClassParameters, ...] = key(
        (), "Classes by flexibility; none where empty.", NOT_A_NUMBER
    )
    zones: tuple[ZoneParameters, ...] = key(
        (),
        "Groups of stops by name, for gains and losses by the zone in which journeys begin; stops of none are counted "
        "together.",
        NOT_A_NUMBER,
    )

    @model_validator(mode="after")
    def _check_classes(self) -> Self:
        for kind, classes in (("income", self.income_classes), ("flexibility", self.flexibility_classes)):
            total = sum(item.share for item in classes)
            if classes and abs(total - 1.0) > SHARE_TOLERANCE:
                raise ValueError(f"the shares of {kind}_classes sum to {total:.6g}; they must sum to 1")
            names = [item.name for item in classes]
            if len(set(names)) < len(names):
                raise ValueError(f"two {kind}_classes have the same name")
        zone_of: dict[str, str] = {}
        for zone in self.zones:
            for stop in zone.stops:
                if zone_of.setdefault(stop, zone.name) != zone.name:
                    raise ValueError(f"the stop {stop!r} is in the zones {zone_of[stop]!r} and {zone.name!r}")
        return self

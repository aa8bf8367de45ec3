"""Who wants to travel: flows between stops, and the wishes of those who travel."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import ASSUMED, NOT_A_NUMBER, Clock, Duration, Name, Parameters, Rate, key


class PieceParameters(Parameters):
    """A stretch of time with a constant rate of departures."""

    start_s: Clock = key(..., "Start of the stretch.", NOT_A_NUMBER, ge=0)
    end_s: Clock = key(..., "End of the stretch.", NOT_A_NUMBER, ge=0)
    rate_per_s: Rate | None = key(None, "Commuters per time.", NOT_A_NUMBER, ge=0)
    commuters: float | None = key(None, "Commuters in the stretch, instead of a rate.", NOT_A_NUMBER, ge=0)

    @model_validator(mode="after")
    def _check_piece(self) -> Self:
        if self.end_s < self.start_s:
            raise ValueError("end is before start")
        if (self.rate_per_s is None) == (self.commuters is None):
            raise ValueError("give either rate or commuters")
        return self


class FlowParameters(Parameters):
    """Commuters between two stops, added to those of the network folder."""

    origin: Name = key(..., "Stop where the journey starts.", NOT_A_NUMBER)
    destination: Name = key(..., "Stop where the journey ends.", NOT_A_NUMBER)
    pieces: tuple[PieceParameters, ...] = key(..., "Habitual departures over time.", NOT_A_NUMBER, min_length=1)
    placement: Literal["even", "random", "poisson"] = key(
        "random",
        "even: the k-th commuter leaves where the cumulative count passes k - 1/2; random: the count is kept and "
        "times are drawn; poisson: the count is drawn as well.",
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


class DemandParameters(Parameters):
    """How many commuters travel between which stops and when."""

    use_network_demand: bool = key(True, "Use the demand files of the network folder.", NOT_A_NUMBER)
    scale: float = key(1.0, "Multiple of the network folder's demand.", ASSUMED, ge=0)
    flows: tuple[FlowParameters, ...] = key((), "Further flows.", NOT_A_NUMBER)


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
        3600.0, "How much earlier than by habit a commuter could leave.", ASSUMED, ge=0
    )
    later_flexibility_s: Duration = key(3600.0, "How much later than by habit a commuter could leave.", ASSUMED, ge=0)

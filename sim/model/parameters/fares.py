"""What journeys cost in money, and what that money is worth in time."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, Self

from pydantic import model_validator

from sim.model.parameters.fields import ASSUMED, MOST_MONEY, NOT_A_NUMBER, Length, Parameters, key


class FareParameters(Parameters):
    """Fares; journeys without a vehicle are free."""

    kind: Literal["none", "flat", "distance", "network"] = key(
        "none",
        "none: no fares are worked out; flat: the same for everybody; distance: by the way ridden, all lines as one "
        "system; network: as the network says, in fares.csv by lines and way ridden, else in the feed's own "
        "fare_attributes.txt and fare_rules.txt.",
        NOT_A_NUMBER,
    )
    currency: str = key("", "Name of the currency of all fares, for reading only.", NOT_A_NUMBER)
    fare: float | None = key(None, "Fare of kind flat.", NOT_A_NUMBER, ge=0, le=MOST_MONEY)
    charged: Literal["journey", "boarding"] = key(
        "journey", "Whether a flat fare is paid once a journey or at each boarding.", ASSUMED
    )
    bands: tuple[tuple[Length, float], ...] | None = key(
        None,
        "Pairs (way ridden from which on, fare) of kind distance; the first one begins at 0 m. The ways of all rides "
        "of a journey are added up.",
        NOT_A_NUMBER,
        min_length=1,
    )
    value_of_time: float | None = key(
        None,
        "Money that an hour on board is worth, by which the fare paid enters the generalized cost and the choice of "
        "a journey. Where missing fares are counted and weigh nothing.",
        ASSUMED,
        gt=0,
        le=MOST_MONEY,
    )

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        for name, kind in (("fare", "flat"), ("bands", "distance")):
            given = getattr(self, name) is not None
            if given and self.kind != kind:
                raise ValueError(f"{name} has no meaning with kind {self.kind}")
            if not given and self.kind == kind:
                raise ValueError(f"kind {kind} needs {name}")
        if self.kind == "none" and self.value_of_time is not None:
            raise ValueError("value_of_time has no meaning with kind none")
        return self

    @model_validator(mode="after")
    def _check_bands(self) -> Self:
        if self.bands is None:
            return self
        if self.bands[0][0] != 0:
            raise ValueError("the first of the bands must begin at 0 m")
        if any(after[0] <= before[0] for before, after in pairwise(self.bands)):
            raise ValueError("bands must be in order of distance")
        if any(fare < 0 for _, fare in self.bands):
            raise ValueError("a fare must be at least 0")
        return self

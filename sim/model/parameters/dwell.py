"""Times per boarding and alighting by the way fares are paid and the door used."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, Literal

from sim.model.parameters.fields import NOT_A_NUMBER, Parameters, key

FarePayment = Literal[
    "prepaid",
    "visual",
    "ticket",
    "exact_change",
    "validator",
    "magstripe",
    "smart_card",
    "smart_card_tcrp100",
]
AlightingDoor = Literal["front", "rear", "rear_check_out", "rear_tcrp100"]

BOARDING_S: Final = MappingProxyType(
    {
        "prepaid": 2.0,
        "visual": 2.0,
        "ticket": 3.0,
        "exact_change": 4.5,
        "validator": 4.0,
        "magstripe": 5.0,
        "smart_card": 2.75,
        "smart_card_tcrp100": 3.5,
    }
)
"""Seconds per boarding through one door channel.

TCRP Report 165 Exhibit 6-4, to be confirmed before quoting; its ranges: prepaid 1.75 to 2.5,
visual 1.6 to 2.6, ticket 2.9 to 5.1, exact change 3.1 to 8.4, magstripe 3.7 to 6.5, smart card
2.5 to 3.2. `smart_card_tcrp100` is of TCRP Report 100."""

ALIGHTING_S: Final = MappingProxyType({"front": 2.5, "rear": 1.75, "rear_check_out": 3.5, "rear_tcrp100": 2.1})
"""Seconds per alighting through one door channel.

TCRP Report 165 Exhibit 6-4, to be confirmed before quoting; its ranges: front 1.4 to 3.6, rear
1.2 to 2.2. `rear_tcrp100` is of TCRP Report 100."""

STANDEE_FRICTION_S: Final = 0.5
"""Seconds added per boarding while anybody stands (TCRP Report 165, to be confirmed)."""

EXHIBIT = "TCRP Report 165 Exhibit 6-4, to be confirmed before quoting"


def _listed(table: MappingProxyType[str, float]) -> str:
    return ", ".join(f"{name} {time_s:g} s" for name, time_s in table.items())


PAYMENT_TEXT = f"time per boarding and channel by the way fares are paid: {_listed(BOARDING_S)} ({EXHIBIT})"
DOOR_TEXT = f"time per alighting and channel by the door used: {_listed(ALIGHTING_S)} ({EXHIBIT})"


class DwellParameters(Parameters):
    """Boarding and alighting of all vehicle types that do not say these things themselves."""

    fare_payment: FarePayment | None = key(
        None,
        f"In place of every boarding time, where given: {PAYMENT_TEXT}; "
        f"{STANDEE_FRICTION_S:g} s more for everybody who finds more persons on board than seats.",
        NOT_A_NUMBER,
    )
    alighting_door: AlightingDoor | None = key(
        None, f"In place of every alighting time, where given: {DOOR_TEXT}.", NOT_A_NUMBER
    )

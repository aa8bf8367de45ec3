"""One simulated day: what was advised, what people did, what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sim.advisor.booking.kept_share import KeptAdvice
from sim.arrays import BoolArray, FloatArray
from sim.model.advice import AdvicePlan
from sim.population.observation import Observation
from sim.records.day import DayRecords
from sim.records.day_facts import FaresPaid, JourneyCosts


@dataclass(frozen=True)
class DayResult:
    """One simulated day under a strategy.

    Attributes
    ----------
    day : int
    records : DayRecords
    costs : JourneyCosts
    fares : FaresPaid
    plan : AdvicePlan
    complied : ndarray of bool, shape (commuters,)
        Advised and left inside the window.
    observation : Observation
    own_departure_s : ndarray of float, shape (commuters,), or None
        When each would have left without advice, seconds after midnight; as by habit where None.
    usual_departure_s : ndarray of float, shape (commuters,), or None
        The same as far as the advisor knows; None where it must not know, so that it cannot rehearse the day.
    departure_change_s : float
        How much departures differ from those of the day simulated before, on average; NaN on the first.
    relative_gap_share : float
        What those who decide for themselves could have saved by leaving in other windows, over what they paid; NaN
        where all keep to their habit. With the change of departures the measure of how far people have settled.
    kept : KeptAdvice
        How many were asked to leave at another time, and did.
    expected_compliance_share : float
        Of the advised who the advisor expected to follow.
    """

    day: int
    records: DayRecords
    costs: JourneyCosts
    fares: FaresPaid
    plan: AdvicePlan
    complied: BoolArray
    observation: Observation
    own_departure_s: FloatArray | None = field(default=None, repr=False)
    usual_departure_s: FloatArray | None = field(default=None, repr=False)
    departure_change_s: float = float("nan")
    relative_gap_share: float = float("nan")
    kept: KeptAdvice = field(default_factory=lambda: KeptAdvice(0, 0))
    expected_compliance_share: float = float("nan")

"""What the advisor is shown of a day, whom it knows, and where it can rehearse what comes of its advice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.advisor.day_result import DayResult
from sim.advisor.privacy import Ledger, observe_privately, sees_everything
from sim.advisor.rehearsal.known_people import moved_as_users
from sim.advisor.rehearsal.stage import Stage
from sim.advisor.strategy import StrategyFacts
from sim.arrays import FloatArray
from sim.population.counted_traffic import observe_counted
from sim.population.observation import Observation, visit_facts

if TYPE_CHECKING:
    from sim.advisor.loop import ReplicationWorld


class Sight:
    """What the advisor of a strategy sees and knows in the world of a replication.

    Parameters
    ----------
    world : ReplicationWorld
    facts : StrategyFacts
        What the strategy says of itself.
    """

    def __init__(self, world: ReplicationWorld, facts: StrategyFacts) -> None:
        self.world = world
        self.facts = facts
        self.forecast = world.compiled.scenario.parameters.advisor.forecast
        self.ledger = Ledger(self.forecast.privacy)
        self._known: tuple[FloatArray, FloatArray] | None = None

    @property
    def sees_everything(self) -> bool:
        """Whether the advisor sees traffic as it is; it may then know when people travel as well."""
        return sees_everything(self.forecast) or self.facts.sees != "released"

    @property
    def rehearses(self) -> bool:
        """Whether the advisor can rehearse days.

        A rehearsal knows simulated people alone; an advisor that sees counts besides must plan by the forecast.
        """
        return self.world.compiled.scenario.counted is None

    @property
    def knows_everybody(self) -> bool:
        """Whether the advisor can rehearse days with all people as they are."""
        return self.rehearses and self.sees_everything

    def known(self, own_departure_s: FloatArray) -> tuple[Stage | None, FloatArray]:
        """Return where the advisor can rehearse days, and when people leave without advice as far as it knows.

        Where it does not see all traffic it knows the app's users alone, who tell it. A plan must be rehearsed there as
        well: one made by the forecast does harm where the forecast is wrong
        (test_advice_from_few_and_wrong_counts_harms_nobody).

        Parameters
        ----------
        own_departure_s : ndarray of float, shape (commuters,)
            When each leaves without advice, seconds after midnight.
        """
        if not self.rehearses:
            return None, own_departure_s
        if self.sees_everything:
            return self.world.stage, own_departure_s
        stage = self.world.stage_of_users
        # Plans are kept for days on which the very same is known.
        if self._known is None or self._known[0] is not own_departure_s:
            told_s = moved_as_users(stage.population, self.world.app_user, own_departure_s)
            self._known = own_departure_s, told_s
        return stage, self._known[1]

    def seen(self, result: DayResult, before: Sequence[Observation]) -> Observation:
        """Return what the advisor sees of a day; the day before where the privacy budget is spent.

        Parameters
        ----------
        result : DayResult
        before : sequence of Observation
            What it saw of the days before, oldest first.
        """
        scenario, compiled = self.world.compiled.scenario, self.world.compiled
        if scenario.counted is not None and self.facts.sees != "nothing":
            simulated = visit_facts(scenario.service, result.records)
            return observe_counted(scenario.counted, scenario.service, compiled.points, simulated, result.observation)
        if self.sees_everything:
            return result.observation
        # A budget pays for the first day at least (`PrivacyParameters`): no day may be released unpaid
        # (tests/functional/test_privacy_attack.py).
        if not self.ledger.spend():
            return before[-1]
        chance = self.world.lasting, self.world.choices_of(result.day)
        return observe_privately(scenario.service, compiled.points, result.records, self.forecast, *chance)

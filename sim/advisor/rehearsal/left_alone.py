"""When people who learn would leave by now if nobody had ever been advised.

Whoever follows advice does not try other times themselves. When they would leave without advice today is then what they
knew before it began, and a plan that is better than that may be worse than what they would have found by themselves
since. Advice is worth what it adds to that, so that plans are proved beside it as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.arrays import FloatArray
from sim.engine import Departures, draw_variates, simulate
from sim.population.learning import Learners, remembered
from sim.population.observation import Observation, observe
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.population.window_forecast import WindowForecaster

if TYPE_CHECKING:
    from sim.advisor.rehearsal.stage import Stage
    from sim.advisor.strategy import AdvisorView

FIRST_ALONE = 5_000
"""Number of the draw whose days they learn on: no plan is made, proved or tried on it."""


@dataclass
class LeftAlone:
    """Days without any advice from the first on, rehearsed one after the other as they are asked for.

    They hang on no plan and nothing in the advisor, so that all strategies of a replication share them
    (test_days_left_alone_are_rehearsed_once).

    Attributes
    ----------
    departures_s : list of ndarray of float, shape (commuters,)
        When everybody leaves on the days that are known, seconds after midnight.
    """

    departures_s: list[FloatArray] = field(default_factory=list)
    _learners: Learners | None = None
    _experience: Observation | None = None

    def on(self, day: int, stage: Stage, forecaster: WindowForecaster) -> FloatArray:
        """Return when everybody would leave on a day, seconds after midnight, shape (commuters,).

        Parameters
        ----------
        day : int
            From 0, on which all leave by habit.
        stage : Stage
            The same at each call.
        forecaster : WindowForecaster
            By which people learn.
        """
        if not self.departures_s:
            self.departures_s.append(stage.population.habitual_departure_s)
        while len(self.departures_s) <= day:
            self._live(len(self.departures_s) - 1, stage, forecaster)
        return self.departures_s[day]

    def _live(self, day: int, stage: Stage, forecaster: WindowForecaster) -> None:
        """Simulate a day, and let everybody decide for the next."""
        population, parameters = stage.population, stage.scenario.parameters
        streams, usual_s = stage.streams.rehearsing(FIRST_ALONE), self.departures_s[day]
        if self._learners is None:
            # Where in a window people leave is theirs, and what windows are worth to them hangs on it; by other places
            # other windows would do, and which are better would be chance. No plan is made with it.
            weights, lasting = parameters.preferences, LastingVariates(stage.streams, population.key)
            self._learners = Learners(population, forecaster, weights, parameters.behaviour, lasting)
        departures = Departures(usual_s, population.journeys, population.chain)
        variates = draw_variates(stage.engine_input, streams, day)
        records = simulate(stage.engine_input, departures, variates, engine=stage.engine, holding=stage.holding)
        today = observe(stage.scenario.service, stage.points, records)
        self._experience = remembered(parameters.behaviour, self._experience, today, day + 1)
        chance = ChoiceVariates(streams, population.key, day + 1)
        self.departures_s.append(self._learners.next_departures(usual_s, population.is_first, self._experience, chance))


def left_alone_s(view: AdvisorView, stage: Stage) -> FloatArray | None:
    """Return when everybody would leave today if nobody had ever been advised; None where that is not asked.

    It is where people learn by successive averages, who look at each day and go on where they were. By other rules
    they know the last day alone, and would have to begin anew: on a line with a bus every 20 min leaving those who
    re-equilibrate alone costs 4 min more than the plan that is no better than what they would come to.

    Parameters
    ----------
    view : AdvisorView
        Of the people of the stage.
    stage : Stage
    """
    if not stage.scenario.parameters.behaviour.averages:
        return None
    return stage.alone.on(view.day, stage, view.forecaster)

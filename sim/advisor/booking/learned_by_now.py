"""When people alike leave by themselves by now, where people learn.

Everybody looks at each day, whether they follow advice or not, so that what people learn follows from the traffic of
the days alone. People who were not there would have learned from it as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sim.arrays import FloatArray
from sim.population.commuters import Population
from sim.population.learning import Learners, remembered
from sim.population.observation import Observation
from sim.population.variates import ChoiceVariates, LastingVariates

if TYPE_CHECKING:
    from sim.advisor.strategy import AdvisorView


def learned_by_now(
    view: AdvisorView, days: Sequence[Observation], population: Population, lasting: LastingVariates
) -> FloatArray | None:
    """Return when people would leave by themselves who have seen the days so far, shape (commuters,), in seconds.

    It is as old as what is known of the app's users; None where people keep to their habit.

    Parameters
    ----------
    view : AdvisorView
        Of the day.
    days : sequence of Observation
        Traffic of all days so far, oldest first.
    population : Population
        Of the people.
    lasting : LastingVariates
        Their chance.
    """
    parameters = view.scenario.parameters
    behaviour = parameters.behaviour
    if behaviour.departure_choice == "habitual":
        return None
    # They must learn each for themselves: what others have chosen fits their own moments and wishes, and people who
    # leave when it is good for others look as if a plan did them good (test_bookings_do_not_harm_people_who_learn).
    learners = Learners(population, view.forecaster, parameters.preferences, behaviour, lasting)
    own_s, experience = population.habitual_departure_s, None
    last = view.day - 1 - parameters.advisor.forecast.staleness_days
    for day in range(1, min(last, len(days)) + 1):
        experience = remembered(behaviour, experience, days[day - 1], day)
        own_s = learners.next_departures(own_s, experience, ChoiceVariates(lasting.streams, population.key, day))
    return own_s

"""Journey options of every pair of stops with demand: direct, with transfers, with walks.

By default the cheapest journey for each number of transfers up to the limit, an option only
where it costs less than every one with fewer, so ties go to fewer transfers; or the cheapest
few that use different lines. Where walks are short enough, walking all the way is an option
too, without legs and after all others.
"""

from __future__ import annotations

from sim.model.demand import Demand
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.routing.different_lines import over_different_lines
from sim.routing.direct_legs import direct_legs
from sim.routing.frequency_options import cheapest_by_transfers
from sim.routing.hourly_options import hourly_options
from sim.routing.option_fares import with_fares
from sim.routing.patterns import pattern_offers
from sim.routing.service_levels import is_constant
from sim.routing.strategy_options import strategy_options
from sim.routing.walks import find_walks


def find_options(scenario: Scenario, demand: Demand | None = None) -> JourneyOptions:
    """Find the journey options of all pairs of stops with demand.

    Parameters
    ----------
    scenario : Scenario
        Network, service, demand, and the weights of its cost.
    demand : Demand or None
        What journeys are to be found for; that of the scenario where None.
    """
    value_of_time = scenario.parameters.fares.value_of_time
    wanted = scenario.demand if demand is None else demand
    return with_fares(_options(scenario, wanted), scenario.tariff, value_of_time)


def _options(scenario: Scenario, demand: Demand) -> JourneyOptions:
    parameters = scenario.parameters
    offers = pattern_offers(scenario.network, scenario.service)
    walks = find_walks(scenario.network, parameters.journeys)
    known_above_s = parameters.journeys.known_above_s
    # Where service is the same all day the sets of the whole day are right at any time, in closed form.
    if parameters.journeys.real_time or not is_constant(scenario.service, known_above_s):
        return hourly_options(scenario, demand, offers, walks, known_above_s)
    if parameters.journeys.routing == "strategy":
        return strategy_options(scenario, offers, walks, demand.pairs())
    legs = direct_legs(offers, parameters.journeys, parameters.preferences)
    if parameters.journeys.options is None:
        return cheapest_by_transfers(scenario, legs, offers, walks, demand.pairs())
    return over_different_lines(scenario, legs, offers, walks, demand.pairs())

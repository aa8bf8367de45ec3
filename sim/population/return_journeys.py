"""Journeys back on the same day: the commuters who make one, and when by habit.

All that the population knows of them is here. A journey back is one more row behind all journeys there: it begins a
stay after the journey there ends, whatever anybody decides, and is therefore neither advised nor learned for. Where the
scenario has none nothing of this is worked out.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.demand import Demand, join
from sim.model.journeys import JourneyChain, JourneyOptions
from sim.model.parameters import ReturnLegParameters
from sim.model.scenario import Scenario
from sim.population.route_choice import choose_options, chosen_journeys, free_journey_s, pair_rows
from sim.randomness import Purpose, Streams, UInt64Array, entity_keys
from sim.units import quantize

if TYPE_CHECKING:
    from sim.population.commuters import Population

LATEST_RETURN_S: Final = 2 * 3600.0
"""How much later than habitual departure and stay allow commuters may go back; the journey there is shorter."""


def demand_both_ways(scenario: Scenario) -> Demand:
    """Return what journeys are to be found for: the demand, and flows back in the time in which they may begin.

    Parameters
    ----------
    scenario : Scenario
    """
    demand, wanted = scenario.demand, scenario.parameters.demand.return_leg
    if wanted.share == 0:
        return demand
    there = np.flatnonzero(demand.start_s < wanted.outward_before_s)
    back = Demand(
        origin=demand.destination[there],
        destination=demand.origin[there],
        start_s=demand.start_s[there] + (wanted.stay_s - wanted.stay_spread_s),
        end_s=demand.end_s[there] + (wanted.stay_s + wanted.stay_spread_s + LATEST_RETURN_S),
        commuters=demand.commuters[there],
        placement=demand.placement[there],
        series=demand.series[there],
        preferred_arrival_s=demand.preferred_arrival_s[there],
    )
    return join([demand, back])


def with_return_journeys(
    there: Population, scenario: Scenario, options: JourneyOptions, streams: Streams
) -> Population:
    """Add the journeys back; by habit they begin a stay after the journey there at free running time.

    Parameters
    ----------
    there : Population
        Without journeys back.
    scenario : Scenario
    options : JourneyOptions
    streams : Streams
    """
    parameters = scenario.parameters
    wanted = parameters.demand.return_leg
    rows = who_goes_back(wanted, streams, there.key, there.habitual_departure_s)
    rows = rows[there.journeys.option[rows] >= 0]
    back = chain_back(wanted, streams, rows, there.key, there.preferred_arrival_s)
    usual_s = there.habitual_departure_s + free_journey_s(options, there.journeys.option)
    mine = slice(len(there), None)
    leaves_s = quantize(np.maximum(usual_s[rows], back.not_before_s[mine]) + back.stay_s[mine])
    origin, destination, key = there.destination[rows], there.origin[rows], return_keys(there.key[rows])
    pairs = pair_rows(options, origin, destination, leaves_s)
    worth = there.traits.value_of_time_factor[rows]
    option = choose_options(options, pairs, parameters.journeys, streams, key, worth)
    wish_s = leaves_s + free_journey_s(options, option) + parameters.population.preferred_arrival_slack_s
    homeward = there.traits.take(np.concatenate([np.arange(len(there)), rows]))
    # Nobody minds when they come home: what is early or late for its usual hour costs nothing.
    minds = np.concatenate([np.ones(len(there)), np.zeros(len(rows))])
    return replace(
        there,
        origin=np.concatenate([there.origin, origin]),
        destination=np.concatenate([there.destination, destination]),
        habitual_departure_s=np.concatenate([there.habitual_departure_s, leaves_s]),
        preferred_arrival_s=np.concatenate([there.preferred_arrival_s, quantize(wish_s)]),
        earliest_departure_s=np.concatenate([there.earliest_departure_s, leaves_s]),
        latest_departure_s=np.concatenate([there.latest_departure_s, leaves_s]),
        key=np.concatenate([there.key, key]),
        journeys=chosen_journeys(options, np.concatenate([there.journeys.option, option])),
        traits=replace(homeward, early_factor=homeward.early_factor * minds, late_factor=homeward.late_factor * minds),
        chain=back,
    )


def who_goes_back(
    parameters: ReturnLegParameters, streams: Streams, key: UInt64Array, departure_s: FloatArray
) -> IntArray:
    """Draw the commuters who go back, as rows.

    Parameters
    ----------
    parameters : ReturnLegParameters
    streams : Streams
    key : ndarray of uint64, shape (commuters,)
    departure_s : ndarray of float, shape (commuters,)
        Habitual departures, seconds after midnight.
    """
    goes = streams.uniform(Purpose.RETURN, key) < parameters.share
    return np.flatnonzero(goes & (departure_s < parameters.outward_before_s))


def chain_back(
    parameters: ReturnLegParameters,
    streams: Streams,
    there: IntArray,
    key: UInt64Array,
    preferred_arrival_s: FloatArray,
) -> JourneyChain:
    """Link journeys back with the journeys there; they come after all journeys there.

    Parameters
    ----------
    parameters : ReturnLegParameters
    streams : Streams
    there : ndarray of int, shape (journeys back,)
        Rows of the journeys there.
    key : ndarray of uint64, shape (journeys there,)
    preferred_arrival_s : ndarray of float, shape (journeys there,)
    """
    before = JourneyChain.none(len(key))
    spread_s = parameters.stay_spread_s * (2.0 * streams.uniform(Purpose.STAY, key[there]) - 1.0)
    begins_s = preferred_arrival_s[there]
    if parameters.stay_begins == "arrival":
        begins_s = np.full(len(there), -np.inf)
    return JourneyChain(
        after=np.concatenate([before.after, there]),
        stay_s=np.concatenate([before.stay_s, quantize(parameters.stay_s + spread_s)]),
        not_before_s=np.concatenate([before.not_before_s, begins_s]),
    )


def return_keys(key: UInt64Array) -> UInt64Array:
    """Return the keys of journeys back for random numbers, from those of the journeys there."""
    return entity_keys(key.view(np.int64), np.ones(len(key), dtype=np.int64))

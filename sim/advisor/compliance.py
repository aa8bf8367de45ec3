"""Who has the app, and who of the advised follows."""

from __future__ import annotations

import numpy as np

from sim.model.parameters import AdvisorParameters
from sim.population.commuters import Population
from sim.randomness import Purpose, Streams
from sim.units import BoolArray, FloatArray


def app_users(population: Population, parameters: AdvisorParameters, streams: Streams) -> BoolArray:
    """Choose who receives advice: exactly the penetration share, rounded to a person.

    The choice is nested: whoever has the app at a low penetration has it at a higher one.

    Parameters
    ----------
    population : Population
    parameters : AdvisorParameters
    streams : Streams
    """
    number = round(parameters.penetration_share * len(population))
    return _lowest(streams.uniform(Purpose.APP_USER, population.key), number)


def compliers(
    population: Population, advised: BoolArray, parameters: AdvisorParameters, streams: Streams, day: int
) -> BoolArray:
    """Choose who of the advised follows on a day.

    Under ``fixed_share`` exactly the share does, the same people every day as long as the
    same are advised; under ``independent`` a coin falls for each advised commuter and day.

    Parameters
    ----------
    population : Population
    advised : ndarray of bool, shape (commuters,)
    parameters : AdvisorParameters
    streams : Streams
    day : int
    """
    if parameters.compliance_rule == "independent":
        coin = streams.uniform(Purpose.COMPLIANCE, population.key, day)
        return advised & (coin < parameters.compliance_share)
    rank = np.where(advised, streams.uniform(Purpose.COMPLIANCE, population.key), np.inf)
    return _lowest(rank, round(parameters.compliance_share * int(advised.sum())))


def _lowest(values: FloatArray, number: int) -> BoolArray:
    chosen = np.zeros(len(values), dtype=np.bool_)
    chosen[np.argsort(values, kind="stable")[:number]] = True
    return chosen

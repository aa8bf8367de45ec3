"""Which of the journey options each commuter takes."""

from __future__ import annotations

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.journeys import ChosenJourneys, JourneyOptions
from sim.model.parameters import JourneyParameters
from sim.randomness import Purpose, Streams, UInt64Array


def pair_rows(options: JourneyOptions, origin: IntArray, destination: IntArray, departure_s: FloatArray) -> IntArray:
    """Find the row of each commuter's pair of stops and period, shape (commuters,).

    Parameters
    ----------
    options : JourneyOptions
    origin, destination : ndarray of int, shape (commuters,)
    departure_s : ndarray of float, shape (commuters,)
        Habitual departures, seconds after midnight; a time without options of its own takes
        those of the period before.
    """
    stops = int(max(options.pairs.max(initial=0), origin.max(initial=0), destination.max(initial=0))) + 1
    period = np.floor(departure_s / options.period_s).astype(np.int64)
    periods = int(max(options.period.max(initial=0), period.max(initial=0))) + 1
    known = (options.pairs[:, 0] * stops + options.pairs[:, 1]) * periods + options.period
    wanted = (origin * stops + destination) * periods + period
    return np.searchsorted(known, wanted, side="right").astype(np.int64) - 1


def choose_options(
    options: JourneyOptions,
    pair: IntArray,
    parameters: JourneyParameters,
    streams: Streams,
    key: UInt64Array,
    value_of_time_factor: FloatArray,
) -> IntArray:
    """Choose an option for each commuter: the cheapest, or a draw by logit or path-size logit.

    Parameters
    ----------
    options : JourneyOptions
    pair : ndarray of int, shape (commuters,)
        Row of each commuter's pair.
    parameters : JourneyParameters
    streams : Streams
    key : ndarray of uint64, shape (commuters,)
        Keys of the commuters for random numbers.
    value_of_time_factor : ndarray of float, shape (commuters,)
        Of their classes: whom a fare is worth more minutes may take another option
        (test_people_to_whom_a_fare_is_worth_more_take_the_cheaper_way).

    Returns
    -------
    ndarray of int, shape (commuters,)
        Row of the option; -1 where the pair has none.
    """
    first, count = options.option_ptr[:-1], np.diff(options.option_ptr)
    most = int(count.max(initial=0))
    if not most:
        return np.full(len(pair), -1, dtype=np.int64)
    places = np.arange(most)
    exists = places < count[:, None]
    rows = np.where(exists, first[:, None] + places, 0)
    every, place = np.arange(len(options.cost_min)), np.zeros(len(pair), dtype=np.int64)
    for factor in np.unique(value_of_time_factor):
        mine = np.flatnonzero(value_of_time_factor == factor)
        cost = np.where(exists, (options.cost_min + fare_beyond_min(options, every, factor))[rows], np.inf)
        if parameters.choice == "deterministic":
            place[mine] = cost.argmin(axis=1)[pair[mine]]
            continue
        if parameters.choice == "path_size_logit":
            size = np.where(exists, options.path_size[rows], 1.0)
            # The size enters the utility as its logarithm, here as minutes of cost.
            cost = cost - np.log(size) / parameters.logit_scale
        cumulative = np.cumsum(logit_shares(cost, parameters.logit_scale), axis=1)[pair[mine]]
        coin = streams.uniform(Purpose.JOURNEY_CHOICE, key[mine])
        place[mine] = np.minimum((coin[:, None] > cumulative).sum(axis=1), count[pair[mine]] - 1)
    return np.where(count[pair] > 0, first[pair] + place, -1)


def fare_beyond_min(options: JourneyOptions, option: IntArray, value_of_time_factor: FloatArray | float) -> FloatArray:
    """Return what fares are worth to people beyond what counts in the costs of options, in minutes.

    Parameters
    ----------
    options : JourneyOptions
    option : ndarray of int, shape (people,)
        Row of the option of each.
    value_of_time_factor : ndarray of float, shape (people,), or float
        How much more than others they would pay for an hour.
    """
    if options.fare_min is None:
        return np.zeros(len(option))
    return np.asarray(options.fare_min[option] * (1.0 / value_of_time_factor - 1.0), dtype=np.float64)


def logit_shares(cost_min: FloatArray, scale: float) -> FloatArray:
    """Return multinomial logit shares over the last axis; infinite cost has share 0.

    Parameters
    ----------
    cost_min : ndarray of float, shape (..., alternatives)
        Generalized costs in minutes.
    scale : float
        Logit scale per minute (McFadden 1974).
    """
    least = cost_min.min(axis=-1, keepdims=True)
    weight = np.exp(-scale * (cost_min - np.where(np.isfinite(least), least, 0.0)))
    total = weight.sum(axis=-1, keepdims=True)
    shares: FloatArray = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    return shares


def chosen_journeys(options: JourneyOptions, option: IntArray) -> ChosenJourneys:
    """Copy the legs of each commuter's option into one table of rides; of a strategy the first leg.

    Parameters
    ----------
    options : JourneyOptions
    option : ndarray of int, shape (commuters,)
        Row of the option; -1 for none.
    """
    legs_of = np.append(np.diff(options.leg_ptr), 0)
    open_ended = np.append(options.is_strategy(), False)[option]
    sizes = np.where(option >= 0, np.where(open_ended, 1, legs_of[option]), 0)
    leg_ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    owner = np.repeat(np.arange(len(option)), sizes)
    rows = options.leg_ptr[option[owner]] + np.arange(len(owner)) - leg_ptr[owner]
    return ChosenJourneys(
        option=option,
        leg_ptr=leg_ptr,
        leg=options.leg[rows],
        walk_before_s=options.walk_before_s[rows],
        egress_walk_s=np.where((option >= 0) & ~open_ended, np.append(options.egress_walk_s, 0.0)[option], 0.0),
    )


def free_journey_s(options: JourneyOptions, option: IntArray) -> FloatArray:
    """Return walk and ride at free running time of each option chosen, in seconds; 0 without one."""
    per_leg = options.legs.free_ride_s[options.leg] + options.walk_before_s
    totals = np.concatenate([[0.0], np.cumsum(per_leg)])
    per_option = totals[options.leg_ptr[1:]] - totals[options.leg_ptr[:-1]] + options.egress_walk_s
    return np.where(option >= 0, np.append(per_option, 0.0)[option], 0.0)

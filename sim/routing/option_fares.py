"""What journey options cost in money."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.model.journeys import JourneyOptions
from sim.model.tariffs import PaidRides, Tariff


def with_fares(options: JourneyOptions, tariff: Tariff | None, value_of_time: float | None) -> JourneyOptions:
    """Return options with their fares, which are part of their cost where money is worth time.

    The first of the lines of each leg stands for all of them.

    Parameters
    ----------
    options : JourneyOptions
    tariff : Tariff or None
        None leaves the options as they are.
    value_of_time : float or None
        Money that an hour on board is worth.
    """
    if tariff is None:
        return options
    legs, leg = options.legs, options.leg
    row = legs.set_ptr[leg]
    owner = np.repeat(np.arange(len(options.cost_min)), np.diff(options.leg_ptr))
    reached_s = np.cumsum(options.walk_before_s + legs.wait_s[leg] + legs.ride_s[leg])
    fare = tariff.charge(
        PaidRides(
            journeys=len(options.cost_min),
            journey=owner,
            pattern=legs.pattern[row],
            board=legs.board_sequence[row],
            alight=legs.alight_sequence[row],
            board_s=reached_s - legs.ride_s[leg],
        )
    )
    fare_min = np.zeros(len(fare)) if value_of_time is None else fare / value_of_time * 60.0
    return replace(options, fare=fare, fare_min=fare_min, cost_min=options.cost_min + fare_min)

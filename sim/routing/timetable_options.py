"""Journey options by the timetable, one set for each pair of stops and period of departure.

People leave in the middle of the period. For each number of transfers the journey that arrives
first is an option, as long as more transfers arrive sooner. A leg is a ride on the stop pattern
of the trip: where vehicles are punctual and have room, the first one of it is that trip.
"""

from __future__ import annotations

import numpy as np

from sim.model.demand import Demand
from sim.model.journeys import JourneyOptions
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.model.scenario import Scenario
from sim.routing.connection_scan import Connections, RideTaken, TimetableJourney
from sim.routing.direct_legs import direct_legs
from sim.routing.hourly_options import demanded
from sim.routing.legs import Ride, expected_leg
from sim.routing.option_table import OptionTable
from sim.routing.path_size import PathSizes
from sim.routing.patterns import PatternOffer
from sim.routing.rerouting import WalksOn, add_fallbacks
from sim.routing.walks import Walks

MOST_ORIGINS = 512
"""Origins scanned at a time, which bounds the memory."""


def timetable_options(scenario: Scenario, demand: Demand, offers: list[PatternOffer], walks: Walks) -> JourneyOptions:
    """Return the options of all pairs of stops and periods with demand.

    Parameters
    ----------
    scenario : Scenario
    demand : Demand
        Its pairs of stops and times of departure count.
    offers : list of PatternOffer
    walks : Walks
    """
    period_s = scenario.parameters.journeys.departure_period_s
    wanted = demanded(demand, period_s)
    timetable = Connections(scenario.service, walks, len(scenario.network.stop_id))
    finder = _TimetableOptions(scenario, offers, timetable)
    on_foot_s = walks.all_the_way(finder.journeys)
    found: list[list[TimetableJourney]] = [[] for _ in wanted]
    for period in np.unique(wanted[:, 2]).tolist():
        rows = np.flatnonzero(wanted[:, 2] == period)
        origins = np.unique(wanted[rows, 0])
        for first in range(0, len(origins), MOST_ORIGINS):
            mine = origins[first : first + MOST_ORIGINS]
            arrivals = timetable.scan(mine, (period + 0.5) * period_s, finder.journeys.max_transfers)
            for row in rows[np.isin(wanted[rows, 0], mine)].tolist():
                found[row] = arrivals.journeys(int(wanted[row, 0]), int(wanted[row, 1]))
    for row, options in enumerate(found):
        pair = (int(wanted[row, 0]), int(wanted[row, 1]))
        finder.add_pair(options, (int(wanted[row, 2]) + 0.5) * period_s, on_foot_s.get(pair))
    if scenario.parameters.behaviour.on_denied == "reconsider":
        journeys, preferences = finder.journeys, finder.preferences
        legs = direct_legs(offers, journeys, preferences)
        add_fallbacks(finder.table, legs, WalksOn(walks, preferences.walk_weight), journeys, preferences)
    return finder.table.finish(wanted[:, :2], wanted[:, 2], period_s)


class _TimetableOptions:
    """Turns journeys by the timetable into options."""

    def __init__(self, scenario: Scenario, offers: list[PatternOffer], timetable: Connections) -> None:
        self.journeys: JourneyParameters = scenario.parameters.journeys
        self.preferences: PreferenceParameters = scenario.parameters.preferences
        self.service = scenario.service
        self.offers = {offer.pattern: offer for offer in offers}
        self.timetable = timetable
        self.table = OptionTable()
        self.sizes = PathSizes(offers)

    def add_pair(self, options: list[TimetableJourney], leave_s: float, walk_s: float | None) -> None:
        """Add the options of a pair of stops and period, and the walk between them if there is one."""
        self.table.start_pair()
        numbers = [[self._leg(ride) for ride in option.rides] for option in options]
        legs = [[self.table.legs[number].leg for number in mine] for mine in numbers]
        sizes = self.sizes.of_pair(legs) if self.journeys.choice == "path_size_logit" else np.ones(len(options))
        for option, mine, size in zip(options, numbers, sizes.tolist(), strict=True):
            self.table.add_option(self._cost_s(option, leave_s), option.egress_s, size)
            for number, ride in zip(mine, option.rides, strict=True):
                self.table.add_leg(number, ride.walk_s)
        if walk_s is not None:
            self.table.add_walk(walk_s, self.preferences.walk_weight)

    def _cost_s(self, option: TimetableJourney, leave_s: float) -> float:
        """Return the cost by the timetable, without crowding and schedule delay."""
        preferences = self.preferences
        walk_s = option.egress_s + sum(ride.walk_s for ride in option.rides)
        wait_s = sum(
            float(self.service.scheduled_departure_s[ride.board_visit]) - ride.ready_s for ride in option.rides
        )
        ride_s = option.arrival_s - leave_s - walk_s - wait_s
        return (
            preferences.walk_weight * walk_s
            + preferences.wait_weight * wait_s
            + preferences.in_vehicle_weight * ride_s
            + preferences.transfer_penalty_s * (len(option.rides) - 1)
        )

    def _leg(self, taken: RideTaken) -> int:
        service = self.service
        pattern = int(service.trip_pattern[taken.trip])
        start = int(service.visit_ptr[taken.trip])
        board, alight = taken.board_visit - start, taken.alight_visit - start
        offer = self.offers[pattern]
        ride = Ride(
            ride_s=float(offer.arrival_s[alight] - offer.departure_s[board]),
            pattern=pattern,
            board_sequence=board,
            alight_sequence=alight,
            headway_s=offer.headway_s,
            free_ride_s=float(offer.free_s[alight] - offer.free_s[board]),
        )
        pair = (int(offer.stops[board]), int(offer.stops[alight]))
        variant = (1 << 60) | (pattern << 40) | (board << 20) | alight  # apart from those of fallbacks
        return self.table.number_leg(pair, expected_leg([ride], self.journeys, self.preferences), variant)

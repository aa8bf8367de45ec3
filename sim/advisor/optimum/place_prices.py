"""What a place in a vehicle is worth on a day, as its queues tell: where a search for prices begins.

Whoever takes a place in a vehicle that leaves a stop full puts somebody there off to the next vehicle. That person
waits and arrives a headway later, leaves the places free that they had in this vehicle, and takes places in the next
one. So with prices p by stop and vehicle, for somebody who boards vehicle t at stop d and gets out at a,

    p(t, d) = cost of a headway + sum of p(t + 1) from d to a - sum of p(t) from d + 1 to a

and 0 where there is room (complementary slackness of the program that deals people out to vehicles). Vehicles are gone
through from the last to the first.
"""

from __future__ import annotations

import numpy as np

from sim.advisor.rehearsal.queue_cost import arriving_later_min
from sim.arrays import FloatArray, IntArray
from sim.model.parameters import PreferenceParameters
from sim.model.service import Service
from sim.population.commuters import Population
from sim.records.day import DayRecords

LAST_BOARDED = 10
"""People who boarded a full vehicle last and stand for those who would be put off (assumed)."""


def place_prices_min(
    service: Service, preferences: PreferenceParameters, population: Population, records: DayRecords
) -> FloatArray:
    """Return the price of a place in each vehicle from each stop to the next one, in minutes, shape (visits,).

    Not negative, and 0 where vehicles leave with room.

    Parameters
    ----------
    service : Service
    preferences : PreferenceParameters
    population : Population
    records : DayRecords
        Of the day.
    """
    price = np.zeros(len(records.visit_load))
    capacity = service.trip_capacity[service.visit_trip]
    rides = np.flatnonzero((records.ride_board_visit >= 0) & (records.ride_alight_visit >= 0))
    rides = rides[np.lexsort((records.ride_wait_from_s[rides], records.ride_board_visit[rides]))]
    ptr = np.searchsorted(records.ride_board_visit[rides], np.arange(len(price) + 1))
    is_full = (records.visit_denied > 0) | (records.visit_load >= capacity)
    full = np.flatnonzero(is_full & np.isfinite(records.visit_departure_s) & (np.diff(ptr) > 0))
    following = _following(service, records)
    # What a place is worth hangs on the places after it in the same vehicle and in the next one, which is there later:
    # whatever is looked at must have its price already (test_place_prices_are_those_of_a_queue_of_two_vehicles).
    for visit in full[np.argsort(-records.visit_arrival_s[full], kind="stable")].tolist():
        after = int(following[visit])
        if after < 0:
            price[visit] = preferences.unserved_penalty_s / 60.0
            continue
        last = rides[ptr[visit] : ptr[visit + 1]][-LAST_BOARDED:]
        headway_s = records.visit_arrival_s[after] - records.visit_arrival_s[visit]
        hops = records.ride_alight_visit[last] - visit
        there = np.cumsum(price[after : after + int(hops.max())])
        here = np.cumsum(price[visit : visit + int(hops.max())])
        who = records.ride_commuter[last]
        late_min = arriving_later_min(preferences, population, who, records.arrival_s[who], headway_s)
        later_min = preferences.wait_weight * float(headway_s) / 60.0 + late_min
        price[visit] = max(float((later_min + there[hops - 1] - here[hops - 1]).mean()), 0.0)
    return price


def _following(service: Service, records: DayRecords) -> IntArray:
    """Return the next visit of a vehicle of the same stop pattern at the same stop, -1 where none comes."""
    found = np.full(len(records.visit_arrival_s), -1, dtype=np.int64)
    came = np.flatnonzero(np.isfinite(records.visit_arrival_s))
    trip = service.visit_trip[came]
    pattern, sequence = service.trip_pattern[trip], came - service.visit_ptr[trip]
    order = np.lexsort((records.visit_arrival_s[came], sequence, pattern))
    same = (np.diff(pattern[order]) == 0) & (np.diff(sequence[order]) == 0)
    found[came[order[:-1][same]]] = came[order[1:][same]]
    return found

"""Direct legs between stops, each with its attractive set of patterns."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.model.journeys import AS_PLANNED, NO_FALLBACK, LegTable
from sim.model.parameters import JourneyParameters, PreferenceParameters
from sim.routing.patterns import PatternOffer


@dataclass(frozen=True, order=True)
class Ride:
    """One way to ride between two stops: a pattern and two positions on it.

    The order of fields is the order of preference: shorter rides first, then the lower row.
    """

    ride_s: float
    pattern: int
    board_sequence: int
    alight_sequence: int
    headway_s: float = field(compare=False)
    free_ride_s: float = field(compare=False)


@dataclass(frozen=True)
class DirectLeg:
    """The attractive set from one stop to another and what it costs on average."""

    rides: tuple[Ride, ...]
    wait_s: float
    ride_s: float
    free_ride_s: float
    cost_s: float


def direct_legs(
    offers: Iterable[PatternOffer], journeys: JourneyParameters, preferences: PreferenceParameters
) -> dict[tuple[int, int], DirectLeg]:
    """Find the attractive set of every pair of stops that a pattern joins directly.

    Parameters
    ----------
    offers : iterable of PatternOffer
    journeys : JourneyParameters
        Share of the headway that is waited.
    preferences : PreferenceParameters
        Weights of waiting and riding.
    """
    return {pair: attractive_set(found, journeys, preferences) for pair, found in all_rides(offers).items()}


def all_rides(offers: Iterable[PatternOffer]) -> dict[tuple[int, int], list[Ride]]:
    """List the rides of every pair of stops that a pattern joins directly, the shortest first."""
    rides: dict[tuple[int, int], list[Ride]] = {}
    for offer in offers:
        stops, alights = offer.stops.tolist(), np.flatnonzero(offer.alights).tolist()
        best: dict[tuple[int, int], Ride] = {}
        for board in np.flatnonzero(offer.boards).tolist():
            for alight in alights[bisect_right(alights, board) :]:
                if stops[board] == stops[alight]:
                    continue
                ride = Ride(
                    ride_s=float(offer.arrival_s[alight] - offer.departure_s[board]),
                    pattern=offer.pattern,
                    board_sequence=board,
                    alight_sequence=alight,
                    headway_s=offer.headway_s,
                    free_ride_s=float(offer.free_s[alight] - offer.free_s[board]),
                )
                pair = (stops[board], stops[alight])
                if pair not in best or ride < best[pair]:
                    best[pair] = ride
        for pair, ride in best.items():
            rides.setdefault(pair, []).append(ride)
    return {pair: sorted(found) for pair, found in sorted(rides.items())}


def attractive_set(rides: list[Ride], journeys: JourneyParameters, preferences: PreferenceParameters) -> DirectLeg:
    """Choose the lines worth boarding: the set of least expected cost.

    Lines are added in order of their ride as long as the next ride is shorter than the
    expected cost of waiting and riding with those before (common lines, Chriqui and
    Robillard 1975, Transportation Science 9:115-121).

    Parameters
    ----------
    rides : list of Ride
        In order of ride time, not empty.
    journeys : JourneyParameters
    preferences : PreferenceParameters
    """
    chosen: list[Ride] = []
    cost_s = np.inf
    for ride in rides:
        if chosen and preferences.in_vehicle_weight * ride.ride_s >= cost_s:
            break
        chosen.append(ride)
        leg = expected_leg(chosen, journeys, preferences)
        cost_s = leg.cost_s
    return leg


def expected_leg(rides: list[Ride], journeys: JourneyParameters, preferences: PreferenceParameters) -> DirectLeg:
    """Return what boarding the first vehicle of a set costs on average.

    Parameters
    ----------
    rides : list of Ride
        In order of ride time, not empty.
    journeys : JourneyParameters
    preferences : PreferenceParameters
    """
    frequency = weighted_ride = 0.0
    for ride in rides:
        frequency += 1.0 / ride.headway_s
        weighted_ride += ride.ride_s / ride.headway_s
    wait_s = journeys.headway_wait_share / frequency
    ride_s = weighted_ride / frequency
    return DirectLeg(
        rides=tuple(rides),
        wait_s=wait_s,
        ride_s=ride_s,
        free_ride_s=min(ride.free_ride_s for ride in rides),
        cost_s=preferences.wait_weight * wait_s + preferences.in_vehicle_weight * ride_s,
    )


@dataclass
class LegDraft:
    """A leg on its way into the table.

    Attributes
    ----------
    board_stop, alight_stop : int
    leg : DirectLeg
    following : list of (int, float)
        For each ride the leg that follows and the walk to it; empty where as planned.
    fallback : (int, float)
        Leg after a full vehicle and the walk to it.
    """

    board_stop: int
    alight_stop: int
    leg: DirectLeg
    following: list[tuple[int, float]] = field(default_factory=list)
    fallback: tuple[int, float] = (NO_FALLBACK, 0.0)

    def next_rows(self) -> list[tuple[int, float]]:
        """Return next leg and walk of each ride."""
        return self.following or [(AS_PLANNED, 0.0)] * len(self.leg.rides)


def leg_table(drafts: Sequence[LegDraft]) -> LegTable:
    """Put the legs that journeys use into a table.

    Parameters
    ----------
    drafts : sequence of LegDraft
    """
    rides = [ride for draft in drafts for ride in draft.leg.rides]
    following = [row for draft in drafts for row in draft.next_rows()]
    sizes = np.array([len(draft.leg.rides) for draft in drafts], dtype=np.int64)
    return LegTable(
        board_stop=np.array([draft.board_stop for draft in drafts], dtype=np.int64),
        alight_stop=np.array([draft.alight_stop for draft in drafts], dtype=np.int64),
        set_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        pattern=np.array([ride.pattern for ride in rides], dtype=np.int64),
        board_sequence=np.array([ride.board_sequence for ride in rides], dtype=np.int64),
        alight_sequence=np.array([ride.alight_sequence for ride in rides], dtype=np.int64),
        wait_s=np.array([draft.leg.wait_s for draft in drafts], dtype=np.float64),
        ride_s=np.array([draft.leg.ride_s for draft in drafts], dtype=np.float64),
        free_ride_s=np.array([draft.leg.free_ride_s for draft in drafts], dtype=np.float64),
        next_leg=np.array([leg for leg, _ in following], dtype=np.int64),
        next_walk_s=np.array([walk_s for _, walk_s in following], dtype=np.float64),
        fallback_leg=np.array([draft.fallback[0] for draft in drafts], dtype=np.int64),
        fallback_walk_s=np.array([draft.fallback[1] for draft in drafts], dtype=np.float64),
    )

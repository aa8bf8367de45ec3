"""Rides and legs one by one, and the table of the legs that journeys use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.arrays import FloatArray
from sim.model.journeys import AS_PLANNED, NO_FALLBACK, LegTable
from sim.model.parameters import JourneyParameters, PreferenceParameters


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
    sizes = np.array([len(draft.leg.rides) for draft in drafts], dtype=np.int64)
    board_stop, alight_stop = _columns([(draft.board_stop, draft.alight_stop) for draft in drafts], 2).astype(np.int64)
    rides = [(ride.pattern, ride.board_sequence, ride.alight_sequence) for draft in drafts for ride in draft.leg.rides]
    pattern, board, alight = _columns(rides, 3).astype(np.int64)
    times_s = [(draft.leg.wait_s, draft.leg.ride_s, draft.leg.free_ride_s) for draft in drafts]
    wait_s, ride_s, free_ride_s = _columns(times_s, 3)
    next_leg, next_walk_s = _columns([row for draft in drafts for row in draft.next_rows()], 2)
    fallback_leg, fallback_walk_s = _columns([draft.fallback for draft in drafts], 2)
    return LegTable(
        board_stop=board_stop,
        alight_stop=alight_stop,
        set_ptr=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        pattern=pattern,
        board_sequence=board,
        alight_sequence=alight,
        from_s=np.full(len(rides), -np.inf),
        until_s=np.full(len(rides), np.inf),
        wait_s=wait_s,
        ride_s=ride_s,
        free_ride_s=free_ride_s,
        next_leg=next_leg.astype(np.int64),
        next_walk_s=next_walk_s,
        fallback_ptr=np.arange(len(drafts) + 1),
        fallback_from_s=np.full(len(drafts), -np.inf),
        fallback_leg=fallback_leg.astype(np.int64),
        fallback_walk_s=fallback_walk_s,
    )


def _columns(rows: Sequence[tuple[float, ...]], count: int) -> FloatArray:
    """Return rows by column, shape (count, rows), each in one piece of memory."""
    return np.ascontiguousarray(np.array(rows, dtype=np.float64).reshape(-1, count).T)

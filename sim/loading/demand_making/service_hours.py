"""Profiles over the day cut to the hours in which there is service: nobody made up leaves after the last vehicle."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.loading.demand_making.profiles import Profile
from sim.model.last_departures import last_useful_s
from sim.model.network import Network
from sim.model.service import Service

_WAIT_S: Final = 3600.0
"""How long after a period a vehicle may still leave for people of that period; assumed."""


@dataclass(frozen=True)
class ServedProfiles:
    """Profiles with the hours that flows can travel in.

    Attributes
    ----------
    profiles : tuple of Profile
    of_flow : ndarray of int, shape (flows,)
        Row of the profile of each flow.
    moved : float
        Commuters who would have left in an hour without service.
    how : str
        What was done, for the user.
    """

    profiles: tuple[Profile, ...]
    of_flow: IntArray
    moved: float
    how: str


def cut_to_service(
    profile: Profile,
    network: Network,
    service: Service,
    origin: IntArray,
    destination: IntArray,
    commuters: FloatArray,
    rides: int,
) -> ServedProfiles:
    """Leave out the periods of a profile in which a flow has no vehicle, and share theirs among the others.

    A period is kept where a vehicle leaves the origin until an hour (assumed) after its end, and where it ends no later
    than the last departure with which the destination can be reached. Where none is left, the last one that begins
    before that departure is.

    Parameters
    ----------
    profile : Profile
    network, service
    origin, destination : ndarray of int, shape (flows,)
        Rows of stops.
    commuters : ndarray of float, shape (flows,)
    rides : int
        Most vehicles of a journey.
    """
    served = _leaving(profile, service, len(network.stop_id))[origin]
    last_s, known = last_useful_s(network, service, origin, destination, rides)
    whole = served & (profile.end_s <= last_s[:, None])
    begun = profile.start_s <= last_s[:, None]
    late = begun & (profile.start_s == np.where(begun, profile.start_s, -np.inf).max(axis=1, initial=-np.inf)[:, None])
    kept = np.where(whole.any(axis=1)[:, None], whole, late)
    kept[~kept.any(axis=1)] = True
    masks, row = np.unique(kept, axis=0, return_inverse=True)
    profiles = tuple(_only(profile, mask, number, len(masks)) for number, mask in enumerate(masks))
    moved = float((commuters * (1.0 - kept @ profile.share)).sum())
    how = "hours without a vehicle are left out, by origin" + ("" if not known else " and destination")
    return ServedProfiles(profiles, row.reshape(-1).astype(np.int64), moved, how)


def _leaving(profile: Profile, service: Service, stops: int) -> BoolArray:
    """Tell at which stops a vehicle leaves in, or soon after, each period; shape (stops, periods)."""
    boards = service.visit_boards.copy()
    boards[service.runs.ends] = False
    stop, time_s = service.visit_stop[boards], service.scheduled_departure_s[boards]
    leaving = np.zeros((stops, len(profile.share)), dtype=np.bool_)
    for period, (start_s, end_s) in enumerate(zip(profile.start_s, profile.end_s, strict=True)):
        leaving[stop[(time_s >= start_s) & (time_s < end_s + _WAIT_S)], period] = True
    return leaving


def _only(profile: Profile, mask: BoolArray, number: int, of: int) -> Profile:
    share = profile.share * mask
    if not share.sum() > 0:
        share = mask / mask.sum()
    name = profile.name if of == 1 else f"{profile.name}_{number + 1}"
    used = share > 0
    share = share[used] / share[used].sum()
    return replace(profile, name=name, start_s=profile.start_s[used], end_s=profile.end_s[used], share=share)

"""Random numbers by purpose, replication, day and entity.

No draw depends on how many draws were made before it. Adding a commuter, a trip or an
advice draw therefore moves nobody else's numbers, and strategies that are compared share
all draws (common random numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
import scipy
from numpy.typing import NDArray

from sim.arrays import FloatArray

UInt64Array = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


class Purpose(IntEnum):
    """What a random number is for; numbers are part of the key and never change."""

    DEMAND_COUNT = 1
    DEPARTURE_PLACEMENT = 2
    PREFERRED_ARRIVAL = 3
    APP_USER = 4
    COMPLIANCE = 5
    WINDOW_PLACEMENT = 6
    RECONSIDER = 7
    DEPARTURE_CHOICE = 8
    JOURNEY_CHOICE = 9
    RUNNING_TIME = 10
    DISPATCH = 11
    PATIENCE = 12
    FORECAST_NOISE = 13
    ADVICE_TIES = 14
    POISSON_ARRIVALS = 15
    PROFILE_PERIOD = 16
    INCOME_CLASS = 17
    FLEXIBILITY_CLASS = 18
    RETURN = 19
    STAY = 20
    REQUEST_ORDER = 21
    REHEARSAL_MOVES = 22
    LAPSING = 23
    PRICED_WINDOWS = 24
    PRIVACY_NOISE = 31
    COUNTERS = 32
    REHEARSAL = 41


def mix(values: UInt64Array) -> UInt64Array:
    """Scramble 64-bit integers (finaliser of SplitMix64, Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        z = (values ^ (values >> np.uint64(30))) * _MIX_1
        z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


def entity_keys(*parts: NDArray[np.integer]) -> UInt64Array:
    """Combine integer columns into one 64-bit key per row.

    Parameters
    ----------
    *parts : ndarray of int, shape (rows,)
        Whatever identifies an entity whatever else exists: stop, period, running number.
    """
    with np.errstate(over="ignore"):
        key = np.zeros(np.broadcast_shapes(*(np.shape(part) for part in parts)), dtype=np.uint64)
        for part in parts:
            key = mix(key + np.asarray(part).astype(np.uint64) + _GOLDEN)
    return key


def text_keys(names: Sequence[str]) -> UInt64Array:
    """Hash names letter by letter into one 64-bit key each, whatever other names there are.

    Parameters
    ----------
    names : sequence of str, length n

    Returns
    -------
    ndarray of uint64, shape (n,)
    """
    keys = np.zeros(len(names), dtype=np.uint64)
    if not len(keys):
        return keys
    letters = np.array(names, dtype=np.str_).view(np.uint32).reshape(len(keys), -1)
    lengths = (letters > 0).sum(axis=1)
    # Shorter names are padded to the longest one, which must not enter their keys.
    for length in np.unique(lengths).tolist():
        rows = lengths == length
        keys[rows] = entity_keys(*(letters[rows, place] for place in range(length)))
    return keys


OTHER_PEOPLE = 1_000_000
"""Added to the number of a replication it gives that of people alike; no run has as many replications."""


@dataclass(frozen=True)
class Streams:
    """Source of all random numbers of one replication.

    Attributes
    ----------
    seed : int
        Seed of the scenario.
    replication : int
        Replication number, counted from 0; part of every key.
    rehearsal : int or None
        Number of a draw on which a plan is rehearsed, whose numbers are none of those of the days that are evaluated;
        None for these.
    """

    seed: int
    replication: int
    rehearsal: int | None = None

    def rehearsing(self, draw: int) -> Streams:
        """Return the source of a draw on which a plan is rehearsed.

        No number of a day may come from it, or a plan would be tried on what it was made for
        (test_rehearsals_share_no_number_with_days).
        """
        return replace(self, rehearsal=draw)

    def of_people_alike(self, number: int = 0) -> Streams:
        """Return the source of other people who are drawn from the same demand; others for each number."""
        return replace(self, replication=self.replication + (number + 1) * OTHER_PEOPLE)

    def _sequence(self, purpose: Purpose, key: tuple[int, ...]) -> np.random.SeedSequence:
        # The purpose of days stands first in their keys, and is never that of rehearsals.
        first = () if self.rehearsal is None else (int(Purpose.REHEARSAL), self.rehearsal)
        return np.random.SeedSequence(self.seed, spawn_key=(*first, int(purpose), self.replication, *key))

    def generator(self, purpose: Purpose, *key: int) -> np.random.Generator:
        """Return a NumPy generator for one purpose and key (for example a demand flow)."""
        return np.random.Generator(np.random.PCG64(self._sequence(purpose, key)))

    def uniform(self, purpose: Purpose, entities: UInt64Array, *key: int) -> FloatArray:
        """Draw one uniform number in the open interval (0, 1) for each entity.

        Parameters
        ----------
        purpose : Purpose
            What the numbers are for.
        entities : ndarray of uint64, shape (n,)
            Keys of the entities, see `entity_keys`.
        *key : int
            Day, draw number or whatever else tells this draw from others of its purpose.
        """
        salt = self._sequence(purpose, key).generate_state(2, np.uint64)
        with np.errstate(over="ignore"):
            bits = mix(mix(entities + salt[0]) + salt[1])
        # 53 bits, in the middle of their step: never 0 and never 1, which inversion would turn into infinity.
        return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * _TO_UNIT

    def normal(self, purpose: Purpose, entities: UInt64Array, *key: int) -> FloatArray:
        """Draw one standard normal number for each entity, by inversion."""
        drawn: FloatArray = scipy.special.ndtri(self.uniform(purpose, entities, *key))
        return drawn

    def gamma(self, purpose: Purpose, entities: UInt64Array, shape: float, *key: int) -> FloatArray:
        """Draw one gamma number of mean 1 and the given shape for each entity, by inversion."""
        drawn = scipy.special.gammaincinv(shape, self.uniform(purpose, entities, *key))
        return np.asarray(drawn / shape, dtype=np.float64)

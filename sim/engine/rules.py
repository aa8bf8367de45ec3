"""Rules of a compiled scenario as kinds and numbers: dwell, holding, boarding, and the laws of chance.

Conventions as in `sim.engine.engine_input`. ``round_tick(x)`` is ``round_half_even(x * 2**20) /
2**20``, in Python `sim.units.quantize_one`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from sim.arrays import FloatArray, IntArray
from sim.randomness import UInt64Array


class BoardingRule(IntEnum):
    """Whether only people at the stop when a vehicle arrives may board it, or also those who come while it stands."""

    PRESENT_AT_ARRIVAL = 0
    DURING_DWELL = 1


class DwellKind(IntEnum):
    """How the dwell follows from boardings, alightings and headways; formulas in `VehicleTypes`."""

    CONSTANT = 0
    SUM = 1
    MAX = 2
    DUEKER = 3
    HEADWAY = 4


class HoldingKind(IntEnum):
    """Which rule holds vehicles at control stops; formulas in `Holding`.

    `OWN` is a rule in Python that a user gives to `simulate` beside the input.
    """

    NONE = 0
    SCHEDULE = 1
    FORWARD_HEADWAY = 2
    EVEN_HEADWAY = 3
    OWN = 4
    HEADWAY_THRESHOLD = 5


class HeadwayDistribution(IntEnum):
    """Law of random headways at the first stop."""

    DETERMINISTIC = 0
    EXPONENTIAL = 1
    GAMMA = 2
    UNIFORM = 3
    TWO_POINT = 4


class NoiseDistribution(IntEnum):
    """Law of the factors on running times, or of what is added to them (normal)."""

    NONE = 0
    LOGNORMAL = 1
    GAMMA = 2
    NORMAL = 3


class DispatchNoise(IntEnum):
    """Law of how far from their time trips leave their first stop."""

    NONE = 0
    NORMAL = 1
    EXPONENTIAL = 2


@dataclass(frozen=True)
class VehicleTypes:
    """Room and dwell of each vehicle type, shape (types,) each.

    With b boardings and a alightings so far, h of the b while somebody stood (load before their own
    boarding > seats), and ``board = (b - h) * boarding_s + h * hindered_boarding_s``, the dwell is

    - CONSTANT: ``round_tick(dead_s)``;
    - SUM: ``max(round_tick(dead_s + board + a * alighting_s), a * alighting_step_s)``;
    - MAX: ``max(round_tick(dead_s + max(board, a * alighting_s)), a * alighting_step_s)``;
    - DUEKER: ``max(round_tick(c0 + c1 * B + c2 * (B * B) + c3 * A + c4 * (A * A)),
      a * alighting_step_s)`` with c of `sim.engine.dwell.DUEKER`, ``B = min(b, -c1 / (2 * c2))``
      and ``A = min(a, -c3 / (2 * c4))``;
    - HEADWAY: ``round_tick(dead_s + k * max(h, 0))``, or under DURING_DWELL
      ``round_tick((dead_s + k * max(h, 0)) / (1 - k))``, with k `dwell_per_headway` and h a
      headway (`sim.engine.dwell.fluid_dwell_s`); where a trip ends nobody boards, and it is
      ``round_tick(dead_s)``.

    Sums run from left to right, without fused operations.

    Attributes
    ----------
    seats, capacity : ndarray of int
        Persons; `capacity` counts those who stand too.
    dwell_rule : ndarray of int
        Values of `DwellKind`. A scenario without dwell has CONSTANT and 0 everywhere.
    dead_s : ndarray of float
    boarding_s, hindered_boarding_s, alighting_s : ndarray of float
        Per person over all channels.
    alighting_step_s : ndarray of float
        Between two persons getting out, on the tick: the n-th is out n steps after the arrival.
    dwell_per_headway : ndarray of float
    """

    seats: IntArray
    capacity: IntArray
    dwell_rule: IntArray
    dead_s: FloatArray
    boarding_s: FloatArray
    hindered_boarding_s: FloatArray
    alighting_s: FloatArray
    alighting_step_s: FloatArray
    dwell_per_headway: FloatArray


@dataclass(frozen=True)
class Holding:
    """The holding rule.

    With H the planned headway, h that of arrivals, all in seconds:

    - SCHEDULE: ``max(0, scheduled_departure_s - ready_s)``;
    - FORWARD_HEADWAY: ``slack_s + gain * (H - h)``, `slack_s` where either is unknown;
    - EVEN_HEADWAY: ``max(0, ((next_arrival_s - ready_s) - departure_headway_s) / 2)``, 0 where
      either is unknown;
    - HEADWAY_THRESHOLD: ``max(0, H - departure_headway_s)``, 0 where either is unknown.

    `departure_headway_s` is `ready_s` less the later of the last departure and the latest time until which a vehicle
    was held, of the line and direction at the stop.

    The result is not less than 0 unless `allow_negative`, not more than `most_s`, and rounded
    to the tick. What the names mean: `sim.model.holding.StopSituation`.

    Attributes
    ----------
    kind : HoldingKind
        `OWN` also for rules of scenario files that only SimPy asks.
    rule : str
        Name of the rule; empty for one that a user gives.
    gain, slack_s : float
    headway_s : float
        H; NaN where it is that of the schedule.
    most_s : float
        Longest holding; infinite for none.
    allow_negative : bool
        Whether a vehicle may leave before its dwell is over, though not before all are out.
    depends_on_loads : bool
        Whether the rule may look at people, and not at vehicles alone; no engine asks.
    """

    kind: HoldingKind
    rule: str
    gain: float
    slack_s: float
    headway_s: float
    most_s: float
    allow_negative: bool
    depends_on_loads: bool


@dataclass(frozen=True)
class Rules:
    """What holds for all vehicles and commuters.

    Attributes
    ----------
    boarding_rule : BoardingRule
    no_dwell : bool
        Whether every dwell is 0, as the vehicle types then say too.
    overtaking : bool
        Whether vehicles may pass each other at a stop and on a section.
    layover_s : float
        Least time between two trips of a block.
    patience_s : float
        How long people wait for a vehicle; infinite for ever.
    end_s : float
        When the day is cut off; infinite for never. Nothing that would happen at `end_s` or later happens.
    keeps_headways : bool
        Whether the holding rule or a dwell rule looks at headways.
    reconsiders : bool
        Whether people whom a full vehicle leaves behind look for another way (`Legs.fallback`).
    """

    boarding_rule: BoardingRule
    no_dwell: bool
    overtaking: bool
    layover_s: float
    patience_s: float
    end_s: float
    keeps_headways: bool
    reconsiders: bool


@dataclass(frozen=True)
class ChanceLaws:
    """Laws of the chance of a day; only `sim.engine.day_variates` reads them.

    Attributes
    ----------
    trip_key : ndarray of uint64, shape (trips,)
        Key of each trip for random numbers, a hash of its id.
    law_ptr : ndarray of int, shape (laws + 1,)
    law_trip : ndarray of int
        Trips of each law of random headways in order of departure.
    law_distribution : ndarray of int, shape (laws,)
        Values of `HeadwayDistribution`.
    law_mean_s, law_cv, law_first_s : ndarray of float, shape (laws,)
        Mean headway, coefficient of variation, time from which the first headway counts.
    dispatch_noise : DispatchNoise
    dispatch_sigma_s : float
        Standard deviation of how far from their time trips leave their first stop.
    noise : NoiseDistribution
    noise_cv, noise_sigma_s, noise_correlation : float
        Coefficient of variation of the factors; standard deviation of what is added; share of the
        variance that all visits of a day have in common.
    """

    trip_key: UInt64Array
    law_ptr: IntArray
    law_trip: IntArray
    law_distribution: IntArray
    law_mean_s: FloatArray
    law_cv: FloatArray
    law_first_s: FloatArray
    dispatch_noise: DispatchNoise
    dispatch_sigma_s: float
    noise: NoiseDistribution
    noise_cv: float
    noise_sigma_s: float
    noise_correlation: float

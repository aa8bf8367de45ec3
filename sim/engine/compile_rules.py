"""Rules of a scenario as kinds and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from sim.engine.dwell import DUEKER_STEP_S
from sim.engine.rules import (
    BoardingRule,
    ChanceLaws,
    DwellKind,
    HeadwayDistribution,
    Holding,
    HoldingKind,
    NoiseDistribution,
    Rules,
    VehicleTypes,
)
from sim.model.holding import HoldingNumbers, HoldingRule, declared_holding_rules, depends_on_loads
from sim.model.parameters import HoldingParameters, NoiseParameters, ScenarioParameters
from sim.model.service import Service, VehicleType
from sim.randomness import text_keys
from sim.units import quantize_one

NONE: Final = float("inf")


def vehicle_types(kinds: Sequence[VehicleType], no_dwell: bool) -> VehicleTypes:
    """Compile vehicle types.

    Parameters
    ----------
    kinds : sequence of VehicleType
    no_dwell : bool
        Whether every dwell is 0.
    """
    boarding = [kind.boarding_s / kind.boarding_channels for kind in kinds]
    hindered = [(kind.boarding_s + kind.standee_friction_s) / kind.boarding_channels for kind in kinds]
    alighting = [kind.alighting_s / kind.alighting_channels for kind in kinds]
    rule = [DwellKind.CONSTANT if no_dwell else DwellKind[kind.dwell_rule.upper()] for kind in kinds]
    return VehicleTypes(
        seats=np.array([kind.seats for kind in kinds], dtype=np.int64),
        capacity=np.array([kind.capacity for kind in kinds], dtype=np.int64),
        dwell_rule=np.array(rule, dtype=np.int64),
        dead_s=np.array([0.0 if no_dwell else kind.dead_time_s for kind in kinds], dtype=np.float64),
        boarding_s=np.array(boarding, dtype=np.float64),
        hindered_boarding_s=np.array(hindered, dtype=np.float64),
        alighting_s=np.array(alighting, dtype=np.float64),
        alighting_step_s=np.array([0.0 if no_dwell else _alighting_step_s(kind) for kind in kinds], dtype=np.float64),
        dwell_per_headway=np.array([kind.dwell_per_headway for kind in kinds], dtype=np.float64),
    )


def _alighting_step_s(kind: VehicleType) -> float:
    """Return the time in seconds between two persons getting out; 0 under a constant or fluid dwell."""
    if kind.dwell_rule in ("constant", "headway"):
        return 0.0
    if kind.dwell_rule == "dueker":
        return DUEKER_STEP_S
    return quantize_one(kind.alighting_s / kind.alighting_channels)


def holding_numbers(parameters: HoldingParameters, own: HoldingRule | None) -> Holding:
    """Compile the holding rule that a scenario names.

    Parameters
    ----------
    parameters : HoldingParameters
    own : HoldingRule or None
        What a user gives instead.
    """
    gain, headway_s = parameters.alpha + parameters.marginal_dwell, parameters.headway_s
    name = parameters.rule if own is None else ""
    numbers = HoldingNumbers(gain, parameters.slack_s, headway_s)
    rule = declared_holding_rules()[name].of(numbers) if own is None else own
    return Holding(
        kind=HoldingKind.__members__.get(name.upper(), HoldingKind.OWN),
        rule=name,
        gain=gain,
        slack_s=parameters.slack_s,
        headway_s=float("nan") if headway_s is None else headway_s,
        most_s=NONE if parameters.most_s is None else parameters.most_s,
        allow_negative=parameters.allow_negative,
        depends_on_loads=depends_on_loads(rule),
    )


def compile_rules(parameters: ScenarioParameters, service: Service, holding: HoldingKind) -> Rules:
    """Compile what holds for all vehicles and commuters.

    Parameters
    ----------
    parameters : ScenarioParameters
    service : Service
    holding : HoldingKind
    """
    fluid = any(kind.dwell_rule == "headway" for kind in service.vehicle_types) and not parameters.service.no_dwell
    patience_s, end_s = parameters.behaviour.patience_s, parameters.horizon.end_s
    return Rules(
        boarding_rule=BoardingRule[parameters.service.boarding_rule.upper()],
        no_dwell=parameters.service.no_dwell,
        overtaking=parameters.service.overtaking,
        layover_s=quantize_one(parameters.service.layover_s),
        patience_s=NONE if patience_s is None else patience_s,
        end_s=NONE if end_s is None else end_s,
        keeps_headways=fluid or holding != HoldingKind.NONE,
        reconsiders=parameters.behaviour.on_denied == "reconsider",
    )


def chance_laws(service: Service, noise: NoiseParameters) -> ChanceLaws:
    """Compile the laws of dispatch and of running times.

    Parameters
    ----------
    service : Service
    noise : NoiseParameters
    """
    laws = service.headway_laws
    rows = [np.zeros(0, dtype=np.int64), *(np.asarray(law.trips, dtype=np.int64) for law in laws)]
    return ChanceLaws(
        trip_key=text_keys(service.trip_id),
        law_ptr=np.cumsum([len(trips) for trips in rows]).astype(np.int64),
        law_trip=np.concatenate(rows),
        law_distribution=np.array([HeadwayDistribution[law.distribution.upper()] for law in laws], dtype=np.int64),
        law_mean_s=np.array([law.mean_s for law in laws], dtype=np.float64),
        law_cv=np.array([law.cv for law in laws], dtype=np.float64),
        law_first_s=np.array([law.first_s for law in laws], dtype=np.float64),
        noise=NoiseDistribution[noise.distribution.upper()],
        noise_cv=noise.cv,
        noise_sigma_s=noise.sigma_s,
        noise_correlation=noise.correlation,
    )

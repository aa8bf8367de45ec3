"""Everything a scenario file may say, with unit, bounds, default and source of each key."""

from __future__ import annotations

from sim.model.parameters.advice import AdvisorParameters, ForecastParameters
from sim.model.parameters.behaviour import (
    BehaviourParameters,
    CrowdingParameters,
    JourneyParameters,
    PreferenceParameters,
)
from sim.model.parameters.booking import BookingParameters
from sim.model.parameters.demand import (
    ClassParameters,
    DemandParameters,
    FlexibilityClassParameters,
    FlowParameters,
    GravityParameters,
    IncomeClassParameters,
    PieceParameters,
    PopulationParameters,
    ReturnLegParameters,
)
from sim.model.parameters.disruptions import (
    BreakdownParameters,
    ClosedStopParameters,
    DisruptionParameters,
    LinkDisruptionParameters,
)
from sim.model.parameters.dwell import AlightingDoor, DwellParameters, FarePayment
from sim.model.parameters.fares import FareParameters
from sim.model.parameters.incentive import DiscountParameters, IncentiveParameters
from sim.model.parameters.network import HeadwayParameters, LineParameters, NetworkParameters, StopParameters
from sim.model.parameters.scenario import HorizonParameters, ScenarioParameters
from sim.model.parameters.service import (
    BY_PASSENGER,
    HoldingParameters,
    MinimumHeadwayParameters,
    NoiseParameters,
    ServiceParameters,
    StopLostTimeParameters,
    StopServiceParameters,
    VehicleParameters,
)
from sim.model.parameters.traffic import (
    AreaParameters,
    InflowParameters,
    LinkClassParameters,
    SpeedFactorParameters,
    TrafficParameters,
    VolumeParameters,
)

__all__ = [
    "BY_PASSENGER",
    "AdvisorParameters",
    "AlightingDoor",
    "AreaParameters",
    "BehaviourParameters",
    "BookingParameters",
    "BreakdownParameters",
    "ClassParameters",
    "ClosedStopParameters",
    "CrowdingParameters",
    "DemandParameters",
    "DiscountParameters",
    "DisruptionParameters",
    "DwellParameters",
    "FareParameters",
    "FarePayment",
    "FlexibilityClassParameters",
    "FlowParameters",
    "ForecastParameters",
    "GravityParameters",
    "HeadwayParameters",
    "HoldingParameters",
    "HorizonParameters",
    "IncentiveParameters",
    "IncomeClassParameters",
    "InflowParameters",
    "JourneyParameters",
    "LineParameters",
    "LinkClassParameters",
    "LinkDisruptionParameters",
    "MinimumHeadwayParameters",
    "NetworkParameters",
    "NoiseParameters",
    "PieceParameters",
    "PopulationParameters",
    "PreferenceParameters",
    "ReturnLegParameters",
    "ScenarioParameters",
    "ServiceParameters",
    "SpeedFactorParameters",
    "StopLostTimeParameters",
    "StopParameters",
    "StopServiceParameters",
    "TrafficParameters",
    "VehicleParameters",
    "VolumeParameters",
]

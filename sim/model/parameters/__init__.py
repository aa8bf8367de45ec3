"""Everything a scenario file may say, with unit, bounds, default and source of each key."""

from __future__ import annotations

from sim.model.parameters.advice import AdvisorParameters, ForecastParameters
from sim.model.parameters.behaviour import (
    BehaviourParameters,
    CrowdingParameters,
    JourneyParameters,
    PreferenceParameters,
)
from sim.model.parameters.demand import DemandParameters, FlowParameters, PieceParameters, PopulationParameters
from sim.model.parameters.disruptions import (
    BreakdownParameters,
    ClosedStopParameters,
    CrowdParameters,
    DisruptionParameters,
    ExtraTripsParameters,
    LinkDisruptionParameters,
)
from sim.model.parameters.incentive import DiscountParameters, IncentiveParameters
from sim.model.parameters.network import HeadwayParameters, LineParameters, NetworkParameters, StopParameters
from sim.model.parameters.scenario import HorizonParameters, ScenarioParameters
from sim.model.parameters.service import (
    HoldingParameters,
    NoiseParameters,
    ServiceParameters,
    StopServiceParameters,
    VehicleParameters,
)
from sim.model.parameters.traffic import (
    AreaParameters,
    InflowParameters,
    LinkClassParameters,
    TrafficParameters,
    VolumeParameters,
)

__all__ = [
    "AdvisorParameters",
    "AreaParameters",
    "BehaviourParameters",
    "BreakdownParameters",
    "ClosedStopParameters",
    "CrowdParameters",
    "CrowdingParameters",
    "DemandParameters",
    "DiscountParameters",
    "DisruptionParameters",
    "ExtraTripsParameters",
    "FlowParameters",
    "ForecastParameters",
    "HeadwayParameters",
    "HoldingParameters",
    "HorizonParameters",
    "IncentiveParameters",
    "InflowParameters",
    "JourneyParameters",
    "LineParameters",
    "LinkClassParameters",
    "LinkDisruptionParameters",
    "NetworkParameters",
    "NoiseParameters",
    "PieceParameters",
    "PopulationParameters",
    "PreferenceParameters",
    "ScenarioParameters",
    "ServiceParameters",
    "StopParameters",
    "StopServiceParameters",
    "TrafficParameters",
    "VehicleParameters",
    "VolumeParameters",
]

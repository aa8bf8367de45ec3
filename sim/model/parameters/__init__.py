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
from sim.model.parameters.network import HeadwayParameters, LineParameters, NetworkParameters, StopParameters
from sim.model.parameters.scenario import HorizonParameters, ScenarioParameters
from sim.model.parameters.service import NoiseParameters, ServiceParameters, VehicleParameters

__all__ = [
    "AdvisorParameters",
    "BehaviourParameters",
    "CrowdingParameters",
    "DemandParameters",
    "FlowParameters",
    "ForecastParameters",
    "HeadwayParameters",
    "HorizonParameters",
    "JourneyParameters",
    "LineParameters",
    "NetworkParameters",
    "NoiseParameters",
    "PieceParameters",
    "PopulationParameters",
    "PreferenceParameters",
    "ScenarioParameters",
    "ServiceParameters",
    "StopParameters",
    "VehicleParameters",
]

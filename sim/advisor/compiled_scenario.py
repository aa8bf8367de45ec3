"""A scenario made ready to be simulated: what all its replications share."""

from __future__ import annotations

from dataclasses import dataclass

from sim.engine import EngineInput, HoldingRule
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.population.service_points import ServicePoints
from sim.population.window_forecast import WindowForecaster


@dataclass(frozen=True)
class CompiledScenario:
    """What all replications of a scenario share; `options` name all vehicles that people may board on some day."""

    scenario: Scenario
    options: JourneyOptions
    engine_input: EngineInput
    points: ServicePoints
    forecaster: WindowForecaster
    holding: HoldingRule | None = None
    engine: str = "auto"
    usual: JourneyOptions | None = None

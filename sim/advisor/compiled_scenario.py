"""A scenario made ready to be simulated: what all its replications share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from sim.engine import EngineInput, HoldingRule, patterns_cut_short, trips_ended_broken
from sim.model.journeys import JourneyOptions
from sim.model.scenario import Scenario
from sim.population.boarding_groups import CutShort
from sim.population.service_points import ServicePoints, service_points
from sim.population.window_forecast import WindowForecaster


@dataclass(frozen=True)
class CompiledJourneys:
    """What people of a scenario choose among, and where it is observed: enough to forecast, but not to simulate."""

    scenario: Scenario
    options: JourneyOptions
    points: ServicePoints
    forecaster: WindowForecaster

    @classmethod
    def of(cls, scenario: Scenario, options: JourneyOptions) -> Self:
        """Lay options beside the service points that they use.

        Parameters
        ----------
        scenario : Scenario
        options : JourneyOptions
            As they were found.
        """
        parameters, service, options = scenario.parameters, scenario.service, options.with_every_vehicle()
        patience_s = parameters.behaviour.patience_s
        closing = {scenario.network.stop_index[item.stop] for item in parameters.disruptions.closed_stops}
        points = service_points(
            *(service, scenario.network.stop_id, parameters.period_s, options.legs, trips_ended_broken(scenario)),
            open_doors=parameters.service.boarding_rule == "during_dwell",
            patience_s=np.inf if patience_s is None else patience_s,
            cut_short=CutShort(closing, patterns_cut_short(scenario)),
        )
        forecaster = WindowForecaster(options, points, parameters.preferences, parameters.advisor.window_s)
        return cls(scenario, options, points, forecaster)


@dataclass(frozen=True)
class CompiledScenario(CompiledJourneys):
    """What all replications of a scenario share; `options` name all vehicles that people may board on some day."""

    engine_input: EngineInput
    holding: HoldingRule | None = None
    engine: str = "auto"
    usual: JourneyOptions | None = None

"""The root of a scenario file."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import model_validator

from sim.model.parameters.advice import AdvisorParameters
from sim.model.parameters.behaviour import BehaviourParameters, JourneyParameters, PreferenceParameters
from sim.model.parameters.demand import DemandParameters, PopulationParameters
from sim.model.parameters.disruptions import DisruptionParameters
from sim.model.parameters.fares import FareParameters
from sim.model.parameters.fields import ASSUMED, NOT_A_NUMBER, Clock, Duration, Name, Parameters, key
from sim.model.parameters.network import NetworkParameters
from sim.model.parameters.service import ServiceParameters
from sim.model.parameters.traffic import TrafficParameters


class HorizonParameters(Parameters):
    """The simulated stretch of the service day."""

    start_s: Clock = key(0.0, "Trips and habitual departures before this time are left out.", NOT_A_NUMBER, ge=0)
    end_s: Clock | None = key(
        None,
        "Trips and habitual departures from this time on are left out, and commuters on their way then are still "
        "travelling: nobody gets out of a vehicle later, and one that stands at a stop leaves it then. What "
        "windows are expected to cost does not foresee it: people who learn, and advice, count on a vehicle that is "
        "under way then as on any other. Until the last vehicle where missing.",
        NOT_A_NUMBER,
    )

    @model_validator(mode="after")
    def _check_order(self) -> Self:
        if self.end_s is not None and self.end_s <= self.start_s:
            raise ValueError("end must be after start")
        return self


_FOLDER_NAME = r"^[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*$"
"""Not of dots alone: "." and ".." are folders that there are already."""


class ScenarioParameters(Parameters):
    """A scenario: network, demand, service, behaviour, advice and experiment."""

    name: Name = key(
        ..., "Short name; the run folder is called so.", NOT_A_NUMBER, pattern=_FOLDER_NAME, max_length=100
    )
    description: str = key("", "What the scenario is for.", NOT_A_NUMBER)
    seed: int = key(1, "Seed of all random numbers.", NOT_A_NUMBER, ge=0, le=2**63 - 1)
    replications: int = key(10, "Independent repetitions.", ASSUMED, ge=1, le=100_000)
    days: int = key(6, "Simulated days; day 0 is by habit.", ASSUMED, ge=1, le=10_000)
    days_kept: int = key(1, "Last days whose tables are kept: the evaluation days.", ASSUMED, ge=1, le=10_000)
    period_s: Duration = key(900.0, "Observation period of tables and forecasts.", ASSUMED, ge=1)
    engine: Literal["auto", "simpy", "compiled"] = key(
        "auto",
        "Program that runs the days; the results are the same. `compiled` is fast, `simpy` asks holding rules in "
        "Python, and `auto` takes the compiled one wherever it can.",
        NOT_A_NUMBER,
    )
    horizon: HorizonParameters = key(HorizonParameters, "The simulated stretch of the day.", NOT_A_NUMBER)
    network: NetworkParameters = key(..., "Stops, lines and trips.", NOT_A_NUMBER)
    demand: DemandParameters = key(DemandParameters, "Commuters and where they go.", NOT_A_NUMBER)
    population: PopulationParameters = key(PopulationParameters, "Wishes of those who travel.", NOT_A_NUMBER)
    service: ServiceParameters = key(ServiceParameters, "How vehicles run.", NOT_A_NUMBER)
    traffic: TrafficParameters = key(
        TrafficParameters, "Road traffic that vehicles share.", NOT_A_NUMBER, specialist=True
    )
    disruptions: DisruptionParameters = key(
        DisruptionParameters, "What goes wrong on the simulated days.", NOT_A_NUMBER
    )
    journeys: JourneyParameters = key(JourneyParameters, "Which way people go.", NOT_A_NUMBER)
    fares: FareParameters = key(FareParameters, "What journeys cost in money.", NOT_A_NUMBER)
    preferences: PreferenceParameters = key(PreferenceParameters, "What people like.", NOT_A_NUMBER)
    behaviour: BehaviourParameters = key(BehaviourParameters, "When people leave by themselves.", NOT_A_NUMBER)
    advisor: AdvisorParameters = key(AdvisorParameters, "The advice.", NOT_A_NUMBER)
    baselines: tuple[Literal["habit", "adapted"], ...] = key(
        ("habit", "adapted"),
        "The people that `compare` and `sweep` give advice to, each in turn. habit: people who leave as they "
        "were observed to; adapted: people who have learned day by day, without advice and by the minute, until next "
        "to nothing was left to gain. One of the two leaves the other out; other commands know habit alone, and "
        "variants the first.",
        NOT_A_NUMBER,
        min_length=1,
    )
    variants: dict[Name, dict[str, Any]] | None = key(
        None,
        "Other supply or demand to set beside the scenario by `compare`, by name: any keys with other values, by path "
        "(`advisor.window: 10 min`) or in sections. A list takes the place of the one in the scenario. Other commands "
        "leave them aside.",
        NOT_A_NUMBER,
    )

    variant_of: str | None = key(
        None,
        "Scenario file, relative to this one, whose people travel here too: where this one leaves the demand alone it "
        "is that of the file, also where it is made from a service that this one changes, and those who travel in both "
        "want to arrive when they do there. `compare` of several scenarios writes such files, with which `run` and "
        "`compare` give the tables of each of them again.",
        NOT_A_NUMBER,
        min_length=1,
    )

    @model_validator(mode="after")
    def _check_days(self) -> Self:
        if self.days_kept > self.days:
            raise ValueError(f"days_kept = {self.days_kept} is more than days = {self.days}")
        return self

    @model_validator(mode="after")
    def _check_information(self) -> Self:
        if self.journeys.real_time and self.behaviour.on_denied == "reconsider":
            raise ValueError(
                "behaviour.on_denied = reconsider goes by frequencies or the timetable, not by "
                "journeys.information = real_time; with real time people look again at every vehicle by themselves"
            )
        return self

    @model_validator(mode="after")
    def _check_baselines(self) -> Self:
        if len(set(self.baselines)) < len(self.baselines):
            raise ValueError("baselines names one twice")
        return self

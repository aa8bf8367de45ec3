"""A scenario: validated parameters and what they name, ready to simulate."""

from __future__ import annotations

from dataclasses import dataclass

from sim.model.demand import Demand
from sim.model.network import Network
from sim.model.parameters import ScenarioParameters
from sim.model.service import Service
from sim.model.tariffs import Tariff


@dataclass(frozen=True, repr=False)
class Scenario:
    """One validated input.

    Attributes
    ----------
    parameters : ScenarioParameters
        All that the scenario file says, defaults filled in.
    network : Network
    service : Service
    demand : Demand
    input_hashes : tuple of (str, str)
        Name and SHA-256 of every file read, for the manifest.
    tariff : Tariff or None
        What rides cost; None where the scenario has no fares.
    """

    parameters: ScenarioParameters
    network: Network
    service: Service
    demand: Demand
    input_hashes: tuple[tuple[str, str], ...] = ()
    tariff: Tariff | None = None

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.parameters.name

    def __repr__(self) -> str:
        stops, lines, trips = len(self.network.stop_id), len(self.service.lines), len(self.service.trip_id)
        commuters = self.demand.commuters.sum()
        return f"<Scenario {self.name}: {stops:,} stops, {lines:,} lines, {trips:,} trips, {commuters:,.0f} commuters>"

"""A scenario: validated parameters and what they name, ready to simulate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.advice import WidthChoice
from sim.model.counted import CountedDays
from sim.model.demand import Demand
from sim.model.last_departures import last_useful_s
from sim.model.network import Network
from sim.model.parameters import ScenarioParameters
from sim.model.service import Service
from sim.model.tariffs import Tariff

if TYPE_CHECKING:
    import networkx as nx


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
    file_hashes : tuple of (str, str)
        Name and SHA-256 of the scenario file.
    data_hashes : tuple of (str, str)
        Those of the network, of what was changed of its streets, and of counts: with `parameters` they say all that
        results depend on, whatever the scenario file is called and has in its comments.
    tariff : Tariff or None
        What rides cost; None where the scenario has no fares.
    graph_changes : tuple of str
        What `with_graph` has changed, and what it means for lines; no scenario file holds it.
    wishes_of : Scenario or None
        Scenario that this one is a variant of: commuters whom both have want to arrive when they do there. A slower
        journey would otherwise move the preferred arrivals that are derived from it, and nobody would be late.
    counted : CountedDays or None
        What was counted on real days; None where the advisor sees simulated days alone.
    folder : Path or None
        Folder from which relative paths in `parameters` count; None where nobody knows.
    width_choice : WidthChoice or None
        Why windows are as wide as `parameters` say, where that was left to the advisor.
    """

    parameters: ScenarioParameters
    network: Network
    service: Service
    demand: Demand
    file_hashes: tuple[tuple[str, str], ...] = ()
    data_hashes: tuple[tuple[str, str], ...] = ()
    tariff: Tariff | None = None
    graph_changes: tuple[str, ...] = ()
    wishes_of: Scenario | None = None
    counted: CountedDays | None = None
    folder: Path | None = None
    width_choice: WidthChoice | None = None

    @property
    def input_hashes(self) -> tuple[tuple[str, str], ...]:
        """Name and SHA-256 of every file read, for the manifest."""
        return self.file_hashes + self.data_hashes

    def last_useful_s(self, origin: IntArray, destination: IntArray) -> FloatArray:
        """Return when the last vehicle leaves with which people of the demand get there by the timetable, in seconds.

        Minus infinity where there is none; infinite between stops between which nobody travels.

        Parameters
        ----------
        origin, destination : ndarray of int, shape (people,)
            Rows of stops.
        """
        pairs, last_s = self._last_of_pairs
        pair = origin * len(self.network.stop_id) + destination
        place = np.minimum(np.searchsorted(pairs, pair), max(len(pairs) - 1, 0))
        known = pairs[place] == pair if len(pairs) else np.zeros(len(pair), dtype=np.bool_)
        found = np.full(len(pair), np.inf)
        found[known] = last_s[place[known]]
        return found

    @cached_property
    def _last_of_pairs(self) -> tuple[IntArray, FloatArray]:
        """Codes of the pairs of stops of the demand, in order, and when the last vehicle of each leaves."""
        demand, rides = self.demand, self.parameters.journeys.max_transfers + 1
        code = demand.origin * len(self.network.stop_id) + demand.destination
        pairs, first = np.unique(code, return_index=True)
        ends = demand.origin[first], demand.destination[first]
        return pairs, last_useful_s(self.network, self.service, *ends, rides)[0]

    @property
    def name(self) -> str:
        """Name of the scenario."""
        return self.parameters.name

    def with_advisor(self, **changes: Any) -> Scenario:
        """Return the scenario with other values in the section `advisor`; they are not checked again.

        Parameters
        ----------
        **changes
            Values by the name of the field of `AdvisorParameters`.
        """
        advisor = self.parameters.advisor.model_copy(update=changes)
        return replace(self, parameters=self.parameters.model_copy(update={"advisor": advisor}))

    def with_graph(self, graph: nx.DiGraph[str]) -> Scenario:
        """Return the scenario on a changed street graph; its vehicles and people take their ways over it.

        Where nothing is changed that is the scenario itself. Running times change in proportion to the free running
        time of the way; vehicles go round where a link is gone and miss stops that no way leads to; a new or faster
        link is taken where it saves time (`sim.model.rerouting`). The timetable follows, and so does what people know.

        Parameters
        ----------
        graph : networkx.DiGraph
            `network.graph`, changed: edges removed, made slower (``running_time_s`` or ``free_speed_m_per_s``) or
            added (``length_m``, or positions of both nodes; ``free_speed_m_per_s`` or ``running_time_s``).

        Raises
        ------
        NetworkError
            Where the graph is none that vehicles could run on.
        """
        from sim.model.rerouting import reroute
        from sim.model.street_graph import read_graph

        change = read_graph(self.network, graph)
        # A graph that was changed in place is no longer that of this scenario.
        self.network.__dict__.pop("graph", None)
        if change.changes_nothing():
            return self
        service, sentences = reroute(self.service, self.network, change)
        # Counts are of vehicles at the stops they had.
        of_counts = () if self.counted is None else ("what was counted is of the ways before, and is not seen",)
        said = (*self.graph_changes, *change.sentences, *sentences, *of_counts)
        tariff = None if self.tariff is None else self.tariff.on(service, change.network.link_length_m)
        digest = ("changed street graph", change.digest())
        changed = replace(self, network=change.network, service=service, tariff=tariff, counted=None)
        return replace(
            changed,
            graph_changes=said,
            data_hashes=(*self.data_hashes, digest),
        )

    def has_changed_graph(self) -> bool:
        """Tell whether somebody changed `network.graph` and did not hand it back to `with_graph`."""
        from sim.model.street_graph import read_graph

        graph = self.network.__dict__.get("graph")
        return graph is not None and not read_graph(self.network, graph).changes_nothing()

    def __repr__(self) -> str:
        stops, lines, trips = len(self.network.stop_id), len(self.service.lines), len(self.service.trip_id)
        commuters = self.demand.commuters.sum()
        return f"<Scenario {self.name}: {stops:,} stops, {lines:,} lines, {trips:,} trips, {commuters:,.0f} commuters>"

"""All that is known of a simulated day, from which the columns of its tables are read."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.advice import AdvicePlan, PlanRehearsal
from sim.model.journeys import JourneyChain
from sim.model.network import Network
from sim.model.service import Service
from sim.records.day import DayRecords
from sim.records.saving import SavingParts
from sim.records.ways import ways_m

if TYPE_CHECKING:
    from sim.model.scenario import Scenario


@dataclass(frozen=True)
class RowKey:
    """Which run and day the rows belong to."""

    replication: int
    day: int
    strategy: str


@dataclass(frozen=True)
class JourneyCosts:
    """Costs of one day's journeys.

    Attributes
    ----------
    schedule_delay_early_s, schedule_delay_late_s : ndarray of float, shape (commuters,)
        Distance of the arrival from the preferred one (Small 1982); NaN where not arrived.
    generalized_cost_min : ndarray of float, shape (commuters,)
        All parts, in equivalent minutes of uncrowded time on board.
    """

    schedule_delay_early_s: FloatArray
    schedule_delay_late_s: FloatArray
    generalized_cost_min: FloatArray


@dataclass(frozen=True)
class FaresPaid:
    """Fares of one day; all of shape (commuters,).

    Attributes
    ----------
    fare, discount : ndarray of float
        What is paid, and what a discount lets off, in the currency of the scenario; NaN where it
        has no fares.
    fare_min : ndarray of float
        What is paid in minutes on board; 0 where money is worth no time.
    """

    fare: FloatArray
    discount: FloatArray
    fare_min: FloatArray


class _ClassRows(Protocol):
    @property
    def income_class(self) -> IntArray: ...
    @property
    def flexibility_class(self) -> IntArray: ...


class Commuters(Protocol):
    """What tables say of the people of a replication; `sim.population.commuters.Population` is one."""

    @property
    def origin(self) -> IntArray:
        """Row of the stop where each journey starts."""
        ...

    @property
    def destination(self) -> IntArray:
        """Row of the stop where each ends."""
        ...

    @property
    def preferred_arrival_s(self) -> FloatArray:
        """Wishes, seconds after midnight."""
        ...

    @property
    def habitual_departure_s(self) -> FloatArray:
        """Departures without advice or learning."""
        ...

    @property
    def traits(self) -> _ClassRows:
        """Classes of people."""
        ...

    @property
    def chain(self) -> JourneyChain:
        """Which journeys follow from others."""
        ...


@dataclass(frozen=True)
class DayFacts:
    """One day of one replication under one strategy.

    Attributes
    ----------
    key : RowKey
    scenario : Scenario
    service : Service
        Trips and visits, the rows of `records`.
    records : DayRecords
        What the engine saw.
    commuters : Commuters
    costs : JourneyCosts
    fares : FaresPaid
    plan : AdvicePlan
    complied : ndarray of bool, shape (commuters,)
        Advised and left inside the window.
    standing_s : ndarray of float, shape (rides,)
        How long each rider stood between stops.
    least_cost_min, optimum_cost_min : ndarray of float, shape (commuters,)
    saving : SavingParts
    """

    key: RowKey
    scenario: Scenario
    service: Service
    records: DayRecords
    commuters: Commuters
    costs: JourneyCosts
    fares: FaresPaid
    plan: AdvicePlan
    complied: BoolArray
    standing_s: FloatArray
    least_cost_min: FloatArray
    optimum_cost_min: FloatArray
    saving: SavingParts

    def __len__(self) -> int:
        """Count the commuters."""
        return len(self.records.departure_s)

    @property
    def network(self) -> Network:
        """The network of the scenario."""
        return self.scenario.network

    def class_names(self, kind: Literal["income", "flexibility"]) -> tuple[str, ...]:
        """Return the names of the classes of commuters, one empty name where there are none."""
        population = self.scenario.parameters.population
        classes = population.income_classes if kind == "income" else population.flexibility_classes
        return tuple(item.name for item in classes) or ("",)

    def zone_names(self) -> tuple[str, ...]:
        """Return the names of the zones, behind an empty one for stops that are in none."""
        return ("", *dict.fromkeys(zone.name for zone in self.scenario.parameters.population.zones))

    def origin_zone(self) -> IntArray:
        """Return the zone in which each journey begins, as a row of `zone_names`."""
        zone_of = np.zeros(len(self.network.stop_id), dtype=np.int64)
        names = self.zone_names()
        for zone in self.scenario.parameters.population.zones:
            zone_of[[self.network.stop_index[stop] for stop in zone.stops]] = names.index(zone.name)
        found: IntArray = zone_of[self.commuters.origin]
        return found


@dataclass(frozen=True)
class BoardedRides:
    """The rides of a day that boarded, one row each.

    Attributes
    ----------
    day : DayFacts
    rows : ndarray of int, shape (rows,)
        Rows of the rides in the records.
    """

    day: DayFacts
    rows: IntArray

    @classmethod
    def of(cls, day: DayFacts) -> BoardedRides:
        """Find them."""
        return cls(day, np.flatnonzero(day.records.ride_board_visit >= 0))

    def __len__(self) -> int:
        """Count the rides."""
        return len(self.rows)

    @property
    def key(self) -> RowKey:
        """Run and day."""
        return self.day.key

    @property
    def board_visit(self) -> IntArray:
        """Visit at which each boarded."""
        return self.day.records.ride_board_visit[self.rows]

    def alight_stop(self) -> IntArray:
        """Return the stop where each alighted; the planned one of those still on board."""
        records = self.day.records
        alight = records.ride_alight_visit[self.rows]
        stop: IntArray = self.day.service.visit_stop[alight]
        return np.where(alight >= 0, stop, records.ride_planned_alight_stop[self.rows])


@dataclass(frozen=True)
class StopVisits:
    """The visits of vehicles at stops that ended with a departure, one row each.

    A vehicle may come as one trip and leave as another, with the same people on board: that is one row, of the
    other trip.

    Attributes
    ----------
    day : DayFacts
    rows : ndarray of int, shape (rows,)
        Visit at which each left.
    came : ndarray of int, shape (rows,)
        Visit at which each came, mostly the same.
    """

    day: DayFacts
    rows: IntArray
    came: IntArray

    @classmethod
    def of(cls, day: DayFacts) -> StopVisits:
        """Find them."""
        departed = np.isfinite(day.records.visit_departure_s)
        rows, came = day.service.runs.one_row_each(departed)
        return cls(day, rows, came)

    def __len__(self) -> int:
        """Count the visits."""
        return len(self.rows)

    @property
    def key(self) -> RowKey:
        """Run and day."""
        return self.day.key

    @cached_property
    def trip(self) -> IntArray:
        """Trip as which each vehicle leaves."""
        trip: IntArray = self.day.service.visit_trip[self.rows]
        return trip

    @cached_property
    def distance_m(self) -> FloatArray:
        """Way to the next stop that the vehicle comes to; 0 where it goes no farther, and at stops that it misses."""
        day = self.day
        goes_on = np.append(np.isfinite(day.records.visit_arrival_s[1:]), False)
        distance_m = ways_m(day.service, day.network, day.scenario.parameters.disruptions.links, day.records)
        return np.where(goes_on, distance_m, 0.0)[self.rows]

    @cached_property
    def energy_use(self) -> tuple[FloatArray, FloatArray]:
        """Energy from tank or grid in kWh, and CO2 in grams, here and on the way to the next stop."""
        # It brings the whole form of scenarios, which whoever reads finished tables can do without.
        from sim.model.energy import Motion, energy_use

        day, records, service = self.day, self.day.records, self.day.service
        goes_on = self.distance_m > 0
        onward = np.where(goes_on, np.minimum(self.rows + 1, len(records.visit_arrival_s) - 1), self.rows)
        berth_s = np.where(goes_on, records.visit_berth_wait_s[onward], 0.0)
        away_s = np.where(goes_on, records.visit_arrival_s[onward] - records.visit_departure_s[self.rows], 0.0)
        stood_s = records.visit_departure_s[self.rows] - records.visit_arrival_s[self.came]
        motion = Motion(
            distance_m=self.distance_m,
            moving_s=np.maximum(away_s - berth_s, 0.0),
            other_s=stood_s + berth_s,
            load=records.visit_load[self.rows],
            vehicle_type=service.trip_vehicle_type[self.trip],
        )
        names = tuple(kind.vehicle_type for kind in service.vehicle_types)
        return energy_use(day.scenario.parameters.service.energy, names, motion)

    def sequence(self) -> IntArray:
        """Return the position of each in the run of the vehicle."""
        service = self.day.service
        return self.rows - service.visit_ptr[service.runs.of_trip[self.trip]]

    def alightings(self) -> IntArray:
        """Count the persons who alighted, as the vehicle came and as it left."""
        alightings = self.day.records.visit_alightings
        return alightings[self.rows] + np.where(self.came < self.rows, alightings[self.came], 0)

    def berth_wait_s(self) -> FloatArray:
        """Return how long each waited for a berth, as it came and as it left, in seconds."""
        waits_s = self.day.records.visit_berth_wait_s
        return waits_s[self.rows] + np.where(self.came < self.rows, waits_s[self.came], 0.0)

    def dwell_s(self) -> FloatArray:
        """Return how long each stood without being held, in seconds."""
        records = self.day.records
        stood_s = records.visit_departure_s[self.rows] - records.visit_arrival_s[self.came]
        return stood_s - records.visit_holding_s[self.rows]

    def disruption(self) -> IntArray:
        """Return what hindered each, the graver of what did as it came and as it left."""
        disruption = self.day.records.visit_disruption
        return np.maximum(disruption[self.came], disruption[self.rows])

    def of_pattern(self, what: Literal["line", "direction_id"]) -> IntArray:
        """Return a number of the stop pattern of each trip."""
        by_pattern = np.array([getattr(pattern, what) for pattern in self.day.service.patterns], dtype=np.int64)
        found: IntArray = by_pattern[self.day.service.trip_pattern[self.trip]]
        return found


@dataclass(frozen=True)
class DeniedBoardings:
    """The events of a day at which somebody found no room, one row each, in order of time.

    Attributes
    ----------
    day : DayFacts
    rows : ndarray of int, shape (rows,)
        Rows of the events in the records.
    """

    day: DayFacts
    rows: IntArray

    @classmethod
    def of(cls, day: DayFacts) -> DeniedBoardings:
        """Sort them."""
        return cls(day, np.lexsort((day.records.denied_commuter, day.records.denied_time_s)))

    def __len__(self) -> int:
        """Count the events."""
        return len(self.rows)

    @property
    def key(self) -> RowKey:
        """Run and day."""
        return self.day.key

    @property
    def visit(self) -> IntArray:
        """Visit at which each happened."""
        return self.day.records.denied_visit[self.rows]


@dataclass(frozen=True)
class SettlingDay:
    """How far people had settled on one simulated day, which need not be a kept one.

    Attributes
    ----------
    key : RowKey
    departure_change_s : float
        Mean change of departures since the day before; NaN on the first.
    relative_gap_share : float
        What those who decide for themselves could have saved, over what they paid.
    mean_cost_min : float
        Mean generalized cost of all commuters; NaN without any.
    advised : int
        Commuters who were advised.
    rehearsal : PlanRehearsal or None
        What came of the plan of the day in rehearsals, given out or not; None where it was not rehearsed.
    asked, kept : int
        Commuters who were asked to leave at another time than without advice, and those of them who did.
    missed_discount : int
        Those of `kept` who did not get the discount that they left at another time for.
    expected_compliance_share : float
        Of the advised who the advisor expected to follow; NaN on days without advice.
    """

    key: RowKey
    departure_change_s: float
    relative_gap_share: float
    mean_cost_min: float
    advised: int = 0
    rehearsal: PlanRehearsal | None = None
    asked: int = 0
    kept: int = 0
    missed_discount: int = 0
    expected_compliance_share: float = float("nan")

"""Queues with one server: people for vehicles of one place, and vehicles for a single berth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from sim.model.parameters import ScenarioParameters
from sim.verification.case import Case, Params, RefusedError, Tables, number
from sim.verification.families.few_places import BusyStop
from sim.verification.scenarios import flow, headways, line, mean_of, scenario, seed_of
from sim.verification.theory import queues
from sim.verification.verdict import Tolerance

REPLICATIONS = 60
TARGET_SE = 0.0135
RUN_S = 600.0
WARM_UP_RELAXATIONS = 10.0
MOST_CUSTOMERS = 4_000_000


@dataclass(frozen=True)
class SingleServer:
    """A queue with one server.

    Attributes
    ----------
    load : float
        rho.
    service_min : float
        Mean minutes of service.
    squared_cv : float
        Square of the coefficient of variation of service.
    """

    load: float
    service_min: float
    squared_cv: float

    @classmethod
    def of(cls, params: Params, squared_cv: float | None = None) -> SingleServer:
        """Return the queue of parameters; the kind of queue may fix how service varies."""
        square = float(params["cv2"]) if squared_cv is None else squared_cv
        queue = cls(float(params["rho"]), float(params["service"]), square)
        needed = REPLICATIONS * (queue.counted + queue.warm_up)
        if needed > MOST_CUSTOMERS:
            raise RefusedError(
                f"would need {needed:,} customers to be measured, at most {MOST_CUSTOMERS:,} are simulated; "
                "take less rho"
            )
        return queue

    @property
    def relative_variance(self) -> float:
        """Variance of the mean wait of one customer over its square."""
        return queues.relative_variance(self.load, self.squared_cv)

    @property
    def counted(self) -> int:
        """Customers that count in each replication."""
        return max(math.ceil(1.2 * self.relative_variance / TARGET_SE**2 / REPLICATIONS), 200)

    @property
    def warm_up(self) -> int:
        """Customers at the start that do not count: relaxation times of the queue."""
        return math.ceil(WARM_UP_RELAXATIONS * 2.0 * (1.0 + self.squared_cv) / (1.0 - self.load) ** 2)

    def mean_wait(self) -> float:
        """Return the mean wait in minutes."""
        return queues.mean_wait(self.service_min, self.load, self.squared_cv)

    def stop(self) -> BusyStop:
        """Return the stop with random vehicles of one place: each vehicle is the end of a service."""
        stop = BusyStop(self.service_min, 1, self.load, random_vehicles=True)
        needed = self.relative_variance / TARGET_SE**2
        return replace(stop, replications=max(REPLICATIONS, math.ceil(needed / stop.stretch.counted)))


def _people(queue: SingleServer) -> ScenarioParameters:
    return queue.stop().scenario()


def _wait_of_people(tables: Tables, queue: SingleServer) -> float:
    """Return the wait until everybody in front has left, in minutes."""
    legs, stretch = tables["legs"], queue.stop().stretch
    order = np.argsort(legs["wait_from_s"], kind="stable")
    came_s, left_s = (legs[name][order] for name in ("wait_from_s", "board_s"))
    front_s = np.append(0.0, left_s[:-1])
    counts = (came_s >= stretch.start_s) & (came_s < stretch.end_s)
    return mean_of(np.maximum(front_s - came_s, 0.0)[counts] / 60.0)


def _vehicles(queue: SingleServer) -> ScenarioParameters:
    """Return two lines with vehicles at random that share a stop with one berth.

    Each stands as long as its type does, so that the time of a vehicle at random is one of two.
    """
    service_s, spread, trips = 60.0 * queue.service_min, math.sqrt(queue.squared_cv), queue.warm_up + queue.counted
    lines, types = [], {}
    for place, factor in enumerate((1.0 - spread, 1.0 + spread)):
        vehicles = math.ceil(trips / 2.0 + 6.0 * math.sqrt(trips))
        law = headways(2.0 * service_s / queue.load, vehicles, distribution="exponential")
        stops = (f"a{place}", "berth", f"b{place}")
        lines.append(line(f"line{place}", stops, [RUN_S, RUN_S], **{**law, "vehicle": f"type{place}"}))
        dead_time_s = max(service_s * factor, 0.0)
        types[f"type{place}"] = {"seats": 0, "capacity": 1, "dwell_rule": "constant", "dead_time": dead_time_s}
    name = f"verify-berth-{queue.service_min:g}-{queue.load:g}-{queue.squared_cv:g}"
    return scenario(
        name,
        lines,
        [flow("a0", "b0", 0.0, 0.0, commuters=1)],
        types,
        {"stops": {"berth": {"berths": 1}}},
        description="Vehicles at random wait for the only berth of a stop.",
        seed=seed_of(name),
        replications=REPLICATIONS,
        period=3600.0,
    )


def _wait_of_vehicles(tables: Tables, queue: SingleServer) -> float:
    """Return what lies between the scheduled way and the arrival at the berth, in minutes.

    Vehicles that come after the counted part are there to press on.
    """
    visits, gap_s = tables["stop_visits"], 60.0 * queue.service_min / queue.load
    start_s, end_s = (customers * gap_s + RUN_S for customers in (queue.warm_up, queue.warm_up + queue.counted))
    here = np.flatnonzero(visits["stop_sequence"] == 1)
    came_s = visits["departure_s"][here - 1] + RUN_S
    counts = (came_s >= start_s) & (came_s < end_s)
    return mean_of((visits["arrival_s"][here] - came_s)[counts] / 60.0)


BASE: Final[Params] = {"rho": 0.5, "service": 1.0}
BUSY: Final[Params] = {**BASE, "rho": 0.8}
queue_of_vehicles: Callable[..., Case[SingleServer]] = partial(
    Case,
    params=(
        number("rho", "arrivals per mean service time", least=0.05, most=0.95),
        number("service", "minutes of mean service", least=0.05, most=60.0),
    ),
    sets=(BASE, BUSY),
    usual=1,
    theory=SingleServer.mean_wait,
    scenario=_vehicles,
    measure=_wait_of_vehicles,
    tolerance=Tolerance("mc", 0.02),
    source="Pollaczek 1930, Khinchine 1932; Kleinrock 1975, Queueing Systems 1, section 5.6",
)

CASES: tuple[Case[Any], ...] = (
    queue_of_vehicles(
        id="queue.mm1",
        quantity="mean minutes until everybody in front is served, vehicles of one place at random",
        world=partial(SingleServer.of, squared_cv=1.0),
        scenario=_people,
        measure=_wait_of_people,
        formula="W_q = rho / (1 - rho) mean service times",
    ),
    queue_of_vehicles(
        id="queue.md1",
        quantity="mean minutes that vehicles at random wait for a berth, all dwelling alike",
        world=partial(SingleServer.of, squared_cv=0.0),
        formula="W_q = rho / (2 (1 - rho)) mean service times",
    ),
    queue_of_vehicles(
        id="queue.mg1",
        quantity="mean minutes that vehicles at random wait for a berth, dwelling one of two times",
        params=(
            number("rho", "arrivals per mean service time", least=0.05, most=0.95),
            number("service", "minutes of mean service", least=0.05, most=60.0),
            number("cv2", "square of the coefficient of variation of service", least=0.0, most=1.0),
        ),
        sets=({**BASE, "cv2": 0.5}, {**BUSY, "cv2": 0.5}),
        world=SingleServer.of,
        formula="W_q = rho (1 + cv2) / (2 (1 - rho)) mean service times",
    ),
)

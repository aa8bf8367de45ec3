"""How good coordinated advice is: the best plans found by a search, and bounds below all plans, over replications."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.advisor.baselines import Baseline, baseline_by_name
from sim.advisor.compiled_scenario import CompiledScenario
from sim.advisor.loop import ReplicationWorld, compile_scenario
from sim.advisor.optimum.search import COORDINATED, NOBODY, PARTS, STARTS, WITH_FORESIGHT, Searched, SearchSize, search
from sim.arrays import FloatArray
from sim.experiments.memory import require_memory
from sim.metrics.statistics import Estimate, estimate, paired_difference
from sim.model.scenario import Scenario
from sim.records.optimum_table import PLANS
from sim.records.table import Cells, Table, assemble

Told = Callable[[int, int], None]

HINDSIGHT, BOUND, SAME_VEHICLES = "hindsight", "bound", "bound, same vehicles"
"""Names in the table, behind those of the plans."""


@dataclass(frozen=True)
class OptimumFound:
    """What came of a search; costs in minutes of all commuters, means over fresh draws.

    Attributes
    ----------
    baseline : str
        The people that advice is given to.
    done : tuple of Searched
        One per replication.
    """

    baseline: str
    done: tuple[Searched, ...]

    def values(self) -> dict[str, FloatArray]:
        """Return the cost of each plan, and the bounds, by replication."""
        found = {name: np.array([one.cost_min[name].mean() for one in self.done]) for name in WITH_FORESIGHT}
        found[HINDSIGHT] = np.array([one.hindsight_min.mean() for one in self.done])
        found[BOUND] = np.array([one.bounds.proven_min for one in self.done])
        found[SAME_VEHICLES] = np.array([one.bounds.same_vehicles_min for one in self.done])
        return found

    def best_min(self) -> FloatArray:
        """Return the least cost that a plan with foresight only is known to have, by replication."""
        values = self.values()
        known = np.array([values[name] for name in WITH_FORESIGHT])
        least: FloatArray = known.min(axis=0)
        return least

    def summary(self) -> dict[str, Any]:
        """Return costs with their intervals, and how much of what is possible coordinated advice takes."""
        values = self.values()
        none, ours = values[NOBODY], values[COORDINATED]
        facts: dict[str, Any] = {
            "baseline": self.baseline,
            "costs_min": {name: _entry(estimate(value)) for name, value in values.items()},
            "saved_min": _entry(paired_difference(none, ours)),
            "parts_min": {name: float(np.mean([one.parts_min[name] for one in self.done])) for name in PARTS},
            "moved_share": float(np.mean([one.moved_share for one in self.done])),
            "start": sorted({one.start for one in self.done}),
            "vehicles_fixed": all(one.bounds.vehicles_fixed for one in self.done),
            "taken_of_best_found_share": _share(none - ours, none - self.best_min()),
            "taken_of_bound_share": _share(none - ours, none - values[BOUND]),
            "taken_of_same_vehicles_share": _share(none - ours, none - values[SAME_VEHICLES]),
            "bracket_share": _width(self.best_min(), values[BOUND]),
            "bracket_same_vehicles_share": _width(self.best_min(), values[SAME_VEHICLES]),
        }
        return facts

    def table(self) -> Table:
        """Return the costs draw by draw, means of bounds with draw -1."""
        rows: list[tuple[int, str, int, float]] = []
        for replication, one in enumerate(self.done):
            by_plan = {**one.cost_min, HINDSIGHT: one.hindsight_min}
            for name, costs in by_plan.items():
                rows += [(replication, name, draw, float(cost)) for draw, cost in enumerate(costs)]
            rows.append((replication, BOUND, -1, one.bounds.proven_min))
            rows.append((replication, SAME_VEHICLES, -1, one.bounds.same_vehicles_min))
        names = tuple(dict.fromkeys(name for _, name, _, _ in rows))
        return assemble(
            PLANS,
            Cells(
                {
                    "replication": np.array([row[0] for row in rows], dtype=np.int64),
                    "plan": np.array([names.index(row[1]) for row in rows], dtype=np.int64),
                    "draw": np.array([row[2] for row in rows], dtype=np.int64),
                    "mean_cost_min": np.array([row[3] for row in rows], dtype=np.float64),
                },
                {"plan": names},
            ),
        )


def find_optimum(
    scenario: Scenario, size: SearchSize, baseline: str = "habit", told: Told | None = None
) -> OptimumFound | None:
    """Search for the best plan in every replication; None where nobody can be advised.

    Parameters
    ----------
    scenario : Scenario
    size : SearchSize
    baseline : str
        Of `sim.advisor.baselines`: the people that advice is given to.
    told : callable or None
        Told (finished, total) rounds.

    Raises
    ------
    ScenarioError
        When a day needs more memory than there is.
    UnknownNameError
        When there is no such baseline.
    """
    require_memory(scenario)
    people = baseline_by_name(baseline)
    compiled = compile_scenario(scenario)
    replications = scenario.parameters.replications
    of_one = size.steps(STARTS)
    done = []
    for number in range(replications):
        found = _of_replication(compiled, number, size, people, _counted(told, number * of_one, replications * of_one))
        if found is not None:
            done.append(found)
        if told is not None:
            told((number + 1) * of_one, replications * of_one)
    return OptimumFound(baseline, tuple(done)) if done else None


def _of_replication(
    compiled: CompiledScenario, number: int, size: SearchSize, people: Baseline, told: Callable[[int], None] | None
) -> Searched | None:
    world = ReplicationWorld.create(compiled, number)
    settle = baseline_by_name("adapted").settle
    assert settle is not None
    # What people find who settle by themselves is where a search from their habit might not get to.
    settled, _ = settle(world)
    world = world if people.settle is None else settled
    return search(world, size, settled.population.habitual_departure_s, told)


def _counted(told: Told | None, before: int, total: int) -> Callable[[int], None] | None:
    return None if told is None else lambda rounds: told(before + rounds, total)


def _entry(found: Estimate) -> dict[str, float]:
    return {"mean": found.mean, "half_width": found.half_width}


def _share(saved: FloatArray, possible: FloatArray) -> float | None:
    """Return the saving over what is possible, of the means over replications; None where nothing is."""
    most = float(possible.mean())
    return float(saved.mean()) / most if np.isfinite(most) and most > 1e-9 else None


def _width(best: FloatArray, bound: FloatArray) -> float | None:
    """Return how far the best plan is above a bound, as a share of the bound."""
    low = float(bound.mean())
    return float(best.mean()) / low - 1.0 if np.isfinite(low) and low > 0 else None


def answer(summary: dict[str, Any]) -> str:
    """Return the one answer in words.

    Parameters
    ----------
    summary : dict
        As of `OptimumFound.summary`.
    """
    costs = {name: entry["mean"] for name, entry in summary["costs_min"].items()}
    best = min(costs[name] for name in WITH_FORESIGHT)
    who = baseline_by_name(summary["baseline"]).label
    taken = summary["taken_of_best_found_share"]
    if taken is None:
        return f"Against {who}, the search finds no plan that saves anything; without advice they pay {best:.1f} min."
    parts = [
        f"Against {who}, coordinated advice takes {100.0 * taken:.0f} % of what the best plan found saves: "
        f"{costs[NOBODY]:.1f} min without advice, {costs[COORDINATED]:.1f} min under it, {best:.1f} min at best."
    ]
    if summary["bracket_share"] is not None:
        parts.append(
            f"No plan goes below {costs[BOUND]:.1f} min; the best is {100.0 * summary['bracket_share']:.0f} % above "
            f"that, and of what this bound leaves {100.0 * summary['taken_of_bound_share']:.0f} % is taken at least."
        )
    if not summary["vehicles_fixed"] and summary["bracket_same_vehicles_share"] is not None:
        parts.append(
            f"Were vehicles to run as they did under the best plan, no plan of windows would go below "
            f"{costs[SAME_VEHICLES]:.1f} min; the best one is "
            f"{100.0 * summary['bracket_same_vehicles_share']:.0f} % above that."
        )
    return " ".join(parts)


def rows_of(summary: dict[str, Any]) -> Sequence[tuple[str, float, float]]:
    """Return name, mean and half width of each cost, those that are known, as they are shown."""
    return [
        (name, entry["mean"], entry["half_width"])
        for name, entry in summary["costs_min"].items()
        if np.isfinite(entry["mean"])
    ]

"""How wide departure windows should be, where the scenario leaves that to the advisor.

A narrow window tells people which vehicle to meet, and is worth more than a wide one as far as vehicles come when they
came before. So widths are compared on days that did not serve to choose: people are given the window that was best for
them on half of the rehearsed days, and pay what it would have cost them on the other half. The widest window is taken
that costs next to nothing more than the best width: a wide one asks less of people, and a narrow one that is no better
claims to know what nobody does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.advice import WidthChoice, no_advice
from sim.model.scenario import Scenario
from sim.population.observation import Observation, mean_observation
from sim.population.window_forecast import WindowForecaster
from sim.population.windows import candidate_windows, costs_of_places_min

if TYPE_CHECKING:
    from sim.advisor.loop import ReplicationWorld

WIDTHS_S = (60.0, 120.0, 180.0, 300.0, 600.0, 900.0)
"""Widths that are compared (assumed); all of them divide an hour, so that windows begin at full hours."""

FIRST_DRAW = 50_000
"""Draws are numbered from here: none is one on which plans are made, proved or tried."""

DRAWS = 6
"""Days without advice that are rehearsed (assumed)."""

MOST_ASKED = 500
"""Commuters that widths are compared for, spread evenly over all (assumed)."""

NEXT_TO_NOTHING_SHARE = 0.02
"""What a wider window may cost more than the best width, as a share of the cost (assumed)."""


def with_width(scenario: Scenario, width_s: float, choice: WidthChoice | None = None) -> Scenario:
    """Return a scenario whose windows have a width.

    Parameters
    ----------
    scenario : Scenario
    width_s : float
    choice : WidthChoice or None
        Why, where the advisor chose it.
    """
    return replace(scenario.with_advisor(window_width=width_s), width_choice=choice)


def choose_width(world: ReplicationWorld) -> WidthChoice:
    """Return the widest windows that cost people next to nothing more than the best width, and what each costs.

    Parameters
    ----------
    world : ReplicationWorld
        Of the first replication. Its own width of windows says nothing here.
    """
    stage, population = world.stage, world.population
    able = np.flatnonzero(population.journeys.rides & population.is_first)
    nobody = no_advice(len(population), WIDTHS_S[-1])
    draws = [(FIRST_DRAW + number, 0.0) for number in range(DRAWS)]
    lived = stage.on_draws(nobody, population.habitual_departure_s, draws, stage.seen)
    if not len(able):
        return WidthChoice(WIDTHS_S[-1], (), 0.0)
    asked = able[np.linspace(0, len(able) - 1, min(len(able), MOST_ASKED)).astype(np.int64)]
    seen = [stage.observed(day) for day in lived]
    spread_min = _spread_min([day.visits.departure_s for day in lived])
    costs = [_foreseen_min(world, asked, seen, width_s) for width_s in WIDTHS_S]
    most_min = min(costs) * (1.0 + NEXT_TO_NOTHING_SHARE)
    width_s = max(width for width, cost in zip(WIDTHS_S, costs, strict=True) if cost <= most_min)
    return WidthChoice(width_s, tuple(zip(WIDTHS_S, costs, strict=True)), spread_min)


def _foreseen_min(world: ReplicationWorld, asked: IntArray, seen: Sequence[Observation], width_s: float) -> float:
    """Return what windows of a width that are best on half of the days cost on the others, mean of people and days."""
    preferences = world.compiled.scenario.parameters.preferences
    forecaster = WindowForecaster(world.compiled.options, world.compiled.points, preferences, width_s)
    candidates = candidate_windows(world.population, asked, forecaster)

    def costs_min(traffic: Observation) -> FloatArray:
        # A window that leads to the same vehicle as the next one has to stay: on another day it leads to its own.
        forecast = forecaster.forecast(traffic, candidates.cases)
        found, _ = costs_of_places_min(world.population, preferences, forecaster, (traffic, forecast), candidates)
        missed = np.isnan(found) | (forecast.lost_share[candidates.case] >= 1.0)
        return np.where(missed, preferences.unserved_penalty_s / 60.0, found)

    halves = list(seen[::2]), list(seen[1::2])
    paid = []
    for known, unseen in (halves, halves[::-1]):
        mean_min = costs_min(mean_observation(known, [1.0] * len(known)))
        best = np.where(candidates.acceptable, mean_min, np.inf).argmin(axis=1)
        paid += [costs_min(day)[np.arange(len(asked)), best].mean() for day in unseen]
    return float(np.mean(paid))


def _spread_min(departures_s: Sequence[FloatArray]) -> float:
    """Return how far vehicles leave stops from when they do so on average, as a standard deviation in minutes."""
    departs_s = np.array(departures_s)
    # Stops that vehicles left on fewer than two days, as at the end of a horizon, say nothing of a spread.
    departs_s = departs_s[:, np.isfinite(departs_s).sum(axis=0) >= 2]
    return float(np.sqrt(np.nanvar(departs_s, axis=0, ddof=1).mean())) / 60.0 if departs_s.size else 0.0

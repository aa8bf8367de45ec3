"""When commuters leave: moved into windows, by their own choice or as advised."""

from __future__ import annotations

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.model.advice import AdvicePlan
from sim.population.systematic_sampling import group_rows, spread_evenly
from sim.units import TICKS_PER_S, quantize


def move_into(departure_s: FloatArray, window: IntArray, window_s: float, place: FloatArray) -> FloatArray:
    """Move departures into windows; commuters who already leave inside their window stay as they are.

    Parameters
    ----------
    departure_s : ndarray of float, shape (commuters,)
    window : ndarray of int, shape (commuters,)
        Number of the window; -1 leaves a departure alone.
    window_s : float
        Width of windows in seconds.
    place : ndarray of float, shape (commuters,)
        Place of each commuter in a window, as a share of it; the same on every day.
    """
    return _move(departure_s, AdvicePlan(window, window_s), place, keeps_inside=True)


def follow(
    departure_s: FloatArray, plan: AdvicePlan, complier: BoolArray, place: FloatArray, evenly: bool = False
) -> FloatArray:
    """Let those who comply leave in the window they were advised.

    Parameters
    ----------
    departure_s : ndarray of float, shape (commuters,)
        What each would do without advice.
    plan : AdvicePlan
    complier : ndarray of bool, shape (commuters,)
    place : ndarray of float, shape (commuters,)
        Place of each commuter in a window, as a share of it; the same on every day.
    evenly : bool
        Spread those who comply with a window evenly over it, also those who would leave inside
        it anyway; otherwise each commuter who has to move takes their own place.
    """
    window = np.where(complier & plan.advised, plan.window, -1)
    if evenly:
        group = group_rows(window)
        place = spread_evenly(place, group, np.full(int(group.max(initial=-1)) + 1, 0.5))
    return _move(departure_s, AdvicePlan(window, plan.window_s, plan.grid_start_s), place, keeps_inside=not evenly)


def _move(departure_s: FloatArray, plan: AdvicePlan, place: FloatArray, keeps_inside: bool) -> FloatArray:
    """Put everybody who has a window at their place in it, as shares of the window."""
    moved = quantize(np.asarray(plan.grid_start_s + (plan.window + place) * plan.window_s, dtype=np.float64))
    end = quantize(np.asarray(plan.grid_start_s + (plan.window + 1) * plan.window_s, dtype=np.float64))
    moved = np.minimum(moved, end - 1.0 / TICKS_PER_S)
    stays = ~plan.advised | plan.contains(departure_s) if keeps_inside else ~plan.advised
    return np.where(stays, departure_s, moved)

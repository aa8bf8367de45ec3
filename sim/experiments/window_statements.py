"""What is told to a commuter about each departure window: read off what riders met on the days observed."""

from __future__ import annotations

from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.pair_forecasts import WindowCases
from sim.experiments.window_fares import discounts_min, window_fares
from sim.experiments.window_options import MOST_DAYS_SHARE, WindowOption
from sim.metrics.statistics import t_quantile
from sim.model.fullness import USUAL_SEATS_SHARE, occupancy_word
from sim.units import format_clock_short

_LEAST_LOST_SHARE: Final = 0.005
"""A smaller share of riders who find no vehicle is not told: it would read as 0 %."""

_FULL: Final = 1.0
"""Load factor that is told of leaving at a moment from which nobody gets there: vehicles are no emptier for it."""


def own_costs_min(cases: WindowCases, request: JourneyRequest) -> FloatArray:
    """Return what each window costs whoever asks, mean over the days observed, shape (windows,).

    Where no arrival is wished, each minute of leaving later than the time given counts as one of arriving early does:
    it is spent waiting somewhere. Where a usual departure is known, its window is costed at that moment.

    Parameters
    ----------
    cases : WindowCases
    request : JourneyRequest
    """
    if request.arrive_by_s is not None:
        usual_s = np.array([np.nan if request.usual_s is None else request.usual_s])
        (own_min,) = cases.costs_min(np.array([request.arrive_by_s]), usual_s)
        at_usual: FloatArray = own_min - discounts_min(cases, request.usual_s)
        return at_usual
    early_penalty = cases.pair.compiled.scenario.parameters.preferences.early_penalty
    later_s = np.maximum(cases.leave_s() - (request.leave_after_s or 0.0), 0.0).mean(axis=1)
    cost: FloatArray = (cases.travel_min() + early_penalty * later_s / 60.0).mean(axis=0) - discounts_min(cases)
    return cost


class RiddenWindows:
    """What one more rider met in each window: arrays of shape (days, windows, places).

    Whoever says when they usually leave keeps that moment in its window, so that all that is said of it is said of
    leaving then, as its cost is: a mean over the window would call them late who always meet their vehicle
    (test_whoever_meets_their_vehicle_is_told_so).

    Parameters
    ----------
    cases : WindowCases
    usual_s : float or None
        Seconds after midnight; None where it is not known.
    """

    def __init__(self, cases: WindowCases, usual_s: float | None = None) -> None:
        self.cases = cases
        self.usual = np.isin(cases.windows, [] if usual_s is None else [usual_s // cases.pair.window_s])
        self.leave_s = np.where(self.usual[:, None], np.nan if usual_s is None else usual_s, cases.leave_s())
        met, rows = cases.met, np.flatnonzero(self.usual)
        self.met = met.with_windows(rows, cases.met_from(rows, self.leave_s[rows])) if len(rows) else met
        self.wait_min = self.met.waited_s.mean(axis=0).mean(axis=1) / 60.0
        took_min = (self.met.arrival_s - self.leave_s) / 60.0
        self.arrives = np.isfinite(took_min).any(axis=(0, 2))
        expected_min = (cases.column("place_arrival_s") - cases.leave_s()) / 60.0
        took_min[:, ~self.arrives] = expected_min[:, ~self.arrives]
        self.took_min = took_min
        self.mean_arrival_s = _mean(took_min * 60.0 + self.leave_s, axis=(0, 2))
        """Mean arrival of those who get there, so that it agrees with the time from door to door beside it."""

    def on_time_share(self, request: JourneyRequest) -> FloatArray:
        """Return the chance to arrive in time, shape (windows,); NaN where no arrival is wished."""
        if request.arrive_by_s is None:
            return np.full(len(self.cases), np.nan)
        share: FloatArray = (self.met.arrival_s <= request.arrive_by_s).mean(axis=(0, 2))
        return share

    def half_width_min(self) -> FloatArray:
        """Return the half-width of the 95 % interval of the mean journey time, shape (windows,); NaN for one day."""
        by_day = _mean(self.took_min, axis=2)
        days = np.isfinite(by_day).sum(axis=0)
        spread, several = np.full(len(days), np.nan), days > 1
        spread[several] = np.nanstd(by_day[:, several], axis=0, ddof=1)
        quantile = np.array([t_quantile(max(count, 2)) for count in days.tolist()])
        width: FloatArray = quantile * spread / np.sqrt(np.maximum(days, 1))
        return width

    def aim(self, row: int) -> tuple[str, str, float, float]:
        """Return line and stop to board first, when the vehicle to aim for is due there, and how often it takes one."""
        visit = self.met.first_visit[:, row].ravel()
        boarded = visit[visit >= 0]
        if not len(boarded):
            return "", "", float("nan"), 0.0
        known, count = np.unique(boarded, return_counts=True)
        best = int(known[count.argmax()])
        scenario = self.cases.pair.compiled.scenario
        service = scenario.service
        pattern = service.patterns[int(service.trip_pattern[service.visit_trip[best]])]
        line, stop = service.lines[pattern.line].line_id, scenario.network.stop_id[int(service.visit_stop[best])]
        return line, stop, float(service.scheduled_departure_s[best]), float(count.max() / len(visit))

    def fullest_stop(self, row: int) -> str:
        """Return the stop after which it is fullest most often; empty where nobody rides."""
        scenario = self.cases.pair.compiled.scenario
        visit = self.met.fullest_visit[:, row].ravel()
        stops = scenario.service.visit_stop[visit[visit >= 0]]
        return scenario.network.stop_id[int(np.bincount(stops).argmax())] if len(stops) else ""

    def seats_share(self, row: int) -> float:
        """Return seats over places of the vehicles where they are fullest, on average; as usual where nobody rides."""
        visit = self.met.fullest_visit[:, row].ravel()
        share = self.cases.pair.compiled.scenario.service.visit_seats_share[visit[visit >= 0]]
        return float(share.mean()) if len(share) else USUAL_SEATS_SHARE


def window_statements(cases: WindowCases, request: JourneyRequest, cost_min: FloatArray) -> list[WindowOption]:
    """Say of each window what may be expected of it, in the order of the windows.

    Parameters
    ----------
    cases : WindowCases
    request : JourneyRequest
    cost_min : ndarray of float, shape (windows,)
        What each costs whoever asks.
    """
    ridden = RiddenWindows(cases, request.usual_s)
    on_time, half_width = ridden.on_time_share(request), ridden.half_width_min()
    wait_min = np.where(ridden.usual, ridden.wait_min, cases.waits_s() / 60.0)
    met, others = ridden.met, cases.others_min
    # Means by period said that one in ten got nowhere where every second one did
    # (test_whoever_finds_no_vehicle_is_told_so_as_often_as_it_happens).
    lost = np.isnan(met.arrival_s).mean(axis=(0, 2))
    first, seat, behind = (values.mean(axis=(0, 2)) for values in (met.boards_first, met.sits, met.left_behind))
    load = np.nan_to_num(_mean(met.load_factor, axis=(0, 2)), nan=_FULL)
    took_min, took_sd_min = (of(ridden.took_min, axis=(0, 2)) for of in (np.nanmean, np.nanstd))
    fare = window_fares(cases, ridden.leave_s, met.arrival_s)
    width = cases.pair.window_s
    reasons = _reasons(ridden, request, cost_min, on_time, (load, behind, wait_min))
    found = []
    for row, window in enumerate(cases.windows.tolist()):
        line, stop, due_s, share = ridden.aim(row)
        found.append(
            WindowOption(
                window_start_s=float(window * width),
                window_end_s=float((window + 1) * width),
                line=line,
                board_stop=stop,
                vehicle_due_s=due_s,
                vehicle_share=share,
                door_to_door_min=float(took_min[row]),
                door_to_door_sd_min=float(took_sd_min[row]),
                door_to_door_half_width_min=float(half_width[row]),
                days_observed=len(cases.pair.days),
                wait_min=float(wait_min[row]),
                load_factor=float(load[row]),
                fullest_stop=ridden.fullest_stop(row),
                occupancy=occupancy_word(float(load[row]), ridden.seats_share(row)),
                seat_share=float(seat[row]),
                first_vehicle_share=float(first[row]),
                denied_share=float(behind[row]),
                lost_share=float(lost[row]),
                on_time_share=float(on_time[row]),
                fare=None if fare is None else float(fare[row]),
                generalized_cost_min=float(cost_min[row]),
                others_cost_min=float(others[row]),
                reason=reasons[row] + _lost_words(float(lost[row])) + _usual_words(request, window * width, width),
            )
        )
    return found


def _usual_words(request: JourneyRequest, start_s: float, width_s: float) -> str:
    """Say of which moment of the usual window everything is said."""
    usual_s = np.nan if request.usual_s is None else request.usual_s
    inside = start_s <= usual_s < start_s + width_s
    return (
        f" It is when you usually leave; its figures are of leaving at {format_clock_short(usual_s)}." if inside else ""
    )


def _lost_words(share: float) -> str:
    """Say who is not counted in the times of a window: those who find no vehicle that still gets them there."""
    some = _LEAST_LOST_SHARE <= share < 1.0
    return f" {100.0 * share:.0f} % find no vehicle that gets them there." if some else ""


def _reasons(
    ridden: RiddenWindows,
    request: JourneyRequest,
    cost_min: FloatArray,
    on_time: FloatArray,
    drawbacks: tuple[FloatArray, FloatArray, FloatArray],
) -> list[str]:
    """Say in one sentence what speaks for or against each window."""
    cases, arrival_s = ridden.cases, ridden.mean_arrival_s
    late = on_time < MOST_DAYS_SHARE
    best = int(np.where(late, np.inf, cost_min).argmin()) if not late.all() else int(cost_min.argmin())
    rides = cases.pair.compiled.options.has_legs()[cases.option]
    load, denied, wait_min = drawbacks
    reasons = []
    for row in range(len(cases)):
        when = f"arrives about {format_clock_short(float(arrival_s[row]))}{_timing(float(arrival_s[row]), request)}"
        if not ridden.arrives[row]:
            # The arrival that means by period expect there is nobody's
            # (test_leaving_as_usual_when_nobody_gets_there_is_told_as_that).
            text = "Nobody who leaves then gets there."
        elif late[row]:
            text = f"Late on most days: {when}."
        elif row == best:
            text = f"Cheapest of all windows{' in time' if late.any() else ''}: {when}."
        else:
            differences = {
                "more crowded": load[row] - load[best],
                "more often left behind": denied[row] - denied[best],
                "a longer wait": (wait_min[row] - wait_min[best]) / 10.0,
            }
            worst = max(differences, key=lambda name: float(differences[name]))
            drawback = f", {worst}" if differences[worst] > 0.02 else ""
            more_min = cost_min[row] - cost_min[best]
            text = f"{abs(more_min):.1f} min {'dearer' if more_min >= 0 else 'cheaper'}: {when}{drawback}."
        reasons.append(text + ("" if rides[row] else " All the way on foot."))
    return reasons


def _timing(arrival_s: float, request: JourneyRequest) -> str:
    if request.arrive_by_s is None:
        return ""
    gap_min = (request.arrive_by_s - arrival_s) / 60.0
    if round(gap_min) == 0:
        return ", the time wished"
    return f", {gap_min:.0f} min before the time wished" if gap_min > 0 else f", {-gap_min:.0f} min after it"


def _mean(values: FloatArray, axis: int | tuple[int, ...]) -> FloatArray:
    """Return means that leave out NaN; NaN where there is nothing else."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    mean: FloatArray = np.divide(
        np.where(known, values, 0.0).sum(axis=axis), count, out=np.full(count.shape, np.nan), where=count > 0
    )
    return mean

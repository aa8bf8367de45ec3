"""Which part of a departure window to leave in so as not to miss a fare discount, and what that part costs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.advisor.strategy import AdvisorView
from sim.arrays import BoolArray, FloatArray, IntArray
from sim.population.generalized_cost import discount_bounds, discount_shares, discount_stops
from sim.population.moments import leaving_at_s
from sim.population.schedule_cost import schedule_cost_min
from sim.population.window_forecast import PLACES_IN_WINDOW

CELLS = len(PLACES_IN_WINDOW)
"""Equal cells of a window, with a place of the forecast in the middle of each."""
EXIT_MARGIN_S = 180.0
"""How long before a free exit ends people mean to be through (assumed): where many get out at once it takes time."""


@dataclass(frozen=True)
class DiscountedWindows:
    """Discounts in the candidate windows of users.

    Attributes
    ----------
    share : ndarray of float, shape (users, candidates)
        Part of the fare that is let off for those who leave in `part`.
    part : ndarray of float, shape (users, candidates, 2)
        Begin and end of the part of the window in which the discount is got, as shares of it; the whole window where
        there is no discount in it.
    extra_min : ndarray of float, shape (users, candidates)
        What leaving in the part costs more than leaving anywhere in the window, in minutes.
    share_now : ndarray of float, shape (users,)
        Part of the fare that is let off when they leave without advice, by habit or as they have learned.
    """

    share: FloatArray
    part: FloatArray
    extra_min: FloatArray
    share_now: FloatArray

    @classmethod
    def of(cls, view: AdvisorView, group: IntArray) -> DiscountedWindows:
        """Look for the discounts of the scenario in the candidate windows of a view.

        Invariant: whoever leaves in the part gets the discount on all days that are known, so that nobody who moves for
        a free exit arrives a little after it has ended (tests/functional/test_incentive.py). Where an exit counts, that
        is where they would have come through in time, and with a margin, by the latest arrival of all those days.

        Parameters
        ----------
        view : AdvisorView
        group : ndarray of int, shape (commuters,)
            For the boundaries of discounts.
        """
        incentive = view.scenario.parameters.advisor.incentive
        discounts, applies_at = incentive.offered()
        stop = (view.population.origin if applies_at == "entry" else view.population.destination)[view.users]
        spans = _entry_parts if applies_at == "entry" else _exit_parts
        shape = view.candidates.window.shape
        share, part = np.zeros(shape), np.broadcast_to([0.0, 1.0], (*shape, 2)).copy()
        for discount in discounts:
            bounds = discount_bounds(discount, incentive, group[view.users])
            first, last = spans(view, *bounds)
            here = discount_stops(discount, view.scenario.network.stop_index, stop)[:, None]
            better = here & (last > first) & (discount.discount_share > share)
            share[better] = discount.discount_share
            part[better] = np.stack([first, last], axis=-1)[better]
        return cls(share, part, _extra_min(view, part), _share_now(view, group))

    def ending_by(self, view: AdvisorView, end: FloatArray) -> DiscountedWindows:
        """Return the same discounts with parts that end by a place in the window; parts beyond it have none.

        Parameters
        ----------
        view : AdvisorView
        end : ndarray of float, shape (users, candidates)
            As a share of the window.
        """
        part = self.part.copy()
        part[..., 1] = np.minimum(part[..., 1], end)
        beyond = part[..., 1] <= part[..., 0]
        part[beyond] = [0.0, 1.0]
        return replace(self, share=np.where(beyond, 0.0, self.share), part=part, extra_min=_extra_min(view, part))


def _entry_parts(view: AdvisorView, start_s: FloatArray, end_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where in each window an entry lies within the bounds of each user, shapes (users, candidates)."""
    width_s, opens_s = view.window_s, view.candidates.window * view.window_s
    first = np.clip((start_s[:, None] - opens_s) / width_s, 0.0, 1.0)
    last = np.clip((end_s[:, None] - opens_s) / width_s, 0.0, 1.0)
    return first, last


def _exit_parts(view: AdvisorView, start_s: FloatArray, end_s: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return where in each window those who leave arrive within the bounds on all days known."""
    days = [view.costs.forecast]
    days += [view.forecaster.forecast(day, view.candidates.cases) for day in view.observations]
    arrival_s = np.array([day.place_arrival_s for day in days])
    least_s, most_s = arrival_s.min(axis=0), arrival_s.max(axis=0)
    # Between two places of the forecast people arrive no earlier than from the first and no later than from the second:
    # a vehicle may leave between them. Beyond the ends of a window the places of its neighbours count, which are cases
    # next to it. Where there is none nobody knows how late one would be, and how early only that it is not before
    # the window opens.
    option, window = view.candidates.unique_option, view.candidates.unique_window
    follows = np.append((option[1:] == option[:-1]) & (window[1:] == window[:-1] + 1), False)
    before_s = np.where(np.roll(follows, 1), np.roll(least_s[:, -1], 1), window * view.window_s)
    after_s = np.where(follows, np.roll(most_s[:, 0], -1), np.inf)
    earliest_s = np.hstack([before_s[:, None], least_s[:, :-1]])
    latest_s = np.hstack([most_s[:, 1:], after_s[:, None]])
    case = view.candidates.case
    first, last = np.ones(case.shape), np.zeros(case.shape)
    by_s = end_s[:, None] - EXIT_MARGIN_S
    for cell in range(CELLS):
        inside = (earliest_s[case, cell] >= start_s[:, None]) & (latest_s[case, cell] < by_s)
        first[inside] = np.minimum(first[inside], cell / CELLS)
        last[inside] = (cell + 1) / CELLS
    return first, last


def _extra_min(view: AdvisorView, part: FloatArray) -> FloatArray:
    """Return what leaving in parts of windows costs more than anywhere in them: being early or late, and waiting."""
    rows, columns = np.nonzero((part[..., 0] > 0.0) | (part[..., 1] < 1.0))
    extra_min = np.zeros(part.shape[:2])
    if not len(rows):
        return extra_min
    population, who, preferences = view.population, view.users[rows], view.scenario.parameters.preferences
    arrival_s = view.costs.forecast.place_arrival_s[view.candidates.case[rows, columns]]
    traits = population.traits
    wish = (each[who][:, None] for each in (population.preferred_arrival_s, traits.early_factor, traits.late_factor))
    cost_min = schedule_cost_min(preferences, arrival_s, *wish)
    # From two places of a window people arrive as much later as they board, so that all but the time between is wait.
    cost_min += preferences.wait_weight * (arrival_s - PLACES_IN_WINDOW * view.window_s) / 60.0
    inside = _cells_of(part[rows, columns])
    extra_min[rows, columns] = (cost_min * inside).sum(axis=1) / inside.sum(axis=1) - cost_min.mean(axis=1)
    return extra_min


def _cells_of(part: FloatArray) -> BoolArray:
    """Tell which places of the forecast stand for each part, at least the one nearest to its middle."""
    inside = (part[:, :1] < PLACES_IN_WINDOW) & (part[:, 1:] > PLACES_IN_WINDOW)
    middle = np.minimum((part.mean(axis=1) * CELLS).astype(np.int64), CELLS - 1)
    inside[np.arange(len(part)), middle] = True
    return inside


def _share_now(view: AdvisorView, group: IntArray) -> FloatArray:
    """Return the discount that users have when they leave without advice, by the arrival forecast."""
    population, users = view.population, view.users
    leaves_s = view.own_departure_s[users]
    case = view.candidates.case[np.arange(len(users)), view.usual_column]
    arrives_s = leaving_at_s(view.forecaster, (view.forecast, view.costs.forecast), case, leaves_s)
    ends = population.origin[users], population.destination[users]
    return discount_shares(view.scenario, ends, (leaves_s, arrives_s), group[users])

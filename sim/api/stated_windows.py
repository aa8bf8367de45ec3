"""Windows as they are told to all who ask the same, and in which order to one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.api.advice_answer import UsualDeparture
from sim.errors import UnknownNameError
from sim.experiments.pair_forecasts import WindowCases
from sim.experiments.usual_departure import HabitDeparture
from sim.experiments.window_offers import WindowOffer
from sim.experiments.window_options import WindowOption


@dataclass(frozen=True)
class StatedWindows:
    """What is said to all who ask the same, whatever has been booked.

    Attributes
    ----------
    cases : WindowCases
        Windows that fit.
    windows : list of WindowOption
        What is said of each.
    habit : HabitDeparture or None
        Leaving as usual at a moment that is not told.
    """

    cases: WindowCases
    windows: list[WindowOption]
    habit: HabitDeparture | None

    def leaving_as_usual(
        self, offer: WindowOffer | None, usual_s: float | None, *, advised: bool
    ) -> UsualDeparture | None:
        """Return what is told of leaving as usual, at the moment that was told or else by habit.

        Parameters
        ----------
        offer : WindowOffer or None
            The usual window, or leaving by habit.
        usual_s : float or None
            When one usually leaves, seconds after midnight, if told.
        advised : bool
            Whether nothing is better.

        Returns
        -------
        UsualDeparture or None
            None without an offer.
        """
        if offer is None:
            return None
        window, told, hours_s = self.windows[offer.row], not offer.by_habit, (usual_s or 0.0, usual_s or 0.0)
        own_min = window.generalized_cost_min
        if self.habit is not None and not told:
            hours_s, own_min = self.habit.between_s, self.habit.own_min
        return UsualDeparture(told, *hours_s, window.window_start_s, own_min, offer.weighed_cost_min, advised)


def best_first(able: Sequence[WindowOffer], usual: WindowOffer | None) -> list[WindowOffer]:
    """Return windows best first; leaving by habit comes first where none is better, for the window around it.

    Parameters
    ----------
    able : sequence of WindowOffer
    usual : WindowOffer or None
        The usual window, or leaving by habit.
    """
    order = sorted(able, key=lambda offer: offer.rank)
    if usual is None or not usual.by_habit or usual.rank > order[0].rank:
        return order
    return [usual, *(offer for offer in order if offer.row != usual.row)]


def wanted_first(
    able: Sequence[WindowOffer], windows: Sequence[WindowOption], window_start_s: float
) -> list[WindowOffer]:
    """Return windows best first, after the one that was wanted.

    Parameters
    ----------
    able : sequence of WindowOffer
    windows : sequence of WindowOption
        What is said of all windows.
    window_start_s : float
        Of the one that is wanted.

    Raises
    ------
    UnknownNameError
        When there is no such window.
    """
    order = sorted(able, key=lambda offer: (windows[offer.row].window_start_s != window_start_s, offer.rank))
    if windows[order[0].row].window_start_s != window_start_s:
        raise UnknownNameError("no departure window that begins then fits the request", "no_window")
    return order

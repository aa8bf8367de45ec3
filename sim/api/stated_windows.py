"""Windows as they are told to all who ask the same, and in which order to one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.api.advice_answer import AdviceAnswer, UsualDeparture
from sim.errors import UnknownNameError
from sim.experiments.advice import windows_for
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.pair_forecasts import WindowCases
from sim.experiments.place_ledger import PlaceLedger
from sim.experiments.usual_departure import HabitDeparture, row_around
from sim.experiments.window_offers import ByMoment, WindowOffer
from sim.experiments.window_options import WindowOption
from sim.records.bookings import StoredBooking


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

    def usual_row(self, request: JourneyRequest) -> int | None:
        """Return the window in which one usually leaves, or in the middle of when people do by habit.

        Parameters
        ----------
        request : JourneyRequest
            The one that the windows fit.

        Returns
        -------
        int or None
            None where no window that fits is such a one.
        """
        if request.usual_s is not None:
            width_s = self.cases.pair.window_s
            start_s = request.usual_s // width_s * width_s
            return next((row for row, one in enumerate(self.windows) if one.window_start_s == start_s), None)
        if self.habit is None:
            return None
        looked_at, _ = windows_for(self.cases.pair, request)
        return row_around(self.cases, self.habit.middle_s, looked_at.start)


@dataclass(frozen=True)
class ChosenWindow:
    """A window beside all others that somebody could have had.

    Attributes
    ----------
    stated : StatedWindows
    order : list of WindowOffer
        The one that was chosen, and then the others, best first.
    usual : WindowOffer or None
        The window in which one usually leaves, or leaving by habit.
    usual_s : float or None
        When one usually leaves, seconds after midnight, if told.
    by_moment : ByMoment or None
        What is better by when one usually leaves, where that was not told and it depends on it.
    """

    stated: StatedWindows
    order: list[WindowOffer]
    usual: WindowOffer | None
    usual_s: float | None
    by_moment: ByMoment | None = None

    @property
    def best(self) -> WindowOffer:
        """The one that was chosen."""
        return self.order[0]

    @property
    def window(self) -> WindowOption:
        """What is said of it."""
        return self.stated.windows[self.best.row]

    def booking(self, told: tuple[int, int, int]) -> StoredBooking:
        """Return what is counted of whoever does as told.

        Parameters
        ----------
        told : tuple of int
            Rows of the stops where the journey begins and ends, and number of the window.
        """
        if self.by_moment is not None:
            # It is told only where both have a place.
            return StoredBooking(True, self.by_moment.places, told, self.by_moment.moments)
        return StoredBooking(self.best.has_place, self.best.places_taken, told, self.best.moments)

    def answer(
        self,
        places: PlaceLedger,
        show_share: float,
        booking_id: str | None = None,
        left: Callable[[WindowOffer], int] = lambda offer: offer.left,
    ) -> AdviceAnswer:
        """Return what whoever asked is told.

        Parameters
        ----------
        places : PlaceLedger
        show_share : float
            Share of bookings that is kept.
        booking_id : str or None
            Number of the booking, if it was one.
        left : callable
            Returns how many more may book an offer; as it stood at the choice where it is not given.
        """
        others, by_moment = self.order[1:], self.by_moment
        return AdviceAnswer(
            booking_id=booking_id,
            window=self.window,
            has_place=self.best.has_place,
            places_left=left(self.best),
            places=places.foreseen(self.best.places, show_share),
            own_cost_min=self.best.own_min,
            others_cost_min=self.best.others_min,
            weighed_cost_min=self.best.weighed_cost_min,
            usual=None if self.usual is None else self._leaving_as_usual(self.usual, left(self.usual)),
            other_windows=tuple(self.stated.windows[offer.row] for offer in others),
            other_places_left=tuple(left(offer) for offer in others),
            other_weighed_costs_min=tuple(offer.weighed_cost_min for offer in others),
            keep_between_s=() if by_moment is None else by_moment.keep_between_s,
            else_start_s=None if by_moment is None else self.stated.windows[by_moment.row].window_start_s,
        )

    def _leaving_as_usual(self, usual: WindowOffer, left: int) -> UsualDeparture:
        """Return what is told of leaving as usual, at the moment that was told or else by habit."""
        window, told, own_s = self.stated.windows[usual.row], not usual.by_habit, self.usual_s or 0.0
        hours_s, own_min = (own_s, own_s), window.generalized_cost_min
        moments_s, costs_min = (), ()
        if usual.at_moments is not None:
            habit = usual.at_moments.habit
            hours_s, own_min, moments_s = habit.between_s, float(habit.moment_min.mean()), habit.moments_s.tolist()
            costs_min = usual.at_moments.weighed_cost_min.tolist()
        return UsualDeparture(
            told=told,
            earliest_s=hours_s[0],
            latest_s=hours_s[1],
            window_start_s=window.window_start_s,
            generalized_cost_min=own_min,
            weighed_cost_min=usual.weighed_cost_min,
            places_left=left,
            has_place=left >= 1 or usual.keeps_place,
            advised=usual is self.best,
            moments_s=tuple(moments_s),
            moment_costs_min=tuple(costs_min),
        )


def best_first(able: Sequence[WindowOffer], usual: WindowOffer | None, by_moment: ByMoment | None) -> list[WindowOffer]:
    """Return windows best first; leaving by habit comes first where none is better, for the window around it.

    Parameters
    ----------
    able : sequence of WindowOffer
    usual : WindowOffer or None
        The usual window, or leaving by habit.
    by_moment : ByMoment or None
        Its window comes first where leaving by habit does not: it is the best one for those who are to leave in it.
    """
    order = sorted(able, key=lambda offer: offer.rank)
    if usual is not None and usual.by_habit and usual.rank <= order[0].rank:
        return _with_first(usual, order)
    if by_moment is None:
        return order
    return _with_first(next(offer for offer in order if offer.row == by_moment.row), order)


def _with_first(wanted: WindowOffer, order: Sequence[WindowOffer]) -> list[WindowOffer]:
    return [wanted, *(offer for offer in order if offer.row != wanted.row)]


def wanted_first(
    able: Sequence[WindowOffer],
    windows: Sequence[WindowOption],
    window_start_s: float,
    usual: WindowOffer | None,
) -> list[WindowOffer]:
    """Return windows best first, after the one that was wanted.

    Parameters
    ----------
    able : sequence of WindowOffer
    windows : sequence of WindowOption
        What is said of all windows.
    window_start_s : float
        Of the one that is wanted.
    usual : WindowOffer or None
        Leaving as usual, taken in place of the window around it if that is the one wanted; None where the window
        itself is wanted.

    Raises
    ------
    UnknownNameError
        When there is no such window.
    """
    order = sorted(able, key=lambda offer: offer.rank)
    wanted = next((offer for offer in order if windows[offer.row].window_start_s == window_start_s), None)
    if wanted is None:
        raise UnknownNameError("no departure window that begins then fits the request", "no_window")
    return _with_first(usual if usual is not None and usual.row == wanted.row else wanted, order)

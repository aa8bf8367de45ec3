"""What the advisor answers, and how a day of bookings stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sim.experiments.window_options import WindowOption


@dataclass(frozen=True)
class UsualDeparture:
    """Leaving as usual, beside what is advised.

    Attributes
    ----------
    told : bool
        Whether whoever asks said when they usually leave. Else it is what people of the run with such a wish do without
        advice, the mean over moments that stand for all at which these leave (`sim.experiments.departures_by_wish`).
    earliest_s, latest_s : float
        When that is, seconds after midnight: the moment told twice, or the first and the last of these moments.
    window_start_s : float
        Start of the window around it.
    generalized_cost_min : float
        What it costs whoever asks, on the days observed; equivalent minutes on board.
    weighed_cost_min : float
        What it is compared by, as of `AdviceAnswer`.
    places_left : int
        How many more may be counted as leaving so. Where the moment was not told it is that at all moments of habit,
        and not what the window around it has left.
    has_place : bool
        Whether somebody finds a place so: one is left, or they are among those who leave then anyhow.
    advised : bool
        Whether it is what is advised: no window is better.
    moments_s : tuple of float
        Moments that stand for all at which these people leave, seconds after midnight; none where the moment was told.
    moment_costs_min : tuple of float
        What leaving as usual is compared by at each of them.
    """

    told: bool
    earliest_s: float
    latest_s: float
    window_start_s: float
    generalized_cost_min: float
    weighed_cost_min: float
    places_left: int
    has_place: bool
    advised: bool
    moments_s: tuple[float, ...] = ()
    moment_costs_min: tuple[float, ...] = ()


@dataclass(frozen=True)
class AdviceAnswer:
    """What the advisor answers.

    Attributes
    ----------
    booking_id : str or None
        Random number by which the booking is given back; it names nobody. None where nothing was booked.
    window : WindowOption
        The window advised, or that around the usual departure where leaving as usual is: with vehicle and line to aim
        for, door-to-door time and spread, crowding at the fullest part of the way, chances of a seat, of boarding the
        first vehicle and of being on time, how sure that is, and what it costs others.
    has_place : bool
        Whether the window had a place left. Where no window has one the answer is that which costs all the least.
    places_left, places : int
        How many more may book this way in this window once this answer is given, and how many could in all.
    own_cost_min, others_cost_min : float
        What the window costs whoever asks, and all others, given everything booked so far; equivalent minutes on board.
    weighed_cost_min : float
        What windows are compared by: the cost for whoever asks and all others at the prices of the plan. Of others it
        is what means by period make one expect, on which prices are learned, and not `others_cost_min`. Where the run
        holds no plan it is the cost for whoever asks.
    usual : UsualDeparture or None
        Leaving as usual. None where no arrival is wished, where that moment is past, and where it does not fit the
        request.
    other_windows : tuple of WindowOption
        The others that fit the request, the best first.
    other_places_left : tuple of int
        How many more may book each of these once this answer is given.
    other_weighed_costs_min : tuple of float
        What these are compared by.
    keep_between_s : tuple of tuple of float
        From when to when, seconds after midnight, whoever usually leaves then is to keep to it, where that was not told
        and the advice depends on it; else empty. A booking is then counted by the chances of either.
    else_start_s : float or None
        Start of the window for all others; None where there are no such moments.
    """

    booking_id: str | None
    window: WindowOption
    has_place: bool
    places_left: int
    places: int
    own_cost_min: float
    others_cost_min: float
    weighed_cost_min: float
    usual: UsualDeparture | None = None
    other_windows: tuple[WindowOption, ...] = ()
    other_places_left: tuple[int, ...] = ()
    other_weighed_costs_min: tuple[float, ...] = ()
    keep_between_s: tuple[tuple[float, float], ...] = ()
    else_start_s: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as plain values, for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class BookingCounts:
    """How the day stands.

    Attributes
    ----------
    day : int
        Days closed before it.
    booked : int
        Bookings of the day, with a place and without: those that are held, and those of whom it was said that they were
        kept.
    without_place : int
        Those for which no place was left.
    kept, missed : int
        Bookings of which somebody said whether they were kept, over all days.
    show_share : float
        Share of bookings that is expected to be kept.
    """

    day: int
    booked: int
    without_place: int
    kept: int
    missed: int
    show_share: float

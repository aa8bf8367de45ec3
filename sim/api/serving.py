"""What the app is given: answers to commuters' questions, from the days of a run and the advisor that counts places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from sim.api.advice_answer import AdviceAnswer, UsualDeparture
from sim.api.advisor import Advisor
from sim.api.results import RunResult
from sim.app import JourneyQuestion, ServedRun
from sim.errors import SimError, UnknownNameError
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.pair_forecasts import service_hours
from sim.experiments.window_options import WindowOption
from sim.loading.from_manifest import scenario_from_manifest
from sim.units import DAY_S, format_clock_short

LEAST_GAIN_MIN: Final = 1.0
"""By how much a window must be cheaper than the usual one to be worth moving for; the threshold of winners."""

ENOUGH_SHARE: Final = 0.5
"""Part of what the best window saves, from which the smallest shift that saves it is told first (by trial).

Small shifts are easier to make, but where windows are narrow the smallest one that helps at all may save little. If all
who ask on two lines take what is told first, in windows of 2 min, they keep 87 % of what a plan for them saves; 74 %
where any gain is enough, and 82 % where nine tenths of the best are asked for."""

AROUND_S: Final = 3 * 3600.0
"""How far around the wish windows are shown, so that one sees the whole period; assumed."""

SEAT_SHARE: Final = 0.8
"""Chance of a seat from which one is told to find one; assumed."""

LEVELS: Final = (0.60, 0.80)
"""Highest load factors at which those who stand stand easily, and are touched by shoulders; beyond the last of them one
can hardly move. Assumed."""

LEFT_BEHIND_SHARE: Final = 0.05
"""Chance of being left behind from which one is warned of it, however full vehicles are; assumed."""

ON_TIME_SHARE: Final = 0.9
LEAST_CHANGE_SHARE: Final = 0.05
"""Chance to be on time that is good enough, and change of it that is told; assumed."""

LEAST_REACH_S: Final = 3600.0
"""How far from the wish a time of leaving may lie to count as an answer, where one can move less; assumed."""

FEW_DAYS: Final = 5
WIDE_MIN: Final = 3.0
"""Days below which, and half-width of the expected time above which, a forecast is not called sure; assumed."""


class RunForecast:
    """Answers questions about a run, and counts the places it gave away.

    Parameters
    ----------
    run : ServedRun

    Raises
    ------
    SimError
        When the run holds no tables, or its network is not to be found.
    """

    def __init__(self, run: ServedRun) -> None:
        if not run.has_tables:
            text = "a sweep keeps results alone, so nobody can be told when to travel from it"
            raise UnknownNameError(text, "sweep")
        try:
            scenario = scenario_from_manifest(run.manifest, run.path / "manifest.json")
        except SimError:
            # The message names folders of this machine, which concern nobody who asks.
            raise UnknownNameError(
                "the scenario of this run cannot be read here, since its network has moved or another version wrote "
                "it; nobody can be told when to travel from it",
                "scenario_moved",
            ) from None
        self._advisor = Advisor(RunResult(scenario, dict(run.manifest), dict(run.summary), run.tables()))
        self._version = 0

    @property
    def version(self) -> int:
        """A number that changes with every booking."""
        return self._version

    def answer(self, question: JourneyQuestion) -> dict[str, Any]:
        """Return departure windows for a journey: first the smallest shift that saves half of what the best one does.

        Returns
        -------
        dict
            `windows`, each with the fields of `WindowOption`, `places_left`, whether one finds a place, `has_place`,
            `shift_min` and `gain_min` against the usual, whether it is the `usual` window, `useful` and `within` what
            was accepted, and `verdict`, see `verdict_of`; `usual_start_s`, start of the window in which one leaves as
            usual, and whether that was told, `usual_told`, or is the middle of when people with that wish leave by
            habit; `usual_from_s` and `usual_until_s`, from when to when these leave, or that window; `days_observed`,
            `strategy` whose days were observed, `currency` of fares, and the wish.

        Raises
        ------
        UnknownNameError
            When there is no such stop, or no journey.
        """
        question = self._on_the_day_of_service(question)
        request = _request(question)
        answer = self._advisor.ask(request)
        offered = sorted(_offered(answer), key=lambda one: one.option.window_start_s)
        around = self._usual(offered, answer.usual, request, question)
        usual, from_s, until_s = around, around.option.window_start_s, around.option.window_end_s
        if answer.usual is not None and not answer.usual.told:
            usual = _at_moments_of_habit(around, answer.usual)
            from_s, until_s = answer.usual.earliest_s, answer.usual.latest_s
        scenario = self._advisor.scenario
        return {
            "arrive_by_s": question.arrive_by_s,
            "leave_after_s": question.leave_after_s,
            "usual_start_s": usual.option.window_start_s,
            "usual_told": question.usual_s is not None,
            "usual_from_s": from_s,
            "usual_until_s": until_s,
            "days_observed": usual.option.days_observed,
            "strategy": self._advisor.strategy,
            "currency": scenario.parameters.fares.currency,
            "lines": {line.line_id: line.name or line.line_id for line in scenario.service.lines},
            "windows": _told(offered, around, usual, question),
        }

    def book(self, question: JourneyQuestion, window_start_s: float, *, as_usual: bool = False) -> dict[str, Any]:
        """Hold a place in a window, or as `Advisor.book` has it for leaving as usual, of which it is the window.

        Raises
        ------
        UnknownNameError
            When there is no such window.
        """
        request = _request(self._on_the_day_of_service(question))
        found = self._advisor.book(request, window_start_s, as_usual=as_usual)
        self._version += 1
        return {
            "booking_id": found.booking_id,
            "has_place": found.has_place,
            "places_left": found.places_left,
            "window_start_s": found.window.window_start_s,
        }

    def cancel(self, booking_id: str) -> None:
        """Give a place back.

        Raises
        ------
        UnknownNameError
            When no booking of that number is held.
        """
        self._advisor.cancel(booking_id)
        self._version += 1

    def counts(self) -> dict[str, Any]:
        """Return all that is kept of bookings: how many there are."""
        counted = self._advisor.counts()
        return {"booked": counted.booked, "without_place": counted.without_place}

    def _on_the_day_of_service(self, question: JourneyQuestion) -> JourneyQuestion:
        """Return a question with times of the night read as those after midnight of the day of service.

        Clocks show 00:30 where a timetable has 24:30. No vehicle is lost by it: these are times before the first one
        (test_times_after_midnight_are_found_by_what_clocks_show).
        """
        hours_s = service_hours(self._advisor.scenario)
        by_s, after_s = (_after_midnight(time_s, *hours_s) for time_s in (question.arrive_by_s, question.leave_after_s))
        if (by_s, after_s) == (question.arrive_by_s, question.leave_after_s) and max(by_s or 0, after_s or 0) < DAY_S:
            return question  # perhaps asked at 00:30 about the morning that comes
        usual_s, at_s = (_after_midnight(time_s, *hours_s) for time_s in (question.usual_s, question.asked_at_s))
        return replace(question, arrive_by_s=by_s, leave_after_s=after_s, usual_s=usual_s, asked_at_s=at_s)

    def _usual(
        self,
        offered: Sequence[_Offered],
        known: UsualDeparture | None,
        request: JourneyRequest,
        question: JourneyQuestion,
    ) -> _Offered:
        """Return the window in which one usually leaves, or else people with that wish do by habit.

        It is the one that the advisor sets leaving as usual in, where it knows it. The window with the nearest middle
        is another one where windows that only wait for a vehicle are left out: its own cost would pass for that of
        leaving as usual (test_the_window_in_the_middle_of_habit_is_advised_where_it_is_better).
        """
        aim_s = self._advisor.usual_departure_s(request)
        if aim_s is None:
            return offered[0]
        if request.asked_at_s is not None:
            # When that is past, to leave now is as near as one comes.
            aim_s = max(aim_s, request.asked_at_s)
        if known is None:
            # A window holds its start and not its end: between the middles of two it is the later one.
            usual = min(reversed(offered), key=lambda one: abs(_middle_s(one.option) - aim_s))
        else:
            usual = next(one for one in offered if one.option.window_start_s == known.window_start_s)
        if abs(_middle_s(usual.option) - aim_s) > max(question.earlier_s, question.later_s, LEAST_REACH_S):
            first, last = (
                format_clock_short(time_s) for time_s in (usual.option.window_start_s, usual.option.window_end_s)
            )
            text = f"no vehicle runs around the time wished; the nearest time to leave is {first} to {last}"
            raise UnknownNameError(text, "nearest_time", first=first, last=last)
        return usual


@dataclass(frozen=True)
class _Offered:
    """A window with the places it has left, and what the advisor compares it by."""

    option: WindowOption
    left: int
    weighed_cost_min: float
    keeps_place: bool = False

    @property
    def has_place(self) -> bool:
        """Whether one finds a place in it."""
        return self.left >= 1 or self.keeps_place


def _offered(answer: AdviceAnswer) -> list[_Offered]:
    options = answer.window, *answer.other_windows
    left = answer.places_left, *answer.other_places_left
    costs_min = answer.weighed_cost_min, *answer.other_weighed_costs_min
    usual = answer.usual
    # Whoever leaves as usual may keep a place where none is left for others.
    kept_s = usual.window_start_s if usual is not None and usual.has_place and usual.places_left < 1 else None
    return [
        _Offered(option, n, cost_min, option.window_start_s == kept_s)
        for option, n, cost_min in zip(options, left, costs_min, strict=True)
    ]


def _at_moments_of_habit(around: _Offered, usual: UsualDeparture) -> _Offered:
    """Return the usual window as it costs people who leave by habit, each at a moment that they do not tell.

    Others may leave at any time of it. Were that what it costs, whoever does not say when they leave would be sent to
    other windows for less than they lose there
    (test_whoever_does_not_say_when_they_leave_is_not_moved_for_nothing). Its places are those of all these moments, as
    they are booked (tests/functional/test_booking_a_plan.py).
    """
    option = replace(around.option, generalized_cost_min=usual.generalized_cost_min)
    return replace(around, option=option, left=usual.places_left, weighed_cost_min=usual.weighed_cost_min)


def _after_midnight(time_s: float | None, first_s: float, last_s: float) -> float | None:
    """Return a time a day later where the day of service has vehicles then, and none yet when it is said to be."""
    return time_s if time_s is None or time_s >= first_s or time_s + DAY_S > last_s else time_s + DAY_S


def _request(question: JourneyQuestion) -> JourneyRequest:
    """Ask for the whole period; what is accepted is marked among it."""
    reach_s = max(AROUND_S, question.later_s)
    try:
        return JourneyRequest(
            question.origin,
            question.destination,
            arrive_by_s=question.arrive_by_s,
            leave_after_s=question.leave_after_s,
            earlier_s=max(AROUND_S, question.earlier_s),
            later_s=reach_s,
            usual_s=question.usual_s,
            asked_at_s=question.asked_at_s,
        )
    except ValueError as error:
        # All else that cannot be asked is refused before it gets here.
        raise UnknownNameError(str(error), "usual_too_late") from None


def _middle_s(option: WindowOption) -> float:
    return (option.window_start_s + option.window_end_s) / 2.0


def _told(
    offered: Sequence[_Offered], around: _Offered, usual: _Offered, question: JourneyQuestion
) -> list[dict[str, Any]]:
    """Return windows as they are told: useful ones by the size of the shift, the usual one, then the others by cost.

    Useful ones that save at least half of what the best of them does come first of all. The window around when people
    with a wish leave by habit is itself advice where they leave at many other times, too, and it is better than these
    (test_the_window_in_the_middle_of_habit_is_advised_where_it_is_better).

    Parameters
    ----------
    offered : sequence of _Offered
    around : _Offered
        The one of them in which one usually leaves, or in the middle of when people do.
    usual : _Offered
        What leaving as usual costs.
    question : JourneyQuestion
    """
    told, saves_min = [], {one.option.window_start_s: usual.weighed_cost_min - one.weighed_cost_min for one in offered}
    for each in offered:
        verdict = verdict_of(each, usual)
        stays = each is around and verdict not in USEFUL
        one = usual if stays else each
        option = one.option
        shift_s = option.window_start_s - usual.option.window_start_s
        facts = {
            "places_left": one.left,
            "has_place": one.has_place,
            "shift_min": shift_s / 60.0,
            "usual": shift_s == 0.0,
            "useful": verdict in USEFUL,
            "verdict": "usual" if stays else verdict,
            "within": -question.earlier_s <= shift_s <= question.later_s,
            "gain_min": usual.option.generalized_cost_min - option.generalized_cost_min,
            "level": level_of(option),
            "sureness": sureness_of(option),
        }
        told.append({**option.as_dict(), **facts})
    best_min = max((saves_min[one["window_start_s"]] for one in told if one["useful"] and one["within"]), default=0.0)
    return sorted(told, key=lambda one: _place(one, saves_min[one["window_start_s"]] >= ENOUGH_SHARE * best_min))


Verdict = Literal["usual", "better", "better_for_all", "riskier", "full", "not_for_all", "dearer"]
USEFUL: Final = ("better", "better_for_all")


def verdict_of(one: _Offered, usual: _Offered) -> Verdict:
    """Say what a window is against the usual one.

    A window helps where what the advisor compares windows by is less. On days on which a plan is followed that is the
    cost for all at its prices: a day on which others have made room looks best to whoever leaves as usual, and were all
    to go by that the room would be gone
    (tests/functional/test_a_day_of_requests.py: test_whoever_follows_the_app_gets_most_of_the_plan).

    Returns
    -------
    str
        `usual`; `better` for oneself, and on a plan's days for all; `better_for_all`, though not for oneself;
        `riskier`, since one is late more often; `full`, without a place left; `not_for_all`, better for oneself at the
        cost of others; or `dearer`.
    """
    if one is usual:
        return "usual"
    helps_oneself = usual.option.generalized_cost_min - one.option.generalized_cost_min >= LEAST_GAIN_MIN
    helps = usual.weighed_cost_min - one.weighed_cost_min >= LEAST_GAIN_MIN
    if not helps:
        return "not_for_all" if helps_oneself else "dearer"
    if _late_more_often(one.option, usual.option):
        return "riskier"
    if not one.has_place:
        return "full"
    return "better" if helps_oneself else "better_for_all"


def _late_more_often(option: WindowOption, usual: WindowOption) -> bool:
    """Tell whether a window makes one late more often than usual, and often: that is no help, however cheap it is."""
    if not option.on_time_share < ON_TIME_SHARE:  # good enough, or no arrival was asked for
        return False
    return option.mostly_late or option.on_time_share < usual.on_time_share - LEAST_CHANGE_SHARE


def _place(window: Mapping[str, Any], enough: bool) -> tuple[int, float]:
    """Return where a window is told: the smallest shift that saves enough first, or the usual one if none is useful."""
    if window["useful"]:
        return (0 if enough else 1), abs(window["shift_min"])
    return (2, 0.0) if window["usual"] else (3, window["generalized_cost_min"])


def level_of(option: WindowOption) -> int:
    """Say what one can do at the fullest part of the way.

    Returns
    -------
    int
        0 sit, 1 stand easily, 2 shoulders touch, 3 hardly move, 4 perhaps not board at all.
    """
    if option.denied_share >= LEFT_BEHIND_SHARE:
        return len(LEVELS) + 2
    if option.seat_share >= SEAT_SHARE:
        return 0
    return 1 + sum(option.load_factor >= limit for limit in LEVELS)


def sureness_of(option: WindowOption) -> str:
    """Say how sure a forecast is, by the days seen and the interval of the expected time."""
    if option.days_observed < FEW_DAYS:
        return "low"
    return "high" if option.door_to_door_half_width_min <= WIDE_MIN else "fair"


def forecast_of(run: ServedRun) -> RunForecast:
    """Return what answers questions about a run.

    Raises
    ------
    SimError
        When nothing can.
    """
    return RunForecast(run)

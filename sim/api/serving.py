"""What the app is given: answers to commuters' questions, from the days of a run and the advisor that counts places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sim.api.advice_answer import AdviceAnswer, UsualDeparture
from sim.api.advisor import Advisor
from sim.api.results import RunResult
from sim.api.told_windows import OfferedWindow, keeping_by_moment, told_windows
from sim.app import JourneyQuestion, ServedRun
from sim.errors import SimError, UnknownNameError
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.pair_forecasts import service_hours
from sim.experiments.window_options import WindowOption
from sim.loading.from_manifest import scenario_from_manifest
from sim.units import DAY_S, format_clock_short

AROUND_S: Final = 3 * 3600.0
"""How far around the wish windows are shown, so that one sees the whole period; assumed."""

LEAST_REACH_S: Final = 3600.0
"""How far from the wish a time of leaving may lie to count as an answer, where one can move less; assumed."""


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
            `strategy` whose days were observed, `currency` of fares, and the wish; `keep_between_s`, from when to when
            whoever usually leaves then is to keep to it, where that was not told and the advice depends on it, and
            `else_start_s`, start of the window for all others.

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
        scenario, told = self._advisor.scenario, told_windows(offered, around, usual, question)
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
            "windows": told,
            **keeping_by_moment(told, offered, usual, answer.usual, question),
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
        offered: Sequence[OfferedWindow],
        known: UsualDeparture | None,
        request: JourneyRequest,
        question: JourneyQuestion,
    ) -> OfferedWindow:
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


def _offered(answer: AdviceAnswer) -> list[OfferedWindow]:
    options = answer.window, *answer.other_windows
    left = answer.places_left, *answer.other_places_left
    costs_min = answer.weighed_cost_min, *answer.other_weighed_costs_min
    usual = answer.usual
    # Whoever leaves as usual may keep a place where none is left for others.
    kept_s = usual.window_start_s if usual is not None and usual.has_place and usual.places_left < 1 else None
    return [
        OfferedWindow(option, n, cost_min, option.window_start_s == kept_s)
        for option, n, cost_min in zip(options, left, costs_min, strict=True)
    ]


def _at_moments_of_habit(around: OfferedWindow, usual: UsualDeparture) -> OfferedWindow:
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


def forecast_of(run: ServedRun) -> RunForecast:
    """Return what answers questions about a run.

    Raises
    ------
    SimError
        When nothing can.
    """
    return RunForecast(run)

"""What the app is given: answers to commuters' questions, from the days of a run and the advisor that counts places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sim.api.advisor import Advisor
from sim.api.results import RunResult
from sim.app import JourneyQuestion, ServedRun
from sim.errors import SimError, UnknownNameError
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.window_options import WindowOption
from sim.loading.from_manifest import scenario_from_manifest
from sim.units import format_clock_short

LEAST_GAIN_MIN: Final = 1.0
"""By how much a window must be cheaper than the usual one to be worth moving for; the threshold of winners."""

AROUND_S: Final = 3 * 3600.0
"""How far around the wish windows are shown, so that one sees the whole period; assumed."""

SEAT_SHARE: Final = 0.8
"""Chance of a seat from which one is told to find one; assumed."""

LEVELS: Final = (0.60, 0.80)
"""Highest load factors at which those who stand stand easily, and are touched by shoulders; beyond the last of them one
can hardly move. Assumed, near those of `sim.model.fullness.OCCUPANCY`."""

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
        """Return departure windows for a journey, those that ask for the smallest useful shift first.

        Returns
        -------
        dict
            `windows`, each with the fields of `WindowOption`, `places_left`, `shift_min` against the usual window,
            whether it is `usual`, `useful` and `within` what was accepted; `usual_start_s`, when people with that wish
            leave by habit; `days_observed`, `strategy` whose days were observed, `currency` of fares, and the wish.

        Raises
        ------
        UnknownNameError
            When there is no such stop, or no journey.
        """
        found = self._advisor.ask(_request(question))
        places = (found.places_left, *found.other_places_left)
        left = dict(zip((found.window, *found.other_windows), places, strict=True))
        options = sorted(left, key=lambda option: option.window_start_s)
        usual = self._usual(options, question)
        scenario = self._advisor.scenario
        return {
            "arrive_by_s": question.arrive_by_s,
            "leave_after_s": question.leave_after_s,
            "usual_start_s": usual.window_start_s,
            "days_observed": usual.days_observed,
            "strategy": self._advisor.strategy,
            "currency": scenario.parameters.fares.currency,
            "lines": {line.line_id: line.name or line.line_id for line in scenario.service.lines},
            "windows": _told(options, left, usual, question),
        }

    def book(self, question: JourneyQuestion, window_start_s: float) -> dict[str, Any]:
        """Hold a place in a window.

        Raises
        ------
        UnknownNameError
            When there is no such window.
        """
        found = self._advisor.book(_request(question), window_start_s)
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

    def _usual(self, options: Sequence[WindowOption], question: JourneyQuestion) -> WindowOption:
        """Return the window in which people with that wish leave by habit.

        Habit keeps `population.preferred_arrival_slack` in hand beyond the journey at free running time, see
        `sim.population.commuters`; the fastest window stands for that.
        """
        if question.arrive_by_s is None:
            return options[0]
        slack_s = self._advisor.scenario.parameters.population.preferred_arrival_slack_s
        fastest_s = min(option.door_to_door_min for option in options) * 60.0
        aim_s = question.arrive_by_s - fastest_s - slack_s
        usual = min(options, key=lambda option: abs(_middle_s(option) - aim_s))
        if abs(_middle_s(usual) - aim_s) > max(question.earlier_s, question.later_s, LEAST_REACH_S):
            first, last = format_clock_short(usual.window_start_s), format_clock_short(usual.window_end_s)
            text = f"no vehicle runs around the time wished; the nearest time to leave is {first} to {last}"
            raise UnknownNameError(text, "nearest_time", first=first, last=last)
        return usual


def _request(question: JourneyQuestion) -> JourneyRequest:
    """Ask for the whole period; what is accepted is marked among it."""
    reach_s = max(AROUND_S, question.later_s)
    return JourneyRequest(
        question.origin,
        question.destination,
        arrive_by_s=question.arrive_by_s,
        leave_after_s=question.leave_after_s,
        earlier_s=max(AROUND_S, question.earlier_s),
        later_s=reach_s,
    )


def _middle_s(option: WindowOption) -> float:
    return (option.window_start_s + option.window_end_s) / 2.0


def _told(
    options: Sequence[WindowOption], left: Mapping[WindowOption, int], usual: WindowOption, question: JourneyQuestion
) -> list[dict[str, Any]]:
    """Return windows as they are told: useful ones by the size of the shift, the usual one, then the others by cost."""
    told = []
    for option in options:
        gain_min = usual.generalized_cost_min - option.generalized_cost_min
        shift_s = option.window_start_s - usual.window_start_s
        facts = {
            "places_left": left[option],
            "shift_min": shift_s / 60.0,
            "usual": option is usual,
            "useful": gain_min >= LEAST_GAIN_MIN and not _late_more_often(option, usual),
            "within": -question.earlier_s <= shift_s <= question.later_s,
            "gain_min": gain_min,
            "level": level_of(option),
            "sureness": sureness_of(option),
        }
        told.append({**option.as_dict(), **facts})
    return sorted(told, key=_place)


def _late_more_often(option: WindowOption, usual: WindowOption) -> bool:
    """Tell whether a window makes one late more often than usual, and often: that is no help, however cheap it is."""
    if not option.on_time_share < ON_TIME_SHARE:  # good enough, or no arrival was asked for
        return False
    return option.mostly_late or option.on_time_share < usual.on_time_share - LEAST_CHANGE_SHARE


def _place(window: Mapping[str, Any]) -> tuple[int, float]:
    """Return where a window is told: the smallest useful shift first, and where none is useful, to leave as usual."""
    if window["useful"]:
        return 0, abs(window["shift_min"])
    return (1, 0.0) if window["usual"] else (2, window["generalized_cost_min"])


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

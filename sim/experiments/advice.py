"""Departure windows for one journey, from the tables of a run."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from sim.advisor.loop import compile_journeys
from sim.advisor.window_width import WIDTHS_S, with_width
from sim.errors import UnknownNameError
from sim.experiments.journey_request import JourneyRequest
from sim.experiments.observed_days import days_as_counted, observed_days
from sim.experiments.pair_forecasts import (
    ASKED_S,
    PairForecasts,
    WindowCases,
    compile_for,
    service_hours,
)
from sim.experiments.window_options import WindowOption
from sim.experiments.window_statements import own_costs_min, window_statements
from sim.metrics.grouping import of_strategy
from sim.model.no_advice import NO_ADVICE
from sim.model.scenario import Scenario
from sim.population.idle_windows import is_after_all_places
from sim.population.observation import VisitFacts
from sim.population.windows import window_of, windows_within
from sim.records.table import Table
from sim.units import format_clock_short


def advise_from_tables(
    scenario: Scenario, tables: Mapping[str, Table], request: JourneyRequest, discounting: Collection[str] = ()
) -> list[WindowOption]:
    """State every window that fits a request, best first.

    Parameters
    ----------
    scenario : Scenario
        The one that made the tables.
    tables : mapping of str to Table
        `stop_visits` and `legs`; each kept day of each replication without advice is one observed day, every kept day
        where all had advice.
    request : JourneyRequest
    discounting : collection of str
        Strategies that offered fare discounts, see `discounting_strategies`; fares count them where all days observed
        had one of these.

    Returns
    -------
    list of WindowOption
        The cheapest first; windows from which one is late on most days come after all others, and those from which one
        is on time less often than asked are left out.

    Raises
    ------
    UnknownNameError
        When a stop does not exist, no journey leads from one to the other around that time, or none is on time as
        often as asked.
    """
    days = observed_days(scenario, {name: _unadvised(tables[name]) for name in ("stop_visits", "legs")})
    seen = tables["stop_visits"].categories["strategy"]
    has_discounts = NO_ADVICE not in seen and set(seen) <= set(discounting)
    cases = cases_for(pair_forecasts(scenario, days, request, has_discounts=has_discounts), request)
    options = window_statements(cases, request, own_costs_min(cases, request))
    kept = [option for option in options if not option.on_time_share < request.on_time_share]
    if not kept:
        most = max(option.on_time_share for option in options)
        raise UnknownNameError(
            f"no departure window is on time in {request.on_time_share:.0%} of cases; the best one is in {most:.0%}"
        )
    late = windows_to_put_back(cases, request, options)
    return sorted(kept, key=lambda option: (option.window_start_s in late, option.generalized_cost_min))


def windows_to_put_back(cases: WindowCases, request: JourneyRequest, options: Sequence[WindowOption]) -> set[float]:
    """Return when the windows begin that come after all others: those in which one is late on most days.

    Whoever is late on most days by leaving as usual knows it, and may be late by less in one of them; a plan for all
    has many such people where congestion is deep.

    Parameters
    ----------
    cases : WindowCases
    request : JourneyRequest
    options : sequence of WindowOption
        What is said of the windows.
    """
    late = {option.window_start_s for option in options if option.mostly_late}
    if request.usual_s is not None and request.usual_s // cases.pair.window_s * cases.pair.window_s in late:
        return set()
    return late


def discounting_strategies(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the strategies of a run that offered fare discounts, by its manifest."""
    facts = manifest.get("strategy_facts", ())
    return tuple(str(one["name"]) for one in facts if one.get("offers_discounts"))


def _unadvised(table: Table) -> Table:
    """Return the rows of the days without advice, all rows where there are none."""
    return of_strategy(table, NO_ADVICE) if NO_ADVICE in table.categories["strategy"] else table


def pair_forecasts(
    scenario: Scenario, days: Sequence[VisitFacts], request: JourneyRequest, *, has_discounts: bool = False
) -> PairForecasts:
    """Lay the journey that somebody asks for beside the days observed.

    Parameters
    ----------
    scenario : Scenario
    days : sequence of VisitFacts
    request : JourneyRequest
    has_discounts : bool
        Whether fare discounts were offered on these days.

    Raises
    ------
    UnknownNameError
        When a stop does not exist, or no journey leads from one to the other around that time.
    """
    ends = request.origin, request.destination
    rows = [_stop_row(scenario, stop) for stop in ends]
    if rows[0] == rows[1]:
        raise UnknownNameError(f"the journey begins and ends at the same stop, {ends[0]}", "same_stop")
    days = days_as_counted(scenario, days)
    compiled = compile_for(scenario, rows[0], rows[1], asked_hours_s(scenario, request))
    if len(compiled.options.cost_min):
        return PairForecasts.of(compiled, days, has_discounts=has_discounts)
    whole_day = compile_for(scenario, rows[0], rows[1], service_hours(scenario))
    if len(whole_day.options.cost_min):
        _refuse(PairForecasts.of(whole_day, days), ends)
    raise _no_way(scenario, ends, rows)


def asked_hours_s(scenario: Scenario, request: JourneyRequest) -> tuple[float, float]:
    """Return from when to when somebody may leave for whom options are looked up, seconds after midnight."""
    if request.arrive_by_s is not None:
        first_s, last_s = request.arrive_by_s - ASKED_S, request.arrive_by_s
        if request.usual_s is not None:
            earlier_s, later_s = request.flexibility_s(scenario)
            first_s, last_s = min(first_s, request.usual_s - earlier_s), max(last_s, request.usual_s + later_s)
        return first_s, last_s
    after_s = request.leave_after_s or 0.0
    return after_s, after_s + request.flexibility_s(scenario)[1]


def windows_for(pair: PairForecasts, request: JourneyRequest) -> tuple[range, tuple[int, ...]]:
    """Return the windows in which whoever asks could leave, whether a vehicle comes or not, and those of their habit.

    Parameters
    ----------
    pair : PairForecasts
    request : JourneyRequest

    Returns
    -------
    range
        Numbers of windows.
    tuple of int
        Windows that count for them even if all their moments lead to the vehicle of the next one: that in which they
        usually leave, and the one before where they leave after the last place of theirs, as they may miss that
        vehicle there (test_whoever_may_miss_the_bus_in_their_window_is_told_of_the_one_before). Empty where they do
        not say.
    """
    earlier_s, later_s = request.flexibility_s(pair.compiled.scenario)
    usual: tuple[int, ...] = ()
    if request.usual_s is not None:
        usual_s = np.array([request.usual_s])
        of_habit = window_of(usual_s, pair.window_s)
        (first,), (last,) = windows_within(usual_s - earlier_s, usual_s + later_s, of_habit, pair.window_s)
        windows, own = range(max(int(first), 0), int(last) + 1), int(of_habit[0])
        usual = (own - 1, own) if is_after_all_places(usual_s, of_habit, pair.window_s).all() else (own,)
    elif request.arrive_by_s is not None:
        aim_s = request.arrive_by_s - pair.scheduled_s()
        windows = pair.windows_between(aim_s - earlier_s, aim_s + later_s)
    else:
        after_s = request.leave_after_s or 0.0
        # A window must not begin before the time from which one can leave, as advice may put one anywhere in it.
        first_s = np.ceil(after_s / pair.window_s - 1e-9) * pair.window_s
        windows = pair.windows_between(first_s, max(after_s + later_s - pair.window_s, first_s))
    begun_s = -np.inf if request.asked_at_s is None else request.asked_at_s
    begin = next((window for window in windows if window * pair.window_s >= begun_s), windows.stop)
    return range(begin, windows.stop), usual


def cases_for(pair: PairForecasts, request: JourneyRequest) -> WindowCases:
    """Return the windows of a pair that fit a request.

    Raises
    ------
    UnknownNameError
        When no vehicle leads there around that time, or all windows have begun.
    """
    windows, usual = windows_for(pair, request)
    cases = pair.useful(np.array(windows, dtype=np.int64), np.array(usual, dtype=np.int64))
    if not len(cases) and request.asked_at_s is not None:
        # Refused as it is where none would have fitted before, either.
        before = cases_for(pair, replace(request, asked_at_s=None))
        last, now = (format_clock_short(time_s) for time_s in (before.windows[-1] * pair.window_s, request.asked_at_s))
        raise UnknownNameError(
            f"it is {now}, and every departure window that fits has begun; the last one began at {last}",
            "all_begun",
            last=last,
            now=now,
        )
    if not len(cases) or _only_waits(cases, usual):
        _refuse(pair, (request.origin, request.destination))
    return cases


LONGEST_WAIT_S = 3600.0
"""Whoever would wait longer than this for the first vehicle has none around the time they wish (assumed)."""


def _only_waits(cases: WindowCases, usual: tuple[int, ...]) -> bool:
    """Tell whether all windows that fit lead to a vehicle that comes long after them.

    The last one that fits is never left out for the next one, which does not fit
    (test_a_wish_long_before_the_first_vehicle_is_refused).
    """
    if len(cases) > 1 or usual:
        return False
    pair, own = cases.pair, int(cases.windows[0])
    reach = math.ceil(LONGEST_WAIT_S / pair.window_s)
    following = pair.useful(np.arange(own, own + reach + 1)).windows
    return len(following) > 0 and int(following[0]) == own + reach


def _no_way(scenario: Scenario, ends: tuple[str, str], rows: list[int]) -> UnknownNameError:
    """Return the error that says why no journey leads from one stop to another on the whole day."""
    unserved = [stop for stop, row in zip(ends, rows, strict=True) if row not in scenario.service.visit_stop]
    text = f"no journey leads from {ends[0]} to {ends[1]} with the transfers allowed"
    if unserved:
        return UnknownNameError(f"{text}: no line serves {' and '.join(unserved)}", "no_journey")
    back = compile_for(scenario, rows[1], rows[0], service_hours(scenario))
    if not len(back.options.cost_min):
        return UnknownNameError(text, "no_journey")
    return UnknownNameError(f"{text}; one leads from {ends[1]} to {ends[0]}", "journey_back_alone")


def _stop_row(scenario: Scenario, stop: str) -> int:
    rows = scenario.network.stop_index
    if stop not in rows:
        known = ", ".join(list(rows)[:8])
        raise UnknownNameError(
            f"{stop!r} is not a stop of {scenario.network.name}; there are {len(rows)}: {known}, ..."
        )
    return rows[stop]


def _refuse(pair: PairForecasts, ends: tuple[str, str]) -> NoReturn:
    """Say between which windows vehicles with room lead from one stop to the other at all."""
    found = _all_useful(pair)
    way = f"no vehicle with room leads from {ends[0]} to {ends[1]}"
    if not len(found):
        if _is_too_wide(pair):
            minutes = f"{pair.window_s / 60.0:g}"
            raise UnknownNameError(
                f"departure windows are {minutes} min wide (advisor.window), so that no vehicle leads from {ends[0]} "
                f"to {ends[1]} after the middle of one; narrower windows do",
                "windows_too_wide",
                minutes=minutes,
            )
        patience_s = pair.compiled.scenario.parameters.behaviour.patience_s
        if patience_s is not None and _leads_the_patient(pair):
            minutes = f"{patience_s / 60.0:g}"
            raise UnknownNameError(
                f"from {ends[0]} to {ends[1]} people wait on average longer for a vehicle than the {minutes} min after "
                "which they give up (behaviour.patience)",
                "all_give_up",
                minutes=minutes,
            )
        raise UnknownNameError(f"{way} on the days observed", "no_vehicle_observed")
    first, last = (format_clock_short(float(found.windows[place]) * pair.window_s) for place in (0, -1))
    text = f"{way} around the time wished; departure windows begin from {first} to {last}"
    raise UnknownNameError(text, "no_vehicle_then", first=first, last=last)


def _all_useful(pair: PairForecasts) -> WindowCases:
    """Return the windows of the whole day from which a vehicle with room leads there."""
    points = pair.compiled.points
    return pair.useful(np.arange(math.ceil(points.periods * points.period_s / pair.window_s)))


def _leads_the_patient(pair: PairForecasts) -> bool:
    """Tell whether a vehicle with room would lead there those who never give up waiting."""
    scenario = pair.compiled.scenario
    behaviour = scenario.parameters.behaviour.model_copy(update={"patience_s": None})
    patient = replace(scenario, parameters=scenario.parameters.model_copy(update={"behaviour": behaviour}))
    return len(_all_useful(PairForecasts.of(compile_journeys(patient), pair.days))) > 0


def _is_too_wide(pair: PairForecasts) -> bool:
    """Tell whether a vehicle leads there in windows as wide as the advisor itself would choose at most."""
    if pair.window_s <= max(WIDTHS_S):
        return False
    narrower = compile_journeys(with_width(pair.compiled.scenario, max(WIDTHS_S)))
    return len(_all_useful(PairForecasts.of(narrower, pair.days))) > 0

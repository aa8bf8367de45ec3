"""Where queues last, plans of narrow windows begin in wide ones, and are finished by fine steps."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import MagicMock, Mock

import numpy as np
import pytest
from support.worlds import INSTANT_BUS, bus_line, flow, world

from sim.advisor import AdvisorView, ReplicationWorld
from sim.advisor.loop import compile_scenario
from sim.advisor.optimum.search import first_view
from sim.advisor.rehearsal import issue
from sim.advisor.rehearsal.deep_queues import (
    FINE,
    WIDE_S,
    are_deep,
    have_a_price,
    in_wide_windows,
    narrowed,
)
from sim.advisor.rehearsal.draws import plan_draws
from sim.advisor.rehearsal.improvement import Improvement, own_column
from sim.advisor.rehearsal.stage import DayWithoutAdvice
from sim.advisor.strategies import coordinated
from sim.advisor.strategies.coordinated import Coordinated
from sim.model.scenario import Scenario


def starved(commuters: int = 700, **sections: Any) -> Scenario:
    """A line whose buses are full where they begin for more than an hour, so that those at the next stop wait."""
    line = bus_line("L", "ABC", [300, 300], range(300, 18000, 300))
    flows = [flow("A", "C", 5400, 9000, commuters), flow("B", "C", 5400, 9000, commuters // 2)]
    advisor = {"penetration": 1, "compliance": 1, "window": 120, **sections.pop("advisor", {})}
    noise = {"running_time_noise": {"distribution": "lognormal", "cv": 0.1}}
    people = {"earlier_flexibility": 2700, "later_flexibility": 2700, **sections.pop("population", {})}
    bus = {"bus": {**INSTANT_BUS, "seats": 20, "capacity": 50}}
    return world([line], flows, bus, days=2, advisor=advisor, population=people, service=noise, **sections)


def view_of(scenario: Scenario) -> AdvisorView:
    view = first_view(ReplicationWorld.create(compile_scenario(scenario), 0))
    assert view is not None
    return view


def test_queues_are_deep_where_people_are_left_behind_again_and_again() -> None:
    for commuters, deep in ((60, False), (900, True)):
        view = view_of(starved(commuters))
        assert view.stage is not None
        assert are_deep(view, view.stage) is deep


@pytest.mark.parametrize(
    ("people", "denied", "deep", "price"),
    [
        (200, 100, True, True),
        (200, 99, False, True),
        (200, 2, False, True),
        (200, 1, False, False),
        (1, 0, False, False),
    ],
)
def test_queues_are_told_by_boardings_denied_per_person(people: int, denied: int, deep: bool, price: bool) -> None:
    """One in two people is left behind once where queues are deep, one in a hundred where room has a price."""
    population = MagicMock(is_first=np.ones(people, dtype=np.bool_))
    population.__len__.return_value = people
    view = Mock(population=population, users=range(people))
    view.scenario.parameters.advisor = view_of(starved(60)).scenario.parameters.advisor
    stage = Mock()
    stage.without_advice.return_value = [DayWithoutAdvice(20.0, denied)]
    assert are_deep(view, stage) is deep
    assert have_a_price(view, stage) is price


def test_wide_windows_have_no_wider_ones() -> None:
    assert in_wide_windows(view_of(starved(advisor={"window": WIDE_S}))) is None


def test_a_plan_of_wide_windows_is_kept_to_in_narrow_ones() -> None:
    view = view_of(starved())
    wide = in_wide_windows(view)
    assert wide is not None
    assert wide.window_s == WIDE_S
    rng, rows = np.random.default_rng(3), np.arange(len(view.users))
    place = rng.integers(-1, wide.candidates.window.shape[1], len(rows))
    place = np.where((place >= 0) & wide.candidates.acceptable[rows, np.maximum(place, 0)], place, -1)
    column = narrowed(view, wide, place)
    told = wide.plan(place)
    assert told.as_now is not None
    stays = ~told.advised[view.users] | told.as_now[view.users]
    assert (column[stays] == own_column(view)[stays]).all()
    assert (~stays).sum() > 100
    assert view.candidates.acceptable[rows[~stays], column[~stays]].all()
    # Within flexibility a narrow window lies in the wide one; only one that sticks out of it is another.
    begins_s = view.candidates.window[rows, np.maximum(column, 0)] * view.window_s
    inside = np.floor((begins_s + view.window_s / 2.0) / WIDE_S) == told.window[view.users]
    assert inside[~stays].mean() > 0.9


def test_whoever_leaves_in_a_wide_window_that_they_cannot_accept_is_told_none() -> None:
    """They have learned to leave at the end of what they can do, and yesterday were told to stay there.

    They were told so in the wide window around it as well, and the plan was refused.
    """
    classes = [{"name": str(later), "share": 0.5, "later_flexibility": later} for later in (2700, 4500)]
    view = view_of(starved(population={"flexibility_classes": classes}))
    view = replace(view, usual_departure_s=view.population.habitual_departure_s + 2640.0)
    wide = in_wide_windows(view)
    assert wide is not None
    assert wide.stage is not None
    own, rows = own_column(wide), np.arange(len(view.users))
    open_to = (own >= 0) & wide.candidates.acceptable[rows, np.maximum(own, 0)]
    assert (~open_to & (own >= 0)).sum() > 100
    place = Improvement(wide, wide.stage).allowed(own)
    assert (place == np.where(open_to, own, -1)).all()
    assert (wide.plan(place).advised[view.users] == open_to).all()


def test_narrow_windows_say_nothing_of_places_in_them() -> None:
    """Whoever is told a narrow window leaves at a place in it that is as likely early as late, as in rehearsals."""
    view = view_of(starved(advisor={"window": 300}))
    wide = in_wide_windows(view)
    assert wide is not None
    column = narrowed(view, wide, np.where(wide.candidates.acceptable[:, 0], 0, -1))
    moved = (column >= 0) & (column != own_column(view))
    window = view.candidates.window[np.arange(len(column)), np.maximum(column, 0)]
    place, third = view.lasting.place_in_window[view.users], window % 3
    for number in range(3):
        mine = place[moved & (third == number)]
        assert len(mine) > 80
        # Of so many uniform numbers the mean is known to three hundredths; by own places it would be 1/6, 1/2 and 5/6.
        assert mine.mean() == pytest.approx(0.5, abs=0.1)


def test_neither_way_is_worse_than_where_it_begins() -> None:
    view = view_of(starved())
    wide_view = in_wide_windows(view)
    assert wide_view is not None
    assert view.stage is not None
    improvement, wide = Improvement(view, view.stage), Improvement(wide_view, view.stage)
    nobody = np.full(len(view.users), -1, dtype=np.int64)
    place = wide.improved(wide.tried(nobody), 10).place
    begun = improvement.tried(improvement.allowed(narrowed(view, wide_view, place)))
    assert begun.mean_min < improvement.tried(nobody).mean_min - 1.0
    done = improvement.improved(begun, 10, None, FINE)
    assert done.mean_min <= begun.mean_min
    assert improvement.tried(done.place).mean_min == done.mean_min


@pytest.mark.long
def test_a_plan_where_queues_last_gains_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same starts without wide windows and fine steps, on draws that neither plan was made with.

    Without mixtures, which find more than either where prices are known.
    """
    view = view_of(starved(advisor={"rehearsal": {"mixtures": 0}}))
    assert view.stage is not None
    draws = [(20_000 + draw, 1.0) for draw in range(6)]

    def paid_min() -> float:
        assert view.stage is not None
        view.stage.kept.clear()
        plan = Coordinated().advise(view)
        return float(np.mean(view.stage.on_draws(plan, view.own_departure_s, draws, lambda day: day.mean_min)))

    with_it = paid_min()
    monkeypatch.setattr(issue, "are_deep", lambda view, stage: False)
    assert with_it < paid_min() - 0.2


@pytest.mark.parametrize(
    ("commuters", "compliance", "mixed"), [(260, 1, False), (380, 0.1, False), (380, 1, True), (900, 0.1, True)]
)
def test_plans_are_mixed_where_room_has_a_price(
    monkeypatch: pytest.MonkeyPatch, commuters: int, compliance: float, mixed: bool
) -> None:
    """Not where nobody lacks room, nor where few do and few follow: the time would be spent for nothing."""
    asked = Mock(side_effect=lambda improvement, tried, rounds, most: tried)
    monkeypatch.setattr(coordinated, "mixed_with_priced", asked)
    Coordinated().advise(view_of(starved(commuters, advisor={"compliance": compliance})))
    assert asked.called is mixed


@pytest.mark.parametrize(
    ("window", "compliance", "draws"), [(900, 1, 8), (300, 1, 8), (299, 1, 24), (60, 0.5, 24), (60, 0.4, 8)]
)
def test_narrow_windows_that_most_follow_are_planned_on_more_draws(window: int, compliance: float, draws: int) -> None:
    assert plan_draws(view_of(starved(advisor={"window": window, "compliance": compliance}))) == draws


@pytest.mark.parametrize(("compliance", "draws"), [(0.6, 24), (0.4, 8)])
def test_people_who_go_back_are_counted_once_where_most_follow(compliance: float, draws: int) -> None:
    demand = {"flows": [flow("A", "C", 5400, 9000, 100)], "return_leg": {"share": 1.0}}
    lines = [bus_line(name, stops, [300, 300], range(300, 50000, 300)) for name, stops in (("L", "ABC"), ("R", "CBA"))]
    advisor = {"penetration": 1, "compliance": compliance, "window": 60}
    bus = {"bus": {**INSTANT_BUS, "seats": 20, "capacity": 50}}
    assert plan_draws(view_of(world(lines, [], bus, demand=demand, advisor=advisor))) == draws


def test_draws_that_are_asked_for_are_those_of_narrow_windows_too() -> None:
    assert plan_draws(view_of(starved(advisor={"window": 60, "rehearsal": {"draws": 5}}))) == 5

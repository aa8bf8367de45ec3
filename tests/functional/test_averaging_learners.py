"""People who learn by successive averages do not end above their habit, except by what their own noise costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest
from support.invariants import check_invariants
from support.worlds import INSTANT_BUS, bus_line, flow, world

import sim
from sim.advisor import ReplicationWorld, strategy_by_name
from sim.advisor.loop import compile_scenario, simulate_days
from sim.model.scenario import Scenario
from sim.population.successive_averages import foreseen_gap_share

DAYS, LAST, WINDOW_S = 30, 5, 900.0
BUS = {"seats": 25, "capacity": 50, "doors": 1, "dwell_rule": "sum", "boarding_s": 2.0, "alighting_s": 1.0}
CHANCE = {"running_time_noise": {"distribution": "lognormal", "cv": 0.15}}
WISHES = {
    "preferred_arrival_slack": 600,
    "preferred_arrival_spread": 300,
    "earlier_flexibility": 3600,
    "later_flexibility": 3600,
}
COMMON = {"population": WISHES, "service": CHANCE, "advisor": {"window": WINDOW_S}, "period": 900.0}
"""What may be given otherwise."""


def crowded(**sections: Any) -> Scenario:
    """One line that fills in its middle, with running times that vary from day to day."""
    line = bus_line("L", "ABCDE", [300, 360, 300, 420], range(18000, 39600, 400))
    flows = [flow(a, b, 25200, 30600, n) for a, b, n in (("A", "E", 320), ("B", "E", 220), ("A", "C", 100))]
    return world([line], flows, {"bus": BUS}, **{**COMMON, **sections})


def branched(**sections: Any) -> Scenario:
    """Two lines on one way as far as C, to D in a short and to F in a long time; few vehicles, which fill."""
    lines = [
        bus_line("one", "ABCD", [600, 600, 300], range(18000, 39600, 900)),
        bus_line("two", "ABCEF", [600, 600, 900, 900], range(18450, 39600, 900)),
    ]
    flows = [flow(a, b, 25200, 30600, n) for a, b, n in (("A", "D", 220), ("A", "F", 220), ("A", "C", 100))]
    return world(lines, flows, {"bus": BUS}, **{**COMMON, **sections})


def narrow(**sections: Any) -> Scenario:
    """The branched one in windows of 3 min: people gain much by meeting a vehicle, and nobody swings."""
    return branched(**{**sections, "advisor": {"window": 180.0}})


MADE: Mapping[str, Callable[..., Scenario]] = {"crowded": crowded, "branched": branched}
MSA = {"departure_choice": "msa"}
LOGIT = {"departure_choice": "logit", "reconsider": "msa"}


@cache
def pays_min(name: str, **behaviour: Any) -> float:
    """Return what people pay on average over the last days, of which there are the same for all rules."""
    tables = sim.run(MADE[name](days=DAYS, behaviour=behaviour)).tables
    check_invariants(tables, WINDOW_S)
    return float(tables["days"]["mean_generalized_cost_min"][-LAST:].mean())


@pytest.mark.parametrize("name", sorted(MADE))
@pytest.mark.parametrize("behaviour", [MSA, {**LOGIT, "logit_scale": 50.0}], ids=["msa", "logit"])
def test_averaging_people_do_not_end_above_their_habit(name: str, behaviour: Mapping[str, Any]) -> None:
    """They change for what was cheaper on two kinds of days, at the moment at which they would leave."""
    assert pays_min(name, **behaviour) < pays_min(name, departure_choice="habitual")


@pytest.mark.parametrize("name", sorted(MADE))
def test_logit_of_a_high_scale_settles_where_averages_do(name: str) -> None:
    assert pays_min(name, **LOGIT, logit_scale=50.0) == pytest.approx(pays_min(name, **MSA), rel=0.02)


@pytest.mark.parametrize("name", sorted(MADE))
@pytest.mark.parametrize("scale", [0.1, 0.2, 1.0])
def test_logit_leaves_its_own_noise_to_gain_and_no_more(name: str, scale: float) -> None:
    """Of n windows people draw one that costs at most ln(n) / scale more than the cheapest, on average.

    With shares p in proportion to exp(-scale c) the mean cost is that of log-sum-exp, which is below the least cost,
    and the entropy of p over the scale. Where every day is like the one before that is all there is to gain.
    """
    scenario = MADE[name](days=DAYS, behaviour={**LOGIT, "logit_scale": scale}, service={})
    days = sim.run(scenario).tables["days"]
    left_min = (days["relative_gap_share"] * days["mean_generalized_cost_min"])[-LAST:]
    windows = 2.0 * WISHES["later_flexibility"] / WINDOW_S + 1.0
    assert (left_min < np.log(windows) / scale).all()
    assert left_min.min() > 0.0


def test_who_goes_back_to_the_window_of_their_habit_leaves_when_they_used_to() -> None:
    replication = ReplicationWorld.create(compile_scenario(crowded(days=12, behaviour=MSA)), 0)
    habit_s = replication.population.habitual_departure_s
    days = [day.records.departure_s for day in simulate_days(replication, strategy_by_name("none"))]
    away = np.any([np.floor(leaves_s / WINDOW_S) != np.floor(habit_s / WINDOW_S) for leaves_s in days], axis=0)
    back = away & (np.floor(days[-1] / WINDOW_S) == np.floor(habit_s / WINDOW_S))
    assert back.any()
    assert np.array_equal(days[-1][back], habit_s[back])


def test_people_who_may_gain_much_by_meeting_a_vehicle_do_not_go_by_the_trend() -> None:
    """In narrow windows the gap is large before people have begun, and closes without a trend."""
    by_habit, learned = (
        sim.run(narrow(days=12, behaviour=rule)).tables["days"]["mean_generalized_cost_min"][-3:].mean()
        for rule in ({"departure_choice": "habitual"}, MSA)
    )
    assert learned < 0.9 * by_habit


@pytest.mark.parametrize(
    "rule", [MSA, *({"departure_choice": "logit", "reconsider": "msa", "logit_scale": s} for s in (0.05, 0.2, 0.5))]
)
def test_habits_far_off_are_no_queue_that_swings(rule: dict[str, Any]) -> None:
    """People used to come twelve minutes after their wish; a bus every ten takes all who leave earlier just in time.

    Nobody meets anybody, so that whoever learns is there on the third day, up to the noise of a draw: of nine windows
    one that costs at most ln(9) / scale more, on average. By the trend they would pay 15 min on it (msa), or 7 to 10
    more than on the second (logit).
    """
    habit_s, wish_s, headway_s = 5700.0, 4980.0, 600.0
    scenario = world(
        [bus_line("L", "AB", [600], (headway_s * np.arange(1, 20)).tolist())],
        [flow("A", "B", habit_s, habit_s, 300, preferred_arrival=wish_s)],
        {"bus": {**INSTANT_BUS, "capacity": 1000}},
        days=6,
        days_kept=6,
        behaviour=rule,
        preferences={"crowding": {"kind": "none"}, "wait_weight": 0},
        population={"earlier_flexibility": 3600, "later_flexibility": 3600},
        advisor={"window": headway_s},
    )
    found = sim.run(scenario)
    check_invariants(found.tables)
    by_day = found.journeys.groupby("day")["generalized_cost_min"].mean().to_numpy()
    # A ride of 10 min that ends 3 min before the wish: at 0.61 a minute nothing costs less.
    least_min = 10.0 + 3.0 * 0.61
    noise_min = np.log(9.0) / rule["logit_scale"] if "logit_scale" in rule else 0.0
    assert by_day[0] > 70.0
    assert (np.diff(by_day[:4]) < 0).all()
    assert (by_day[3:] >= least_min - 1e-6).all()
    assert (by_day[3:] <= least_min + noise_min + 0.5).all()


def test_a_gap_is_foreseen_by_the_day_before() -> None:
    own, before = np.array([[10.0, 8.0, np.inf]]), np.array([[10.0, 11.0, 9.0]])
    assert foreseen_gap_share(own, own, np.array([0])) == pytest.approx(0.2)
    assert foreseen_gap_share(own, before[:, :2], np.array([0])) == 0.0
    assert foreseen_gap_share(own, np.array([[10.0, 9.0, 12.0]]), np.array([1])) == 0.0
    assert foreseen_gap_share(own, before, np.array([-1])) == 0.0
    # Of two windows as dear the day before, either is drawn as often: 10 and 8 min in place of the 10 that are paid.
    assert foreseen_gap_share(own, np.array([[9.0, 9.0, np.inf]]), np.array([0]), 0.2) == pytest.approx(0.1)
    # Nobody knows what a window that there was yesterday alone would have come to.
    assert foreseen_gap_share(own, before, np.array([0]), 0.2) == 0.0

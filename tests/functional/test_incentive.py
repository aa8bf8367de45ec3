"""Fare discounts: who moves, where to, and what staggering the boundary does."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.errors import ScenarioError
from sim.locations import networks_dir
from sim.metrics.statistics import Estimate
from sim.model.parameters.incentive import PRESETS
from sim.units import parse_clock
from studies.incentive_presets import RESPONSE, Shift, fitted_response, simulate_preset
from studies.programme_courses import KEPT, booked_entry, course, follow_for_kept

SCENARIO = """\
name: fares
replications: 2
days: 3
network:
  lines:
    - id: A
      stops: [a, b, c]
      running_times: [4 min, 6 min]
      vehicle: bus
      headway: {mean: 5 min, first: "05:00", trips: 60}
service:
  vehicles:
    bus: {seats: 40, capacity: 80}
demand:
  flows:
    - {origin: a, destination: c, pieces: [{start: "07:00", end: "08:00", commuters: 200}]}
    - {origin: b, destination: c, pieces: [{start: "07:00", end: "08:00", commuters: 200}]}
advisor:
  strategy: incentive
  penetration: 1
  compliance: 1
  incentive:
    fare: 5
    value_of_time: 10
    discounts: [{start: "00:00", end: "07:00", discount: 1}]
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fares") / "fares.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def moved(file: Path, *overrides: str):
    journeys = sim.run(sim.load_scenario(file, list(overrides))).journeys
    return journeys[journeys.departure_s != journeys.habitual_departure_s], journeys


def test_who_moves_moves_into_the_discount(file):
    movers, journeys = moved(file)
    assert 0.1 < len(movers) / len(journeys) < 0.9
    assert (movers.departure_s < 7 * 3600).all()
    assert movers.complied.all()
    # a free fare is worth 30 min: nobody gives more for it than that
    shift_min = (movers.habitual_departure_s - movers.departure_s) / 60
    assert shift_min.max() * 0.61 < 30 + 15


def test_a_larger_discount_moves_more_and_none_moves_nobody(file):
    shares = [
        len(moved(file, f"advisor.incentive.discounts.0.discount={discount}")[0]) for discount in (0, 0.3, 0.6, 1)
    ]
    assert shares[0] == 0
    assert shares == sorted(shares)
    assert shares[1] < shares[3]


def test_the_response_share_limits_who_moves(file):
    all_of_them, half = (len(moved(file, f"advisor.compliance={share}")[0]) for share in (1, 0.5))
    assert half == pytest.approx(all_of_them / 2, rel=0.1)


def test_only_the_stations_of_the_programme_count(file):
    movers, _ = moved(file, "advisor.incentive.discounts.0.stops=[b]")
    assert set(movers.origin_stop_id) == {"b"}
    at_exit, _ = moved(file, "advisor.incentive.applies_at=exit", "advisor.incentive.discounts.0.stops=[a]")
    assert len(at_exit) == 0


@pytest.mark.parametrize("window", ["5 min", "15 min", "30 min"])
@pytest.mark.parametrize("placement", ["random", "even"])
def test_by_exit_they_arrive_in_time(file, window, placement):
    # The free exit ends within a window of departures, and vehicles come every 5 min: a part of each window will do.
    keys = ["advisor.incentive.applies_at=exit", f"advisor.window={window}", f"advisor.placement={placement}"]
    # So few that they do not hold up the vehicle that they change to: that is not known before they have done so.
    few = [f"demand.flows.{flow}.pieces.0.commuters=40" for flow in range(2)]
    movers, _ = moved(file, *keys, *few)
    assert len(movers) > 10
    assert movers.arrival_s.max() < 7 * 3600


def test_where_arrivals_vary_hardly_anybody_who_moves_for_a_free_exit_misses_it(file):
    # Known days do not show the worst day yet: of many movers a few are caught out.
    keys = [
        "advisor.incentive.applies_at=exit",
        "service.running_time_noise.distribution=lognormal",
        "service.running_time_noise.cv=0.2",
        "advisor.window=30 min",
        "days=10",
    ]
    movers, _ = moved(file, *keys)
    assert len(movers) > 100
    assert (movers.arrival_s >= 7 * 3600).mean() < 0.05


def test_a_run_says_how_many_missed_the_discount_that_they_moved_for(file):
    """Vehicles with little room: people left behind come after the free exit, which no day before could tell.

    Rehearsals tell it (tests/functional/test_free_exits.py), so that there are none here.
    """
    keys = ["advisor.incentive.applies_at=exit", "days_kept=2", "advisor.rehearsal.draws=0"]
    full = sim.run(sim.load_scenario(file, [*keys, "service.capacity_scale=0.3"]))
    journeys, days = full.journeys, full.tables["days"].to_pandas()
    movers = journeys[journeys.departure_s != journeys.habitual_departure_s]
    missed = movers[~(movers.arrival_s < 7 * 3600)].groupby("day").size()
    assert missed[1] > 20
    assert days.groupby("day").missed_discount.sum()[1] == missed[1]
    assert (days.missed_discount <= days.kept).all()
    share = round(100 * missed[1] / (movers.day == 1).sum())
    (said,) = (one for one in full.manifest["notes"] if "for a discount and miss it" in one)
    assert f" {share} % on the first day" in said
    # With room for all nobody misses it, and nothing is said.
    few = [f"demand.flows.{flow}.pieces.0.commuters=40" for flow in range(2)]
    room = sim.run(sim.load_scenario(file, [*keys, *few]))
    assert room.tables["days"]["missed_discount"].sum() == 0
    assert not any("for a discount and miss it" in one for one in room.manifest["notes"])


def test_entries_lie_in_the_part_of_a_window_in_which_the_discount_holds(file):
    keys = ['advisor.incentive.discounts=[{start: "00:00", end: "06:50", discount: 1}]', "advisor.window=15 min"]
    movers, _ = moved(file, *keys)
    assert len(movers) > 20
    assert movers.departure_s.max() < 6 * 3600 + 50 * 60
    # 06:45 to 06:50 is a third of a window.
    assert (movers.departure_s >= 6 * 3600 + 45 * 60).any()


BUS_EVERY_HALF_HOUR = """\
name: seldom
replications: 1
days: 2
network:
  lines:
    - {id: A, stops: [a, b], running_times: [10 min], vehicle: bus, departures: ["06:30", "07:00", "07:30", "08:00"]}
service:
  vehicles:
    bus: {seats: 100, capacity: 100, dwell_rule: constant, dead_time: 0}
preferences:
  crowding: {kind: none}
demand:
  flows:
    - origin: a
      destination: b
      preferred_arrival: "07:40"
      placement: even
      pieces: [{start: "07:20", end: "07:25", commuters: 10}]
advisor:
  strategy: incentive
  penetration: 1
  compliance: 1
  window: 5 min
  incentive:
    fare: 5
    value_of_time: 10
    discounts: [{start: "00:00", end: "07:20", discount: 1}]
"""


@pytest.fixture(scope="module")
def seldom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seldom") / "seldom.yaml"
    path.write_text(BUS_EVERY_HALF_HOUR, encoding="utf-8")
    return path


def test_the_last_window_with_a_discount_is_taken_though_the_bus_leaves_from_a_later_one(seldom):
    # All windows from 7:00 on are for the bus of 7:30; of those with a discount 7:15 has the shortest wait.
    movers, journeys = moved(seldom)
    assert len(movers) == len(journeys) == 10
    assert set(movers.window_start_s) == {7.25 * 3600}
    assert set(movers.arrival_s) == {7 * 3600 + 40 * 60}


@pytest.mark.parametrize(("fare", "movers"), [(2, 0), (3, 10)])
def test_the_wait_from_the_part_of_a_window_with_a_discount_counts(seldom, fare, movers):
    """From 7:30 to 7:35 the wait is 7 min and the arrival 20 min early: 7 * 1.7 + 20 * 0.61 = 24.1 min.

    As usual it is 5 min, or 8.5 min: 15.6 less. On the mean until 7:45, over two buses, the wait is 10.5 min, which
    would be 21.6 more. A fare of 2 is worth 12 min, a fare of 3 is worth 18.
    """
    keys = [
        "advisor.window=15 min",
        f"advisor.incentive.fare={fare}",
        'network.lines.0.departures=["07:00", "07:40", "08:00"]',
        "demand.flows.0.preferred_arrival=08:10",
        'demand.flows.0.pieces=[{start: "07:54:30", end: "07:55:30", commuters: 10}]',
        'advisor.incentive.discounts=[{start: "07:30", end: "07:35", discount: 1}]',
    ]
    assert len(moved(seldom, *keys)[0]) == movers


def test_whether_a_discount_is_had_as_usual_is_told_by_the_moment_at_which_one_leaves(seldom):
    # The bus of 7:29 arrives before the free exit ends, and whoever leaves half a minute later takes the one of 8:00.
    keys = [
        "advisor.window=15 min",
        'network.lines.0.departures=["07:00", "07:29", "08:00"]',
        'demand.flows.0.pieces=[{start: "07:29:20", end: "07:29:50", commuters: 10}]',
        "population.earlier_flexibility=30 min",
        "advisor.incentive.applies_at=exit",
        'advisor.incentive.discounts=[{start: "00:00", end: "07:45", discount: 1}]',
    ]
    movers, journeys = moved(seldom, *keys)
    assert len(movers) == len(journeys) == 10
    assert set(movers.arrival_s) == {7 * 3600 + 39 * 60}


def test_staggered_ends_spread_the_new_peak(file):
    def highest(*overrides: str) -> int:
        movers, _ = moved(file, "advisor.window=5 min", *overrides)
        return int(np.bincount((movers.departure_s // 300).astype(int)).max())

    assert highest("advisor.incentive.stagger_groups=4", "advisor.incentive.stagger=10 min") < highest()


def test_after_a_peak_starts_are_staggered(file):
    late = ('advisor.incentive.discounts=[{start: "08:00", end: "12:00", discount: 1}]', "preferences.late_penalty=0.3")
    movers, _ = moved(file, *late)
    assert (movers.departure_s >= 8 * 3600).all()
    apart, _ = moved(
        file,
        *late,
        "advisor.incentive.stagger_groups=3",
        "advisor.incentive.stagger=15 min",
        "advisor.incentive.stagger_edge=start",
    )
    assert apart.departure_s.mean() > movers.departure_s.mean()


def test_a_trial_ends_on_its_last_day(file):
    """People of habit are back the day after, and nobody has a discount any more."""
    keys = ["days=5", "days_kept=4", "advisor.last_day=2", "replications=1"]
    journeys = sim.run(sim.load_scenario(file, keys)).journeys
    away = (journeys.departure_s != journeys.habitual_departure_s).groupby(journeys.day).mean()
    assert (away[[1, 2]] > 0.05).all()
    assert (away[[3, 4]] == 0.0).all()
    assert not journeys.advised[journeys.day > 2].any()


def test_a_trial_cannot_end_before_it_starts(file):
    with pytest.raises(ScenarioError, match="is before the first day with advice, 3"):
        sim.load_scenario(file, ["advisor.first_day=3", "advisor.last_day=2", "days=6"])


def test_a_preset_and_discounts_of_ones_own_exclude_each_other(file):
    with pytest.raises(ScenarioError, match="either a preset"):
        sim.load_scenario(file, ["advisor.incentive.preset=singapore"])


@pytest.mark.parametrize("name", ["melbourne", "beijing"])
def test_presets_move_people_earlier(name):
    shift = simulate_preset(name)
    assert 0 < shift.moved.mean < 0.2
    # Whoever moves gets the discount, and they are a larger part of those who get it than of all.
    assert shift.moved.mean < shift.users_moved.mean < 1
    assert shift.shift_min.mean < 0
    assert shift.let_off.mean > 0


@pytest.mark.parametrize(
    ("programme", "response"),
    [
        # 2 % moved with a response of 0.2, and 7 % are wanted.
        ({"fitted_to": "moved", "fitted_share": 0.07}, 0.7),
        # 1 in 3 moved: for 1 in 2 the movers have to double, as many have the discount without moving.
        ({"fitted_to": "users_moved", "fitted_share": 0.5}, 0.4),
        ({"fitted_to": "peak_hour", "fitted_share": 0.1}, np.inf),
        # 4 % bought the pass, and 8 % are wanted.
        ({"fitted_to": "bought", "fitted_share": 0.08}, 0.4),
    ],
    ids=lambda value: value["fitted_to"] if isinstance(value, dict) else "",
)
def test_the_response_that_gives_the_measured_figure(programme, response):
    def found(share):
        return Estimate(share, 0.0)

    shift = Shift(*map(found, (0.02, 1 / 3, -20.0, 0.0, 0.1, 0.0, 0.04)))
    measured = PRESETS["singapore"].model_copy(update=programme)
    assert fitted_response(measured, shift, 0.2) == pytest.approx(response)


def test_with_the_fitted_response_the_measured_figure_comes_out():
    programme = PRESETS["singapore"]
    fitted = simulate_preset("singapore", fitted_response(programme, simulate_preset("singapore"), RESPONSE))
    assert fitted.moved.mean == pytest.approx(programme.fitted_share, abs=0.005)


def test_a_pass_bought_by_as_many_as_in_tokyo_shifts_as_little_as_there():
    """Would fail if all who buy were taken for people who moved: 7.9 % bought, and less than 1 % shifted."""
    programme = PRESETS["tokyo"]
    fitted = simulate_preset("tokyo", fitted_response(programme, simulate_preset("tokyo"), RESPONSE))
    assert fitted.bought.mean == pytest.approx(programme.fitted_share, abs=0.005)
    assert 0 <= fitted.peak_hour.mean < 0.01
    assert fitted.moved.mean < fitted.bought.mean


def test_the_peak_of_a_programme_is_the_one_that_is_measured():
    """In the trial of the Netherlands people left 7:30 to 8:30, to either side of it."""
    shift = simulate_preset("netherlands")
    assert shift.moved.mean > 0
    assert shift.peak_hour.mean > 0


def test_what_is_not_confirmed_says_so():
    assert "assumed" in PRESETS["netherlands_trial"].source
    assert "assumed" in PRESETS["netherlands_trial"].rule


def test_the_preset_of_beijing_is_the_rule_of_its_network():
    with (networks_dir() / "beijing_subway" / "fare_discounts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (discount,) = PRESETS["beijing"].discounts
    assert {(parse_clock(row["entry_before"]), 1 - float(row["fare_multiple"])) for row in rows} == {
        (discount.end_s, discount.discount_share)
    }
    assert PRESETS["beijing"].applies_at == "entry"
    assert f"{len({row['station_id'] for row in rows})} stations" in PRESETS["beijing"].rule


def test_nothing_is_left_of_a_paid_trial_where_people_have_habits():
    """While paid people leave the peak; that all are back the day after is predicted, and measured were 3 to 10 %."""
    trial = course("netherlands_trial", ("advisor.compliance=1", "advisor.last_day=2"), later=3, replications=2)
    assert trial.left_first.mean > 0.03
    assert trial.left_later.mean == trial.moved_later.mean == 0.0


def test_people_who_go_back_take_their_share_of_the_effect_with_them():
    keys = ("advisor.compliance=1", "advisor.lapsing_days=1")
    stay, back = (
        course("hong_kong", (*keys, *more), later=5, replications=2) for more in ((), ("advisor.lapsing=0.4",))
    )
    assert back.moved_first.mean == stay.moved_first.mean > 0.0
    # After 4 days 15 of 16 of the 40 % have gone back; those who gain are not quite the same each day.
    assert back.moved_later.mean / stay.moved_later.mean == pytest.approx(1.0 - 0.4 * 15.0 / 16.0, abs=0.15)


def test_as_many_bookings_are_kept_as_in_beijing_and_those_who_came_wait_less():
    """Kept is fitted; that they wait less than without bookings is predicted, as it was measured."""
    found = booked_entry(0.5, replications=1)
    fitted = booked_entry(follow_for_kept(found, 0.5), replications=1)
    assert fitted.kept.mean == pytest.approx(KEPT, abs=0.02)
    assert fitted.wait_saved_min.mean > 0.0
    assert fitted.cost_saved_min.mean > 0.0

"""Free exits that movers would make each other miss: rehearsals find them, and they do not move."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import sim
from sim.advisor.rehearsal.free_exits import RehearsedMoves

SCENARIO = """\
name: free_exits
replications: 2
days: 2
network:
  lines:
    - id: A
      stops: [a, b, c]
      running_times: [4 min, 6 min]
      vehicle: bus
      headway: {mean: 5 min, first: "05:00", trips: 60}
service:
  capacity_scale: 0.3
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
  window: 15 min
  incentive:
    fare: 5
    value_of_time: 10
    applies_at: exit
    discounts: [{start: "00:00", end: "07:00", discount: 1}]
"""

BY_KNOWN_DAYS = "advisor.rehearsal.draws=0"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("free_exits") / "free_exits.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def moved_and_missed(file: Path | str, *keys: str) -> tuple[int, int]:
    """Count those who moved for a discount and those of them who missed it, over all days that are kept."""
    days = sim.run(sim.load_scenario(file, list(keys))).tables["days"]
    return int(days["kept"].sum()), int(days["missed_discount"].sum())


@pytest.mark.parametrize(
    "keys",
    [(), ("advisor.window=5 min",), ("advisor.window=30 min",), ("advisor.placement=even",), ("days=4", "days_kept=3")],
    ids=["15 min", "5 min", "30 min", "even", "several days"],
)
def test_nobody_moves_for_an_exit_that_the_movers_themselves_make_them_miss(file, keys):
    """Buses have about half the places: by the days known half of all who move on the first day come too late."""
    moved, missed = moved_and_missed(file, *keys)
    known_moved, known_missed = moved_and_missed(file, *keys, BY_KNOWN_DAYS)
    assert missed <= 0.02 * moved
    # As many have the discount as places allow: those who would miss it are kept from moving, and hardly anybody else.
    assert moved - missed > 0.65 * (known_moved - known_missed)
    if keys != ("advisor.window=5 min",):
        assert known_missed > 0.2 * known_moved


def test_one_vehicle_decides_how_many_move(tmp_path):
    """The places of one bus before the exit ends, or of two: so many move, and in time.

    By the days known 200 move in either case, and no more of them come in time.
    """

    def line(*departures: str) -> tuple[int, int]:
        after = [f"{7 + number // 12:02}:{number % 12 * 5:02}" for number in range(36)]
        times = ", ".join(f'"{clock}"' for clock in [*departures, *after])
        path = tmp_path / f"{len(departures)}.yaml"
        headway = 'headway: {mean: 5 min, first: "05:00", trips: 60}'
        path.write_text(SCENARIO.replace(headway, f"departures: [{times}]"), encoding="utf-8")
        keys = ("service.capacity_scale=0.5", "replications=4", "advisor.incentive.fare=10")
        return moved_and_missed(path, *keys)

    one, two = line("06:44"), line("06:34", "06:44")
    assert one[1] <= 0.03 * one[0]
    assert two[1] <= 0.03 * two[0]
    # Buses of 40 places, four replications.
    assert one[0] - one[1] == pytest.approx(160, rel=0.07)
    assert two[0] - two[1] == pytest.approx(320, rel=0.07)


@pytest.mark.parametrize("preset", ["singapore", "hong_kong"])
def test_on_the_surge_movers_come_in_time_on_the_first_day_too(preset):
    """By the days known 7 of 233 and 2 of 101 miss the exit on the first day with advice."""
    keys = (f"advisor.incentive.preset={preset}", "advisor.strategy=incentive", "advisor.window=15 min")
    world = (*keys, "advisor.penetration=1", "advisor.compliance=0.2", "replications=2", "days=2")
    known_moved, known_missed = moved_and_missed("xiamen_brt2_surge", *world, BY_KNOWN_DAYS)
    moved, missed = moved_and_missed("xiamen_brt2_surge", *world)
    assert missed <= min(0.01 * moved, known_missed - 1)
    assert moved - missed >= 0.97 * (known_moved - known_missed)


def test_by_entry_nobody_can_miss_a_discount_and_nothing_is_rehearsed(file):
    keys = ["advisor.incentive.applies_at=entry", "days_kept=2"]
    rehearsed, known = (sim.run(sim.load_scenario(file, [*keys, *more])) for more in ((), (BY_KNOWN_DAYS,)))
    assert rehearsed.journeys.departure_s.equals(known.journeys.departure_s)
    assert rehearsed.tables["days"]["kept"].sum() > 100
    assert rehearsed.tables["days"]["missed_discount"].sum() == 0


@pytest.mark.parametrize("scale", [0.3, 1.0], ids=["few places", "enough places"])
def test_where_departures_vary_at_most_one_in_twenty_misses_the_exit(file, scale):
    """Buses leave up to some min early or late by chance: 30 to 70 % miss it by the days known."""
    keys = (
        f"service.capacity_scale={scale}",
        "network.lines.0.headway.distribution=gamma",
        "network.lines.0.headway.cv=0.3",
        "replications=4",
    )
    moved, missed = moved_and_missed(file, *keys)
    assert moved > 400
    assert missed <= 0.05 * moved
    known_moved, known_missed = moved_and_missed(file, *keys, BY_KNOWN_DAYS)
    assert known_missed > 0.2 * known_moved


def test_of_those_who_would_come_in_time_the_response_share_moves(file):
    days = sim.run(sim.load_scenario(file, ["advisor.compliance=0.5", "service.capacity_scale=0.15"])).tables["days"]
    asked, kept = days["asked"].sum(), days["kept"].sum()
    assert kept == pytest.approx(asked / 2, abs=1)
    assert kept > 60
    assert days["missed_discount"].sum() <= 0.02 * kept
    # As half of them do not react, more are told than have places.
    all_react, _ = moved_and_missed(file, "service.capacity_scale=0.15")
    assert asked > 1.2 * all_react


def test_an_advisor_that_sees_few_counts_rehearses_what_it_knows(file):
    """Of those without the app it knows the demand alone."""
    keys = ("advisor.forecast.coverage=0.5", "advisor.penetration=0.5")
    moved, missed = moved_and_missed(file, *keys)
    known_moved, known_missed = moved_and_missed(file, *keys, BY_KNOWN_DAYS)
    assert known_missed > 0.1 * known_moved
    assert moved > 0.8 * (known_moved - known_missed)
    assert missed <= 0.05 * moved


def test_the_number_of_processes_changes_nothing(file):
    one, two = (sim.run(sim.load_scenario(file, ["days_kept=2"]), jobs=jobs).journeys for jobs in (1, 2))
    assert one.equals(two)


def test_as_many_give_up_as_miss_it_and_others_leave_before_the_first_bad_cell():
    moved = np.array([[10, 10, 10, 10, 0], [50, 0, 0, 0, 0], [0, 0, 0, 0, 0], [4, 4, 4, 4, 4]])
    missed = np.array([[0, 0, 2, 8, 0], [1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [4, 4, 4, 4, 4]])
    seen = RehearsedMoves(moved, missed)
    assert seen.share.tolist() == [0.25, 0.02, 0.0, 1.0]
    # One in 50 is no reason to keep to a part; where all miss it there is none.
    assert seen.safe_until.tolist() == [0.4, 1.0, 1.0, 0.0]

"""The comparison with the record of Xiamen BRT line 2, and the calibration on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.experiments import calibration, validation
from sim.experiments.xiamen_record import (
    Rides,
    SimulatedDays,
    groups,
    link_time_s,
    load_record,
    nearest_gap_min,
    observed_rides,
    read_boarding_minutes,
    simulate_record,
)


@pytest.fixture(scope="module")
def observed() -> Rides:
    return observed_rides(load_record())


@pytest.fixture(scope="module")
def days() -> SimulatedDays:
    return simulate_record(load_record(["replications=2"]))


def test_groups_are_runs_of_minutes() -> None:
    assert groups(np.array([5, 5, 6, 8, 11, 12, 13])) == 3
    assert groups(np.array([7])) == 1
    assert groups(np.zeros(0, dtype=np.int64)) == 0


def test_gap_is_to_the_nearest_passage_before_or_after() -> None:
    passages_s = np.array([600.0, 1259.0, 3600.0])
    assert nearest_gap_min(np.array([9, 14, 16, 20, 90]), passages_s).tolist() == [1, 4, 4, 0, 30]


def test_record_has_the_committed_counts(observed: Rides) -> None:
    by_hour = observed.by_stop_and_hour().sum(axis=0)
    # Boardings by clock hour, 6 to 22, as networks/mandl/SOURCE.md quotes them.
    counts = [78, 442, 634, 323, 242, 149, 181, 158, 158, 200, 305, 360, 471, 290, 156, 140, 59, 0]
    assert by_hour.tolist() == counts
    assert observed.along_the_line().max() == 1274


def test_observed_rides_take_the_observed_link_times(observed: Rides) -> None:
    scenario = load_record()
    one = np.flatnonzero((observed.alight - observed.board) == 1)[0]
    expected = link_time_s(scenario, int(observed.board[one]), observed.board_s[[one]])[0]
    assert observed.alight_s[one] - observed.board_s[one] == expected


def test_days_repeat_the_record_but_for_a_few_behind_the_last_bus(observed: Rides, days: SimulatedDays) -> None:
    seen, got = observed.by_stop_and_hour(), days.rides.by_stop_and_hour()
    assert 0 <= seen.sum() - got.sum() < 0.005 * seen.sum()
    assert np.abs(seen - got).sum() / 2 < 0.1 * seen.sum()
    along, ridden = observed.along_the_line(), days.rides.along_the_line()
    assert ridden == pytest.approx(along, rel=0.02)


def test_dispatches_are_the_observed_ones(days: SimulatedDays) -> None:
    dispatch_s = np.sort(days.visits["arrival_s"][days.visits["stop_sequence"] == 0])
    # Observed to the minute, the same on both days.
    assert (dispatch_s % 60 == 0).all()
    assert len(dispatch_s) == 2 * 124
    assert len(np.unique(dispatch_s)) == 124


def test_more_noise_spreads_boardings_over_more_minutes(shared_data: Path) -> None:
    minutes = read_boarding_minutes(shared_data)
    assert calibration.observed_counts(minutes) == (1217, 1074)
    calm, wild = calibration.calibrate(minutes, 2, noise=(0.0, 0.4), dead_times_s=(0.0,))
    assert wild.minutes > calm.minutes
    assert wild.error < calm.error
    text = calibration.table([calm, wild], minutes)
    assert f"**{wild.error:.3f}**" in text
    assert f"| {calm.error:.3f} |" in text


def test_the_first_half_of_the_line_beats_chance(shared_data: Path, days: SimulatedDays) -> None:
    minutes = read_boarding_minutes(shared_data)
    rows = validation.without_match(minutes, days, 2).splitlines()
    near, chance = (int(part.rstrip("% |").split()[-1].rstrip("%")) for part in rows[2].split("%")[:2])
    assert near > chance + 15


def test_the_committed_page_says_what_nobody_can_know(project_root: Path) -> None:
    text = (project_root / "docs" / "validation.md").read_text(encoding="utf-8")
    for title in ("by construction", "by merit", "does not match", "nobody can know", "Calibration"):
        assert title in text
    assert text.startswith(validation._HEAD.split("\n")[0])

"""The study of Xiamen BRT line 2: the comparison with its record, and the calibration on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.experiments.calibration import (
    LineDirection,
    SimulatedDays,
    calibrate,
    groups,
    line_direction,
    nearest_gap_min,
    observed_counts,
    simulate_line,
)
from sim.loading.observations import Observations, read_observations
from studies import xiamen_validation
from studies.xiamen_record import (
    Rides,
    counts_csv,
    link_time_s,
    load_record,
    observed_rides,
    read_boarding_minutes,
    simulated_rides,
)


@pytest.fixture(scope="module")
def line() -> LineDirection:
    return line_direction(load_record(), None, None)


@pytest.fixture(scope="module")
def observed() -> Rides:
    return observed_rides(load_record())


@pytest.fixture(scope="module")
def days(line: LineDirection) -> SimulatedDays:
    return simulate_line(load_record(["replications=2"]), line)


def test_groups_are_runs_of_minutes() -> None:
    assert groups(np.array([5, 5, 6, 8, 11, 12, 13])) == 3
    assert groups(np.array([7])) == 1
    assert groups(np.zeros(0, dtype=np.int64)) == 0


def test_gap_is_to_the_nearest_passage_before_or_after() -> None:
    passages_s = np.array([600.0, 1259.0, 3600.0])
    assert nearest_gap_min(np.array([9, 14, 16, 20, 90]), passages_s).tolist() == [1, 4, 4, 0, 30]


def test_record_has_the_committed_counts(observed: Rides) -> None:
    by_hour = observed.by_stop_and_hour().sum(axis=0)
    # Boardings by clock hour, 6 to 22, as networks/xiamen_brt2/SOURCE.md quotes them.
    counts = [78, 442, 634, 323, 242, 149, 181, 158, 158, 200, 305, 360, 471, 290, 156, 140, 59, 0]
    assert by_hour.tolist() == counts
    assert observed.along_the_line().max() == 1274


def test_observed_rides_take_the_observed_link_times(observed: Rides) -> None:
    scenario = load_record()
    one = np.flatnonzero((observed.alight - observed.board) == 1)[0]
    expected = link_time_s(scenario, int(observed.board[one]), observed.board_s[[one]])[0]
    assert observed.alight_s[one] - observed.board_s[one] == expected


def test_days_repeat_the_record_but_for_a_few_behind_the_last_bus(observed: Rides, days: SimulatedDays) -> None:
    rides = simulated_rides(load_record(["replications=2"]), days)
    seen, got = observed.by_stop_and_hour(), rides.by_stop_and_hour()
    assert 0 <= seen.sum() - got.sum() < 0.005 * seen.sum()
    assert np.abs(seen - got).sum() / 2 < 0.1 * seen.sum()
    along, ridden = observed.along_the_line(), rides.along_the_line()
    assert ridden == pytest.approx(along, rel=0.02)


def test_dispatches_are_the_observed_ones(days: SimulatedDays) -> None:
    dispatch_s = np.sort(days.visits["arrival_s"][days.visits["stop_sequence"] == 0])
    # Observed to the minute, the same on both days.
    assert (dispatch_s % 60 == 0).all()
    assert len(dispatch_s) == 2 * 124
    assert len(np.unique(dispatch_s)) == 124


def test_more_noise_spreads_boardings_over_more_minutes(shared_data: Path, line: LineDirection) -> None:
    observed = Observations(read_boarding_minutes(shared_data, line.stops))
    assert observed_counts(observed, line) == (1217, 1074)
    scenario = load_record(["replications=2"])
    calm, wild = calibrate(scenario, line, observed, noise=(0.0, 0.4), dead_times_s=(0.0,))
    assert calm.minutes is not None
    assert wild.minutes is not None
    assert wild.minutes > calm.minutes
    assert wild.error < calm.error
    text = xiamen_validation.fits_table([calm, wild], observed, line)
    assert f"**{wild.error:.3f}**" in text
    assert f"| {calm.error:.3f} |" in text


def test_counts_of_the_record_are_read_back_as_they_were(
    shared_data: Path, line: LineDirection, tmp_path: Path
) -> None:
    minutes = read_boarding_minutes(shared_data, line.stops)
    file = tmp_path / "counts.csv"
    file.write_text(counts_csv(minutes), encoding="utf-8")
    again = read_observations(line.stops, file, None).boarding_minutes
    assert sum(map(len, again.values())) == 4346
    assert all(np.array_equal(again[stop], minutes[stop]) for stop in line.stops)


def test_the_first_half_of_the_line_beats_chance(shared_data: Path, line: LineDirection, days: SimulatedDays) -> None:
    rows = xiamen_validation.without_match(read_boarding_minutes(shared_data, line.stops), line, days).splitlines()
    near, chance = (int(part.rstrip("% |").split()[-1].rstrip("%")) for part in rows[2].split("%")[:2])
    assert near > chance + 15


def test_the_committed_page_says_what_nobody_can_know(project_root: Path) -> None:
    text = (project_root / "docs" / "validation.md").read_text(encoding="utf-8")
    for title in ("by construction", "hardly could have differed", "does not match", "nobody can know", "Calibration"):
        assert title in text
    assert text.startswith(xiamen_validation._HEAD.split("\n")[0])

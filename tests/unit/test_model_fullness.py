"""Words of GTFS-Realtime for how full a vehicle is: seats are free until all are taken, standing room comes after."""

from __future__ import annotations

import numpy as np
import pytest
from google.transit import gtfs_realtime_pb2 as realtime

from sim.model.fullness import load_factor_of, occupancy_limits, occupancy_word

STANDING = ("STANDING_ROOM_ONLY", "CRUSHED_STANDING_ROOM_ONLY")


@pytest.mark.parametrize(
    ("seats_share", "words"),
    [
        # As many seats as standing places.
        (0.5, {0.0: "EMPTY", 0.3: "FEW_SEATS_AVAILABLE", 0.79: "STANDING_ROOM_ONLY", 1.0: "FULL"}),
        # A coach of seats alone: 80 % full is 80 % of the seats taken, and nobody ever stands.
        (1.0, {0.04: "EMPTY", 0.59: "MANY_SEATS_AVAILABLE", 0.8: "FEW_SEATS_AVAILABLE", 0.97: "FEW_SEATS_AVAILABLE"}),
        (1.0, {0.98: "FULL", 1.0: "FULL"}),
        # A metro train with a seat for one in six: 20 of 100 stand already.
        (1 / 6, {0.09: "MANY_SEATS_AVAILABLE", 0.16: "FEW_SEATS_AVAILABLE", 0.2: "STANDING_ROOM_ONLY"}),
        (1 / 6, {1 / 6: "STANDING_ROOM_ONLY", 0.67: "CRUSHED_STANDING_ROOM_ONLY", 0.98: "FULL"}),
        # No seat at all.
        (0.0, {0.0: "EMPTY", 0.05: "STANDING_ROOM_ONLY", 0.59: "STANDING_ROOM_ONLY"}),
        (0.0, {0.6: "CRUSHED_STANDING_ROOM_ONLY", 1.0: "FULL"}),
    ],
)
def test_words_go_by_seats_while_seats_are_free(seats_share, words):
    assert {factor: occupancy_word(factor, seats_share) for factor in words} == words


@pytest.mark.parametrize("seats_share", [0.0, 0.02, 1 / 6, 0.5, 0.99, 1.0])
def test_words_are_those_of_the_standard_and_tell_the_truth_about_seats(seats_share):
    limits, words = zip(*occupancy_limits(seats_share), strict=True)
    assert set(words) <= set(realtime.VehiclePosition.OccupancyStatus.keys())
    assert np.all(np.diff(limits) >= 0)
    for factor in np.linspace(0.05, 0.979, 200).tolist():
        assert (occupancy_word(factor, seats_share) in STANDING) == (factor + 1e-9 >= seats_share)


def test_a_bus_of_the_same_load_on_ten_days_is_as_full_as_on_one():
    """The mean is the number below 0.3; `advise` called the same bus one of many seats and one of few."""
    assert float(np.mean([0.3] * 10)) < 0.3
    assert occupancy_word(float(np.mean([0.3] * 10))) == occupancy_word(0.3)


@pytest.mark.parametrize("seats_share", [0.2, 0.5, 0.9])
def test_words_stand_for_what_they_are_used_for(seats_share):
    for _, word in occupancy_limits(seats_share):
        factor = load_factor_of(word, seats_share)
        assert factor is not None
        assert occupancy_word(factor, seats_share) == word


def test_words_that_tell_no_load_and_words_without_room():
    assert load_factor_of("NO_DATA_AVAILABLE", 0.5) is None
    assert load_factor_of("NOT_ACCEPTING_PASSENGERS", 0.5) == 1.0
    # Whoever publishes that people stand in a coach tells that it is as good as full.
    assert load_factor_of("STANDING_ROOM_ONLY", 1.0) == 0.98
    assert load_factor_of("MANY_SEATS_AVAILABLE", 0.0) == 0.05

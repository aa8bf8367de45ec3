"""What an advisor says of questions and bookings that are none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from support.worlds import bus_line, flow, world

import sim
from sim.errors import RunFolderError, SimError


@pytest.fixture(scope="module")
def days() -> sim.RunResult:
    every_quarter = [25200.0 + 900.0 * number for number in range(8)]
    return sim.run(
        world([bus_line("L", ["1", "2"], [600], departures=every_quarter)], [flow("1", "2", 25200, 30600, 40)])
    )


@pytest.fixture
def advisor(days: sim.RunResult) -> Any:
    return sim.Advisor(days)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda one: one.ask("1"), "request: make it by advisor.request"),
        (lambda one: one.book({"origin": "1"}), "request: make it by advisor.request"),
        (lambda one: one.cancel(None), "no booking of that number is held"),
        (lambda one: one.cancel(3), "no booking of that number is held"),
        (lambda one: one.request(None, "2", arrive_by="08:00"), "origin: 'None' is not a stop"),
        (lambda one: one.request(3, "2", arrive_by="08:00"), "origin: '3' is not a stop"),
    ],
)
def test_what_is_no_question_or_booking_is_told_in_one_sentence(
    advisor: Any, call: Callable[[Any], Any], said: str
) -> None:
    with pytest.raises(SimError, match=said):
        call(advisor)


def test_a_booking_is_kept_or_not_and_nothing_else(advisor: Any) -> None:
    number = advisor.book(advisor.request("1", "2", arrive_by="08:00")).booking_id
    with pytest.raises(SimError, match="kept is True or False, not 'no'"):
        advisor.settle(number, "no")
    assert (advisor.counts().booked, advisor.counts().kept) == (1, 0)
    advisor.settle(number, np.True_)
    # Whoever came is a booking of the day until it is closed.
    assert (advisor.counts().booked, advisor.counts().kept) == (1, 1)
    advisor.close_day()
    assert (advisor.counts().booked, advisor.counts().kept) == (0, 1)


@pytest.mark.parametrize("times", [{"arrive_by": -5}, {"leave_after": -1.0}, {"arrive_by": "08:00", "usual": -60}])
def test_no_time_is_before_midnight(advisor: Any, times: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a time must be 00:00 or later"):
        advisor.request("1", "2", **times)


def test_stops_and_times_may_be_numbers_as_tables_have_them(advisor: Any) -> None:
    told = advisor.request("1", "2", arrive_by="08:00")
    assert advisor.request(1, np.int64(2), arrive_by=np.int64(28800)) == told
    assert advisor.request("1", "2", arrive_by=np.float32(28800)) == told


def test_a_closed_advisor_says_so(days: sim.RunResult) -> None:
    with sim.Advisor(days) as advisor:
        request = advisor.request("1", "2", arrive_by="08:00")
    with pytest.raises(RunFolderError, match="bookings in memory: has been closed"):
        advisor.ask(request)

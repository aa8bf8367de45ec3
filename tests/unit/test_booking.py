"""One request after the other against the places there are."""

from __future__ import annotations

import sqlite3
import threading
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.worlds import bus_line, flow, world

import sim
from sim.api import ComparisonResult
from sim.errors import RunFolderError, UnknownNameError
from sim.experiments.departures_by_wish import MOMENTS
from sim.experiments.pair_forecasts import WindowCases
from sim.experiments.plan_followers import PlanFollowers
from sim.experiments.window_ledger import WindowLedger, elasticity_of
from sim.experiments.window_offers import WindowOffer
from sim.model.parameters import BookingParameters
from sim.report.advice_words import answer_facts

HEADWAY_S, RIDE_S = 600, 900
BUS = {"seats": 4, "capacity": 10, "dwell_rule": "constant", "dead_time": 0}


@pytest.fixture(scope="module")
def result() -> ComparisonResult:
    """A bus of 10 places every 10 minutes from A over B to C, half full around 01:30."""
    departures = range(3600, 9001, HEADWAY_S)
    scenario = world(
        [bus_line("L", "ABC", [RIDE_S, RIDE_S], departures)],
        [flow("A", "C", 4200, 6600, 20), flow("B", "C", 5100, 7500, 10)],
        {"bus": BUS},
        period="10 min",
        advisor={"window": HEADWAY_S, "penetration": 1, "compliance": 1},
        replications=2,
    )
    return sim.compare(scenario, ["none", "coordinated"])


def asked(advisor: sim.Advisor, origin: str = "A", **more: Any) -> sim.JourneyRequest:
    return advisor.request(origin, "C", **{"arrive_by": 7300, **more})


def test_equal_questions_are_spread_and_not_herded(result: ComparisonResult) -> None:
    """Forty people ask the same: the forecast alone puts all of them on one bus of ten places."""
    advisor = sim.Advisor(result)
    request = asked(advisor)
    for _ in range(40):
        advisor.book(request)
    # By when they usually leave, which they do not say, some of them are to go on as usual.
    windows = advisor._ledger.windows._booked[advisor._ends(request)]
    herded = {advisor.ask(request).window.window_start_s for _ in range(40)}
    assert len(herded) == 1
    assert len(windows) >= 4
    assert sum(windows.values()) == 40 * MOMENTS
    assert max(windows.values()) <= 14 * MOMENTS


def test_asking_takes_no_place_and_booking_does(result: ComparisonResult) -> None:
    advisor = sim.Advisor(result)
    request = asked(advisor)
    first = advisor.ask(request)
    assert (first.booking_id, advisor.counts().booked) == (None, 0)
    assert advisor.ask(request) == first
    booked = advisor.book(request)
    assert booked.window == first.window
    assert booked.places == first.places
    assert booked.places_left == first.places_left - 1
    assert advisor.counts().booked == 1


def test_what_one_is_told_does_not_hang_on_who_asked_before(result: ComparisonResult) -> None:
    """People who can leave in the same windows share what was seen there, and no wish or habit of each other."""
    advisor = sim.Advisor(result)
    requests = [
        asked(advisor, **{"arrive_by": 7300 + wish, **({} if usual is None else {"usual": usual})})
        for wish in (0, 60, 400)
        for usual in (None, 4900, 5100)
    ]
    answers = [advisor.ask(request) for request in requests]
    costs_min = {(answer.weighed_cost_min, *answer.other_weighed_costs_min) for answer in answers}
    assert len(costs_min) == len(requests)
    assert answers == [sim.Advisor(result).ask(request) for request in requests]


def test_a_booking_can_be_given_back_once(result: ComparisonResult) -> None:
    advisor = sim.Advisor(result)
    request = asked(advisor)
    before = advisor.ask(request)
    ids = [advisor.book(request).booking_id for _ in range(6)]
    assert len(set(ids)) == 6
    for booking_id in ids:
        assert booking_id is not None
        advisor.cancel(booking_id)
    assert advisor.ask(request) == before
    with pytest.raises(UnknownNameError, match="no booking of that number is held"):
        advisor.cancel(str(ids[0]))


def test_whom_no_place_is_left_for_is_told_so_and_counted(result: ComparisonResult) -> None:
    advisor = sim.Advisor(result)
    request = asked(advisor, earlier="10 min", later=0)
    answers = [advisor.book(request) for _ in range(60)]
    places = [answer.has_place for answer in answers]
    assert places[0]
    assert not places[-1]
    # Once no place is left none comes back, and the journeys are counted as load all the same.
    assert places == sorted(places, reverse=True)
    counts = advisor.counts()
    assert (counts.booked, counts.without_place) == (60, places.count(False))
    assert answers[-1].own_cost_min > answers[0].own_cost_min


def test_bookings_of_other_journeys_take_the_same_places(result: ComparisonResult) -> None:
    advisor = sim.Advisor(result)
    along = asked(advisor, "B", earlier=0, later=0)
    before = advisor.ask(along)
    for _ in range(60):
        advisor.book(asked(advisor, earlier="20 min", later="20 min"))
    after = advisor.ask(along)
    assert after.places == before.places
    assert after.places_left < before.places_left


@given(steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=60))
def test_quotas_are_never_exceeded(result: ComparisonResult, steps: list[tuple[int, int]]) -> None:
    """Whatever is booked and given back, in any order: those with a place never pass the quota, with over-booking."""
    advisor = sim.Advisor(result)
    held: list[str] = []
    for kind, number in steps:
        if kind == 3 and held:
            advisor.cancel(held.pop(number % len(held)))
            continue
        request = asked(advisor, "AB"[kind % 2], arrive_by=6500 + 60 * number, earlier=600 * kind)
        answer = advisor.book(request)
        assert answer.booking_id is not None
        held.append(answer.booking_id)
        ledger = advisor._ledger.places
        assert (ledger.placed <= ledger.quota / advisor.counts().show_share + 1e-9).all()
        assert (ledger.placed <= ledger.booked + 1e-9).all()
    for booking_id in held:
        advisor.cancel(booking_id)
    assert np.allclose(advisor._ledger.places.booked, 0.0, atol=1e-9)


def test_bookings_are_kept_in_a_file_that_says_nothing_of_anybody(result: ComparisonResult, tmp_path: Path) -> None:
    path = tmp_path / "bookings.sqlite"
    first, second = sim.Advisor(result, state=path), sim.Advisor(result, state=path)
    request = asked(first)
    booking_id = first.book(request).booking_id
    assert booking_id is not None
    # The other one sees it at once, as another process would.
    assert second.ask(request) == first.ask(request)
    assert second.counts().booked == 1
    content = path.read_bytes()
    assert booking_id.encode() not in content
    with closing(sqlite3.connect(path)) as file:
        rows = file.execute("SELECT * FROM bookings").fetchall()
    assert [len(row) for row in rows] == [5]
    # A digest may look like the wish by chance.
    assert b"7300" not in content.replace(rows[0][0].encode(), b"")
    second.cancel(booking_id)
    assert first.counts().booked == 0
    with pytest.raises(UnknownNameError, match="no booking"):
        first.cancel(booking_id)


@pytest.mark.parametrize("unknown", [["told", "came"], ["came"]])
def test_bookings_of_a_version_that_wrote_less_down_are_kept(
    result: ComparisonResult, tmp_path: Path, unknown: list[str]
) -> None:
    path = tmp_path / "bookings.sqlite"
    with sim.Advisor(result, state=path) as advisor:
        booking_id = advisor.book(asked(advisor)).booking_id
    with closing(sqlite3.connect(path)) as file, file:
        for name in unknown:
            file.execute(f"ALTER TABLE bookings DROP COLUMN {name}")
    with sim.Advisor(result, state=path) as advisor:
        assert advisor.counts().booked == 1
        advisor.book(asked(advisor))
        advisor.cancel(str(booking_id))
        assert advisor.counts().booked == 1


def test_a_file_that_holds_something_else(result: ComparisonResult, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a file of bookings, and long enough to be looked at\n" * 40, encoding="utf-8")
    with pytest.raises(RunFolderError, match=r"notes\.txt: cannot be used as a file of bookings"):
        sim.Advisor(result, state=path)
    with pytest.raises(RunFolderError, match="cannot be used as a file of bookings"):
        sim.Advisor(result, state=tmp_path / "nowhere" / "bookings.sqlite")


@pytest.mark.parametrize("change", ["book", "give back", "close the day"])
def test_a_booking_that_the_disk_refuses_takes_no_place(result: ComparisonResult, tmp_path: Path, change: str) -> None:
    """Would catch places that are counted in memory and not in the file, until somebody else writes to it."""
    with sim.Advisor(result, state=tmp_path / "bookings") as advisor:
        request = asked(advisor)
        held = advisor.book(request).booking_id
        assert held is not None
        before = advisor.ask(request)
        connection = advisor._held.file._connection
        full = Mock(wraps=connection)

        def refuse(statement: str, *more: Any) -> Any:
            if statement == "COMMIT":
                raise sqlite3.OperationalError("database or disk is full")
            return connection.execute(statement, *more)

        full.execute, full.in_transaction = refuse, True
        advisor._held.file._connection = full
        with pytest.raises(RunFolderError, match="disk is full"):
            {
                "book": lambda: advisor.book(request),
                "give back": lambda: advisor.cancel(held),
                "close the day": advisor.close_day,
            }[change]()
        advisor._held.file._connection = connection
        assert advisor.ask(request) == before
        assert advisor.counts().booked == 1
        advisor.cancel(held)


def test_many_threads_lose_no_booking(result: ComparisonResult, tmp_path: Path) -> None:
    advisor = sim.Advisor(result, state=tmp_path / "bookings.sqlite")
    request = asked(advisor)
    ids: list[str | None] = []

    def ask_often() -> None:
        ids.extend(advisor.book(request).booking_id for _ in range(10))

    threads = [threading.Thread(target=ask_often) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == advisor.counts().booked == 60


def test_bookings_are_kept_as_often_as_the_scenario_expects(result: ComparisonResult) -> None:
    """As the strategy `booked` expects it; half of them at least."""
    shares = []
    for kept in (1.0, 0.6):
        scenario = result.scenario.with_advisor(booking=BookingParameters(kept_share=kept))
        shares.append(sim.Advisor(replace(result, scenario=scenario)).counts().show_share)
    assert shares == [1.0, pytest.approx(0.6)]


def test_what_is_seen_of_bookings_changes_how_many_may_book(result: ComparisonResult) -> None:
    """Where nobody misses what they booked fewer may book than where every other one does."""
    places = {}
    for kept in (True, False):
        advisor = sim.Advisor(result)
        request = asked(advisor)
        for _ in range(40):
            booking_id = advisor.book(request).booking_id
            assert booking_id is not None
            advisor.settle(booking_id, kept=kept)
        advisor.close_day()
        counts = advisor.counts()
        assert (counts.day, counts.booked, counts.kept + counts.missed) == (1, 0, 40)
        places[kept] = advisor.ask(request).places
    assert places[False] > places[True]


@pytest.mark.parametrize("in_file", [False, True])
def test_whoever_came_keeps_the_place_until_the_day_is_closed(
    result: ComparisonResult, tmp_path: Path, in_file: bool
) -> None:
    """A full bus stays full when those who are on board are counted as come; a place is free for each who is not.

    Whoever was counted as come was forgotten with their place, so that others were sent to a full bus.
    """
    place = tmp_path / "bookings.sqlite" if in_file else None
    with closing(sim.Advisor(result, state=place)) as advisor:
        request = asked(advisor, earlier=0, later=0)
        numbers = []
        while advisor.ask(request).places_left:
            numbers.append(str(advisor.book(request).booking_id))
        for number in numbers[:5]:
            advisor.settle(number, kept=True)
        # More bookings that are kept than was expected: fewer may be booked than were, and none is free.
        assert not advisor.ask(request).has_place
        assert (advisor.counts().booked, advisor.counts().kept) == (len(numbers), 5)
        for number in numbers[:5]:
            with pytest.raises(UnknownNameError, match="no booking of that number is held"):
                advisor.settle(number, kept=True)
            with pytest.raises(UnknownNameError, match="no booking of that number is held"):
                advisor.cancel(number)
        for number in numbers[5:]:
            advisor.settle(number, kept=False)
        assert advisor.counts().booked == 5
        free = advisor.ask(request)
        # Each of the five is a person on board, who leaves room for fewer of those who come by chance alone.
        share = advisor.counts().show_share
        assert share < 1.0
        assert free.places_left == pytest.approx(free.places - 5 / share, abs=1.0)
    with closing(sim.Advisor(result, state=place)) as later:
        if in_file:
            # Counted anew from the file; sums of the same places in another order round otherwise.
            again = later.ask(request)
            assert again.others_cost_min == pytest.approx(free.others_cost_min, abs=1e-9)
            assert replace(again, others_cost_min=free.others_cost_min) == free
        later.close_day()
        assert later.ask(request).places_left == later.ask(request).places
        assert later.counts().booked == 0


@pytest.mark.parametrize("number", ["", "\0", "\ud800", "ü☃" * 1000])
def test_numbers_that_nobody_holds(result: ComparisonResult, number: str) -> None:
    """Half of a surrogate pair ended in an error of its encoding."""
    advisor = sim.Advisor(result)
    with pytest.raises(UnknownNameError, match="no booking of that number is held"):
        advisor.cancel(number)
    with pytest.raises(UnknownNameError, match="no booking of that number is held"):
        advisor.settle(number, kept=True)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"arrive_by": None}, "either the time to arrive by or the time to leave after"),
        ({"leave_after": "01:00"}, "either the time to arrive by or the time to leave after"),
        ({"earlier": -60}, "negative"),
        ({"on_time": 1.5}, "from 0 to 1"),
        ({"arrive_by": None, "leave_after": 5000, "on_time": 0.9}, "needs a time to arrive by"),
        ({"arrive_by": None, "leave_after": 5000, "usual": 5100}, "a usual departure needs a time to arrive by"),
        ({"usual": 7300 + 7201}, "more than 2 h after the time to arrive by"),
    ],
)
def test_requests_that_make_no_sense(result: ComparisonResult, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        asked(sim.Advisor(result), **more)


def test_whoever_wants_to_be_on_time_is_asked_to_leave_earlier(result: ComparisonResult) -> None:
    advisor = sim.Advisor(result)
    sure = advisor.ask(asked(advisor, on_time=1.0, later=0))
    assert sure.window.on_time_share == 1.0
    assert all(option.on_time_share < 1.0 or option != sure.window for option in sure.other_windows)
    with pytest.raises(UnknownNameError, match=r"no departure window is on time in 100% of cases"):
        advisor.ask(asked(advisor, on_time=1.0, earlier=0, later=0, arrive_by=3600 + 2 * RIDE_S + 200))


def test_whoever_leaves_after_a_time_is_not_asked_to_leave_before_it(result: ComparisonResult) -> None:
    advisor = sim.Advisor(result)
    answer = advisor.ask(asked(advisor, arrive_by=None, leave_after=5000, later="40 min"))
    starts = [option.window_start_s for option in (answer.window, *answer.other_windows)]
    assert min(starts) == 5400.0
    assert np.isnan(answer.window.on_time_share)
    # The day has begun: what has begun is no window any more.
    late = advisor.ask(asked(advisor, asked_at=5500))
    assert min(option.window_start_s for option in (late.window, *late.other_windows)) == 6000.0


def test_whoever_asks_when_all_windows_have_begun_is_told_so(result: ComparisonResult) -> None:
    """The last bus leaves at 02:30, and its window begins at 02:20.

    They were told that no vehicle runs around the time wished, beside times between which windows begin.
    """
    advisor = sim.Advisor(result)
    assert advisor.ask(asked(advisor, asked_at="02:20")).window.window_start_s == 8400
    with pytest.raises(UnknownNameError, match=r"it is 02:25, and every .* has begun; the last one began at 02:20"):
        advisor.ask(asked(advisor, asked_at="02:25"))
    with pytest.raises(UnknownNameError, match="no vehicle with room leads from A to C around the time wished"):
        advisor.ask(asked(advisor, arrive_by="12:00", asked_at="02:25"))
    with pytest.raises(UnknownNameError, match="no departure window that begins then fits"):
        advisor.book(asked(advisor, asked_at=5000), 4800)
    # Without saying what time it is the day is still to come, and that window can be booked.
    assert advisor.book(asked(advisor), 4800).window.window_start_s == 4800


def test_a_wish_long_before_the_first_vehicle_is_refused() -> None:
    """Buses from 25:00 on, and somebody who writes 02:02 for 26:02.

    They were told to leave at 02:30 and wait for 22 h. Whoever waits for less than an hour is told of the first bus.
    """
    scenario = world(
        [bus_line("L", "ABC", [RIDE_S, RIDE_S], range(90_000, 95_401, HEADWAY_S))],
        [flow("A", "C", 90_600, 93_000, 20)],
        {"bus": BUS},
        period="10 min",
        advisor={"window": HEADWAY_S},
    )
    advisor = sim.Advisor(sim.run(scenario, strategy="none"))
    for wish in ("02:02", "23:50"):
        with pytest.raises(UnknownNameError, match="around the time wished; departure windows begin from 24:50 to"):
            advisor.ask(asked(advisor, arrive_by=wish, earlier=0, later=0))
    waits = advisor.ask(asked(advisor, arrive_by="24:45", earlier=0, later=0))
    assert (waits.window.vehicle_due_s, waits.other_windows) == (90_000, ())
    assert advisor.ask(asked(advisor, arrive_by="26:02")).window.door_to_door_min < 60


def test_equal_questions_are_given_windows_as_often_as_the_plan_has_them(result: ComparisonResult) -> None:
    """A plan has 40 of those who ask in one window and 20 in another, and vehicles have room for all of them in each.

    Without prices of windows all are given the same one, as no place is ever used up.
    """
    advisor = sim.Advisor(result)
    request = asked(advisor, usual=4810)
    ends = np.zeros(60, dtype=np.int64), np.full(60, 2)
    wishes_s = np.full(60, float(request.arrive_by_s or 0.0)), np.full(60, 4810.0)
    followers = PlanFollowers(*ends, *wishes_s, np.repeat([7, 8], [40, 20]), 1)
    advisor._ledger.windows = WindowLedger(result.scenario, followers, advisor._ledger.days, np.inf)
    advisor._ledger.places.quota[:] = advisor._ledger.places.planned[:] = 1e6
    advisor._held.file.keep_fact("kept", str(10**9))
    told = Counter(advisor.book(request).window.window_start_s / HEADWAY_S for _ in range(60))
    assert set(told) == {7.0, 8.0}
    assert abs(told[7.0] - 40) <= 4
    # One who gives a window back makes room for the next one there.
    before = advisor.ask(request)
    advisor.cancel(str(advisor.book(request).booking_id))
    assert advisor.ask(request) == before


def test_whoever_says_when_they_usually_leave_is_not_sent_away_from_their_bus(result: ComparisonResult) -> None:
    """At the moment before the bus the window of that moment costs a wait of 20 s, and not the mean of the window."""
    advisor = sim.Advisor(result)
    costs = []
    for usual in (None, 5980, 6000 + 10):
        answer = advisor.ask(asked(advisor, arrive_by=7900, usual=usual, earlier="20 min", later="20 min"))
        every = {option.window_start_s: option for option in (answer.window, *answer.other_windows)}
        costs.append(every)
    unknown, meets, misses = costs
    wait_min = result.scenario.parameters.preferences.wait_weight * (HEADWAY_S / 2 - 20) / 60.0
    assert meets[5400.0].generalized_cost_min == pytest.approx(unknown[5400.0].generalized_cost_min - wait_min, abs=0.8)
    assert meets[6000.0].generalized_cost_min == pytest.approx(unknown[6000.0].generalized_cost_min, abs=1e-9)
    assert misses[6000.0].generalized_cost_min > unknown[6000.0].generalized_cost_min + 2.0
    assert "It is when you usually leave; its figures are of leaving at 01:39" in meets[5400.0].reason
    assert "usually" not in meets[6000.0].reason


def test_whoever_does_not_say_when_they_leave_is_not_moved_for_nothing() -> None:
    """A bus every ten minutes, and all with that wish leave as it does: the mean of the window has them wait for five.

    So much would they lose by leaving at any time of another window, which is told to be better by less.
    """
    scenario = world(
        [bus_line("L", "ABC", [RIDE_S, RIDE_S], range(3600, 9001, HEADWAY_S))],
        [flow("A", "C", 4200, 6600, 20)],
        {"bus": BUS},
        period="10 min",
        population={"preferred_arrival_spread": 0, "preferred_arrival_slack": "5 min"},
        advisor={"window": HEADWAY_S, "penetration": 1, "compliance": 1},
    )
    advisor = sim.Advisor(sim.compare(scenario, ["none", "coordinated"]))
    arrive_by_s = 6000 + 2 * RIDE_S + 300
    told = advisor.ask(asked(advisor, arrive_by=arrive_by_s, usual=6000))
    supposed = advisor.ask(asked(advisor, arrive_by=arrive_by_s))
    assert told.usual is not None
    assert supposed.usual is not None
    assert (told.usual.told, told.usual.advised) == (True, True)
    assert (supposed.usual.told, supposed.usual.advised) == (False, True)
    assert supposed.usual.earliest_s == supposed.usual.latest_s == told.usual.latest_s == 6000.0
    assert supposed.usual.weighed_cost_min == pytest.approx(told.usual.weighed_cost_min)
    others_min = min(supposed.other_weighed_costs_min)
    assert supposed.usual.weighed_cost_min < others_min
    # By the mean of its window it would not have been the best.
    assert advisor.book(asked(advisor, arrive_by=arrive_by_s), 6000.0).weighed_cost_min > others_min
    assert advisor.book(asked(advisor, arrive_by=arrive_by_s)).window.window_start_s == 6000.0


def test_whoever_does_not_say_when_they_leave_is_supposed_to_leave_around_then(result: ComparisonResult) -> None:
    """Over the spread of habit, as far as it is still to come; nothing is supposed where no arrival is wished."""
    advisor = sim.Advisor(result)
    usual = advisor.ask(asked(advisor, arrive_by=7900)).usual
    assert usual is not None
    assert 5500.0 <= usual.earliest_s < 5600.0
    assert 6000.0 < usual.latest_s <= 6100.0
    later = advisor.ask(asked(advisor, arrive_by=7900, asked_at=5950)).usual
    assert later is not None
    assert 5950.0 <= later.earliest_s < later.latest_s <= 6100.0
    assert advisor.ask(asked(advisor, arrive_by=7900, asked_at=6200)).usual is None
    assert advisor.ask(asked(advisor, arrive_by=None, leave_after=5000)).usual is None


def test_words_say_what_is_better_than_leaving_as_usual(result: ComparisonResult) -> None:
    advisor = sim.Advisor(result)
    answer = advisor.ask(asked(advisor, arrive_by=7900, usual=5980))
    assert answer.usual is not None
    usual = replace(answer.usual, advised=False, weighed_cost_min=answer.own_cost_min + 2.5)
    for whole, said in (
        ({"usual": replace(usual, advised=True)}, {"leave": "as usual, at 01:39"}),
        ({"usual": usual}, {"instead of": "leaving as usual, at 01:39: 2.5 min less for you"}),
        (
            {"usual": replace(usual, weighed_cost_min=answer.own_cost_min - 1.5)},
            {"instead of": "leaving as usual, at 01:39: full or late on most days; 1.5 min more for you"},
        ),
        (
            {"usual": replace(usual, told=False, earliest_s=5700.0, latest_s=6300.0, advised=True)},
            {"leave": "as usual, supposed 01:35 to 01:45 (--usual says when)"},
        ),
    ):
        shown = answer_facts(replace(answer, weighed_cost_min=answer.own_cost_min, **whole).as_dict(), {}, {})
        assert said.items() <= shown.items()
    by_moment = replace(
        answer,
        weighed_cost_min=10.0,
        own_cost_min=10.0,
        usual=replace(usual, told=False, earliest_s=5700.0, latest_s=6300.0, moment_costs_min=(8.0, 11.0, 14.0, 10.0)),
        keep_between_s=((5700.0, 5880.0), (6240.0, 6300.0)),
        else_start_s=4800.0,
    )
    assert {
        "unless": "you usually leave 01:35 to 01:38 or 01:44 to 01:45: then keep to it",
        "instead of": "leaving as usual, supposed 01:35 to 01:45 (--usual says when): 1.2 min less for you",
    }.items() <= answer_facts(by_moment.as_dict(), {}, {}).items()
    assert by_moment.usual is not None
    stays = answer_facts(replace(by_moment, usual=replace(by_moment.usual, advised=True)).as_dict(), {}, {})
    assert stays["leave"] == "as usual, if that is 01:35 to 01:38 or 01:44 to 01:45"
    assert stays["or else"] == "01:20 to 01:30"
    dearer = replace(answer, usual=usual, weighed_cost_min=answer.own_cost_min + 0.5)
    assert answer_facts(dearer.as_dict(), {}, {})["instead of"].endswith(
        "2.0 min less for all, at the prices of the plan"
    )


def test_whoever_meets_their_vehicle_is_told_so() -> None:
    """A bus every ten minutes and windows of 15: whoever leaves with the bus at 01:30 is on time, hardly anybody else.

    By the mean of the window they are late on most days and wait five minutes, and are sent to windows that are late.
    """
    lines = [bus_line("L", "ABC", [RIDE_S, RIDE_S], range(3600, 9001, HEADWAY_S))]
    scenario = world(lines, [flow("A", "C", 4200, 6600, 20)], {"bus": BUS}, advisor={"window": "15 min"})
    windows = sim.advise(sim.run(scenario), "A", "C", arrive_by=7250, usual=5400, earlier="40 min", later="40 min")
    late = [option.mostly_late for option in windows]
    assert late == sorted(late)
    (usual,) = (option for option in windows if option.window_start_s == 5400.0)
    assert (usual.on_time_share, usual.wait_min, usual.lost_share) == (1.0, 0.0, 0.0)
    assert usual.door_to_door_min == pytest.approx(2 * RIDE_S / 60.0)
    assert (usual.vehicle_due_s, usual.vehicle_share) == (5400.0, 1.0)
    assert "arrives about 02:00, 1 min before the time wished" in usual.reason


def test_whoever_is_usually_late_may_be_told_to_be_late_by_less(result: ComparisonResult) -> None:
    """Windows in which one is late on most days come last, unless one is late on most days by leaving as usual."""
    for usual, first in ((6590, True), (4190, False), (None, False)):
        windows = sim.advise(result, "A", "C", arrive_by=7750, usual=usual, earlier="40 min", later="40 min")
        late = [option.mostly_late for option in windows]
        assert any(late)
        assert (late != sorted(late)) == first, (usual, late)


def test_days_before_advice_are_no_days_of_the_plan(result: ComparisonResult) -> None:
    """A run that keeps the day before advice gives out the same windows and places as one that does not."""
    found = []
    for kept in (1, 2):
        parameters = result.scenario.parameters.model_copy(update={"days": 2, "days_kept": kept})
        days = sim.run(replace(result.scenario, parameters=parameters), strategy="coordinated")
        advisor = sim.Advisor(days)
        assert len(advisor._ledger.days) == result.scenario.parameters.replications
        answer = advisor.ask(asked(advisor, usual=4810))
        found.append((answer.window, answer.places, answer.own_cost_min, answer.others_cost_min))
    assert found[0] == found[1]


def test_prices_give_way_less_where_vehicles_leave_people_behind_again_and_again(result: ComparisonResult) -> None:
    days = sim.Advisor(result)._ledger.days
    rides = sum(len(day.boarding_visit) for day in days)
    assert [
        elasticity_of([replace(days[0], denied=np.array([denied])), *days[1:]]) for denied in (rides // 20, rides // 5)
    ] == [100.0, 1000.0]


def test_equal_questions_fill_one_vehicle_after_the_other() -> None:
    """Windows of two minutes, a bus of ten places every ten minutes, and traffic that is observed by half hours.

    Where places of all buses of half an hour are counted together, 20 people are sent to one of them.
    """
    scenario = world(
        [bus_line("L", "ABC", [RIDE_S, RIDE_S], range(3600, 9001, HEADWAY_S))],
        [flow("A", "C", 4200, 6600, 8), flow("B", "C", 5100, 7500, 6)],
        {"bus": BUS},
        period="30 min",
        advisor={"window": 120, "penetration": 1, "compliance": 1, "booking": {"kept": 1}},
    )
    advisor = sim.Advisor(sim.run(scenario, strategy="coordinated"))
    request = asked(advisor, earlier="60 min", later="20 min")
    places = advisor._ledger.places
    with_place = sum(advisor.book(request).has_place for _ in range(40))
    # Persons who are expected to leave the first stop, by the stretches of two minutes between two buses.
    leave = places.placed[: places.traffic.grid.stretches]
    due = np.bincount(np.arange(len(leave)) * 120 // HEADWAY_S, leave)
    assert due.max() <= float(BUS["capacity"]) + 1e-9, due
    assert due.sum() > 0.95 * with_place
    assert np.count_nonzero(due) >= 4


def test_without_a_plan_as_many_as_leave_then_anyhow_take_no_place(result: ComparisonResult) -> None:
    """Where nobody was advised, those who ask are among those seen; more of them with one question are others."""
    advisor = sim.Advisor(result, strategy="none")
    leavers, places = advisor._ledger.leavers, advisor._ledger.places
    assert leavers is not None
    start_s = 4800.0
    people = leavers.in_window((*advisor._ends(asked(advisor)), round(start_s / HEADWAY_S)))
    assert people >= 2
    request = asked(advisor, usual=start_s + 60, earlier="20 min", later="20 min")
    for _ in range(int(np.ceil(people))):
        answer = advisor.book(request, start_s)
        assert answer.has_place
        assert not places.booked.any()
    advisor.book(request, start_s)
    assert places.booked.any()


def test_without_a_plan_windows_are_compared_by_what_they_cost_oneself(result: ComparisonResult) -> None:
    alone, planned = sim.Advisor(result, strategy="none"), sim.Advisor(result)
    assert planned._ledger.leavers is None
    answer = alone.ask(asked(alone))
    assert answer.weighed_cost_min == answer.own_cost_min
    assert len(answer.other_weighed_costs_min) == len(answer.other_windows)
    # With one, others count, and the prices at which its windows are used as often as it has them.
    request = asked(planned)
    answer = planned.ask(request)
    windows = np.array([round(answer.window.window_start_s / HEADWAY_S)])
    (price_min,) = planned._ledger.windows.price_min(planned._ends(request), windows, planned._show_share())
    cases = planned._pair(request).useful(windows)
    means_min = cases.column("others_cost_min").mean()
    booked_min = answer.others_cost_min - cases.others_min[0]
    assert answer.weighed_cost_min == pytest.approx(answer.own_cost_min + means_min + booked_min + price_min)


def test_what_windows_are_compared_by_does_not_hang_on_single_vehicles(
    result: ComparisonResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they cost others is told vehicle by vehicle, and prices are learned on means by period."""
    before = sim.Advisor(result)
    told = before.ask(asked(before, usual=4810))
    monkeypatch.setattr(WindowCases, "others_min", property(lambda cases: np.linspace(10.0, 90.0, len(cases))))
    after = sim.Advisor(result)
    again = after.ask(asked(after, usual=4810))
    assert again.others_cost_min > told.others_cost_min
    assert again.window.window_start_s == told.window.window_start_s
    assert again.weighed_cost_min == pytest.approx(told.weighed_cost_min)
    assert again.other_weighed_costs_min == pytest.approx(told.other_weighed_costs_min)


def test_a_full_window_comes_after_one_in_which_one_is_late() -> None:
    """Nobody is on time by a vehicle that has no place for them."""
    known = {"row": 0, "places": {}, "keeps_place": False, "own_min": 1.0, "others_min": 0.0, "price_min": None}
    late, full = (WindowOffer(**known, left=left, put_back=put_back) for left, put_back in ((1, True), (0, False)))
    in_time = replace(late, put_back=False, own_min=9.0)
    assert sorted([full, late, in_time], key=lambda one: one.rank) == [in_time, late, full]
    assert replace(full, keeps_place=True).has_place
    assert replace(full, places={3: 1.0}, keeps_place=True).places_taken == {}


@pytest.mark.parametrize(
    ("has_place", "places", "said"),
    [
        (True, 3, "2 of 3 left"),
        (True, 0, "none is left, and none is needed: people with that wish leave then anyhow"),
        (False, 0, "none was left; counted all the same"),
    ],
)
def test_words_say_whether_there_is_a_place(result: ComparisonResult, has_place: bool, places: int, said: str) -> None:
    advisor = sim.Advisor(result, strategy="none")
    answer = replace(advisor.ask(asked(advisor)), has_place=has_place, places=places, places_left=max(places - 1, 0))
    assert answer_facts(answer.as_dict(), {}, {})["places"] == said


def test_whoever_leaves_in_a_window_that_only_waits_keeps_the_place_on_its_vehicle() -> None:
    """Windows of two minutes, a bus every ten: four of five windows wait for the vehicle of the fifth."""
    scenario = world(
        [bus_line("L", "ABC", [RIDE_S, RIDE_S], range(3600, 9001, HEADWAY_S))],
        [flow("A", "C", 4200, 6600, 8), flow("B", "C", 5100, 7500, 6)],
        {"bus": BUS},
        period="10 min",
        advisor={"window": 120},
    )
    advisor = sim.Advisor(sim.run(scenario, strategy="none"))
    leavers, ledger = advisor._ledger.leavers, advisor._ledger
    assert leavers is not None
    request = asked(advisor, earlier="30 min", later="30 min")
    usual_s = advisor.usual_departure_s(request)
    assert usual_s is not None
    stated = advisor._windows(request)
    cases, statements = stated.cases, stated.windows
    own = int(usual_s // 120)
    assert own not in cases.windows
    (kept,) = (offer for offer in ledger.offers(cases, statements, request, 1.0) if offer.keeps_place)
    assert own < cases.windows[kept.row] <= own + 5
    # The first window of all is kept by nobody who leaves long before it.
    assert not any(offer.keeps_place for offer in ledger.offers(cases, statements, replace(request, usual_s=0.0), 1.0))


def test_whoever_comes_from_another_window_takes_no_kept_place(result: ComparisonResult) -> None:
    """The places of those who leave then anyhow are theirs, however many of others have been given that window."""
    advisor = sim.Advisor(result, strategy="none")
    start_s = 4800.0
    own = asked(advisor, usual=start_s + 60, earlier="20 min", later="20 min")
    other = asked(advisor, usual=start_s + HEADWAY_S + 60, earlier="20 min", later="20 min")
    for _ in range(40):
        advisor.book(other, start_s)
    placed = advisor._ledger.places.placed.copy()
    answer = advisor.book(own, start_s)
    assert answer.has_place
    assert answer.booking_id is not None
    assert np.array_equal(advisor._ledger.places.placed, placed)
    told = (*advisor._ends(own), round(start_s / HEADWAY_S))
    assert advisor._ledger.kept[told] == 1
    advisor.cancel(answer.booking_id)
    assert advisor._ledger.kept[told] == 0

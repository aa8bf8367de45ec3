"""Places of a run that holds a plan, as the app, `sim.Advisor` and `peakshift advise --book` tell and count them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.command import call
from support.served import Served, write_planned
from support.worlds import bus_line, flow, world

import sim
from sim.api.reading import read_run
from sim.errors import RunFolderError
from sim.records.bookings import BookingFile, StoredBooking

RUN = "/api/v1/runs/planned"
WISHES = ("07:10", "07:20", "07:50", "08:00", "08:20", "08:50")
"""Times to be there; for some of them leaving as usual is told, and for others the window in its middle."""

REACH_MIN = 180
"""How far people can move here: as far as the app looks, so that all three are asked the same."""


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_planned(tmp_path_factory.mktemp("planned"))


@pytest.fixture(scope="module")
def served(run_folder: Path) -> Served:
    return Served(run_folder.parent)


@pytest.fixture(scope="module")
def advisor(run_folder: Path) -> sim.Advisor:
    return sim.Advisor(read_run(run_folder))


def journey(arrive_by: str) -> dict[str, Any]:
    return {"origin": "a", "destination": "c", "arrive_by": arrive_by, "earlier": REACH_MIN, "later": REACH_MIN}


def windows(served: Served, arrive_by: str, **more: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = served.ask(f"{RUN}/windows", params={**journey(arrive_by), **more}).json()["windows"]
    return found


def stays_usual(window: dict[str, Any]) -> bool:
    return window["usual"] and not window["useful"]


def same(found: list[dict[str, Any]], window: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a later answer says of the same window, or of leaving as usual."""
    key = window["window_start_s"], stays_usual(window)
    return next((one for one in found if (one["window_start_s"], stays_usual(one)) == key), None)


def take(served: Served, arrive_by: str, window: dict[str, Any], **more: Any) -> dict[str, Any]:
    wish = {**journey(arrive_by), **more, "window_start_s": window["window_start_s"], "as_usual": stays_usual(window)}
    booked: dict[str, Any] = served.ask(f"{RUN}/bookings", "POST", json=wish).json()
    return booked


def request(advisor: sim.Advisor, arrive_by: str, **more: Any) -> sim.JourneyRequest:
    reach = {"earlier": f"{REACH_MIN} min", "later": f"{REACH_MIN} min"}
    return advisor.request("a", "c", arrive_by=arrive_by, **reach, **more)


def test_the_run_holds_a_plan_of_both_kinds_of_answers(served: Served, advisor: sim.Advisor) -> None:
    """Else all below would say nothing."""
    assert advisor.strategy == "coordinated"
    usual = [next(one for one in windows(served, wish) if one["usual"]) for wish in WISHES]
    assert {stays_usual(one) for one in usual} == {True, False}
    assert {advisor.ask(request(advisor, wish)).usual.advised for wish in WISHES} == {True, False}


@pytest.mark.parametrize("arrive_by", WISHES)
@pytest.mark.parametrize("usual", [None, "07:41"])
def test_places_go_down_by_one_with_a_booking_and_up_by_one_with_what_is_given_back(
    served: Served, arrive_by: str, usual: str | None
) -> None:
    """Whoever did not say when they usually leave was told the places at all times of habit, but took the window
    around it: 93 were shown, 48 once one was taken, and 91 to whoever asked next.
    """
    more = {} if usual is None else {"usual": usual}
    for window in windows(served, arrive_by, **more):
        if window["places_left"] < 1:
            continue
        booked = take(served, arrive_by, window, **more)
        assert booked["has_place"]
        assert booked["places_left"] == window["places_left"] - 1
        now = same(windows(served, arrive_by, **more), window)
        # The window in the middle may be as dear as leaving as usual now; then that is told in its place.
        assert now is None or now["places_left"] == window["places_left"] - 1
        served.ask(f"{RUN}/bookings/{booked['booking_id']}", "DELETE")
        given_back = same(windows(served, arrive_by, **more), window)
        assert given_back is not None
        assert given_back["places_left"] == window["places_left"]


@pytest.mark.parametrize("arrive_by", WISHES)
def test_the_advisor_counts_the_places_that_the_app_shows(served: Served, advisor: sim.Advisor, arrive_by: str) -> None:
    """With as many bookings in both of them."""
    told = {(one["window_start_s"], stays_usual(one)): one["places_left"] for one in windows(served, arrive_by)}
    answer = advisor.ask(request(advisor, arrive_by))
    assert answer.usual is not None
    known = {
        (one.window_start_s, False): n for one, n in zip(answer.other_windows, answer.other_places_left, strict=True)
    }
    known[answer.window.window_start_s, False] = answer.places_left
    known[answer.usual.window_start_s, True] = answer.usual.places_left
    assert {key: known[key] for key in told} == told
    for (start_s, as_usual), left in told.items():
        booked = advisor.book(request(advisor, arrive_by), start_s, as_usual=as_usual)
        assert (booked.window.window_start_s, booked.places_left) == (start_s, max(left - 1, 0))
        assert booked.usual is not None
        assert booked.usual.advised == as_usual
        now = advisor.ask(request(advisor, arrive_by))
        assert now.usual is not None
        assert booked.usual.places_left == now.usual.places_left
        advisor.cancel(str(booked.booking_id))


def test_whoever_leaves_as_usual_takes_places_at_all_moments_of_habit(advisor: sim.Advisor) -> None:
    """They are on the vehicles of all these moments; those of the window around the middle were counted."""
    asked = request(advisor, "08:00")
    before, ledger, taken = advisor.ask(asked), advisor._ledger.places, []
    assert before.usual is not None
    for as_usual in (False, True):
        booked = advisor.book(asked, before.usual.window_start_s, as_usual=as_usual)
        taken.append(ledger.booked.copy())
        advisor.cancel(str(booked.booking_id))
    assert advisor.ask(asked) == before
    own, usual = (set(np.flatnonzero(more).tolist()) for more in taken)
    assert own < usual
    # The same rides, by as many stops, wherever the chance lies.
    assert taken[0].sum() == pytest.approx(taken[1].sum())


def test_whoever_books_is_told_what_all_windows_have_left_after_it(advisor: sim.Advisor) -> None:
    """A vehicle that is taken from one window is not there in the next one, either; places were those before."""
    asked = request(advisor, "08:00")
    before, numbers = advisor.ask(asked), []
    for _ in range(5):
        booked = advisor.book(asked, before.window.window_start_s)
        numbers.append(str(booked.booking_id))
        now = advisor.ask(asked)
        left = dict(zip((one.window_start_s for one in now.other_windows), now.other_places_left, strict=True))
        told = dict(zip((one.window_start_s for one in booked.other_windows), booked.other_places_left, strict=True))
        assert {start_s: left[start_s] for start_s in told if start_s in left} == {
            start_s: n for start_s, n in told.items() if start_s in left
        }
    assert sum(before.other_places_left) > sum(booked.other_places_left)
    for number in numbers:
        advisor.cancel(number)


@pytest.mark.parametrize("arrive_by", WISHES)
def test_the_command_books_what_the_advisor_does(
    run_folder: Path, advisor: sim.Advisor, tmp_path: Path, arrive_by: str
) -> None:
    file, reach = tmp_path / "bookings.sqlite", f"{REACH_MIN} min"
    ends = ["--from", "a", "--to", "c", "--arrive-by", arrive_by, "--earlier", reach, "--later", reach]
    numbers = []
    for _ in range(3):
        done = call("advise", str(run_folder), *ends, "--book", "--bookings", str(file), "--json")
        assert done.exit_code == 0, done.stderr
        told = json.loads(done.stdout)
        booked = advisor.book(request(advisor, arrive_by))
        numbers.append(str(booked.booking_id))
        assert booked.window.window_start_s == told["window"]["window_start_s"]
        assert (booked.places_left, booked.places) == (told["places_left"], told["places"])
        assert list(booked.other_places_left) == told["other_places_left"]
    for number in numbers:
        advisor.cancel(number)


def test_whoever_leaves_as_usual_is_told_when_no_place_is_left(served: Served) -> None:
    """As many take it as there are places, and the next one is counted without."""
    (usual,) = (one for one in windows(served, "07:50") if one["usual"])
    assert stays_usual(usual)
    assert usual["has_place"]
    taken = [take(served, "07:50", usual) for _ in range(usual["places_left"] + 1)]
    assert [one["has_place"] for one in taken] == [True] * usual["places_left"] + [False]
    (full,) = (one for one in windows(served, "07:50") if one["usual"])
    assert (full["places_left"], full["has_place"]) == (0, False)
    for one in taken:
        served.ask(f"{RUN}/bookings/{one['booking_id']}", "DELETE")
    assert [one["places_left"] for one in windows(served, "07:50") if one["usual"]] == [usual["places_left"]]


def test_whoever_leaves_as_usual_counts_in_all_windows_of_habit(run_folder: Path, tmp_path: Path) -> None:
    """All were counted in the window around the middle of habit, which grew dear for others who are not crowded there.

    With everybody asking so at the bottleneck they cost 33.2 min, and 31.8 counted at all moments. Another process
    counts the same, and nothing is left of what is given back.
    """
    days, file = read_run(run_folder), tmp_path / "bookings.sqlite"
    with sim.Advisor(days, state=file) as first, sim.Advisor(days, state=file) as second:
        asked = request(first, "08:00")
        before = first.ask(asked)
        assert before.usual is not None
        start_s = before.usual.window_start_s
        middle = round(start_s / 600.0)
        around = np.arange(middle - 1, middle + 2)

        def prices_min(advisor: sim.Advisor) -> np.ndarray:
            advisor.ask(asked)
            found = advisor._ledger.windows.price_min(advisor._ends(asked), around, advisor._show_share())
            return np.array(found)

        calm_min, dearer_min = prices_min(first), {}
        for as_usual in (False, True):
            numbers = [str(first.book(asked, start_s, as_usual=as_usual).booking_id) for _ in range(12)]
            dearer_min[as_usual] = prices_min(first) - calm_min
            assert np.array_equal(prices_min(second), prices_min(first))
            for number in numbers:
                second.cancel(number)
            assert np.array_equal(prices_min(first), calm_min)
        assert first.ask(asked) == before
        assert dearer_min[True][1] < dearer_min[False][1]
        assert (dearer_min[True][[0, 2]] > dearer_min[False][[0, 2]]).all()


def test_a_file_of_bookings_is_not_taken_for_one_of_other_stops_lines_or_windows(tmp_path: Path) -> None:
    """Bookings counted on whatever vehicles had their numbers, or ended in an error where none had."""

    def days(stops: str, window: str) -> sim.RunResult:
        line = bus_line("L", stops, [900] * (len(stops) - 1), [25200.0, 27000.0])
        advisor = {"window": window}
        return sim.run(world([line], [flow("A", "B", 25200, 27000, 4)], advisor=advisor))

    def left(run: sim.RunResult, file: str) -> int:
        with sim.Advisor(run, state=tmp_path / file) as advisor:
            return int(advisor.book(advisor.request("A", "B", arrive_by="7:45", usual="7:05")).places_left)

    known = days("AB", "5 min")
    first = left(known, "one.sqlite")
    assert left(days("AB", "5 min"), "one.sqlite") == first - 1
    for stops, window in (("AB", "1 min"), ("ACB", "5 min"), ("AB", "15 min")):
        with pytest.raises(RunFolderError, match=r"one.sqlite: holds bookings for other stops, lines, hours or dep"):
            left(days(stops, window), "one.sqlite")
    assert left(known, "one.sqlite") == first - 2
    # Where nothing is held nothing can be mistaken.
    with sim.Advisor(known, state=tmp_path / "one.sqlite") as advisor:
        advisor.close_day()
    assert left(days("ACB", "5 min"), "one.sqlite") == left(days("ACB", "5 min"), "other.sqlite")


def test_bookings_that_an_earlier_version_kept_are_refused_where_no_place_has_their_number(tmp_path: Path) -> None:
    line = bus_line("L", "AB", [900], [25200.0, 27000.0])
    run = sim.run(world([line], [flow("A", "B", 25200, 27000, 4)]))
    for place, name in ((3, "known"), (10**6, "unknown")):
        file = BookingFile(tmp_path / name)
        with file.change():
            file.add("number", StoredBooking(True, {place: 1.0}, (0, 1, 28)))
        file.close()
    with sim.Advisor(run, state=tmp_path / "known") as advisor:
        assert advisor.counts().booked == 1
    with pytest.raises(RunFolderError, match="for other stops"):
        sim.Advisor(run, state=tmp_path / "unknown")

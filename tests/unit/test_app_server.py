"""The app's server: what it answers, what it refuses, and that nothing leads out of its folder."""

from __future__ import annotations

import gzip
import itertools
import json
import shutil
from pathlib import Path

import pytest
from support.served import HOSTILE, LINE, Served, write_comparison

import sim
from sim.app import RunLibrary
from sim.app.guard import MOST_BODY, MOST_TARGET, POLICY, Limits, WorkMeter
from sim.errors import RunFolderError
from sim.records.sweep_folder import CATALOGUE

RUN = "/api/v1/runs/served"
WINDOWS = f"{RUN}/windows?origin=a&destination=c&arrive_by=08:30"


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory) -> Path:
    return write_comparison(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def served(run_folder) -> Served:
    return Served(run_folder)


ADDRESSES = [
    "/",
    "/board",
    "/about",
    "/api",
    "/static/common.js",
    "/static/zh.json",
    "/api/v1/runs",
    "/api/v1/openapi.json",
    RUN,
    f"{RUN}/network",
    f"{RUN}/indicators",
    f"{RUN}/lines",
    f"{RUN}/gains",
    f"{RUN}/scores",
    f"{RUN}/curves",
    f"{RUN}/loads?strategy=none",
    f"{RUN}/vehicles?strategy=coordinated&hour=7",
    WINDOWS,
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_and_document_is_there_and_is_known_again_by_its_etag(served, address):
    first = served.ask(address)
    assert first.status_code == 200, first.text
    again = served.ask(address, headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("by_itself", [False, True], ids=["with its catalogue", "written by itself"])
def test_a_sweep_answers_what_it_has_and_says_what_it_has_not(tmp_path, by_itself):
    """Its results hang on its points; taken for metrics of strategies they were an error of the server.

    One that Python wrote without a catalogue was no run to the server.
    """
    (tmp_path / "line.yaml").write_text(LINE, encoding="utf-8")
    values = {"advisor.penetration": [0, 0.5]}
    folder = tmp_path / "runs" / "served"
    swept = sim.sweep(tmp_path / "line.yaml", values, ["none"], replications=1, folder=None if by_itself else folder)
    swept.write(folder)
    assert (folder / CATALOGUE).is_file() != by_itself
    served = Served(tmp_path / "runs")
    assert Served(folder).ask(RUN).status_code == 200
    found = {address: served.ask(address) for address in ADDRESSES if address.startswith(RUN)}
    answered = {address.removeprefix(RUN) for address, answer in found.items() if answer.status_code == 200}
    assert answered == {"", "/network", "/indicators", "/curves"}
    assert {answer.status_code for answer in found.values()} == {200, 404}
    assert found[f"{RUN}/indicators"].json()["metrics"] == []


@pytest.mark.parametrize("address", [*ADDRESSES, "/nothing", f"{RUN}/nothing", f"{RUN}/windows"])
def test_every_answer_has_the_security_headers(served, address):
    headers = served.ask(address).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "http" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_documents_are_compressed_for_those_who_can_read_it(served):
    plain = served.ask(f"{RUN}/indicators", headers={"accept-encoding": "identity"})
    packed = served.ask(f"{RUN}/indicators", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 3


def test_windows_hang_together(served):
    answer = served.ask(WINDOWS).json()
    windows = answer["windows"]
    assert answer["arrive_by_s"] == 8.5 * 3600
    assert sum(window["usual"] for window in windows) == 1
    usual = next(window for window in windows if window["usual"])
    assert usual["window_start_s"] == answer["usual_start_s"]
    assert usual["shift_min"] == 0.0
    assert not usual["useful"]
    assert [window["useful"] for window in windows] == sorted((w["useful"] for w in windows), reverse=True)
    assert all(window["within"] == (abs(window["shift_min"]) <= 60) for window in windows)
    for window in windows:
        assert 0.0 <= window["denied_share"] <= 1.0
        assert 0 <= window["level"] <= 4
    # The ride takes 9 min, and people keep 5 min in hand beyond it: they leave at 08:16.
    assert not answer["usual_told"]
    assert usual["window_start_s"] <= 8.5 * 3600 - 9 * 60 - 300 < usual["window_end_s"]


@pytest.mark.parametrize(("usual", "start_s"), [("08:00", 28_800), ("08:14", 28_800), ("08:15", 29_700)])
def test_whoever_leaves_at_the_start_of_a_window_leaves_in_it(served, usual, start_s):
    """A full hour is as far from the middle of the window before; that one was taken for the usual one."""
    answer = served.ask(f"{WINDOWS}&usual={usual}").json()
    assert answer["usual_start_s"] == start_s
    (told,) = (window for window in answer["windows"] if window["usual"])
    assert "when you usually leave" in told["reason"]


def test_whoever_says_when_they_usually_leave_is_answered_from_there(served):
    answer = served.ask(f"{WINDOWS}&usual=07:50").json()
    (usual,) = (window for window in answer["windows"] if window["usual"])
    assert answer["usual_told"]
    assert usual["window_start_s"] == answer["usual_start_s"] == 7.75 * 3600
    assert usual["verdict"] == "usual"
    for window in answer["windows"]:
        assert window["shift_min"] == (window["window_start_s"] - usual["window_start_s"]) / 60
        assert window["useful"] == (window["verdict"] in {"better", "better_for_all"})
        # Nobody here is advised, so that there is no plan by which a window could be better for others alone.
        assert window["verdict"] not in {"better_for_all", "not_for_all"} or window["places_left"] < 1
    # The window of that moment is costed at that moment.
    plain = served.ask(WINDOWS).json()["windows"]
    costs = [
        {window["window_start_s"]: window["generalized_cost_min"] for window in windows}
        for windows in (plain, answer["windows"])
    ]
    assert costs[0][usual["window_start_s"]] != costs[1][usual["window_start_s"]]


def test_windows_that_have_begun_are_left_out_where_the_time_of_day_is_said(served):
    plain, later = (served.ask(f"{WINDOWS}{more}").json()["windows"] for more in ("", "&asked_at=07:50"))
    assert min(one["window_start_s"] for one in plain) < 7 * 3600 + 50 * 60
    assert min(one["window_start_s"] for one in later) >= 7 * 3600 + 50 * 60
    past = served.ask(f"{WINDOWS}&asked_at=23:00")
    assert (past.status_code, past.json()["error"]["code"]) == (404, "all_begun")
    assert served.ask(f"{WINDOWS}&asked_at=noon").status_code == 422


def test_a_usual_departure_that_makes_no_sense_is_refused(served):
    late = served.ask(f"{WINDOWS}&usual=11:00")
    assert (late.status_code, late.json()["error"]["code"]) == (404, "usual_too_late")
    assert "more than 2 h after" in late.json()["error"]["message"]
    after = WINDOWS.replace("arrive_by", "leave_after")
    assert served.ask(f"{after}&usual=08:00").status_code == 422
    assert served.ask(f"{WINDOWS}&usual=8%20o'clock").status_code == 422
    wish = {"origin": "a", "destination": "c", "leave_after": "08:00", "usual": "08:00", "window_start_s": 28800}
    assert served.ask(BOOKINGS, "POST", json=wish).status_code == 422


def test_nobody_is_sent_where_they_arelate_more_often():
    """A cheap window that is on time in 6 of 10 cases helps nobody whose usual one always is."""
    from sim.api.told_windows import late_more_often
    from sim.experiments.window_options import WindowOption

    def option(on_time_share: float) -> WindowOption:
        known = dict.fromkeys(WindowOption.__dataclass_fields__, 0)
        return WindowOption(**{**known, "on_time_share": on_time_share})

    usual = option(1.0)
    assert late_more_often(option(0.6), usual)
    assert not late_more_often(option(0.92), usual)
    assert not late_more_often(option(float("nan")), option(float("nan")))
    assert not late_more_often(option(0.6), option(0.6))
    assert late_more_often(option(0.4), option(0.4))


@pytest.mark.parametrize(
    ("own_min", "weighed_min", "left", "on_time", "said"),
    [
        (20.0, 20.0, 3, 1.0, "better"),
        (30.5, 20.0, 3, 1.0, "better_for_all"),
        (20.0, 30.5, 3, 1.0, "not_for_all"),
        (29.5, 29.5, 3, 1.0, "dearer"),
        (20.0, 20.0, 0, 1.0, "full"),
        (20.0, 20.0, 3, 0.6, "riskier"),
    ],
)
def test_a_window_is_judged_by_what_it_costs_all_and_by_its_places(own_min, weighed_min, left, on_time, said):
    from sim.api.told_windows import OfferedWindow, verdict_of
    from sim.experiments.window_options import WindowOption

    def offered(own_min: float, weighed_min: float, left: int, on_time: float) -> OfferedWindow:
        known = dict.fromkeys(WindowOption.__dataclass_fields__, 0)
        option = WindowOption(**{**known, "generalized_cost_min": own_min, "on_time_share": on_time})
        return OfferedWindow(option, left, weighed_min)

    usual = offered(30.0, 30.0, 0, 1.0)
    assert verdict_of(usual, usual) == "usual"
    assert verdict_of(offered(own_min, weighed_min, left, on_time), usual) == said


def test_the_smallest_shift_that_saves_half_of_the_most_is_told_first():
    """A small shift is easy to make, but not for a small part of what another one saves.

    What saves most counts among windows that one accepts alone: nobody is told to wait for more than that.
    """
    from sim.api.told_windows import OfferedWindow, told_windows
    from sim.app import JourneyQuestion
    from sim.experiments.window_options import WindowOption

    def offered(shift_min: float, saves_min: float) -> OfferedWindow:
        known = dict.fromkeys(WindowOption.__dataclass_fields__, 0)
        cost_min, start_s = 50.0 - saves_min, 28_800.0 + 60.0 * shift_min
        changes = {"window_start_s": start_s, "generalized_cost_min": cost_min, "on_time_share": 1.0, "occupancy": ""}
        return OfferedWindow(WindowOption(**{**known, **changes}), 3, cost_min)

    usual = offered(0.0, 0.0)
    others = [offered(*one) for one in ((-2, 2.0), (4, 4.4), (10, 4.5), (-40, 9.0), (70, 40.0), (-20, -3.0))]
    question = JourneyQuestion("a", "c", arrive_by_s=30_600.0, leave_after_s=None, earlier_s=3600.0, later_s=3600.0)
    told = [(one["shift_min"], one["useful"]) for one in told_windows([usual, *others], usual, usual, question)]
    saves_enough = [(10.0, True), (-40.0, True), (70.0, True)]
    assert told == [*saves_enough, (-2.0, True), (4.0, True), (0.0, False), (-20.0, False)]


def test_who_cannot_gain_is_told_first_to_leave_as_usual(served):
    """The page marks the first window it is told as the one to take: it must never be one that costs more."""
    kinds = set()
    for hour, says_usual in itertools.product(range(6, 11), (False, True)):
        usual = f"&usual={hour - 1:02d}:20" if says_usual else ""
        found = served.ask(f"{RUN}/windows?origin=a&destination=c&arrive_by={hour:02d}:30{usual}").json()
        windows = found["windows"]
        useful = [window["useful"] for window in windows]
        assert windows[sum(useful)]["usual"]
        assert useful == sorted(useful, reverse=True)
        kinds.add(any(useful))
    assert kinds == {True, False}


def test_somebody_who_leaves_after_a_time_is_told_of_no_earlier_one(served):
    answer = served.ask(f"{RUN}/windows?origin=a&destination=c&leave_after=08:00&later=45").json()
    assert answer["arrive_by_s"] is None
    assert min(window["window_end_s"] for window in answer["windows"]) > 8 * 3600
    assert answer["usual_start_s"] <= 8 * 3600 < answer["usual_start_s"] + 900


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("origin=a&destination=c", 422),
        ("origin=a&destination=c&arrive_by=08:30&leave_after=08:00", 422),
        ("origin=a&destination=c&arrive_by=25h", 422),
        ("origin=a&destination=c&arrive_by=08:30&earlier=-1", 422),
        ("origin=a&destination=c&arrive_by=08:30&later=nan", 422),
        ("origin=a&destination=c&arrive_by=08:30&later=1e9", 422),
        ("origin=a&arrive_by=08:30", 422),
        ("origin=a&destination=a&arrive_by=08:30", 404),
        ("origin=a&destination=nowhere&arrive_by=08:30", 404),
        ("origin=c&destination=a&arrive_by=08:30", 404),
        ("origin=a&destination=c&arrive_by=03:00", 404),
    ],
)
def test_a_wrong_question_is_answered_by_a_sentence(served, query, status):
    answer = served.ask(f"{RUN}/windows?{query}")
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["message"]
    assert "Traceback" not in answer.text
    assert ".py" not in answer.text


@pytest.mark.parametrize(
    "key",
    [
        "..",
        "../served",
        "%2e%2e",
        "..%2fserved",
        "%2Fetc%2Fpasswd",
        "served%00",
        "served/../../served",
        "\\..\\served",
        "~",
    ],
)
def test_no_text_leads_out_of_the_folder(served, run_folder, key):
    (run_folder.parent.parent / "manifest.json").write_text('{"format": 1, "secret": 1}', encoding="utf-8")
    for address in (f"/api/v1/runs/{key}", f"/api/v1/runs/{key}/network", f"/static/{key}", f"/{key}/manifest.json"):
        status, _, body = served.ask_raw(address)
        assert status in {307, 404}
        assert b"secret" not in body


def test_links_in_the_folder_of_runs_are_not_followed(run_folder, tmp_path):
    runs = tmp_path / "runs"
    shutil.copytree(run_folder, runs / "own")
    (runs / "elsewhere").symlink_to(run_folder, target_is_directory=True)
    (runs / ".hidden").mkdir()
    assert [run.key for run in RunLibrary(runs).runs()] == ["own"]


def test_names_stay_texts(served):
    network = served.ask(f"{RUN}/network")
    assert HOSTILE in network.json()["stops"]["name"]
    assert network.headers["content-type"] == "application/json"
    answer = served.ask(f"{RUN}/windows", params={"origin": HOSTILE, "destination": "a", "arrive_by": "08:30"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


def test_a_page_of_another_name_or_site_is_refused(served):
    assert served.ask("/", headers={"host": "evil.example"}).status_code == 421
    assert served.ask("/", headers={"host": "127.0.0.1:9"}).status_code == 200
    for headers in ({"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert served.ask(f"{RUN}/windows", "POST", headers=headers).status_code == 403


def test_long_addresses_and_bodies_are_refused(served):
    assert served.ask("/?" + "a" * MOST_TARGET).status_code == 414
    assert served.ask(f"{RUN}/windows", "POST", content=b"a" * (MOST_BODY + 1)).status_code == 413


def test_a_body_without_a_length_is_cut_off(served):
    async def pieces():
        for _ in range(100):
            yield b"a" * 1000

    # Whatever answers first, nobody reads on for ever: the method is not allowed, or the body is too large.
    assert served.ask(f"{RUN}/windows", "POST", content=pieces()).status_code in {405, 413}


TOKEN = "a-token-of-24-characters"


def test_a_token_is_asked_for_and_kept_out_of_the_address(run_folder):
    guarded = Served(run_folder, token=TOKEN, hosts=None)
    assert guarded.ask("/").status_code == 401
    assert guarded.ask(RUN, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert guarded.ask("/?token=wrong").status_code == 401
    assert guarded.ask(RUN, headers={"authorization": f"Bearer {TOKEN}"}).status_code == 200
    shown = guarded.ask(f"/board?token={TOKEN}")
    assert shown.status_code == 303
    assert shown.headers["location"] == "/board"
    cookie = shown.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert guarded.ask("/board", headers={"cookie": cookie.split(";")[0]}).status_code == 200
    status, headers, _ = guarded.ask_raw("//evil.example/", f"token={TOKEN}")
    assert (status, headers["location"]) == (303, "/evil.example/")


def test_work_is_limited_and_what_is_known_is_free(run_folder):
    few = Served(run_folder, limits=Limits(per_s=0.01, burst=2))
    asked = [f"{RUN}/windows?origin=a&destination=c&arrive_by=08:{minute}" for minute in (10, 20, 30)]
    answers = [few.ask(address) for address in asked]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) >= 1
    assert few.ask(asked[0]).status_code == 200


def test_a_bucket_fills_again_and_callers_are_forgotten():
    now = [0.0]
    meter = WorkMeter(Limits(per_s=2.0, burst=1), lambda: now[0])
    assert meter.takes("one") == 0.0
    assert meter.takes("one") == pytest.approx(0.5)
    assert meter.takes("other") == 0.0
    now[0] = 0.5
    assert meter.takes("one") == 0.0
    for number in range(2 * meter.MOST_CALLERS):
        meter.takes(str(number))
    assert len(meter._left) == meter.MOST_CALLERS


def test_equal_questions_at_once_are_one_piece_of_work(run_folder):
    few = Served(run_folder, limits=Limits(per_s=0.01, burst=1))
    answers = few.ask_all([("GET", WINDOWS, {})] * 20)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


def test_an_error_of_ours_shows_no_trace(served, monkeypatch):
    def broken(*_):
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("sim.api.serving.RunForecast.answer", broken)
    answer = served.ask(f"{RUN}/windows?origin=a&destination=c&arrive_by=07:11")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["error"]["code"] == "internal"


def test_what_was_made_of_a_run_is_kept_in_its_folder_and_goes_with_it(run_folder, tmp_path):
    own = tmp_path / "runs" / "served"
    shutil.copytree(run_folder, own, ignore=shutil.ignore_patterns("app"))
    first = Served(own).ask(f"{RUN}/loads?strategy=none")
    kept = list((own / "app").iterdir())
    assert len(kept) == 1
    kept[0].write_bytes(gzip.compress(json.dumps({"kept": True}).encode()))
    assert Served(own).ask(f"{RUN}/loads?strategy=none").json() == {"kept": True}
    summary = json.loads((own / "summary.json").read_text(encoding="utf-8"))
    (own / "summary.json").write_text(json.dumps({**summary, "more": 1}), encoding="utf-8")
    again = Served(own).ask(f"{RUN}/loads?strategy=none")
    assert again.json() == first.json()
    assert again.headers["etag"] != first.headers["etag"]


def test_broken_documents_and_folders_that_cannot_be_written_cost_nothing_but_time(run_folder, tmp_path):
    own = tmp_path / "served"
    shutil.copytree(run_folder, own, ignore=shutil.ignore_patterns("app"))
    (own / "app").write_text("a file where the folder should be", encoding="utf-8")
    assert Served(own).ask(f"{RUN}/network").status_code == 200


def test_a_folder_of_runs_shows_what_comes_and_goes(run_folder, tmp_path):
    runs = tmp_path / "runs"
    shutil.copytree(run_folder, runs / "one")
    served = Served(runs)
    assert [run["key"] for run in served.ask("/api/v1/runs").json()["runs"]] == ["one"]
    shutil.copytree(run_folder, runs / "two")
    (runs / "notes").mkdir()
    (runs / "broken").mkdir()
    (runs / "broken" / "manifest.json").write_text("{", encoding="utf-8")
    assert {run["key"] for run in served.ask("/api/v1/runs").json()["runs"]} == {"one", "two"}
    shutil.rmtree(runs / "two")
    assert served.ask("/api/v1/runs/two/network").status_code == 404


def test_folders_without_a_run_are_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RunFolderError):
            RunLibrary(folder)


BOOKINGS = f"{RUN}/bookings"


def wish_for(served: Served) -> tuple[dict, dict]:
    """Return a wish with a window of its answer that has places left, and that window."""
    windows = served.ask(f"{WINDOWS}&earlier=45&later=30").json()["windows"]
    window = next(window for window in windows if window["places_left"] >= 2)
    wish = {"origin": "a", "destination": "c", "arrive_by": "08:30", "earlier": 45, "later": 30}
    return {**wish, "window_start_s": window["window_start_s"]}, window


def left_in(served: Served, window: dict) -> int:
    windows = served.ask(f"{WINDOWS}&earlier=45&later=30").json()["windows"]
    return next(w["places_left"] for w in windows if w["window_start_s"] == window["window_start_s"])


def test_a_place_is_counted_and_can_be_given_back(run_folder):
    served = Served(run_folder)
    wish, window = wish_for(served)
    booked = served.ask(BOOKINGS, "POST", json=wish)
    assert booked.status_code == 201, booked.text
    assert booked.json()["has_place"]
    assert booked.headers["cache-control"] == "no-store"
    # The next who asks sees what is left, though the question is the same and was answered before.
    assert left_in(served, window) == booked.json()["places_left"] < window["places_left"]
    assert served.ask(BOOKINGS).json() == {"booked": 1, "without_place": 0}
    number = booked.json()["booking_id"]
    assert served.ask(f"{BOOKINGS}/{number}", "DELETE").status_code == 204
    assert left_in(served, window) == window["places_left"]
    assert served.ask(BOOKINGS).json()["booked"] == 0
    assert served.ask(f"{BOOKINGS}/{number}", "DELETE").status_code == 404


def test_numbers_of_bookings_are_random_and_places_run_out(run_folder):
    served = Served(run_folder)
    wish, window = wish_for(served)
    answers = [served.ask(BOOKINGS, "POST", json=wish).json() for _ in range(window["places_left"] + 1)]
    numbers = {answer["booking_id"] for answer in answers}
    assert len(numbers) == len(answers)
    assert min(len(number) for number in numbers) >= 16
    assert [answer["has_place"] for answer in answers] == [True] * window["places_left"] + [False]


def test_whether_one_finds_a_place_is_what_a_booking_says(run_folder):
    """Where nobody was advised, people who leave as usual keep a place where others find none; it was told as none."""
    served = Served(run_folder)
    found = []
    for arrive_by in ("08:30", "09:30"):
        wish = {"origin": "a", "destination": "c", "arrive_by": arrive_by, "earlier": 60, "later": 60}
        for window in served.ask(f"{RUN}/windows", params=wish).json()["windows"]:
            as_usual = window["usual"] and not window["useful"]
            booking = {**wish, "window_start_s": window["window_start_s"], "as_usual": as_usual}
            booked = served.ask(BOOKINGS, "POST", json=booking).json()
            assert booked["has_place"] == window["has_place"]
            assert booked["has_place"] or not window["places_left"]
            found.append((window["places_left"] > 0, window["has_place"]))
            served.ask(f"{BOOKINGS}/{booked['booking_id']}", "DELETE")
    assert set(found) == {(True, True), (False, True), (False, False)}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"window_start_s": 3}, 404),
        ({"window_start_s": "soon"}, 422),
        ({"arrive_by": None}, 422),
        ({"leave_after": "07:00"}, 422),
        ({"name": "somebody"}, 422),
        ({"origin": "nowhere"}, 404),
    ],
)
def test_a_wrong_booking_counts_nothing(run_folder, change, status):
    served = Served(run_folder)
    wish, _ = wish_for(served)
    assert served.ask(BOOKINGS, "POST", json={**wish, **change}).status_code == status
    assert served.ask(BOOKINGS).json()["booked"] == 0


def test_nothing_of_a_booking_is_written_to_the_disk(run_folder, tmp_path):
    own = tmp_path / "served"
    shutil.copytree(run_folder, own, ignore=shutil.ignore_patterns("app"))
    served = Served(own)
    wish, _ = wish_for(served)
    before = {file: file.read_bytes() for file in own.rglob("*") if file.is_file()}
    number = served.ask(BOOKINGS, "POST", json=wish).json()["booking_id"]
    after = {file: file.read_bytes() for file in own.rglob("*") if file.is_file()}
    assert after == before
    assert not any(number.encode() in content for content in after.values())


def test_loads_agree_with_the_table_they_come_from(served, run_folder):
    from sim.records.folder import read_run_folder

    periods = read_run_folder(run_folder).tables()["periods"]
    document = served.ask(f"{RUN}/loads?strategy=none").json()
    (direction,) = document["directions"]
    own = periods.where(periods.equals("strategy", "none"))
    for place, stop in enumerate(direction["stop_ids"]):
        for column in range(direction["periods"]):
            start_s = (direction["first_period"] + column) * document["period_s"]
            rows = own.equals("stop_id", stop) & (own["period_start_s"] == start_s)
            shown = direction["load"][place * direction["periods"] + column]
            vehicles = own["vehicles"][rows]
            assert shown == (round((own["load"][rows] * vehicles).sum() / vehicles.sum()) if rows.any() else -1)


def test_vehicles_agree_with_the_table_they_come_from(served, run_folder):
    from sim.records.folder import read_run_folder

    visits = read_run_folder(run_folder).tables()["stop_visits"]
    day = visits.equals("strategy", "none") & (visits["replication"] == 0)
    document = served.ask(f"{RUN}/vehicles?strategy=none&hour=7").json()
    shown = []
    for _, _, capacity, _, first, *rest in document["trips"]:
        time_s = first
        for at in range(0, len(rest), 4):
            stop, wait, stay, load = rest[at : at + 4]
            time_s += wait + stay
            shown.append((stop, time_s, load, capacity))
    departs = visits["departure_s"][day]
    trips = visits.text("trip_id")[day]
    in_hour = {
        trip
        for trip in set(trips)
        if visits["arrival_s"][day][trips == trip].min() < 8 * 3600 and departs[trips == trip].max() >= 7 * 3600
    }
    expected = sum(1 for trip in trips if trip in in_hour)
    assert len(shown) == expected
    assert sum(load for *_, load, _ in shown) == sum(
        int(load) for load, trip in zip(visits["departing_load"][day], trips, strict=True) if trip in in_hour
    )
    assert max(abs(time_s - round(time_s)) for _, time_s, _, _ in shown) == 0

"""``peakshift advise``, from a scenario and from a run folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields
from pathlib import Path

import pytest
from support.command import TINY, call
from support.small_network import write_network

from sim.cli.advise import MOST_SHOWN
from sim.experiments.window_options import WindowOption

JOURNEY = ("--from", "a", "--to", "c", "--arrive-by", "08:00")


def test_it_prints_windows_the_best_first(here):
    done = call("advise", "tiny.yaml", *JOURNEY)
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].split()[0] == "leave"
    assert [line for line in lines if line.startswith("> ")] == [lines[2]]
    assert "Cheapest of all windows" in lines[3]
    assert not (here / "runs").exists()


def test_the_width_that_the_advisor_chose_is_told_with_its_reason(here):
    assert "The advisor chose" not in call("advise", "tiny.yaml", *JOURNEY).stdout
    options = ("--set", "advisor.window=auto", "--replications", "1")
    assert call("run", "tiny.yaml", *options, "--out", "runs/auto").exit_code == 0
    note = [
        one
        for one in json.loads((here / "runs/auto/manifest.json").read_text(encoding="utf-8"))["notes"]
        if one.startswith("The advisor chose that windows")
    ]
    from_run = call("advise", "runs/auto", *JOURNEY).stdout
    assert " ".join(from_run.split()).endswith(note[0])
    text = (here / "tiny.yaml").read_text(encoding="utf-8")
    (here / "auto.yaml").write_text(f"{text}\nadvisor: {{window: auto}}\n", encoding="utf-8")
    from_scenario = call("advise", "auto.yaml", *JOURNEY).stdout
    assert " ".join(from_scenario.split()).endswith(note[0])
    assert max(len(line) for line in from_scenario.splitlines()) <= 100
    for source in ("runs/auto", "auto.yaml"):
        best = json.loads(call("advise", source, *JOURNEY, "--json").stdout)[0]
        width_min = (best["window_end_s"] - best["window_start_s"]) / 60.0
        assert f"windows are {width_min:g} min wide" in note[0]


def test_of_many_narrow_windows_those_that_differ_are_listed(here):
    assert call("run", "tiny.yaml", "--set", "advisor.window=1 min", "--out", "runs/narrow").exit_code == 0
    starts = ("  0", "> 0")
    shown, every = (call("advise", "runs/narrow", *JOURNEY, *more).stdout.splitlines() for more in ((), ("--all",)))
    # The clock times alone: columns are as wide as what stands in them.
    listed, all_windows = ([line.split()[:2] for line in lines if line.startswith(starts)] for lines in (shown, every))
    assert (len(listed), listed[0]) == (MOST_SHOWN, all_windows[0])
    assert all(line[:1] == [">"] or line[:1] in [other[:1] for other in all_windows] for line in listed)
    aims = " ".join(shown).split("Aim for ")[1:]
    assert len({" ".join(aim.split()[:4]) for aim in aims}) == MOST_SHOWN
    words = " ".join(shown)
    assert f"{len(all_windows) - MOST_SHOWN} of {len(all_windows)} windows are not shown" in words
    assert "not shown" not in " ".join(every)


def test_json_is_a_list_of_windows(here):
    done = call("advise", "tiny.yaml", *JOURNEY, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    windows = json.loads(done.stdout)
    assert set(windows[0]) == {field.name for field in fields(WindowOption)}
    # Windows that are late on most days come after all others.
    ranks = [(window["on_time_share"] < 0.5, window["generalized_cost_min"]) for window in windows]
    assert ranks == sorted(ranks)
    assert all(window["window_end_s"] - window["window_start_s"] == 900 for window in windows)


def test_flexibility_bounds_what_is_recommended(here, comparison):
    few, all_of_them = (
        json.loads(call("advise", comparison[0], *JOURNEY, *more, "--json").stdout)
        for more in (("--earlier", "15 min", "--later", "0"), ())
    )
    assert 1 <= len(few) <= 2 < len(all_of_them)
    for value, words in (("soon", "is not a duration"), ("-5 min", "is negative")):
        done = call("advise", comparison[0], *JOURNEY, "--earlier", value)
        assert done.exit_code == 2
        assert words in done.stderr


def test_a_comparison_gives_the_advice_of_its_unadvised_days(here, comparison):
    from_run = call("advise", comparison[0], *JOURNEY, "--json")
    assert (from_run.exit_code, from_run.stderr) == (0, "")
    from_scenario = call("advise", "tiny.yaml", *JOURNEY, "--json")
    assert json.loads(from_run.stdout) == json.loads(from_scenario.stdout)


def test_a_comparison_for_both_baselines_gives_the_advice_of_the_first(here, comparison):
    both = call("compare", "tiny.yaml", "--set", "baselines=[habit, adapted]", "--out", "runs/both")
    assert both.exit_code == 0, both.stderr
    told = call("advise", "runs/both", *JOURNEY, "--json")
    assert (told.exit_code, told.stderr) == (0, "")
    assert json.loads(told.stdout) == json.loads(call("advise", comparison[0], *JOURNEY, "--json").stdout)


def test_a_run_on_a_network_folder_finds_its_network_again(here, plain_report, project_root):
    scenario = here / "away" / "mine.yaml"
    scenario.parent.mkdir()
    shutil.copytree(project_root / "networks" / "xiamen_brt2", here / "away" / "brt")
    scenario.write_text("name: mine\nreplications: 1\ndays: 1\nnetwork: {folder: ./brt}\n", encoding="utf-8")
    journey = ("--from", "stop 3", "--to", "20", "--arrive-by", "08:30")
    assert call("run", scenario).exit_code == 0
    done = call("advise", "runs/mine", *journey, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json.loads(call("advise", scenario, *journey, "--json").stdout)
    vehicles = here / "away" / "brt" / "vehicles.csv"
    vehicles.write_text(vehicles.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    changed = call("advise", "runs/mine", *journey)
    assert changed.exit_code == 1
    assert "brt/vehicles.csv is not the file the run was made with" in changed.stderr


def test_a_manifest_that_holds_no_scenario(here, comparison):
    shutil.copytree(comparison[0], "copy")
    manifest = here / "copy" / "manifest.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["scenario"]["days"] = "many"
    manifest.write_text(json.dumps(content), encoding="utf-8")
    done = call("advise", "copy", *JOURNEY)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("copy/manifest.json: scenario.days: ")


@pytest.mark.parametrize(
    ("origin", "destination", "arrive_by", "expected"),
    [
        ("x", "c", "08:00", "--from: 'x' is not a stop of tiny; its 3 stops: a, b, c"),
        ("a", "cc", "08:00", "--to: 'cc' is not a stop of tiny (did you mean 'c'?)"),
        ("c", "a", "08:00", "no journey leads from c to a with the transfers allowed; one leads from a to c"),
        ("a", "a", "08:00", "--from and --to are the same stop, a"),
        ("a", "c", "30:00", "--arrive-by: no vehicle runs around 30:00, only 06:10 to "),
        ("a", "c", "03:00", "--arrive-by: no vehicle runs around 03:00, only 06:10 to "),
    ],
)
def test_journeys_that_nobody_can_make(here, origin, destination, arrive_by, expected):
    done = call("advise", "tiny.yaml", "--from", origin, "--to", destination, "--arrive-by", arrive_by)
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(expected)


def test_bookings_are_counted_kept_in_a_file_and_given_back(here, comparison):
    first, second = (json.loads(call("advise", comparison[0], *JOURNEY, "--book", "--json").stdout) for _ in range(2))
    assert first["booking_id"] != second["booking_id"]
    assert first["places"] - first["places_left"] == 1
    place = Path(comparison[0]).with_name(f"{Path(comparison[0]).name}.bookings.sqlite")
    assert place.is_file()
    done = call("advise", comparison[0], "--cancel", first["booking_id"])
    assert (done.exit_code, done.stdout) == (0, "The booking was given back.\n")
    again = call("advise", comparison[0], "--cancel", first["booking_id"])
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr == "--cancel: no booking of that number is held; it never was, or has been given back\n"


def test_a_booking_in_words(here, comparison):
    done = call("advise", comparison[0], *JOURNEY, "--book", "--bookings", "here.sqlite")
    assert (done.exit_code, done.stderr) == (0, "")
    names = [line.split("  ")[0] for line in done.stdout.splitlines() if not line.startswith(" ")]
    assert names[:3] == ["booking", "leave", "aim for"]
    assert "places" in names
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    missing = call("advise", comparison[0], "--cancel", "1", "--bookings", "nowhere.sqlite")
    assert (missing.exit_code, missing.stderr) == (
        1,
        "--cancel: nowhere.sqlite is missing, so nothing was booked there\n",
    )


def test_lines_fit_a_terminal_of_80_columns(here, comparison, monkeypatch):
    monkeypatch.setattr("sim.cli.advise.text_width", lambda: 80)
    shown = call("advise", comparison[0], *JOURNEY).stdout
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "Aim for line A at " in shown


def test_a_scenario_is_simulated_with_advice_before_anybody_books(here):
    done = call("advise", "tiny.yaml", *JOURNEY, "--book", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout)["has_place"]
    assert (here / "tiny.bookings.sqlite").is_file()


def test_reliability_can_be_asked_for(here, comparison):
    windows = json.loads(call("advise", comparison[0], *JOURNEY, "--on-time", "90", "--json").stdout)
    assert windows
    assert all(window["on_time_share"] >= 0.9 for window in windows)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--from", "a", "--to", "c"), "Give one of '--arrive-by' and '--leave-after'"),
        ((*JOURNEY, "--leave-after", "07:00"), "Give one of '--arrive-by' and '--leave-after'"),
        (("--arrive-by", "08:00", "--to", "c"), "Missing option '--from'"),
        (("--from", "a", "--to", "c", "--leave-after", "07:00", "--on-time", "90"), "'--on-time' needs '--arrive-by'"),
        ((*JOURNEY, "--on-time", "101"), "101"),
        (("--from", "a", "--to", "c", "--leave-after", "07:00", "--usual", "07:10"), "'--usual' needs '--arrive-by'"),
        ((*JOURNEY, "--usual", "17:30"), "'--usual' is more than 2 h after '--arrive-by'"),
        ((*JOURNEY, "--usual", "half past"), "half past"),
    ],
)
def test_options_that_do_not_go_together(here, comparison, options, words):
    done = call("advise", comparison[0], *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr


def test_the_usual_departure_is_named_where_it_is_kept(here, comparison):
    """Flexibility counts from it, its window is among the answers, and says at what moment its cost is that."""
    windows = json.loads(call("advise", comparison[0], *JOURNEY, "--usual", "07:20", "--json").stdout)
    usual = [window for window in windows if window["window_start_s"] == 7.25 * 3600]
    assert len(usual) == 1
    assert "when you usually leave; its figures are of leaving at 07:20" in usual[0]["reason"]
    booked = call("advise", comparison[0], *JOURNEY, "--usual", "07:20", "--book", "--json")
    assert booked.exit_code == 0


def test_windows_that_have_begun_are_left_out(here, comparison):
    """With and without a booking; the time of day is not looked up, as a run is of no date."""
    for options in ((), ("--book", "--bookings", "begun.sqlite")):
        found = json.loads(call("advise", comparison[0], *JOURNEY, *options, "--asked-at", "07:20", "--json").stdout)
        windows = [found["window"], *found["other_windows"]] if options else found
        assert min(window["window_start_s"] for window in windows) >= 7.5 * 3600
    done = call("advise", comparison[0], *JOURNEY, "--asked-at", "15:00")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("it is 15:00, and every departure window that fits has begun; the last one began at ")


def test_leaving_after_a_time(here, comparison):
    found = json.loads(
        call("advise", comparison[0], "--from", "a", "--to", "c", "--leave-after", "07:10", "--json").stdout
    )
    assert min(window["window_start_s"] for window in found) == 7.25 * 3600
    assert all(window["on_time_share"] is None for window in found)
    done = call("advise", comparison[0], "--from", "a", "--to", "c", "--leave-after", "29:00")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("--leave-after: no vehicle runs around 29:00, only 06:10 to ")


def test_whoever_could_leave_before_the_first_vehicle_is_told_of_it(here, comparison):
    """People who leave from 5:45 on meet the first one at 6:10, and can leave an hour later than they like to."""
    journey = ("advise", comparison[0], "--from", "a", "--to", "c", "--leave-after")
    found = json.loads(call(*journey, "05:30", "--json").stdout)
    assert min(window["window_start_s"] for window in found) == 5.75 * 3600
    done = call(*journey, "05:30", "--later", "30 min")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("--leave-after: no vehicle runs around 05:30, only 06:10 to ")


FLAT_FARE = ("fares.kind=flat", "fares.fare=5", "fares.currency=CNY")
DISCOUNT = '[{start: "00:00", end: "07:30", discount: 0.5}]'


@pytest.fixture(scope="module")
def runs_with_fares(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of a run where fares differ by when one leaves, and of one where they do not."""
    folder = tmp_path_factory.mktemp("fares")
    runs = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.report.html.render_report", lambda *_: "<!doctype html><title>plain</title>")
        (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
        for name, discount in (
            ("differ", ("advisor.strategy=incentive", f"advisor.incentive.discounts={DISCOUNT}")),
            ("same", ()),
        ):
            changes = [part for change in (*FLAT_FARE, *discount) for part in ("--set", change)]
            runs[name] = folder / name
            done = call("run", folder / "tiny.yaml", "--out", runs[name], *changes)
            assert done.exit_code == 0, done.stderr
    return runs


@pytest.mark.parametrize(("columns", "has_head", "has_bars"), [(110, True, True), (80, True, False), (60, False, True)])
def test_fares_are_shown_where_they_differ(runs_with_fares, monkeypatch, columns, has_head, has_bars):
    monkeypatch.setattr("sim.cli.advise.text_width", lambda: columns)
    shown = call("advise", runs_with_fares["differ"], *JOURNEY)
    assert (shown.exit_code, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert max(map(len, lines)) <= columns
    assert lines[0].startswith("  leave") is has_head
    assert ("░" in shown.stdout) is has_bars
    windows = json.loads(call("advise", runs_with_fares["differ"], *JOURNEY, "--json").stdout)
    told = [line.split()[-2] for line in lines if line.endswith(" CNY")]
    assert told == [f"{window['fare']:.2f}" for window in windows]
    assert set(told) == {"2.50", "5.00"}
    if has_head:
        assert lines[0].endswith("fare")


def test_fares_that_are_the_same_whenever_one_leaves_are_not_shown(runs_with_fares):
    shown = call("advise", runs_with_fares["same"], *JOURNEY)
    assert shown.exit_code == 0
    assert "fare" not in shown.stdout
    assert "CNY" not in shown.stdout


def test_lines_go_by_the_names_that_stand_on_vehicles(here):
    write_network(here / "net")
    (here / "city.yaml").write_text("name: city\nnetwork: {folder: net}\ndays: 2\nreplications: 1\n", encoding="utf-8")
    journey = ("--from", "Alpha", "--to", "Gamma", "--leave-after", "06:30")
    shown = " ".join(call("advise", "city.yaml", *journey).stdout.split())
    # The feed's id of the line is R: nobody at a stop knows it.
    assert "Aim for line 7 at " in shown
    assert "line R" not in shown
    assert {option["line"] for option in json.loads(call("advise", "city.yaml", *journey, "--json").stdout)} == {"R"}

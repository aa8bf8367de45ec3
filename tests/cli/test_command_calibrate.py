"""``peakshift calibrate``: values behind made-up observations are found again, and what cannot be used is refused."""

from __future__ import annotations

import json

import pytest
from support.command import call
from support.worlds import bus_line, flow, world

import sim
from sim.errors import InputError
from sim.experiments.calibration import line_direction, simulate_line
from sim.loading.observations import read_observations
from sim.locations import networks_dir

LINE = """\
name: line
replications: 1
days: 1
network:
  lines:
    - id: A
      stops: [a, b, c, d]
      running_times: [5 min, 5 min, 5 min]
      vehicle: bus
      headway: {mean: 6 min, first: "06:00", trips: 60}
service:
  vehicles:
    bus: {seats: 10, capacity: 200, dwell_rule: sum, dead_time: 5 s, boarding: 0, alighting: 0}
  running_time_noise: {distribution: lognormal, cv: 0.1}
demand:
  flows:
    - {origin: b, destination: d, placement: poisson, pieces: [{start: "06:00", end: "12:00", rate: 60 /h}]}
"""
TWO_LINES = LINE.replace(
    "service:",
    """\
    - id: B
      stops: [d, a]
      running_times: [5 min]
      vehicle: bus
      headway: {mean: 6 min, first: "06:00", trips: 60}
service:""",
    1,
)
TIMES = "from_stop_id,to_stop_id,departure,running_time_s\n"
COUNTS = "stop_id,time,boardings\n"


@pytest.fixture
def line(here):
    """A line of whose simulated day the running times and counts are the observations."""
    (here / "line.yaml").write_text(LINE, encoding="utf-8")
    (here / "two.yaml").write_text(TWO_LINES, encoding="utf-8")
    return here


def observe(here):
    tables = sim.run(here / "line.yaml", seed=7).tables
    visits, legs = tables["stop_visits"], tables["legs"]
    rows = [TIMES]
    for start, end in (("a", "b"), ("b", "d")):
        leaves, comes = (
            visits[column][visits.equals("stop_id", stop)]
            for stop, column in ((start, "departure_s"), (end, "arrival_s"))
        )
        rows += [
            f"{start},{end},{int(left // 3600):02d}:{int(left // 60 % 60):02d}:{int(left % 60):02d},{came - left}\n"
            for left, came in zip(leaves, comes, strict=True)
        ]
    (here / "times.csv").write_text("".join(rows), encoding="utf-8")
    minutes = (legs["board_s"] // 60).astype(int)
    counts = [f"b,{minute // 60:02d}:{minute % 60:02d},1\n" for minute in minutes]
    (here / "counts.csv").write_text(COUNTS + "".join(counts), encoding="utf-8")


def test_the_values_behind_made_up_observations_are_found_again(line):
    """Would catch: noise or time at stops that are not applied, spread and mean exchanged, hours not told apart."""
    observe(line)
    files = ("--counts", "counts.csv", "--running-times", "times.csv")
    grid = ("--noise", "0,0.1,0.3", "--dead-times", "5,90", "--replications", "3")
    done = call("calibrate", "line.yaml", *files, *grid, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["line"], found["direction"]) == ("A", 0)
    assert found["observed"]["minutes"] > 40
    assert [one["cv"] for one in found["fits"]] == [0.0, 0.1, 0.3] * 2
    by_spread = min(found["fits"], key=lambda one: one["spread_error"])
    by_mean = min((one for one in found["fits"] if one["cv"] == 0.1), key=lambda one: one["running_time_error"])
    assert by_spread["cv"] == 0.1
    assert by_mean["dead_time_s"] == 5.0
    assert found["best"] == min(found["fits"], key=lambda one: one["error"])
    assert (found["best"]["cv"], found["best"]["dead_time_s"]) == (0.1, 5.0)


def test_counts_alone_leave_running_times_open(line):
    observe(line)
    done = call("calibrate", "line.yaml", "--counts", "counts.csv", "--noise", "0.3", "--dead-times", "5")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "observed" in done.stdout
    assert "Least error with noise 0.3 and 5 s at stops." in done.stdout
    # Columns of what was not observed would only make the table too wide for a terminal of 80 columns.
    head = done.stdout.splitlines()[0]
    assert ("minutes" in head, "mean gap (min)" in head, "spread" in head) == (True, True, False)


def test_running_times_alone_have_no_columns_of_counts(line):
    observe(line)
    files = ("--running-times", "times.csv", "--noise", "0.3", "--dead-times", "5")
    head = call("calibrate", "line.yaml", *files, columns=80).stdout.splitlines()[0]
    assert head.split() == ["noise", "(cv)", "time", "at", "stops", "(s)", "mean", "spread", "error"]


def test_a_ring_and_a_loop_are_timed_from_each_departure_to_the_next_arrival(here):
    """On a ring the first stop comes again after all others; a loop leads through a stop twice."""
    lines = {"ring": ("abca", [300, 400, 500]), "loop": ("abac", [300, 400, 500])}
    for name, (stops, seconds) in lines.items():
        scenario = world(
            [bus_line("R", stops, seconds, range(25200, 32400, 600))], [flow("a", "b", 25200, 32400, 20, "even")]
        )
        line = line_direction(scenario, None, None)
        days = simulate_line(scenario, line)
        if name == "ring":
            pairs = {("a", "b"): 300, ("b", "a"): 900, ("a", "a"): 1200, ("c", "a"): 500}
        else:
            pairs = {("a", "b"): 300, ("b", "a"): 400, ("a", "a"): 700, ("a", "c"): 500, ("b", "c"): 900}
        for pair, took_s in pairs.items():
            runs = days.running_times(*pair)
            assert (len(runs), set(runs[:, 1].tolist())) == (12, {float(took_s)}), (name, pair)
            file = here / "runs.csv"
            file.write_text(TIMES + f"{pair[0]},{pair[1]},07:00,{took_s}\n", encoding="utf-8")
            assert list(read_observations(line.stops, None, file, line.in_order).running_times) == [pair]
    file.write_text(TIMES + "c,a,07:00,300\n", encoding="utf-8")
    with pytest.raises(InputError, match="must come after from_stop_id on the line"):
        read_observations(line.stops, None, file, line.in_order)


def test_a_network_folder_is_enough(here):
    """The folder brings its own demand; the line has both directions, of which one is meant."""
    rows = "".join(f"1,2,06:{2 * n:02d}:00,{480 + 7 * n}\n" for n in range(9))
    (here / "times.csv").write_text(TIMES + rows, encoding="utf-8")
    wanted = ("--running-times", "times.csv", "--noise", "0.1", "--dead-times", "0", "--replications", "1", "--json")
    one_way = call("calibrate", networks_dir() / "mandl", "--line", "m4_1", "--direction", "0", *wanted)
    assert (one_way.exit_code, one_way.stderr) == (0, "")
    assert json.loads(one_way.stdout)["best"]["cv"] == 0.1
    both = call("calibrate", networks_dir() / "mandl", "--line", "m4_1", *wanted)
    assert (both.exit_code, both.stderr) == (1, "--direction: line m4_1 runs in directions 0, 1; name one\n")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["two.yaml", "--counts", "c.csv"], "--line: line has 2 lines; name one of A, B"),
        (["two.yaml", "--line", "C", "--counts", "c.csv"], "--line: there is no line 'C'"),
        (["line.yaml", "--direction", "1", "--counts", "c.csv"], "--direction: line A has no direction 1; it has 0"),
        (["line.yaml", "--counts", "nowhere.csv"], "nowhere.csv: there is no such file"),
        (["line.yaml", "--counts", "empty.csv"], "empty.csv: the file is empty"),
        (["line.yaml", "--counts", "times.csv"], "times.csv:1: columns are stop_id, time, boardings; missing: stop_id"),
        (["line.yaml", "--counts", "c.csv"], "c.csv:2: stop_id: there is no stop of the line 'x'"),
        (["line.yaml", "--counts", "few.csv"], "the observations are too few: no stop after the first has 100"),
        (["line.yaml", "--counts", "dawn.csv"], "dawn.csv:2: time: "),
        (["line.yaml", "--running-times", "back.csv"], "back.csv:2: to_stop_id: must come after from_stop_id"),
        (["line.yaml", "--running-times", "zero.csv"], "zero.csv:2: running_time_s: must be more than 0, found 0"),
        (["line.yaml", "--running-times", "night.csv"], "no simulated vehicle runs in the hours of the observed"),
        (["none/nowhere.yaml", "--counts", "c.csv"], "none/nowhere.yaml: there is no such file"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(line, arguments, expected):
    files = {
        "c.csv": COUNTS + "x,06:00,1\n",
        "few.csv": COUNTS + "b,06:00,99\n",
        "dawn.csv": COUNTS + "b,dawn,1\n",
        "empty.csv": "",
        "times.csv": TIMES + "a,b,06:00,300\n",
        "back.csv": TIMES + "c,b,06:00,300\n",
        "zero.csv": TIMES + "a,b,06:00,0\n",
        "night.csv": TIMES + "".join(f"a,b,02:0{n},{300 + n}\n" for n in range(6)),
    }
    for name, text in files.items():
        (line / name).write_text(text, encoding="utf-8")
    done = call("calibrate", *arguments, "--noise", "0", "--dead-times", "0", "--replications", "1")
    assert (done.exit_code, done.stdout) == (1, "")
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_one_of_the_files_has_to_be_named(line):
    done = call("calibrate", "line.yaml")
    assert done.exit_code == 2
    assert "--counts and --running-times" in done.stderr

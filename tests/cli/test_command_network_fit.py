"""``peakshift network fit``: what a run simulates beside counts, counted anew here row by row."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest
from support.command import call

import sim

HEADER = "counts,stop_id,start,end,persons,line_id,direction_id\n"
ROWS = [
    ("gate_entry", "a", "06:00", "07:00", "", ""),
    ("joining", "a", "06:00", "06:30", "", ""),
    ("boarding", "a", "06:30", "07:00", "", ""),
    ("boarding", "a", "07:00", "09:00", "A", "0"),
    ("load", "b", "06:00", "08:00", "A", "0"),
    ("load", "a", "06:00", "08:00", "", ""),
    ("alighting", "c", "06:00", "07:00", "A", ""),
    ("gate_exit", "c", "07:00", "08:00", "", ""),
    ("gate_exit", "c", "07:00", "07:15", "", ""),
]
"""The last two begin at the same time: counts of an hour and of a quarter of it are two counts."""


def write_counts(path, rows, persons=10):
    lines = [f"{kind},{stop},{start},{end},{persons},{line},{way}\n" for kind, stop, start, end, line, way in rows]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")


def seconds(clock):
    hours, minutes = clock.split(":")
    return 3600 * int(hours) + 60 * int(minutes)


def by_hand(tables, row, access_s=0.0, egress_s=0.0):
    """Count one row in the tables of a run with one line, an average day of both replications."""
    kind, stop, start, end, *_ = row
    legs, visits = tables["legs"], tables["stop_visits"]
    none = {name: table.equals("strategy", "none") for name, table in tables.items() if name in ("legs", "stop_visits")}
    if kind == "load":
        here = none["stop_visits"] & visits.equals("stop_id", stop)
        times, persons = visits["departure_s"], visits["departing_load"]
    else:
        column, at, later = {
            "gate_entry": ("wait_from_s", "board_stop_id", -access_s),
            "joining": ("wait_from_s", "board_stop_id", 0.0),
            "boarding": ("board_s", "board_stop_id", 0.0),
            "alighting": ("alight_s", "alight_stop_id", 0.0),
            "gate_exit": ("alight_s", "alight_stop_id", egress_s),
        }[kind]
        here = none["legs"] & legs.equals(at, stop)
        times, persons = legs[column] + later, np.ones(len(legs))
    found = here & (times >= seconds(start)) & (times < seconds(end))
    return persons[found].sum() / len(np.unique(visits["replication"])) / len(np.unique(visits["day"]))


def test_every_kind_of_count_is_as_counted_by_hand(here, comparison):
    folder, _ = comparison
    write_counts(here / "counts.csv", ROWS)
    done = call(
        *("network", "fit", folder, "counts.csv", "--access", "2 min", "--egress", "90 s"),
        *("--table", "out.csv", "--picture", "out.svg", "--json"),
    )
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    tables = sim.read_run(folder).tables
    for row, fact in zip(ROWS, facts["rows"], strict=True):
        simulated = by_hand(tables, row, 120.0, 90.0)
        assert fact["simulated"] == pytest.approx(simulated), row
        assert fact["difference"] == pytest.approx(simulated - 10)
        hours = (seconds(row[3]) - seconds(row[2])) / 3600
        a, b = simulated / hours, 10 / hours
        assert fact["geh"] == pytest.approx(np.sqrt(2 * (a - b) ** 2 / (a + b)))
    assert facts["rows"][0]["simulated"] > 50
    written = list(csv.DictReader(io.StringIO((here / "out.csv").read_text(encoding="utf-8"))))
    assert [float(one["simulated"]) for one in written] == [
        pytest.approx(fact["simulated"], abs=1e-4) for fact in facts["rows"]
    ]
    assert (here / "out.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")


def test_the_terminal_says_what_was_written(here, comparison):
    """One below the other, in two columns."""
    write_counts(here / "counts.csv", ROWS)
    done = call("network", "fit", comparison[0], "counts.csv", "--table", "out.csv", "--picture", "out.svg")
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("\ntable    out.csv\npicture  out.svg\n")


def test_a_station_may_have_times_of_its_own(here, comparison):
    folder, _ = comparison
    write_counts(here / "counts.csv", ROWS)
    (here / "stations.csv").write_text("stop_id,access_s,egress_s\na,120,0\nc,0,90\n", encoding="utf-8")
    by_station = call("network", "fit", folder, "counts.csv", "--stations", "stations.csv", "--json")
    everywhere = call("network", "fit", folder, "counts.csv", "--access", "120 s", "--egress", "90 s", "--json")
    assert by_station.exit_code == 0, by_station.output
    assert json.loads(by_station.stdout)["rows"] == json.loads(everywhere.stdout)["rows"]
    plain = json.loads(call("network", "fit", folder, "counts.csv", "--json").stdout)
    later = json.loads(everywhere.stdout)["system_min"]["mean"] - plain["system_min"]["mean"]
    assert later == pytest.approx((120 + 90) / 60)


def test_the_terminal_says_what_was_counted(here, comparison):
    folder, _ = comparison
    write_counts(here / "counts.csv", ROWS)
    done = call("network", "fit", folder, "counts.csv")
    assert done.exit_code == 0
    assert "boarding" in done.stdout
    assert "time from gate to gate: mean" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "2 simulated days of strategy none" in done.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("counts,stop_id,start,end\n", "missing: persons"),
        (HEADER, "there are no rows"),
        (HEADER + "boardings,a,06:00,07:00,1,,\n", "must be one of gate_entry, joining, boarding"),
        (HEADER + ",a,06:00,07:00,1,,\n", "must be one of gate_entry, joining, boarding, alighting, load"),
        (HEADER + "boarding,a,06:00,07:00,1,A,5\n", "direction_id: must be 0 or 1"),
        (HEADER + "boarding,aa,06:00,07:00,1,,\n", "there is no stop of the run 'aa'"),
        (HEADER + "boarding,a,07:00,06:00,1,,\n", "must be after start"),
        (HEADER + "boarding,a,06:00,07:00,-1,,\n", "must be at least 0"),
        (HEADER + "boarding,a,6.30,07:00,1,,\n", "start"),
        (HEADER + "boarding,a,06:00,07:00,1,B,\n", "there is no line of the run 'B'"),
        (HEADER + "gate_entry,a,06:00,07:00,1,A,\n", "gate_entry counts people of all lines"),
        (HEADER + 2 * "boarding,a,06:00,07:00,1,,\n", "counts the same as an earlier row"),
    ],
)
def test_bad_counts_are_named_by_line(here, comparison, text, words):
    (here / "counts.csv").write_text(text, encoding="utf-8")
    done = call("network", "fit", comparison[0], "counts.csv")
    assert done.exit_code == 1
    assert words in done.stderr
    assert "counts.csv" in done.stderr


def test_other_mistakes_are_told(here, comparison):
    write_counts(here / "counts.csv", ROWS)
    assert "there is no such file" in call("network", "fit", comparison[0], "none.csv").stderr
    unknown = call("network", "fit", comparison[0], "counts.csv", "--strategy", "nothing")
    assert unknown.exit_code == 1
    assert "has no strategy 'nothing'" in unknown.stderr
    assert call("network", "fit", comparison[0], "counts.csv", "--picture", "x.gif").exit_code == 2
    for wrong in ("fast", "-5 s"):
        assert call("network", "fit", comparison[0], "counts.csv", "--access", wrong).exit_code == 2
    assert call("network", "fit", "nowhere", "counts.csv").exit_code == 1

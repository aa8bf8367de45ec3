"""``peakshift calibrate``: a table of fits, or one line about the record."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import call

RAW = "xiamen_brt2/data/line_2/passenger/direction_0.csv"


def record(here, text):
    file = here / RAW
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")


def test_it_lists_fits_and_names_the_best(here):
    rows = "".join(f"1,{minute}\n" for minute in range(400, 1000, 5))
    record(here, f"FROM_STATION,BOARD_MINUTE\n{rows}")
    wanted = ("--data", ".", "--noise", "0,0.4", "--dead-times", "0", "--replications", "1")
    done = call("calibrate", *wanted, "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert found["observed"] == {"minutes": 120, "groups": 120}
    assert [one["cv"] for one in found["fits"]] == [0.0, 0.4]
    assert found["best"] == min(found["fits"], key=lambda one: one["error"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "is not there; --data is the folder that holds xiamen_brt2"),
        ("", "the file is empty"),
        ("FROM_STATION,TO\n1,2\n", "BOARD_MINUTE: this column is missing"),
        ("FROM_STATION,BOARD_MINUTE\n36,400\n", "FROM_STATION: must be less than 36"),
        ("FROM_STATION,BOARD_MINUTE\n1,400\n", "no stop after the first has 100 boardings"),
        ("FROM_STATION,BOARD_MINUTE\n1,dawn\n", "BOARD_MINUTE: a whole number is wanted, found 'dawn'"),
    ],
)
def test_a_record_that_cannot_be_used(here, text, expected):
    if text is not None:
        record(here, text)
    done = call("calibrate", "--data", ".")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(RAW)
    assert expected in done.stderr
    assert len(done.stderr.splitlines()) == 1

"""Tables of text: odd files, line numbers, columns as numbers and references."""

from __future__ import annotations

import numpy as np
import pytest

from sim.loading.columns import check_periods, choices, clocks, numbers, references, unique_ids
from sim.loading.csv_tables import parse_table
from sim.loading.problems import ProblemCollector


def read(data):
    collector = ProblemCollector()
    table = parse_table(data if isinstance(data, bytes) else data.encode(), "f.csv", collector)
    return table, collector


def told(collector):
    return [str(problem) for problem in collector.problems]


@pytest.mark.parametrize(
    "data",
    [
        b"a,b\n1,x\n2,y\n",
        b"\xef\xbb\xbfa,b\n1,x\n2,y\n",
        b"a,b\r\n1,x\r\n2,y\r\n",
        b"a,b\r1,x\r2,y\r",
        b" a , b \n 1 , x \n 2,y",
        b'"a","b"\n"1","x"\n"2","y"\n',
        b"a,b,\n1,x,\n2,y,\n",
        b"\na,b\n\n1,x\n,\n2,y\n\n",
    ],
    ids=["plain", "byte order mark", "CRLF", "CR", "spaces", "quotes", "trailing comma", "blank lines"],
)
def test_odd_forms_of_one_table_read_the_same(data):
    table, collector = read(data)
    assert told(collector) == []
    assert {name: list(values) for name, values in table.columns.items()} == {"a": ["1", "2"], "b": ["x", "y"]}


def test_lines_are_those_of_the_file_after_quoted_line_ends_and_blank_lines():
    table, _ = read('a,b\n"two\nlines",1\n\n3,4\n"x\n\n\ny",5\n6,7\n')
    assert table.line.tolist() == [2, 5, 6, 10]
    assert table.columns["a"][0] == "two\nlines"


def test_text_in_latin_1_is_read_and_mentioned():
    table, collector = read("a\nok\nGenève\n".encode("latin-1"))
    assert list(table.columns["a"]) == ["ok", "Genève"]
    assert [str(mention) for mention in collector.mentions] == ["f.csv:3: not UTF-8 text; read as Latin-1"]
    assert told(collector) == []


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"\n\n", "the file is empty"),
        (b"a;b\n1;2\n", "separate them by ','"),
        (b"a,b,a\n1,2,3\n", "f.csv:1: a: the header names this column twice"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"a,b\n1,2,3\n", "f.csv:2: 3 values, but the header names 2"),
    ],
)
def test_what_is_no_table_is_told(data, words):
    _, collector = read(data)
    assert len(collector.problems) == 1
    assert words in told(collector)[0]


def test_thousands_of_columns_are_told_in_a_hundred_lines():
    _, collector = read(",".join(f"c{number // 2}" for number in range(40_000)) + "\n")
    assert len(collector.problems) == 101
    assert told(collector)[-1] == "f.csv:1: the header names 19,900 more columns twice"


def test_short_rows_are_filled_with_blanks():
    table, collector = read("a,b,c\n1\n2,x\n")
    assert list(table.columns["c"]) == ["", ""]
    assert list(table.text("not there")) == ["", ""]
    assert told(collector) == []


def test_numbers_out_of_bounds_are_told_with_their_line():
    table, collector = read("n\n1\n-2\nx\n\n1.5\nnan\n3\n")
    values = numbers(table, "n", collector, at_least=0, whole=True)
    assert np.array_equal(values, [1, np.nan, np.nan, np.nan, np.nan, 3], equal_nan=True)
    assert told(collector) == [
        "f.csv:3: n: must be at least 0, found -2",
        "f.csv:4: n: a whole number is wanted, found 'x'",
        "f.csv:6: n: a whole number is wanted, found '1.5'",
        "f.csv:7: n: a whole number is wanted, found 'nan'",
    ]


def test_a_blank_number_is_a_problem_unless_it_has_a_meaning():
    table, collector = read("n,m\n,1\n")
    assert numbers(table, "n", collector, blank=7.0).tolist() == [7.0]
    assert told(collector) == []
    numbers(table, "n", collector)
    assert told(collector) == ["f.csv:2: n: a number is wanted, found ''"]


def test_clock_times_may_pass_midnight_and_have_one_digit():
    table, collector = read("t\n7:05:00\n 25:10:00\n5h04\n")
    assert np.array_equal(clocks(table, "t", collector), [25_500, 90_600, np.nan], equal_nan=True)
    assert len(collector.problems) == 1
    assert told(collector)[0].startswith("f.csv:4: t: '5h04' is not a clock time; write HH:MM")


def test_choices_suggest_what_is_meant():
    table, collector = read("c,d\nsum,1\nsumm,1\n,1\n")
    assert list(choices(table, "c", collector, ("sum", "max"), blank="max")) == ["sum", "max", "max"]
    assert told(collector) == ["f.csv:3: c: must be one of sum, max; found 'summ' (did you mean 'sum'?)"]


def test_ids_given_twice_name_the_first_line():
    table, collector = read("id,x\na,1\nb,1\na,1\n,1\n")
    assert unique_ids(table, "id", collector) == {"a": 0, "b": 1}
    assert told(collector) == ["f.csv:5: id: must not be empty", "f.csv:4: id: duplicate 'a', first on line 2"]


def test_references_that_lead_nowhere_suggest_a_name():
    table, collector = read("stop,x\ncentral,1\nCentrall,1\n,1\n")
    assert references(table, "stop", {"central": 5}, "stop", collector).tolist() == [5, -1, -1]
    assert told(collector) == [
        "f.csv:3: stop: there is no stop 'Centrall' (did you mean 'central'?)",
        "f.csv:4: stop: must name a stop, found nothing",
    ]


def test_periods_must_run_forwards_and_not_overlap():
    table, collector = read("period_start,period_end\n1,2\n3,2\n1,3\n2,3\n")
    group = np.array([0, 0, 0, 1])
    check_periods(table, np.array([1.0, 3, 1.5, 2]), np.array([2.0, 2, 3, 3]), group, collector)
    assert [problem.line for problem in collector.problems] == [3, 4]
    assert "line 2" in told(collector)[1]


def test_a_flood_of_the_same_problem_is_cut_short():
    table, collector = read("n\n" + "x\n" * 5000)
    numbers(table, "n", collector)
    assert len(collector.problems) == 101
    assert told(collector)[-1] == "f.csv: n: 4900 more rows like these"

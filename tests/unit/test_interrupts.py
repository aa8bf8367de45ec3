"""Ctrl-C that is held arrives once, when the work is done; whoever decided about it decides again."""

from __future__ import annotations

import signal
import threading

import numpy as np
import pytest

from sim.interrupts import interrupt_held
from sim.records import parquet
from sim.records.schema import Column, TableSchema
from sim.records.table import Table


@pytest.fixture
def told():
    """Count what reaches the handler that decides; pytest may itself run where Ctrl-C is ignored."""
    numbers = []

    def decide(number, _frame):
        numbers.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, decide)
    yield numbers
    assert signal.getsignal(signal.SIGINT) is decide
    signal.signal(signal.SIGINT, before)


def held(work):
    with interrupt_held():
        work()


def test_work_is_done_before_ctrl_c_arrives(told):
    done = []

    def work():
        signal.raise_signal(signal.SIGINT)
        done.append(list(told))

    with pytest.raises(KeyboardInterrupt):
        held(work)
    assert (done, told) == ([[]], [signal.SIGINT])


def test_nothing_happens_without_ctrl_c(told):
    with interrupt_held():
        pass
    assert told == []


def test_a_second_ctrl_c_is_not_held(told):
    done = []

    def work():
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        done.append("not reached")

    with pytest.raises(KeyboardInterrupt):
        held(work)
    assert (done, told) == ([], [signal.SIGINT, signal.SIGINT])


def test_an_error_of_the_work_is_what_the_interrupt_came_upon(told):
    def work():
        signal.raise_signal(signal.SIGINT)
        raise ValueError("of the work")

    with pytest.raises(KeyboardInterrupt) as caught:
        held(work)
    assert isinstance(caught.value.__context__, ValueError)


def test_one_context_in_another(told):
    with pytest.raises(KeyboardInterrupt), interrupt_held():
        held(lambda: signal.raise_signal(signal.SIGINT))
    assert told == [signal.SIGINT]


def test_in_a_thread_nothing_is_touched(told):
    seen = []

    def work():
        with interrupt_held():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]


def test_a_table_is_written_whole_when_ctrl_c_falls_into_duckdb(told, tmp_path, monkeypatch):
    def pressed():
        signal.raise_signal(signal.SIGINT)
        return connect()

    connect = parquet._connect
    monkeypatch.setattr(parquet, "_connect", pressed)
    schema = TableSchema("some", (), (Column("number", "int64", "", ""),))
    path = tmp_path / "some.parquet"
    with pytest.raises(KeyboardInterrupt):
        parquet.write_table(Table(schema, {"number": np.array([1, 2])}, {}), path)
    monkeypatch.undo()
    assert parquet.count_rows(path) == 2

"""What one day on Xiamen BRT line 2 left behind, and the same quantities of simulated days.

The committed network holds boardings by stop, destination and quarter hour, and minutes by link and
quarter hour. The minute of each boarding is in the original data only (``../shared/data``), which does
not come with the project. Times in seconds after midnight.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.arrays import BoolArray, FloatArray, IntArray
from sim.errors import InputError, Problem
from sim.experiments.calibration import SimulatedDays
from sim.loading.columns import numbers, report_rows
from sim.loading.csv_tables import parse_table
from sim.loading.problems import ProblemCollector, shown_path
from sim.loading.scenario import load_scenario
from sim.locations import scenarios_dir
from sim.model.scenario import Scenario
from sim.records.table import Table

SCENARIO = "xiamen_brt2.yaml"
RAW = Path("xiamen_brt2") / "data" / "line_2" / "passenger" / "direction_0.csv"
_STOP, _MINUTE = "FROM_STATION", "BOARD_MINUTE"
HOURS = np.arange(6, 24)


@dataclass(frozen=True)
class Rides:
    """Rides of a day, or of several days one after the other.

    Attributes
    ----------
    board, alight : ndarray of int, shape (rides,)
        Rows of stops, in order of the line.
    board_s, alight_s : ndarray of float, shape (rides,)
    days : int
        Days that the rides are of.
    """

    board: IntArray
    alight: IntArray
    board_s: FloatArray
    alight_s: FloatArray
    days: int = 1

    def by_stop_and_hour(self) -> FloatArray:
        """Return boardings of a day, shape (stops, hours)."""
        hour = np.floor(self.board_s / 3600.0)
        return (
            np.array([[((self.board == stop) & (hour == at)).sum() for at in HOURS] for stop in range(36)]) / self.days
        )

    def along_the_line(self) -> FloatArray:
        """Return persons of a day who ride from each stop to the next, shape (35,)."""
        return np.array([((self.board <= stop) & (self.alight > stop)).sum() for stop in range(35)]) / self.days

    def on_board_at(self, time_s: float) -> float:
        """Return the persons on board at a time, a mean over days."""
        return float(((self.board_s <= time_s) & (self.alight_s > time_s)).sum() / self.days)


def load_record(settings: Sequence[str] = ()) -> Scenario:
    """Load the scenario of the day as it was, without advice."""
    return load_scenario(scenarios_dir() / SCENARIO, ["days=1", "days_kept=1", *settings])


def simulated_rides(scenario: Scenario, days: SimulatedDays) -> Rides:
    """Return the rides of simulated days."""
    legs, stops = days.legs, scenario.network.stop_id
    return Rides(
        board=_stop_rows(legs, "board_stop_id", stops),
        alight=_stop_rows(legs, "alight_stop_id", stops),
        board_s=legs["board_s"],
        alight_s=legs["alight_s"],
        days=scenario.parameters.replications,
    )


def _stop_rows(table: Table, column: str, stops: tuple[str, ...]) -> IntArray:
    row = {stop: place for place, stop in enumerate(stops)}
    rows: IntArray = np.array([row[name] for name in table.categories[column]], dtype=np.int64)[table[column]]
    return rows


def observed_rides(scenario: Scenario) -> Rides:
    """Return the rides of the record: evenly spread over their quarter hour, then over the observed link times."""
    demand = scenario.demand
    count = demand.commuters.astype(np.int64)
    flow = np.repeat(np.arange(len(demand)), count)
    number = np.arange(len(flow)) - np.repeat(np.cumsum(count) - count, count)
    board_s = demand.start_s[flow] + (number + 0.5) / count[flow] * (demand.end_s - demand.start_s)[flow]
    board, alight = demand.origin[flow], demand.destination[flow]
    return Rides(board, alight, board_s, _arrivals(scenario, board, alight, board_s))


def _arrivals(scenario: Scenario, board: IntArray, alight: IntArray, board_s: FloatArray) -> FloatArray:
    """Follow rides over the observed link times, stop by stop."""
    time_s = board_s.copy()
    for stop in range(35):
        riding: BoolArray = (board <= stop) & (alight > stop)
        time_s[riding] += link_time_s(scenario, stop, time_s[riding])
    return time_s


def link_time_s(scenario: Scenario, stop: int, entered_s: FloatArray) -> FloatArray:
    """Return the observed running time from a stop to the next, of the nearest observed quarter hour."""
    times = scenario.network.link_times
    if times is None:
        raise ValueError("the network has no observed link times")
    mine = times.link == scenario.network.link_index[stop, stop + 1]
    middle_s = (times.start_s[mine] + times.end_s[mine]) / 2.0
    nearest = np.abs(entered_s[:, None] - middle_s).argmin(axis=1)
    found: FloatArray = times.running_time_s[mine][nearest]
    return found


def read_boarding_minutes(data: Path, stops: Sequence[str]) -> dict[str, IntArray]:
    """Read the minute of every boarding, by stop, from the original data.

    Parameters
    ----------
    data : Path
        Folder that holds ``xiamen_brt2``.
    stops : sequence of str
        Ids of the stops in the order in which the data number them.

    Raises
    ------
    InputError
        When the file is not there or not usable.
    """
    path, collector = data / RAW, ProblemCollector()
    shown = shown_path(path)
    if not path.is_file():
        message = "is not there; --data is the folder that holds xiamen_brt2, as it came from its repository"
        raise InputError([Problem(shown, 0, 0, "", message)])
    table = parse_table(path.read_bytes(), shown, collector)
    for name in (_STOP, _MINUTE):
        if table is not None and not table.has(name):
            collector.problem(shown, "this column is missing", line=1, key=name)
    if table is None or collector.problems:
        raise InputError(collector.problems)
    stop, minute = (numbers(table, name, collector, at_least=0, whole=True) for name in (_STOP, _MINUTE))
    report_rows(table, stop >= len(stops), _STOP, f"must be less than {len(stops)}", collector)
    if collector.problems:
        raise InputError(collector.problems)
    return {name: np.sort(minute[stop == number]).astype(np.int64) for number, name in enumerate(stops)}


def counts_csv(minutes: Mapping[str, IntArray]) -> str:
    """Return boardings by stop and minute as a file for ``peakshift calibrate --counts``."""
    lines = ["stop_id,time,boardings"]
    for stop, boarded in minutes.items():
        for minute, boardings in zip(*np.unique(boarded, return_counts=True), strict=True):
            lines.append(f"{stop},{minute // 60:02d}:{minute % 60:02d}:00,{boardings}")
    return "\n".join(lines) + "\n"

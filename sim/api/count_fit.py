"""A run set beside counts at stops and stations."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.arrays import FloatArray
from sim.errors import UnknownNameError
from sim.loading.hints import did_you_mean, listed
from sim.loading.stop_counts import ANY, StopCounts, read_gate_times, read_stop_counts
from sim.metrics.count_fit import CountRows, CountsOfRun, GateTimes, geh
from sim.records.folder import read_run_folder
from sim.units import format_clock_short

if TYPE_CHECKING:
    from sim.report.charts.chart import Chart

_HEADER: Final = (
    *("counts", "stop_id", "stop_name", "line_id", "direction_id", "start", "end"),
    *("observed", "simulated", "half_width", "difference", "geh"),
)


@dataclass(frozen=True)
class CountFit:
    """Counts with what was simulated; arrays of shape (rows,).

    Attributes
    ----------
    counts : StopCounts
    stops : list of (str, str)
        Ids and names, to which the counts refer.
    line_ids : list of str
    simulated, half_width, geh : ndarray of float
        Persons of an average day, half-width of the 95 % interval over replications, GEH statistic.
    system_min : tuple of (float, float)
        Mean and median minutes from gate to gate; NaN where nobody arrived.
    strategy : str
    days : int
        Simulated days.
    """

    counts: StopCounts
    stops: list[tuple[str, str]]
    line_ids: list[str]
    simulated: FloatArray
    half_width: FloatArray
    geh: FloatArray
    system_min: tuple[float, float]
    strategy: str
    days: int

    def facts(self) -> dict[str, Any]:
        """Return all as plain data."""
        kinds = []
        for kind in dict.fromkeys(self.counts.counts.tolist()):
            rows = np.flatnonzero(self.counts.counts == kind)
            difference = self.simulated[rows] - self.counts.persons[rows]
            kinds.append(
                {
                    "counts": kind,
                    "rows": len(rows),
                    "observed": float(self.counts.persons[rows].sum()),
                    "simulated": float(self.simulated[rows].sum()),
                    "mean_absolute_difference": float(np.abs(difference).mean()),
                    "root_mean_square_difference": float(np.sqrt((difference**2).mean())),
                    "geh_below_5_share": float((self.geh[rows] < 5.0).mean()),
                }
            )
        mean, median = (None if math.isnan(value) else value for value in self.system_min)
        return {
            "strategy": self.strategy,
            "days": self.days,
            "kinds": kinds,
            "system_min": {"mean": mean, "median": median},
            "rows": [dict(zip(_HEADER, self._row(row), strict=True)) for row in range(len(self.counts))],
        }

    def _row(self, row: int) -> list[Any]:
        counts = self.counts
        stop_id, name = self.stops[int(counts.stop[row])]
        line, direction = int(counts.line[row]), int(counts.direction_id[row])
        half_width = float(self.half_width[row])
        observed, simulated = float(counts.persons[row]), float(self.simulated[row])
        return [
            *(str(counts.counts[row]), stop_id, name),
            *("" if line == ANY else self.line_ids[line], "" if direction == ANY else direction),
            *(format_clock_short(float(counts.start_s[row])), format_clock_short(float(counts.end_s[row]))),
            *(observed, simulated, None if math.isnan(half_width) else half_width, simulated - observed),
            float(self.geh[row]),
        ]

    def csv(self) -> str:
        """Return a table of all counts."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_HEADER)
        for row in range(len(self.counts)):
            writer.writerow([round(one, 4) if isinstance(one, float) else one for one in self._row(row)])
        return text.getvalue()

    def worst(self, most: int) -> list[list[str]]:
        """Return the counts that differ most by GEH, as texts: what, where, when, observed, simulated and GEH."""
        found = []
        for row in np.argsort(-self.geh, kind="stable")[:most].tolist():
            kind, stop_id, name, line, direction, start, end, observed, simulated, _, _, value = self._row(row)
            place = stop_id if name in ("", stop_id) else f"{name} ({stop_id})"
            persons = f"{observed:,.0f}", f"{simulated:,.1f}", f"{value:.1f}"
            found.append([kind, place, line, str(direction), start, end, *persons])
        return found

    def chart(self) -> Chart:
        """Return a chart of the counts beside what was simulated."""
        from sim.report.figures.count_fit import count_fit_chart

        counts = self.counts
        kinds = [str(kind) for kind in counts.counts]
        return count_fit_chart(kinds, counts.start_s, counts.end_s, counts.persons, self.simulated)


def fit_counts(
    run: Path | str,
    counts: Path | str,
    *,
    strategy: str | None = None,
    access_s: float = 0.0,
    egress_s: float = 0.0,
    stations: Path | str | None = None,
) -> CountFit:
    """Set a run beside counts at stops and stations.

    Parameters
    ----------
    run : Path or str
        A run folder.
    counts : Path or str
        A table as `peakshift network fit --help` and docs/calibration.md describe it.
    strategy : str or None
        Whose days are counted; ``none`` where the run has it, else its first one.
    access_s, egress_s : float
        Seconds from gate to platform and back at every station.
    stations : Path or str or None
        A table of both by station: `stop_id`, `access_s`, `egress_s`.

    Raises
    ------
    InputError
        With every problem of the files.
    UnknownNameError
        When the run has no such strategy.
    RunFolderError
        When there is no such run.
    """
    folder = read_run_folder(run)
    tables = folder.tables()
    there = list(tables["stop_visits"].categories["strategy"])
    chosen = strategy if strategy is not None else ("none" if "none" in there else there[0])
    if chosen not in there:
        raise UnknownNameError(
            f"{folder.path} has no strategy {chosen!r}, only {listed(there)}{did_you_mean(chosen, there)}"
        )
    stops = [(str(stop["stop_id"]), str(stop["name"])) for stop in folder.manifest["stops"]]
    ids, line_ids = [stop for stop, _ in stops], [str(line["line_id"]) for line in folder.manifest["lines"]]
    wanted = read_stop_counts(Path(counts), ids, line_ids, [name for _, name in stops])
    gates = _gate_times(ids, (access_s, egress_s), stations)
    rows = {name: tables[name].where(tables[name].equals("strategy", chosen)) for name in ("legs", "stop_visits")}
    of_run = CountsOfRun(rows, ids, line_ids, gates)
    kinds = [str(kind) for kind in wanted.counts]
    simulated = of_run.simulate(
        CountRows(kinds, wanted.stop, wanted.line, wanted.direction_id, wanted.start_s, wanted.end_s)
    )
    values = geh(simulated.persons, wanted.persons, (wanted.end_s - wanted.start_s) / 3600.0)
    found, days = (simulated.persons, simulated.half_width, values), len(of_run.replications) * of_run.days
    return CountFit(wanted, stops, line_ids, *found, of_run.system_min(), chosen, days)


def _gate_times(stop_ids: list[str], usual_s: tuple[float, float], stations: Path | str | None) -> GateTimes:
    if stations is None:
        return GateTimes(*(np.full(len(stop_ids), value) for value in usual_s))
    by_stop = read_gate_times(Path(stations), stop_ids)
    return GateTimes(*(np.where(np.isnan(own), usual, own) for own, usual in zip(by_stop, usual_s, strict=True)))

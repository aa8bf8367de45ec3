"""Make the synthetic demand of the network ``beijing_subway``: a gravity model with assumed numbers.

Used by ``build_beijing_subway.py`` only. Every number here is assumed unless it says otherwise, and is
repeated in ``networks/beijing_subway/SOURCE.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import erf, sqrt
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

CENTRE = "天安门东"
HOMES_SCALE_KM = 10.0
"""Distance from the centre at which half of the weight of a station counts as homes."""
JOBS_SCALE_KM = 10.0
"""Distance from the centre at which the weight of jobs has fallen to 1/e."""
DETERRENCE_KM = 12.0
"""Distance along the tracks at which the inclination to travel has fallen to 1/e."""
LEAST_KM = 1.5
"""Nobody takes the subway for less."""
BOARDINGS_PER_JOURNEY = 2.0
"""Ridership counts a journey once for each line it uses; this many lines on average."""
COMMUTERS_PER_ROW = 50
"""Demand comes in rows of so many commuters, so that the table stays small."""
BANDS_KM = {"near": 10.0, "mid": 20.0, "far": float("inf")}
"""Upper limits of the bands of distance."""
RIDE_MIN = {"near": 23, "mid": 39, "far": 61}
"""From the entrance to the job by band: 6, 15 and 27 km at 33 km/h, and 12 min of walks and waits."""
WORK_STARTS = {"08:00": 0.20, "08:30": 0.25, "09:00": 0.30, "09:30": 0.15, "10:00": 0.10}
WORK_ENDS = {"17:00": 0.15, "17:30": 0.25, "18:00": 0.30, "18:30": 0.20, "19:30": 0.10}
EARLY_MIN, START_SPREAD_MIN, END_SPREAD_MIN = 5, 12, 20
"""Minutes by which people aim to be early, and standard deviations around the starts and ends."""
ALL_DAY_SHARE, ALL_DAY = 0.12, (9 * 60, 22 * 60)
"""Share of either kind that is spread evenly over a part of the day."""
PERIOD_MIN = 30
FIRST_MIN, LAST_MIN = 5 * 60, 23 * 60
SHARE_DIGITS = 6

Array = NDArray[np.float64]


def working_day_ridership(path: Path) -> float:
    """Return the median ridership of the network on Mondays to Fridays of 2017, in persons.

    Parameters
    ----------
    path : Path
        Lines of date and ten thousands.
    """
    counts = []
    for line in path.read_text(encoding="utf-8").split():
        date, count = line.split(",")
        year, month, day = map(int, date.split("."))
        # Day 0 of numpy's calendar, 1970-01-01, was a Thursday.
        weekday = (np.datetime64(f"{year:04d}-{month:02d}-{day:02d}").astype(int) + 3) % 7
        if year == 2017 and weekday < 5:
            counts.append(float(count))
    return median(counts) * 10_000


def track_km(stations: int, pairs: Mapping[tuple[int, int], float]) -> Array:
    """Return least distances along the tracks between all stations, shape (stations, stations).

    Parameters
    ----------
    stations : int
    pairs : mapping of (int, int) to float
        Kilometres between neighbours.
    """
    rows, columns = np.array(list(pairs)).T
    graph = sparse.csr_array((np.array(list(pairs.values())), (rows, columns)), shape=(stations, stations))
    return np.asarray(csgraph.dijkstra(graph, directed=False))


def to_work(weight: Array, from_centre_km: Array, km: Array, commuters: float) -> NDArray[np.int64]:
    """Return commuters from home to work by origin and destination, in whole rows of commuters.

    Homes of a station are the places of its trains per day times r / (r + 10 km), jobs the same places times
    exp(-r / 10 km), with r its distance from the centre. Homes are spread over jobs by
    exp(-distance / 12 km).

    Parameters
    ----------
    weight : ndarray of float, shape (stations,)
        Places of the trains that call in a day.
    from_centre_km : ndarray of float, shape (stations,)
    km : ndarray of float, shape (stations, stations)
    commuters : float
        Total.
    """
    homes = weight * from_centre_km / (from_centre_km + HOMES_SCALE_KM)
    jobs = weight * np.exp(-from_centre_km / JOBS_SCALE_KM)
    inclination = np.where(km >= LEAST_KM, jobs * np.exp(-km / DETERRENCE_KM), 0.0)
    flow = (homes / homes.sum())[:, None] * inclination / inclination.sum(axis=1, keepdims=True)
    units = np.round(flow * commuters / COMMUTERS_PER_ROW, 6)
    # Rounded systematically along the rows: every home keeps its total, and small flows their chance.
    passed = np.floor(np.cumsum(units) + 0.5)
    whole = np.diff(passed, prepend=0.0).reshape(units.shape)
    return whole.astype(np.int64) * COMMUTERS_PER_ROW


def band_of(km: float) -> str:
    """Return the band of a distance in kilometres."""
    return next(name for name, limit in BANDS_KM.items() if km < limit)


def profiles() -> dict[str, list[tuple[int, int, str]]]:
    """Return the share of each half hour, by profile, as rows of (start, end, share)."""
    starts = {name: _moved(WORK_STARTS, -RIDE_MIN[name] - EARLY_MIN) for name in BANDS_KM}
    found = {f"to_work_{name}": _shares(times, START_SPREAD_MIN) for name, times in starts.items()}
    return {**found, "to_home": _shares(_moved(WORK_ENDS, EARLY_MIN), END_SPREAD_MIN)}


def _moved(times: Mapping[str, float], minutes: int) -> list[tuple[float, float]]:
    return [(int(clock[:2]) * 60 + int(clock[3:]) + minutes, share) for clock, share in times.items()]


def _shares(times: Sequence[tuple[float, float]], spread_min: float) -> list[tuple[int, int, str]]:
    edges = np.arange(FIRST_MIN, LAST_MIN + 1, PERIOD_MIN)
    # The normal law, cut off at the ends of the day.
    passed = np.array([sum(p * (1 + erf((e - at) / spread_min / sqrt(2))) / 2 for at, p in times) for e in edges])
    bells = np.diff(passed) / (passed[-1] - passed[0])
    start, end = ALL_DAY
    flat = np.clip(edges[1:], start, end) - np.clip(edges[:-1], start, end)
    share = (1 - ALL_DAY_SHARE) * bells + ALL_DAY_SHARE * flat / flat.sum()
    unit = 10**SHARE_DIGITS
    counts = np.floor(share * unit + 1e-6).astype(int)
    # The units lost in rounding down go to the fullest half hour.
    counts[int(counts.argmax())] += unit - int(counts.sum())
    return [
        (int(edge), int(edge) + PERIOD_MIN, f"{count / unit:.{SHARE_DIGITS}f}")
        for edge, count in zip(edges[:-1], counts, strict=True)
        if count
    ]

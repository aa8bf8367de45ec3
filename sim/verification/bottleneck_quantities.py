"""What is read from the tables of a bottleneck: costs, the queue, and times of departure, also as SQL."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.verification.bottleneck_line import HOUR_S, RIDE_S, Peak, last_day
from sim.verification.case import Tables

Quantity = Callable[[Tables, Peak], float]
"""A number of the last day, as theory has it."""


def queue_time(tables: Tables, peak: Peak) -> float:
    """Return the hours that all wait together."""
    return float(last_day(tables)["wait_s"].sum()) / HOUR_S / peak.scale


def schedule_cost(tables: Tables, peak: Peak) -> float:
    """Return the cost of being early and late."""
    journeys, theory = last_day(tables), peak.theory
    early, late = journeys["schedule_delay_early_s"].sum(), journeys["schedule_delay_late_s"].sum()
    return float(theory.beta * early + theory.gamma * late) / HOUR_S / peak.scale


def longest_wait(tables: Tables, _: Peak) -> float:
    """Return the longest wait in hours."""
    return float(last_day(tables)["wait_s"].max()) / HOUR_S


def longest_queue(tables: Tables, peak: Peak) -> float:
    """Return the longest queue in commuters."""
    legs = tables["legs"]
    times = np.concatenate([legs["wait_from_s"], legs["board_s"]])
    change = np.concatenate([np.ones(len(legs)), -np.ones(len(legs))])
    return float(np.cumsum(change[np.lexsort((change, times))]).max()) / peak.scale


def first_departure(tables: Tables, peak: Peak) -> float:
    """Return the first departure in hours."""
    return float(peak.hour(last_day(tables)["departure_s"].min()))


def last_departure(tables: Tables, peak: Peak) -> float:
    """Return the last departure in hours."""
    return float(peak.hour(last_day(tables)["departure_s"].max()))


def on_time_departure(tables: Tables, peak: Peak) -> float:
    """Return the departure in hours of who arrives nearest to the wish."""
    journeys = last_day(tables)
    nearest = np.abs(journeys["arrival_s"] - journeys["preferred_arrival_s"]).argmin()
    return float(peak.hour(journeys["departure_s"][nearest]))


def rate_before(tables: Tables, peak: Peak) -> float:
    """Return departures per hour up to that of who is on time."""
    return _rate(tables, first_departure(tables, peak), on_time_departure(tables, peak), peak)


def rate_after(tables: Tables, peak: Peak) -> float:
    """Return departures per hour from that of who is on time."""
    return _rate(tables, on_time_departure(tables, peak), last_departure(tables, peak), peak)


def _rate(tables: Tables, start: float, end: float, peak: Peak) -> float:
    """Return departures per hour between two departures."""
    hour = peak.hour(last_day(tables)["departure_s"])
    return float(((hour >= start - 1e-9) & (hour <= end + 1e-9)).sum() - 1) / (end - start) / peak.scale


def least_deviation(tables: Tables, peak: Peak) -> float:
    """Return what the cheapest departure would cost one more commuter.

    He takes the place of whoever joined next after him, or the first vehicle that ran empty.
    """
    legs, visits, theory = tables["legs"], tables["stop_visits"], peak.theory
    order = np.argsort(legs["wait_from_s"], kind="stable")
    joined_s, board_s = legs["wait_from_s"][order], legs["board_s"][order]
    empty = visits.equals("stop_id", "a") & (visits["boardings"] == 0)
    empty_s = np.append(np.sort(visits["arrival_s"][empty]), np.inf)
    opens_s, closes_s = peak.clock_s(theory.opens), peak.clock_s(theory.closes)
    leaves_s = np.linspace(opens_s - 10 * peak.window_s, closes_s + 10 * peak.window_s, 20_001)
    next_s = np.append(board_s, np.inf)[np.searchsorted(joined_s, leaves_s, side="right")]
    boards_s = np.minimum(next_s, empty_s[np.searchsorted(empty_s, leaves_s)])
    late_s = boards_s + RIDE_S - last_day(tables)["preferred_arrival_s"][0]
    away = np.where(late_s > 0, theory.gamma * late_s, -theory.beta * late_s)
    return float((theory.alpha * (boards_s - leaves_s) + away).min()) / HOUR_S


def dearest(tables: Tables, _: Peak) -> float:
    """Return the highest cost of a commuter."""
    return float(last_day(tables)["generalized_cost_min"].max()) / 60.0


LAST = "where day = (select max(day) from 'tables/journeys.parquet')"
JOURNEYS = f"from 'tables/journeys.parquet' {LAST}"
TOTAL_SQL = f"select sum(generalized_cost_min) / 60 / {{scale}} {JOURNEYS}"
QUEUE_SQL = (
    "select max(present) / {scale} from (select sum(n) over (order by t, n rows unbounded preceding) as present from "
    "(select wait_from_s as t, 1 as n from 'tables/legs.parquet' union all "
    "select board_s, -1 from 'tables/legs.parquet'))"
)
EDGES_SQL = f"min(departure_s), arg_min(departure_s, abs(arrival_s - preferred_arrival_s)), max(departure_s) {JOURNEYS}"
DEVIATION_SQL = (
    "select min({alpha} * (boards_s - leaves_s) + case when away_s > 0 then {gamma} else -{beta} end * away_s) / 3600 "
    "from (select leaves_s, boards_s, boards_s + {ride_s} - (select min(preferred_arrival_s) from "
    "'tables/journeys.parquet') as away_s from (select leaves_s, least(coalesce(board_s, 1e9), "
    "coalesce(arrival_s, 1e9)) as boards_s from (select {from_s} + i * ({to_s} - {from_s}) / 20000 as leaves_s from "
    "range(20001) as steps(i)) as chances asof left join 'tables/legs.parquet' as legs on chances.leaves_s < "
    "legs.wait_from_s asof left join (select arrival_s from 'tables/stop_visits.parquet' where stop_id = 'a' and "
    "boardings = 0) as idle on chances.leaves_s <= idle.arrival_s))"
)


def rate_sql(start: str, end: str) -> str:
    """Return SQL for departures per hour between two of first_s, time_s and last_s."""
    return (
        f"select (count(*) - 1) / any_value({end} - {start}) * 3600 / {{scale}} from 'tables/journeys.parquet', "
        f"(select {EDGES_SQL}) as edges(first_s, time_s, last_s) where departure_s between {start} - 1e-6 and "
        f"{end} + 1e-6"
    )


def filled_sql(sql: str, peak: Peak) -> str:
    """Return SQL with the numbers of a peak in the places of their names."""
    theory, margin_s = peak.theory, 10 * peak.window_s
    values = {
        "scale": peak.scale,
        "shift_s": peak.shift_s,
        "alpha": theory.alpha,
        "beta": theory.beta,
        "gamma": theory.gamma,
        "ride_s": RIDE_S,
        "from_s": peak.clock_s(theory.opens) - margin_s,
        "to_s": peak.clock_s(theory.closes) + margin_s,
    }
    for name, value in values.items():
        sql = sql.replace(f"{{{name}}}", repr(value))
    return sql


def clock_sql(column: str) -> str:
    """Return SQL for a time of day in hours of theory."""
    return f"select ({column} - {{shift_s}}) / 3600 {JOURNEYS}"

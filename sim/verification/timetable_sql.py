"""The same numbers of timetabled services as SQL, for whoever has the run folder only."""

from __future__ import annotations

import numpy as np

from sim.verification.line import trip_name
from sim.verification.timetable import World

LAST = "day = (select max(day) from loads)"
FIRST = "day = (select min(day) from loads)"


def services_sql(question: str, world: World) -> str:
    """Return a question about `loads` and `costs` by day and service as one line of SQL.

    Parameters
    ----------
    question : str
        A select; `loads` has day, service (in the order of delta, from 0) and n, in riders of
        theory; `costs` has day, service and the mean cost c of a rider.
    world : World
    """
    rank = np.argsort(np.argsort(world.timetable.window))
    trips = ", ".join(f"('{trip_name(int(place))}', {service})" for service, place in enumerate(rank))
    cost = "generalized_cost_min - in_vehicle_s / 60"
    return (
        f"select * from (with services(trip_id, service) as (values {trips}), loads as (select day, service, "
        f"sum(departing_load) / {world.scale} / count(distinct replication) as n from 'tables/stop_visits.parquet' "
        "join services using (trip_id) where stop_id = 'a' group by day, service), "
        f"costs as (select day, service, avg({cost}) as c from 'tables/legs.parquet' join 'tables/journeys.parquet' "
        "using (replication, day, commuter_id) join services using (trip_id) group by day, service), "
        "changes as (select service, b.n as before, a.n as after, d.c as cost, (d.c - c.c) / (a.n - b.n) as slope "
        f"from (select * from loads where {LAST}) as a join (select * from loads where {FIRST}) as b using (service) "
        f"left join (select * from costs where {FIRST}) as c using (service) "
        f"left join (select * from costs where {LAST}) as d using (service)), "
        "steepness as (select arg_max(slope, abs(after - before)) as slope from changes where after > 0 and "
        f"before > 0) {question})"
    )


LOADS = f"select n from loads where {LAST} order by service"
MARGINAL = "select max(cost + after * steepness.slope) from changes, steepness where after > 0"
MOVED = "select max((before - after) / before) from changes where before > 0"
BREAK_EVEN = (
    "select -(rise - bend) / bend from (select any_value(steepness.slope) * sum((after - before) ** 2) as bend from "
    f"changes, steepness), (select sum(n * c) filter ({LAST}) - sum(n * c) filter ({FIRST}) as rise from loads join "
    "costs using (day, service))"
)
FIRST_LOAD = "select avg(n) from loads where service = 0"
SWING = (
    "select abs(max(n) filter (day = last) - max(n) filter (day = last - 1)) from loads, (select max(day) as last from "
    "loads) where service = 0"
)


def stability_sql(theta: float, world: World) -> str:
    """Return the critical share at the loads and the crowding of the kept days as SQL."""
    away = f"{world.timetable.penalty!r} * (schedule_delay_early_s + schedule_delay_late_s) / 60"
    question = (
        f"select 2 / (1 + {theta!r} * 2 * slope * n0 * n1 / (n0 + n1)) from (select avg(n) filter (service = 0) as n0, "
        f"avg(n) filter (service = 1) as n1, (select sum(generalized_cost_min - in_vehicle_s / 60 - {away}) / "
        f"{world.scale} from 'tables/journeys.parquet') / sum(n * n) as slope from loads)"
    )
    return services_sql(question, world)

"""The fares of a network: ``fares.csv`` by lines and way ridden, else those of its feed by line and zone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Final

import numpy as np

from sim.arrays import FloatArray
from sim.loading.columns import choices, numbers, report_rows
from sim.loading.csv_tables import TextTable
from sim.loading.gtfs_tables import Lines, Stops
from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.loading.table_specs import FARE_ATTRIBUTES, FARE_RULES, FARES
from sim.model.parameters import FareParameters
from sim.model.service import Service
from sim.model.tariffs import (
    NO_GROUP,
    DistanceTariff,
    FlatTariff,
    Tariff,
    TariffMaker,
    ZoneFare,
    ZoneRule,
    ZoneTariff,
    ridden_lines,
    ways_m,
)

ALL_LINES: Final = "*"
"""Stands for all lines that no other row names."""

_TRANSFERS: Final = {"0": 0.0, "1": 1.0, "2": 2.0, "": np.inf}
Bands = tuple[tuple[FloatArray, FloatArray], ...]


def read_tariff(
    files: NetworkFiles, stops: Stops | None, lines: Lines | None, collector: ProblemCollector
) -> TariffMaker | None:
    """Read the fares of a network; None where it has none.

    Parameters
    ----------
    files : NetworkFiles
    stops, lines : Stops, Lines or None
        Those of the feed, as far as they could be read.
    collector : ProblemCollector
    """
    table = files.table(FARES, required=False)
    if table is not None:
        return None if lines is None else _by_distance(table, lines, collector)
    fares = files.table(FARE_ATTRIBUTES, required=False)
    if fares is None or stops is None or lines is None:
        return None
    rules = files.table(FARE_RULES, required=False)
    known = _zone_fares(fares, rules, lines, set(stops.zone), collector)
    return lambda service, _lengths: ZoneTariff(service, known, stops.zone)


def tariff_of(
    parameters: FareParameters, of_network: TariffMaker | None, service: Service, link_length_m: FloatArray
) -> Tariff | None:
    """Make the tariff of a scenario; None where it has no fares.

    Parameters
    ----------
    parameters : FareParameters
    of_network : callable or None
        Makes that of the network, as `read_tariff` returns it.
    service : Service
        With all lines and patterns that run.
    link_length_m : ndarray of float, shape (links,)
    """
    if parameters.kind == "flat" and parameters.fare is not None:
        return FlatTariff(parameters.fare, parameters.charged)
    if parameters.kind == "distance" and parameters.bands is not None:
        from_m, fares = np.array(parameters.bands, dtype=np.float64).T
        one_group = np.zeros(len(service.lines), dtype=np.int64)
        return DistanceTariff(ways_m(service, link_length_m), ridden_lines(service), one_group, ((from_m, fares),))
    if parameters.kind == "network" and of_network is not None:
        return of_network(service, link_length_m)
    return None


def _by_distance(table: TextTable, lines: Lines, collector: ProblemCollector) -> TariffMaker | None:
    """Read ``fares.csv``; rows with the same lines are the bands of one group."""
    from_m = numbers(table, "from_m", collector, at_least=0)
    fare = numbers(table, "fare", collector, at_least=0)
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(table.text("route_ids")):
        rows.setdefault(text, []).append(row)
    group_of: dict[str, int] = {}
    bands = []
    for number, (text, mine) in enumerate(rows.items()):
        line = int(table.line[mine[0]])
        for name in text.split():
            if name != ALL_LINES and name not in lines.index:
                collector.problem(table.file, f"unknown line {name!r}", line=line, key="route_ids")
            if group_of.setdefault(name, number) != number:
                collector.problem(table.file, f"line {name!r} is in two groups", line=line, key="route_ids")
        starts = from_m[mine]
        if starts[0] != 0:
            collector.problem(table.file, "the first band of a group must begin at 0", line=line, key="from_m")
        falls = np.zeros(len(table), dtype=np.bool_)
        falls[np.array(mine[1:], dtype=np.int64)] = np.diff(starts) <= 0
        report_rows(table, falls, "from_m", "the bands of a group must be in order of distance", collector)
        bands.append((starts, fare[mine]))
    _check_covered(table, lines, group_of, collector)
    return partial(_distance_tariff, group_of, tuple(bands))


def _check_covered(table: TextTable, lines: Lines, group_of: Mapping[str, int], collector: ProblemCollector) -> None:
    if ALL_LINES in group_of:
        return
    free = [name for name in lines.index if name not in group_of]
    if free:
        message = f"no row names the lines {', '.join(free)}, so riding there is free; {ALL_LINES} names all others"
        collector.mention(table.file, message, key="route_ids")


def _distance_tariff(
    group_of: Mapping[str, int], bands: Bands, service: Service, link_length_m: FloatArray
) -> DistanceTariff:
    others = group_of.get(ALL_LINES, NO_GROUP)
    groups = np.array([group_of.get(item.line_id, others) for item in service.lines], dtype=np.int64)
    return DistanceTariff(ways_m(service, link_length_m), ridden_lines(service), groups, bands)


def _zone_fares(
    fares: TextTable, rules: TextTable | None, lines: Lines, zones: set[str], collector: ProblemCollector
) -> tuple[ZoneFare, ...]:
    price = numbers(fares, "price", collector, at_least=0)
    duration_s = numbers(fares, "transfer_duration", collector, at_least=0, blank=np.inf)
    transfers = choices(fares, "transfers", collector, tuple(_TRANSFERS), blank="")
    agencies = fares.text("agency_id")
    found = {} if rules is None else _rules(rules, lines, zones, set(fares.text("fare_id")), collector)
    return tuple(
        ZoneFare(
            fare_id=fare_id,
            price=float(price[row]),
            transfers=_TRANSFERS[transfers[row]],
            duration_s=float(duration_s[row]),
            agency=agencies[row],
            rules=found.get(fare_id, ()),
        )
        for row, fare_id in enumerate(fares.text("fare_id"))
    )


def _rules(
    table: TextTable, lines: Lines, zones: set[str], fares: set[str], collector: ProblemCollector
) -> dict[str, tuple[ZoneRule, ...]]:
    """Return the rules by fare; rows that differ by contains_id only are one rule."""
    checks = (("fare_id", fares, "fare of fare_attributes.txt"), ("route_id", {"", *lines.index}, "route"))
    for name, known, what in checks:
        unknown = np.array([text not in known for text in table.text(name)], dtype=np.bool_)
        report_rows(table, unknown, name, f"there is no such {what}", collector)
    for name in ("origin_id", "destination_id", "contains_id"):
        never = sum(text not in {"", *zones} for text in table.text(name))
        if never:
            collector.mention(table.file, f"{never} rules never hold, as no stop has their zone_id", key=name)
    columns = [table.text(name) for name in ("fare_id", "route_id", "origin_id", "destination_id", "contains_id")]
    contains: dict[tuple[str, str, str, str], set[str]] = {}
    for fare, line, origin, destination, zone in zip(*columns, strict=True):
        contains.setdefault((fare, line, origin, destination), set()).update({zone} - {""})
    found: dict[str, list[ZoneRule]] = {}
    for (fare, line, origin, destination), passed in contains.items():
        found.setdefault(fare, []).append(ZoneRule(line, origin, destination, frozenset(passed)))
    return {fare: tuple(mine) for fare, mine in found.items()}

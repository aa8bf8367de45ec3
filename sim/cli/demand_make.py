"""The commands of ``peakshift demand``: from a table, from counts, from a gravity model."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import Whole, Within, json_option
from sim.cli.output import echo, print_facts, print_json

if TYPE_CHECKING:
    from sim.loading.demand_making.flows import MadeDemand
    from sim.loading.demand_making.zones import ZoneOptions
    from sim.loading.network_folder import LoadedNetwork

_RIDES = 3
"""Most vehicles of a journey, as scenarios have it by default."""
_FILE = click.Path(path_type=Path)
_network = click.argument("network", metavar="NETWORK", type=_FILE)
_replace = click.option("--replace", is_flag=True, help="Put it in the place of demand that the network came with.")
_profile = click.option(
    "--profile",
    default="two_peaks",
    show_default=True,
    metavar="NAME|FILE",
    help="When people travel: a name of `peakshift demand profiles`, or a CSV file period_start,period_end,share.",
)


def _zone_options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options about zones; they come as one argument, `zones`."""

    @click.option("--zones", "file", type=_FILE, metavar="FILE", help="CSV file of the zones that TABLE is between.")
    @click.option(
        "--within",
        type=Within(1, 1e6),
        default=800.0,
        show_default=True,
        metavar="M",
        help="How far the stops of a zone may be from its middle; assumed.",
    )
    @click.option(
        "--nearest",
        type=Whole(1, 100),
        default=3,
        show_default=True,
        metavar="N",
        help="Most stops of a zone that is given by its middle; assumed.",
    )
    @click.option("--leave-out-zones", is_flag=True, help="Leave out zones without stops instead of refusing TABLE.")
    @wraps(function)
    def collected(
        *args: Any, file: Path | None, within: float, nearest: int, leave_out_zones: bool, **others: Any
    ) -> None:
        from sim.loading.demand_making.zones import ZoneOptions

        zones = None if file is None else ZoneOptions(file, within, nearest, leave_out_zones)
        function(*args, zones=zones, **others)

    decorated: Callable[..., None] = collected
    return decorated


@click.command(short_help="From an OD table, CSV or OMX.")
@_network
@click.argument("table", metavar="TABLE", type=_FILE)
@click.option("--matrix", metavar="NAME", help="Matrix of an OMX file that has several.")
@_zone_options
@_profile
@_replace
@json_option
def od(
    network: Path,
    table: Path,
    matrix: str | None,
    zones: ZoneOptions | None,
    profile: str,
    replace: bool,
    as_json: bool,
) -> None:
    """Write the demand of NETWORK from TABLE: commuters of a day between stops or zones.

    A CSV file has the columns origin_stop_id,destination_stop_id,commuters, and period_start and
    period_end where it says when; an OMX file names a stop for each zone in a lookup. A table
    between zones has origin_zone_id and destination_zone_id, or a lookup of zones, and needs
    --zones: zone_id,stop_id,share says which stops people of a zone use, zone_id,lat,lon where the
    middle of a zone is (x,y where the network is in metres).
    """
    import numpy as np

    from sim.loading.demand_making.od_table import demand_of_table
    from sim.loading.demand_making.profiles import find_profile

    when = find_profile(profile)
    _make(
        network,
        lambda loaded: demand_of_table(
            table, when, loaded.network, np.unique(loaded.service.visit_stop), matrix, zones
        ),
        replace=replace,
        as_json=as_json,
    )


@click.command(short_help="From counts of boardings and alightings by stop.")
@_network
@click.argument("table", metavar="COUNTS", type=_FILE)
@_replace
@json_option
def counts(network: Path, table: Path, replace: bool, as_json: bool) -> None:
    """Write the demand of NETWORK from boardings and alightings by stop, and the flow along each line.

    COUNTS is a CSV file with stop_id,period_start,period_end,boardings,alightings, besides line_id
    and direction_id where the network has several; or board_alight.txt of GTFS-ride. Counts of
    several days have a column date (service_date in GTFS-ride); their mean is taken.
    Pairs of stops are fitted to the counts (iterative proportional fitting); the load after each
    stop is written into demand/flow_profile.csv.
    """
    from sim.loading.demand_making.counts import demand_of_counts

    _make(
        network,
        lambda loaded: demand_of_counts(table, loaded.network, loaded.service),
        replace=replace,
        as_json=as_json,
    )


@click.command(short_help="From a stated total, by a gravity model.")
@_network
@click.option(
    "--total",
    type=Within(1, 1e9),
    metavar="N",
    help="Commuters of a day.  [default: as many as take a quarter of the seats offered, assumed]",
)
@click.option(
    "--weights",
    type=_FILE,
    metavar="FILE",
    help="CSV file stop_id,origins,destinations.  [default: by the trips that call, assumed]",
)
@click.option(
    "--mean-ride",
    type=Within(0.1, 1440),
    default=15.0,
    show_default=True,
    metavar="MIN",
    help="How far people go; assumed.",
)
@click.option("--changes", type=Whole(0, 1), default=1, show_default=True, help="Most changes of line.")
@_profile
@_replace
@json_option
def gravity(
    network: Path,
    total: float | None,
    weights: Path | None,
    mean_ride: float,
    changes: int,
    profile: str,
    replace: bool,
    as_json: bool,
) -> None:
    """Write a demand of NETWORK that nobody observed: trips grow with what lies around stops, and fall with time."""
    from sim.loading.demand_making.gravity import GravityOptions, demand_of_gravity, suggested_total
    from sim.loading.demand_making.profiles import find_profile

    when, ride_s = find_profile(profile), mean_ride * 60.0

    def made(loaded: LoadedNetwork) -> MadeDemand:
        people = suggested_total(loaded.service, ride_s) if total is None else total
        wishes = GravityOptions(people, ride_s, changes, weights)
        return demand_of_gravity(wishes, when, loaded.network, loaded.service)

    _make(
        network,
        made,
        replace=replace,
        as_json=as_json,
    )


@click.command(short_help="List the profiles over the day that come with peakshift.")
@json_option
def profiles(as_json: bool) -> None:
    """List the profiles over the day that come with peakshift, with their sources."""
    from sim.loading.demand_making.profiles import shipped_profiles

    found = shipped_profiles()
    if as_json:
        print_json({name: {"source": item.source, "share": item.share.tolist()} for name, item in found.items()})
        return
    print_facts({name: item.source for name, item in found.items()})


def _make(folder: Path, make: Callable[[LoadedNetwork], MadeDemand], *, replace: bool, as_json: bool) -> None:
    """Make demand for a network folder, write it, and say what it is."""
    from sim.loading.demand_making.flows import check_folder, within_service, write_demand
    from sim.loading.network_folder import load_network

    check_folder(folder, replace=replace)
    loaded = load_network(folder)
    made = within_service(make(loaded), loaded.network, loaded.service, _RIDES)
    write_demand(folder, loaded.network.stop_id, made)
    files = ["demand/od.csv", *(["demand/profile.csv"] if made.profile is not None else []), *made.extra, "SOURCE.md"]
    facts: dict[str, Any] = {**made.facts, "label": f"synthetic: {made.kind}", "written": ", ".join(files)}
    if as_json:
        print_json({"network": str(folder), **facts})
        return
    print_facts(facts)
    echo(f"\nnext  peakshift init {quote(str(folder))}")

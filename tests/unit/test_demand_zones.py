"""OD tables between zones: spread over the stops of both ends, nothing lost without a word."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from support.small_feed import write_feed
from support.small_network import write_network

from sim.errors import InputError
from sim.loading.demand_making.flows import write_demand
from sim.loading.demand_making.od_table import demand_of_table
from sim.loading.demand_making.profiles import find_profile
from sim.loading.demand_making.zones import ZoneOptions, read_zones
from sim.loading.feeds.importing import import_network
from sim.loading.network_folder import load_network

OD = "origin_zone_id,destination_zone_id,commuters\n"
SHARES = "zone_id,stop_id,share\n"


@pytest.fixture
def folder(tmp_path):
    """Return a line A, B, C without positions and without demand."""
    return write_network(tmp_path / "small", {"demand/od.csv": None})


@pytest.fixture
def on_the_map(tmp_path):
    """Return A and B 1.1 km apart and C 2.2 km further north, at longitude 10."""
    import_network(write_feed(tmp_path / "feed"), tmp_path / "net")
    return tmp_path / "net"


def made(folder, od, zones, **wishes):
    loaded = load_network(folder)
    (folder / "od.csv").write_text(od, encoding="utf-8")
    (folder / "zones.csv").write_text(zones, encoding="utf-8")
    served = np.unique(loaded.service.visit_stop)
    wish = replace(ZoneOptions(folder / "zones.csv"), **wishes)
    return loaded, demand_of_table(folder / "od.csv", find_profile("flat"), loaded.network, served, None, wish)


def pairs(loaded, demand):
    ids = loaded.network.stop_id
    rows = zip(demand.origin, demand.destination, demand.commuters.tolist(), strict=True)
    return {(ids[start], ids[end]): commuters for start, end, commuters in rows}


def test_flows_between_zones_are_spread_by_the_shares(folder):
    zones = SHARES + "west,A,3\nwest,B,1\neast,C,1\n"
    loaded, demand = made(folder, OD + "west,east,80\neast,east,7\n", zones)
    assert pairs(loaded, demand) == pytest.approx({("A", "C"): 60, ("B", "C"): 20})
    assert demand.facts["left out"].startswith("0.0 commuters of zones without stops, 7.0 within a zone")
    assert "synthetic" not in demand.how
    assert "shares of the file" in demand.how
    write_demand(folder, loaded.network.stop_id, demand)
    again = load_network(folder)
    assert again.demand.commuters.sum() == pytest.approx(80)
    assert any(note.startswith("demand/od.csv: synthetic") for note in again.network.notes)


def test_nobody_travels_from_a_stop_to_itself_and_nobody_is_lost(folder):
    # Both zones use B: the quarter that would go from B to B is shared out among the other pairs of stops.
    zones = "zone_id,stop_id\n1,A\n1,B\n2,B\n2,C\n"
    loaded, demand = made(folder, OD + "1,2,30\n", zones)
    assert pairs(loaded, demand) == pytest.approx({("A", "B"): 10, ("A", "C"): 10, ("B", "C"): 10})
    loaded, demand = made(folder, OD + "1,2,30\n1,3,7\n", "zone_id,stop_id\n1,B\n2,B\n3,C\n")
    assert pairs(loaded, demand) == {("B", "C"): 7}
    assert demand.facts["left out"].endswith("30.0 between zones that share their only stop")


def test_periods_of_the_table_are_kept(folder):
    od = "origin_zone_id,destination_zone_id,commuters,period_start,period_end\n1,2,4,07:00,08:00\n1,2,6,08:00,09:00\n"
    _, demand = made(folder, od, "zone_id,stop_id\n1,A\n1,B\n2,C\n")
    by_hour = np.bincount((demand.start_s // 3600).astype(int), weights=demand.commuters)
    assert (by_hour[7], by_hour[8], demand.profile) == (4, 6, None)


def test_the_stops_around_the_middle_of_a_zone(on_the_map):
    zones = "zone_id,lat,lon\nsouth,1.005,10\nnorth,1.03,10\n"
    loaded, demand = made(on_the_map, OD + "south,north,10\n", zones, within_m=600)
    assert pairs(loaded, demand) == pytest.approx({("A", "C"): 5, ("B", "C"): 5})
    loaded, demand = made(on_the_map, OD + "south,north,10\n", zones, within_m=600, nearest=1)
    assert len(pairs(loaded, demand)) == 1


def test_a_zone_without_stops_is_refused_or_left_out(on_the_map):
    zones = "zone_id,lat,lon\nsouth,1,10\nnorth,1.03,10\nsea,2,10\nalso,2,11\n"
    od = OD + "south,north,10\nsouth,sea,5\nsea,sea,1\n"
    message = r"zones\.csv:4: zone_id: zone 'sea' has no stops: the nearest .*'C', is 107,\d{3} m away, more than 800 m"
    with pytest.raises(InputError, match=message) as caught:
        made(on_the_map, od, zones)
    assert len(caught.value.problems) == 1  # nobody travels to the fourth zone
    loaded, demand = made(on_the_map, od, zones, leave_out=True)
    assert pairs(loaded, demand) == {("A", "C"): 10}
    assert demand.facts["left out"].startswith("6.0 commuters of zones without stops")
    assert demand.facts["zones"].startswith("2 of 4 with stops")


@pytest.mark.parametrize(
    ("zones", "message"),
    [
        ("", r"zones\.csv: the file is empty"),
        ("zone,stop_id\n1,A\n", r"zones\.csv:1: zone_id: this column is missing; the header is zone, stop_id"),
        ("zone_id,name\n1,A\n", r"zones\.csv:1: a zone needs either stop_id"),
        ("zone_id,stop_id\n1,X\n", r"zones\.csv:2: stop_id: there is no stop of the network 'X'"),
        ("zone_id,stop_id\n1,A\n1,A\n", r"zones\.csv:3: stop_id: the zone names this stop twice"),
        ("zone_id,stop_id\n,A\n", r"zones\.csv:2: zone_id: must not be empty"),
        ("zone_id,stop_id,share\n1,A,-1\n", r"zones\.csv:2: share: must be at least 0"),
    ],
)
def test_zones_that_are_wrong_have_their_place(folder, zones, message):
    with pytest.raises(InputError, match=message):
        made(folder, OD, zones)


def test_zones_that_the_table_names_and_the_file_does_not(folder):
    with pytest.raises(InputError, match=r"od\.csv:2: destination_zone_id: there is no zone of .*zones\.csv 'est'"):
        made(folder, OD + "west,est,1\n", SHARES + "west,A,1\neast,C,1\n")


def test_latitude_and_longitude_exchanged(on_the_map):
    loaded = load_network(on_the_map)
    (on_the_map / "zones.csv").write_text("zone_id,lat,lon\n1,145,-17\n", encoding="utf-8")
    with pytest.raises(InputError, match="are lat and lon exchanged"):
        read_zones(ZoneOptions(on_the_map / "zones.csv"), loaded.network, np.arange(3))


def test_a_network_without_positions_wants_stops(folder):
    network = load_network(folder).network
    nowhere = replace(network, stop_x=np.full(3, np.nan), stop_y=np.full(3, np.nan))
    (folder / "zones.csv").write_text("zone_id,x,y\n1,0,0\n", encoding="utf-8")
    with pytest.raises(InputError, match="the stops of the network have no positions; give zone_id,stop_id,share"):
        read_zones(ZoneOptions(folder / "zones.csv"), nowhere, np.arange(3))


def test_an_omx_matrix_between_zones(folder):
    h5py = pytest.importorskip("h5py", reason="OMX files need h5py, which is optional")
    loaded = load_network(folder)
    with h5py.File(folder / "od.omx", "w") as file:
        file["data/am"] = np.array([[0.0, 8], [0, 1]])
        file["lookup/taz"] = np.array([101, 102])
    (folder / "zones.csv").write_text("zone_id,stop_id\n101,A\n101,B\n102,C\n", encoding="utf-8")
    wish, flat = ZoneOptions(folder / "zones.csv"), find_profile("flat")
    demand = demand_of_table(folder / "od.omx", flat, loaded.network, np.arange(3), None, wish)
    assert pairs(loaded, demand) == {("A", "C"): 4, ("B", "C"): 4}
    with pytest.raises(InputError, match=r"2 zones of its lookup are no stop of the network: 101, 102; say with"):
        demand_of_table(folder / "od.omx", flat, loaded.network, np.arange(3), None)


def test_of_several_lookups_the_one_counts_that_is_known(folder):
    h5py = pytest.importorskip("h5py", reason="OMX files need h5py, which is optional")
    loaded, flat = load_network(folder), find_profile("flat")
    (folder / "zones.csv").write_text("zone_id,stop_id\n101,A\n101,B\n102,C\n", encoding="utf-8")
    wish = ZoneOptions(folder / "zones.csv")
    with h5py.File(folder / "od.omx", "w") as file:
        file["data/am"] = np.array([[0.0, 8], [0, 1]])
        file["lookup/county"] = np.array([7, 7])
        file["lookup/taz"] = np.array([101, 102])
    demand = demand_of_table(folder / "od.omx", flat, loaded.network, np.arange(3), None, wish)
    assert pairs(loaded, demand) == {("A", "C"): 4, ("B", "C"): 4}
    with h5py.File(folder / "od.omx", "a") as file:
        file["lookup/old"] = np.array([102, 101])
    with pytest.raises(InputError, match="its lookups old and taz name the zones differently; leave one of them"):
        demand_of_table(folder / "od.omx", flat, loaded.network, np.arange(3), None, wish)


def test_small_parts_of_a_person_are_not_lost(folder):
    # A matrix of a model has little but such cells; written with four decimals all of these would be 0.
    zones = SHARES + "west,A,1\nwest,B,1\neast,C,1\n"
    loaded, demand = made(folder, OD + "west,east,0.00008\n", zones)
    write_demand(folder, loaded.network.stop_id, demand)
    again = load_network(folder).demand
    assert again.commuters.sum() == pytest.approx(0.00008)
    assert len(set(zip(again.origin.tolist(), again.destination.tolist(), strict=True))) == 2


def test_stops_that_are_unknown_are_not_named_twice(folder):
    with pytest.raises(InputError) as caught:
        made(folder, OD, "zone_id,stop_id\n1,X\n1,Y\n")
    assert [problem.message.split(" of the")[0] for problem in caught.value.problems] == ["there is no stop"] * 2


def test_a_table_between_zones_without_zones(folder):
    loaded = load_network(folder)
    (folder / "od.csv").write_text(OD + "1,2,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="say with --zones which stops the zones use"):
        demand_of_table(folder / "od.csv", find_profile("flat"), loaded.network, np.arange(3), None)


def test_overlapping_periods_of_the_pairs_of_zones_that_share_stops(folder):
    # Zone 1 is A and B, zone 3 is A alone: both send people from A to C from 7 o'clock on, until 8 and until 9.
    od = "origin_zone_id,destination_zone_id,commuters,period_start,period_end\n"
    zones = SHARES + "1,A,1\n1,B,1\n3,A,1\n2,C,1\n"
    loaded, demand = made(folder, od + "1,2,80,07:00,08:00\n3,2,40,07:00,09:00\n", zones)
    write_demand(folder, loaded.network.stop_id, demand)
    flows = load_network(folder).demand
    ids = loaded.network.stop_id
    rows = zip(flows.origin, flows.start_s / 3600, flows.end_s / 3600, flows.commuters, strict=True)
    assert sorted((ids[a], start, end, people) for a, start, end, people in rows) == [
        ("A", 7, 8, 40),
        ("A", 7, 9, 40),
        ("B", 7, 8, 40),
    ]


def test_columns_that_nothing_is_done_with_are_named(folder):
    od = "origin_zone_id,destination_zone_id,commuters,periode_start\nwest,east,80,07:00\n"
    _, demand = made(folder, od, "zone_id,stop_id,shares\nwest,A,3\neast,C,1\n")
    told = demand.facts["columns not used"]
    assert "od.csv: periode_start (did you mean 'period_start'?); " in told
    assert "zones.csv: shares (did you mean 'share'?)" in told


@pytest.mark.parametrize(
    ("od", "message"),
    [
        (OD, r"od\.csv: commuters: nobody travels between two stops that lines serve; left out: 0\.0 commuters"),
        (
            OD + "west,west,9\n",
            r"nobody travels .* left out: 0\.0 commuters of zones without stops, 9\.0 within a zone",
        ),
        (OD.strip() + ",period_end\nwest,east,9,08:00\n", r"od\.csv:1: period_start: this column is missing"),
        (OD.strip() + ",period_start\nwest,east,9,08:00\n", r"od\.csv:1: period_end: this column is missing"),
    ],
)
def test_tables_of_nobody_and_periods_by_half_are_refused(folder, od, message):
    with pytest.raises(InputError, match=message):
        made(folder, od, SHARES + "west,A,1\neast,C,1\n")

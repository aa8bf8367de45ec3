"""Demand from counts, tables and a gravity model: totals kept, sums met, always labelled."""

from __future__ import annotations

import numpy as np
import pytest
from support.small_network import changed, write_network

from sim.errors import InputError
from sim.loading.demand_making.balancing import fit
from sim.loading.demand_making.counts import FLOW_PROFILE, demand_of_counts
from sim.loading.demand_making.flows import check_folder, with_row, write_demand
from sim.loading.demand_making.gravity import GravityOptions, demand_of_gravity, whole_numbers
from sim.loading.demand_making.od_table import demand_of_table
from sim.loading.demand_making.profiles import find_profile, shipped_profiles
from sim.loading.network_folder import load_network
from sim.loading.source_notes import notes_of

NO_DEMAND = {"demand/od.csv": None}
LINE = "stop_id,period_start,period_end,boardings,alightings\n"
BOTH_WAYS = "line_id,direction_id," + LINE


@pytest.fixture
def folder(tmp_path):
    return write_network(tmp_path / "small", NO_DEMAND)


def table(tmp_path, text, name="counts.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return file


def pairs(made, loaded):
    """Return commuters by origin and destination id."""
    ids = loaded.network.stop_id
    return {(ids[a], ids[b]): n for a, b, n in zip(made.origin, made.destination, made.commuters.tolist(), strict=True)}


def test_fitting_meets_both_sums_and_keeps_zeros():
    seed = np.triu(np.ones((4, 4)), k=1)
    rows, columns = np.array([40.0, 30, 20, 0]), np.array([0.0, 10, 35, 45])
    fitted = fit(seed, rows, columns)
    assert fitted.matrix.sum(axis=1) == pytest.approx(rows)
    assert fitted.matrix.sum(axis=0) == pytest.approx(columns, abs=1e-6)
    assert not fitted.matrix[np.tril_indices(4)].any()
    # Biproportional: cross ratios of the seed stay, here those of the two rows and columns without a zero.
    ratio = fitted.matrix[0, 2] * fitted.matrix[1, 3] / (fitted.matrix[0, 3] * fitted.matrix[1, 2])
    assert ratio == pytest.approx(1.0)


def test_what_cannot_be_met_is_told():
    fitted = fit(np.array([[0.0, 1.0], [0.0, 0.0]]), np.array([5.0, 0]), np.array([2.0, 3]))
    assert fitted.matrix.tolist() == [[0, 5], [0, 0]]
    assert fitted.column_gap == pytest.approx(2.0)


def test_counts_become_pairs_and_a_flow_profile(tmp_path, folder):
    # 10 board at A and 6 at B; 4 alight at B and 12 at C: A to B 4, A to C 6, B to C 6. No other table fits.
    counts = LINE + "A,07:00,08:00,10,0\nB,07:00,08:00,6,4\nC,07:00,08:00,0,12\n"
    loaded = load_network(folder)
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    assert pairs(made, loaded) == pytest.approx({("A", "B"): 4, ("A", "C"): 6, ("B", "C"): 6})
    write_demand(folder, loaded.network.stop_id, made)
    demand = load_network(folder).demand
    assert demand.commuters.sum() == pytest.approx(16)
    assert set(demand.start_s) == {7 * 3600.0}
    rows = (folder / FLOW_PROFILE).read_text(encoding="utf-8").splitlines()
    assert [row.rsplit(",", 1)[1] for row in rows] == ["load", "10.00", "12.00", "0.00"]


def test_alightings_are_scaled_to_the_boardings_or_assumed(tmp_path, folder):
    loaded = load_network(folder)
    counts = LINE + "A,07:00,08:00,10,0\nB,07:00,08:00,6,2\nC,07:00,08:00,0,6\n"
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    assert pairs(made, loaded) == pytest.approx({("A", "B"): 4, ("A", "C"): 6, ("B", "C"): 6})
    assert made.facts["alightings"] == "scaled to the boardings by 2 to 2"
    counts = "stop_id,period_start,period_end,boardings\nA,07:00,08:00,10\nB,07:00,08:00,6\n"
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    assert pairs(made, loaded) == pytest.approx({("A", "B"): 5, ("A", "C"): 5, ("B", "C"): 6})
    assert "assumed" in made.facts["alightings"]


def test_counts_by_trip_as_in_gtfs_ride(tmp_path, folder):
    counts = "trip_id,stop_id,boardings,alightings\nt1,A,3,0\nt1,C,0,3\nt2,A,2,0\nt2,B,0,2\n"
    loaded = load_network(folder)
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    by_hour = dict(zip(made.start_s.tolist(), made.commuters.tolist(), strict=True))
    assert by_hour == pytest.approx({6 * 3600.0: 2, 7 * 3600.0: 3})


def line_of_trips(tmp_path, **stops):
    """Write a network of one line whose trips call at these stops from 07:00 on, every 20 minutes."""
    trips = "".join(f"R,week,{name},0,bus\n" for name in stops)
    times = "".join(
        f"{name},{7 + place // 3:02}:{place % 3 * 20:02}:00,{7 + place // 3:02}:{place % 3 * 20:02}:00,{stop},{place}\n"
        for name, path in stops.items()
        for place, stop in enumerate(path)
    )
    files = {
        **NO_DEMAND,
        **dict.fromkeys(("gmns/node.csv", "gmns/link.csv", "traffic.csv")),
        "gtfs/stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n" + "".join(f"{stop},{stop},,\n" for stop in "ABCDE"),
        "gtfs/trips.txt": "route_id,service_id,trip_id,direction_id,vehicle_type\n" + trips,
        "gtfs/stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + times,
    }
    return load_network(write_network(tmp_path / "line", files))


def test_people_ride_on_a_ring_beyond_its_first_stop(tmp_path):
    # All 5 of C and 10 of B can only go on to A, where 15 get out; the 20 of A fill B and C, 10 and 10.
    loaded = line_of_trips(tmp_path, t1="ABCA")
    counts = LINE + "A,07:00,08:00,20,15\nB,07:00,08:00,10,10\nC,07:00,08:00,5,10\n"
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    wanted = {("A", "B"): 10, ("A", "C"): 10, ("B", "A"): 10, ("B", "C"): 0, ("C", "A"): 5}
    assert pairs(made, loaded) == pytest.approx(wanted, abs=0.01)
    loads = [row.rsplit(",", 2)[1:] for row in made.extra[FLOW_PROFILE].decode().splitlines()[1:]]
    assert loads == [["0.00", "20.00"], ["10.00", "20.00"], ["10.00", "15.00"], ["15.00", "0.00"]]
    counts = "stop_id,period_start,period_end,boardings\nA,07:00,08:00,30\nB,07:00,08:00,10\n"
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    assert pairs(made, loaded) == pytest.approx({("A", "B"): 15, ("A", "C"): 15, ("B", "A"): 5, ("B", "C"): 5})


def test_a_line_with_branches_takes_nobody_from_one_to_the_other(tmp_path):
    loaded = line_of_trips(tmp_path, t1="ABC", t2="ADE", t3="DE")
    counts = LINE + "A,07:00,08:00,20,0\nB,07:00,08:00,4,0\nC,07:00,08:00,0,9\nD,07:00,08:00,2,6\nE,07:00,08:00,0,11\n"
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    # C takes the 4 of B and 5 of A, E the 2 of D and 9 of A.
    wanted = {("A", "C"): 5, ("A", "D"): 6, ("A", "E"): 9, ("B", "C"): 4, ("D", "E"): 2}
    assert pairs(made, loaded) == pytest.approx(wanted)
    loaded, counts = line_of_trips(tmp_path, t1="ABC", t2="ABDE"), table(tmp_path, LINE + "E,07:00,08:00,1,0\n")
    with pytest.raises(InputError, match="nobody can board at 'E': vehicles end"):
        demand_of_counts(counts, loaded.network, loaded.service)


def test_counts_of_several_dates_are_those_of_a_mean_day(tmp_path, folder):
    # t1 was counted on two days, t2 on one of them.
    counts = (
        "trip_id,stop_id,service_date,boardings,alightings\n"
        "t1,A,20240102,10,0\nt1,B,20240102,0,2\nt1,C,20240102,0,8\n"
        "t1,A,20240103,14,0\nt1,B,20240103,0,2\nt1,C,20240103,0,12\n"
        "t2,A,20240103,5,0\nt2,C,20240103,0,5\n"
    )
    loaded = load_network(folder)
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    by_hour = {hour: made.commuters[made.start_s == 3600.0 * hour].sum() for hour in (6, 7)}
    assert by_hour == pytest.approx({6: 5, 7: 12})
    assert made.facts["dates"] == "the mean of 2"
    weekend = table(tmp_path, counts + "t3,A,20240106,100,0\nt3,B,20240106,0,100\n")
    made = demand_of_counts(weekend, loaded.network, loaded.service)
    assert made.commuters.sum() == pytest.approx(17)
    assert made.facts["dates"] == "the mean of 2"
    assert made.facts["trips of other days"] == "1, left out"
    dated = "date," + LINE
    counts = dated + "1,A,07:00,08:00,10,0\n1,C,07:00,08:00,0,10\n2,A,07:00,08:00,20,0\n2,C,07:00,08:00,0,20\n"
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    assert pairs(made, loaded) == pytest.approx({("A", "C"): 15})


def test_people_counted_by_trip_leave_when_it_comes_to_their_stop(tmp_path):
    # The trip starts at 07:00 and leaves D an hour later.
    loaded = line_of_trips(tmp_path, t1="ABCDE")
    counts = "trip_id,stop_id,boardings,alightings\nt1,A,10,0\nt1,D,5,10\nt1,E,0,5\n"
    made = demand_of_counts(table(tmp_path, counts), loaded.network, loaded.service)
    assert made.start_s.tolist() == [7 * 3600.0, 7 * 3600.0, 8 * 3600.0]
    assert (made.end_s - made.start_s == 3600.0).all()


def test_boardings_after_which_nobody_gets_out_are_told(tmp_path, folder):
    loaded = load_network(folder)
    counts = table(tmp_path, LINE + "A,07:00,08:00,20,0\nB,07:00,08:00,3,20\n")
    made = demand_of_counts(counts, loaded.network, loaded.service)
    assert pairs(made, loaded) == pytest.approx({("A", "B"): 20})
    assert made.facts["left out"] == "3.0 who board where nobody was counted getting out later"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (LINE + "X,07:00,08:00,1,0\n", r"counts\.csv:2: stop_id: there is no stop of the network 'X'"),
        (LINE + "A,07:00,08:00,-1,0\n", r"counts\.csv:2: boardings: must be at least 0"),
        (LINE + "A,08:00,07:00,1,0\n", r"counts\.csv:2: period_end: must be after"),
        (LINE + "C,07:00,08:00,1,0\n", r"counts\.csv:2: boardings: nobody can board at the last stop, 'C'"),
        ("stop_id,boardings\nA,1\n", r"period_start: this column is missing \(or give trip_id"),
        ("trip_id,stop_id,boardings\nt9,A,1\n", r"trip_id: there is no trip of the service day 't9'"),
        ("", "the file is empty"),
    ],
)
def test_counts_that_are_wrong_have_their_place(tmp_path, folder, text, message):
    loaded = load_network(folder)
    with pytest.raises(InputError, match=message):
        demand_of_counts(table(tmp_path, text), loaded.network, loaded.service)


def test_an_od_table_takes_its_time_of_day_from_a_profile_or_has_its_own(tmp_path, folder):
    loaded = load_network(folder)
    flat, served = find_profile("flat"), np.array([0, 1, 2])
    text = "origin_stop_id,destination_stop_id,commuters\nA,B,160\nA,B,0.5\nB,B,7\n"
    made = demand_of_table(table(tmp_path, text), flat, loaded.network, served, None)
    assert pairs(made, loaded) == {("A", "B"): 160.5}
    assert made.facts["left out"].endswith("7.0 from a stop to itself")
    write_demand(folder, loaded.network.stop_id, made)
    again = load_network(folder)
    assert again.demand.commuters.sum() == pytest.approx(160.5)
    assert len(set(again.demand.start_s)) == 16
    own = "origin_stop_id,destination_stop_id,commuters,period_start,period_end\nA,C,3,07:00,07:30\n"
    made = demand_of_table(table(tmp_path, own), flat, loaded.network, served, None)
    write_demand(folder, loaded.network.stop_id, made)
    assert not (folder / "demand" / "profile.csv").exists()
    assert load_network(folder).demand.start_s.tolist() == [25_200.0]
    with pytest.raises(InputError, match="there is no stop of the network 'Z'"):
        demand_of_table(table(tmp_path, text + "A,Z,1\n"), flat, loaded.network, served, None)


def test_an_omx_matrix_whose_zones_are_stops(tmp_path, folder):
    h5py = pytest.importorskip("h5py", reason="OMX files need h5py, which is optional")
    loaded = load_network(folder)
    with h5py.File(tmp_path / "od.omx", "w") as file:
        file["data/am"] = np.array([[0.0, 5, 2], [0, 1, 3], [0, 0, 0]])
        file["lookup/stops"] = [b"A", b"B", b"C"]
    flat, served = find_profile("flat"), np.array([0, 1, 2])
    made = demand_of_table(tmp_path / "od.omx", flat, loaded.network, served, None)
    assert pairs(made, loaded) == {("A", "B"): 5, ("A", "C"): 2, ("B", "C"): 3}
    with pytest.raises(InputError, match="the matrices are am; say which"):
        demand_of_table(tmp_path / "od.omx", flat, loaded.network, served, "pm")
    with pytest.raises(InputError, match="not an OMX file"):
        demand_of_table(table(tmp_path, "hello", "bad.omx"), flat, loaded.network, served, None)


def test_the_gravity_model_keeps_its_total_and_sends_people_where_they_can_go(tmp_path, folder):
    loaded = load_network(folder)
    flat = find_profile("flat")
    made = demand_of_gravity(GravityOptions(1000, 900, 1, None), flat, loaded.network, loaded.service)
    assert made.commuters.sum() == 1000
    assert set(pairs(made, loaded)) <= {("A", "B"), ("A", "C"), ("B", "C")}
    assert np.array_equal(made.commuters, np.floor(made.commuters))
    weights = table(tmp_path, "stop_id,origins,destinations\nA,1,0\nC,0,1\n", "w.csv")
    made = demand_of_gravity(GravityOptions(10, 900, 1, weights), flat, loaded.network, loaded.service)
    assert pairs(made, loaded) == {("A", "C"): 10}
    nobody = table(tmp_path, "stop_id,origins,destinations\nC,1,0\n", "n.csv")
    with pytest.raises(InputError, match=r"n\.csv: no pair of stops with a weight is connected"):
        demand_of_gravity(GravityOptions(10, 900, 1, nobody), flat, loaded.network, loaded.service)
    with pytest.raises(InputError, match="every ride takes so much longer than --mean-ride"):
        demand_of_gravity(GravityOptions(10, 0.001, 1, None), flat, loaded.network, loaded.service)


def test_weights_that_count_for_nothing_or_twice_are_told(tmp_path, folder):
    loaded = load_network(folder)
    flat = find_profile("flat")
    weights = table(tmp_path, "stop_id,origins,destinations\nA,1,20\nC,300,1\n", "w.csv")
    made = demand_of_gravity(GravityOptions(10, 900, 1, weights), flat, loaded.network, loaded.service)
    assert made.facts["weights left out"] == (
        "300 of origins where nobody can get on, 20 of destinations where nobody gets out"
    )
    twice = table(tmp_path, "stop_id,origins,destinations\nA,1,0\nC,0,1\nA,1,0\n", "t.csv")
    with pytest.raises(InputError, match=r"t\.csv:4: stop_id: line 2 has this stop too"):
        demand_of_gravity(GravityOptions(10, 900, 1, twice), flat, loaded.network, loaded.service)


def test_nobody_made_up_gets_out_where_vehicles_only_pick_up(tmp_path):
    rows = ["1,0", "0,1", "0,0"]  # pickup_type, drop_off_type of B, C and D; 1 is none
    files = {
        "gtfs/stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence,pickup_type,drop_off_type\n"
        + "t1,07:00:00,07:00:00,A,1,0,0\n"
        + "".join(
            f"t1,07:{place}0:00,07:{place}0:00,{'BCD'[place - 1]},{place + 1},{rows[place - 1]}\n"
            for place in (1, 2, 3)
        ),
        "gtfs/trips.txt": "route_id,service_id,trip_id,direction_id,vehicle_type\nR,week,t1,0,bus\n",
        "gtfs/stops.txt": "stop_id,stop_name,stop_lat,stop_lon\nA,A,,\nB,B,,\nC,C,,\nD,D,,\n",
        **NO_DEMAND,
        **dict.fromkeys(("gmns/node.csv", "gmns/link.csv", "traffic.csv")),
    }
    loaded = load_network(write_network(tmp_path / "line", files))
    options = GravityOptions(total=1000, mean_ride_s=900, changes=1, weights=None)
    made = demand_of_gravity(options, shipped_profiles()["flat"], loaded.network, loaded.service)
    assert set(pairs(made, loaded)) == {("A", "B"), ("A", "D"), ("C", "D")}


def test_far_places_attract_fewer(folder):
    loaded = load_network(folder)
    flat = find_profile("flat")
    near = demand_of_gravity(GravityOptions(1000, 60, 1, None), flat, loaded.network, loaded.service)
    far = demand_of_gravity(GravityOptions(1000, 1e9, 1, None), flat, loaded.network, loaded.service)
    assert pairs(near, loaded).get(("A", "C"), 0) < pairs(far, loaded)["A", "C"]


def test_whole_numbers_keep_the_total():
    amounts = np.full(1000, 0.1234)
    assert whole_numbers(amounts).sum() == round(amounts.sum())
    assert set(whole_numbers(amounts)) == {0.0, 1.0}


def test_made_demand_is_labelled_once_and_foreign_demand_is_not_overwritten(tmp_path, folder):
    loaded = load_network(folder)
    flat = find_profile("flat")
    made = demand_of_gravity(GravityOptions(10, 900, 1, None), flat, loaded.network, loaded.service)
    for _ in range(2):
        check_folder(folder, replace=False)
        write_demand(folder, loaded.network.stop_id, made)
    notes = load_network(folder).network.notes
    assert notes[-1] == "demand/od.csv: synthetic: no traveller was observed"
    assert sum(note.startswith("demand/od.csv") for note in notes) == 1
    own = write_network(tmp_path / "own")
    with pytest.raises(InputError, match="the network has demand of its own; --replace"):
        check_folder(own, replace=False)
    check_folder(own, replace=True)
    with pytest.raises(InputError, match="demand is kept in a network folder"):
        check_folder(tmp_path / "none", replace=False)


def test_a_network_that_would_not_be_sound_keeps_its_demand(tmp_path):
    stops = changed("gtfs/stops.txt", "C,Gamma,,\n", "C,Gamma,,\nD,Delta,,\n")
    folder = write_network(tmp_path / "net", stops)
    before = (folder / "demand" / "od.csv").read_bytes(), (folder / "SOURCE.md").read_bytes()
    loaded = load_network(folder)
    text = "origin_stop_id,destination_stop_id,commuters\nA,D,1\n"
    made = demand_of_table(table(tmp_path, text), find_profile("flat"), loaded.network, np.arange(4), None)
    with pytest.raises(InputError, match="no line serves this stop"):
        write_demand(folder, loaded.network.stop_id, made)
    assert ((folder / "demand" / "od.csv").read_bytes(), (folder / "SOURCE.md").read_bytes()) == before
    assert not (folder / "demand" / "profile.csv").exists()


def test_a_source_page_without_a_table_gets_one(folder):
    loaded = load_network(folder)
    made = demand_of_gravity(GravityOptions(10, 900, 1, None), find_profile("flat"), loaded.network, loaded.service)
    assert notes_of(with_row("# Sources\n\nMade up.\n", made)) == (
        "demand/od.csv: synthetic: no traveller was observed",
    )


def test_profiles_have_sources_and_sum_to_one(tmp_path):
    for profile in shipped_profiles().values():
        assert profile.share.sum() == pytest.approx(1.0)
        assert "assumed" in profile.source or "MIT" in profile.source
    xiamen = shipped_profiles()["xiamen_brt2"]
    assert xiamen.share[2] == pytest.approx(634 / 4346)
    assert (xiamen.start_s[0], xiamen.end_s[-1]) == (6 * 3600, 23 * 3600)
    text = "period_start,period_end,share\n07:00,08:00,3\n08:00,10:00,1\n"
    assert find_profile(str(table(tmp_path, text, "p.csv"))).share.tolist() == [0.75, 0.25]
    with pytest.raises(InputError, match=r"neither a CSV file nor a profile .*did you mean 'flat'"):
        find_profile("flatt")
    with pytest.raises(InputError, match="overlaps the period of line 2"):
        find_profile(str(table(tmp_path, text.replace("08:00,10", "07:30,10"), "q.csv")))


def test_the_profile_of_xiamen_is_that_of_its_network():
    from sim.locations import networks_dir

    demand = load_network(networks_dir() / "xiamen_brt2").demand
    by_hour = np.bincount((demand.start_s // 3600).astype(int), weights=demand.commuters)
    assert by_hour[6:23] / by_hour.sum() == pytest.approx(shipped_profiles()["xiamen_brt2"].share)

"""Demand that the service cannot carry is told before a run by validate, and after it in the first sentence."""

from __future__ import annotations

import pytest
from support.command import call

import sim
from sim.experiments.demand_check import demand_remarks
from sim.report.verdict import verdict

CHAIN = """
name: chain
seed: 1
days: 1
replications: 1
service:
  vehicles: {{bus: {{seats: 200, capacity: 200}}}}
journeys: {{max_transfers: {transfers}, longest_walk: 0 m}}
network:
  lines:
    - {{id: one, vehicle: bus, stops: [A, B], running_times: [10 min], departures: ["07:00", "08:00", "11:00"]}}
    - {{id: two, vehicle: bus, stops: [B, C], running_times: [10 min], departures: ["07:15", "08:15"]}}
demand:
  flows:
    - {{origin: A, destination: B, pieces: [{{start: "06:30", end: "08:00", commuters: {served}}}]}}
    - {{origin: A, destination: C, pieces: [{{start: "{start}", end: "{end}", commuters: {others}}}]}}
"""


def chain(tmp_path, *, transfers: int = 1, served: int = 90, others: int = 10, when=("06:40", "07:00")):
    file = tmp_path / "chain.yaml"
    text = CHAIN.format(transfers=transfers, served=served, others=others, start=when[0], end=when[1])
    file.write_text(text, encoding="utf-8")
    return file


def told(file) -> tuple[list[str], dict, str]:
    """Return the remarks before, and the facts and first sentence after a run."""
    scenario = sim.load_scenario(file)
    result = sim.run(scenario)
    return demand_remarks(scenario), result.summary.get("unserved", {}), verdict(result.summary)[0]


def test_nothing_is_said_where_all_are_served(tmp_path):
    remarks, facts, sentence = told(chain(tmp_path))
    assert (remarks, facts) == ([], {})
    assert "fit" not in sentence


def test_pairs_that_need_one_more_change(tmp_path):
    remarks, facts, sentence = told(chain(tmp_path, transfers=0))
    assert remarks == [
        "10.0 % of the commuters (told above 1 %, assumed) have no journey of at most 1 vehicle, all of them from A; "
        "100 % of them have one with more changes (journeys.max_transfers)"
    ]
    (cause,) = facts["causes"]
    assert (cause["cause"], cause["stop_id"], cause["share"]) == ("no_journey_option", "A", pytest.approx(0.1))
    assert sentence.startswith("Demand and service do not fit: 10.0 % of the commuters do not arrive")
    assert "told above 1 %, assumed" in sentence


APART = """
name: apart
service:
  vehicles: {bus: {seats: 200, capacity: 200}}
network:
  stops:
    - {id: A, x: 0 m, y: 0 m}
    - {id: north, x: 5000 m, y: 12 m}
    - {id: south, x: 5000 m, y: 0 m}
    - {id: C, x: 9000 m, y: 0 m}
  lines:
    - {id: one, vehicle: bus, stops: [A, north], running_times: [10 min], departures: ["07:00", "08:00"]}
    - {id: two, vehicle: bus, stops: [south, C], running_times: [10 min], departures: ["07:15", "08:15"]}
demand:
  flows:
    - {origin: A, destination: C, pieces: [{start: "06:40", end: "07:00", commuters: 10}]}
"""


def test_who_lacks_a_walk_is_not_told_that_none_would_help(tmp_path):
    """Catches platforms of one station without transfers of whose people it is said that 0 % gain by a longer walk."""
    file = tmp_path / "apart.yaml"
    file.write_text(APART, encoding="utf-8")
    (remark,) = demand_remarks(sim.load_scenario(file))
    assert remark.endswith(
        "; 0 % of them have one with more changes (journeys.max_transfers), others at most with a longer walk "
        "(journeys.longest_walk)"
    )
    file.write_text(APART + "journeys: {longest_walk: 20 m}\n", encoding="utf-8")
    assert demand_remarks(sim.load_scenario(file)) == []


def test_two_of_a_hundred_without_a_journey_are_told_as_well(tmp_path):
    remarks, facts, _ = told(chain(tmp_path, transfers=0, served=98, others=2))
    assert remarks[0].startswith("2.0 % ")
    assert facts["not_arrived_share"] == pytest.approx(0.02)


def test_those_who_leave_after_the_last_useful_vehicle(tmp_path):
    # The vehicle of 11:00 leaves A later, but no vehicle goes on from B then: 8:00 is the last one that leads to C.
    remarks, facts, sentence = told(chain(tmp_path, others=90, when=("07:30", "08:30")))
    assert remarks == [
        "25.0 % of the commuters (told above 3 %, assumed) leave after the last vehicle that gets them there, all of "
        "them from A"
    ]
    assert facts["not_arrived_share"] > 0.2
    assert sentence.startswith("Demand and service do not fit")


def test_waits_beyond_reason(tmp_path):
    remarks, facts, sentence = told(chain(tmp_path, when=("05:00", "05:30")))
    assert len(remarks) == 1
    assert remarks[0].startswith("10.0 %")
    assert "before any vehicle of their stop" in remarks[0]
    assert facts["long_wait_share"] == pytest.approx(0.1)
    assert facts["long_wait_at"]["stop_id"] == "A"
    assert sentence.startswith("Waits beyond reason: 10.0 % of the commuters wait more than 60 min (assumed)")
    assert sentence.endswith("they come before the first vehicle of the day that goes where they go.")


CROWD = """
name: crowd
seed: 1
days: 1
replications: 1
service:
  vehicles: {{bus: {{seats: {places}, capacity: {places}}}}}
network:
  lines:
    - id: one
      vehicle: bus
      stops: [A, B]
      running_times: [10 min]
      headway: {{mean: 10 min, first: "06:00", trips: 37}}
demand:
  flows:
    - {{origin: A, destination: B, pieces: [{{start: "08:00", end: "09:00", commuters: 120}}]}}
"""


@pytest.mark.parametrize(("places", "left_behind"), [(30, False), (8, True)])
def test_waits_of_more_than_three_headways_are_told_with_place_and_reason(tmp_path, places, left_behind):
    """120 persons and 48 places an hour: the last ones wait longer than the half hour that three headways are.

    Catches a limit of an hour for every line: an hour at a bus every 10 minutes was a matter of course.
    """
    file = tmp_path / "crowd.yaml"
    file.write_text(CROWD.format(places=places), encoding="utf-8")
    _, facts, sentence = told(file)
    if not left_behind:
        assert facts == {}
        return
    at = facts["long_wait_at"]
    assert facts["long_wait_share"] > 0.3
    assert (at["stop_id"], at["reason"], at["headway_min"]) == ("A", "full", pytest.approx(10.0))
    assert at["wait_min"] > 30
    assert "3 times (assumed) the headway" in sentence
    assert sentence.endswith("at a headway of 10 min: vehicles leave full.")


def test_on_the_terminal(tmp_path):
    file = chain(tmp_path, transfers=0)
    checked = call("validate", str(file))
    assert (checked.exit_code, "10.0 % of the commuters" in checked.stderr) == (0, True)
    for command in (["run", str(file)], ["compare", str(file), "--set", "days=2"]):
        done = call(*command, "--out", str(tmp_path / command[0]))
        assert "Demand and service do not fit: 10.0 %" in done.stdout
        page = (tmp_path / command[0] / "report.html").read_text(encoding="utf-8")
        answer = page.split('<div class="answer">')[1]
        assert answer.lstrip().startswith("<p>Demand and service do not fit")


SHUT = """
name: shut
days: 1
replications: 1
service:
  vehicles: {bus: {seats: 50, capacity: 100, dwell_rule: constant, dead_time: 0}}
network:
  lines:
    - id: one
      vehicle: bus
      stops: [A, B, C]
      running_times: [5 min, 5 min]
      headway: {mean: 10 min, first: "06:00", trips: 24}
demand:
  flows:
    - {origin: A, destination: C, placement: even, pieces: [{start: "06:00", end: "09:00", commuters: 90}]}
    - {origin: B, destination: C, placement: even, pieces: [{start: "06:00", end: "09:00", commuters: 90}]}
disruptions: {closed_stops: [{stop: B, start: "07:00", end: "08:00"}]}
"""


def test_waits_at_a_closed_stop_are_not_laid_to_vehicles_that_come_late(tmp_path):
    """Catches people at a stop that is closed of whom it is said that they let vehicles pass.

    Vehicles leave B from 6:15 on every 10 min, and after 6:55 at 8:05. A person comes there every 2 min from 6:01 on:
    the 19 of 6:57 to 7:33 wait longer than 30 min. At B headways are 16 times 10 min and once 70,
    in place of 23 times 10.
    """
    file = tmp_path / "shut.yaml"
    file.write_text(SHUT, encoding="utf-8")
    _, facts, sentence = told(file)
    at = facts["long_wait_at"]
    assert (at["stop_id"], at["reason"], at["headway_min"]) == ("B", "closed", pytest.approx(10.0))
    assert facts["long_wait_share"] == pytest.approx(19 / 180)
    assert sentence.endswith("at a headway of 10 min: the stop was closed meanwhile, or vehicles missed it.")
    excess_min = (16 * 10**2 + 70**2) / (2 * 230) - 5
    found = sim.run(sim.load_scenario(file)).summary["metrics"]["excess_wait_min"]["mean"]
    assert found == pytest.approx(excess_min * 90 / 180)

"""Variants: what a file declares, the same people with the same wishes, and who is found in both."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.command import TINY
from support.small_network import write_network

import sim
from sim.errors import InputError, ScenarioError
from sim.loading.declared_variants import with_variant
from sim.loading.scenario_source import declared_variants, read_source
from sim.loading.yaml_source import to_data
from sim.metrics.variant_outcomes import same_persons

PLAIN = TINY.replace(
    'headway: {mean: 10 min, distribution: gamma, cv: 0.5, first: "06:00", trips: 30}',
    'departures: ["06:00", "06:30", "07:00", "07:30", "08:00", "08:30", "09:00", "09:30"]',
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A scenario file with a timetable."""
    path = tmp_path / "tiny.yaml"
    path.write_text(PLAIN, encoding="utf-8")
    return path


def test_a_variant_merges_sections_and_exchanges_lists_and_items(file: Path):
    text = """\
variants:
  one:
    service: {vehicles: {bus: {capacity: 30}}}
    network.lines.0.running_times: [4 min, 6 min]
    advisor.forecast.bias: 0.1
"""
    file.write_text(PLAIN + text, encoding="utf-8")
    (variant,) = declared_variants(file)
    changed, problems = with_variant(read_source(file), variant)
    data = to_data(changed)
    assert problems == []
    assert data["service"]["vehicles"]["bus"] == {"seats": 10, "capacity": 30}
    assert data["network"]["lines"][0]["running_times"] == ["4 min", "6 min"]
    assert data["network"]["lines"][0]["stops"] == ["a", "b", "c"]
    assert data["advisor"] == {"forecast": {"bias": 0.1}}
    assert "variants" not in data
    assert variant.changes() == {
        "service.vehicles.bus.capacity": 30,
        "network.lines.0.running_times": ["4 min", "6 min"],
        "advisor.forecast.bias": 0.1,
    }


SLOWER = {"slow_street": {"from_stop": "a", "to_stop": "b", "speed_factor": 0.25}}
"""The link from a to b takes 8 min and not 2."""


def test_people_of_a_slower_variant_want_to_arrive_when_they_did(file: Path):
    slower = {"slower": {"service.changes": [SLOWER]}}
    result = sim.compare(file, ["none"], variants=slower, replications=1, overrides={"days": 1})
    before, after = (result.variants[name].journeys for name in ("tiny", "slower"))
    assert len(before) > 100
    assert (before["preferred_arrival_s"].to_numpy() == after["preferred_arrival_s"].to_numpy()).all()
    assert (before["habitual_departure_s"].to_numpy() == after["habitual_departure_s"].to_numpy()).all()
    alone = sim.run(sim.load_scenario(file, {"service.changes": [SLOWER], "days": 1}), replications=1)
    assert (alone.journeys["preferred_arrival_s"] - before["preferred_arrival_s"]).to_numpy() == pytest.approx(360.0)
    late_s = after["schedule_delay_late_s"].mean() - before["schedule_delay_late_s"].mean()
    assert late_s > 100.0


def test_who_travels_in_a_variant_alone_derives_wishes_from_its_own_journey(file: Path):
    piece = {"start": "06:00", "end": "07:00", "commuters": 5}
    other = {"origin": "a", "destination": "b", "placement": "even", "pieces": [piece]}
    more = {"more": {"service.changes": [SLOWER], "demand.flows": [other]}}
    result = sim.compare(file, ["none"], variants=more, replications=1, overrides={"days": 1})
    people = result.summary["variants"]["more"]["people"]
    assert (people["here"], people["both"]) == (5.0, 0.0)
    journeys = result.variants["more"].journeys
    slack_s = journeys["preferred_arrival_s"] - journeys["habitual_departure_s"] - 480
    assert slack_s.between(0, 600).all()
    assert result.summary["variants"]["more"]["gains"] == {}


def test_persons_are_found_again_in_another_order_and_number(file: Path):
    flows = (
        '  flows:\n    - {origin: a, destination: c, placement: poisson, pieces: [{start: "06:00", end: "10:00", rate: '
    )
    assert flows in PLAIN
    other = file.with_name("other.yaml")
    first = '    - {origin: b, destination: c, pieces: [{start: "06:00", end: "07:00", commuters: 9}]}\n'
    other.write_text(
        PLAIN.replace("  flows:\n", f"  flows:\n{first}").replace("name: tiny", "name: other"), encoding="utf-8"
    )
    result = sim.compare([file, other], ["none"], replications=1, overrides={"days": 1})
    base, own = (result.variants[name].tables["journeys"] for name in ("tiny", "other"))
    rows_base, rows_own = same_persons(base, own)
    assert len(own) == len(base) + 9
    assert sorted(rows_base.tolist()) == list(range(len(base)))
    assert (rows_base != rows_own).any()
    for column in ("habitual_departure_s", "preferred_arrival_s"):
        np.testing.assert_array_equal(base[column][rows_base], own[column][rows_own])
    assert {own.categories["origin_stop_id"][code] for code in own["origin_stop_id"][rows_own]} == {"a"}


def test_gains_are_those_of_the_same_persons(file: Path):
    often = {
        "often": {"service.changes": [{"headway": {"line": "A", "start": "06:00", "end": "09:30", "every": "10 min"}}]}
    }
    result = sim.compare(file, ["none"], variants=often, replications=2, overrides={"days": 1})
    before, after = (result.variants[name].journeys for name in ("tiny", "often"))
    change = after["generalized_cost_min"].to_numpy() - before["generalized_cost_min"].to_numpy()
    everybody = result.summary["variants"]["often"]["gains"]["none"][0]
    by_replication = [change[before["replication"] == number].mean() for number in (0, 1)]
    assert everybody["mean_change_min"]["mean"] == pytest.approx(np.mean(by_replication))
    won = [(change[before["replication"] == number] < -1.0).mean() for number in (0, 1)]
    assert everybody["winners_share"]["mean"] == pytest.approx(np.mean(won))
    places = result.summary["variants"]["often"]["places"]["none"]
    assert [place["stop_id"] for place in places] == ["a"]


def test_variants_without_a_day_with_advice_are_compared_under_none_alone(file: Path):
    roomy = {"roomy": {"service.capacity_scale": 1.5}}
    result = sim.compare(file, variants=roomy, replications=1, overrides={"days": 1})
    assert result.summary["strategies"] == ["none"]
    with pytest.raises(ScenarioError, match=r"advisor\.first_day: advice would start on day 1"):
        sim.compare(file, ["none", "individual"], variants=roomy, replications=1, overrides={"days": 1})


def test_variants_are_laid_over_one_file_alone(file: Path):
    roomy = {"roomy": {"service.capacity_scale": 1.5}}
    with pytest.raises(InputError, match="variants: are laid over a scenario file; give the path of one"):
        sim.compare(sim.load_scenario(file), variants=roomy)


def test_a_result_in_memory_and_one_in_a_folder_are_the_same(file: Path, tmp_path: Path):
    roomy = {"roomy": {"service.capacity_scale": 1.5}}
    in_memory = sim.compare(file, ["none"], variants=roomy, replications=2, overrides={"days": 1})
    kept = sim.compare(file, ["none"], variants=roomy, replications=2, overrides={"days": 1}, folder=tmp_path / "kept")
    kept.write(tmp_path / "kept")
    in_memory.write(tmp_path / "plain")
    assert kept.summary == in_memory.summary
    texts = [(tmp_path / name / "summary.json").read_text("utf-8") for name in ("kept", "plain")]
    assert texts[0] == texts[1]
    # The tables are read from where they went.
    assert kept.variants["roomy"].journeys.equals(in_memory.variants["roomy"].journeys)
    assert repr(kept) == "<VariantsResult tiny, roomy: none; 2 replications>"
    assert "roomy" in kept._repr_html_()
    assert set(kept.table["variant"]) == {"tiny", "roomy"}


def test_a_demand_by_gravity_is_that_of_the_base_unless_a_variant_changes_it(tmp_path: Path):
    file = tmp_path / "made_up.yaml"
    gravity = "demand: {gravity: {total: 300, mean_ride: 10 min}}\n"
    file.write_text(f"name: made_up\nnetwork: {{folder: mandl, agencies: [mumford_2013_4]}}\n{gravity}", "utf-8")
    headway = {"line": "m4_1", "start": "05:00", "end": "24:00", "every": "20 min"}
    variants = {
        "seldom": {"service.changes": [{"headway": headway}]},
        "farther": {"demand.gravity.mean_ride": "20 min"},
    }
    result = sim.compare(file, ["none"], variants=variants, replications=1, overrides={"days": 1})
    people = {name: variant["people"] for name, variant in result.summary["variants"].items()}
    assert people["seldom"]["both"] == people["seldom"]["base"] == people["seldom"]["here"]
    assert people["farther"]["both"] < 0.9 * people["farther"]["base"]
    # By itself the variant makes other people, since fewer trips call at its stops.
    alone = sim.load_scenario(file, {"service.changes": variants["seldom"]["service.changes"]})
    assert not np.array_equal(alone.demand.origin, result.variants["seldom"].scenario.demand.origin)
    # Its scenario file has the people of the base all the same.
    result.write(tmp_path / "out")
    again = sim.load_scenario(tmp_path / "out" / "scenarios" / "seldom.yaml")
    for column in ("origin", "destination", "commuters"):
        np.testing.assert_array_equal(
            getattr(again.demand, column), getattr(result.variants["seldom"].scenario.demand, column)
        )


def test_files_of_variants_find_what_the_scenario_named_and_keep_to_the_first_base(tmp_path: Path):
    """The network and the counts lie beside the scenario, which is itself a variant of another one."""
    write_network(tmp_path / "here" / "net")
    keys = "days: 1\nreplications: 1\nadvisor: {forecast: {counts: {files: [seen.csv]}}}\n"
    seen = "date,line,stop,time,load,boardings\n2024-01-02,R,A,07:00,3,3\n"
    (tmp_path / "here" / "seen.csv").write_text(seen, encoding="utf-8")
    second = "variant_of: first.yaml\npopulation: {preferred_arrival_slack: 1 min}\n"
    for name, more in (("first", ""), ("second", second)):
        text = f"name: {name}\nnetwork: {{folder: net}}\n{keys}{more}"
        (tmp_path / "here" / f"{name}.yaml").write_text(text, encoding="utf-8")
    roomy = {"roomy": {"service.capacity_scale": 0.5}}
    result = sim.compare(tmp_path / "here" / "second.yaml", ["none"], variants=roomy)
    result.write(tmp_path / "elsewhere" / "out")
    for name in ("second", "roomy"):
        again = sim.load_scenario(tmp_path / "elsewhere" / "out" / "scenarios" / f"{name}.yaml")
        assert again.wishes_of is not None
        assert (again.wishes_of.name, again.counted is not None) == ("first", True)
        assert sim.run(again).journeys.equals(result.variants[name].journeys)


def test_what_a_variant_may_be_of(file: Path):
    for name, of in (("own", "nowhere.yaml"), ("chain", "other.yaml"), ("other", "tiny.yaml"), ("broken", "bad.yaml")):
        text = PLAIN.replace("name: tiny", f"name: {name}\nvariant_of: {of}")
        file.with_name(f"{name}.yaml").write_text(text, encoding="utf-8")
    file.with_name("bad.yaml").write_text(PLAIN.replace("days: 3", "days: 0"), encoding="utf-8")
    for name, message in (
        ("own", r"own\.yaml:2:1: variant_of: there is no file nowhere\.yaml"),
        ("chain", r"chain\.yaml:2:1: variant_of: other\.yaml is itself a variant of tiny\.yaml; name that one"),
        ("broken", r"bad\.yaml:\d+:1: days: "),
    ):
        with pytest.raises(ScenarioError, match=message):
            sim.load_scenario(file.with_name(f"{name}.yaml"))


def test_a_changed_graph_is_in_no_scenario_file(file: Path, tmp_path: Path):
    scenario = sim.load_scenario(file, {"days": 1, "replications": 1})
    graph = scenario.network.graph
    graph.edges["a", "b"]["running_time_s"] *= 3
    changed = scenario.with_graph(graph)
    changed = replace(changed, parameters=changed.parameters.model_copy(update={"name": "slow"}))
    result = sim.compare([scenario, changed], ["none"])
    assert list(result.scenario_files(tmp_path)) == ["tiny"]
    result = sim.compare([changed, scenario], ["none"])
    assert result.scenario_files(tmp_path) == {}
    result.write(tmp_path / "out")
    assert not (tmp_path / "out" / "scenarios").exists()

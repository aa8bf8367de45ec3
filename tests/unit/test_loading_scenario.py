"""Scenario files: overrides, networks written in the file, shipped scenarios, writing back."""

from __future__ import annotations

import hashlib
import json
import re

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_network import SCENARIO, write_network

from sim.errors import ScenarioError
from sim.loading import scenario_reference
from sim.loading.network_places import way_to_network
from sim.loading.removed_keys import REMOVED_KEYS, without_removed_keys
from sim.loading.scenario import build_scenario, load_scenario, load_with_mentions, read_parameters
from sim.loading.scenario_dump import dump_given, dump_parameters
from sim.loading.scenario_keys import all_keys
from sim.loading.validate import validate_path
from sim.loading.yaml_source import parse_yaml, to_data
from sim.model.demand import Placement
from sim.model.parameters import ScenarioParameters

SHIPPED = ("xiamen_brt2", "xiamen_brt2_surge", "mandl")

TWO_LINES = """\
name: two_lines
network:
  stops:
    - {id: C, x: 3 km, y: 0}
    - {id: A, x: 0, y: 0}
    - {id: B, x: 1 km, y: 500 m}
  lines:
    - {id: L, stops: [A, B, C], running_times: [5 min, 7 min], vehicle: bus, departures: [6:30, 25:10]}
    - id: M
      stops: [B, C]
      running_times: [420 s]
      lengths: [2.5 km]
      vehicle: tram
      headway: {mean: 10 min, first: 6:00, trips: 3, distribution: exponential}
service:
  vehicles:
    bus: {seats: 30, capacity: 60}
    tram: {seats: 60, capacity: 200, dwell_rule: max}
demand:
  flows:
    - origin: A
      destination: C
      placement: even
      pieces:
        - {start: 6:00, end: 7:00, rate: 90 /h}
        - {start: 7:00, end: 8:00, commuters: 2.5}
    - origin: B
      destination: C
      placement: poisson
      preferred_arrival: 8:00
      pieces: [{start: 6:00, end: 6:30, rate: 2 /min}]
"""


@pytest.fixture
def write(tmp_path):
    def write_file(text, name="s.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


@pytest.fixture
def two_lines(write):
    return load_scenario(write(TWO_LINES))


def told(caught):
    return [str(problem) for problem in caught.value.problems]


# --- networks written in the file ---


def test_lines_in_the_file_make_a_network(two_lines):
    network = two_lines.network
    assert network.stop_id == ("C", "A", "B")
    assert network.stop_x.tolist() == [3000, 0, 1000]
    assert network.stop_y.tolist() == [0, 0, 500]
    assert (network.schematic, network.geographic) == (False, False)
    assert dict(zip(network.link_id, network.link_running_time_s.tolist(), strict=True)) == {"A>B": 300, "B>C": 420}
    # A>B: 5 minutes at 30 km/h; B>C: as line M says, though L comes first and says nothing.
    assert network.link_length_m == pytest.approx([2500, 2500])


def test_trips_are_sorted_by_departure_then_id_and_numbered_by_line(two_lines):
    service = two_lines.service
    assert service.trip_id == ("M-0001", "M-0002", "L-0001", "M-0003", "L-0002")
    starts = service.scheduled_departure_s[service.visit_ptr[:-1]]
    assert starts.tolist() == [22_200, 22_800, 23_400, 23_400, 90_600]
    assert [kind.vehicle_type for kind in service.vehicle_types] == ["bus", "tram"]
    assert service.trip_capacity.tolist() == [200, 200, 60, 200, 60]
    assert service.scheduled_arrival_s[service.visit_ptr[2] : service.visit_ptr[3]].tolist() == [23_400, 23_700, 24_120]
    assert [two_lines.network.stop_id[stop] for stop in service.patterns[1].stops] == ["B", "C"]


def test_a_law_of_headways_knows_its_trips_in_order(two_lines):
    (law,) = two_lines.service.headway_laws
    assert [two_lines.service.trip_id[trip] for trip in law.trips] == ["M-0001", "M-0002", "M-0003"]
    assert (law.distribution, law.mean_s, law.cv, law.first_s) == ("exponential", 600.0, 0.0, 21_600.0)


def test_more_than_9999_trips_are_numbered_with_equal_width(write):
    text = SCENARIO.replace("departures: [6:30, 7:00]", "headway: {mean: 1 s, first: 6:00, trips: 10001}")
    service = load_scenario(write(text)).service
    assert service.trip_id[0] == "L-00001"
    assert service.trip_id[-1] == "L-10001"


def test_flows_become_rows_that_share_a_series(two_lines):
    demand = two_lines.demand
    index = two_lines.network.stop_index
    assert demand.origin.tolist() == [index["A"], index["A"], index["B"]]
    assert demand.commuters.tolist() == pytest.approx([90, 2.5, 60])
    assert demand.placement.tolist() == [Placement.EVEN, Placement.EVEN, Placement.POISSON]
    assert demand.series[0] == demand.series[1] != demand.series[2]
    assert np.array_equal(demand.preferred_arrival_s, [np.nan, np.nan, 28_800], equal_nan=True)


def test_stops_without_positions_are_drawn_along_the_line(write):
    network = load_scenario(write(SCENARIO)).network
    assert network.schematic
    assert network.stop_x.tolist() == [0.0, 2500.0]
    assert any("schematic" in note for note in network.notes)


# --- overrides ---


def test_overrides_are_laid_over_the_file(write):
    path = write(SCENARIO)
    overrides = [
        "seed=7",
        "advisor.window=10 min",
        "demand.flows.0.pieces.0.commuters=3",
        "network.lines.0.departures=[6:31]",
        "horizon={end: 9:00}",
    ]
    parameters, base = read_parameters(path, overrides)
    assert base == path.parent
    assert parameters.seed == 7
    assert parameters.advisor.window_s == 600
    assert parameters.demand.flows[0].pieces[0].commuters == 3
    assert parameters.network.lines[0].departures == (23_460,)
    assert parameters.horizon.end_s == 32_400


@pytest.mark.parametrize(
    ("override", "line"),
    [
        ("advisor.penetratoin=0", "--set: advisor.penetratoin: unknown key (did you mean 'penetration'?)"),
        ("advisor.penetration=2", "--set: advisor.penetration: must be at most 1, found 2; 2 % is written 0.02"),
        (
            "demand.gravity={total: 9, changes: 2}",
            "--set: demand.gravity.changes: must be at most 1, found 2",
        ),
        ("advisor.penetration=80 %", "--set: advisor.penetration: must be a number, found '80 %'; 80 % is written 0.8"),
        (
            "service.capacity_scale=120\uff05",
            "--set: service.capacity_scale: must be a number, found '120\uff05'; 120 % is written 1.2",
        ),
        ("behaviour.reconsider=x", "--set: behaviour.reconsider: must be a number or 'msa', found 'x'"),
        ("advisor.penetration_share=1", "--set: advisor.penetration_share: unknown key (did you mean 'penetration'?)"),
        (
            "behaviour.trend_days=3",
            "--set: behaviour.trend_days: is a key of earlier versions; leave it out: learners by successive averages "
            "expect costs to go on changing for its default, 4 days",
        ),
        ("seed", "--set: 'seed' is not an override; write key.path=value, for example advisor.penetration=0.3"),
        ("seed.x=1", "--set: seed: must be a whole number, found a section of keys"),
        ("name.x=1", "--set: name.x: name is small and holds no keys"),
        (
            "demand.flows.1.origin=A",
            "--set: demand.flows.1.origin: demand.flows is a list of 1; give a position from 0 to 0, not '1'",
        ),
        ("days=[1", "--set: days: not YAML: while parsing a flow sequence expected ',' or ']', but got '<stream end>'"),
        ("demand.flows.0.origin=Z", "--set: demand.flows.0.origin: unknown stop 'Z'; the stops are A, B"),
    ],
)
def test_problems_of_an_override_are_placed_at_set(write, override, line):
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(SCENARIO), [override])
    assert told(caught) == [line]


# --- problems ---


def test_all_problems_of_a_file_come_at_once_in_its_order(write):
    text = "name: a b\nseed: -1\nadvisor:\n  windo: 5 min\n  strategy: none\n  forecast: {bias: -2}\n" + SCENARIO[12:]
    with pytest.raises(ScenarioError) as caught:
        load_scenario(write(text))
    places = [(problem.line, problem.key) for problem in caught.value.problems]
    assert places == [(1, "name"), (2, "seed"), (4, "advisor.windo"), (6, "advisor.forecast.bias")]


def test_ids_that_look_like_numbers_are_kept_as_written(write):
    text = SCENARIO.replace("[A, B]", "[007, 1e3]").replace("origin: A", "origin: 007")
    text = text.replace("destination: B", "destination: 1e3").replace("id: L", "id: 2")
    scenario = load_scenario(write(text))
    assert scenario.network.stop_id == ("007", "1e3")
    assert scenario.service.trip_id[0] == "2-0001"


def test_parameters_made_in_memory_have_problems_without_a_place():
    data = to_data(parse_yaml(SCENARIO.replace("origin: A", "origin: Q"), "")[0])
    with pytest.raises(ScenarioError) as caught:
        build_scenario(ScenarioParameters.model_validate(data), base_dir=scenario_reference.DOCS)
    assert told(caught) == ["demand.flows.0.origin: unknown stop 'Q'; the stops are A, B"]


# --- network folders ---


def test_a_folder_is_found_beside_the_scenario_and_scaled(write, tmp_path):
    write_network(tmp_path / "nets" / "small")
    text = "name: s\nnetwork: {folder: nets/small}\ndemand: {scale: 2.5}\n"
    path = write(text)
    scenario = load_scenario(path)
    assert scenario.demand.commuters.tolist() == [10, 7.5, 12.5]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert ("s.yaml", digest) in scenario.input_hashes
    assert any(name == "small/vehicles.csv" for name, _ in scenario.input_hashes)


def test_a_copy_of_a_shipped_network_is_its_own(tmp_path):
    """Whoever goes on with a copy of a network that comes along means the copy."""
    copy = write_network(tmp_path / "mandl")
    assert way_to_network(copy, tmp_path) == "./mandl"
    assert way_to_network(copy, copy) == "."
    assert way_to_network(copy, copy / "scenarios") == ".."
    assert way_to_network(write_network(tmp_path / "own"), tmp_path) == "own"
    for file, folder in ((tmp_path / "a.yaml", "./mandl"), (copy / "b.yaml", "."), (copy / "c" / "d.yaml", "..")):
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"name: own\nnetwork: {{folder: {folder}}}\n", encoding="utf-8")
        assert load_scenario(file).network.stop_id == ("A", "B", "C")
        given = dump_given(load_scenario(file), tmp_path)
        (tmp_path / "again.yaml").write_text(given, encoding="utf-8")
        assert load_scenario(tmp_path / "again.yaml").network.stop_id == ("A", "B", "C")


def test_a_network_that_comes_along_goes_before_a_folder_of_its_name_and_that_is_said(tmp_path):
    write_network(tmp_path / "mandl")
    file = tmp_path / "a.yaml"
    file.write_text("name: own\nnetwork: {folder: mandl}\n", encoding="utf-8")
    scenario, mentions = load_with_mentions(file)
    assert len(scenario.network.stop_id) == 15
    (said,) = (str(mention) for mention in mentions if "comes with peakshift" in str(mention))
    assert "a.yaml:2:11: network.folder" in said
    assert "'./mandl'" in said


def test_flows_are_added_to_the_demand_of_the_folder_without_scaling(write, tmp_path):
    write_network(tmp_path / "small")
    text = "name: s\nnetwork: {folder: ./small}\ndemand:\n  scale: 1\n" + SCENARIO[SCENARIO.index("  flows:") :]
    *usual, own = load_scenario(write(text)).demand.commuters.tolist()
    assert load_scenario(write(text), ["demand.scale=3"]).demand.commuters.tolist() == [
        *(3 * item for item in usual),
        own,
    ]
    assert len(usual) == 3
    assert load_scenario(write(text), ["demand.scale=0"]).demand.commuters.tolist() == [own] == [10]


@pytest.mark.parametrize(("scale", "told"), [("3", True), ("1", False), ("0", False)])
def test_scale_without_anything_that_it_scales_is_remarked_on(write, scale, told):
    text = SCENARIO.replace("demand:\n", f"demand:\n  scale: {scale}\n")
    assert text != SCENARIO
    report = validate_path(write(text))
    said = [mention for mention in report.mentions if mention.key == "demand.scale"]
    assert [mention.message.split(";")[0] for mention in said] == [
        "is 3, but changes nothing: all commuters come from demand.flows, whose numbers are taken as they are"
    ][: int(told)]


def test_scale_with_demand_of_the_folder_is_not_remarked_on(write, tmp_path):
    write_network(tmp_path / "small")
    text = "name: s\nnetwork: {folder: ./small}\ndemand:\n  scale: 3\n" + SCENARIO[SCENARIO.index("  flows:") :]
    assert not [mention for mention in validate_path(write(text)).mentions if mention.key == "demand.scale"]


def test_a_scenario_is_valid_or_says_why(write):
    report = validate_path(write(SCENARIO))
    assert (report.kind, report.ok, report.problems) == ("scenario", True, ())
    report = validate_path(write(SCENARIO.replace("capacity: 60", "capacity: 0")))
    assert [problem.key for problem in report.problems] == ["service.vehicles.bus.capacity"]
    assert not report.ok


# --- shipped scenarios ---


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_scenario_loads_and_names_its_schema(project_root, name):
    path = project_root / "scenarios" / f"{name}.yaml"
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../docs/scenario.schema.json"
    scenario = load_scenario(path)
    assert scenario.name == name
    assert len(scenario.service.trip_id) > 0
    assert validate_path(path).mentions == ()


def test_the_shipped_demand_is_that_of_the_data(project_root):
    def commuters(name):
        return load_scenario(project_root / "scenarios" / f"{name}.yaml").demand.commuters.sum()

    assert commuters("xiamen_brt2") == 4346
    assert commuters("mandl") == 15_570
    surge = load_scenario(project_root / "scenarios" / "xiamen_brt2_surge.yaml")
    assert surge.demand.commuters.sum() == pytest.approx(4346 * surge.parameters.demand.scale)


def test_mandl_keeps_every_pair_of_its_matrix_and_its_profile(project_root):
    scenario = load_scenario(project_root / "scenarios" / "mandl.yaml")
    demand = scenario.demand
    pairs = {}
    for origin, destination, count in zip(demand.origin, demand.destination, demand.commuters, strict=True):
        pairs[origin, destination] = pairs.get((origin, destination), 0) + count
    assert len(pairs) == 172
    assert all(pairs[a, b] == pairs[b, a] for a, b in pairs)
    rows = (project_root / "networks/mandl/demand/profile.csv").read_text(encoding="utf-8").split()[1:]
    for row in rows:
        start, _, share = row.split(",")
        hour = demand.commuters[demand.start_s == int(start[:2]) * 3600].sum()
        assert hour == pytest.approx(15_570 * float(share), abs=15)
    assert len(scenario.service.lines) == 4


# --- writing back, reference, schema ---


@pytest.mark.parametrize("text", [SCENARIO, TWO_LINES], ids=["one line", "two lines"])
def test_what_is_written_loads_to_the_same_parameters(write, text):
    parameters, _ = read_parameters(write(text))
    again, _ = read_parameters(write(dump_parameters(parameters), "again.yaml"))
    assert again == parameters


@given(
    st.floats(min_value=0, max_value=1e6, allow_subnormal=False),
    st.floats(min_value=1.0, max_value=1e7),
    st.floats(min_value=1e-3, max_value=1e6),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20),
)
def test_every_value_survives_being_written(clock, duration, length, description):
    data = to_data(parse_yaml(SCENARIO, "")[0])
    data |= {"description": description, "period": duration, "horizon": {"start": clock}}
    data["network"]["lines"][0]["stops"] = ["no", "6:30"]
    data["network"]["lines"][0]["lengths"] = [length]
    parameters = ScenarioParameters.model_validate(data)
    node, problems = parse_yaml(dump_parameters(parameters), "")
    assert problems == []
    assert ScenarioParameters.model_validate(to_data(node)) == parameters


def test_the_generated_pages_are_up_to_date(capsys):
    assert scenario_reference.main(["--check"]) == 0, capsys.readouterr().err


def test_the_check_of_generated_pages_can_fail(tmp_path, capsys):
    assert scenario_reference.main(["--docs", str(tmp_path)]) == 0
    assert scenario_reference.main(["--check", "--docs", str(tmp_path)]) == 0
    page = tmp_path / scenario_reference.REFERENCE_PAGE
    page.write_text(page.read_text(encoding="utf-8").replace("assumed", "known", 1), encoding="utf-8")
    assert scenario_reference.main(["--check", "--docs", str(tmp_path)]) == 1
    assert scenario_reference.REFERENCE_PAGE in capsys.readouterr().err


def test_no_two_fields_are_written_by_the_same_key():
    paths = [key.path for key in all_keys()]
    assert sorted({path for path in paths if paths.count(path) > 1}) == []


def test_every_key_says_what_it_is_and_where_its_default_comes_from():
    keys = list(all_keys())
    assert len(keys) > 90
    assert [key.path for key in keys if not key.field.description] == []
    assert [key.path for key in keys if not scenario_reference.source_of(key)] == []
    text = scenario_reference.reference_text()
    assert [key.path for key in keys if f"`{key.path}" not in text] == []


def test_bounds_and_types_of_the_reference_have_units_and_grammar():
    text = scenario_reference.reference_text()
    for part in (
        "| `period` | duration | at least 1 s |",
        "| `journeys.walk_speed` | speed | more than 0 m/s | `1.2 m/s` |",
        "| `horizon.start` | clock time | at least 00:00:00 |",
        "| list of values, each one of `bus`, `metro`, `rail`, `tram`, `ferry`, `other` |",
        "| `preferences.crowding.points` | list of triples (number, number, number) |",
        "| `fares.bands` | list of pairs (length, number) |",
        "| `behaviour.memory` | number or `msa` |",
    ):
        assert part in text, part
    # A quantity is never bounded by a bare number.
    bare = re.compile(
        r"\| (duration|length|speed|rate|clock time) \| (at least|more than|at most|less than) [-0-9.]+( \||,)"
    )
    assert not bare.findall(text)


def test_keys_of_shipped_scenarios_are_not_for_specialists(project_root):
    for_specialists = {key.path for key in all_keys() if key.specialist}
    used = set()
    for path in sorted((project_root / "scenarios").glob("*.yaml")):
        root, _ = parse_yaml(path.read_text(encoding="utf-8"), path.name)
        used |= paths_in(to_data(root), "", {key.path for key in all_keys()})
    assert len(for_specialists) > 80
    assert "traffic.area.jam_cars" in for_specialists
    assert used & for_specialists == set()


def paths_in(value, path, known):
    """Return the keys in the data of a scenario file, as the reference writes them."""
    if isinstance(value, list):
        return set().union(*(paths_in(item, f"{path}[]", known) for item in value), set())
    if not isinstance(value, dict):
        return set()
    found = set()
    for name, item in value.items():
        below = f"{path}.{name}" if path else name
        below = below if below in known else f"{path}.NAME"
        found |= {below} | paths_in(item, below, known)
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_the_schema_accepts_the_shipped_scenarios(project_root, name):
    schema = json.loads(scenario_reference.schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    text = (project_root / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8")
    data = to_data(parse_yaml(text, "")[0])
    jsonschema.validate(data, schema)
    with pytest.raises(jsonschema.ValidationError, match="penetratoin"):
        jsonschema.validate({**data, "advisor": {"penetratoin": 1}}, schema)


def test_keys_that_were_removed_are_known_no_more_and_stand_in_the_reference() -> None:
    known = {key.path for key in all_keys()}
    page = scenario_reference.reference_text()
    for path in REMOVED_KEYS:
        assert path not in known
        assert path.rpartition(".")[0].removesuffix("[]") in known
        assert f"| `{path}` |" in page


def test_a_manifest_of_an_earlier_version_goes_on_where_removed_keys_had_their_default() -> None:
    usual = {"trend_days": 4.0, "sharpness": 0.5, "patience": 60.0}
    scenario = {"name": "x", "behaviour": usual, "traffic": {"area": {"jam_cars": 9.0, "least_speed": 0.01}}}
    left = {"name": "x", "behaviour": {"sharpness": 0.5, "patience": 60.0}, "traffic": {"area": {"jam_cars": 9.0}}}
    assert without_removed_keys(scenario) == left
    assert "trend_days" in scenario["behaviour"]
    assert without_removed_keys({"traffic": {"area": None}}) == {"traffic": {"area": None}}
    edits = [{"new_line": {"id": "X", "running_factor": 1.0}}, {"new_line": None}]
    assert without_removed_keys({"service": {"changes": edits}}) == {
        "service": {"changes": [{"new_line": {"id": "X"}}, {"new_line": None}]}
    }

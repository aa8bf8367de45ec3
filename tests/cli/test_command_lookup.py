"""``peakshift network stops|lines`` and ``peakshift keys``: what a planner looks up."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError
from rich.cells import cell_len
from ruamel.yaml import YAML
from support.command import TINY, call, process
from support.small_network import write_network

from sim.loading.key_search import example_text
from sim.loading.name_search import holds
from sim.loading.scenario_keys import all_keys
from sim.locations import scenarios_dir


def test_what_comes_with_peakshift_is_listed_with_what_it_is():
    scenarios = json.loads(call("scenarios", "--json").stdout)
    assert list(scenarios) == sorted(file.stem for file in scenarios_dir().glob("*.yaml"))
    assert scenarios["bottleneck_lesson"].startswith("Made up for lessons. 600 people with one wish,")
    assert all(scenarios.values())
    assert [line.split()[0] for line in call("scenarios").stdout.splitlines() if line[:1].isalpha()][:-1] == [
        *scenarios
    ]
    networks = json.loads(call("network", "list", "--json").stdout)
    assert networks["mandl"] == "Mandl's Swiss network with two route sets of Mumford 2013"
    assert "mandl" in call("network", "list").stdout


def test_stops_are_found_in_any_case_and_script(here):
    done = call("network", "stops", "beijing_subway", "西直门", "--json")
    assert [stop["stop_id"] for stop in json.loads(done.stdout)] == ["L2-01", "L4-12", "L13-01"]
    by_id = json.loads(call("network", "stops", "beijing_subway", "l4-12", "--json").stdout)
    assert [stop["name"] for stop in by_id] == ["西直门 L4"]


def test_an_id_names_one_line_or_stop_though_others_have_its_words(here):
    """By words m4_3 is m4_1 as well, whose name has a 3, and stop 1 is 10 to 15."""
    lines = json.loads(call("network", "lines", "mandl", "m4_3", "--json").stdout)
    assert [line["line_id"] for line in lines] == ["m4_3"]
    stops = json.loads(call("network", "stops", "mandl", "1", "--json").stdout)
    assert [stop["stop_id"] for stop in stops] == ["1"]
    assert len(json.loads(call("network", "stops", "mandl", "node 1", "--json").stdout)) == 7


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (("São Bento",), "sao bento"),
        (("Sao Bento",), "SÃO"),
        (("Łódź Fabryczna",), "lodz"),
        (("Straße des 17. Juni",), "strasse"),
        (("Σύνταγμα",), "συνταγμα"),
        (("Saint-Denis (Université)",), "saint denis universite"),
        (("L'Hospitalet",), "lhospitalet"),
        (("２号線",), "2号"),
        (("12", "Main Street"), "street main"),
        (("a/b",), "/"),
    ],
)
def test_what_people_type_is_found(names, text):
    assert holds(names, text)
    assert not holds(("Elsewhere",), text)


def test_departures_of_a_stop_are_counted_by_hand(here):
    write_network(here / "net")
    stops = {stop["stop_id"]: stop for stop in json.loads(call("network", "stops", "net", "--json").stdout)}
    (line,) = json.loads(call("network", "lines", "net", "--json").stdout)
    first, last = line["directions"][0]["stops"][0], line["directions"][0]["stops"][-1]
    assert line["trips"] == 2
    assert stops[first]["departures"] == 2
    assert stops[first]["first_departure_s"] == line["first_departure_s"]
    assert (stops[last]["departures"], stops[last]["first_departure_s"]) == (0, None)
    assert all(stop["lines"] == [line["line_id"]] for stop in stops.values())


def test_a_scenario_shows_its_service_as_changed(here):
    text = TINY.replace(
        'headway: {mean: 10 min, distribution: gamma, cv: 0.5, first: "06:00", trips: 30}',
        'departures: ["06:00", "08:00", "10:00"]',
    )
    (here / "before.yaml").write_text(text, encoding="utf-8")
    changed = text.replace("service:\n", 'service:\n  changes:\n    - cancel_trips: {line: A, end: "09:00"}\n', 1)
    (here / "after.yaml").write_text(changed, encoding="utf-8")
    (before,), (after,) = (
        json.loads(call("network", "lines", name, "--json").stdout) for name in ("before.yaml", "after.yaml")
    )
    assert (before["trips"], before["first_departure_s"]) == (3, 6 * 3600.0)
    assert (after["trips"], after["first_departure_s"]) == (1, 10 * 3600.0)


def test_nothing_found_is_wrong_input_and_names_the_nearest(here):
    done = call("network", "lines", "xiamen_brt2", "brt3")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.strip() == "no line of xiamen_brt2 has 'brt3' in its names or id (did you mean 'brt2'?)"
    assert call("network", "stops", "xiamen_brt2", "zzz").exit_code == 1


@pytest.mark.parametrize("command", ["stops", "lines"])
def test_columns_stand_below_each_other_where_names_are_chinese(here, command):
    shown = process("network", command, "beijing_subway", cwd=here).stdout.splitlines()
    clocks = {cell_len(line[: match.start()]) for line in shown if (match := re.search(r"\d\d:\d\d", line))}
    assert len(shown) > 20
    assert len(clocks) == 1


def test_a_key_is_explained_by_its_path(here):
    done = call("keys", "advisor.window")
    assert done.exit_code == 0
    assert "duration or auto, more than 0 s" in done.stdout
    assert "default  15 min" in done.stdout
    assert "advisor:\n      window: 15 min" in done.stdout
    assert '--set advisor.window="15 min"' in done.stdout


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("key", ["service.changes", "service.changes[].new_line"])
def test_the_example_of_a_key_fits_the_terminal_and_is_the_same_to_yaml(here, columns, key):
    # What is said of keys of earlier versions stands behind a blank line, so that the example can be copied.
    example = call("keys", key, columns=columns).stdout.split("in a file\n")[1].split("\n\n")[0]
    assert max(map(cell_len, example.splitlines())) <= columns
    (known,) = (known for known in all_keys() if known.path == key)
    yaml = YAML(typ="safe", pure=True)
    assert yaml.load(example)["service"] == yaml.load(example_text(known))["service"]


def test_words_find_keys_by_path_and_sentence(here):
    found = [key["key"] for key in json.loads(call("keys", "close", "street", "--json").stdout)["keys"]]
    assert found[0] == "service.changes[].close_street"
    specialist = json.loads(call("keys", "minimum_cell", "--json").stdout)["keys"]
    assert [(key["key"], key["specialist"]) for key in specialist] == [("advisor.forecast.privacy.minimum_cell", True)]
    assert "for specialists" in call("keys", "minimum_cell").stdout


def test_keys_of_earlier_versions_are_told(here):
    done = call("keys", "longest_stay")
    assert done.exit_code == 0
    assert done.stdout.startswith("service.longest_stay is a key of earlier versions; leave it out:")


def test_a_misspelt_key_has_a_suggestion(here):
    done = call("keys", "penetratoin")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "did you mean 'penetration'?" in done.stderr


def _inside(value: Any, path: str) -> Any:
    for part in path.replace("[]", ".[]").split("."):
        value = value[0] if part == "[]" else value[part]
    return value


def test_the_example_of_a_key_is_a_piece_of_a_scenario_with_a_value_it_takes():
    wrong = []
    for key in all_keys():
        value = _inside(YAML(typ="safe", pure=True).load(example_text(key)), key.path)
        if key.section is None:
            taken = TypeAdapter(Annotated[key.field.annotation, "a key", *key.field.metadata])
            try:
                taken.validate_python(value, by_alias=True)
            except ValidationError as error:
                wrong.append(f"{key.path}: {error}")
    assert wrong == []

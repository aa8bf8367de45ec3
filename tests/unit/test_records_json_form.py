"""An edited `manifest.json` or `summary.json` is told with the key, before a report is made of it."""

from __future__ import annotations

import copy
import re

import pytest

from sim.errors import RunFolderError
from sim.records.json_form import MANIFEST, SUMMARY, check_json

GOOD = {
    "name": "x",
    "days": 3,
    "strategies": ["none"],
    "strategy_facts": [{"name": "none", "offers_discounts": False}],
    "stops": [{"stop_id": "a", "x": None, "y": 1.5}],
    "lines": [{"line_id": "A", "directions": [{"direction_id": 0, "stop_ids": ["a"]}]}],
    "unknown": {"anything": [1]},
}


def test_what_runs_write_is_in_order():
    check_json(GOOD, MANIFEST, "manifest.json")
    check_json({}, MANIFEST, "manifest.json")
    check_json({"strategies": {"none": {"m": {"mean": 1.0, "half_width": None, "unit": "min"}}}}, SUMMARY, "s")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stops": 5}, "stops: must be a list"),
        ({"stops": [5]}, "stops.0: must be an object"),
        ({"stops": [{"x": 1}]}, "stops.0.stop_id: is missing"),
        ({"stops": [{"stop_id": "a", "x": "far"}]}, "stops.0.x: must be a number"),
        ({"days": "3"}, "days: must be a number"),
        ({"days": True}, "days: must be a number"),
        ({"name": None}, "name: must be text"),
        ({"strategies": "none"}, "strategies: must be a list"),
        ({"strategy_facts": [{"name": "none", "offers_discounts": 1}]}, "offers_discounts: must be true or false"),
        ({"scenario": []}, "scenario: must be an object"),
        ({"scenario": {"advisor": 5}}, "scenario.advisor: must be an object"),
        ({"lines": [{"line_id": "A", "directions": [{"stop_ids": "a"}]}]}, "lines.0.directions.0.stop_ids: must be a"),
    ],
)
def test_a_key_of_another_kind_is_named(change, message):
    with pytest.raises(RunFolderError) as caught:
        check_json({**copy.deepcopy(GOOD), **change}, MANIFEST, "run/manifest.json")
    assert str(caught.value).startswith("run/manifest.json: ")
    assert message in str(caught.value)
    assert "was it edited?" in str(caught.value)


PLACE = {"stop": "A", "stop_id": "a", "stop_share": 1.0}
UNSERVED = {
    "strategy": "none",
    "told_share": 0.02,
    "not_arrived_share": 0.5,
    "causes": [{"cause": "last_vehicle_full", "share": 0.5, **PLACE}],
    "long_wait_share": 0.0,
    "long_wait_at": {},
}


def test_a_summary_of_both_baselines_is_in_order():
    estimate = {"mean": 1.0, "half_width": None}
    classes = {"individual": [{"kind": "advice", "group": "g", "commuter_days": 3, "mean_change_min": estimate}]}
    settling = {"days": 45.0, "relative_gap_share": 0.003, "departure_change_s": 400.0}
    own = {"label": "adapted", "strategies": {"none": {"m": estimate}}, "classes": classes, "settling": settling}
    check_json({"baselines": {"adapted": own}, "classes": classes, "unserved": UNSERVED}, SUMMARY, "s")
    check_json({"unserved": {}}, SUMMARY, "s")


@pytest.mark.parametrize(
    ("shape", "change", "message"),
    [
        (MANIFEST, {"baselines": [{"label": "habit"}]}, "baselines.0.name: is missing"),
        (SUMMARY, {"strategies": {"none": {"m": {}}}}, "strategies.none.m.mean: is missing"),
        (SUMMARY, {"baselines": {"habit": {}}}, "baselines.habit.strategies: is missing"),
        (SUMMARY, {"classes": {"none": [{"kind": "advice"}]}}, "classes.none.0.group: is missing"),
        (SUMMARY, {"unserved": {**UNSERVED, "told_share": None}}, "unserved.told_share: must be a number"),
        (SUMMARY, {"unserved": {**UNSERVED, "long_wait_at": PLACE}}, "unserved.long_wait_at.wait_min: is missing"),
        (SUMMARY, {"unserved": {**UNSERVED, "causes": [PLACE]}}, "unserved.causes.0.cause: is missing"),
    ],
)
def test_a_key_of_a_newer_part_is_named_too(shape, change, message):
    with pytest.raises(RunFolderError, match=re.escape(message)):
        check_json(change, shape, "file")

"""Keys of a sweep that change nothing are named, and no others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sim
from sim.report.idle_keys import idle_sentences
from sim.report.sweep_section import sweep_verdict


def point(cost: float, **values: float) -> dict[str, Any]:
    return {"values": values, "strategies": {"none": {"mean_wait_min": {"mean": cost, "half_width": None}}}}


def test_a_key_is_idle_where_all_metrics_are_the_same_whatever_the_other_keys_are():
    points = [point(scale, a=scale, b=number) for scale in (1.0, 2.0) for number in (1, 2)]
    told = "b changes nothing here: every metric is the same at all values."
    assert idle_sentences({"vary": {"a": [1.0, 2.0], "b": [1, 2]}, "points": points}) == [told]
    points[-1] = point(3.0, a=2.0, b=2)
    assert idle_sentences({"vary": {"a": [1.0, 2.0], "b": [1, 2]}, "points": points}) == []
    alike = [point(1.0, a=scale, b=number) for scale in (1, 2) for number in (1, 2)]
    assert idle_sentences({"vary": {"a": [1, 2], "b": [1, 2]}, "points": alike})[0].startswith("a and b change nothing")
    assert idle_sentences({"vary": {"a": [1]}, "points": [point(1.0, a=1)]}) == []


SCENARIO = """\
name: idle
replications: 1
days: 1
baselines: [habit]
network:
  lines:
    - {id: L, stops: [a, b], running_times: [10 min], vehicle: bus, headway: {mean: 10 min, first: "07:00", trips: 3}}
service: {vehicles: {bus: {seats: 10, capacity: 20}}}
demand:
  flows:
    - {origin: a, destination: b, pieces: [{start: "07:00", end: "07:15", commuters: 6}]}
"""


def test_a_sweep_over_the_scale_of_demand_that_only_flows_give_says_that_it_changes_nothing(tmp_path: Path) -> None:
    """Rows of equal numbers passed for a finding: numbers of flows are taken as they are."""
    file = tmp_path / "idle.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    said = [sweep_verdict(sim.sweep(file, {key: [1, 2]}, ["none"]).summary) for key in ("demand.scale", "seed")]
    assert said[0][0] == "demand.scale changes nothing here: every metric is the same at all values."
    assert not any("nothing here" in sentence for sentence in said[1])

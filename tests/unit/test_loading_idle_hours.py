"""Disruptions and discounts at hours when no vehicle is planned to run: accepted, and said."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.loading.validate import validate_path

SCENARIO = """name: s
network:
  stops: [{{id: a, x: 0, y: 0}}, {{id: b, x: 1 km, y: 0}}]
  lines:
    - {{id: L, stops: [a, b], running_times: [10 min], vehicle: bus, departures: ["08:00", "09:00"]}}
service: {{vehicles: {{bus: {{seats: 30, capacity: 60}}}}}}
demand:
  flows:
    - {{origin: a, destination: b, pieces: [{{start: "08:00", end: "08:30", commuters: 5}}]}}
{section}
"""

LINK = "disruptions: {{links: [{{from_stop: a, to_stop: b, speed_factor: 0.5, start: '{0}', end: '{1}'}}]}}"
STOP = "disruptions: {{closed_stops: [{{stop: b, start: '{0}', end: '{1}'}}]}}"
DISCOUNT = "advisor: {{incentive: {{discounts: [{{start: '{0}', end: '{1}', discount: 1}}]}}}}"


@pytest.mark.parametrize("section", [LINK, STOP, DISCOUNT])
@pytest.mark.parametrize(
    ("start", "end", "idle"),
    [
        ("09:11", "10:00", True),
        ("40:00", "41:00", True),
        ("06:00", "08:00", True),
        ("06:00", "08:01", False),
        ("09:10", "10:00", False),
    ],
)
def test_hours_without_vehicles_are_a_remark(tmp_path: Path, section: str, start: str, end: str, idle: bool) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(SCENARIO.format(section=section.format(start, end)), encoding="utf-8")
    report = validate_path(path)
    assert report.ok
    said = [mention for mention in report.mentions if "changes nothing from" in mention.message]
    assert [mention.line for mention in said] == [10][: int(idle)]
    times = f"from {start} to {end}: by the timetable vehicles run from 08:00 to 09:10"
    assert all(times in mention.message for mention in said)

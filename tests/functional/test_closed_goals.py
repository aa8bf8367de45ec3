"""People who ride to a stop that is closed: what learners, plans and whoever asks expect of it."""

from __future__ import annotations

import pytest

import sim

SHUT = """
name: shut
replications: 1
days: 3
network:
  lines:
    - {{id: L, stops: [A, B, C], running_times: [5 min, 5 min], vehicle: bus, departures: [{departures}]}}
service:
  vehicles: {{bus: {{seats: 100, capacity: 100, dwell_rule: constant, dead_time: 0}}}}
demand:
  flows:
    - {{origin: A, destination: {goal}, placement: even, preferred_arrival: "07:30",
        pieces: [{{start: "07:10", end: "07:20", commuters: 40}}]}}
disruptions: {{closed_stops: [{{stop: B, start: "07:00", end: "08:00"}}]}}
journeys: {{information: {information}}}
"""
EVERY_10_MIN = [f"{hour:02}:{minute:02}" for hour in (6, 7, 8) for minute in range(1, 60, 10)]
FEWER_IN_THE_EVENING = [*EVERY_10_MIN, *(f"{hour:02}:01" for hour in range(9, 21))]


def shut(tmp_path, goal="B", information="frequencies", departures=EVERY_10_MIN):
    file = tmp_path / "shut.yaml"
    times = ", ".join(f'"{time}"' for time in departures)
    file.write_text(SHUT.format(goal=goal, information=information, departures=times), encoding="utf-8")
    return sim.load_scenario(file)


@pytest.mark.parametrize("departures", [EVERY_10_MIN, FEWER_IN_THE_EVENING])
@pytest.mark.parametrize("information", ["frequencies", "timetable", "real_time"])
def test_adapted_people_come_before_their_stop_closes(tmp_path, information, departures):
    """By habit all are carried past B. The bus of 6:51 is there at 6:56, 34 min early: 5 + 0.61 x 34 = 25.7 min.

    Catches people who are carried past their stop day after day and never learn it, as they count on getting out.
    """
    result = sim.compare(shut(tmp_path, information=information, departures=departures), ["none"])
    by_habit, adapted = (result.against(name).summary["strategies"]["none"] for name in ("habit", "adapted"))
    assert by_habit["arrived_share"]["mean"] == 0.0
    assert adapted["arrived_share"]["mean"] == 1.0
    assert 25.7 < adapted["mean_generalized_cost_min"]["mean"] < 30.0


def test_whoever_asks_is_not_told_to_ride_past_a_closed_stop(tmp_path):
    """Catches windows whose vehicles run past B told as on time on all days."""
    windows = sim.advise(shut(tmp_path), "A", "B", arrive_by="07:30")
    # Buses of 6:51 and before stop at B, and again that of 8:01 and those after it, which are late.
    assert windows[0].window_end_s <= 6 * 3600 + 51 * 60
    assert windows[0].on_time_share == 1.0
    late = [option for option in windows if option.window_start_s >= 6 * 3600 + 51 * 60]
    assert late
    assert {option.on_time_share for option in late} == {0.0}


def test_riders_to_other_stops_expect_what_they_did(tmp_path):
    """The bus of 7:11 is at C at 7:21, that of 7:21 a minute late: 10 + 2.4 = 12.4 min and what they wait for it."""
    result = sim.compare(shut(tmp_path, goal="C"), ["none"])
    assert 12.4 < result.against("adapted").summary["strategies"]["none"]["mean_generalized_cost_min"]["mean"] < 14.5

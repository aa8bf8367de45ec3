"""Gains and losses by class of commuters, there and back together, worked by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from pydantic import ValidationError
from support.tables import rows_of, table_of
from support.worlds import bus_line, flow, world

from sim.advisor import strategy_by_name
from sim.errors import ScenarioError
from sim.experiments.replications import run_replications
from sim.metrics.fairness import SAVED, class_summary, fairness_table
from sim.metrics.numbers import gini
from sim.metrics.persons import first_rows, of_persons
from sim.records.schema import JOURNEYS
from sim.records.table import Table

COST_MIN = {  # by strategy, replication and commuter; 2 goes back from where 0 went
    ("none", 0): (10.0, 20.0, 5.0),
    ("none", 1): (10.0, 20.0, 5.0),
    ("individual", 0): (6.0, 23.0, 12.0),
    ("individual", 1): (8.0, 18.0, 3.0),
}
OUTWARD = (-1, -1, 0)
INCOME = ("low", "high", "low")
ZONE = ("west", "", "east")


def journeys() -> Table:
    return table_of(
        JOURNEYS,
        [
            {
                "strategy": strategy,
                "replication": replication,
                "commuter_id": person,
                "generalized_cost_min": cost_min[person],
                "outward_commuter_id": OUTWARD[person],
                "income_class": INCOME[person],
                "origin_zone": ZONE[person],
                "complied": person == 0 and strategy != "none",
                "advised": person == 0 and strategy != "none",
                "in_vehicle_s": 60.0 * person,
                **dict.fromkeys(SAVED, 1.0 + person),
            }
            for (strategy, replication), cost_min in COST_MIN.items()
            for person in range(3)
        ],
    )


def group_of(replication: int, group: str) -> dict[str, object]:
    rows = rows_of(fairness_table({"journeys": journeys()}))
    (row,) = (row for row in rows if row["replication"] == replication and row["group"] == group)
    return row


def test_a_person_counts_once_with_both_ways():
    low = group_of(0, "income: low")
    assert (low["commuter_days"], low["mean_cost_none_min"], low["mean_change_min"]) == (1, 15.0, 3.0)
    assert (low["losers_share"], low["winners_share"], low["largest_loss_min"]) == (1.0, 0.0, 3.0)
    assert group_of(0, "followed the advice") == {**low, "kind": "advice", "group": "followed the advice"}
    assert {low[name] for name in SAVED} == {(1.0 + 3.0) / 1}
    assert group_of(1, "income: low")["mean_change_min"] == -4.0
    assert group_of(1, "income: high")["mean_change_min"] == -2.0


def test_gains_and_losses_by_the_zone_in_which_the_way_there_begins():
    """The journey back begins in the east and counts in the west, with the one there."""
    west, elsewhere = group_of(0, "from west"), group_of(0, "from elsewhere")
    assert west == {**group_of(0, "income: low"), "kind": "zone", "group": "from west"}
    assert elsewhere == {**group_of(0, "income: high"), "kind": "zone", "group": "from elsewhere"}
    with pytest.raises(ValueError, match="not enough values"):
        group_of(0, "from east")


def test_zones_of_a_scenario_are_those_of_the_stops():
    lines = [bus_line("L", "ABC", [60, 60], [600])]
    zones = [{"name": "west", "stops": ["A"]}, {"name": "east", "stops": ["C"]}]
    flows = [flow("A", "C", 500.0, 550.0, 2), flow("B", "C", 500.0, 550.0, 1)]
    tables = run_replications(world(lines, flows, population={"zones": zones}, days=1), [strategy_by_name("none")])
    found = tables["journeys"]
    assert dict(zip(found.text("origin_stop_id"), found.text("origin_zone"), strict=True)) == {"A": "west", "B": ""}
    with pytest.raises(ScenarioError, match=r"population.zones.0.stops.0: unknown stop 'Z'"):
        world(lines, flows, population={"zones": [{"name": "west", "stops": ["Z"]}]})
    with pytest.raises(ValidationError, match="the stop 'A' is in the zones 'west' and 'east'"):
        world(lines, flows, population={"zones": [{"name": "west", "stops": ["A"]}, {"name": "east", "stops": ["A"]}]})


def test_inequality_of_losses_within_a_class():
    table = journeys()
    for row in range(len(table)):
        table.columns["income_class"][row] = 0
    (row,) = (
        row
        for row in rows_of(fairness_table({"journeys": table}))
        if row["kind"] == "income" and not row["replication"]
    )
    assert row["loss_gini_share"] == gini(np.array([3.0, 3.0])) == 0.0


def test_summary_has_intervals_over_replications_and_is_plain_json():
    found = json.loads(json.dumps(class_summary(fairness_table({"journeys": journeys()}))))
    assert list(found) == ["individual"]
    (low,) = (item for item in found["individual"] if item["group"] == "income: low")
    assert low["kind"] == "income"
    assert low["commuter_days"] == 2
    assert low["mean_change_min"]["mean"] == -0.5
    assert low["mean_change_min"]["half_width"] == pytest.approx(12.706205 * 7.0 / 2**0.5 / 2**0.5)
    assert low["loss_gini_share"] == {"mean": 0.0, "half_width": None}


def test_without_none_or_classes_there_are_none():
    table = journeys()
    assert not len(fairness_table({"journeys": table.where(table.equals("strategy", "individual"))}))
    plain = table_of(JOURNEYS, [{"strategy": name, "generalized_cost_min": 1.0} for name in ("none", "individual")])
    kinds = {row["kind"] for row in rows_of(fairness_table({"journeys": plain}))}
    assert kinds == {"advice", "habit", "ride", "left behind"}


def test_journeys_back_find_the_journey_there_whatever_the_order():
    table = journeys()
    backwards = table.where(np.arange(11, -1, -1))
    assert first_rows(table).tolist() == [0, 1, 0, 3, 4, 3, 6, 7, 6, 9, 10, 9]
    assert first_rows(backwards).tolist() == [2, 1, 2, 5, 4, 5, 8, 7, 8, 11, 10, 11]
    rows, sums = of_persons(table["generalized_cost_min"], table)
    assert rows.tolist() == [0, 1, 3, 4, 6, 7, 9, 10]
    assert sums[:2].tolist() == [15.0, 20.0]

"""New peaks: found where advice makes them, not found where vehicles only cross a period's edge."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from support.made_up_line import make_manifest, make_summary, make_tables
from support.tables import table_of

from sim.metrics.account import account_table
from sim.metrics.fairness import fairness_table
from sim.metrics.rebound import MOST_STEPS, find_rebounds, wandering_peak
from sim.records.schema import ACCOUNT
from sim.records.table import concatenate
from sim.report.account_section import account_section
from sim.report.rebound_sentences import rebound_sentence, rebound_sentences
from sim.report.report_data import ReportData

NONE = (20, 90, 100, 60, 20, 20)
HERE = {"strategy": "s", "line_id": "L", "stop_id": "A", "direction_id": 0, "day": 0}
NO_RIDES = {name: table.where(slice(0, 0)) for name, table in make_tables(("none",), 1).items()}


def account_of(load, none=NONE, capacity=(200,) * 6, capacity_none=(200,) * 6, replications=3, noise=1):
    rows = []
    for replication in range(replications):
        for period in range(len(load)):
            jitter = noise * ((replication + period) % 3 - 1)
            rows.append(
                {
                    **HERE,
                    "replication": replication,
                    "period_start_s": 25_200.0 + 900.0 * period,
                    "load_none": none[period],
                    "load": load[period] + jitter,
                    "load_direct_shift": load[period] + jitter - none[period],
                    "capacity_none": capacity_none[period],
                    "capacity": capacity[period],
                }
            )
    return table_of(ACCOUNT, rows)


def found(*args, **kwargs):
    return find_rebounds(account_of(*args, **kwargs), NO_RIDES, 900.0)


def test_a_peak_that_moved_is_found():
    (rebound,) = found((20, 90, 20, 60, 100, 20))
    assert (rebound.strategy, rebound.line_id, rebound.stop_id) == ("s", "L", "A")
    assert rebound.period_start_s == 25_200.0 + 4 * 900.0
    assert rebound.relieved_start_s == 25_200.0 + 2 * 900.0
    assert rebound.change.mean == pytest.approx(0.4, abs=0.01)
    assert rebound.rise == pytest.approx(80.0, abs=1.0)
    assert rebound.direct_shift == pytest.approx(80.0, abs=1.0)
    assert not rebound.is_higher_than_before


def test_staggering_keeps_the_persons_and_makes_no_peak():
    (rebound,) = found((20, 90, 20, 60, 100, 20))
    assert sum(persons for _, persons in rebound.stagger) == pytest.approx(rebound.rise)
    assert rebound.level <= 0.8 * rebound.highest_none + 1e-9
    starts = [start for start, _ in rebound.stagger]
    assert starts == sorted(starts)
    assert all(abs(start - rebound.period_start_s) <= MOST_STEPS * 900.0 for start in starts)


def test_a_spread_peak_is_no_rebound():
    assert found((50, 60, 65, 60, 45, 30)) == []


def test_a_peak_that_nobody_is_relieved_by_is_no_rebound():
    assert found((20, 90, 100, 60, 100, 20)) == []


def test_a_vehicle_that_leaves_in_another_period_is_no_rebound():
    moved = (20, 90, 50, 60, 20, 70)
    capacity = (200, 200, 100, 200, 200, 300)
    assert found(moved, none=(20, 90, 100, 60, 20, 20), capacity=capacity) == []
    assert found((20, 50, 0, 60, 90, 20), none=(20, 90, 0, 60, 0, 20), capacity_none=(200, 200, 0, 200, 0, 200)) == []


def test_what_replications_cannot_show_is_no_rebound():
    assert found((20, 90, 20, 60, 100, 20), replications=1) == []
    assert found((20, 90, 20, 60, 100, 20), noise=300) == []


def test_only_the_worst_stop_of_a_direction_is_named():
    one, other = account_of((20, 90, 20, 60, 100, 20)), account_of((20, 90, 20, 60, 140, 20))
    columns = {name: np.concatenate([one[name], other[name]]) for name in ACCOUNT.names}
    columns["stop_id"] = np.repeat([0, 1], len(one))
    in_order = np.argsort(columns["replication"], kind="stable")
    columns = {name: column[in_order] for name, column in columns.items()}
    both = replace(one, columns=columns, categories={**one.categories, "stop_id": ("A", "B")})
    (rebound,) = find_rebounds(both, NO_RIDES, 900.0)
    assert rebound.stop_id == "B"
    assert rebound.is_higher_than_before


def test_a_class_in_which_all_gain_has_no_largest_loss():
    """It was written as a loss of -28 min."""
    tables = make_tables(("none", "same_for_all"), 2)
    tables["account"] = account_table(tables, 900.0)
    fairness = fairness_table(tables)
    all_gain = fairness.equals("group", "shorter half of the rides")
    columns = {**fairness.columns, "largest_loss_min": np.where(all_gain, -28.2, fairness["largest_loss_min"])}
    tables["fairness"] = replace(fairness, columns=columns)
    section = account_section(ReportData(make_manifest(("none", "same_for_all")), make_summary(tables), tables))
    assert section is not None
    found = {row.group: row.largest for row in section.classes}
    assert found.pop("shorter half of the rides") == "nobody loses"
    assert found
    assert all(re.fullmatch(r"\+[\d,]+ min", largest) for largest in found.values())


def test_the_report_names_the_peak_its_window_and_how_to_stagger():
    tables = make_tables(("none", "same_for_all"), 3, commuters=700)
    tables["account"] = account_table(tables, 900.0)
    manifest = make_manifest(("none", "same_for_all"), replications=3)
    data = ReportData(manifest, make_summary(tables), tables)
    section = account_section(data)
    assert section is not None
    assert [row.part.split(":")[0] for row in section.parts] == [
        "Direct shift", "Displaced load", "Back-fill", "Total change",
    ]  # fmt: skip
    assert section.rebounds
    assert {row.strategy for row in section.classes} == {"same_for_all"}
    one = ReportData({**manifest, "replications": 1}, make_summary(tables), tables)
    assert rebound_sentences(one) == [
        "One replication is one draw of chance, so that no new peak can be told from chance."
    ]


def test_a_run_has_no_account():
    tables = make_tables(("none",), 2)
    assert account_section(ReportData(make_manifest(("none",)), make_summary(tables), tables)) is None


def test_a_rebound_is_told_in_words():
    tables = {**NO_RIDES, "account": account_of((20, 90, 20, 60, 100, 20)), "periods": NO_RIDES["periods"]}
    manifest = make_manifest(("none", "s"), replications=3)
    (sentence,) = rebound_sentences(ReportData(manifest, {"strategies": {}}, tables))
    assert sentence.startswith(
        "Rebound with s: on Line L, direction 0, vehicles that leave A from 08:00 to 08:15 are 50 %"
    )
    assert "instead of 10 %" in sentence
    assert "07:30 to 07:45 is relieved by 40 points" in sentence
    assert "Staggering: if the 80 persons more were spread" in sentence


def test_a_peak_below_which_everybody_sits_is_none():
    assert found((20, 90, 20, 60, 100, 20), capacity=(400,) * 6, capacity_none=(400,) * 6) == []


def test_a_new_peak_at_another_time_in_each_replication_is_told_as_such():
    place = {0: 0, 1: 4, 2: 5}
    loads = [[100 if period == place[number] else 20 for period in range(6)] for number in place]
    parts = [account_of(load, replications=3, noise=0) for load in loads]
    account = concatenate([part.where(part["replication"] == number) for number, part in enumerate(parts)])
    assert find_rebounds(account, NO_RIDES, 900.0) == []
    peak = wandering_peak(account, "s", 900.0)
    assert peak is not None
    assert peak.starts_s == tuple(25_200.0 + 900.0 * period for period in place.values())
    assert (peak.load_factor_none, peak.load_factor) == (pytest.approx(0.1), pytest.approx(0.5))
    tables = {**NO_RIDES, "account": account, "periods": NO_RIDES["periods"]}
    (sentence,) = rebound_sentences(
        ReportData(make_manifest(("none", "s"), replications=3), {"strategies": {}}, tables)
    )
    assert "at another time in each replication" in sentence
    assert "which begins at 07:00, 08:00 and 08:15" in sentence


def test_where_one_replication_has_no_new_peak_nothing_wanders():
    loads = [(100, 20, 20, 20, 20, 20), (20, 20, 20, 20, 100, 20), (20, 60, 70, 60, 20, 20)]
    parts = [account_of(load, noise=0) for load in loads]
    account = concatenate([part.where(part["replication"] == number) for number, part in enumerate(parts)])
    assert wandering_peak(account, "s", 900.0) is None


@pytest.mark.parametrize(
    ("discount", "applies_at", "words"),
    [
        ((0, 8 * 3600), "entry", ", right before the discount ends at 08:00; with advisor.incentive.stagger_groups"),
        ((8 * 3600, 9 * 3600), "entry", ", right after the discount begins at 08:00;"),
        ((0, 8.25 * 3600), "exit", ", right before the discount ends at 08:15;"),
        ((0, 9 * 3600), "entry", ""),
    ],
)
def test_a_peak_at_the_boundary_of_a_discount_is_named(discount, applies_at, words):
    (plain,) = found((20, 90, 20, 60, 100, 20))
    rebound = replace(plain, strategy="incentive", window_start_s=7.75 * 3600, window_end_s=8 * 3600)
    discounts = [{"start": discount[0], "end": discount[1], "discount": 0.5}]
    scenario = {"advisor": {"incentive": {"discounts": discounts, "applies_at": applies_at}}}
    facts = [{"name": "incentive", "offers_discounts": True}]
    manifest = {**make_manifest(("none", "incentive")), "scenario": scenario, "strategy_facts": facts}
    sentence = rebound_sentence(ReportData(manifest, {}, {}), rebound)
    told = sentence.split("It is fed by the departure window 07:45 to 08:00")[1]
    assert told.startswith(f"{words}" if words else ". ")
    assert "boundary" not in rebound_sentence(ReportData(manifest, {}, {}), replace(rebound, strategy="individual"))


@pytest.mark.parametrize(("rise", "stagger", "told"), [
    (1.2, ((25_200.0, 0.2), (26_100.0, 1.0)), ""),
    (3.2, ((25_200.0, 0.2), (26_100.0, 3.0)), "the 3 persons more were spread over the periods around it (3 from"),
])  # fmt: skip
def test_one_person_more_is_not_spread(rise, stagger, told):
    (rebound,) = found((20, 90, 20, 60, 100, 20))
    data = ReportData(make_manifest(("none", "s"), replications=3), {"strategies": {}}, NO_RIDES)
    sentence = rebound_sentence(data, replace(rebound, rise=rise, stagger=stagger))
    assert told in sentence
    assert ("Staggering" in sentence) == bool(told)

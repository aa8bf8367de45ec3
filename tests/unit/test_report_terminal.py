"""Aligned text for the terminal, and the sentences that say what a summary means."""

from __future__ import annotations

import math

import pytest
from support.made_up_line import FOUR_STRATEGIES, make_summary, make_tables, metric

from sim.metrics.reference import reference_text
from sim.metrics.registry import METRICS
from sim.report.advice_words import best_for_each_vehicle
from sim.report.baseline_section import settling_sentences
from sim.report.metric_words import decimals_for, judge, metric_unit, read_difference
from sim.report.numbers import format_interval, format_number
from sim.report.sweep_section import sweep_table
from sim.report.table_rows import metric_rows
from sim.report.terminal import (
    advice_table,
    comparison_table,
    run_table,
    verdict,
    verification_table,
)
from sim.report.text_grid import fitted_grid, grid, listing, parted_grid, text_width

COST = "mean_generalized_cost_min"


def comparison(**strategies: dict[str, dict[str, object]]) -> dict[str, object]:
    """Return a comparison's summary, with none at a cost of 30 min."""
    return {"strategies": {"none": {COST: metric(30.0, 1.0, 0.0, 0.0)}, **strategies}}


def cost(mean: float, difference: float, half_width: float | None) -> dict[str, dict[str, object]]:
    return {COST: metric(mean, 1.0, difference, half_width)}


@pytest.mark.parametrize(
    ("difference", "half_width", "reading"),
    [
        (-1.8, 0.6, "lower"),
        (1.8, 0.6, "higher"),
        (-0.5, 0.6, "undecided"),
        (0.6, 0.6, "undecided"),
        (0.0, 0.0, "same"),
        (-1.8, None, "one draw"),
        (-1.8, math.nan, "one draw"),
        (None, None, "no reference"),
    ],
)
def test_a_difference_is_read_by_its_interval(difference, half_width, reading):
    assert read_difference({"difference": difference, "difference_half_width": half_width}) == reading


def test_higher_is_better_for_arriving_on_time_and_worse_for_waiting():
    higher = {"difference": 2.0, "difference_half_width": 1.0}
    assert judge("on_time_share", higher) == "better"
    assert judge("mean_wait_min", higher) == "worse"
    assert judge("mean_departure_shift_min", higher) == ""
    assert judge("mean_wait_min", {"difference": 2.0, "difference_half_width": 3.0}) == ""


def test_numbers_are_written_with_a_true_minus_and_without_minus_zero():
    assert format_number(-1.25, 1) == "−1.2"
    assert format_number(-0.001, 2, sign=True) == "0.00"
    assert format_number(math.nan, 2) == "–"
    assert format_interval(12345.6, math.nan, 0) == "12,346"
    assert format_interval(1.0, 0.5, 2, sign=True) == "+1.00 ± 0.50"


def test_a_clear_difference_is_never_rounded_to_look_unclear():
    entry = {"mean": 4.0, "half_width": 0.1, "difference": -0.004, "difference_half_width": 0.002}
    assert decimals_for("mean_wait_min", [entry]) == 3


def test_verdict_when_a_strategy_clearly_helps():
    first, *_ = verdict(comparison(coordinated=cost(28.2, -1.8, 0.6)))
    assert first == (
        "Advice helps: the mean generalized cost per commuter falls by 1.80 min (95 % interval 1.20 to 2.40) "
        "with coordinated; without advice it is 30.00 min."
    )


def test_verdict_when_a_strategy_clearly_backfires():
    sentences = verdict(comparison(same_for_all=cost(34.0, 4.0, 1.0)))
    assert sentences == [
        "Advice backfires: the mean generalized cost per commuter rises by 4.00 min "
        "(95 % interval 3.00 to 5.00) with same_for_all."
    ]


def test_verdict_when_the_interval_contains_0():
    sentences = verdict(comparison(individual=cost(29.5, -0.5, 0.9)))
    assert len(sentences) == 1
    assert sentences[0].startswith("No difference that these replications can show")
    assert "−0.50 min, 95 % interval −1.40 to 0.40" in sentences[0]
    assert "helps" not in sentences[0]


def test_verdict_of_one_replication_claims_nothing():
    text = " ".join(verdict(comparison(coordinated=cost(20.0, -10.0, None), same_for_all=cost(50.0, 20.0, None))))
    assert "One replication is one draw of chance" in text
    assert "−10.00 min with coordinated" in text
    assert "helps" not in text
    assert "backfires" not in text


def test_verdict_names_help_harm_and_the_undecided_together():
    text = " ".join(
        verdict(
            comparison(
                same_for_all=cost(34.0, 4.0, 1.0), individual=cost(30.1, 0.1, 0.9), coordinated=cost(28.2, -1.8, 0.6)
            )
        )
    )
    assert text.index("helps") < text.index("backfires") < text.index("No difference")


def test_verdict_says_what_improves_what_it_costs_and_who_pays():
    coordinated = {
        **cost(28.2, -1.8, 0.6),
        "mean_wait_min": metric(4.0, 0.2, -1.0, 0.3),
        "mean_schedule_delay_early_min": metric(6.0, 0.2, 2.0, 0.3),
        "mean_schedule_delay_late_min": metric(1.0, 0.2, 0.1, 0.3),
        "losers_share": {"mean": 0.125, "half_width": 0.01, "unit": "share"},
        "winners_share": {"mean": 0.283, "half_width": 0.02, "unit": "share"},
    }
    text = " ".join(verdict(comparison(coordinated=coordinated)))
    assert "What improves with coordinated: the mean wait falls by 1.00 min" in text
    assert "The price with coordinated: the mean early arrival rises by 2.00 min" in text
    assert "late arrival" not in text
    assert "Commuters more than 1 min worse off than without advice: 12.5 ± 1.0 % with coordinated." in text
    assert "Commuters more than 1 min better off than without advice: 28.3 ± 2.0 % with coordinated." in text


def test_verdict_when_nothing_changed_at_all():
    assert "exactly that without advice" in verdict(comparison(coordinated=cost(30.0, 0.0, 0.0)))[0]


@pytest.mark.parametrize("half_width", [0.0, None])
def test_verdict_says_with_what_nobody_is_advised_or_moves(half_width):
    """It was said of none of them, and of one replication only that there should be more."""
    moves = {"advised_share": metric(0.5, 0.0), "direct_shift_share": metric(0.1, 0.0)}
    stays = {"advised_share": metric(0.5, 0.0), "direct_shift_share": metric(0.0, 0.0)}
    same = cost(30.0, 0.0, half_width)
    held_back = {**same, "advised_share": metric(0.0, 0.0), "direct_shift_share": metric(0.0, 0.0)}
    said = verdict(comparison(same_for_all={**same, **stays}, individual={**same, **moves}, coordinated=held_back))
    assert said[-2:] == [
        "With same_for_all nobody leaves at another time for the advice.",
        "With coordinated nobody is advised.",
    ]


def test_verdict_without_a_reference_or_without_another_strategy():
    lonely = {"strategies": {"coordinated": {COST: metric(30.0, 1.0)}}}
    assert verdict(lonely) == ["The strategy none was not run, so nothing can be said about what the advice changes."]
    assert verdict(comparison()) == ["There is no strategy besides none, so nothing is compared."]


def test_verdict_of_a_run_gives_its_numbers():
    sentences = verdict({"metrics": {COST: metric(30.0, 1.0), "on_time_share": metric(0.9, None)}})
    assert sentences == [
        "The mean generalized cost per commuter is 30.00 min (95 % interval 29.00 to 31.00) and "
        "the share of commuters on time is 90.0 %."
    ]
    assert verdict({"metrics": {}}) == ["The summary holds no number to read."]
    nobody = {"mean_generalized_cost_min": {"mean": None, "half_width": None, "unit": "min"}}
    assert verdict({"metrics": nobody}) == ["Nobody travels here, so nothing can be said about journeys."]


def test_comparison_table_aligns_values_and_differences():
    summary = comparison(coordinated=cost(28.2, -1.8, 0.6), same_for_all=cost(30.2, 0.2, 0.6))
    lines = comparison_table(summary).split("\n")
    assert lines[0].split() == ["metric", "none", "coordinated", "same_for_all"]
    assert lines[2].split("  ")[0] == "Mean generalized cost (min)"
    assert "28.20 ± 1.00" in lines[2]
    assert "✓ −1.80 ± 0.60" in lines[3]
    assert "+0.20 ± 0.60" in lines[3]
    assert "✗" not in lines[3]
    assert len(lines[0]) == len(lines[2])


def test_which_marks_are_corrected_for_how_many_are_looked_at_is_said():
    """The 95th percentile of waits is marked by its interval alone, beside the mean wait, which is corrected.

    The legend, and the page of metrics, said of all marks that they are corrected.
    """
    summary = make_summary(make_tables(FOUR_STRATEGIES, replications=3))
    metrics = summary["strategies"]["coordinated"]
    corrected = [name for name, entry in metrics.items() if "adjusted_p_value" in entry]
    assert "mean_wait_min" in corrected
    assert "p95_wait_min" not in corrected
    said = "of all others one in 20 may be so by chance"
    assert said in " ".join(comparison_table(summary).split())
    page = " ".join(reference_text().split())
    assert said in page
    listed = page.partition("have `adjusted_p_value` in `summary.json`: ")[2].partition(". ")[0]
    assert set(corrected) <= set(listed.replace("`", "").split(", "))


@pytest.mark.parametrize(
    ("names", "has_differences"),
    [(("none",), False), (("coordinated",), False), (("individual", "coordinated"), False), (FOUR_STRATEGIES, True)],
)
def test_the_legend_speaks_of_differences_only_where_there_are_some(names, has_differences):
    summary = make_summary(make_tables(FOUR_STRATEGIES, replications=3))
    strategies = {name: summary["strategies"][name] for name in names}
    text = comparison_table({**summary, "strategies": strategies}, 80)
    assert ("Second figure" in text) == has_differences
    assert "half width" in text


def test_the_legend_of_one_replication_speaks_of_no_interval_and_no_mark():
    """It explained ± and marks that no cell had."""
    one = make_summary(make_tables(FOUR_STRATEGIES, replications=1))
    said = "One replication has no interval. Second figure: difference against none, same draws."
    assert comparison_table(one, 100).split("\n\n")[1] == said
    alone = {"strategies": {"none": one["strategies"]["none"]}}
    assert comparison_table(alone, 100).split("\n\n")[1] == "One replication has no interval."
    assert "±" not in run_table(make_summary(make_tables(["none"], replications=1)))
    assert "± half width" in run_table(make_summary(make_tables(["none"], replications=2)))


def test_metrics_without_a_value_have_no_row():
    """Where nobody travels there were rows of dashes."""
    empty = {"mean": None, "half_width": None, "unit": "min"}
    summary = comparison(coordinated={**cost(30.0, 0.0, 0.0), "mean_wait_min": empty})
    summary["strategies"]["none"]["mean_wait_min"] = empty
    assert "Mean wait" not in comparison_table(summary, 80)
    summary["strategies"]["coordinated"]["mean_wait_min"] = metric(1.0, 0.1)
    assert "Mean wait" in comparison_table(summary, 80)


def test_comparison_table_fits_the_width_where_it_can():
    summary = make_summary(make_tables(FOUR_STRATEGIES, replications=3))
    for width in (80, 100, 140):
        assert max(len(line) for line in comparison_table(summary, width).split("\n")) <= width
    assert "none   " in comparison_table(summary, 140).split("\n")[0] + "   "
    assert "against none" in comparison_table(summary, 80).split("\n")[0]


def test_comparison_table_shows_no_second_difference_of_losers():
    losers = {"mean": 0.25, "half_width": 0.01, "difference": 0.25, "difference_half_width": 0.01, "unit": "share"}
    text = comparison_table(comparison(coordinated={**cost(28.2, -1.8, 0.6), "losers_share": losers}))
    assert text.count("25.0") == 1


@pytest.mark.parametrize(
    ("largest", "text"), [(-28.2, "nobody loses"), (-0.001, "nobody loses"), (0.0, "0.00"), (3.5, "3.50"), (None, "–")]
)
@pytest.mark.parametrize("name", ["largest_loss_min", "largest_regret_min"])
def test_a_largest_loss_below_0_is_none(name, largest, text):
    """It is the least gain of anybody, and was written as a loss of −28.20 min."""
    none, other = ({"largest": value, "mean": None, "half_width": None, "unit": "min"} for value in (0.0, largest))
    (row,) = metric_rows({"strategies": {"none": {name: none}, "coordinated": {name: other}}})
    assert row.cells[1].value == text
    assert row.title.endswith("(min)")


def test_run_table_leaves_out_what_has_no_value():
    text = run_table({"metrics": {COST: metric(30.0, 1.0), "mean_wait_min": metric(math.nan, None)}})
    assert "30.00 ± 1.00" in text
    assert "wait" not in text
    assert run_table({"metrics": {}}) == "The summary holds no metric to show."


OPTION = {
    "window_start_s": 25200.0,
    "window_end_s": 26100.0,
    "door_to_door_min": 34.2,
    "door_to_door_sd_min": 4.1,
    "load_factor": 0.62,
    "occupancy": "FEW_SEATS_AVAILABLE",
    "line": "2",
    "vehicle_due_s": 25920.0,
    "denied_share": 0.02,
    "on_time_share": 0.95,
    "generalized_cost_min": 41.25,
    "reason": "Leaves before the peak.",
}


@pytest.mark.parametrize(("fares_min", "is_shown"), [(0.0, False), (12.5, True)])
def test_fares_in_the_cost_are_shown_where_somebody_paid(fares_min, is_shown):
    entry = {"mean": fares_min, "half_width": 0.0, "unit": "min per day"}
    wait = {"mean": 0.0, "half_width": 0.0, "unit": "min"}
    metrics = {"mean_wait_min": wait, "fare_cost_min": entry}
    assert ("Fares in the cost" in run_table({"metrics": metrics})) is is_shown
    rows = metric_rows({"strategies": {"none": metrics, "individual": metrics}})
    assert any(row.title.startswith("Fares in the cost") for row in rows) is is_shown


def test_advice_table_shows_windows_with_bars_words_and_reasons():
    full = {**OPTION, "load_factor": 1.0, "occupancy": "FULL", "on_time_share": None, "reason": ""}
    lines = advice_table([OPTION, full]).split("\n")
    assert lines[2].startswith("> 07:00–07:15")
    assert "34 ± 4 min" in lines[2]
    assert "██████░░░░  62 %" in lines[2]
    assert lines[3].strip() == "Leaves before the peak. Aim for line 2 at 07:12, few seats available."
    assert lines[4].startswith("  07:00–07:15")
    assert "██████████ 100 %" in lines[4]
    assert lines[5].strip() == "Aim for line 2 at 07:12, full."
    assert len(lines) == 6


def test_a_window_that_is_late_on_most_days_is_not_marked_as_the_best():
    late = {**OPTION, "on_time_share": 0.4}
    assert not any(line.startswith(">") for line in advice_table([late, late]).split("\n"))


@pytest.mark.parametrize(("lost_share", "told"), [(0.0, "on foot"), (1.0, "██████████ 100 %")])
def test_whoever_finds_no_vehicle_is_not_told_to_walk(lost_share, told):
    """Neither has a line to board; see tests/functional/test_walk_only.py for what else is left out on foot."""
    nobody = {"line": "", "vehicle_due_s": math.nan, "load_factor": 1.0, "lost_share": lost_share}
    assert told in advice_table([{**OPTION, **nobody}]).split("\n")[2]


def test_advice_table_says_when_there_is_no_window():
    assert advice_table([]) == "No departure window can be recommended."


def test_verification_table_counts_what_passed():
    row = {
        "case": "osuna_newell",
        "params": {"headways": [5, 1.5]},
        "theory": 3.1234567,
        "simulation": 3.0,
        "half_width": None,
        "tolerance": 0.05,
        "verdict": "pass",
    }
    lines = verification_table([row, {**row, "verdict": "fail", "catches": 0.0187}]).split("\n")
    assert lines[2].split() == ["osuna_newell", "headways=[5,", "1.5]", "3.12346", "3", "–", "0.05", "pass"]
    assert lines[3].split()[-2:] == ["1.9%", "fail"]
    assert lines[-1] == "1 of 2 passed"
    assert verification_table([]) == "0 of 0 passed"


@pytest.mark.parametrize("width", [60, 80])
def test_tables_fit_a_narrow_terminal(width):
    names = ("none", "same_for_all", "individual", "coordinated")
    summary = {"strategies": {name: cost(1238.0, 0.0 if name == "none" else -12.0, 1.0) for name in names}}
    case = {"case": "stop.a_long_name_of_a_case", "params": {"capacity": 10, "headways": [300.0] * 9}, "theory": 1.0}
    sweep_row = ["0.5", "same_for_all", "+6.15 ± 0.32", "−14.9 ± 5.5", "29.3 ± 20.1", "20.0 ± 0.0"]
    head = ["advisor.penetration", "strategy", "cost (min)", "ever denied (%)", "worse off (%)", "moved (%)"]
    for text in (
        comparison_table(summary, width),
        verification_table([case], width),
        fitted_grid(head, [sweep_row, sweep_row], width, left=(0, 1)),
    ):
        assert max(len(line) for line in text.split("\n")) <= width


def test_a_table_that_has_room_stays_one():
    assert fitted_grid(["a", "b"], [["x", "1"]], 60) == grid(["a", "b"], [["x", "1"]])
    assert fitted_grid(["a", "b"], [["x" * 50, "1" * 20]], 60).split("\n")[0] == "a  " + "x" * 50


def test_columns_for_which_a_line_has_no_room_stand_in_a_table_below():
    head = ["strategy", "cost (min)", "wait (min)", "moved (%)"]
    rows = [["individual", "39.45 ± 1.28", "6.53 ± 1.07", "20.0 ± 0.0"], ["  against none", "0.00 ± 0.00", "", ""]]
    assert parted_grid(head, rows, 80) == grid(head, rows)
    first, second = parted_grid(head, rows, 45).split("\n\n")
    assert first == grid(head[:3], [row[:3] for row in rows])
    # A difference of nothing that stands in this table has no row in it.
    assert second == grid([head[0], head[3]], [[rows[0][0], rows[0][3]]])
    assert text_width(first) <= 45 < text_width(grid(head, rows))
    # No line holds the first column and one more: a block for each row, as anywhere else.
    assert parted_grid(head, rows, 27) == fitted_grid(head, rows, 27)


def test_a_sweep_in_a_narrow_terminal_names_keys_by_their_last_part_unless_two_are_alike():
    rows = [["0.5", "10 min", "individual", "39.45 ± 1.28", "6.53 ± 1.07"]]
    others = ["strategy", "cost (min)", "wait (min)"]
    for keys, named in (
        (["advisor.penetration", "advisor.window"], ["penetration", "window", *others]),
        (["advisor.a.window", "advisor.b.window"], ["advisor.a.window", "advisor.b.window", *others]),
        (["advisor.strategy", "advisor.window"], ["advisor.strategy", "advisor.window", *others]),
    ):
        assert sweep_table(keys, [*keys, *others], rows, 120) == grid([*keys, *others], rows, left=(0, 1, 2))
        assert sweep_table(keys, [*keys, *others], rows, 70) == parted_grid(named, rows, 70, first=3)


@pytest.mark.parametrize(
    ("gap_share", "said"),
    [(0.021, "saved 2.1 % of what they paid."), (0.0004, "nothing more."), (-0.007, "nothing more.")],
)
def test_what_people_could_have_saved_is_never_less_than_nothing(gap_share, said):
    """On a day that they did not know they may pay less than they expected: "saved -0.7 %" is no answer."""
    settling = {"days": 17, "relative_gap_share": gap_share, "departure_change_s": 414.0}
    (sentence,) = settling_sentences({"settling": settling})
    assert sentence.endswith(said)


def test_the_last_line_of_a_verification_fits_the_terminal():
    row = {"case": "a", "params": {}, "theory": 1.0, "simulation": 1.0, "half_width": 0.1, "verdict": "pass"}
    text = verification_table([{**row, "power_at_2_percent": power} for power in (0.95, 0.5)], 60)
    assert text_width(text) <= 60
    assert "2 of 2 passed. Of 2 with chance in them 1 would catch" in text.replace("\n", " ")


def test_the_last_column_of_a_listing_is_wrapped_to_what_is_left():
    row = ["1", "a b c d e f g h i j k l m n"]
    assert listing(["id", "lines"], [row], (0, 1), 24).splitlines() == [
        "id  lines",
        "──  ───────────────────",
        "1   a b c d e f g h i j",
        "    k l m n",
    ]


def test_the_last_column_of_a_listing_has_lines_of_its_own_where_little_is_left():
    row = ["1", "x" * 10, "a b c d e f g h i j k l m n"]
    assert listing(["id", "name", "lines"], [row], (0, 1, 2), 30).splitlines() == [
        "id  name",
        "──  ──────────",
        "1   xxxxxxxxxx",
        "      a b c d e f g h i j k l",
        "      m n",
    ]


def test_of_windows_for_one_vehicle_the_best_is_shown():
    walk = {**OPTION, "line": "", "vehicle_due_s": math.nan}
    later = {**OPTION, "vehicle_due_s": OPTION["vehicle_due_s"] + 300.0}
    dearer = {**OPTION, "generalized_cost_min": 99.0}
    elsewhere = {**OPTION, "board_stop": "another"}
    options = [OPTION, walk, later, dearer, walk, elsewhere]
    assert best_for_each_vehicle(options) == [OPTION, walk, later, walk, elsewhere]


def test_the_legend_says_why_a_difference_whose_interval_excludes_0_may_have_no_mark():
    # -1.95 ± 0.42 without a mark, under a legend that speaks of its interval alone, reads as an error of the program.
    entry = metric(8.0, 0.2, -1.95, 0.42) | {"adjusted_p_value": 0.2}
    strategies = {"none": {"mean_wait_min": metric(10.0, 0.2)}, "individual": {"mean_wait_min": entry}}
    text = comparison_table({"strategies": strategies})
    assert "✓" not in text.partition("±  half")[0].splitlines()[3]
    assert "number of differences looked at" in " ".join(text.split())


def test_every_share_is_told_in_per_cent():
    """Catches a load factor of 1.00 in one table that is 100.0 % in another."""
    shares = [metric for metric in METRICS if metric.unit == "share"]
    assert {metric_unit(metric.name, {"unit": metric.unit}) for metric in shares} == {"%"}

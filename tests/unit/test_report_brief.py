"""The first page of a report: one answer in plain words, one number a sentence."""

from __future__ import annotations

import re

import pytest
from support.made_up_line import FOUR_STRATEGIES, make_manifest, make_summary, make_tables, metric

from sim.report.brief import brief, size_word
from sim.report.report_data import ReportData
from sim.report.unserved_sentences import unserved_sentences
from sim.report.verdict import verdict

LABELS = [
    {"name": "none", "label": "No advice"},
    {"name": "individual", "label": "Individual"},
    {"name": "coordinated", "label": "Coordinated"},
]


def data(strategies, optimum=None, **changes):
    summary = {"strategies": strategies} | ({} if optimum is None else {"optimum": {"kind": optimum}})
    return ReportData(make_manifest(tuple(strategies), strategy_facts=LABELS, **changes), summary, {})


def costs(**differences):
    """Return strategies whose mean generalized cost differs from 40 min by so much, give or take 0.1."""
    return {
        "none": {"mean_generalized_cost_min": metric(40.0, 0.5)},
        **{
            name: {"mean_generalized_cost_min": metric(40.0 + difference, 0.5, difference, 0.1)}
            for name, difference in differences.items()
        },
    }


def test_the_strategy_that_saves_most_makes_the_headline():
    found = brief(data(costs(individual=-0.5, coordinated=-0.8)))
    assert found.headline == "Coordinated advice saves 0.80 of the 40.0 min that a journey costs, 2 %: small."
    assert "Individual advice saves 0.50 min." in found.sentences


@pytest.mark.parametrize(("kind", "words"), [("exact", "that is 4 %"), ("lower bound", "that is at least 4 %")])
def test_the_headline_says_how_much_of_what_is_possible_is_taken_and_who_pays(kind, words):
    strategies = costs(coordinated=-0.8)
    strategies["coordinated"] |= {"saving_taken_share": metric(0.036, 0.002), "losers_share": metric(0.0472, 0.01)}
    assert brief(data(strategies, kind)).headline == (
        f"Coordinated advice saves 0.80 of the 40.0 min that a journey costs, 2 %: small; {words} of what leaving at "
        "other times could save; 5 in 100 people pay for it and lose more than 1 min."
    )


def test_the_headline_says_nothing_of_what_is_possible_where_nobody_knows():
    strategies = costs(coordinated=-0.8)
    strategies["coordinated"] |= {"saving_taken_share": metric(0.036, 0.002), "losers_share": metric(0.0, 0.0)}
    assert brief(data(strategies)).headline.endswith("2 %: small; nobody loses more than 1 min by it.")
    strategies["coordinated"]["saving_taken_share"] = metric(None, None)
    assert "could save" not in brief(data(strategies, "exact")).headline
    # Cheaper fares alone: people pay less, but nothing of what leaving at other times could save is taken.
    strategies["coordinated"]["saving_taken_share"] = metric(-0.01, 0.002)
    assert "could save" not in brief(data(strategies, "exact")).headline


@pytest.mark.parametrize(("kind", "words"), [("exact", "could save 46 %"), ("lower bound", "could save at most 46 %")])
def test_where_nothing_helps_the_headline_says_what_would_be_possible_and_who_loses(kind, words):
    strategies = costs(individual=0.05, coordinated=0.02)
    strategies["none"]["gap_to_optimum_share"] = metric(0.463, 0.01)
    strategies["individual"]["losers_share"] = metric(0.004, 0.001)
    strategies["coordinated"]["losers_share"] = metric(0.0, 0.0)
    assert brief(data(strategies, kind)).headline == (
        "No saving that goes beyond chance with Individual advice or Coordinated advice; leaving at other times "
        f"{words} of what journeys cost; 0.4 in 100 people lose more than 1 min with Individual advice."
    )


def test_advice_that_backfires_is_said_beside_what_helps():
    found = brief(data(costs(individual=2.0, coordinated=-0.8)))
    assert "Individual advice backfires: a journey costs 2.00 min more (clear)." in found.sentences


def test_where_nothing_helps_the_headline_says_so():
    undecided = brief(data(costs(individual=0.05, coordinated=0.02))).headline
    assert undecided == "No saving that goes beyond chance with Individual advice or Coordinated advice."
    assert brief(data(costs(individual=1.0))).headline == "Advice backfires, whichever way it is given."
    same = costs(individual=0.0)
    same["individual"]["mean_generalized_cost_min"] = metric(40.0, 0.5, 0.0, 0.0)
    assert brief(data(same)).headline == "Advice changes nothing here."


def test_one_replication_is_no_answer():
    strategies = costs(individual=-3.0)
    strategies["individual"]["mean_generalized_cost_min"] = metric(37.0, None, -3.0, None)
    strategies["none"]["gap_to_optimum_share"] = metric(0.463, None)
    assert brief(data(strategies, "exact")).headline.endswith("run more replications.")


def test_who_receives_and_who_follows_is_as_in_the_scenario():
    scenario = {"advisor": {"penetration": 0.5, "compliance": 0.2}}
    said = brief(data(costs(coordinated=-0.8), scenario=scenario)).sentences
    assert said[:2] == (
        "50 in 100 commuters receive advice.",
        "20 in 100 of these follow it where it asks them to leave at another time.",
    )
    few = {"advisor": {"penetration": 0.002, "compliance": 0.2}}
    assert brief(data(costs(coordinated=-0.8), scenario=few)).sentences[0] == "0.2 in 100 commuters receive advice."
    everybody = {"advisor": {"penetration": 1.0, "compliance": 1.0}}
    said = brief(data(costs(coordinated=-0.8), scenario=everybody)).sentences
    assert said[:2] == (
        "Everybody receives advice.",
        "All of them follow it where it asks them to leave at another time.",
    )


def test_prices_and_gains_are_told_apart_and_each_sentence_has_one_number():
    strategies = costs(coordinated=-0.8)
    strategies["coordinated"] |= {
        "mean_wait_min": metric(6.0, 0.2, -0.4, 0.1),
        "mean_schedule_delay_early_min": metric(6.0, 0.2, 0.3, 0.1),
        "winners_share": metric(0.283, 0.02),
    }
    said = brief(data(strategies)).sentences
    assert "28 in 100 people gain more than a minute with Coordinated advice." in said
    assert "The mean wait falls by 0.40 min with Coordinated advice." in said
    assert "The price: the mean early arrival rises by 0.30 min." in said
    assert all(len(re.findall(r"\d+(?:\.\d+)?", sentence.replace("in 100", ""))) <= 1 for sentence in said)


@pytest.mark.parametrize(
    ("percent", "word"), [(0.4, "next to nothing"), (1.0, "small"), (-4.9, "small"), (5.0, "clear"), (-40.0, "large")]
)
def test_sizes_have_words(percent, word):
    assert size_word(percent) == word


def test_a_run_says_what_it_costs_and_a_comparison_of_a_made_up_line_has_an_answer():
    tables = make_tables(("none",), replications=3)
    run = ReportData(make_manifest(("none",), replications=3), make_summary(tables), tables)
    assert "min" in brief(run).headline
    tables = make_tables(FOUR_STRATEGIES, replications=3)
    compared = ReportData(make_manifest(FOUR_STRATEGIES, replications=3), make_summary(tables), tables)
    assert brief(compared).headline.endswith(".")


def test_who_is_not_served_stands_first_on_the_first_page():
    # The first page alone is mailed: an answer about advice where a fifth never arrives would mislead.
    facts = {
        "strategy": "none",
        "told_share": 0.03,
        "not_arrived_share": 0.2,
        "causes": [],
        "long_wait_share": 0.5,
        "long_wait_at": {"stop": "A"},
    }
    comparison = data(costs(individual=0.05))
    comparison.summary["unserved"] = facts
    assert brief(comparison).sentences[:2] == (
        "Demand and service do not fit: 20 in 100 commuters do not arrive.",
        "Waits are beyond reason: 50 in 100 commuters wait longer than anybody would.",
    )
    comparison.summary["unserved"] = facts | {"not_arrived_share": 0.02, "long_wait_share": 0.02}
    assert not any("100 commuters" in sentence for sentence in brief(comparison).sentences)


def test_where_nobody_is_advised_the_headline_says_why_nothing_changes():
    scenario = {"advisor": {"penetration": 0.5, "compliance": 0.2}}
    strategies = costs(individual=0.0)
    strategies["individual"]["mean_generalized_cost_min"] = metric(40.0, 0.5, 0.0, 0.0)
    strategies["individual"]["advised_share"] = metric(0.0, 0.0, 0.0, 0.0)
    found = brief(data(strategies, scenario=scenario))
    assert found.headline == "Advice changes nothing here, as nobody is advised."
    assert not any("receive advice" in sentence for sentence in found.sentences)


@pytest.mark.parametrize("half_width", [0.0, None])
@pytest.mark.parametrize(
    ("advisor", "advised_share", "why"),
    [
        ({"penetration": 0.0, "compliance": 0.4}, 0.0, "nobody is advised"),
        ({"penetration": 0.5, "compliance": 0.0}, 0.5, "nobody follows it"),
    ],
)
def test_advice_that_moves_nobody_by_what_the_scenario_says_is_told_first(advisor, advised_share, why, half_width):
    """It was said that advice changes nothing, or of one replication that more of them would tell."""
    strategies = costs(individual=0.0, coordinated=0.0)
    for name in ("individual", "coordinated"):
        strategies[name] = {
            "mean_generalized_cost_min": metric(40.0, half_width, 0.0, half_width),
            # A plan that gains nothing in rehearsals is given to nobody.
            "advised_share": metric(advised_share if name == "individual" else 0.0, half_width),
            "direct_shift_share": metric(0.0, half_width),
        }
    found = brief(data(strategies, scenario={"advisor": advisor}))
    assert found.headline == f"Advice changes nothing here, as {why}."
    said = ["50 in 100 commuters receive advice.", "Nobody follows it where it asks them to leave at another time."]
    assert [sentence for sentence in found.sentences if "advice." in sentence or "follow" in sentence] == (
        said if advised_share else []
    )


def test_advice_to_leave_as_usual_is_why_nothing_changes():
    strategies = costs(individual=0.0)
    strategies["individual"] = {
        "mean_generalized_cost_min": metric(40.0, 0.5, 0.0, 0.0),
        "advised_share": metric(0.5, 0.0),
        "direct_shift_share": metric(0.0, 0.0),
    }
    said = "Advice changes nothing here, as nobody leaves at another time for the advice."
    assert brief(data(strategies, scenario={"advisor": {"penetration": 0.5, "compliance": 0.4}})).headline == said


def test_without_commuters_nothing_is_claimed_of_advice():
    # The strategy none was run: it is people that are missing.
    strategies = {name: {"mean_generalized_cost_min": metric(None, None)} for name in ("none", "individual")}
    said = "Nobody travels here, so nothing can be said about what advice changes."
    assert brief(data(strategies)).headline == said
    assert verdict({"strategies": strategies}) == [said]


def test_where_nobody_arrives_nothing_is_said_of_what_could_be_saved():
    """All cost the same then, what a journey that does not arrive is counted at; catches `could save at most 0 %`."""
    strategies = costs(individual=0.0)
    for metrics in strategies.values():
        metrics |= {"arrived_share": metric(0.0, 0.0, 0.0, 0.0), "gap_to_optimum_share": metric(0.0, 0.0)}
    assert brief(data(strategies, "lower bound")).headline.startswith("Nobody arrives here, with advice or without")
    facts = {"told_share": 0.03, "not_arrived_share": 1.0, "long_wait_share": 0.0, "long_wait_at": {}}
    stranded = data(strategies, "lower bound")
    stranded.summary["unserved"] = facts
    assert brief(stranded).sentences == ("Demand and service do not fit: 100 in 100 commuters do not arrive.",)
    strategies["none"]["arrived_share"] = metric(0.1, 0.0)
    assert "Nobody arrives" not in brief(data(strategies, "lower bound")).headline


def test_a_strategy_alone_makes_a_headline_in_plain_words():
    """Whatever else the verdict has to say first; catches names of the tables and a warning as the answer."""
    facts = {
        "strategy": "none",
        "told_share": 0.03,
        "not_arrived_share": 0.2,
        "causes": [],
        "long_wait_share": 0.01,
        "long_wait_at": {},
    }
    for names, said in (
        (["none"], "Nobody is advised in this run, so there is nothing to compare."),
        (
            ["coordinated"],
            "There are no days without advice to compare with, so what Coordinated advice changes is not known.",
        ),
    ):
        alone = data({name: {"mean_generalized_cost_min": metric(40.0, 0.5)} for name in names})
        assert brief(alone).headline == said
        alone.summary["unserved"] = facts
        assert brief(alone).headline == said
        assert brief(alone).sentences == ("Demand and service do not fit: 20 in 100 commuters do not arrive.",)


def test_a_stop_whose_name_is_its_id_is_told_once():
    place = {"cause": "last_vehicle_gone", "share": 1.0, "stop_share": 1.0, "stop": "a", "stop_id": "a"}
    facts = {
        "strategy": "none",
        "told_share": 0.03,
        "not_arrived_share": 0.2,
        "causes": [place],
        "long_wait_share": 0.5,
        "long_wait_at": place | {"wait_min": 34.0, "headway_min": 10.0, "reason": "full"},
    }
    late, waits = unserved_sentences(facts)
    assert "all from a)" in late
    assert "all at a, where" in waits
    assert "at a headway of 10 min" in waits
    facts["long_wait_at"]["headway_min"] = 0.6
    assert "at a headway of 36 s" in unserved_sentences(facts)[1]
    for entry in (place, facts["long_wait_at"]):
        entry["stop"] = "Market"
    late, waits = unserved_sentences(facts)
    assert "all from Market, a)" in late
    assert "all at Market, a, where" in waits


def test_a_saving_that_comes_of_people_left_over_says_so():
    """0.8 min a person with 2 in 100 more who do not arrive: at 40 min more for each of these nothing is left."""
    strategies = costs(individual=-0.5, coordinated=-0.8)
    strategies["coordinated"]["arrived_share"] = metric(0.95, 0.01, -0.02, 0.004)
    strategies["individual"]["arrived_share"] = metric(0.99, 0.01, 0.02, 0.004)
    (said,) = (sentence for sentence in verdict({"strategies": strategies}) if "Fewer people arrive" in sentence)
    assert said.startswith("Fewer people arrive with coordinated than without advice, 2.0 in 100.")
    assert "if it were 40 min more, nothing would be saved" in said
    # Where it costs more in any case, nothing is saved by people left over.
    worse = costs(coordinated=0.8)
    worse["coordinated"]["arrived_share"] = metric(0.95, 0.01, -0.02, 0.004)
    assert not any("Fewer people arrive" in sentence for sentence in verdict({"strategies": worse}))


def test_one_draw_says_who_is_left_over_too():
    strategies = {
        "none": {"mean_generalized_cost_min": metric(40.0, None)},
        "coordinated": {
            "mean_generalized_cost_min": metric(39.0, None, -1.0, None),
            "arrived_share": metric(0.9, None, -0.1, None),
        },
    }
    assert any("if it were 10 min more, nothing would be saved" in one for one in verdict({"strategies": strategies}))

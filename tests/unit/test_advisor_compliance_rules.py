"""Compliance that falls with the shift asked, and the warning of more than programmes have moved."""

from __future__ import annotations

import numpy as np
import pytest
from support.strategies import facts

from sim.advisor.compliance import Compliance, chance_to_follow, shift_asked_s
from sim.experiments.manifest_notes import advice_notes, advice_warnings
from sim.model.advice import AdvicePlan
from sim.model.journeys import ChosenJourneys, JourneyChain
from sim.model.parameters import AdvisorParameters, PopulationParameters
from sim.population.commuters import Population, draw_traits
from sim.population.variates import ChoiceVariates, LastingVariates
from sim.randomness import Streams, entity_keys

PEOPLE = 20_000


def population(habit_s: float = 28_800.0) -> Population:
    habit = np.full(PEOPLE, habit_s)
    zeros = np.zeros(PEOPLE, dtype=np.int64)
    journeys = ChosenJourneys(
        option=zeros,
        leg_ptr=np.zeros(PEOPLE + 1, dtype=np.int64),
        leg=np.zeros(0, dtype=np.int64),
        walk_before_s=np.zeros(0),
        egress_walk_s=np.zeros(PEOPLE),
    )
    key = entity_keys(np.arange(PEOPLE))
    traits = draw_traits(PopulationParameters(), Streams(1, 0), key)
    chain = JourneyChain.none(PEOPLE)
    return Population(zeros, zeros, habit, habit, habit - 7200, habit + 7200, key, journeys, traits, chain)


def plan(window: int) -> AdvicePlan:
    return AdvicePlan(np.full(PEOPLE, window, dtype=np.int64), 900.0)


def compliers(window: int, advisor: AdvisorParameters, day: int) -> np.ndarray:
    people = population()
    lasting, today = LastingVariates(Streams(1, 0), people.key), ChoiceVariates(Streams(1, 0), people.key, day)
    return Compliance(people, advisor, lasting).compliers(plan(window), today)


def share(window: int, **settings) -> float:
    advisor = AdvisorParameters(compliance_rule="falling", compliance_share=0.4, **settings)
    return float(compliers(window, advisor, 3).mean())


def test_shift_asked_is_the_distance_to_the_window():
    assert shift_asked_s(population(), plan(32))[0] == 0.0  # 08:00 to 08:15, habit at 08:00
    assert shift_asked_s(population(), plan(34))[0] == 1800.0
    assert shift_asked_s(population(), plan(29))[0] == 1800.0
    assert shift_asked_s(population(), plan(-1))[0] == 0.0


@pytest.mark.parametrize(("window", "expected"), [(32, 0.4), (34, 0.2), (29, 0.2), (36, 0.1)])
def test_readiness_halves_with_every_halving(window, expected):
    assert share(window) == pytest.approx(expected, abs=0.012)


def test_the_chance_falls_with_the_way_to_a_window_and_not_inside_it():
    """Habit 200 s after 08:00: windows that begin at 07:45, 08:00 and 08:15 are 200 s, nothing and 700 s away."""
    advisor = AdvisorParameters(compliance_rule="falling", compliance_share=0.4, compliance_halving_s=100.0)
    window = np.array([[31, 32, 33]])
    chance = chance_to_follow(np.array([29_000.0]), np.array([1.5]), window, advisor)
    np.testing.assert_allclose(chance, [[1.5 / 4, 1.5, 1.5 / 128]])
    fixed = advisor.model_copy(update={"compliance_rule": "fixed"})
    assert chance_to_follow(np.array([29_000.0]), np.array([1.5]), window, fixed).tolist() == [[1.5] * 3]


@pytest.mark.parametrize(
    ("share", "fixed", "near", "far"), [(0.4, 2.5, 2.5, 0.75), (0.2, 3.0, 3.0, 0.75), (0.0, 3.0, 3.0, 0.75)]
)
def test_nobody_follows_more_surely_than_surely(share, fixed, near, far):
    """Of a class three times as likely to follow: over a share of 0.4 a chance of 1 is 2.5."""
    advisor = AdvisorParameters(compliance_rule="falling", compliance_share=share, compliance_halving_s=100.0)
    people, window = (np.array([29_000.0]), np.array([3.0])), np.array([[31, 32]])
    np.testing.assert_allclose(chance_to_follow(*people, window, advisor), [[far, near]])
    always = advisor.model_copy(update={"compliance_rule": "fixed_share"})
    np.testing.assert_allclose(chance_to_follow(*people, window, always), [[fixed, fixed]])


def test_a_longer_halving_asks_less():
    assert share(36, compliance_halving_s=3600.0) == pytest.approx(0.2, abs=0.012)


def test_who_follows_far_also_follows_near_and_every_day():
    advisor = AdvisorParameters(compliance_rule="falling", compliance_share=0.4)
    far, near = (compliers(window, advisor, 3) for window in (36, 33))
    assert not (far & ~near).any()
    assert np.array_equal(near, compliers(33, advisor, 4))
    assert not compliers(-1, advisor, 3).any()


@pytest.mark.parametrize(
    ("penetration", "compliance", "said"),
    [(0.5, 0.2, ""), (0.5, 0.21, "the public has (2 to 10 %)"), (0.6, 0.5, "paid volunteers have"), (1.0, 0.1, "")],
)
def test_more_followers_than_programmes_had_are_warned_of(penetration, compliance, said):
    advisor = AdvisorParameters(penetration_share=penetration, compliance_share=compliance)
    warnings = advice_warnings(advisor, facts("none", "individual"))
    assert [said in warning for warning in warnings] == [True] * bool(said)
    assert advice_warnings(advisor, facts("none")) == []
    assert len(advice_notes(advisor, facts("none", "individual"))) == bool(said)


def test_the_sources_are_named():
    (warning,) = advice_warnings(AdvisorParameters(penetration_share=1.0, compliance_share=1.0), facts("individual"))
    assert "100 % of all commuters" in warning
    assert "Peer, Knockaert, Verhoef 2015" in warning


def test_an_incentive_that_offers_nothing_is_told():
    advisor = AdvisorParameters()
    assert "without a discount" in advice_warnings(advisor, facts("none", "incentive"))[0]
    offers = AdvisorParameters.model_validate({"incentive": {"preset": "singapore"}})
    assert advice_warnings(offers, facts("none", "incentive")) == []


def test_half_of_those_who_go_back_have_done_so_after_the_halving():
    advisor = AdvisorParameters(compliance_share=1.0, lapsing_share=0.4, lapsing_days=10.0, first_day=2)
    follow = {day: compliers(34, advisor, day) for day in (2, 12, 22, 500)}
    shares = [float(follows.mean()) for follows in follow.values()]
    np.testing.assert_allclose(shares, [1.0, 0.8, 0.7, 0.6], atol=0.012)
    # Whoever has gone back stays there.
    for sooner, later in ((2, 12), (12, 22), (22, 500)):
        assert not (follow[later] & ~follow[sooner]).any()


@pytest.mark.parametrize("rule", ["fixed_share", "independent", "falling"])
def test_nobody_who_went_back_is_replaced_by_others(rule):
    keys = {"compliance_rule": rule, "compliance_share": 0.5}
    plain = compliers(34, AdvisorParameters(**keys), 30)
    lapsed = compliers(34, AdvisorParameters(**keys, lapsing_share=0.4, lapsing_days=1.0), 30)
    assert not (lapsed & ~plain).any()
    assert lapsed.sum() == pytest.approx(0.6 * plain.sum(), rel=0.05)


def test_rehearsals_know_of_nobody_who_goes_back():
    # A rehearsal is of day 0: the advisor would else plan today for what only later days will show.
    advisor = AdvisorParameters(compliance_share=1.0, lapsing_share=1.0, lapsing_days=1.0)
    assert compliers(34, advisor, 0).all()

"""The registry of strategies: each declared once, variants by rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.strategies import facts

from sim.advisor import DEFAULT_STRATEGIES, StrategyFacts, reference, strategy_by_name, strategy_names
from sim.advisor.registry import built_in_strategies
from sim.advisor.variants import Fair, Open, mixed_colour, with_variants


def test_every_strategy_says_what_a_report_needs() -> None:
    said = [StrategyFacts.of(strategy) for strategy in built_in_strategies().values()]
    assert len({item.name for item in said}) == len({item.label for item in said}) == len(said)
    assert len({item.colour for item in said}) == len(said)
    for item in said:
        assert re.fullmatch(r"[a-z][a-z_]*", item.name)
        assert re.fullmatch(r"#[0-9a-f]{6}", item.colour)
        assert item.sentence.endswith(".")
        assert item.sentence[0].islower()


def test_default_strategies_come_first_and_only_variants_without_noise_are_left_out_of_the_list() -> None:
    names = strategy_names()
    assert names[: len(DEFAULT_STRATEGIES)] == DEFAULT_STRATEGIES
    assert {"coordinated_fair", "coordinated_turns", "proportional", "incentive"} <= set(names)
    assert not any(name.endswith("_open") for name in names)


@pytest.mark.parametrize(
    ("name", "within", "sees", "fairness"),
    [
        ("coordinated", "", "released", "heeded"),
        ("coordinated_fair", "coordinated", "released", "bounded"),
        ("coordinated_turns", "coordinated", "released", "turns"),
        ("coordinated_open", "coordinated", "unperturbed", "heeded"),
        ("coordinated_fair_open", "coordinated_fair", "unperturbed", "bounded"),
        ("individual_open", "individual", "unperturbed", "ignored"),
        ("incentive", "", "released", "ignored"),
        ("none", "", "nothing", "ignored"),
    ],
)
def test_a_strategy_is_asked_and_not_its_name(name: str, within: str, sees: str, fairness: str) -> None:
    (said,) = facts(name)
    assert (said.name, said.variant_of, said.sees, said.fairness) == (name, within, sees, fairness)
    assert said.offers_discounts == (name == "incentive")


@pytest.mark.parametrize("name", ["none_open", "individual_fair", "coordinated_open_open", "coordinated_turns_fair"])
def test_there_is_no_variant_that_would_change_nothing(name: str) -> None:
    with pytest.raises(Exception, match=f"'{name}' is not a strategy; there are none, same_for_all"):
        strategy_by_name(name)


class Mine:
    name = "mine"
    fairness = "heeded"

    def advise(self, view):
        return view.plan(-1)


def test_a_users_own_strategy_has_a_label_and_variants_like_a_built_in_one() -> None:
    assert StrategyFacts.of(Mine()) == StrategyFacts("mine", "mine", fairness="heeded")
    variants = {strategy.name: StrategyFacts.of(strategy) for strategy in with_variants([Mine()])}
    assert list(variants) == ["mine", "mine_fair", "mine_turns", "mine_open", "mine_fair_open", "mine_turns_open"]
    assert variants["mine_fair_open"].label == "mine, bounded regret, open data"
    assert isinstance(Open(Fair(Mine(), "bounded")), Open)
    assert mixed_colour("#102030", "#304050") == "#203040"
    assert mixed_colour("", "#304050") == ""


def test_page_of_strategies_lists_every_name(tmp_path: Path) -> None:
    page = reference.reference_text()
    assert all(f"| `{name}` |" in page for name in built_in_strategies())
    assert reference.main(tmp_path) == 0
    assert (tmp_path / "strategies.md").read_text(encoding="utf-8") == page
    assert reference.main(tmp_path / "nowhere") == 1

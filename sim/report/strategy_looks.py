"""How strategies appear in a report: by the labels, colours and sentences that the run wrote down.

The report knows no strategy by name, so that one that a user wrote looks like a built-in one. Pages call strategies by
their labels everywhere; the terminal and CSV files call them by their names, as commands do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sim.metrics.metric import BASELINE
from sim.model.notes import with_names
from sim.report.charts.chart import LegendEntry

_SPARE_COLOURS = ("#e69f00", "#56b4e9", "#9467bd", "#8c6d31", "#e7298a", "#0072b2", "#d55e00", "#009e73")
"""For strategies that name no colour of their own: Okabe and Ito (2008) and a few more."""


@dataclass(frozen=True)
class StrategyLooks:
    """What strategies say of themselves.

    Attributes
    ----------
    said : mapping of str to mapping
        Facts by name of the strategy, as in `strategy_facts` of a manifest; a run of an earlier version has none.
    """

    said: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, manifest: Mapping[str, Any]) -> StrategyLooks:
        """Read them from the manifest of a run; strategies that share a label go by their names."""
        said = {str(facts["name"]): facts for facts in manifest.get("strategy_facts", ())}
        labels = [facts.get("label") for facts in said.values()]
        shared = {label for label in labels if labels.count(label) > 1}
        return cls(
            {name: {**facts, "label": name} if facts.get("label") in shared else facts for name, facts in said.items()}
        )

    def by_name(self) -> StrategyLooks:
        """Return the same strategies without their labels, as the terminal calls them."""
        return StrategyLooks({name: {**facts, "label": name} for name, facts in self.said.items()})

    def label(self, name: str) -> str:
        """Return the label of a strategy, its name where it has none."""
        return str(self.said.get(name, {}).get("label") or name)

    def sentences(self, name: str) -> list[str]:
        """Return a sentence on what a strategy does; none where it says nothing."""
        sentence = self.said.get(name, {}).get("sentence")
        return [f"{self.label(name)} {sentence}"] if sentence else []

    def told(self, manifest: Mapping[str, Any], kind: str) -> list[str]:
        """Return the notes or warnings of a manifest, with strategies by their labels."""
        return with_names(manifest, kind, {name: self.label(name) for name in self.said})

    def offers_discounts(self, name: str) -> bool:
        """Tell whether discounts are in force under a strategy."""
        return bool(self.said.get(name, {}).get("offers_discounts", False))

    def open_variants(self) -> dict[str, str]:
        """Return strategies with the variant of each that saw counts without noise."""
        return {
            str(facts["variant_of"]): name
            for name, facts in self.said.items()
            if facts.get("variant_of") and facts.get("sees") == "unperturbed"
        }

    def colours(self, names: Iterable[str]) -> dict[str, str]:
        """Return a colour for each strategy: its own, or the next that nobody has."""
        wanted = list(names)
        own = {name: str(self.said.get(name, {}).get("colour") or "") for name in wanted}
        free = [colour for colour in _SPARE_COLOURS if colour not in own.values()] or list(_SPARE_COLOURS)
        without = [name for name in wanted if not own[name]]
        spare = {name: free[place % len(free)] for place, name in enumerate(without)}
        return {name: own[name] or spare[name] for name in wanted}


def with_labels(summary: Mapping[str, Any], looks: StrategyLooks) -> Mapping[str, Any]:
    """Return a summary whose strategies go by their labels, for sentences and tables that people read.

    The strategy `none` keeps its name, by which sentences find it.
    """
    if "strategies" not in summary:
        return summary
    strategies = {
        name if name == BASELINE else looks.label(name): metrics for name, metrics in summary["strategies"].items()
    }
    return {**summary, "strategies": strategies}


def legend(looks: StrategyLooks, colours: Mapping[str, str]) -> tuple[LegendEntry, ...]:
    """Return the legend of strategies with their colours; empty for a single one."""
    entries = tuple(LegendEntry(looks.label(name), colour) for name, colour in colours.items())
    return entries if len(entries) > 1 else ()


UNSAID = StrategyLooks(MappingProxyType({}))
"""Where nothing is known but names."""

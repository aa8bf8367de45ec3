"""The registry of strategies: each is declared once, in a module of `sim.advisor.strategies`, and found here by name.

A new strategy is one file there: a class with `name`, `advise` and what else `StrategyFacts` lists, and a function
`declared` that returns it. Variants of it, help texts, manifests and reports follow.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from sim.advisor import strategies
from sim.advisor.defaults import DEFAULT_STRATEGIES
from sim.advisor.strategy import Strategy, StrategyFacts
from sim.advisor.variants import with_variants
from sim.errors import UnknownNameError


def built_in_strategies() -> dict[str, Strategy]:
    """Return all strategies by name, those of a default comparison first, variants last."""
    modules = [
        import_module(f"{strategies.__name__}.{found.name}") for found in pkgutil.iter_modules(strategies.__path__)
    ]
    declared = {strategy.name: strategy for module in modules for strategy in module.declared()}
    first = [declared[name] for name in DEFAULT_STRATEGIES]
    others = [strategy for name, strategy in sorted(declared.items()) if name not in DEFAULT_STRATEGIES]
    return {strategy.name: strategy for strategy in with_variants([*first, *others])}


def strategy_names() -> tuple[str, ...]:
    """Return the names to choose from; those of variants that see unperturbed counts go without saying."""
    return tuple(
        name for name, strategy in built_in_strategies().items() if StrategyFacts.of(strategy).sees != "unperturbed"
    )


def gives_advice(name: str) -> bool:
    """Tell whether the strategy of a name advises anybody.

    Raises
    ------
    UnknownNameError
        When there is none of that name.
    """
    return not StrategyFacts.of(strategy_by_name(name)).advises_nobody


def strategy_by_name(name: str) -> Strategy:
    """Return a built-in strategy or a variant of one.

    Raises
    ------
    UnknownNameError
        When there is none of that name.
    """
    known = built_in_strategies()
    if name in known:
        return known[name]
    there = ", ".join(strategy_names())
    raise UnknownNameError(f"advisor.strategy: {name!r} is not a strategy; there are {there}")

"""What a verification case is: parameters, theory, an ordinary scenario, and a number from its tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.records.table import Table
from sim.verification.verdict import Tolerance

Params = Mapping[str, Any]
"""Parameters of a case by name, with values as YAML reads them."""

Tables = Mapping[str, Table]
"""Tables of a run by name, see `sim.records.schema`; with those of another as `as_reference` names them."""

REFERENCE: Final = "{reference}"
"""Stands in SQL for the run folder of the other scenario."""

_OTHER: Final = "reference/"


@dataclass(frozen=True)
class Key:
    """A parameter of a case.

    Attributes
    ----------
    name : str
    accepted : str
        What is accepted, with its unit, for messages.
    accepts : callable
        Whether a value is of that kind.
    label : bool
        A name for the other parameters, which means nothing once one of them is changed.
    """

    name: str
    accepted: str
    accepts: Callable[[Any], bool]
    label: bool = False


@dataclass(frozen=True)
class Case:
    """A quantity that theory knows and the simulator has to reproduce.

    Attributes
    ----------
    id : str
        Name of the case, as users give it.
    quantity : str
        What the number is, with its unit.
    keys : tuple of Key
        All parameters the case knows; the first default set may leave some out.
    defaults : tuple of mapping
        Parameter sets that run when the user gives none; overrides change the first one.
    usual : int
        How many of the default sets run when the user names no case.
    objection : callable
        What keeps well-typed parameters from being run, or an empty text.
    theory : callable
        The answer by a closed form or an algorithm that shares nothing with the engine.
    scenario : callable
        The ordinary scenario that shows it.
    measure : callable
        The number from the contract tables of any number of replications, one value for
        each replication, shape (replications,) or (replications, values).
    tolerance : Tolerance
    formula : str
        Theory as a line of text.
    source : str
        Author and year of the theory.
    recompute : callable
        One line of SQL (DuckDB, inside a run folder) that gives the same number, averaged
        over all commuters or visits of the run. `REFERENCE` stands for the folder of the
        other run, where there is one.
    reference : callable or None
        Another ordinary scenario on the same draws, where the number is about the difference
        that something makes; its tables are measured together with those of `scenario`.
    """

    id: str
    quantity: str
    keys: tuple[Key, ...]
    defaults: tuple[Params, ...]
    usual: int
    objection: Callable[[Params], str]
    theory: Callable[[Params], float | FloatArray]
    scenario: Callable[[Params], ScenarioParameters]
    measure: Callable[[Tables, Params], FloatArray]
    tolerance: Tolerance
    formula: str
    source: str
    recompute: Callable[[Params], str]
    reference: Callable[[Params], ScenarioParameters] | None = None

    def key(self, name: str) -> Key | None:
        """Return the parameter of a name, or None where the case has none."""
        return next((key for key in self.keys if key.name == name), None)


def as_reference(tables: Tables) -> dict[str, Table]:
    """Return the tables of the other run under names of their own."""
    return {f"{_OTHER}{name}": table for name, table in tables.items()}


def reference_of(tables: Tables) -> dict[str, Table]:
    """Return the tables of the other run under their usual names."""
    return {name.removeprefix(_OTHER): table for name, table in tables.items() if name.startswith(_OTHER)}


def number(name: str, unit: str, above: float = -math.inf, least: float = -math.inf, most: float = math.inf) -> Key:
    """Declare a parameter that is a finite number between bounds.

    Parameters
    ----------
    name : str
    unit : str
        Unit of the value and of the bounds, for messages; may be empty.
    above : float
        Bound that is not accepted itself.
    least, most : float
        Bounds that are accepted.
    """
    bounds = [
        f"{word} {bound:g}" for word, bound in (("above", above), ("from", least), ("to", most)) if math.isfinite(bound)
    ]
    return Key(
        name,
        " ".join(["a number", *bounds]) + (f", in {unit}" if unit else ""),
        lambda value: is_number(value) and math.isfinite(value) and value > above and least <= value <= most,
    )


def whole_number(name: str, least: int) -> Key:
    """Declare a parameter that is a whole number, at least some bound; 4000.0 is one too."""
    return Key(
        name,
        f"a whole number of at least {least}",
        lambda value: is_number(value) and math.isfinite(value) and value == int(value) and value >= least,
    )


def label(name: str) -> Key:
    """Declare a free text that names a parameter set."""
    return Key(name, "a text", lambda value: isinstance(value, str), label=True)


def is_number(value: Any) -> bool:
    """Say whether a value read from YAML is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)

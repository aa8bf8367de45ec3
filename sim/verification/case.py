"""What a verification case is: parameters, theory, an ordinary scenario, and a number from its tables.

A case is one entry. What its parameters mean is worked out once, by `Case.world`, and handed to theory, scenario
and measure alike. Cases of a family share most of their parts: a family is a `functools.partial` of `Case`, and an
entry says what is its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sim.arrays import FloatArray
from sim.model.parameters import ScenarioParameters
from sim.records.table import Table
from sim.verification.verdict import Tolerance

Params = Mapping[str, Any]
"""Parameters of a case by name, with values as YAML reads them."""

Tables = Mapping[str, Table]
"""Tables of one replication by name, see `sim.records.schema`; those of a reference run under `REFERENCE` + name."""

REFERENCE: Final = "reference/"

World = TypeVar("World")


class RefusedError(ValueError):
    """Parameters for which theory does not hold, or whose run would be too long; the text says which and why."""


@dataclass(frozen=True)
class Param:
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
class Case(Generic[World]):
    """A quantity that theory knows and the simulator has to reproduce.

    Attributes
    ----------
    id : str
        Name of the case, as users give it.
    quantity : str
        What the number is, with its unit.
    formula, source : str
        Theory as a line of text, and where it is from.
    params : tuple of Param
        All parameters that the case knows; the first default set may leave some out.
    sets : tuple of mapping
        Parameter sets that run when the user gives none; overrides change the first one.
    world : callable
        What parameters mean; raises `RefusedError`.
    theory : callable
        The answer by a closed form or an algorithm that shares nothing with the engine.
    scenario : callable
        The ordinary scenario that shows it.
    measure : callable
        The number from the contract tables of one replication, or several numbers.
    tolerance : Tolerance or callable
        Accepted distance, or what it is for a world.
    usual : int or None
        How many of the default sets run when the user names no case; None for all.
    reference : callable or None
        Another ordinary scenario on the same draws, where the number is about the difference
        that something makes; its tables are measured together with those of `scenario`.
    """

    id: str
    quantity: str
    formula: str
    source: str
    params: tuple[Param, ...]
    sets: tuple[Params, ...]
    world: Callable[[Params], World]
    theory: Callable[[World], float | FloatArray]
    scenario: Callable[[World], ScenarioParameters]
    measure: Callable[[Tables, World], float | FloatArray]
    tolerance: Tolerance | Callable[[World], Tolerance]
    usual: int | None = None
    reference: Callable[[World], ScenarioParameters] | None = None

    def tolerance_of(self, world: World) -> Tolerance:
        """Return the tolerance for a world."""
        return self.tolerance if isinstance(self.tolerance, Tolerance) else self.tolerance(world)

    def param(self, name: str) -> Param | None:
        """Return the parameter of a name, or None where the case has none."""
        return next((param for param in self.params if param.name == name), None)


def number(name: str, unit: str, above: float = -math.inf, least: float = -math.inf, most: float = math.inf) -> Param:
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
    return Param(
        name,
        " ".join(["a number", *bounds]) + (f", in {unit}" if unit else ""),
        lambda value: is_number(value) and math.isfinite(value) and value > above and least <= value <= most,
    )


def whole_number(name: str, least: int, most: int = 10**9) -> Param:
    """Declare a parameter that is a whole number between bounds; 4000.0 is one too."""
    return Param(
        name,
        f"a whole number from {least} to {most:,}" if most < 10**9 else f"a whole number of at least {least}",
        lambda value: is_number(value) and math.isfinite(value) and value == int(value) and least <= value <= most,
    )


def one_of(name: str, *choices: Any) -> Param:
    """Declare a parameter that takes one of a few values; true and 1 are two values."""
    words = ", ".join({True: "true", False: "false"}.get(choice, choice) for choice in choices)
    return Param(name, f"one of {words}", lambda value: any(value == it and type(value) is type(it) for it in choices))


def label(name: str) -> Param:
    """Declare a free text that names a parameter set."""
    return Param(name, "a text", lambda value: isinstance(value, str), label=True)


def is_number(value: Any) -> bool:
    """Say whether a value read from YAML is a number; true and false are not."""
    return isinstance(value, int | float) and not isinstance(value, bool)

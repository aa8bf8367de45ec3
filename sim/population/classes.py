"""Classes of commuters by income and flexibility, and what sets their members apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from sim.arrays import FloatArray, IntArray
from sim.model.parameters import ClassParameters, PopulationParameters
from sim.randomness import Purpose, Streams, UInt64Array


@dataclass(frozen=True)
class Traits:
    """Classes of commuters, and factors and bounds that follow from them; all of shape (commuters,).

    Attributes
    ----------
    income_class, flexibility_class : ndarray of int
        Rows of the classes of the scenario; 0 where it has none.
    early_factor, late_factor : ndarray of float
        Multiples of the penalties for arriving early and late.
    value_of_time_factor : ndarray of float
    penetration_factor, compliance_factor : ndarray of float
    earlier_s, later_s : ndarray of float
        How much earlier and later than by habit each could leave, in seconds.
    """

    income_class: IntArray
    flexibility_class: IntArray
    early_factor: FloatArray
    late_factor: FloatArray
    value_of_time_factor: FloatArray
    penetration_factor: FloatArray
    compliance_factor: FloatArray
    earlier_s: FloatArray
    later_s: FloatArray

    def take(self, rows: IntArray) -> Traits:
        """Return those of some commuters."""
        return Traits(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})


def draw_traits(wishes: PopulationParameters, streams: Streams, key: UInt64Array) -> Traits:
    """Draw the classes of commuters, by income and by flexibility independently.

    Each commuter's own number decides on their class, so that a further commuter changes
    nobody's class, and a further class at the end only takes over from the one before.

    Parameters
    ----------
    wishes : PopulationParameters
    streams : Streams
    key : ndarray of uint64, shape (commuters,)
    """
    incomes, flexibilities = wishes.income_classes, wishes.flexibility_classes
    income = _draw(incomes, streams.uniform(Purpose.INCOME_CLASS, key))
    flexibility = _draw(flexibilities, streams.uniform(Purpose.FLEXIBILITY_CLASS, key))

    def factor(name: str) -> FloatArray:
        return _column(incomes, name)[income] * _column(flexibilities, name)[flexibility]

    return Traits(
        income_class=income,
        flexibility_class=flexibility,
        early_factor=factor("early_penalty_factor"),
        late_factor=factor("late_penalty_factor"),
        value_of_time_factor=_column(incomes, "value_of_time_factor")[income],
        penetration_factor=factor("penetration_factor"),
        compliance_factor=factor("compliance_factor"),
        earlier_s=_column(flexibilities, "earlier_flexibility_s", wishes.earlier_flexibility_s)[flexibility],
        later_s=_column(flexibilities, "later_flexibility_s", wishes.later_flexibility_s)[flexibility],
    )


def _draw(classes: Sequence[ClassParameters], coin: FloatArray) -> IntArray:
    """Return the class of each commuter; 0 where there are none."""
    passed = np.cumsum([item.share for item in classes])[:-1] if classes else np.zeros(0)
    return np.searchsorted(passed, coin, side="right").astype(np.int64)


def _column(classes: Sequence[ClassParameters], name: str, missing: float = 1.0) -> FloatArray:
    """Return a number of each class, shape (classes,); of the one nameless class where there are none."""
    given = [getattr(item, name) for item in classes] or [None]
    return np.array([missing if value is None else value for value in given], dtype=np.float64)

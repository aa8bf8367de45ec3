"""Iterative proportional fitting of a matrix to its row and column sums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.arrays import FloatArray

_MOST_ROUNDS: Final = 2000
_CLOSE_ENOUGH: Final = 1e-9


@dataclass(frozen=True)
class Fitted:
    """A matrix fitted to its sums.

    Attributes
    ----------
    matrix : ndarray of float, shape (rows, columns)
        Row sums are met exactly wherever a row has a positive seed.
    column_gap : float
        Largest difference of a column sum from the one wanted.
    rounds : int
    """

    matrix: FloatArray
    column_gap: float
    rounds: int


def fit(seed: FloatArray, rows: FloatArray, columns: FloatArray) -> Fitted:
    """Scale rows and columns in turn until both sums fit (Deming and Stephan 1940).

    Parameters
    ----------
    seed : ndarray of float, shape (rows, columns)
        Not negative; a 0 stays a 0.
    rows, columns : ndarray of float
        Wanted sums, with the same total. Where zeros of the seed make them impossible, the
        rows are met and the gap of the columns is told.
    """
    matrix = seed.astype(np.float64).copy()
    total = float(rows.sum())
    rounds, gap = 0, 0.0
    for rounds in range(1, _MOST_ROUNDS + 1):  # noqa: B007 - told afterwards
        matrix *= _ratio(columns, matrix.sum(axis=0))[None, :]
        matrix *= _ratio(rows, matrix.sum(axis=1))[:, None]
        gap = float(np.abs(matrix.sum(axis=0) - columns).max(initial=0.0))
        if gap <= _CLOSE_ENOUGH * max(total, 1.0):
            break
    return Fitted(matrix, gap, rounds)


def _ratio(wanted: FloatArray, found: FloatArray) -> FloatArray:
    ratio: FloatArray = np.divide(wanted, found, out=np.zeros_like(found), where=found > 0)
    return ratio

"""What a strategy may answer as the columns of its plan."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.arrays import BoolArray, IntArray
from sim.errors import StrategyError


def checked_columns(place: Any, acceptable: BoolArray) -> IntArray:
    """Return the candidate column of each user, after making sure that it can be one.

    Nothing may be guessed here: NumPy would take one column for all users, a mask for columns, and a window beyond what
    somebody can move for an answer as good as any other (tests/unit/test_advisor_columns.py).

    Parameters
    ----------
    place : array_like of int, shape (users,), or int
        -1 gives no advice; a number alone is that of all users.
    acceptable : ndarray of bool, shape (users, candidates)

    Raises
    ------
    StrategyError
        When there is not one column for each user, or one of them is none that the user could accept.
    """
    users, width = acceptable.shape
    column = np.asarray(place)
    if column.size == 0 and users == 0:
        return np.zeros(0, dtype=np.int64)
    if column.ndim > 0 and column.shape != (users,):
        raise StrategyError(f"view.plan was given shape {column.shape}; it needs one column for each of {users} users")
    if not np.issubdtype(column.dtype, np.integer):
        raise StrategyError(f"view.plan was given {column.dtype}; columns have to be integers, -1 for no advice")
    column = np.broadcast_to(column, (users,))
    strange = column[(column < -1) | (column >= width)]
    if len(strange):
        raise StrategyError(
            f"view.plan was given column {strange[0]}; there are 0 to {width - 1}, and -1 for no advice"
        )
    beyond = int((~acceptable[np.arange(users), np.clip(column, 0, None)] & (column >= 0)).sum())
    if beyond:
        who = "a user a window" if beyond == 1 else f"{beyond:,} users windows"
        raise StrategyError(
            f"view.plan would advise {who} that they could not accept; choose columns where view.candidates.acceptable "
            "is True, or -1 for no advice"
        )
    return column

"""How numbers and lists are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any


def to_number(value: Any) -> float:
    """Return a number of a summary as a float; NaN for null and for what is not finite."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return float(value) if math.isfinite(value) else math.nan


def format_number(value: float, decimals: int, sign: bool = False) -> str:
    """Write a number with a true minus sign; a dash where there is none."""
    if math.isnan(value):
        return "–"
    rounded = round(value, decimals) + 0.0
    text = f"{rounded:+,.{decimals}f}" if sign and rounded else f"{rounded:,.{decimals}f}"
    return text.replace("-", "−")


def format_interval(value: float, half_width: float, decimals: int, sign: bool = False) -> str:
    """Write ``value ± half width``; without the second part where there is no interval."""
    text = format_number(value, decimals, sign)
    if math.isnan(half_width) or math.isnan(value):
        return text
    return f"{text} ± {format_number(half_width, decimals)}"


def join_words(parts: Sequence[str], last: str = "and") -> str:
    """Join parts of a sentence with commas and ``and``, or another last word."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"

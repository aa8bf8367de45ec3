"""Suggestions for misspelt names."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

_SHOWN = 12
_LONGEST = 200
"""Letters of a name that a suggestion is looked for; the time for it grows with their square."""
_ALIKE = 0.6
"""Likeness, by `difflib`, from which an option is suggested."""


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """Return `` (did you mean 'x'?)`` for the option most like a word, or an empty text."""
    best = closest(word, options)
    return f" (did you mean {best!r}?)" if best is not None else ""


def closest(word: str, options: Iterable[str]) -> str | None:
    """Return the option most like a word, or None where nothing is like it."""
    if len(word) > _LONGEST:
        return None
    by_plain_form: dict[str, str] = {}
    for option in (option for option in options if len(option) <= _LONGEST):
        by_plain_form.setdefault(_plain(option), option)
    found = difflib.get_close_matches(_plain(word), list(by_plain_form), n=1, cutoff=_ALIKE)
    return by_plain_form[found[0]] if found else None


def nearest(word: str, options: Iterable[str], most: int = 3) -> list[str]:
    """Return the options that are like a word or hold it, the most like it first."""
    if len(word) > _LONGEST:
        return []
    plain = _plain(word)
    likeness = {
        option: difflib.SequenceMatcher(None, _plain(option), plain).ratio()
        for option in options
        if len(option) <= _LONGEST
    }
    near = [option for option, ratio in likeness.items() if ratio >= _ALIKE or (plain and plain in _plain(option))]
    return sorted(near, key=lambda option: (-likeness[option], option))[:most]


def listed(options: Iterable[str]) -> str:
    """Write options as ``a, b, c``, the first dozen where there are many."""
    names = list(options)
    shown = ", ".join(names[:_SHOWN])
    return f"{shown} and {len(names) - _SHOWN} more" if len(names) > _SHOWN else shown


def _plain(word: str) -> str:
    return word.lower().replace("-", "_").replace(" ", "_")

"""Texts found as people type them: in any case, with or without diacritics, in any script."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

_NOT_DECOMPOSED: Final = MappingProxyType(
    str.maketrans(
        {
            "ł": "l",
            "ø": "o",
            "đ": "d",
            "ð": "d",
            "\u0131": "i",
            "æ": "ae",
            "œ": "oe",
            "þ": "th",
            "ħ": "h",
        }
    )
)
"""Letters that Unicode does not take apart into a letter and a mark, as people without them on the keyboard type."""


_APOSTROPHES: Final = ("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def plain_words(text: str) -> str:
    """Return a text in small letters, without diacritics, in one width, with blanks in place of punctuation."""
    taken_apart = unicodedata.normalize("NFKD", text.casefold()).translate(_NOT_DECOMPOSED)
    kept = (
        letter if letter.isalnum() else " "
        for letter in taken_apart
        if not (unicodedata.combining(letter) or letter in _APOSTROPHES)
    )
    return " ".join("".join(kept).split())


def holds(texts: Iterable[str], sought: str) -> bool:
    """Tell whether all words of a sought text stand in texts, as whole words or as parts of them.

    Texts that hold nothing but punctuation are sought as they are.
    """
    everything = list(texts)
    words = plain_words(sought).split()
    if not words:
        return any(sought in text for text in everything)
    there = " ".join(map(plain_words, everything))
    return all(word in there for word in words)

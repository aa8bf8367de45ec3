"""Plain English: people are "they", and "who" asks or belongs to a noun.

The program is read by people from many countries, of whom few speak English at home. "He" for a commuter
leaves half of them out. "Who waits for it" instead of "commuters that wait for it" (a free relative) makes
a reader look for a question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.prose import Sentence, sentences_of

ROOT = Path(__file__).resolve().parent.parent

PRONOUN = re.compile(r"\b(?:he|him|his|himself|she|her|hers|herself)\b", re.IGNORECASE)
NAMES = re.compile(r"\b(?:Liu, He and He)\b")
"""People of the literature who are called so."""

FREE_RELATIVES = (
    # "Who has waited too long leaves"; questions may begin so, titles, and lists as "who gains, who loses".
    re.compile(
        r"^(?:Who|Whose|Whom|… who|… whose) (?!.*\?$|.*(?:, (?:who|how|where|what)| and (?:who|what))\b|\w+\W*$)"
    ),
    # "the wait of who comes late", "room for who changes", "where who follows"
    re.compile(r"\b(?:of|for|to|with|from|than|but|where|when|while|because|since) who (?!.*\?$)"),
    # "those leave who comply", "nobody loses who stays"
    re.compile(r"\b[Tt]hose (?!who\b)[a-z]+(?<!s) who\b"),
    re.compile(r"\b(?:[Ee]verybody|[Nn]obody|[Ss]omebody|[Aa]nybody) (?!who\b|of\b)[a-z]+ who\b"),
    re.compile(r"\b[Aa]ll (?!who\b|people\b)[a-z]+(?<!s) who\b"),
)


def offences(sentence: Sentence) -> Iterator[Sentence]:
    """Yield the sentence if it calls a person he or she, or has a free relative."""
    text = NAMES.sub("NAME", sentence.text)
    if PRONOUN.search(text) or any(pattern.search(text) for pattern in FREE_RELATIVES):
        yield sentence


def pages() -> Iterator[Path]:
    """Yield all files whose prose people read."""
    for folder in ("sim", "tests", "docs", "benchmarks", "studies", ".ci"):
        yield from sorted((ROOT / folder).rglob("*.py"))
    for pattern in ("*.md", "docs/**/*.md", "networks/*/SOURCE.md", "benchmarks/**/*.md", "studies/**/*.md"):
        yield from sorted(ROOT.glob(pattern))
    for pattern in ("scenarios/*.yaml", "notebooks/*.ipynb", "Makefile", "setup.py"):
        yield from sorted(ROOT.glob(pattern))


def found_everywhere() -> Iterator[Sentence]:
    """Yield all sentences to be mended."""
    for page in pages():
        path = page.relative_to(ROOT).as_posix()
        if path != Path(__file__).relative_to(ROOT).as_posix():
            for sentence in sentences_of(path, page.read_text(encoding="utf-8")):
                yield from offences(sentence)


def test_people_are_they_and_who_belongs_to_a_noun():
    assert [str(offence) for offence in found_everywhere()] == []


@pytest.mark.parametrize(
    "text",
    [
        "Who has waited too long leaves.",
        "A place of his own for each.",
        "Return the wait of who comes late.",
        "Choose the window in which those leave who comply.",
        "Nobody loses who stays.",
        "Noise in proportion to it hides him.",
    ],
)
def test_the_check_finds_what_is_meant(text):
    for path, source in (
        ("page.md", f"A title\n\n- {text}\n"),
        ("code.py", f'"""{text}"""\n'),
        ("code.py", f"# {text}\n"),
    ):
        assert [offence for sentence in sentences_of(path, source) for offence in offences(sentence)], path


@pytest.mark.parametrize(
    "text",
    [
        "Commuters who have waited too long leave.",
        "Who gains by it?",
        "Advice: who is told what, and who follows.",
        "Tell `who` from `his`.",
        "The rule of Liu, He and He 2009.",
        "The share of all commuters who follow.",
    ],
)
def test_the_check_leaves_plain_english_alone(text):
    sentences = [*sentences_of("page.md", text), *sentences_of("code.py", f'"""{text}"""\n')]
    assert [offence for sentence in sentences for offence in offences(sentence)] == []

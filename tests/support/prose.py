"""The prose of the project: docstrings, comments, messages and pages, sentence by sentence."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CODE = re.compile(r"```.*?(```|\Z)|``[^`]*``|`[^`]*`", re.DOTALL)
"""What stands between backticks is code, not prose."""
_END = re.compile(r"(?<=[.!?;:])\s+")
_BULLET = re.compile(r"^\s*(?:[-*#|>]+|\d+\.)\s+")
_NEW_LINE_OF_PAGE = re.compile(r"\n(?=\s*(?:[-*|#>]|\d+\.)\s?)|\n\s*\n")


@dataclass(frozen=True)
class Sentence:
    """A sentence, with the place where its paragraph begins.

    What follows a colon or semicolon is a sentence of its own, and begins with "… " if with a small letter.
    """

    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def sentences_of(path: str, source: str) -> Iterator[Sentence]:
    """Yield the sentences of a file.

    Parameters
    ----------
    path : str
        Its suffix says how to read it: of Python sources docstrings, texts and comments are read, of
        YAML files the comments and texts after them, of notebooks the pages between the cells, of
        anything else everything.
    source : str
    """
    readers = {".py": _python, ".ipynb": _notebook}
    for line, paragraph in readers.get(Path(path).suffix, _page)(source):
        text = _BULLET.sub("", _CODE.sub(" CODE ", paragraph))
        for number, part in enumerate(_END.split(" ".join(text.split()).strip())):
            if part:
                yield Sentence(path, line, f"… {part}" if number and part[0].islower() else part)


def _python(source: str) -> Iterator[tuple[int, str]]:
    yield from _comments(source)
    nodes = list(ast.walk(ast.parse(source)))
    inside = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            parts = [str(part.value) if isinstance(part, ast.Constant) else "CODE" for part in node.values]
            yield node.lineno, "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            for number, paragraph in _page(node.value):
                yield node.lineno + number - 1, paragraph


def _comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield comments; lines that follow each other are one."""
    first, last, lines = 0, 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        if lines and token.start[0] != last + 1:
            yield first, " ".join(lines)
            lines = []
        if not lines:
            first = token.start[0]
        lines.append(token.string.lstrip("# "))
        last = token.start[0]
    if lines:
        yield first, " ".join(lines)


def _notebook(source: str) -> Iterator[tuple[int, str]]:
    for cell in json.loads(source)["cells"]:
        text = "".join(cell["source"])
        yield from _page(text) if cell["cell_type"] == "markdown" else _python(text)


def _page(source: str) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of a page; an item of a list, a row of a table and a title are paragraphs too."""
    line, place = 1, 0
    for match in [*_NEW_LINE_OF_PAGE.finditer(source), None]:
        end = len(source) if match is None else match.start()
        paragraph = source[place:end]
        if paragraph.strip():
            yield line, paragraph.replace("\n#", "\n")
        line += source.count("\n", place, end if match is None else match.end())
        place = end if match is None else match.end()

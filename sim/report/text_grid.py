"""Columns of text, aligned for a terminal; a Chinese sign takes two cells there, a mark above a letter none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rich.cells import cell_len, chop_cells

_GAP: Final = "  "
_LEAST_LAST: Final = 20
"""Cells that the last column of a listing has at least; with fewer its names break in too many places."""
_INDENT: Final = " " * 6


def grid(header: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """Align columns, those in `left` to the left, the others to the right, under a ruled header."""
    widths = [max(cell_len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    rule = ["─" * width for width in widths]
    lines = []
    for row in [header, rule, *rows]:
        cells = [
            _padded(cell, width, column in left) for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append(_GAP.join(cells).rstrip())
    return "\n".join(lines)


def fitted_grid(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, left: Sequence[int] = (0,)) -> str:
    """Align columns as `grid` does; where a line cannot hold them, give each row a block with a line for each column.

    Parameters
    ----------
    header, rows, left
        As of `grid`.
    width : int
        Characters that a line may have.
    """
    text = grid(header, rows, left)
    if text_width(text) <= width:
        return text
    others = [cell for row in rows for place, cell in enumerate(row) if place not in left]
    room = width - max(map(cell_len, header)) - len(_GAP)
    column = min(max(map(cell_len, others), default=0), room)
    blocks = []
    for row in rows:
        cells = [
            cell if place in left or cell_len(cell) > room else _padded(cell, column, to_the_left=False)
            for place, cell in enumerate(row)
        ]
        blocks.append(_facts(list(zip(header, cells, strict=True)), width))
    return "\n\n".join(blocks)


def parted_grid(header: Sequence[str], rows: Sequence[Sequence[str]], width: int, first: int = 1) -> str:
    """Align columns as `grid` does; those that a line cannot hold stand in further tables below, with the same rows.

    Rows that are blank in all columns of a table are left out of it. Where a line does not hold the first columns and
    one more, each row gets a block as in `fitted_grid`.

    Parameters
    ----------
    header, rows
        As of `grid`.
    width : int
        Cells that a line may have.
    first : int
        How many columns say what a row is of: they are aligned to the left, and each table begins with them.
    """
    kept = range(first)
    widths = [max(cell_len(row[column]) for row in [header, *rows]) + len(_GAP) for column in range(len(header))]
    room = width + len(_GAP) - sum(widths[:first])
    if max(widths[first:]) > room:
        return fitted_grid(header, rows, width, left=kept)
    parts: list[list[int]] = [[]]
    for column in range(first, len(header)):
        if sum(widths[place] for place in [*parts[-1], column]) > room:
            parts.append([])
        parts[-1].append(column)
    tables = []
    for part in parts:
        shown = [row for row in rows if any(row[column] for column in part)]
        head, *lines = ([row[column] for column in [*kept, *part]] for row in [header, *shown])
        tables.append(grid(head, lines, left=kept))
    return "\n\n".join(tables)


def facts_grid(facts: Mapping[str, str], width: int) -> str:
    """Return names and values in two columns, long values wrapped.

    Parameters
    ----------
    facts : mapping of str to str
    width : int
        Cells that a line may have.
    """
    return _facts(list(facts.items()), width)


def _facts(pairs: Sequence[tuple[str, str]], width: int) -> str:
    """Put values behind their names, or below them where names are so long that they leave them no room."""
    indent = max((cell_len(name) for name, _ in pairs), default=0) + len(_GAP)
    room = width - indent
    lines = []
    for name, value in pairs:
        if room < _LEAST_LAST:
            lines += [*wrapped(name, width), *(f"{_INDENT}{line}" for line in wrapped(value, width - len(_INDENT)))]
            continue
        first, *others = [value] if cell_len(value) <= room else wrapped(value, room)
        lines.append(f"{_padded(name, indent, to_the_left=True)}{first}")
        lines += [f"{' ' * indent}{line}" for line in others]
    return "\n".join(line.rstrip() for line in lines)


def listing(header: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int], width: int) -> str:
    """Align columns as `grid` does, the last one wrapped to what is left of the width.

    Parameters
    ----------
    header, rows, left
        As of `grid`.
    width : int
        Cells that a line may have; where the other columns leave too few of them, the last one has lines of its own.
    """
    widths = [max(cell_len(row[column]) for row in [header, *rows]) for column in range(len(header))]
    before_last = sum(widths[:-1]) + len(_GAP) * (len(widths) - 2)
    room = width - before_last - len(_GAP)
    if room >= widths[-1]:
        return grid(header, rows, left)
    if before_last > width:
        return fitted_grid(header, rows, width, range(len(header)))
    if room >= _LEAST_LAST:
        lines_of = []
        for row in rows:
            first, *others = wrapped(row[-1], room)
            lines_of.append([*row[:-1], first])
            lines_of += [[*[""] * (len(row) - 1), other] for other in others]
        return grid(header, lines_of, left)
    head, rule, *lines = grid(header[:-1], [row[:-1] for row in rows], left).split("\n")
    for row, line in zip(rows, lines, strict=True):
        rule += f"\n{line}"
        rule += "".join(f"\n{_INDENT}{part}" for part in wrapped(row[-1], width - len(_INDENT)))
    return f"{head}\n{rule}"


def text_width(text: str) -> int:
    """Return the cells of the longest line."""
    return max(cell_len(line) for line in text.split("\n"))


def _padded(cell: str, width: int, to_the_left: bool) -> str:
    blank = " " * (width - cell_len(cell))
    return f"{cell}{blank}" if to_the_left else f"{blank}{cell}"


def wrapped(text: str, width: int, more_first: int = 0) -> list[str]:
    """Break a text at blanks so that no line has more cells than the width; words that are longer are broken.

    Parameters
    ----------
    text : str
    width : int
    more_first : int
        How many more cells the first line may have.
    """
    lines = [""]
    for word in re.split(r"[ \t\n]+", text.strip()):
        for piece in chop_cells(word, width):
            longer = f"{lines[-1]} {piece}".lstrip()
            if cell_len(longer) <= width + (more_first if len(lines) == 1 else 0):
                lines[-1] = longer
            else:
                lines.append(piece)
    return lines

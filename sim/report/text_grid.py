"""Columns of text, aligned for a terminal; a Chinese sign takes two cells there, a mark above a letter none."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
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
    names, values = (
        max(cell_len(cell) for cell in cells) for cells in (header, [cell for row in rows for cell in row])
    )
    indent = names + len(_GAP)
    blocks = []
    for row in rows:
        lines = []
        for place, (name, cell) in enumerate(zip(header, row, strict=True)):
            shown_cell = cell if place in left else cell.rjust(min(values, width - indent))
            lines += textwrap.wrap(
                f"{name.ljust(names)}{_GAP}{shown_cell}", width, subsequent_indent=" " * indent, drop_whitespace=False
            )
        blocks.append("\n".join(line.rstrip() for line in lines))
    return "\n\n".join(blocks)


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
        wrapped = []
        for row in rows:
            first, *others = _wrapped(row[-1], room)
            wrapped.append([*row[:-1], first])
            wrapped += [[*[""] * (len(row) - 1), other] for other in others]
        return grid(header, wrapped, left)
    head, rule, *lines = grid(header[:-1], [row[:-1] for row in rows], left).split("\n")
    for row, line in zip(rows, lines, strict=True):
        rule += f"\n{line}"
        rule += "".join(f"\n{_INDENT}{part}" for part in _wrapped(row[-1], width - len(_INDENT)))
    return f"{head}\n{rule}"


def text_width(text: str) -> int:
    """Return the cells of the longest line."""
    return max(cell_len(line) for line in text.split("\n"))


def _padded(cell: str, width: int, to_the_left: bool) -> str:
    blank = " " * (width - cell_len(cell))
    return f"{cell}{blank}" if to_the_left else f"{blank}{cell}"


def _wrapped(text: str, width: int) -> list[str]:
    """Break a text at blanks so that no line has more cells than the width; words that are longer are broken."""
    lines = [""]
    for word in text.split():
        for piece in chop_cells(word, width):
            longer = f"{lines[-1]} {piece}".lstrip()
            if cell_len(longer) <= width:
                lines[-1] = longer
            else:
                lines.append(piece)
    return lines

"""Variants beside each other as aligned text for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sim.report.metric_words import ordered_strategies
from sim.report.text_grid import fitted_grid, grid, text_width
from sim.report.variants_section import VariantBlock, VariantCell, variant_blocks

_MARKS: Final = MappingProxyType({"better": "✓ ", "worse": "✗ ", "": ""})


def variants_table(summary: Mapping[str, Any], width: int = 100) -> str:
    """Return the headline metrics: variants as rows, strategies as columns, changes under the values.

    Where `width` characters do not hold the strategies beside each other, they stand below each other.
    """
    names = ordered_strategies(summary["strategies"])
    blocks = [block for block in variant_blocks(summary) if block.headline and not block.is_nothing]
    base = summary["base"]
    wide = grid(["metric", *names], [row for block in blocks for row in _wide_rows(block, base)])
    text = wide if text_width(wide) <= width else _long(blocks, names, base, width)
    against_none = " or against none in the same variant" if len(names) > 1 else ""
    legend = (
        "± half width of the 95 % interval over replications. Changes are against "
        f"{base} under the same strategy{against_none}, same people and same luck, marked ✓ better or ✗ worse only "
        "where the interval excludes 0."
    )
    return f"{text}\n\n{textwrap.fill(legend, width)}"


def _wide_rows(block: VariantBlock, base: str) -> list[list[str]]:
    rows = [[block.title, *("" for _ in block.rows[0][1])]]
    for name, cells in block.rows:
        rows.append([f"  {name}", *(cell.level for cell in cells)])
        rows.append([f"    against {base}", *map(_change, cells)])
        rows.append(["    against none", *map(_difference, cells)])
    return [row for row in rows if row[0] == block.title or any(row[1:])]


def _long(blocks: list[VariantBlock], names: list[str], base: str, width: int) -> str:
    """Give each variant and strategy a row with value, change and difference."""
    single = len(names) == 1
    head = ["metric", "value", f"against {base}", *([] if single else ["against none"])]
    rows, titles = [], []
    for block in blocks:
        titles.append(block.title)
        for name, cells in block.rows:
            for strategy, cell in zip(names, cells, strict=True):
                label = f"  {name}" if single else f"  {name}, {strategy}"
                rows.append([label, cell.level, _change(cell), *([] if single else [_difference(cell)])])
    text, per_block = grid(head, rows), len(rows) // len(blocks)
    if text_width(text) > width:
        titled = [[titles[place // per_block], *row] for place, row in enumerate(rows)]
        return fitted_grid(["metric", "variant", *head[1:]], titled, width, left=(0, 1))
    lines = text.split("\n")
    shown = lines[:2]
    for place, title in enumerate(titles):
        shown += [title, *lines[2 + place * per_block : 2 + (place + 1) * per_block]]
    return "\n".join(shown)


def _change(cell: VariantCell) -> str:
    return f"{_MARKS[cell.change_mark]}{cell.change}"


def _difference(cell: VariantCell) -> str:
    return f"{_MARKS[cell.difference_mark]}{cell.difference}"

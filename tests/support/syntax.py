"""Sources as trees; many checks read the same ones."""

from __future__ import annotations

import ast
from functools import cache


@cache
def tree_of(source: str) -> ast.Module:
    """Return the tree of a source; nobody may change it, since the next caller gets the same."""
    return ast.parse(source)


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a source, as `ast.walk` gives them."""
    return tuple(ast.walk(tree_of(source)))

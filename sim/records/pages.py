"""The pages of docs/ that are written from declarations."""

from __future__ import annotations

import sys
from pathlib import Path


def write_page(page: Path, text: str) -> int:
    """Write a page, and return an exit code: 1 where it cannot be written, which is told on stderr."""
    try:
        page.write_text(text, encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"{page}: cannot be written: {error.strerror}\n")
        return 1
    return 0

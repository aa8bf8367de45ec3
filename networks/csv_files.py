"""What all build scripts of this folder share: clock times and tables as files."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path


def clock(minute: int) -> str:
    """Write a time of the service day as HH:MM:SS.

    Parameters
    ----------
    minute : int
        Minutes after midnight; 1440 and more run past 24:00.
    """
    return f"{minute // 60:02d}:{minute % 60:02d}:00"


def write_csv(path: Path, header: str, rows: Iterable[Sequence[object]]) -> None:
    """Write one table with a header line, in UTF-8 with LF line ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header.split(","))
        writer.writerows(rows)

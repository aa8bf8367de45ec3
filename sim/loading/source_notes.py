"""What ``SOURCE.md`` says about where the figures of a network come from."""

from __future__ import annotations

from types import MappingProxyType

from sim.loading.network_files import NetworkFiles
from sim.loading.problems import ProblemCollector
from sim.model.notes import SENTENCES, Note, note

SOURCE = "SOURCE.md"
_NOT_OBSERVED = ("synthetic", "derived", "assumed", "schematic")
_KINDS = MappingProxyType({sentence: key for key, sentence in SENTENCES.items() if key.startswith("kind_")})
"""Keys of what the program itself writes as a kind, and of the plain words; whatever else is the writer's own text."""


def read_source(files: NetworkFiles, collector: ProblemCollector) -> str:
    """Return the text of ``SOURCE.md``, which every network folder needs."""
    if files.kind == "gtfs":
        return files.source
    if not files.has(SOURCE):
        message = "the file is missing; say where each figure comes from, its licence, and what is synthetic"
        collector.problem(files.shown_file(SOURCE), message)
        return ""
    text = (files.bytes(SOURCE) or b"").decode("utf-8-sig", errors="replace")
    if not text.strip():
        collector.problem(files.shown_file(SOURCE), "the file is empty; say where each figure comes from")
    return text


def notes_of(text: str) -> tuple[Note, ...]:
    """Return a sentence for each file that ``SOURCE.md`` calls synthetic, derived, assumed or schematic.

    Read from its table with the columns ``file here`` (first) and ``kind`` (last).
    """
    notes = []
    inside = False
    for line in text.splitlines():
        cells = [cell.strip().replace("**", "").replace("`", "") for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|"):
            inside = False
        elif cells[-1].lower() == "kind":
            inside = True
        elif inside and any(word in cells[-1].lower() for word in _NOT_OBSERVED):
            kind = note(_KINDS[cells[-1]]) if cells[-1] in _KINDS else cells[-1]
            notes.append(note("file_is", file=cells[0], kind=kind))
    return tuple(notes)


def is_schematic(text: str) -> bool:
    """Tell whether ``SOURCE.md`` calls positions schematic."""
    return "schematic" in text.lower()

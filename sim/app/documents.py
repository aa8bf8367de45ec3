"""What is sent: bytes with an ETag, made once for a run, kept in its folder and in memory."""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.app.run_library import ServedRun
from sim.records.folder import APP, json_ready

JSON: Final = "application/json"
PROTOBUF: Final = "application/x-protobuf"
_MOST_BYTES: Final = 96 * 2**20
"""What documents in memory may take together, bodies and their compressed forms."""

_LEAST_TO_COMPRESS: Final = 512


@dataclass(frozen=True)
class Document:
    """Something that can be sent as it is.

    Attributes
    ----------
    body, compressed : bytes
        The same, plain and by gzip; short ones are not compressed.
    etag : str
        In quotes, as HTTP has it.
    media_type : str
    """

    body: bytes
    compressed: bytes | None
    etag: str
    media_type: str

    @classmethod
    def of(cls, body: bytes, media_type: str = JSON, etag: str | None = None) -> Document:
        """Compress a body, and name it by its content where it has no name."""
        compressed = gzip.compress(body, 6, mtime=0) if len(body) >= _LEAST_TO_COMPRESS else None
        name = etag or hashlib.sha256(body).hexdigest()[:20]
        return cls(body, compressed, f'"{name}"', media_type)

    @property
    def size(self) -> int:
        """Bytes it takes in memory."""
        return len(self.body) + len(self.compressed or b"") + 200


def json_bytes(value: Any) -> bytes:
    """Return a value as compact JSON; NaN and infinity become null."""
    return json.dumps(json_ready(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


class Shelf:
    """Documents that were made, those used last in memory.

    What hangs on the run alone is kept in its folder besides, so that the next server need not make it; a folder that
    cannot be written to costs only that.

    Parameters
    ----------
    most_bytes : int
        What may be kept in memory.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, str], Document] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def known(self, run: ServedRun, name: str) -> Document | None:
        """Return a document that is in memory; None where it is not."""
        with self._lock:
            found = self._kept.get((run.digest, name))
            if found is not None:
                self._kept.move_to_end((run.digest, name))
            return found

    def made(
        self, run: ServedRun, name: str, make: Callable[[], Any], *, in_folder: bool = True, media_type: str = JSON
    ) -> Document:
        """Return a document of a run, made where it is not known yet.

        Parameters
        ----------
        run : ServedRun
        name : str
            Of letters, digits, dots and dashes where it is kept in the folder.
        make : callable
            Returns what JSON can hold, bytes where the document is of another kind.
        in_folder : bool
            Whether it is kept in the run folder too.
        media_type : str
        """
        found = self.known(run, name)
        if found is not None:
            return found
        file = run.path / APP / f"{run.digest}-{name}.gz" if in_folder else None
        body = _read(file)
        if body is None:
            made = make()
            body = made if isinstance(made, bytes) else json_bytes(made)
            _write(file, body)
        # The body belongs to the name under which callers know a document again: a newer version of the program makes
        # another one of the same run (test_what_was_made_of_a_run_is_kept_in_its_folder_and_goes_with_it).
        etag = hashlib.sha256(f"{run.digest} {name}".encode() + body).hexdigest()[:20]
        document = Document.of(body, media_type, etag)
        self._keep((run.digest, name), document)
        return document

    def _keep(self, key: tuple[str, str], document: Document) -> None:
        with self._lock:
            before = self._kept.pop(key, None)
            self._bytes += document.size - (before.size if before else 0)
            self._kept[key] = document
            while self._bytes > self._most_bytes and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= oldest.size


def _read(file: Path | None) -> bytes | None:
    try:
        return None if file is None else gzip.decompress(file.read_bytes())
    except (OSError, EOFError):
        return None


def _write(file: Path | None, body: bytes) -> None:
    """Put a document into the run folder, whole or not at all."""
    if file is None:
        return
    partial = file.with_name(f".{uuid.uuid4().hex[:12]}")
    try:
        file.parent.mkdir(exist_ok=True)
        # Never written in place: another server may read at any moment, and what is broken is made anew
        # (test_broken_documents_and_folders_that_cannot_be_written_cost_nothing_but_time).
        partial.write_bytes(gzip.compress(body, 6, mtime=0))
        partial.replace(file)
    except OSError:
        with suppress(OSError):
            partial.unlink()

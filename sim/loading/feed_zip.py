"""Members of a zip that holds a feed, none of which can take more memory than a table could need."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from sim.loading.available_memory import gigabytes

DAMAGED: Final = (OSError, EOFError, ValueError, RuntimeError, struct.error, zlib.error, zipfile.BadZipFile)
"""What reading a damaged or encrypted zip may raise; RuntimeError has NotImplementedError in it."""

MOST_TIMES_ITS_SIZE: Final = 200
"""How many times a member may grow when it is unpacked. Tables of feeds grow 5 to 40 times; assumed."""
SMALL: Final = 64 * 1024**2
"""Bytes up to which a member may grow as it likes: a table of equal rows is no attack."""

_CHUNK = 1024**2
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class ZipMember:
    """A file of a zip.

    Attributes
    ----------
    path : PurePosixPath
        In the zip, without ``.`` and double slashes.
    size : int
        Bytes unpacked, as the zip declares them.
    read : callable
        Returns the content, or raises one of `DAMAGED`.
    """

    path: PurePosixPath
    size: int
    read: Callable[[], bytes]


def zip_members(path: Path) -> list[ZipMember]:
    """List the files of a zip; folders, and what macOS adds, are left out.

    Raises
    ------
    OSError, ValueError, zipfile.BadZipFile and others of `DAMAGED`
        When it is no zip that can be read.
    """
    with zipfile.ZipFile(path) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir() and "__MACOSX" not in info.filename]
    return [ZipMember(PurePosixPath(info.filename), info.file_size, _reader(path, info)) for info in infos]


def _reader(path: Path, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        # Only deflate is unpacked piece by piece below: a few thousand bytes of bzip2 become gigabytes at once.
        if info.compress_type not in _METHODS:
            raise zipfile.BadZipFile(
                "it is packed in another way than 'deflate'; pack the feed again as an ordinary zip"
            )
        if info.file_size > max(SMALL, MOST_TIMES_ITS_SIZE * info.compress_size):
            raise zipfile.BadZipFile(
                f"it would grow from {gigabytes(info.compress_size)} to {gigabytes(info.file_size)} when unpacked, "
                f"and more than {MOST_TIMES_ITS_SIZE} times its size is not accepted"
            )
        pieces = []
        with zipfile.ZipFile(path) as archive, archive.open(info) as source:
            # Read to the size that is declared and in small pieces, so that a zip that declares too little cannot
            # unpack more; the check sum at the end tells that it lied (tests/unit/test_loading_zips.py).
            while piece := source.read(_CHUNK):
                pieces.append(piece)
        return b"".join(pieces)

    return read

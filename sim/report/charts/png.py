"""Small pictures with a palette, as addresses that hold their data."""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np

from sim.arrays import IntArray


def data_address(levels: IntArray, palette: IntArray) -> str:
    """Return a picture as a data address.

    Parameters
    ----------
    levels : ndarray of int, shape (rows, columns)
        Rows of the palette; what is beyond it is transparent.
    palette : ndarray of int, shape (colours, 4)
        Red, green, blue and opacity from 0 to 255; less than 255 colours.
    """
    colours = np.vstack([palette, np.zeros((1, 4), dtype=np.int64)]).astype(np.uint8)
    height, width = levels.shape
    # Each row begins with the number of its filter, 0 for none.
    rows = np.zeros((height, width + 1), dtype=np.uint8)
    rows[:, 1:] = levels
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", colours[:, :3].tobytes()),
        (b"tRNS", colours[:, 3].tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    ]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)
    return f"data:image/png;base64,{base64.b64encode(data).decode('ascii')}"


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

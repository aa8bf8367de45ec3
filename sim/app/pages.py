"""The files of the pages: read once, compressed, and found by addresses that are written here."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final

from sim.app.documents import Document

_STATIC: Final = Path(__file__).resolve().parent / "static"

MEDIA_TYPES: Final = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
        ".webmanifest": "application/manifest+json",
    }
)

ADDRESSES: Final = MappingProxyType(
    {"/": "commuter.html", "/board": "board.html", "/about": "about.html", "/api": "api.html"}
)
"""Pages by their address; all other files are below `/static/`."""


class Pages:
    """All files of the pages.

    Attributes
    ----------
    documents : dict of str to Document
        By address.
    """

    def __init__(self) -> None:
        files = {file.name: file for file in sorted(_STATIC.iterdir()) if file.suffix in MEDIA_TYPES}
        made = {name: Document.of(file.read_bytes(), MEDIA_TYPES[file.suffix]) for name, file in files.items()}
        self.documents = {f"/static/{name}": document for name, document in made.items()}
        self.documents |= {address: made[name] for address, name in ADDRESSES.items() if name in made}

"""Libraries in C that an installation makes where it can, and how they are found."""

from __future__ import annotations

from sim.compiled.library import PREFERENCE, NoLibraryError, opened

__all__ = ["PREFERENCE", "NoLibraryError", "opened"]

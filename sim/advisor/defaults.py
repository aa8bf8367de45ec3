"""The strategies of a comparison that names none."""

from __future__ import annotations

DEFAULT_STRATEGIES = ("none", "same_for_all", "individual", "coordinated")

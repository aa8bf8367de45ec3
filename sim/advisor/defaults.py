"""The strategies of a comparison that names none."""

from __future__ import annotations

from sim.model.no_advice import NO_ADVICE

DEFAULT_STRATEGIES = (NO_ADVICE, "same_for_all", "individual", "coordinated")

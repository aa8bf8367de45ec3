"""The name of the strategy that advises nobody: that of scenarios without advice, against which differences are taken.

The name is for keys and tables; whether a strategy advises is asked of it (`sim.advisor.registry.gives_advice`).
"""

from __future__ import annotations

from typing import Final

NO_ADVICE: Final = "none"

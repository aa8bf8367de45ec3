"""What the advisor is shown while a scenario runs."""

from __future__ import annotations

from typing import Any

import numpy as np

import sim
from sim.advisor.strategy import AdvisorView
from sim.model.scenario import Scenario


def views(scenario: Scenario) -> list[AdvisorView]:
    """Return what an advisor who advises everybody's first window is shown, day by day, as long as it has users."""
    heard: list[AdvisorView] = []

    class Listens:
        name = "listens"

        def advise(self, view: AdvisorView) -> Any:
            heard.append(view)
            return view.plan(np.zeros(len(view.users), dtype=np.int64))

    sim.run(scenario, strategy=Listens())
    return [view for view in heard if len(view.users)]

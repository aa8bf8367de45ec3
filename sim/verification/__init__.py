"""Theory beside simulation: quantities with a known answer, simulated by ordinary scenarios.

A case is a name, parameters, an answer from theory, an ordinary scenario of parameters, and
the rule that reads the same number from the tables of its run. Families of cases lie in
`sim.verification.families`, one module each; theory lies in `sim.verification.theory` and
shares no code with the engine or with routing.
"""

from __future__ import annotations

from sim.verification.running import case_ids, run_cases
from sim.verification.scenario_file import write_scenario

__all__ = ["case_ids", "run_cases", "write_scenario"]

"""Theory beside simulation: quantities with a known answer, simulated by ordinary scenarios.

A case is one entry: a name, parameters with bounds, an answer from theory, an ordinary scenario, and the
measure that reads the same number from the tables of its run. Families of cases lie in
`sim.verification.families`, one module each; theory lies in `sim.verification.theory` and
shares no code with the engine or with routing.
"""

from __future__ import annotations

from sim.verification.running import case_ids, case_quantities, measure_runs, run_cases
from sim.verification.scenario_file import write_scenario

__all__ = ["case_ids", "case_quantities", "measure_runs", "run_cases", "write_scenario"]

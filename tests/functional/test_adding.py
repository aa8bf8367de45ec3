"""What CONTRIBUTING says of adding: a rule, a strategy and a metric are one file or one entry, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from support.command import TINY

RULE = """
from sim.model.holding import DeclaredHoldingRule


class HalfAMinute:
    depends_on_loads = False

    def holding_s(self, situation):
        return 30.0


def declared():
    return DeclaredHoldingRule("half_a_minute", "every vehicle stays 30 s longer", lambda numbers: HalfAMinute())
"""

STRATEGY = """
import numpy as np


class FirstWindow:
    name = "first_window"
    label, colour, sentence = "First window", "#123456", "sends everybody off as early as they can."

    def advise(self, view):
        return view.plan(np.zeros(len(view.users), dtype=np.int64))


def declared():
    return (FirstWindow(),)
"""

ADDED = """
import json, sys
from pathlib import Path

from sim.advisor import strategies
from sim.metrics import registry
from sim.metrics.metric import OWN, VISITS, Metric
from sim.model import holding_rules

folder = Path(sys.argv[1])
holding_rules.__path__.append(str(folder / "rules"))
strategies.__path__.append(str(folder / "strategies"))
registry.METRICS += (
    Metric("held_s", "holding", "s", "lower", VISITS, "Holding.", lambda facts: float(facts.visits["holding_s"].max()),
           formula="max(holding_s)", source=OWN),
)

import sim

keys = {"service.holding.rule": "half_a_minute", "advisor.compliance": 1, "replications": 1, "days": 2}
scenario = sim.load_scenario(folder / "tiny.yaml", keys)
result = sim.compare(scenario, strategies=["none", "first_window"])
parts = [result.summary["strategies"][name] for name in ("none", "first_window")]
advised = result.journeys[result.journeys.advised]
print(json.dumps([
    *(part["held_s"]["mean"] for part in parts),
    bool((advised.departure_s < advised.habitual_departure_s).mean() > 0.9),
    [fact["label"] for fact in result.manifest["strategy_facts"] if fact["name"] == "first_window"],
]))
"""


def test_a_rule_a_strategy_and_a_metric_are_one_file_or_entry_each(tmp_path: Path) -> None:
    """In a process of its own: names are read once, when the program starts."""
    for folder, text in (("rules", RULE), ("strategies", STRATEGY)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "of_ones_own.py").write_text(text, encoding="utf-8")
    (tmp_path / "tiny.yaml").write_text(TINY, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ADDED, str(tmp_path)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [30.0, 30.0, True, ["First window"]]

"""The small scenario that tests of sweeps vary."""

from __future__ import annotations

from pathlib import Path

NAMES = ("none", "same_for_all", "coordinated")
"""Strategies that they compare."""


def swept_file(
    folder: Path, name: str, *, replications: int, days: int, commuters: int, baselines: str = "habit"
) -> Path:
    """Write a line with room for fewer people than come in an hour, and return the file."""
    path = folder / f"{name}.yaml"
    path.write_text(
        f"""\
name: {name}
replications: {replications}
days: {days}
baselines: [{baselines}]
network:
  lines:
    - id: A
      stops: [a, b, c]
      running_times: [4 min, 6 min]
      vehicle: bus
      headway: {{mean: 10 min, first: "06:00", trips: 24}}
service:
  vehicles:
    bus: {{seats: 10, capacity: 20}}
  running_time_noise: {{distribution: gamma, cv: 0.2}}
demand:
  flows:
    - {{origin: a, destination: c, pieces: [{{start: "07:00", end: "08:00", commuters: {commuters}}}]}}
advisor:
  compliance: 0.5
""",
        encoding="utf-8",
    )
    return path

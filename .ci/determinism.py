"""Same scenario and seed, same bytes: with one process and with several; another seed gives another run."""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "scenarios" / "xiamen_brt2.yaml"
COMMAND = Path(sys.executable).with_name("peakshift")


def simulate(scenario: Path, out: Path, *, seed: int, jobs: int) -> dict[str, str]:
    """Run the scenario and return file -> hash of all that must be reproducible."""
    options = ["--seed", str(seed), "--replications", "2", "--jobs", str(jobs), "--out", out]
    subprocess.run(
        [COMMAND, "run", scenario, *options],
        check=True,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )
    files = [out / "summary.json", *sorted((out / "tables").glob("*.parquet"))]
    return {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    """Return the names of files that differ or exist on one side only."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def main() -> int:
    """Return 0 if runs are reproducible, else 1 after naming the files that are not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?", type=Path, default=SCENARIO)
    scenario = parser.parse_args().scenario
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        first = simulate(scenario, base / "first", seed=1, jobs=1)
        parallel = simulate(scenario, base / "parallel", seed=1, jobs=2)
        other = simulate(scenario, base / "other", seed=2, jobs=1)
    journeys = str(Path("tables", "journeys.parquet"))
    problems = []
    if journeys not in first:
        problems.append(f"no {journeys} was written")
    if names := differing(first, parallel):
        problems.append(f"seed 1 gives other bytes with two processes than with one: {', '.join(names)}")
    if journeys not in differing(first, other):
        problems.append(f"seeds 1 and 2 give the same {journeys}")
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"determinism: {len(first)} files equal with one process and two, another seed differs")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

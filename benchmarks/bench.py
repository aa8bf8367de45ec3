"""Measure the engines beside the least that the work takes, and beside SUMO: `make bench`.

usage: python benchmarks/bench.py [--sizes M,L] [--rounds 5] [--folder DIR] [--out FILE]

Everything is measured side by side in one run: in each round the lower bound in C, the compiled engine, the SimPy
engine, and the mesoscopic simulation of Eclipse SUMO where it is installed (extra `bench`). Times are of the
processor, which on a busy machine say more than the clock; medians over the rounds. `engine` is one call of
`sim.engine.simulate` with full records, `whole` the process from Python's start to the result. Prints a table of
times and ratios and writes them as JSON. What cannot be measured here, for want of a C compiler or of SUMO, is left
out and said.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
REPEAT = "5"
"""Days in one process, of which the median counts as the time of the engine; in the whole there is one."""
ROUND_ENGINES = ("compiled", "simpy")
SIMPY_ROUNDS = 2
"""Rounds in which the slow ones run too: their share of noise is small."""


@dataclass(frozen=True)
class Process:
    """What a process took: processor seconds, peak memory in MB, and what it printed."""

    seconds: float
    peak_mb: float
    text: str


def run(command: Sequence[str | Path], folder: Path) -> Process:
    """Run a command in a folder and measure it with all that it starts."""
    with tempfile.TemporaryFile("w+") as output:
        child = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if child.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed:\n{text}")
    return Process(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text)


def compiled_bound(folder: Path) -> Path | None:
    """Compile the lower bound; None without a C compiler."""
    compiler = shutil.which(os.environ.get("CC", "cc"))
    if compiler is None:
        return None
    program = folder / "lower_bound"
    subprocess.run(
        [compiler, "-O2", "-march=native", "-o", program, HERE / "lower_bound.c"], check=True, stdin=subprocess.DEVNULL
    )
    return program


def sumo_command() -> list[str]:
    """Return the command that runs SUMO on a translated workload; empty where it is not installed."""
    if importlib.util.find_spec("sumo") is None:
        return []
    # In a process of its own: what this one holds in memory would count as the peak of those that it starts.
    ask = "import gridcity_sumo; print(chr(10).join(gridcity_sumo.command()))"
    return run([sys.executable, "-c", ask], HERE).text.splitlines()


def measured(folder: Path, rounds: int, bound: Path | None, sumo: Sequence[str]) -> dict[str, Any]:
    """Measure one workload; return medians by program."""
    found: dict[str, list[dict[str, float]]] = {}
    exact: dict[str, Any] = {}

    def note(name: str, process: Process, repeated: str = "") -> None:
        row = {"whole_s": process.seconds, "peak_mb": process.peak_mb}
        if repeated:
            result = json.loads(repeated)
            row["engine_s"] = result.pop("simulate_s")
            if exact.setdefault("result", result) != result:
                raise SystemExit(f"{name} finds {result}, others {exact['result']}")
        found.setdefault(name, []).append(row)

    for number in range(rounds):
        if bound is not None:
            once, often = (run([bound, folder / "work.bin", repeat], folder) for repeat in ("1", REPEAT))
            note("lower bound", once, often.text)
        for engine in ROUND_ENGINES if number < SIMPY_ROUNDS else ROUND_ENGINES[:1]:
            command = [sys.executable, HERE / "gridcity.py", folder, "--engine", engine, "--json", "--repeat"]
            once = run([*command, "1"], HERE.parent)
            often = run([*command, REPEAT], HERE.parent) if engine == "compiled" else once
            note(engine, once, often.text)
        if sumo and number < SIMPY_ROUNDS:
            note("SUMO mesosim", run(sumo, folder / "sumo"))
    programs = {
        name: {part: statistics.median(row[part] for row in rows) for part in rows[0]} for name, rows in found.items()
    }
    return {"result": exact["result"], "programs": programs}


def ratios(programs: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return the ratios that goals are set for, as far as their parts were measured."""
    wanted = {
        "compiled engine / lower bound": (("compiled", "engine_s"), ("lower bound", "engine_s")),
        "SimPy engine / compiled engine": (("simpy", "engine_s"), ("compiled", "engine_s")),
        "SUMO whole / compiled engine": (("SUMO mesosim", "whole_s"), ("compiled", "engine_s")),
        "SUMO whole / whole with compiled engine": (("SUMO mesosim", "whole_s"), ("compiled", "whole_s")),
    }
    return {
        name: programs[over][part] / programs[under][other]
        for name, ((over, part), (under, other)) in wanted.items()
        if over in programs and under in programs
    }


def table(sizes: dict[str, dict[str, Any]]) -> str:
    """Write times, memory and ratios as text."""
    lines = [f"{'':6}{'':16}{'engine s':>10}{'whole s':>10}{'peak MB':>9}"]
    for size, found in sizes.items():
        for name, row in found["programs"].items():
            engine = f"{row['engine_s']:.3f}" if "engine_s" in row else ""
            lines.append(f"{size:6}{name:16}{engine:>10}{row['whole_s']:>10.2f}{row['peak_mb']:>9.0f}")
        lines += [f"{size:6}{name:42}{value:8.2f}" for name, value in found["ratios"].items()]
    return "\n".join(lines)


def main() -> None:
    """Measure what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="M,L", help="of XS, S, M, L")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, default=HERE.parent / "runs" / "bench", help="for the workloads")
    parser.add_argument("--out", type=Path, help="JSON file; bench.json in the folder unless given")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    bound, sumo = compiled_bound(options.folder), sumo_command()
    sizes: dict[str, dict[str, Any]] = {}
    for size in options.sizes.split(","):
        folder = options.folder / size
        if not (folder / "work.bin").is_file():
            run([sys.executable, HERE / "gridcity_workload.py", size, folder], HERE)
        if sumo and not (folder / "sumo" / "net.xml").is_file():
            run([sys.executable, HERE / "gridcity_sumo.py", folder, "--translate-only"], HERE)
        found = measured(folder, options.rounds, bound, sumo)
        sizes[size] = {**found, "ratios": ratios(found["programs"])}
    there = {"lower bound: no C compiler": bound is not None, "SUMO: not installed": bool(sumo)}
    left_out = [name for name, is_there in there.items() if not is_there]
    facts = {"machine": platform.platform(), "python": platform.python_version(), "rounds": options.rounds}
    out = options.out or options.folder / "bench.json"
    out.write_text(json.dumps({**facts, "sizes": sizes, "left_out": left_out}, indent=2) + "\n")
    print("\n".join([table(sizes), *(f"left out: {name}" for name in left_out), f"written to {out}"]))


if __name__ == "__main__":
    main()

"""What was done to find faults, and what was found: ``python -m studies.quality [STEP ...]`` writes `docs/quality.md`.

With names of steps it runs their commands first, which takes from minutes to hours, and keeps what they printed in
`studies/quality_found.json`; without any it writes the page from what is kept there. ``--printed FILE STEP`` takes what
the command of one step, or `.ci/run`, has printed into a file already.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sim.records.pages import write_page
from studies.mutation import EXPLAINED, SAMPLE

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "quality.md"
FOUND: Final = Path(__file__).with_name("quality_found.json")

READERS: Final = (
    *("scenario", "setting", "feed", "zip", "folder"),
    *("od", "counts", "observations", "run_folder", "catalogue", "streets", "app"),
)
"""Targets of `tests/support/fuzzing.py`."""


@dataclass(frozen=True)
class Step:
    """One thing that is measured.

    Attributes
    ----------
    group : str
        Heading under which it stands.
    what : str
    command : str
        As a user types it in the project's folder.
    shown : str
        Pattern whose groups are the figures.
    says : str
        What they mean, with a place for each.
    in_ci : str
        What `.ci/run` makes sure of each time; blank where it does not run this.
    """

    group: str
    what: str
    command: str
    shown: str
    says: str
    in_ci: str = ""


def _least_coverage() -> int:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    least: int = settings["tool"]["coverage"]["report"]["fail_under"]
    return least


def _steps() -> dict[str, Step]:
    fuzz = {
        f"fuzz-{name}": Step(
            "Input at random",
            f"reader `{name}`, led by the lines it reaches",
            f"cd tests && ../.venv/bin/python -m fuzz.guided {name} 10000",
            r"Done (\d+)",
            "{0} inputs, no fault",
        )
        for name in READERS
    }
    mutation = {
        f"mutation-{room.replace(' ', '-')}": Step(
            "Changes that tests should notice",
            f"{room}: {', '.join(f'`{module}`' for module in modules)}",
            f".venv/bin/python -m studies.mutation {shlex.quote(room)}",
            r'"tried": (\d+),\s*"killed": (\d+)',
            "{1} of {0} noticed",
        )
        for room, modules in SAMPLE.items()
    }
    thorough = "HYPOTHESIS_PROFILE=thorough .venv/bin/python -m pytest"
    return {
        **fuzz,
        "fuzz-short": Step(
            "Input at random",
            "all readers, the same 40 inputs of each (10 of a slow one) every time",
            ".venv/bin/python -m pytest tests/fuzz",
            r"(\d+) passed",
            "{0} tests passed",
            in_ci="no fault",
        ),
        "api-short": Step(
            "Input at random",
            "the JSON API against its own description, good requests and bad ones, 250 of them",
            ".venv/bin/python -m pytest tests/unit/test_app_schema.py",
            r"(\d+) passed",
            "{0} test passed",
            in_ci="no fault",
        ),
        "api-thorough": Step(
            "Input at random",
            "the same, more than 5,000 requests",
            f"{thorough} tests/unit/test_app_schema.py",
            r"(1) passed",
            "no fault",
        ),
        "faults-short": Step(
            "Faults",
            "killed at 3 moments, a worker killed, full disks, two commands, links, Ctrl-C at 4 moments and twice",
            ".venv/bin/python -m pytest tests/faults",
            r"(\d+) passed",
            "{0} survived",
            in_ci="all survived",
        ),
        "faults-thorough": Step(
            "Faults",
            "the same with 102 moments, Ctrl-C at 40 more and 24 full disks",
            f"{thorough} tests/faults",
            r"(\d+) passed",
            "{0} survived",
        ),
        **mutation,
        "same-everywhere": Step(
            "The same everywhere",
            "without the wide instructions of the processor on both engines, with 1, 2 and 3 processes",
            ".venv/bin/python -m pytest tests/functional/test_same_everywhere.py",
            r"(\d+) passed",
            "{0} comparisons, the same bytes",
            in_ci="the same bytes",
        ),
        "versions": Step(
            "The same everywhere",
            "versions of Python",
            ".venv/bin/python -m studies.versions",
            r'"same": \[(.*?)\], "different": \[(.*?)\]',
            "the same: {0}; different: {1}",
        ),
        "lowest": Step(
            "The same everywhere",
            "the lowest versions of all libraries",
            "make lowest",
            r"(\d+) passed",
            "{0} tests passed",
            in_ci="all unit tests but long ones pass, and a run",
        ),
        "coverage": Step(
            "Coverage",
            "lines and branches of `sim/`",
            "make coverage",
            r"TOTAL[^\n]*?(\d+)%",
            "{0} %",
            in_ci=f"at least {_least_coverage()} %",
        ),
        "power": Step(
            "Power of stochastic cases",
            "cases that would see a bias of 2 % in 9 of 10 runs, as they are run usually",
            ".venv/bin/peakshift verify",
            r"(\d+) of (\d+) with chance in them would see",
            "{0} of {1}",
        ),
        "power-2-percent": Step(
            "Power of stochastic cases",
            "the same, each simulated until it would",
            ".venv/bin/peakshift verify --catch 0.02",
            r"(\d+) of (\d+) with chance in them would see",
            "{0} of {1}",
        ),
        "load": Step(
            "Load",
            "an hour's requests, 300 slow callers, 3,000 connections ([operations](operations.md))",
            ".venv/bin/python -m studies.operations measure",
            r'"answers_afterwards": (true|false)',
            "answers afterwards as before: {0}",
        ),
    }


STEPS: Final = MappingProxyType(_steps())

_HEAD: Final = """\
# Quality

<!-- Written by `python -m studies.quality`; change that, not this page. -->

What was done to find faults, and what came of it. Each row has the command that repeats it; `python -m studies.quality
STEP` runs one and writes this page anew. Rows "in CI" are part of `.ci/run`, which fails where they do not hold.
"""


def measure(name: str) -> dict[str, str]:
    """Run the command of a step and return what is kept of it."""
    step = STEPS[name]
    # One shell, as for the user who copies the command.
    done = subprocess.run(
        step.command,
        shell=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return found_in(name, done.stdout + done.stderr, done.returncode)


def found_in(name: str, output: str, code: int) -> dict[str, str]:
    """Return the figures in what a command printed.

    Parameters
    ----------
    name : str
        Of the step.
    output : str
    code : int
        Exit code; that of mutation is 1 where a change was not noticed.

    Raises
    ------
    ValueError
        When the command failed, or printed no figures.
    """
    step = STEPS[name]
    match = next(reversed(list(re.finditer(step.shown, output, re.DOTALL))), None)
    survived = re.findall(r"^survived  (.*)$", output, re.MULTILINE)
    if match is None or (code and not survived):
        raise ValueError(f"{name}: {step.command} ended with {code}: {output[-400:]}")
    said = step.says.format(*(group.replace('"', "") or "none" for group in match.groups()))
    # Explained as it is known on that day: a line that has changed since is another mutant.
    why = "\n".join(f"`{mutant}`: {EXPLAINED.get(mutant, 'not explained')}" for mutant in survived)
    return {"found": said, "survived": why, "on": datetime.now(tz=UTC).date().isoformat()}


def page(found: Mapping[str, Mapping[str, str]]) -> str:
    """Return the whole page."""
    lines = [_HEAD]
    for group in dict.fromkeys(step.group for step in STEPS.values()):
        lines += [f"## {group}", "", "| what | found | on | command |", "|---|---|---|---|"]
        for name, step in STEPS.items():
            if step.group == group:
                unmeasured = step.in_ci or "not measured yet"
                entry = found.get(name, {"found": unmeasured, "on": "in CI" if step.in_ci else "-"})
                lines.append(f"| {step.what} | {entry['found']} | {entry['on']} | `{step.command}` |")
        lines.append("")
        names = [name for name, step in STEPS.items() if step.group == group]
        survived = [row for name in names for row in _survived(found.get(name, {}))]
        if survived:
            lines += ["Not noticed by any test:", "", *survived, ""]
    return "\n".join(lines)


def _survived(entry: Mapping[str, str]) -> list[str]:
    return [f"- {row}" for row in entry.get("survived", "").split("\n") if row]


def _kept() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FOUND.read_text(encoding="utf-8")) if FOUND.exists() else {}
    return found


def main() -> int:
    """Measure the steps that are named, and write the page."""
    names = sys.argv[1:]
    printed = None
    if names[:1] == ["--printed"]:
        printed = Path(names[1]).read_text(encoding="utf-8", errors="replace")
        names = names[2:]
    for name in names:
        entry = measure(name) if printed is None else found_in(name, printed, 0)
        # Read anew, since another step may have ended in the meantime.
        text = json.dumps({**_kept(), name: entry}, indent=2, sort_keys=True)
        FOUND.write_text(text + "\n", encoding="utf-8")
    return write_page(PAGE, page(_kept()))


if __name__ == "__main__":
    sys.exit(main())

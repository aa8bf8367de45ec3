"""The same tables under every version of Python that is there: ``python -m studies.versions``.

Each version gets an environment of its own with the newest libraries that it can have. A Parquet file depends on the
version of DuckDB that wrote it, so versions that had to take another one are compared by `summary.json` alone.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
VERSIONS: Final = ("3.11", "3.12", "3.13", "3.14")
COMMAND: Final = ("compare", "two_lines_lesson", "--replications", "2", "--strategies", "none,coordinated")
_UV: Final = Path(sys.executable).with_name("uv")


def digests(version: str) -> dict[str, str] | None:
    """Return digests of summary and tables under a version of Python; None where it is not on this machine."""
    found = subprocess.run([_UV, "python", "find", version], capture_output=True, text=True, check=False)
    if found.returncode:
        return None
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        python = place / "venv" / "bin" / "python"
        _quietly(_UV, "venv", "--python", version, place / "venv")
        _quietly(_UV, "pip", "install", "--python", python, ROOT)
        _quietly(place / "venv" / "bin" / "peakshift", *COMMAND, "--out", place / "run")
        files = [place / "run" / "summary.json", *sorted((place / "run" / "tables").glob("*.parquet"))]
        parts = {"duckdb": json.loads((place / "run" / "manifest.json").read_text())["versions"]["duckdb"]}
        return parts | {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in files}


def _quietly(*command: str | Path) -> None:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command[:4]))}: {done.stderr.strip()[-400:]}")


def main() -> int:
    """Print the versions that were compared as JSON; the exit code is 1 where two differ."""
    found = {version: digests(version) for version in VERSIONS}
    there = {version: own for version, own in found.items() if own is not None}
    first = next(iter(there.values()))
    different = [version for version, own in there.items() if _compared(own, first) != _compared(first, own)]
    answer = {"same": [v for v in there if v not in different], "different": different}
    answer["not there"] = [version for version in VERSIONS if version not in there]
    sys.stdout.write(json.dumps(answer) + "\n")
    return 1 if different else 0


def _compared(own: dict[str, str], other: dict[str, str]) -> dict[str, str]:
    same_writer = own["duckdb"] == other["duckdb"]
    return {name: digest for name, digest in own.items() if same_writer or name == "summary.json"}


if __name__ == "__main__":
    sys.exit(main())

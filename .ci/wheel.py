"""A wheel built from the committed files holds the scenarios, networks and templates, and finds them.

It is built twice, with the compiler of this machine and with none: the compiled libraries are in the wheel if and only
if the wheel's name says for which platform, and without it everything else is there all the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
PROBE = "from sim.locations import networks_dir, scenarios_dir; print(scenarios_dir()); print(networks_dir())"
NO_COMPILER = {"CC": str(ROOT / "no" / "such" / "compiler")}
LIBRARIES = ("sim/engine/kernel/_kernel.", "sim/compiled/loops/_loops.")


def tracked_files() -> list[str]:
    """Return the files git knows, as far as they are still there."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True, encoding="utf-8"
    )
    return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def expected_in_wheel(names: list[str]) -> set[str]:
    """Return the wheel's paths of everything the installed program reads or imports."""
    bundled = set()
    for path in map(PurePosixPath, names):
        if path.parts[0] in {"scenarios", "networks"} and path.suffix != ".py" and path.name[0] != ".":
            bundled.add(f"sim/bundled/{path}")
    return bundled | {name for name in names if name.startswith("sim/")}


def build(names: list[str], folder: Path, settings: dict[str, str]) -> Path:
    """Build a wheel from the named files in a new folder, with settings of the environment; return the wheel."""
    source, dist = folder / "source", folder / "dist"
    for name in names:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", dist, source],
        check=True,
        stdin=subprocess.DEVNULL,
        env=os.environ | settings,
    )
    (wheel,) = dist.glob("*.whl")
    return wheel


def problems_of(wheel: Path, expected: set[str], folder: Path) -> list[str]:
    """Return what is wrong with a wheel: files that are missing, its name, or where it looks for its data."""
    installed = folder / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
        held = archive.namelist()
    problems = [f"{name} is not in {wheel.name}" for name in sorted(expected - set(held))]
    libraries = [library for library in LIBRARIES if any(name.startswith(library) for name in held)]
    compiled = bool(libraries)
    python, abi, platform = wheel.stem.split("-")[-3:]
    if (python, abi, platform == "any") != ("py3", "none", not compiled) or len(libraries) not in (0, len(LIBRARIES)):
        problems.append(f"{wheel.name} holds the compiled libraries {libraries}")
    probe = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {PROBE}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
    )
    found = probe.stdout.splitlines()
    wanted = [str(installed / "sim" / "bundled" / part) for part in ("scenarios", "networks")]
    if found != wanted:
        problems.append(f"the data of {wheel.name} is looked for in {found}, not in {wanted}")
    return problems


def main() -> int:
    """Return 0 if the wheels are complete and find their data, else 1 after naming what is missing."""
    names = tracked_files()
    expected = expected_in_wheel(names)
    problems = []
    for settings in ({}, NO_COMPILER):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place).resolve()
            wheel = build(names, folder, settings)
            problems += problems_of(wheel, expected, folder)
            if settings and not wheel.name.endswith("-any.whl"):
                problems.append(f"{wheel.name} names a platform although nothing could be compiled")
        print(f"wheel: {wheel.name} built{' without a compiler' if settings else ''}")
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"wheel: both hold all {len(expected)} files and find their data")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

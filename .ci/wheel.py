"""A wheel built from the committed files holds the scenarios, networks and templates, and finds them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
PROBE = "from sim.locations import networks_dir, scenarios_dir; print(scenarios_dir()); print(networks_dir())"


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


def main() -> int:
    """Return 0 if the wheel is complete and finds its data, else 1 after naming what is missing."""
    names = tracked_files()
    with tempfile.TemporaryDirectory() as folder:
        source, dist, installed = (Path(folder).resolve() / part for part in ("source", "dist", "installed"))
        for name in names:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, source / name)
        subprocess.run(
            [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", dist, source],
            check=True,
            stdin=subprocess.DEVNULL,
        )
        (wheel,) = dist.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(installed)
            missing = sorted(expected_in_wheel(names) - set(archive.namelist()))
        probe = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {PROBE}"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        found = probe.stdout.splitlines()
        wanted = [str(installed / "sim" / "bundled" / part) for part in ("scenarios", "networks")]
    for name in missing:
        print(f"{name} is not in the wheel", file=sys.stderr)
    if found != wanted:
        print(f"the wheel's data is looked for in {found}, not in {wanted}", file=sys.stderr)
    if missing or found != wanted:
        return 1
    print(f"wheel: {wheel.name} holds all {len(expected_in_wheel(names))} files and finds its data")
    return 0


if __name__ == "__main__":
    sys.exit(main())

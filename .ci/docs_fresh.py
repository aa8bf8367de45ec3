"""The generated pages of docs/ are what their generator writes today; the tree is left as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GENERATED = {
    "sim.loading.scenario_reference": ("docs/scenario-reference.md", "docs/scenario.schema.json"),
    "sim.records.reference": ("docs/tables.md",),
    "sim.metrics.reference": ("docs/metrics.md",),
    "sim.advisor.reference": ("docs/strategies.md",),
    "studies.incentive_presets": ("docs/incentive-presets.md",),
    "studies.interval_coverage": ("docs/interval-coverage.md",),
    "studies.licences": ("docs/licences.md",),
    "studies.operations": ("docs/operations.md",),
    "studies.quality": ("docs/quality.md",),
}
"""Pages by the module that writes them. docs/validation.md is not among them, since its data are not in the project."""


def main() -> int:
    """Return 0 if all generated pages are up to date, else 1 after naming the stale ones."""
    pages = [ROOT / name for names in GENERATED.values() for name in names]
    before = {page: page.read_bytes() if page.exists() else None for page in pages}
    try:
        for module in GENERATED:
            subprocess.run([sys.executable, "-m", module], cwd=ROOT, check=True)
        stale = [page for page in pages if not page.exists() or page.read_bytes() != before[page]]
    finally:
        for page, content in before.items():
            if content is not None:
                page.write_bytes(content)
            else:
                page.unlink(missing_ok=True)
    for page in stale:
        print(f"{page.relative_to(ROOT)} is out of date: run `make docs` and commit it", file=sys.stderr)
    if not stale:
        print(f"generated docs: {len(pages)} pages up to date")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())

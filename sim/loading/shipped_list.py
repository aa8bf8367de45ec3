"""What comes with peakshift, each with what it is."""

from __future__ import annotations

from sim.loading.shipped import shipped_networks, shipped_scenarios
from sim.loading.yaml_source import child_of, parse_yaml
from sim.locations import networks_dir, scenarios_dir


def described_scenarios() -> dict[str, str]:
    """Return the description of each scenario by its name."""
    return {name: _description(name) for name in shipped_scenarios()}


def described_networks() -> dict[str, str]:
    """Return the title of ``SOURCE.md`` of each network by its name."""
    found = {}
    for name in shipped_networks():
        title, _, _ = (networks_dir() / name / "SOURCE.md").read_text(encoding="utf-8").partition("\n")
        found[name] = title.removeprefix("# ").removesuffix(": sources")
    return found


def _description(name: str) -> str:
    text = (scenarios_dir() / f"{name}.yaml").read_text(encoding="utf-8")
    root, _ = parse_yaml(text, name)
    described = None if root is None else child_of(root, "description")
    return "" if described is None else str(described.value).strip()

"""What is shipped and what is installed with it, each with its licence: ``python -m studies.licences``.

Writes `docs/licences.md`. Data are looked up in the `SOURCE.md` of their network, libraries in `setup.cfg`;
``tests/test_licences.py`` holds the names of licences below to what the installed libraries say themselves.
"""

from __future__ import annotations

import configparser
import re
import sys
from pathlib import Path
from types import MappingProxyType
from typing import Final

from sim.records.pages import write_page

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "licences.md"

LICENCES: Final = MappingProxyType(
    {
        "simpy": "MIT",
        "networkx": "BSD-3-Clause",
        "numpy": "BSD-3-Clause",
        "scipy": "BSD-3-Clause",
        "matplotlib": "PSF (matplotlib)",
        "click": "BSD-3-Clause",
        "pydantic": "MIT",
        "ruamel.yaml": "MIT",
        "duckdb": "MIT",
        "jinja2": "BSD-3-Clause",
        "rich": "MIT",
        "joblib": "BSD-3-Clause",
        "psutil": "BSD-3-Clause",
        "fastapi": "MIT",
        "uvicorn": "BSD-3-Clause",
        "httptools": "MIT",
        "gtfs-realtime-bindings": "Apache-2.0",
        "pandas": "BSD-3-Clause",
        "ipykernel": "BSD-3-Clause",
        "nbclient": "BSD-3-Clause",
        "nbformat": "BSD-3-Clause",
        "distributed": "BSD-3-Clause",
        "h5py": "BSD-3-Clause",
    }
)
"""Licences of what an installation of peakshift, or of an extra for users, brings along."""

FOR_USERS: Final = ("web", "notebook", "cluster", "omx")
"""Extras that users install; those for developers are not shipped."""

_HEAD: Final = """\
# What is shipped, and under which licence

<!-- Written by `python -m studies.licences`; change that, not this page. -->

peakshift itself is under the MIT licence ([LICENSE](../LICENSE)); no code of other projects is copied into it.
`make bom` writes the bill of materials of an installation in the CycloneDX format to `build/bom.json`, with all that
these libraries bring along themselves.
"""


def requirements() -> dict[str, list[tuple[str, str]]]:
    """Return names and bounds of what an installation brings along, by extra; blank for the package alone."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    extras = setup["options.extras_require"]
    texts = {"": setup["options"]["install_requires"], **{name: extras[name] for name in FOR_USERS if name in extras}}
    return {name: [_split(line) for line in text.strip().splitlines()] for name, text in texts.items()}


def _split(line: str) -> tuple[str, str]:
    match = re.fullmatch(r"([A-Za-z0-9_.-]+)(?:\[[^]]*\])?(.*)", line.strip())
    if match is None:
        raise ValueError(f"{line!r} is no requirement")
    return match[1].lower(), match[2]


def licence_of_network(source: str) -> str:
    """Return the licences that the `SOURCE.md` of a network names for what it was made from."""
    plain = " ".join(source.split())
    found = re.findall(r"[Ll]icence: (?:the repository's `LICENSE` file is the )?(MIT|Apache-2\.0|[^,.;]{1,60})", plain)
    return ", ".join(dict.fromkeys(found)) if found else "nothing of others in it; MIT"


def page() -> str:
    """Return the whole page."""
    lines = [_HEAD, "## Data in the package", "", "| network | licence of its sources |", "|---|---|"]
    for folder in sorted(path.parent for path in (ROOT / "networks").glob("*/SOURCE.md")):
        licence = licence_of_network((folder / "SOURCE.md").read_text(encoding="utf-8"))
        lines.append(f"| `networks/{folder.name}` | {licence} |")
    lines += ["", "Each `SOURCE.md` has the full texts, and says what is synthetic.", ""]
    for extra, wanted in requirements().items():
        title = f"With `peakshift[{extra}]`" if extra else "Libraries that are installed with it"
        lines += [f"## {title}", "", "| library | versions | licence |", "|---|---|---|"]
        lines += [f"| {name} | {bounds.replace(',', ', ')} | {LICENCES[name]} |" for name, bounds in wanted]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    """Write the page."""
    return write_page(PAGE, page())


if __name__ == "__main__":
    sys.exit(main())

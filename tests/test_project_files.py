"""Files beside the program agree with each other: version, licence, extras, hooks, links between pages."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent


def read_yaml(name: str) -> dict[str, Any]:
    """Return what a YAML file of the project holds."""
    return dict(YAML(typ="safe").load(ROOT / name))


@pytest.fixture(scope="module")
def metadata() -> configparser.ConfigParser:
    """The metadata of the package."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def test_the_citation_names_version_and_licence_of_the_package(metadata):
    citation = read_yaml("CITATION.cff")
    assert citation["version"] == metadata["metadata"]["version"]
    assert citation["license"] == metadata["metadata"]["license"]


def test_the_changelog_has_a_place_for_what_is_not_released(metadata):
    head = re.search(r"^## \[Unreleased\](?: - (\S+))?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert head is not None
    assert head[1] in {None, metadata["metadata"]["version"]}


def test_hooks_before_a_commit_fetch_nothing():
    (repository,) = read_yaml(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} <= {"system", "pygrep"}


def test_types_of_every_test_are_checked_as_those_of_tests():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mypy"]
    named = {name for override in settings["overrides"] for name in override["module"]}
    top = {path.stem for path in (ROOT / "tests").glob("test_*.py")}
    folders = {f"{path.name}.*" for path in (ROOT / "tests").iterdir() if any(path.glob("test_*.py"))}
    assert sorted((top | folders) - named) == []


def test_readme_names_every_notebook_and_every_page_of_a_lesson_or_scenario():
    """What comes along for somebody who reads nothing else is found from there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    lessons = {
        path.stem
        for path in (ROOT / "scenarios").glob("*.yaml")
        if "made up for lessons" in path.read_text(encoding="utf-8").lower()
    }
    assert len(lessons) >= 4
    shown = [path.stem for path in sorted((ROOT / "scenarios").glob("*.yaml"))]
    pages = [
        path.name
        for path in sorted((ROOT / "docs").glob("*.md"))
        if any(path.stem.replace("-", "_").startswith(name.removeprefix("xiamen_brt2_")) for name in shown)
    ]
    notebooks = [path.name for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert len(pages) >= 4
    assert [name for name in [*sorted(lessons), *pages, *notebooks] if name not in readme] == []


def links_of(page: str) -> list[str]:
    """Return the targets of links of a page that lie in the project."""
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page)
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])
OF_TODAY = [page for page in PAGES if page.name != "CHANGELOG.md"]
"""The history names files and modules that are gone."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page):
    missing = [link for link in links_of(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert missing == []


NAMED = re.compile(r"`((?:sim|tests|docs|scenarios|networks|benchmarks|notebooks|studies|\.ci)/[\w./-]+\.\w+)`")
"""A file of the project named in the text of a page."""
MADE_BY_USERS = re.compile(r"/(?:mine|mycity)\b")


@pytest.mark.parametrize("page", OF_TODAY, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_pages_name_exist(page):
    named = {name for name in NAMED.findall(page.read_text(encoding="utf-8")) if not MADE_BY_USERS.search(name)}
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


MODULE = re.compile(r"`(sim(?:\.[a-z_]\w*)+)")
"""A module named in the text of a page, perhaps with a function behind it."""


def is_module(name: str) -> bool:
    """Tell whether a dotted name is a module or package, or something that one of them holds."""
    for length in range(len(name.split(".")), 1, -1):
        path = ROOT.joinpath(*name.split(".")[:length])
        if path.is_dir() or path.with_suffix(".py").exists():
            rest = name.split(".")[length:]
            source = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
            return not rest or re.search(rf"\b{rest[0]}\b", source) is not None
    return name.split(".")[1] in (ROOT / "sim" / "__init__.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", OF_TODAY, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_modules_that_pages_name_exist(page):
    assert sorted(name for name in set(MODULE.findall(page.read_text(encoding="utf-8"))) if not is_module(name)) == []


def test_a_link_that_leads_nowhere_is_found():
    assert links_of("see [it](docs/none.md#part) and [that](https://example.org/x)") == ["docs/none.md"]
    assert not is_module("sim.engine.no_such_module")
    assert not is_module("sim.nothing_like_it")
    assert is_module("sim.load_scenario")

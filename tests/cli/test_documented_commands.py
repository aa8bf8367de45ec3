"""Commands and code that README and docs show: options exist, keys are accepted, code runs.

What the commands print is held by `tests/functional/test_page_tables.py`, where a page states it.
"""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import click
import pytest
from support.command import FEW_REHEARSALS, call

import sim
from sim.cli.main import main
from sim.locations import scenarios_dir

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def commands(page: Path) -> list[str]:
    """Return the peakshift commands of the blocks of a page, continued lines joined, comments left out."""
    lines = [line for _, body in BLOCK.findall(page.read_text()) for line in body.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line.startswith("peakshift ")]


def test_commands_are_found_and_joined():
    shown = [command for page in PAGES for command in commands(page)]
    assert len(shown) > 30
    assert any("stagger_groups=3 --out runs/staggered" in command for command in shown)


def parsed(command: str, monkeypatch) -> click.Context:
    """Let the command line read a command without doing it."""
    contexts = []
    with monkeypatch.context() as patch:
        patch.setattr(click.Command, "invoke", lambda _self, context: contexts.append(context))
        main.main(shlex.split(command, comments=True)[1:], prog_name="peakshift", standalone_mode=False)
    return contexts[-1]


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.stem)
def test_every_command_is_understood(page, monkeypatch):
    for command in commands(page):
        context = parsed(command, monkeypatch)
        assert not isinstance(context.command, click.Group), command


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.stem)
def test_keys_are_accepted_by_the_scenarios_that_commands_name(page):
    for command in commands(page):
        words = shlex.split(command, comments=True)
        named = [word for word in words if not word.startswith("runs/")]
        shipped = [word for word in named if (scenarios_dir() / f"{Path(word).stem}.yaml").is_file()]
        if words[1] == "verify" or not shipped:
            continue
        pairs = list(pairwise(words))
        changes = [value for option, value in pairs if option == "--set"]
        varied = [re.sub(r",.*", "", value) for option, value in pairs if option == "--vary"]
        sim.load_scenario(shipped[0], [*changes, *varied])


FEW_DAYS = ["--replications", "1", "--set", "days=2", "--set", "baselines=[habit]"]
SMALLER = {
    "run": ["--replications", "1"],
    "compare": [*FEW_DAYS, *FEW_REHEARSALS],
    "sweep": [*FEW_DAYS, *FEW_REHEARSALS],
}
"""What makes a command of a lesson quick, laid over its own options."""


def test_commands_of_lessons_run(folder, monkeypatch):
    monkeypatch.chdir(folder)
    shown = commands(ROOT / "docs" / "two-lines-lesson.md")
    assert {shlex.split(command)[1] for command in shown} == set(SMALLER)
    for number, command in enumerate(shown):
        words = shlex.split(command.replace("0.1,0.2,0.4,1", "0.1,1").replace("replications=5", "replications=1"))[1:]
        done = call(*words, *SMALLER[words[0]], "--out", f"runs/{number}")
        assert done.exit_code == 0, done.output


def test_a_misspelt_option_is_noticed(monkeypatch):
    with pytest.raises(click.UsageError):
        parsed("peakshift run mandl --replication-count 3", monkeypatch)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder from which the pages' paths lead somewhere, with a small comparison where pages read their own runs."""
    folder = tmp_path_factory.mktemp("pages")
    for name in ("scenarios", "networks"):
        (folder / name).symlink_to(ROOT / name)
    small = sim.compare("two_lines_lesson", ["none", "individual"], overrides={"days": 2}, replications=2)
    for name in ("beijing_early_bird", "before", "after"):
        small.write(folder / "runs" / name)
    return folder


SMALL = '"days": 2, "replications": 2, "advisor.rehearsal": {"draws": 2, "rounds": 2, "mixtures": 0}'
"""What makes the comparisons of pages quick."""


@pytest.mark.parametrize("name", ["docs/first-steps.md", "docs/beijing-early-bird.md", "docs/jingjinji-regional.md"])
def test_code_runs(name, folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    blocks = [body for language, body in BLOCK.findall((ROOT / name).read_text()) if language == "python"]
    assert blocks
    space: dict[str, object] = {}
    for block in blocks:
        smaller = block.replace("replications=10", "replications=2").replace("xiamen_brt2_surge", "two_lines_lesson")
        smaller = smaller.replace("changes = {", f"changes = {{{SMALL}, ")
        exec(compile(smaller, name, "exec"), space)
    capsys.readouterr()


def test_no_code_is_left_out():
    with_code = {page.name for page in PAGES for language, _ in BLOCK.findall(page.read_text()) if language == "python"}
    assert with_code == {"first-steps.md", "beijing-early-bird.md", "jingjinji-regional.md"}

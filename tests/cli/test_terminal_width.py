"""Commands that print a table, in terminals of 60 and 80 columns: no line is longer, whatever things are named."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from support.command import FEW_REHEARSALS, TINY, call

WIDTHS = (60, 80)
LONG = "通州北苑地铁站东口 (a stop with a name that goes on)"
NAMED = TINY.replace("stops: [a, b, c]", f'stops: [a, b, "{LONG}"]').replace("destination: c", f'destination: "{LONG}"')
VARIANTS = """\
variants:
  a_variant_with_a_long_name_indeed:
    advisor: {penetration: 0.3}
"""
PLACES = ("run folder", "report", "app  ", "sweep folder", "folder", "bookings", "scenarios")
"""What lines begin with that name a folder; they are as long as its path is."""

COUNTS = f"counts,stop_id,start,end,persons\nboarding,a,06:00,07:00,100\nalighting,{LONG},06:00,07:00,90\n"
ASKED = ("--from", "a", "--to", LONG, "--arrive-by", "08:00")


def assert_fits(stdout: str, columns: int) -> None:
    """Make sure that no line has more cells than the terminal, but those that name a folder."""
    lines = [line for line in stdout.splitlines() if not line.startswith(PLACES)]
    assert lines
    assert [line for line in lines if cell_len(line) > columns] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a scenario of long names, a run of it and what the commands read besides."""
    folder = tmp_path_factory.mktemp("widths")
    (folder / "named.yaml").write_text(NAMED, encoding="utf-8")
    (folder / "counts.csv").write_text(COUNTS, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Path:
    """The folder of a comparison, whose table is looked at on the way."""
    out = folder / "runs" / "named"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sim.report.html.render_report", lambda *_: "<!doctype html><title>plain</title>")
        strategies = "none,same_for_all,individual,coordinated_fair"
        done = call(
            "compare", folder / "named.yaml", "--strategies", strategies, "--out", out, *FEW_REHEARSALS, columns=60
        )
    assert done.exit_code == 0, done.output
    assert "saved (min), of that by" in done.stdout
    assert_fits(done.stdout, 60)
    return out


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize(
    "command",
    [
        ("advise", "RUN", *ASKED),
        ("advise", "RUN", *ASKED, "--book"),
        ("advise", "RUN", "--score"),
        ("network", "fit", "RUN", "counts.csv"),
        ("network", "info", "jingjinji"),
        ("network", "stops", "jingjinji", "Zhangjiakou"),
        ("network", "lines", "beijing_subway"),
        ("demand", "profiles"),
        ("network", "list"),
        ("scenarios",),
        ("keys", "advisor"),
        ("keys", "advisor.incentive.stagger_edge"),
        ("verify", "--list"),
        ("verify", "bpr"),
    ],
    ids=lambda words: "-".join(word for word in words[:2] if word.isalpha()),
)
def test_tables_fit_the_terminal(folder, run, monkeypatch, command, columns):
    monkeypatch.chdir(folder)
    done = call(*(run if word == "RUN" else word for word in command), columns=columns)
    assert done.exit_code == 0, done.output
    assert_fits(done.stdout, columns)


@pytest.mark.parametrize(
    "command",
    [
        ("run", "named.yaml"),
        ("sweep", "named.yaml", "--vary", "advisor.penetration=0,0.5", "--strategies", "coordinated_fair"),
        ("compare", "variants.yaml", "--strategies", "none,individual"),
        ("optimum", "named.yaml", "--rounds", "1", "--fresh", "2", "--hindsight", "0", "--replications", "1"),
    ],
    ids=lambda words: words[0],
)
def test_tables_of_what_is_simulated_fit_the_narrowest_terminal(folder, monkeypatch, plain_report, command):
    monkeypatch.chdir(folder)
    (folder / "variants.yaml").write_text(NAMED + VARIANTS, encoding="utf-8")
    done = call(*command, *FEW_REHEARSALS, columns=60)
    assert done.exit_code == 0, done.output
    assert_fits(done.stdout, 60)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--observed", "nothere.csv", "nothere.csv: there is no such file"),
        ("--observed", "tiny.yaml", "counts are a table"),
    ],
)
def test_a_problem_names_the_option_that_gave_it(here, option, value, said):
    done = call("run", "tiny.yaml", option, value)
    assert done.exit_code == 1
    assert done.stderr.startswith(f"{option}: ")
    assert said in done.stderr
    assert "--set" not in done.stderr
    # What --set itself gave is still its own.
    assert call("run", "tiny.yaml", "--set", "advisor.penetration=7").stderr.startswith("--set: advisor.penetration")

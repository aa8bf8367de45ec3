"""The scenario that `init` writes: its examples of variants hold once they are no comments any more."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command import call
from support.small_network import write_network

NETWORKS = ("xiamen_brt2", "mandl", "athens_metro", "corridor", "two_lines", "jingjinji")


def uncommented(text: str) -> str:
    """Return a scenario file with its example variants."""
    before, found, after = text.partition("# variants:\n")
    assert found
    return before + "variants:\n" + "".join(line.removeprefix("# ") + "\n" for line in after.splitlines())


@pytest.mark.parametrize("network", NETWORKS)
def test_the_examples_of_init_are_variants_of_the_network(here: Path, network: str):
    assert call("init", network, "--out", "mine.yaml").exit_code == 0
    text = (here / "mine.yaml").read_text("utf-8")
    # The date in its comment is one of the network as well.
    with_date = (
        uncommented(text).replace('  # date: "', '  date: "').replace("          the first date", "  # the first date")
    )
    assert re.search(r'^  date: "\d{4}-\d{2}-\d{2}"  # the first', with_date, re.MULTILINE)
    (here / "mine.yaml").write_text(with_date, encoding="utf-8")
    done = call("validate", "mine.yaml")
    assert done.exit_code == 0, done.stderr
    for kind in ("headway", "retime_trips", "cancel_trips", "add_trips", "slow_street", "close_street", "new_line"):
        assert f"- {kind}: " in text


def test_the_examples_of_init_can_be_compared(here: Path):
    write_network(here / "net")
    (here / "net" / "demand").mkdir(exist_ok=True)
    header = "origin_stop_id,destination_stop_id,period_start,period_end,commuters\n"
    (here / "net" / "demand" / "od.csv").write_text(f"{header}A,C,06:00:00,08:00:00,30\n", encoding="utf-8")
    assert call("init", "net", "--out", "mine.yaml").exit_code == 0
    text = (here / "mine.yaml").read_text("utf-8")
    (here / "mine.yaml").write_text(uncommented(text), encoding="utf-8")
    settings = ("--strategies", "none", "--replications", "1", "--set", "days=1", "--out", "out")
    done = call("compare", "mine.yaml", *settings)
    assert done.exit_code == 0, done.stderr
    assert "half_headway" in done.stdout

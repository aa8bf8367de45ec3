"""``python -m sim.cli`` for where the command `peakshift` is not on the path."""

from __future__ import annotations

from sim.cli.entry import main

main(prog_name="peakshift")

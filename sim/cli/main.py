"""The command `peakshift`."""

from __future__ import annotations

import io
import os
import sys
import warnings
from typing import Any, Final

import click

from sim import __version__
from sim.cli.failures import second_interrupt_ends, told_in_one_line
from sim.cli.lazy import LazyGroup

_LEAKED: Final = "ignore:resource_tracker:UserWarning"

COMMANDS: Final = {
    "run": "sim.cli.run:run",
    "compare": "sim.cli.compare:compare",
    "sweep": "sim.cli.sweep:sweep",
    "optimum": "sim.cli.optimum:optimum",
    "advise": "sim.cli.advise:advise",
    "validate": "sim.cli.validate:validate",
    "network": "sim.cli.network:network",
    "demand": "sim.cli.demand:demand",
    "init": "sim.cli.init:init",
    "scenarios": "sim.cli.shipped:scenarios",
    "keys": "sim.cli.keys:keys",
    "verify": "sim.cli.verify:verify",
    "calibrate": "sim.cli.calibrate:calibrate",
    "report": "sim.cli.report:report",
    "serve": "sim.cli.serve:serve",
}


class Peakshift(LazyGroup):
    """The whole command line, with the answer to all errors a user can cause."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the command line."""
        with told_in_one_line():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")  # a terminal without ± shall show ?, not a traceback
        # Told when Ctrl-C leaves replications unused, which is what was wished.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"joblib\.")
        _quiet_helpers()
        with second_interrupt_ends(), told_in_one_line():
            return super().invoke(ctx)


def _quiet_helpers() -> None:
    """Let the process that clears away after killed workers do so without a word; it reads its filters from here."""
    known = os.environ.get("PYTHONWARNINGS", "")
    if _LEAKED not in known:
        os.environ["PYTHONWARNINGS"] = f"{known},{_LEAKED}".lstrip(",")


@click.group(
    cls=Peakshift,
    commands_at=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with: peakshift compare xiamen_brt2_surge",
)
@click.version_option(__version__, prog_name="peakshift")
def main() -> None:
    """Simulate city transit, recommend when to travel, and measure what the advice does."""

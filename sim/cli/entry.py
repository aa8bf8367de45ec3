"""Where the command begins: Ctrl-C ends it without a word also while its modules are being read."""

from __future__ import annotations

import signal
from typing import Any


def main(**options: Any) -> None:
    """Read the command and run it.

    Parameters
    ----------
    **options
        As of a command of click.
    """
    decides = signal.getsignal(signal.SIGINT)
    # Invariant: until somebody answers for Ctrl-C it ends the process, as the shell knows it, and nobody reads a
    # traceback of imports (test_ctrl_c_while_modules_are_read_says_nothing). Where it is ignored it stays so.
    if decides is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from sim.cli.main import main as command

    signal.signal(signal.SIGINT, decides)
    command(**options)

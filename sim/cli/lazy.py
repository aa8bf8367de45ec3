"""A group whose commands are imported when they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that knows its commands by the module they are defined in.

    Parameters
    ----------
    *args, **settings
        As for `click.Group`.
    commands_at : mapping of str to str
        ``module:name`` of each command, in the order of the help text.
    """

    def __init__(self, *args: Any, commands_at: Mapping[str, str], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._commands_at = dict(commands_at)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order given."""
        return list(self._commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command, or return None where there is none of that name."""
        found = self._commands_at.get(cmd_name)
        if found is None:
            return None
        module, _, name = found.partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the arguments begin with; where there is none, name the one most like it."""
        if args[0] not in self._commands_at and not args[0].startswith("-"):
            from sim.loading.hints import did_you_mean

            ctx.fail(f"There is no command {args[0]!r}{did_you_mean(args[0], self._commands_at)}.")
        return super().resolve_command(ctx, args)

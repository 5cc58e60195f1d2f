"""A group of commands that are imported when they are called: help stays instant."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports them late."""

    def __init__(self, *args: Any, package: str, table: Mapping[str, tuple[str, str]], **more: Any) -> None:
        """Know ``table``: command → (module below ``package`` that has a ``command``, one-line help)."""
        super().__init__(*args, **more)
        self._package = package
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of use."""
        del ctx
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command's module; an unknown name is told with the nearest one."""
        if cmd_name not in self._table:
            from pixelproof.documents.document import nearest

            ctx.fail(f"there is no command '{cmd_name}'; {nearest(cmd_name, self._table)}")
        module = importlib.import_module(f"{self._package}.{self._table[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in self._table.items()])

"""``pixelproof specs``: look into contracts, check, compare, export and begin them."""

from __future__ import annotations

from collections.abc import Mapping

import click

from pixelproof.cli.lazily import LazyGroup

#: command → (module of this package, one-line help)
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "list": ("listing", "List the shipped contracts."),
    "show": ("showing", "Show what a contract says, for people."),
    "lint": ("linting", "Find what is wrong or suspicious in a contract."),
    "export": ("exporting", "Write a contract as OpenAPI 3.1 or Markdown."),
    "diff": ("differing", "Tell what a caller must change to move from one provider to another."),
    "new": ("beginning", "Begin a contract of your own from a shipped one."),
}


@click.command(
    cls=LazyGroup,
    package="pixelproof.cli.specs",
    table=_COMMANDS,
    epilog="P and FILE: a shipped profile by name, or the path of a contract.yaml.",
)
def command() -> None:
    """Look into contracts: list, show, lint, export, diff, new.

    \b
    Examples:
      pixelproof specs show aivene
      pixelproof specs diff openai aivene
      pixelproof specs new acme --extends openai
    """  # noqa: D301 - click's marker for a verbatim block

"""``pixelproof waivers``: findings that somebody accepts."""

from __future__ import annotations

from collections.abc import Mapping

import click

from pixelproof.cli.lazily import LazyGroup

#: command → (module of this package, one-line help)
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "write": ("writing", "Write one waiver for each cause of findings in a record."),
}


@click.command(
    cls=LazyGroup,
    package="pixelproof.cli.waivers",
    table=_COMMANDS,
    epilog="RUN: a run.jsonl, or the folder it stands in.",
)
def command() -> None:
    """Accept findings, each with a reason and an end.

    \b
    Examples:
      pixelproof waivers write run.jsonl
      pixelproof verify --target gateway.yaml --waivers waivers.yaml
    """  # noqa: D301 - click's marker for a verbatim block

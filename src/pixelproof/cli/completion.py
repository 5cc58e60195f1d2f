"""``pixelproof completion``: the script that makes a shell complete our commands."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class


@click.command(epilog='\b\nExamples:\n  eval "$(pixelproof completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print the completion script of a shell."""
    from pixelproof.cli import cli

    complete = get_completion_class(shell)
    if complete is None:
        raise click.ClickException(f"no completion for {shell}")
    click.echo(complete(cli, {}, "pixelproof", "_PIXELPROOF_COMPLETE").source())
    return 0

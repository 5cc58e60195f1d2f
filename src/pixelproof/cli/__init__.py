"""The command line. Commands are imported when they are called: help stays instant."""

from __future__ import annotations

import sys
from collections.abc import Mapping

import click

from pixelproof import __version__
from pixelproof.cli.lazily import LazyGroup
from pixelproof.problems import Problem

#: command → (module, one-line help)
_COMMANDS: Mapping[str, tuple[str, str]] = {
    "serve": ("serve", "Serve a mock provider on this machine."),
    "verify": ("verify", "Prove a server (or the embedded mock) against a contract."),
    "plan": ("plan", "Show what verify would send, and its price; send nothing."),
    "gate": ("gate", "Prove a gateway with both ends in hand: start it, judge it, stop it."),
    "load": ("load", "Load a server, and reconcile its money to the last unit."),
    "selftest": ("selftest", "Prove the checks: every planted defect must be found."),
    "coverage": ("coverage", "Show for every claim what carries and proves it."),
    "specs": ("specs", "Look into contracts: list, show, lint, export, diff, new."),
    "explain": ("explain", "Explain a claim: its source, cases, rules and liars."),
    "judge": ("judge", "Judge a recorded run again, by today's rules, for nothing."),
    "replay": ("replay", "Send the requests of one recorded case again."),
    "waivers": ("waivers", "Accept findings, with a reason and an end: write."),
    "report": ("report", "Render a run record again, in any format."),
    "compare": ("compare", "Put recorded runs side by side: vendors, or one target over time."),
    "completion": ("completion", "Print the shell completion script."),
}


@click.command(
    cls=LazyGroup,
    package="pixelproof.cli",
    table=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Colours follow NO_COLOR. Exit codes: 0 kept, 1 findings, 2 usage, 3 unreachable, 4 ours, 5 incomplete.",
)
@click.version_option(__version__, "-V", "--version", prog_name="pixelproof")
def cli() -> None:
    """Conformance harness and mock provider for image-generation APIs, money included.

    \b
    Examples:
      pixelproof serve openai
      pixelproof verify
      pixelproof verify http://127.0.0.1:9001/v1 --profile openai
      pixelproof explain AIV-05
    """  # noqa: D301 - click's marker for a verbatim block


def main() -> None:
    """Run the command line; a Problem becomes one clear sentence and its exit code."""
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except Problem as problem:
        click.echo(f"pixelproof: {problem}", err=True)
        code = problem.exit_code
    except BrokenPipeError:
        code = 0
    except Exception as error:  # noqa: BLE001 - the top of the CLI: our crash is exit code 4, never a finding
        code = _surprised(error)
    sys.exit(code if isinstance(code, int) else 0)


def _surprised(error: Exception) -> int:
    from pixelproof.cli.machine import explained

    problem = explained(error) if isinstance(error, OSError) else None
    if problem is not None:
        click.echo(f"pixelproof: {problem}", err=True)
        return problem.exit_code
    import traceback

    click.echo("".join(traceback.format_exception(error, limit=-6)), err=True)
    click.echo(f"pixelproof broke: {error!r}. This is a defect of pixelproof, not of your server.", err=True)
    return 4

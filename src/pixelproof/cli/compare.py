"""``pixelproof compare``: recorded runs side by side, and what became of their findings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from pixelproof import edges, loading
from pixelproof.cli.page import colour, colour_option, width
from pixelproof.cli.records import opened
from pixelproof.cli.writing import write
from pixelproof.contract import Contract
from pixelproof.porting import Port, PortRequest, port
from pixelproof.problems import BadUsage, Problem
from pixelproof.record.comparison import compared
from pixelproof.record.drift import Trend
from pixelproof.record.formats import TERMINAL
from pixelproof.record.recording import Record

_FORMATS = (TERMINAL, "markdown", "json")


@click.command(
    epilog="""\b
Examples:
  pixelproof compare monday/aivene tuesday/aivene                what is new, fixed, unchanged
  pixelproof compare last.jsonl run.jsonl --fail-on-new          exit 1 for findings that were not there
  pixelproof compare a/run.jsonl b/run.jsonl c/run.jsonl --format markdown -o vendors.md

Exit codes: 0 compared, 1 new findings with --fail-on-new, 2 usage or no record of ours."""
)
@click.argument("runs", nargs=-1, type=click.Path(path_type=Path), metavar="A B…")
@click.option("--format", "name", type=click.Choice(_FORMATS), default=TERMINAL, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--fail-on-new", is_flag=True, help="Exit 1 when a later run of a target has findings that are new.")
@click.option("-v", "--verbose", is_flag=True, help="Also the claims on which all runs agree.")
@colour_option
def command(  # noqa: PLR0913 - one parameter for each option of the command line
    runs: tuple[Path, ...],
    *,
    name: str,
    as_json: bool,
    output: Path | None,
    fail_on_new: bool,
    verbose: bool,
    color: str,
) -> int:
    """Put recorded runs side by side: claims by target, prices, times, and what a caller must change.

    Runs of one target are held against one another in the order in which they are named: findings
    that are new, fixed and unchanged, by claim, rule and case. What one of them did not judge is
    named as such. Runs are files or folders, the oldest first; nothing is sent.
    """
    if len(runs) < 2:  # noqa: PLR2004 - two sides
        raise BadUsage("there is nothing to compare with", "name two runs or more, the oldest first")
    records = [edges.legible(opened(path)) for path in runs]
    found = compared(records, _ports(records))
    kind = "json" if as_json else name
    if output is not None:
        write(output, edges.compared(kind).render(found, verbose=verbose))
    elif kind == TERMINAL:
        coloured = colour(color)
        text = edges.compared(TERMINAL).render(found, verbose=verbose, colour=coloured, width=width())
        click.echo(text, nl=False, color=coloured)
    else:
        click.echo(edges.compared(kind).render(found, verbose=verbose), nl=False)
    return 1 if fail_on_new and any(what.of(Trend.NEW) for _, _, what in found.drifts) else 0


def _ports(records: Sequence[Record]) -> Iterator[Port]:
    """Yield what a caller meets who moves from the first run's provider to each other one."""
    first, *others = records
    known = {str(first.header.get("profile"))}
    before = _contract(first)
    for record in others:
        profile = str(record.header.get("profile"))
        after = None if profile in known else _contract(record)
        known.add(profile)
        if before is not None and after is not None:
            yield port(PortRequest(before=before, after=after))


def _contract(record: Record) -> Contract | None:
    """Return the contract of a record, None where it is not here any more."""
    own, profile = record.header.get("contract"), str(record.header.get("profile"))
    try:
        return loading.outside(Path(own)) if isinstance(own, str) else loading.shipped(profile)
    except (Problem, OSError):
        click.echo(f"no contract of {profile} is here: what a move takes is left out", err=True)
        return None

"""``pixelproof report``: a record rendered again."""

from __future__ import annotations

import os
from pathlib import Path

import click

from pixelproof.cli.page import colour_option
from pixelproof.cli.records import opened
from pixelproof.cli.writing import show, write, write_reports, written
from pixelproof.problems import BadUsage
from pixelproof.record.formats import FORMATS, TERMINAL

#: ``-o`` with this is standard output.
_STDOUT = "-"


@click.command(
    epilog="""\b
Examples:
  pixelproof report pixelproof-out/2026-11-20T18-00-00/aivene
  pixelproof report run.jsonl -v                                 every case, and the exchanges of findings
  pixelproof report run.jsonl --format junit -o junit.xml
  pixelproof report run.jsonl --format markdown >> "$GITHUB_STEP_SUMMARY"
  pixelproof report run.jsonl --format html --format sarif --format har -o reports

Exit codes: 0 rendered, 2 no record of ours, 5 the record was cut (--partial shows it)."""
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "names",
    type=click.Choice([*FORMATS]),
    multiple=True,
    help=f"Repeatable; default {TERMINAL}. "
    + "; ".join(f"{known.name}: {known.use}" for known in FORMATS.values() if known.name != TERMINAL),
)
@click.option("-o", "--output", type=click.Path(), help="File, or folder (needed for several formats).")
@click.option("--partial", is_flag=True, help="Show a record that was cut.")
@click.option("-v", "--verbose", is_flag=True, help="Terminal: every case, and the exchanges of findings.")
@colour_option
def command(  # noqa: PLR0913 - one parameter for each option of the command line
    run: Path, *, names: tuple[str, ...], output: str | None, partial: bool, verbose: bool, color: str
) -> int:
    """Render a run record, in one format or in several.

    RUN is a run.jsonl or the folder it stands in. Nothing is sent and nothing is judged again.
    """
    chosen = tuple(dict.fromkeys(names)) or (TERMINAL,)
    place = None if output in {None, _STDOUT} else Path(str(output))
    if len(chosen) > 1 and (place is None or place.is_file()):
        raise BadUsage(f"{len(chosen)} formats need a folder", "name one: -o reports")
    record = opened(run, partial=partial)
    if place is not None and (len(chosen) > 1 or place.is_dir() or str(output).endswith(os.sep)):
        write_reports(record, chosen, place, verbose=verbose)
    elif place is not None:
        write(place, written(record, chosen[0], verbose=verbose))
    elif chosen[0] == TERMINAL:
        show(record, verbose=verbose, color=color)
    else:
        click.echo(written(record, chosen[0]), nl=False)
    return 0

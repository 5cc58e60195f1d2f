"""Reports of a record in the formats that were asked for: printed, or written to a file or a folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import click

from pixelproof import edges
from pixelproof.cli.page import colour, width
from pixelproof.problems import BadUsage
from pixelproof.record.formats import FORMATS, TERMINAL
from pixelproof.record.recording import Record

#: For the commands that make a record; the terminal report is always printed.
format_option = click.option(
    "--format",
    "formats",
    multiple=True,
    type=click.Choice([*FORMATS]),
    help="Write this report too, beside the record (repeatable).",
)


def show(record: Record, *, verbose: bool, color: str) -> None:
    """Print the report for the terminal."""
    coloured = colour(color)
    text = edges.renderer(TERMINAL).render(record, verbose=verbose, colour=coloured, width=width())
    # else click takes colours out wherever it sees no terminal
    click.echo(text, nl=False, color=coloured)


def written(record: Record, name: str, *, verbose: bool = False) -> str:
    """Return the report of a format as it stands in a file: never in colour."""
    how: dict[str, object] = {"verbose": verbose} if name == TERMINAL else {}
    return edges.renderer(name).render(record, **how)


def write_reports(record: Record, names: Iterable[str], folder: Path, *, verbose: bool = False) -> None:
    """Write a report of each format into a folder, and say where on stderr. Raises BadUsage."""
    for name in dict.fromkeys(names):
        write(folder / FORMATS[name].file, written(record, name, verbose=verbose))


def write(path: Path, text: str) -> None:
    """Write one report, and say where on stderr. Raises BadUsage where nothing can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise BadUsage(f"{path}: cannot be written: {error.strerror}", "name another place") from None
    click.echo(f"wrote {path}", err=True)

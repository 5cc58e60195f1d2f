"""``pixelproof report``: a record rendered again."""

from __future__ import annotations

from pathlib import Path

import click

from pixelproof import edges
from pixelproof.problems import Problem
from pixelproof.recording import read_record

_FORMATS = ("terminal", "junit")


class Incomplete(Problem):
    """The record was cut: show it with --partial."""

    exit_code = 5


@click.command(
    epilog="\b\nExamples:\n  pixelproof report run.jsonl\n  pixelproof report run.jsonl --format junit -o junit.xml"
)
@click.argument("run", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "name", type=click.Choice(_FORMATS), default="terminal", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write.")
@click.option("--partial", is_flag=True, help="Show a record that was cut.")
@click.option("-v", "--verbose", is_flag=True, help="Show every case.")
def command(run: Path, name: str, output: Path | None, *, partial: bool, verbose: bool) -> int:
    """Render a run record, in any format."""
    record = read_record(run)
    if record.end is None and not partial:
        raise Incomplete(f"{record.path}: the run was cut, the record has no last line", "add --partial to see it")
    how: dict[str, object] = {"verbose": verbose} if name == "terminal" else {}
    text = edges.renderer(name).render(record, **how)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, "utf-8")
    return 0

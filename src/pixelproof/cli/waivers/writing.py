"""``pixelproof waivers write``: from the findings of a record to rows of a waiver file."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from pixelproof.documents.document import parse
from pixelproof.findings.causes import Cause, causes
from pixelproof.findings.waivers import waivers_of
from pixelproof.findings.waiving import Terms, open_causes, written
from pixelproof.problems import BadUsage
from pixelproof.record.recording import Record, read_record
from pixelproof.verdict import Verdict


@click.command(
    epilog="""\b
Examples:
  pixelproof waivers write pixelproof-out/2026-11-20T18-00-00
  pixelproof waivers write run.jsonl -o waivers.yaml --ticket OPS-7 --expires 2027-01-31
  pixelproof waivers write run.jsonl --reason "the vendor knows, fix is announced" """
)
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("waivers.yaml"),
    show_default=True,
    help="File to write; rows are added to one that is there.",
)
@click.option(
    "--reason", default="", help="Why they are accepted; without it verify refuses the file until one is given."
)
@click.option("--ticket", default="", help="Where it is followed up.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which they are accepted.")
@click.option("--warnings", is_flag=True, help="Also for warnings, which --strict counts as findings.")
@click.option("--json", "as_json", is_flag=True, help="Print what was added as JSON.")
def command(  # noqa: PLR0913 - one parameter for each option of the command line
    run: Path, output: Path, reason: str, ticket: str, expires: datetime | None, *, warnings: bool, as_json: bool
) -> int:
    """Write one waiver for each cause of findings; rows and comments that are there stay.

    A row is accepted once a person has put a reason where TODO stands.
    """
    found = _causes(read_record(run), warnings=warnings)
    before = _text(output)
    known = waivers_of(parse(before.encode(), str(output)), drafts=True) if before.strip() else ()
    new = open_causes(found, known)
    terms = Terms(reason=reason.strip(), ticket=ticket, expires=expires.date() if expires else None)
    text = written(new, terms, before, str(output))
    if text != before:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, "utf-8")
    _say(output, new, len(found) - len(new), reasoned=bool(terms.reason), as_json=as_json)
    return 0


def _causes(record: Record, *, warnings: bool) -> tuple[Cause, ...]:
    kinds = (Verdict.FAIL, Verdict.WARN) if warnings else (Verdict.FAIL,)
    return tuple(cause for kind in kinds for cause in causes(record.verdicts, record.exchanges, kind))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"{path}: cannot be read: {error}", "name another file with -o") from None


def _say(output: Path, new: tuple[Cause, ...], known: int, *, reasoned: bool, as_json: bool) -> None:
    if as_json:
        rows = [{"claims": list(one.claims), "rule": one.rule, "cases": list(one.cases)} for one in new]
        click.echo(json.dumps({"file": str(output), "added": rows, "known": known, "reasons_missing": not reasoned}))
        return
    for cause in new:
        click.echo(f"  {', '.join(cause.claims)}  {cause.rule}, {cause.said()}")
    there = f", {known} were there already" if known else ""
    click.echo(f"{output}: {len(new)} waiver{'s' if len(new) != 1 else ''} added{there}")
    if new and not reasoned:
        click.echo("  put a reason where TODO stands: until then verify refuses the file", err=True)

"""``pixelproof coverage``: what carries and proves each claim, and what is missing."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from pixelproof.coverage import Carried, coverage


@click.command(
    epilog="\b\nExamples:\n  pixelproof coverage\n  pixelproof coverage --json | jq '.[] | select(.liars == [])'"
)
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(*, as_json: bool) -> int:
    """Show claim → contract entry → mock steps → rules → liars → variations; exit 1 on a gap."""
    rows = coverage()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1, ensure_ascii=False))
    else:
        _table(rows)
    return 1 if any(row.gap for row in rows) else 0


def _table(rows: tuple[Carried, ...]) -> None:
    for row in rows:
        place = (row.contract or "-").removeprefix("specs/")
        counts = f"{len(row.rules)} rules  {len(row.liars)} liars  {len(row.variations)} variations"
        style = {"fg": "red"} if row.gap else {}
        click.secho(f"{row.claim}  {row.level:<2} {row.kind:<10}  {place:<28} {counts}  {row.gap}", **style)  # type: ignore[arg-type]  # click's own keywords
    gaps = sum(bool(row.gap) for row in rows)
    obligations = sum(row.kind == "obligation" and row.level != "A" for row in rows)
    click.echo(f"\n{len(rows)} claims, {obligations} judged obligations, {gaps} gaps")

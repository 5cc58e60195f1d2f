"""``pixelproof coverage``: what carries and proves each claim, and what is missing."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING

import click

from pixelproof import loading
from pixelproof.gate.coverage import GATEWAY, gateway_coverage
from pixelproof.selfproof.coverage import Carried, Proof, coverage

if TYPE_CHECKING:
    from pixelproof.selfproof.selftest import Trial

#: Columns of a terminal from which the steps of the mock are named and not only counted.
_WIDE = 120
_HEAD = "  claim    level  kind         line  steps  rules  liars  variations"


@click.command(
    epilog="\b\nExamples:\n  pixelproof coverage --profile perf\n  pixelproof coverage --gaps --prove\n"
    "  pixelproof coverage --json | jq '.[] | select(.liars == [])'"
)
@click.option("--profile", metavar="P", help="Only the claims of this profile, or of gateways.")
@click.option("--gaps", "only_gaps", is_flag=True, help="Only the claims that lack something.")
@click.option("--prove", "proves", is_flag=True, help="Run liars and variations: count what is found and stays clean.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True, help="For --prove.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows as JSON.")
def command(*, profile: str | None, only_gaps: bool, proves: bool, workers: int, as_json: bool) -> int:
    """Show claim → contract entry → mock steps → rules → liars → variations; exit 1 on a gap."""
    gateways = () if proves or profile not in {None, GATEWAY} else gateway_coverage()
    profiles = _profiles(profile)
    rows = (*(coverage(profiles, _proof(profiles, workers) if proves else None) if profiles else ()), *gateways)
    shown = [row for row in rows if row.gap or not only_gaps]
    if as_json:
        click.echo(json.dumps([_plain(row) for row in shown], indent=1, ensure_ascii=False))
    else:
        _table(shown)
        _totals(rows)
    return 1 if any(row.gap for row in rows) else 0


def _profiles(profile: str | None) -> tuple[str, ...]:
    if profile is None:
        return loading.profiles()
    return () if profile == GATEWAY else (loading.shipped(profile).profile,)


def _proof(profiles: tuple[str, ...], workers: int) -> Proof:
    from pixelproof.selfproof.proving import prove  # loads what makes traffic

    proof = prove(profiles, workers=workers, watch=_progress)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    return proof


def _progress(trial: Trial) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{trial.name}", nl=False, err=True)


def _plain(row: Carried) -> dict[str, object]:
    return {**asdict(row), "gap": row.gap}


def _table(rows: Iterable[Carried]) -> None:
    width = shutil.get_terminal_size().columns
    for profile, group in groupby(rows, lambda row: row.profile):
        file = "claims" if profile == GATEWAY else "contract"
        click.secho(f"{profile}  specs/{profile}/{file}.yaml", bold=True)
        click.secho(_HEAD + ("  steps by name" if width >= _WIDE else ""), dim=True)
        for row in group:
            click.secho(_line(row, width), fg="red" if row.gap else None)
            if row.gap:
                click.secho(f"           {row.gap}", fg="red")


def _line(row: Carried, width: int) -> str:
    line = row.contract.rpartition(":")[2] if row.contract else "-"
    counts = f"{len(row.mock):>5}  {len(row.rules):>5}  {len(row.liars):>5}  {len(row.variations):>10}"
    told = f"  {row.claim:<7}  {row.level:<5}  {row.kind:<10}  {line:>5}  {counts}"
    if width < _WIDE or not row.mock:
        return told
    named, room = " ".join(row.mock), width - len(told) - 2
    return f"{told}  {named if len(named) <= room else named[: room - 1] + '…'}"


def _totals(rows: tuple[Carried, ...]) -> None:
    gaps = sum(bool(row.gap) for row in rows)
    obligations = sum(row.kind == "obligation" and row.level != "A" for row in rows)
    permissions = sum(row.kind == "permission" for row in rows)
    click.echo(f"\n{len(rows)} claims, {obligations} judged obligations, {permissions} permissions, {gaps} gaps")

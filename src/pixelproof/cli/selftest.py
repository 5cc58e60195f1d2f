"""``pixelproof selftest``: the kill score."""

from __future__ import annotations

import json
import os
import sys

import click

from pixelproof import edges, loading
from pixelproof.deviation import Deviation
from pixelproof.selfproof.selftest import SelfTest, Trial, run_selftest


@click.command(
    epilog="\b\nExamples:\n  pixelproof selftest\n  pixelproof selftest --profile aivene --sample 10\n"
    "  pixelproof selftest --list"
)
@click.option("--profile", metavar="P", help="Only the liars of this profile.")
@click.option("--sample", type=click.IntRange(1), help="Only so many liars, spread over the shelf.")
@click.option("--seeds", type=click.IntRange(0), default=20, show_default=True, help="Honest runs a profile.")
@click.option("--workers", type=click.IntRange(1), default=os.cpu_count() or 1, show_default=True)
@click.option("--list", "only_list", is_flag=True, help="List the shelf and stop.")
@click.option("--json", "as_json", is_flag=True, help="Print the score as JSON.")
def command(  # noqa: PLR0913 - one parameter for each option
    *, profile: str | None, sample: int | None, seeds: int, workers: int, only_list: bool, as_json: bool
) -> int:
    """Prove the checks: every liar must be found at its tier, every honest server left alone."""
    if only_list:
        _list([item for item in edges.deviations() if profile in {None, item.profile}])
        return 0
    profiles = (loading.shipped(profile).profile,) if profile else loading.profiles()
    score = run_selftest(profiles, seeds=seeds, sample=sample, workers=workers, watch=_progress)
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    click.echo(json.dumps(score.figures(), indent=1)) if as_json else _table(score)
    return 0 if score.complete else 1


def _progress(trial: Trial) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{trial.name}", nl=False, err=True)


def _list(items: list[Deviation]) -> None:
    for item in items:
        click.echo(f"{item.nature.value:<9} {item.claim}  {item.tier.value:<5}  {item.name:<44} {item.intent}")
    click.echo(f"\n{len(items)} servers on the shelf")


def _table(score: SelfTest) -> None:
    figures = score.figures()
    families: dict[str, list[Trial]] = {}
    for trial in score.liars:
        families.setdefault(trial.family, []).append(trial)
    for family, trials in sorted(families.items()):
        click.echo(f"  {family:<16} {sum(trial.killed for trial in trials)}/{len(trials)} killed")
    for trial in score.survivors:
        click.secho(f"  survived  {trial.claim}  {trial.name}", fg="red")
    for trial in score.false_alarms:
        click.secho(f"  false alarm  {trial.name}: {'; '.join(trial.seen)}", fg="red")
    click.echo(
        f"\n{figures['killed']}/{figures['total']} liars killed · {figures['false_alarms']} false alarms in "
        f"{figures['honest_runs']} honest runs · median {figures['median_requests']} requests, "
        f"{figures['median_seconds']} s to kill"
    )

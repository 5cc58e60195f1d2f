"""``pixelproof specs lint``: what is wrong or suspicious in contracts, with file, line and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path

import click

from pixelproof import loading
from pixelproof.cli.specs.places import relative, styled
from pixelproof.documents.linting import RULES, UNREADABLE, Finding, Severity, lint, unreadable
from pixelproof.problems import BadDocument

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


@click.command(
    epilog="""\b
Examples:
  pixelproof specs lint
  pixelproof specs lint ./acme/contract.yaml --strict
  pixelproof specs lint --rules
\b
Exit codes: 0 clean or warnings only, 1 errors (with --strict also warnings), 2 a file that cannot be read."""
)
@click.argument("names", metavar="[FILE|P]...", nargs=-1)
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--rules", "list_rules", is_flag=True, help="List what is looked for, and look for nothing.")
def command(names: tuple[str, ...], *, strict: bool, as_json: bool, list_rules: bool) -> int:
    """Find what is wrong or suspicious in contracts; without a name, in all that are shipped."""
    if list_rules:
        _print_rules(as_json=as_json)
        return 0
    wanted = dict.fromkeys(loading.path_of(name) for name in names or loading.profiles())
    found = [finding for path in wanted for finding in _linted(path)]
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in found], indent=1, ensure_ascii=False))
    else:
        _print(found, len(wanted))
    return _exit_code(found, strict=strict)


def _linted(path: Path) -> tuple[Finding, ...]:
    try:
        files = loading.opened(path)
        contract = loading.outside(path)
    except BadDocument as problem:
        return (_relative(unreadable(problem)),)
    others = (loading.shipped(profile) for profile in loading.profiles() if profile != contract.profile)
    elsewhere = frozenset(claim for other in others for claim in other.claims)
    return tuple(_relative(finding) for finding in lint(contract, files.contract, files.claims, elsewhere))


def _relative(finding: Finding) -> Finding:
    return replace(finding, file=relative(finding.file))


def _exit_code(found: Iterable[Finding], *, strict: bool) -> int:
    rules = {finding.rule for finding in found}
    grave = any(strict or finding.severity is Severity.ERROR for finding in found)
    return 2 if UNREADABLE in rules else int(grave)


def _print(found: list[Finding], files: int) -> None:
    for finding in found:
        severity = styled(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
        click.echo(f"{finding.place}: {severity} {finding.rule}: {finding.message}")
        if finding.hint:
            click.echo(styled(f"    hint: {finding.hint}", dim=True))
    click.echo(f"{_count(files, 'contract')}: {_summary(found)}")


def _summary(found: list[Finding]) -> str:
    if not found:
        return f"clean under {len(RULES)} rules"
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    return f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_rules(*, as_json: bool) -> None:
    if as_json:
        rows = [{"rule": rule.name, "severity": rule.severity.value, "says": rule.says} for rule in RULES.values()]
        click.echo(json.dumps(rows, indent=1, ensure_ascii=False))
        return
    for rule in RULES.values():
        click.echo(f"{rule.name:<24} {styled(f'{rule.severity.value:<8}', fg=_COLOURS[rule.severity])} {rule.says}")

"""``pixelproof explain``: one claim, rule or case, from its source to the liars that prove it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from pixelproof import loading
from pixelproof.deviation import Nature
from pixelproof.documents.document import nearest
from pixelproof.gate.explaining import about_gateway_case, about_gateway_claim, about_gateway_rule
from pixelproof.planning.caseline import case_line
from pixelproof.problems import BadUsage
from pixelproof.rules import RULES
from pixelproof.selfproof.explaining import (
    AboutCase,
    AboutClaim,
    AboutRule,
    about_case,
    about_claim,
    about_rule,
    example,
    known_contracts,
    known_names,
)

#: Cases of one claim that are listed without ``-v``.
_CASES = 12


@click.command(
    epilog="""\b
Examples:
  pixelproof explain AIV-05
  pixelproof explain image_count
  pixelproof explain money/dall-e-2/one --profile aivene
  pixelproof explain GWY-08                        about gateways: see pixelproof gate
  pixelproof explain ACM-03 --contract my/contract.yaml --json"""
)
@click.argument("identifier", metavar="ID")
@click.option("--profile", metavar="P", help="Look in this contract only.")
@click.option(
    "--contract", "contract_file", type=click.Path(dir_okay=False, path_type=Path), help="Look in a contract of yours."
)
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@click.option("-v", "--verbose", is_flag=True, help="List every case.")
def command(identifier: str, profile: str | None, contract_file: Path | None, *, as_json: bool, verbose: bool) -> int:
    """Explain a claim (AIV-05), a rule (image_count) or a case (money/dall-e-2/one).

    Says where it stands in the documents, what is sent for it, what judges the answer,
    and which planted defects prove that the judgement can fail.
    """
    contracts = known_contracts(loading.outside(contract_file) if contract_file is not None else None, profile)
    claim = about_claim(contracts, identifier.upper()) or about_gateway_claim(contracts, identifier.upper())
    rule = about_rule(contracts, identifier)
    rule = about_gateway_rule(contracts, rule) if rule is not None else None
    cases = () if claim or rule else about_case(contracts, identifier) or about_gateway_case(contracts, identifier)
    if claim is not None:
        _show(_claim_json(claim), as_json=as_json, text=lambda: _claim(claim, verbose=verbose))
    elif rule is not None:
        _show(_rule_json(rule), as_json=as_json, text=lambda: _rule(rule))
    elif cases:
        _show({"cases": [_case_json(one) for one in cases]}, as_json=as_json, text=lambda: _cases(cases))
    else:
        close = nearest(identifier, [*known_names(contracts)])
        hint = (
            close if close.startswith("did") else "claims are like AIV-05, rules like image_count; `plan` names cases"
        )
        raise BadUsage(f"there is no claim, rule or case '{identifier}'", hint)
    return 0


def _show(value: dict[str, object], *, as_json: bool, text: object) -> None:
    if as_json:
        click.echo(json.dumps(value, indent=1, ensure_ascii=False))
    elif callable(text):
        text()


def _claim_json(about: AboutClaim) -> dict[str, object]:
    claim = about.claim
    return {
        "claim": claim.id,
        "profile": about.contract.profile,
        "level": claim.level.value,
        "kind": claim.kind.value,
        "statement": claim.statement,
        "source": claim.source,
        "shields": list(claim.shields),
        "contract": about.place,
        "cases": [{"case": case.id, "tier": case.tier.value, "requests": len(case.sends())} for case in about.cases],
        "example": example(about.contract, about.cases[0]) if about.cases else "",
        "rules": {rule.name: rule.says for rule in about.rules},
        "liars": [item.name for item in about.deviations if item.nature is Nature.LIAR],
        "variations": [item.name for item in about.deviations if item.nature is Nature.VARIATION],
        "waiver": {"claim": claim.id, "case": "*", "reason": ""},
    }


def _claim(about: AboutClaim, *, verbose: bool) -> None:
    claim, currency = about.claim, about.contract.billing.currency
    click.secho(f"{claim.id}  {claim.statement}", bold=True)
    click.echo(f"  level     {claim.level.value} {claim.kind.value}")
    click.echo(f"  source    {claim.source}")
    click.echo(f"  contract  {about.place or '-'}")
    if claim.shields:
        click.echo(f"  shields   {', '.join(claim.shields)}")
    tier = "core" if any(case.tier.rank < 2 for case in about.cases) else "full"  # noqa: PLR2004 - smoke and core
    click.echo(f"\n{len(about.cases)} cases at {tier}")
    shown = about.cases if verbose else about.cases[:_CASES]
    for case in shown:
        click.echo(f"  {case.id:<48} {case.tier.value:<5} {currency.show(case.price)}")
    if len(shown) < len(about.cases):
        click.echo(f"  … and {len(about.cases) - len(shown)} more (-v)")
    if about.cases:
        click.echo(f"\nfor example ({about.cases[0].id})")
        click.secho(_indented(example(about.contract, about.cases[0])), dim=True)
    click.echo("\nrules")
    for rule in about.rules:
        click.echo(f"  {rule.name:<26} {rule.says}")
    click.echo("\nliars that prove them")
    for item in about.deviations:
        kind = "" if item.nature is Nature.LIAR else " (variation: stays clean)"
        click.echo(f"  {item.name:<44} {item.intent}{kind}")
    click.echo("\nto accept a finding, in a file for --waivers (or: pixelproof waivers write RUN)")
    click.echo(f"  - {{claim: {claim.id}, case: '*', reason: …, ticket: …, expires: 2027-01-31}}")


def _rule_json(about: AboutRule) -> dict[str, object]:
    claims = {profile: list(found) for profile, found in about.claims.items()}
    return {"rule": about.rule.name, "family": about.rule.family, "says": about.rule.says, "claims": claims}


def _rule(about: AboutRule) -> None:
    click.secho(about.rule.name, bold=True)
    click.echo(f"  {about.rule.says}\n")
    if not about.claims:
        click.echo("  judges nothing at present")
    for profile, claims in about.claims.items():
        click.echo(f"  judges at {profile}: {', '.join(claims)}")


def _case_json(about: AboutCase) -> dict[str, object]:
    currency = about.contract.billing.currency
    line = case_line(about.case)
    return {
        "case": about.case.id,
        "profile": about.contract.profile,
        "tier": about.case.tier.value,
        "price": {"amount": currency.format(about.case.price), "currency": currency.code},
        "claims": list(about.case.claims()),
        "steps": line["steps"],
        "checks": line["checks"],
        "example": example(about.contract, about.case),
    }


def _cases(found: tuple[AboutCase, ...]) -> None:
    for about in found:
        case, currency = about.case, about.contract.billing.currency
        click.secho(f"{case.id}  of {about.contract.profile}", bold=True)
        click.echo(f"  tier   {case.tier.value}")
        click.echo(f"  price  {currency.show(case.price)}")
        click.echo(f"  steps  {', '.join(f'{step.name} ({type(step).__name__.lower()})' for step in case.steps)}")
        click.secho(_indented(example(about.contract, case)), dim=True)
        click.echo("  judged by")
        for check in case.checks:
            click.echo(f"    {check.claim:<8} {check.rule:<24} {RULES[check.rule].says}")
        click.echo()


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())

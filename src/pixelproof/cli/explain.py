"""``pixelproof explain``: one claim, from its source to the liars that prove its rules."""

from __future__ import annotations

import json

import click

from pixelproof import edges, loading
from pixelproof.case import Case, Send
from pixelproof.contract import Claim, Contract
from pixelproof.coverage import Carried, coverage
from pixelproof.deviation import Nature, Tier
from pixelproof.document import nearest
from pixelproof.problems import BadUsage
from pixelproof.rules import RULES
from pixelproof.strategies import PlanRequest, make_plan


@click.command(epilog="\b\nExamples:\n  pixelproof explain AIV-05\n  pixelproof explain image_count")
@click.argument("identifier", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def command(identifier: str, *, as_json: bool) -> int:
    """Explain a claim (AIV-05) or a rule (image_count): source, what is sent, rules, liars."""
    if identifier in RULES:
        _rule(identifier)
        return 0
    contract, claim = _find(identifier.upper())
    row = next(row for row in coverage() if row.claim == claim.id)
    cases = _cases(contract, claim)
    if as_json:
        click.echo(json.dumps(_as_json(contract, claim, row, cases), indent=1, ensure_ascii=False))
    else:
        _print(contract, claim, row, cases)
    return 0


def _find(name: str) -> tuple[Contract, Claim]:
    known: dict[str, Contract] = {}
    for profile in loading.profiles():
        contract = loading.shipped(profile)
        known.update(dict.fromkeys(contract.claims, contract))
    if name not in known:
        raise BadUsage(f"there is no claim or rule '{name}'", nearest(name, [*known, *RULES]))
    return known[name], known[name].claims[name]


def _cases(contract: Contract, claim: Claim) -> tuple[Case, ...]:
    return make_plan(PlanRequest(contract=contract, tier=Tier.CORE, prices_hold=True, select=(claim.id,))).cases


def _as_json(contract: Contract, claim: Claim, row: Carried, cases: tuple[Case, ...]) -> dict[str, object]:
    return {
        "claim": claim.id,
        "profile": contract.profile,
        "level": claim.level.value,
        "kind": claim.kind.value,
        "statement": claim.statement,
        "source": claim.source,
        "shields": list(claim.shields),
        "contract": row.contract,
        "cases": [{"case": case.id, "tier": case.tier.value, "requests": len(case.sends())} for case in cases],
        "rules": {name: RULES[name].says for name in row.rules},
        "liars": list(row.liars),
        "variations": list(row.variations),
    }


def _print(contract: Contract, claim: Claim, row: Carried, cases: tuple[Case, ...]) -> None:
    click.secho(f"{claim.id}  {claim.statement}", bold=True)
    click.echo(f"  level     {claim.level.value} {claim.kind.value}")
    click.echo(f"  source    {claim.source}")
    click.echo(f"  contract  {row.contract or '-'}")
    if claim.shields:
        click.echo(f"  shields   {', '.join(claim.shields)}")
    currency = contract.billing.currency
    click.echo(f"\n{len(cases)} cases at core")
    for case in cases:
        click.echo(f"  {case.id:<48} {case.tier.value:<5} {currency.show(case.price)}")
        for step in case.sends()[:1]:
            click.secho(f"      {_sends(step)}", dim=True)
    click.echo("\nrules")
    for name in row.rules:
        click.echo(f"  {name:<26} {RULES[name].says}")
    click.echo("\nliars that prove them")
    for item in edges.deviations():
        if item.claim == claim.id:
            kind = "" if item.nature is Nature.LIAR else " (variation: stays clean)"
            click.echo(f"  {item.name:<44} {item.intent}{kind}")


def _rule(name: str) -> None:
    click.secho(name, bold=True)
    click.echo(f"  {RULES[name].says}\n")
    claims = [row.claim for row in coverage() if name in row.rules]
    click.echo(f"  judges {', '.join(claims) or 'nothing at present'}")


def _sends(step: Send) -> str:
    if step.raw is not None:
        return repr(step.raw)[:100]
    body = json.dumps(step.body, ensure_ascii=False) if step.body is not None else step.operation
    key = "" if step.key.role.value == "default" else f"  with the key '{step.key.role.value}'"
    return (body if len(body) < 120 else body[:117] + "…") + key  # noqa: PLR2004 - one line

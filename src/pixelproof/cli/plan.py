"""``pixelproof plan``: what verify would send, and its price."""

from __future__ import annotations

import json
from typing import Any

import click

from pixelproof import verifying
from pixelproof.cli.options import shared, verify_options
from pixelproof.strategies import Plan


@click.command(
    epilog="\b\nExamples:\n  pixelproof plan --profile aivene\n  pixelproof plan --target vendor.yaml --json"
)
@shared
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def command(**given: Any) -> int:
    """Print every case with its price, the total, and the time under documented limits."""
    options = verify_options(given)
    plans = [verifying.plan_for(options, contract) for contract in verifying.contracts(options)]
    if given["as_json"]:
        click.echo(json.dumps([_as_json(plan) for plan in plans], indent=1))
    else:
        for plan in plans:
            _print(plan)
    return 0


def minutes(plan: Plan) -> float:
    """Return how long the documented request limit makes a plan last, in minutes."""
    limit = plan.contract.limits.get("requests_per_minute")
    return plan.requests / limit.value if limit is not None and limit.value else 0.0


def _as_json(plan: Plan) -> dict[str, object]:
    currency = plan.contract.billing.currency
    return {
        "profile": plan.contract.profile,
        "cases": [
            {"case": case.id, "requests": len(case.sends()), "price": currency.format(case.price)}
            for case in plan.cases
        ],
        "requests": plan.requests,
        "price": {"amount": currency.format(plan.price), "currency": currency.code},
        "minutes": round(minutes(plan), 2),
        "unplanned": list(plan.unplanned),
    }


def _print(plan: Plan) -> None:
    currency = plan.contract.billing.currency
    for case in plan.cases:
        click.echo(f"  {case.id:<52} {len(case.sends())} x {currency.show(case.price):>12}  {', '.join(case.claims())}")
    pace = f", {minutes(plan):.1f} minutes at the documented limit" if minutes(plan) else ""
    click.secho(
        f"{plan.contract.profile}: {len(plan.cases)} cases, {plan.requests} requests, "
        f"{currency.show(plan.price)}{pace}; sends nothing",
        bold=True,
    )
    if plan.unplanned:
        click.echo(f"  not judged at this tier: {', '.join(plan.unplanned)}")

"""``pixelproof plan``: what verify would send, and its price."""

from __future__ import annotations

import json
from typing import Any

import click

from pixelproof.cli.options import shared, verify_options
from pixelproof.running.allowance import images, images_of, undocumented
from pixelproof.strategies import Plan, requests_of
from pixelproof.traffic.pace import seconds_for
from pixelproof.verification import verifying
from pixelproof.verification.verifying import VerifyOptions


@click.command(
    epilog="""\b
Examples:
  pixelproof plan --profile aivene
  pixelproof plan --target vendor.yaml --tier smoke
  pixelproof plan --target vendor.yaml --rate 0.5 --json"""
)
@shared
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
def command(**given: Any) -> int:
    """Print every case with its price, the total, and the time under documented limits."""
    options = verify_options(given)
    plans = [verifying.plan_for(options, contract) for contract in verifying.contracts(options)]
    if given["as_json"]:
        click.echo(json.dumps([_as_json(plan, options) for plan in plans], indent=1))
    else:
        for plan in plans:
            _print(plan, options)
    return 0


def seconds(plan: Plan, rate: float | None = None) -> float:
    """Return how long documented limits, and a rate, make a plan last, in seconds."""
    limits = {name: limit.value for name, limit in plan.contract.limits.items()}
    return seconds_for(plan.requests, images(plan), limits, rate)


def _as_json(plan: Plan, options: VerifyOptions) -> dict[str, object]:
    currency = plan.contract.billing.currency
    return {
        "profile": plan.contract.profile,
        "cases": [
            {
                "case": case.id,
                "claims": list(case.claims()),
                "requests": requests_of(case),
                "images": images_of(case, plan.contract_of(case)),
                "price": currency.format(case.price),
            }
            for case in plan.cases
        ],
        "requests": plan.requests,
        "images": images(plan),
        "price": {"amount": currency.format(plan.price), "currency": currency.code},
        "minutes": round(seconds(plan, options.rate) / 60, 2),
        "undocumented_prices": list(_undocumented(plan, options)),
        "unplanned": list(plan.unplanned),
    }


def _print(plan: Plan, options: VerifyOptions) -> None:
    currency = plan.contract.billing.currency
    for case in plan.cases:
        click.echo(f"  {case.id:<52} {requests_of(case)} x {currency.show(case.price):>12}  {', '.join(case.claims())}")
    lasts = seconds(plan, options.rate) / 60
    pace = f", {lasts:.1f} minutes at the documented limit" if lasts else ""
    click.secho(
        f"{plan.contract.profile}: {len(plan.cases)} cases, {plan.requests} requests, {images(plan)} images, "
        f"{currency.show(plan.price)}{pace}; sends nothing",
        bold=True,
    )
    if _undocumented(plan, options):
        models = ", ".join(_undocumented(plan, options))
        click.echo(f"  no price is documented for {models}: off this machine --max-images or prices: is needed")
    if plan.unplanned:
        click.echo(f"  not judged at this tier: {', '.join(plan.unplanned)}")


def _undocumented(plan: Plan, options: VerifyOptions) -> tuple[str, ...]:
    if options.embedded:  # our own mock's prices are known, also those that nobody documents
        return ()
    return undocumented(plan, frozenset(options.target.prices if options.target is not None else ()))

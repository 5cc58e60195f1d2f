"""``pixelproof specs show``: what a contract says, on one or two screens or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal

import click

from pixelproof import loading
from pixelproof.cli.page import colour
from pixelproof.cli.specs.places import relative
from pixelproof.contract import Contract
from pixelproof.money import Currency

#: Fields that hold money, in smallest units.
_MONEY = frozenset({"price", "least", "most", "opening", "charge", "refund"})


@click.command(
    epilog="""\b
Examples:
  pixelproof specs show aivene
  pixelproof specs show ./acme/contract.yaml --json | jq .billing"""
)
@click.argument("name", metavar="P|FILE")
@click.option("--json", "as_json", is_flag=True, help="Print the whole contract as JSON, amounts as decimal strings.")
def command(name: str, *, as_json: bool) -> int:
    """Show what a contract says: endpoints, models, prices, errors, limits, money, tasks, what is open."""
    contract, file = loading.named(name), relative(str(loading.path_of(name)))
    if as_json:
        click.echo(json.dumps({"file": file, **_whole(contract)}, indent=1, ensure_ascii=False))
        return 0
    from pixelproof.cli.specs.sheet import sheet

    click.echo(sheet(contract, file, colour=colour()), nl=False)
    return 0


def _whole(contract: Contract) -> dict[str, object]:
    found = _plain(contract, contract.billing.currency)
    return found if isinstance(found, dict) else {}


def _plain(value: object, currency: Currency) -> object:
    """Return a value as JSON knows it."""
    if is_dataclass(value):
        return {field.name: _field(field.name, getattr(value, field.name), currency) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item, currency) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, currency) for item in value]
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return str(value) if isinstance(value, Decimal) else value


def _field(name: str, value: object, currency: Currency) -> object:
    return currency.format(value) if name in _MONEY and isinstance(value, int) else _plain(value, currency)

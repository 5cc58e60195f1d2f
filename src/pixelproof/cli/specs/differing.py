"""``pixelproof specs diff``: what a caller must change to move from one provider to another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import click

from pixelproof import loading
from pixelproof.cli.page import colour, width
from pixelproof.cli.specs.portvalues import port_values
from pixelproof.porting import Effect, Port, PortRequest, port
from pixelproof.problems import BadUsage


@click.command(
    epilog="\b\nExamples:\n"
    "  pixelproof specs diff openai aivene\n"
    "  pixelproof specs diff openai stratizon --map-model gpt-image-1=gpt-image-2 --only breaks\n"
    "  pixelproof specs diff aicredits ./acme/contract.yaml --usd-inr 88.20 --json"
)
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--map-model", "models", multiple=True, metavar="A=B", help="Model of A that becomes a model of B.")
@click.option("--usd-inr", "usd_inr", metavar="RATE", help="Rupees a dollar costs: compares USD with INR.")
@click.option(
    "--only",
    type=click.Choice([effect.value for effect in Effect]),
    multiple=True,
    help="Only changes and requests of this effect (repeatable).",
)
@click.option("--fail-on-breaks", is_flag=True, help="Exit 1 when anything breaks.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(  # noqa: PLR0913 - one argument for each option
    before: str,
    after: str,
    *,
    models: tuple[str, ...],
    usd_inr: str | None,
    only: tuple[str, ...],
    fail_on_breaks: bool,
    as_json: bool,
) -> int:
    """Tell which requests work at A and break at B, what each costs, and what a caller must change.

    A and B are shipped profiles or paths of contract files. Nothing is sent: representative requests
    of A are held against what B documents.
    """
    request = PortRequest(
        before=loading.named(before), after=loading.named(after), models=_mapping(models), usd_inr=_rate(usd_inr)
    )
    found = port(request)
    effects = tuple(Effect(name) for name in only) or tuple(Effect)
    if as_json:
        click.echo(json.dumps(port_values(found, effects), indent=1, ensure_ascii=False))
    else:
        _print(found, effects)
    return 1 if fail_on_breaks and found.breaks else 0


def _print(found: Port, effects: tuple[Effect, ...]) -> None:
    from pixelproof.cli.specs.porttables import render

    click.echo(render(found, effects, width=width(), colour=colour()), nl=False)


def _mapping(words: tuple[str, ...]) -> Mapping[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        own, equals, other = word.partition("=")
        if not (own and equals and other):
            raise BadUsage(f"--map-model {word}: needs two names", "write --map-model dall-e-3=gpt-image-1")
        if pairs.setdefault(own, other) != other:
            raise BadUsage(f"--map-model names '{own}' twice", "give each model of A one model of B")
    return pairs


def _rate(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        rate = Decimal(text)
    except InvalidOperation:
        rate = Decimal(0)
    if not rate.is_finite() or not Decimal("0.01") <= rate <= Decimal(1_000_000):
        raise BadUsage(f"--usd-inr {text}: is no rate", "give the rupees that one dollar costs, for example 88.20")
    return rate

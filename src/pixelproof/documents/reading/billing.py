"""Reads prices, limits and worked examples."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from pixelproof.contract import (
    Billing,
    Forex,
    Limit,
    Moment,
    Overdraft,
    PriceExample,
    PriceOrder,
    PriceRow,
    RateHeaders,
    RefundExample,
)
from pixelproof.documents.reading.node import Node
from pixelproof.money import Currency


def read_limit(name: str, node: Node) -> Limit:
    """Read one limit."""
    tiers = node.child("tiers")
    return Limit(
        name=name,
        value=node.number("value"),
        per=node.text("per", "key"),
        claim=node.claim(),
        tiers={tier: tiers.required_number(tier) for tier in tiers.value},
        claims=node.claims(),
    )


def read_rate_headers(node: Node) -> RateHeaders:
    """Read the names of the headers that tell what is left of a limit."""
    return RateHeaders(
        limit=node.text("limit"), remaining=node.text("remaining"), reset=node.text("reset"), claim=node.claim()
    )


def read_billing(node: Node) -> Billing:
    """Read how money moves, its price rows and the worked examples."""
    currency = Currency(code=node.text("currency"), scale=node.required_number("scale"))
    return Billing(
        currency=currency,
        moment=node.choice("moment", Moment, Moment.AFTER_RESPONSE),
        overdraft=node.choice("overdraft", Overdraft, Overdraft.UNSPECIFIED),
        opening=node.money("opening", currency),
        prices=tuple(
            PriceRow(
                when=row.values("when"),
                price=row.money("price", currency),
                claim=row.claim(),
                least=row.money("least", currency) if row.has("least") else None,
                most=row.money("most", currency) if row.has("most") else None,
            )
            for row in node.children("prices")
        ),
        forex=_forex(node.child("forex")) if node.has("forex") else None,
        order=tuple(_order(row) for row in node.children("order")),
        examples=tuple(
            PriceExample(
                request=dict(row.child("request").value),
                charge=row.money("charge", currency),
                worked=row.text("worked"),
                operation=row.text("operation", "generate"),
            )
            for row in node.children("examples")
        ),
        claims=node.claims(),
        refund_examples=tuple(
            RefundExample(
                request=dict(row.child("request").value),
                delivered=row.required_number("delivered"),
                refund=row.money("refund", currency),
                worked=row.text("worked"),
                operation=row.text("operation", "generate"),
            )
            for row in node.children("refund_examples")
        ),
    )


def _order(node: Node) -> PriceOrder:
    cheaper, dearer = node.child("cheaper"), node.child("dearer")
    return PriceOrder(
        cheaper={name: cheaper.text(name) for name in cheaper.value},
        dearer={name: dearer.text(name) for name in dearer.value},
        claim=node.claim(),
        times=node.number("times"),
    )


def _forex(node: Node) -> Forex:
    text = node.text("rate")
    try:
        rate = Decimal(text)
    except InvalidOperation:
        raise node.broken("rate", f"'{text}' is no number", 'write a decimal string, for example "87.50"') from None
    return Forex(base=node.text("base"), rate=rate, claim=node.claim())
